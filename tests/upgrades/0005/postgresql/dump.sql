--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: administrators; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.administrators (
    id bigint NOT NULL,
    username text NOT NULL,
    username_key text NOT NULL,
    full_name text NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    password_set_at bigint NOT NULL,
    must_change_password boolean NOT NULL,
    is_disabled boolean NOT NULL,
    cred_ver integer NOT NULL,
    created_at bigint NOT NULL,
    last_login_address text NOT NULL,
    full_name_key text DEFAULT ''::text NOT NULL,
    email_key text DEFAULT ''::text NOT NULL,
    seen_event_id bigint DEFAULT '0'::bigint NOT NULL,
    last_login_at bigint DEFAULT '0'::bigint NOT NULL
);


--
-- Name: administrators_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.administrators_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: administrators_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.administrators_id_seq OWNED BY public.administrators.id;


--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: api_passwords; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_passwords (
    administrator_id bigint NOT NULL,
    generation integer NOT NULL,
    mac text,
    hint text NOT NULL,
    created_at bigint,
    created_by text NOT NULL,
    last_used_at bigint,
    last_used_address text NOT NULL,
    regular_used_at bigint,
    regular_used_address text DEFAULT ''::text NOT NULL
);


--
-- Name: api_refusals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_refusals (
    administrator_id bigint NOT NULL,
    kind text NOT NULL,
    address text NOT NULL,
    client text NOT NULL,
    count integer NOT NULL,
    first_at bigint NOT NULL,
    last_at bigint NOT NULL
);


--
-- Name: audit_chain; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_chain (
    id integer NOT NULL,
    key bytea NOT NULL,
    first_id bigint NOT NULL,
    last_id bigint NOT NULL,
    mac text NOT NULL,
    broken_event_id bigint,
    broken_found_at bigint
);


--
-- Name: audit_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit_events (
    id bigint NOT NULL,
    at bigint NOT NULL,
    event text NOT NULL,
    outcome text NOT NULL,
    door text NOT NULL,
    actor_id bigint,
    actor_name text NOT NULL,
    subject_id bigint,
    subject_name text NOT NULL,
    address text NOT NULL,
    user_agent text NOT NULL,
    request_id text NOT NULL,
    session_ref text NOT NULL,
    facts text NOT NULL,
    mac text DEFAULT ''::text NOT NULL,
    node text DEFAULT ''::text NOT NULL
);


--
-- Name: audit_events_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.audit_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: audit_events_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.audit_events_id_seq OWNED BY public.audit_events.id;


--
-- Name: authenticators; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.authenticators (
    administrator_id bigint NOT NULL,
    status text NOT NULL,
    pending_from text,
    pending_since bigint,
    activated_at bigint,
    secret bytea,
    last_step bigint NOT NULL
);


--
-- Name: enrolment_browsers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.enrolment_browsers (
    token_digest text NOT NULL,
    administrator_id bigint NOT NULL,
    cred_ver integer NOT NULL,
    expires_at bigint NOT NULL
);


--
-- Name: enrolment_codes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.enrolment_codes (
    administrator_id bigint NOT NULL,
    mac text NOT NULL,
    cred_ver integer NOT NULL,
    expires_at bigint NOT NULL,
    failures integer NOT NULL
);


--
-- Name: enrolments; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.enrolments (
    id text NOT NULL,
    administrator_id bigint NOT NULL,
    secret bytea NOT NULL,
    cred_ver integer NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    failures integer NOT NULL
);


--
-- Name: first_run_links; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.first_run_links (
    id integer NOT NULL,
    token_digest text NOT NULL,
    expires_at bigint NOT NULL
);


--
-- Name: former_api_passwords; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.former_api_passwords (
    administrator_id bigint NOT NULL,
    generation integer NOT NULL,
    mac text NOT NULL
);


--
-- Name: installation; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.installation (
    id integer NOT NULL,
    key_check bytea NOT NULL,
    created_at bigint NOT NULL
);


--
-- Name: known_browsers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.known_browsers (
    id text NOT NULL,
    token_digest text NOT NULL,
    administrator_id bigint NOT NULL,
    cred_ver integer NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL
);


--
-- Name: login_attempts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.login_attempts (
    id text NOT NULL,
    token_digest text NOT NULL,
    administrator_id bigint NOT NULL,
    enrolment_id text,
    cred_ver integer NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    failures integer NOT NULL,
    is_known_browser boolean NOT NULL,
    return_target text NOT NULL,
    is_enrolment_proved boolean DEFAULT true NOT NULL
);


--
-- Name: origin_refusals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.origin_refusals (
    id integer NOT NULL,
    count integer NOT NULL,
    origin text NOT NULL,
    asked text NOT NULL,
    first_at bigint NOT NULL,
    last_at bigint NOT NULL
);


--
-- Name: recovery_codes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.recovery_codes (
    administrator_id bigint NOT NULL,
    mac text NOT NULL,
    created_at bigint NOT NULL
);


--
-- Name: search_words; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.search_words (
    word text NOT NULL COLLATE pg_catalog."C",
    administrator_id bigint NOT NULL
);


--
-- Name: sessions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sessions (
    id bigint NOT NULL,
    token_digest text NOT NULL,
    administrator_id bigint NOT NULL,
    enrolment_id text,
    cred_ver integer NOT NULL,
    created_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    proved_at bigint NOT NULL,
    proof_failures integer NOT NULL,
    factors text NOT NULL,
    address text NOT NULL,
    user_agent text NOT NULL,
    notice text NOT NULL,
    previous_token_digest text,
    rotated_at bigint DEFAULT '0'::bigint NOT NULL,
    ref text DEFAULT ''::text NOT NULL,
    must_decide boolean DEFAULT false NOT NULL
);


--
-- Name: sessions_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: sessions_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.sessions_id_seq OWNED BY public.sessions.id;


--
-- Name: throttles; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.throttles (
    kind text NOT NULL,
    subject text NOT NULL,
    failures integer NOT NULL,
    next_allowed_at bigint NOT NULL,
    in_flight_until bigint NOT NULL,
    drained_at bigint NOT NULL
);


--
-- Name: administrators id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.administrators ALTER COLUMN id SET DEFAULT nextval('public.administrators_id_seq'::regclass);


--
-- Name: audit_events id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events ALTER COLUMN id SET DEFAULT nextval('public.audit_events_id_seq'::regclass);


--
-- Name: sessions id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions ALTER COLUMN id SET DEFAULT nextval('public.sessions_id_seq'::regclass);


--
-- Data for Name: administrators; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.administrators VALUES (1, 'alice', 'alice', '', '', 'v2$b89769c6fc143d26$m=8,t=1,p=1$b7j1E+5SowekbZIOHkFxpg==$02af6c24ceb20b7a4fe724a3bb39387626d96e63f5233aa744b851b6f3e9c84f', 1773500966000000, false, false, 3, 1773500966000000, '192.0.2.7', '', '', 0, 1773501026000000);
INSERT INTO public.administrators VALUES (2, 'bob', 'bob', '', '', 'v2$b89769c6fc143d26$m=8,t=1,p=1$EUlaZnLofkMjidVNdjmWEw==$55324e7170b628771e399213e126f5b7f6e8f7f2f2bbcf9ab7d235cb55d06eb6', 1773501026000000, false, false, 1, 1773501026000000, '', '', '', 12, 0);
INSERT INTO public.administrators VALUES (3, 'carol:c', 'carol:c', '', '', 'v2$b89769c6fc143d26$m=8,t=1,p=1$u5eqUhkirCOzN0oDWiOl4w==$9bddfd048aad2ed3de64d681c749c0a909118da8bbf161b0c52f10f811b78f6f', 1773501026000000, false, false, 2, 1773501026000000, '192.0.2.7', '', '', 13, 1773501026000000);
INSERT INTO public.administrators VALUES (4, 'dave', 'dave', '', '', 'v2$b89769c6fc143d26$m=8,t=1,p=1$Hjfke735ur71RCJBw4t9ZQ==$70e05eeda0ba465c19807ac4aaf105755f0aabe535059fa66a7c39844ca4abfa', 1773501026000000, false, true, 2, 1773501026000000, '', '', '', 16, 0);


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0005');


--
-- Data for Name: api_passwords; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_passwords VALUES (1, 1, 'b89769c6fc143d26:322ebb128c2362c6c31fa3e39e11eb39dd739717bef180ff7f1840b3f9c9e153', 'wwp_ET8v', 1773500996000000, '', NULL, '', NULL, '');
INSERT INTO public.api_passwords VALUES (2, 0, NULL, '', NULL, '', NULL, '', NULL, '');
INSERT INTO public.api_passwords VALUES (3, 0, NULL, '', NULL, '', NULL, '', NULL, '');
INSERT INTO public.api_passwords VALUES (4, 0, NULL, '', NULL, '', NULL, '', NULL, '');


--
-- Data for Name: api_refusals; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_chain; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_chain VALUES (1, '\x01b89769c6fc143d2620801dc9bbe25778a7d3901250512c35ad4af632bd2c0b8eb2d3bb0053372c5279102882eda783f7054e929a93b727cfbff12a00fc79fb6186c8effe', 1, 18, '47fbf61616e3e4915bc2b1e0627fc4bb4c3ede3888f697ded5b80159b224e80e', NULL, NULL);


--
-- Data for Name: audit_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_events VALUES (1, 1773500966000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 1, 'alice', '', '', '', '', '{}', 'abe0b2e0f60f2361f9f1903bb3c5f34f4b6585c69f4c2f94449698193e022a02', 'vm');
INSERT INTO public.audit_events VALUES (2, 1773500966000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd"}', 'd26e87d79bf39af1784c349e882cdaf00c8ba929fa3e89eac62da54154ebd4d9', 'vm');
INSERT INTO public.audit_events VALUES (3, 1773500966000000, 'mfa.enable', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '14a1a54cf682f9f001499ac9a63c5c39c3fd99a7551488e01d76f80db3b3367f', 'vm');
INSERT INTO public.audit_events VALUES (4, 1773500966000000, 'auth.password_ok', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"next": "show-secret"}', '8c4cd9bdf1724756bbe0c79417dd5d864a4198e07eaf779525b1190c28ef80a1', 'vm');
INSERT INTO public.audit_events VALUES (5, 1773500966000000, 'mfa.enrol.shown', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"set_up": "6fc41251"}', '1f1d587c3c5ac97e37db8de6c7e6af9d5ce01b6a3cdaf290fb025bf0b128f523', 'vm');
INSERT INTO public.audit_events VALUES (6, 1773500996000000, 'mfa.enrol.confirmed', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '875dbc56dd321c4790ec999dbde916ec8708b7cd674402924007164cd0b28823', 'vm');
INSERT INTO public.audit_events VALUES (7, 1773500996000000, 'recovery.generated', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"count": 8}', '944176b8024c2d493ef37c10dcf1a1d7b7229da54aac7db47d85df3d246d0116', 'vm');
INSERT INTO public.audit_events VALUES (8, 1773500996000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd otp"}', 'a1dfe31e9276ead1384af9fccb19a11e17994b06cb0ed208ae085dbdadaab378', 'vm');
INSERT INTO public.audit_events VALUES (9, 1773500996000000, 'api_password.generated', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '22421779e80d00d0b51ed20be341de06348bdd0fa93d7052371248a2af4c8156', 'vm');
INSERT INTO public.audit_events VALUES (10, 1773501026000000, 'auth.password_ok', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"next": "ask-code"}', '4a5be33b31de88b1c26aa80e1aefcf777075413e6f07b766e7131e3cc5f88dd3', 'vm');
INSERT INTO public.audit_events VALUES (11, 1773501026000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd otp"}', '5f992fe11134b288c292bc9ed6d920dcd1b2bc39b90106088b055692ed8e21fd', 'vm');
INSERT INTO public.audit_events VALUES (12, 1773501026000000, 'auth.new_browser', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '5eb761c3f01f060af80f7ee44232919cd000a3d6fa6b9eec7b33da8ee38647a6', 'vm');
INSERT INTO public.audit_events VALUES (13, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 2, 'bob', '', '', '', '', '{}', 'c6eb35a97414d93e81225092406f349cc83ba6ab59dbf47c4dc0150fb91c4bed', 'vm');
INSERT INTO public.audit_events VALUES (14, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 3, 'carol:c', '', '', '', '', '{}', 'f5e63905eeca623fc71806fa369c6eb2d8c4431b1a179c58b95014ed99eac3ed', 'vm');
INSERT INTO public.audit_events VALUES (15, 1773501026000000, 'auth.login', 'done', 'console', NULL, '', 3, 'carol:c', '192.0.2.7', 'tests', '', '', '{"factors": "pwd"}', '2f8014e537000de6b2bc36995f6b2a9f6042532719c73874d05e6e8da64a6a16', 'vm');
INSERT INTO public.audit_events VALUES (16, 1773501026000000, 'mfa.enable', 'done', 'console', NULL, '', 3, 'carol:c', '192.0.2.7', 'tests', '', '', '{}', '72c64a487d8e2d55ebae06fee84bf6500d4a226d228a4bcd9fc4baad2537a669', 'vm');
INSERT INTO public.audit_events VALUES (17, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 4, 'dave', '', '', '', '', '{}', '4f3de6b73e87e3700517f6d59d4fa9dc89d87bb627f13c9b2d58dc08537c3a95', 'vm');
INSERT INTO public.audit_events VALUES (18, 1773501026000000, 'administrator.disabled', 'done', 'cli', NULL, 'operator', 4, 'dave', '', '', '', '', '{}', '47fbf61616e3e4915bc2b1e0627fc4bb4c3ede3888f697ded5b80159b224e80e', 'vm');


--
-- Data for Name: authenticators; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.authenticators VALUES (1, 'active', NULL, NULL, 1773500996000000, '\x01b89769c6fc143d2666fb9ba38937c24b4c40b6fc06e6c07aa567217989e53563a53e76b9da1644622656887e4331e3f4738c10fe435f2d55', 59116700);
INSERT INTO public.authenticators VALUES (2, 'disabled', NULL, NULL, NULL, NULL, 0);
INSERT INTO public.authenticators VALUES (3, 'pending', 'disabled', 1773501026000000, NULL, NULL, 0);
INSERT INTO public.authenticators VALUES (4, 'disabled', NULL, NULL, NULL, NULL, 0);


--
-- Data for Name: enrolment_browsers; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: enrolment_codes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: enrolments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.enrolments VALUES ('3491d5f27b76a5fe96776f848f06d863', 3, '\x01b89769c6fc143d26d94d8190b3ecf9cb55effff057859f57d895a2db262c1196c8f64339ba02a2311b8173a27254d3aed59bc8b38549c18c', 2, 1773501026000000, 1773501626000000, 0);


--
-- Data for Name: first_run_links; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: former_api_passwords; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: installation; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.installation VALUES (1, '\x01b89769c6fc143d2641b5bec29f2d55965cee81f719745f9dd235bf15294406e790793589d315072bc3f6d042b3', 1773500966000000);


--
-- Data for Name: known_browsers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.known_browsers VALUES ('15f7946d0adfb775a999a85c4dbcad7f', 'b89769c6fc143d26:fde3fde36f0ec6e6bcec22a324128f947367e5ae1ba94f3c46d73954240e2c98', 1, 3, 1773500996000000, 1789052996000000);
INSERT INTO public.known_browsers VALUES ('b00a2110baeb53a7c1f39bc02050e2fb', 'b89769c6fc143d26:c4fe5bfdaa1b600d294e0e295b6a68b22bb8efa1f470fa810be45a3942478a38', 1, 3, 1773501026000000, 1789053026000000);
INSERT INTO public.known_browsers VALUES ('0501e9a7dfef06a95b0178bff7788df0', 'b89769c6fc143d26:d20acd2b1ea14a11fc7519f34b84ab9ad679de0a3d41b8bfd9ac00380cf8f313', 3, 1, 1773501026000000, 1789053026000000);
INSERT INTO public.known_browsers VALUES ('f10eecce501c16302eff74bdabd07ea5', 'b89769c6fc143d26:4857b95e734c618a8ac957550f6d2ff2e19ba38d27ab2d5bdb0226c09748e968', 3, 2, 1773501026000000, 1789053026000000);


--
-- Data for Name: login_attempts; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: origin_refusals; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: recovery_codes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.recovery_codes VALUES (1, 'b89769c6fc143d26:8a0427afb0efd64709dbedb1ede1981bc6f89bc5037a7b0f9fb930c9ddcae69e', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'b89769c6fc143d26:0c08dbc8e6d1fba913dd4ca83e1b287fb5a2011e3bf442bf4730f360496d7131', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'b89769c6fc143d26:3575fe85ee7ef0379d805c4b05e2485eb2875c3ed48f10fc1a531df8c255b170', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'b89769c6fc143d26:09bba6e4849ebe00ab04f9b00935983590001b7f0216143237347f2dcbacd6ae', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'b89769c6fc143d26:d5bd9d9df65a4a3d442626bd42f6cdacc85897dbbf51b675271dda7b6fef60ca', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'b89769c6fc143d26:fb1ca75adeb9ffb98fd17e7805c33847b9f874180c1c68a4c28922546403f3f6', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'b89769c6fc143d26:4f68f2c5ef2cb4927a7b7281bd901d2b07eb196f3ac2110f96858f9d9086d6ca', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'b89769c6fc143d26:1fc5537fa5e024a8ec7cc80250ad7e3b9d54aa425e4fc46ff3ce18557364f4ba', 1773500996000000);


--
-- Data for Name: search_words; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.search_words VALUES ('alice', 1);
INSERT INTO public.search_words VALUES ('bob', 2);
INSERT INTO public.search_words VALUES ('carol:c', 3);
INSERT INTO public.search_words VALUES ('c', 3);
INSERT INTO public.search_words VALUES ('carol', 3);
INSERT INTO public.search_words VALUES ('dave', 4);


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sessions VALUES (2, 'b89769c6fc143d26:ee9001c2e50af21477c856eb3be967d5e498ff913c99b2cad06e72e963f23c55', 1, NULL, 3, 1773500996000000, 1773500996000000, 1773529796000000, 1773500996000000, 0, 'pwd otp', '192.0.2.7', 'tests', '', NULL, 1773500996000000, 'ee9001c2', false);
INSERT INTO public.sessions VALUES (3, 'b89769c6fc143d26:671af75d07232368a74d679f7d9433e9a386e954cd66efbc5b4f04bd2d976825', 1, NULL, 3, 1773501026000000, 1773501026000000, 1773529826000000, 1773501026000000, 0, 'pwd otp', '192.0.2.7', 'tests', '', NULL, 1773501026000000, '671af75d', false);
INSERT INTO public.sessions VALUES (4, 'b89769c6fc143d26:6cfd09f0560bc1161c741f59e8abac23f20aa493d5709ba3618be5c0a26d12c8', 3, '3491d5f27b76a5fe96776f848f06d863', 2, 1773501026000000, 1773501026000000, 1773529826000000, 1773501026000000, 0, 'pwd', '192.0.2.7', 'tests', '', NULL, 1773501026000000, '6cfd09f0', false);


--
-- Data for Name: throttles; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.throttles VALUES ('password', '1', 0, 0, 0, 1773501026000000);
INSERT INTO public.throttles VALUES ('code', '1', 0, 0, 0, 1773501026000000);
INSERT INTO public.throttles VALUES ('password', '3', 0, 0, 0, 1773501026000000);
INSERT INTO public.throttles VALUES ('address', '192.0.2.7', 0, 0, 0, 0);
INSERT INTO public.throttles VALUES ('address-hour', '192.0.2.7', 0, 0, 0, 0);


--
-- Name: administrators_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.administrators_id_seq', 4, true);


--
-- Name: audit_events_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audit_events_id_seq', 1, false);


--
-- Name: sessions_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.sessions_id_seq', 4, true);


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: administrators pk_administrators; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.administrators
    ADD CONSTRAINT pk_administrators PRIMARY KEY (id);


--
-- Name: api_passwords pk_api_passwords; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_passwords
    ADD CONSTRAINT pk_api_passwords PRIMARY KEY (administrator_id);


--
-- Name: api_refusals pk_api_refusals; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_refusals
    ADD CONSTRAINT pk_api_refusals PRIMARY KEY (administrator_id, kind, address, client);


--
-- Name: audit_chain pk_audit_chain; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_chain
    ADD CONSTRAINT pk_audit_chain PRIMARY KEY (id);


--
-- Name: audit_events pk_audit_events; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT pk_audit_events PRIMARY KEY (id);


--
-- Name: authenticators pk_authenticators; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.authenticators
    ADD CONSTRAINT pk_authenticators PRIMARY KEY (administrator_id);


--
-- Name: enrolment_browsers pk_enrolment_browsers; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.enrolment_browsers
    ADD CONSTRAINT pk_enrolment_browsers PRIMARY KEY (token_digest);


--
-- Name: enrolment_codes pk_enrolment_codes; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.enrolment_codes
    ADD CONSTRAINT pk_enrolment_codes PRIMARY KEY (administrator_id);


--
-- Name: enrolments pk_enrolments; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.enrolments
    ADD CONSTRAINT pk_enrolments PRIMARY KEY (id);


--
-- Name: first_run_links pk_first_run_links; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.first_run_links
    ADD CONSTRAINT pk_first_run_links PRIMARY KEY (id);


--
-- Name: former_api_passwords pk_former_api_passwords; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.former_api_passwords
    ADD CONSTRAINT pk_former_api_passwords PRIMARY KEY (administrator_id, generation);


--
-- Name: installation pk_installation; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.installation
    ADD CONSTRAINT pk_installation PRIMARY KEY (id);


--
-- Name: known_browsers pk_known_browsers; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.known_browsers
    ADD CONSTRAINT pk_known_browsers PRIMARY KEY (id);


--
-- Name: login_attempts pk_login_attempts; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.login_attempts
    ADD CONSTRAINT pk_login_attempts PRIMARY KEY (id);


--
-- Name: origin_refusals pk_origin_refusals; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.origin_refusals
    ADD CONSTRAINT pk_origin_refusals PRIMARY KEY (id);


--
-- Name: recovery_codes pk_recovery_codes; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT pk_recovery_codes PRIMARY KEY (administrator_id, mac);


--
-- Name: search_words pk_search_words; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.search_words
    ADD CONSTRAINT pk_search_words PRIMARY KEY (word, administrator_id);


--
-- Name: sessions pk_sessions; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT pk_sessions PRIMARY KEY (id);


--
-- Name: throttles pk_throttles; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.throttles
    ADD CONSTRAINT pk_throttles PRIMARY KEY (kind, subject);


--
-- Name: administrators uq_administrators_username_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.administrators
    ADD CONSTRAINT uq_administrators_username_key UNIQUE (username_key);


--
-- Name: known_browsers uq_known_browsers_token_digest; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.known_browsers
    ADD CONSTRAINT uq_known_browsers_token_digest UNIQUE (token_digest);


--
-- Name: login_attempts uq_login_attempts_token_digest; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.login_attempts
    ADD CONSTRAINT uq_login_attempts_token_digest UNIQUE (token_digest);


--
-- Name: sessions uq_sessions_token_digest; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT uq_sessions_token_digest UNIQUE (token_digest);


--
-- Name: ix_administrators_email_key_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_administrators_email_key_id ON public.administrators USING btree (email_key, id);


--
-- Name: ix_administrators_full_name_key_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_administrators_full_name_key_id ON public.administrators USING btree (full_name_key, id);


--
-- Name: ix_administrators_is_disabled_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_administrators_is_disabled_id ON public.administrators USING btree (is_disabled, id);


--
-- Name: ix_administrators_last_login_at_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_administrators_last_login_at_id ON public.administrators USING btree (last_login_at, id);


--
-- Name: ix_audit_events_actor_name_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_actor_name_id ON public.audit_events USING btree (actor_name, id);


--
-- Name: ix_audit_events_at_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_at_id ON public.audit_events USING btree (at, id);


--
-- Name: ix_audit_events_door_event_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_door_event_id ON public.audit_events USING btree (door, event, id);


--
-- Name: ix_audit_events_door_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_door_id ON public.audit_events USING btree (door, id);


--
-- Name: ix_audit_events_event_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_event_id ON public.audit_events USING btree (event, id);


--
-- Name: ix_audit_events_subject_id_event_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_subject_id_event_id ON public.audit_events USING btree (subject_id, event, id);


--
-- Name: ix_audit_events_subject_name_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_subject_name_id ON public.audit_events USING btree (subject_name, id);


--
-- Name: ix_enrolment_browsers_administrator_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_enrolment_browsers_administrator_id ON public.enrolment_browsers USING btree (administrator_id);


--
-- Name: ix_enrolments_administrator_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_enrolments_administrator_id ON public.enrolments USING btree (administrator_id);


--
-- Name: ix_known_browsers_administrator_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_known_browsers_administrator_id ON public.known_browsers USING btree (administrator_id);


--
-- Name: ix_login_attempts_administrator_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_login_attempts_administrator_id ON public.login_attempts USING btree (administrator_id);


--
-- Name: ix_search_words_administrator_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_search_words_administrator_id ON public.search_words USING btree (administrator_id);


--
-- Name: ix_sessions_administrator_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_sessions_administrator_id ON public.sessions USING btree (administrator_id);


--
-- Name: ix_sessions_previous_token_digest; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_sessions_previous_token_digest ON public.sessions USING btree (previous_token_digest);


--
-- Name: api_passwords fk_api_passwords_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_passwords
    ADD CONSTRAINT fk_api_passwords_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: api_refusals fk_api_refusals_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_refusals
    ADD CONSTRAINT fk_api_refusals_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: authenticators fk_authenticators_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.authenticators
    ADD CONSTRAINT fk_authenticators_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: enrolment_browsers fk_enrolment_browsers_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.enrolment_browsers
    ADD CONSTRAINT fk_enrolment_browsers_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: enrolment_codes fk_enrolment_codes_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.enrolment_codes
    ADD CONSTRAINT fk_enrolment_codes_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: enrolments fk_enrolments_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.enrolments
    ADD CONSTRAINT fk_enrolments_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: former_api_passwords fk_former_api_passwords_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.former_api_passwords
    ADD CONSTRAINT fk_former_api_passwords_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: known_browsers fk_known_browsers_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.known_browsers
    ADD CONSTRAINT fk_known_browsers_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: login_attempts fk_login_attempts_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.login_attempts
    ADD CONSTRAINT fk_login_attempts_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: recovery_codes fk_recovery_codes_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT fk_recovery_codes_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: search_words fk_search_words_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.search_words
    ADD CONSTRAINT fk_search_words_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: sessions fk_sessions_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT fk_sessions_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--


