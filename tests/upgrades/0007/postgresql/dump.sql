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

--
-- Name: raise_epoch(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.raise_epoch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  EXECUTE format(
    'UPDATE %I.epoch SET n = n + 1 WHERE xmin::text::bigint <> mod(txid_current(), 4294967296)',
    TG_TABLE_SCHEMA);
  RETURN NULL;
END $$;


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
    last_login_at bigint DEFAULT '0'::bigint NOT NULL,
    mfa_status text DEFAULT 'disabled'::text NOT NULL,
    mfa_pending_from text,
    mfa_pending_since bigint,
    mfa_activated_at bigint,
    time_zone text DEFAULT ''::text NOT NULL,
    browser_time_zone text DEFAULT ''::text NOT NULL,
    language text DEFAULT ''::text NOT NULL
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
    regular_used_address text DEFAULT ''::text NOT NULL,
    last_used_client text DEFAULT ''::text NOT NULL
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
    interface text NOT NULL,
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
    id bigint NOT NULL,
    administrator_id bigint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint,
    secret bytea,
    last_step bigint
);


--
-- Name: authenticators_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.authenticators_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: authenticators_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.authenticators_id_seq OWNED BY public.authenticators.id;


--
-- Name: counted_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.counted_events (
    id integer NOT NULL,
    last_id bigint NOT NULL
);


--
-- Name: dismissed_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.dismissed_events (
    administrator_id bigint NOT NULL,
    event_id bigint NOT NULL
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
-- Name: epoch; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.epoch (
    id integer NOT NULL,
    n bigint NOT NULL
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
    expires_at bigint NOT NULL,
    last_seen_at bigint DEFAULT '0'::bigint NOT NULL,
    address text DEFAULT ''::text NOT NULL,
    user_agent text DEFAULT ''::text NOT NULL
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
-- Name: login_days; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.login_days (
    administrator_id bigint NOT NULL,
    day integer NOT NULL,
    logins integer NOT NULL,
    failures integer NOT NULL
);


--
-- Name: old_api_passwords; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.old_api_passwords (
    administrator_id bigint NOT NULL,
    generation integer NOT NULL,
    mac text NOT NULL,
    hint text NOT NULL,
    created_at bigint NOT NULL,
    created_by text NOT NULL,
    last_used_at bigint,
    last_used_address text NOT NULL,
    last_used_client text NOT NULL,
    ends_at bigint NOT NULL
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
-- Name: authenticators id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.authenticators ALTER COLUMN id SET DEFAULT nextval('public.authenticators_id_seq'::regclass);


--
-- Name: sessions id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions ALTER COLUMN id SET DEFAULT nextval('public.sessions_id_seq'::regclass);


--
-- Data for Name: administrators; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.administrators VALUES (1, 'alice', 'alice', '', '', 'v2$fb763d07b452f338$m=8,t=1,p=1$udLtFnrQtlMBDsLlflYoFg==$202f8b4a0a60f679d32cf961a224c1398a9947e97ad3beb899920d5464883bed', 1773500966000000, false, false, 3, 1773500966000000, '192.0.2.7', '', '', 0, 1773501026000000, 'active', NULL, NULL, 1773500996000000, '', '', '');
INSERT INTO public.administrators VALUES (2, 'bob', 'bob', '', '', 'v2$fb763d07b452f338$m=8,t=1,p=1$BYoM46yH9mp4HPsPlXbx5g==$e04b3de209233af190f9265503d12994283afdff17cc7a9ae901afaf88630f15', 1773501026000000, false, false, 1, 1773501026000000, '', '', '', 12, 0, 'disabled', NULL, NULL, NULL, '', '', '');
INSERT INTO public.administrators VALUES (3, 'carol:c', 'carol:c', '', '', 'v2$fb763d07b452f338$m=8,t=1,p=1$J1coVmo0LLVfhDDNnKW6Kg==$b51a5be0ce153662535612b6265752ece5d6c7af343deb3f73ec0eb989f50251', 1773501026000000, false, false, 2, 1773501026000000, '192.0.2.7', '', '', 13, 1773501026000000, 'pending', 'disabled', 1773501026000000, NULL, '', '', '');
INSERT INTO public.administrators VALUES (4, 'dave', 'dave', '', '', 'v2$fb763d07b452f338$m=8,t=1,p=1$NYmq68wBvTVLLKnY7GSMVQ==$9b6ea149ad023f86e126b579a5f70b054239445bcf912cd524056af03735a82a', 1773501026000000, false, true, 2, 1773501026000000, '', '', '', 16, 0, 'disabled', NULL, NULL, NULL, '', '', '');


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0007');


--
-- Data for Name: api_passwords; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_passwords VALUES (1, 1, 'fb763d07b452f338:92b917a4b15d491ebd6ebd2f026fae9fdb7e03204c16e65b4814ab7a428a4e61', 'wwp_tXvs', 1773500996000000, '', NULL, '', NULL, '', '');
INSERT INTO public.api_passwords VALUES (2, 0, NULL, '', NULL, '', NULL, '', NULL, '', '');
INSERT INTO public.api_passwords VALUES (3, 0, NULL, '', NULL, '', NULL, '', NULL, '', '');
INSERT INTO public.api_passwords VALUES (4, 0, NULL, '', NULL, '', NULL, '', NULL, '', '');


--
-- Data for Name: api_refusals; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_chain; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_chain VALUES (1, '\x01fb763d07b452f3383f397d394b52af1231ee26049fc8648c9d4c92733935b813456f60d59777a16eae8a8a893dbf5f773850b5905d0a2af6a1168c36c3d5ca07110f0fd8', 1, 18, '56c5910a9ce6f3d25b726fa579f6fdf5cd555dee578f0e8dd733537c753d5fc8', NULL, NULL);


--
-- Data for Name: audit_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_events VALUES (1, 1773500966000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 1, 'alice', '', '', '', '', '{}', 'fad753b80db084e53635bbfdb297c85f0a8c2bf593f53c17a40a2c88c8e969e0', 'vm');
INSERT INTO public.audit_events VALUES (2, 1773500966000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd"}', 'a9d496456ad8beeaad30c00dbfe33c6972e89fb80a0256ddf6502268f489ab18', 'vm');
INSERT INTO public.audit_events VALUES (3, 1773500966000000, 'mfa.enable', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '18dbf676706dd6c97d471cc88621fa0896ea2ca3f2eb13cc94b1e56e6e7ca801', 'vm');
INSERT INTO public.audit_events VALUES (4, 1773500966000000, 'auth.password_ok', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"next": "show-secret"}', 'c8d50812f133bc19103a3fb1baf78c3ac2951638131b8c67c426ef01ed5cec63', 'vm');
INSERT INTO public.audit_events VALUES (5, 1773500966000000, 'mfa.enrol.shown', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"set_up": "698ec5f7"}', 'a1ae8c49fa7aa9ba996c98a1a40a4806a59a5ce581cdb2612c90b3510223d164', 'vm');
INSERT INTO public.audit_events VALUES (6, 1773500996000000, 'mfa.enrol.confirmed', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', 'de026b82949fbd998ed7a616b27e0271fa6bfbca571c4a5fc5bfa32dad8f9822', 'vm');
INSERT INTO public.audit_events VALUES (7, 1773500996000000, 'recovery.generated', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"count": 8}', '53d26ba6a31b9d40bc972525b57bc9e7c32006262f9b0939f2bb2cf48ddadcd1', 'vm');
INSERT INTO public.audit_events VALUES (8, 1773500996000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd otp"}', 'c176400dbafb51ca21730164cd679a4bab020f8e6797cf31cc9fae6944e376c3', 'vm');
INSERT INTO public.audit_events VALUES (9, 1773500996000000, 'api_password.generated', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '49fe2d7f50b4cbc729f51e5437ee69d00e2ca809712e29713af1e48f422e5147', 'vm');
INSERT INTO public.audit_events VALUES (10, 1773501026000000, 'auth.password_ok', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"next": "ask-code"}', 'f3afc150d73076545e91da290b2738b339a9f7f93d3af52be0833d40dd03bc71', 'vm');
INSERT INTO public.audit_events VALUES (11, 1773501026000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd otp"}', 'dc478411517c66e72578b09be18f1f97cb5c0c69c2c7f057de206861022c666e', 'vm');
INSERT INTO public.audit_events VALUES (12, 1773501026000000, 'auth.new_browser', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '4707c2a43d1262c3d8abe444272db78465e36629830013a7940344ca7c263fe5', 'vm');
INSERT INTO public.audit_events VALUES (13, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 2, 'bob', '', '', '', '', '{}', '7dc8e69c0da58bc388113db8ae5ff12048f265aba7a673b501ec01190cadc666', 'vm');
INSERT INTO public.audit_events VALUES (14, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 3, 'carol:c', '', '', '', '', '{}', 'e7218fd3c64562d8721416c49f774000a26a0feae9130a939c8e326e2248648e', 'vm');
INSERT INTO public.audit_events VALUES (15, 1773501026000000, 'auth.login', 'done', 'console', NULL, '', 3, 'carol:c', '192.0.2.7', 'tests', '', '', '{"factors": "pwd"}', '85b5eaf8716f0d6e61869a7c5cd7315316bddf7e432119c5a25e6e8541a4eec6', 'vm');
INSERT INTO public.audit_events VALUES (16, 1773501026000000, 'mfa.enable', 'done', 'console', NULL, '', 3, 'carol:c', '192.0.2.7', 'tests', '', '', '{}', '7ce84fbf8692584fd67b4596a84091f17036586c38f3441aeeab82413e29412b', 'vm');
INSERT INTO public.audit_events VALUES (17, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 4, 'dave', '', '', '', '', '{}', '7044c408814ed18fcd916404ba3ecaa866604107ba97ba978d29c4b125cc355f', 'vm');
INSERT INTO public.audit_events VALUES (18, 1773501026000000, 'administrator.disabled', 'done', 'cli', NULL, 'operator', 4, 'dave', '', '', '', '', '{}', '56c5910a9ce6f3d25b726fa579f6fdf5cd555dee578f0e8dd733537c753d5fc8', 'vm');


--
-- Data for Name: authenticators; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.authenticators VALUES (1, 1, 'totp', '', 1773500996000000, 1773501026000000, '\x01fb763d07b452f3387ccc9eb2637b9de67e3c61880c16328b511aa1b0588b7034a21ade2629197087915098072f1793735b1afd2d0890da06', 59116700);


--
-- Data for Name: counted_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.counted_events VALUES (1, 0);


--
-- Data for Name: dismissed_events; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: enrolment_browsers; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: enrolment_codes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: enrolments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.enrolments VALUES ('19a8f6cf21cdbfe540a352a16f091248', 3, '\x01fb763d07b452f338fb568bc749ba9603e12392f11662be02679df04499b170af72a5fdf5e18f5aec26e54429f194bde36810fa2e04e8b6e4', 2, 1773501026000000, 1773501626000000, 0);


--
-- Data for Name: epoch; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.epoch VALUES (1, 10);


--
-- Data for Name: first_run_links; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: former_api_passwords; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: installation; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.installation VALUES (1, '\x01fb763d07b452f3382ac31299b7b4fb5499854888ca287676171ba6a0f7313980f228a0ea382888e37451644525', 1773500966000000);


--
-- Data for Name: known_browsers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.known_browsers VALUES ('735a13410c816d97c6225d96fc68f995', 'fb763d07b452f338:9ab3f26f068652f2e40520725f1c10a8ead9bfca66da56c7d334af05ccbd2b54', 1, 3, 1773500996000000, 1789052996000000, 1773500996000000, '192.0.2.7', 'tests');
INSERT INTO public.known_browsers VALUES ('e85f536dc94f5d763cc71958e77add2b', 'fb763d07b452f338:9eaa757bde47ce8c7708429f66bee872de5cec3d2b1a1c2c6033371e8280fda6', 1, 3, 1773501026000000, 1789053026000000, 1773501026000000, '192.0.2.7', 'tests');
INSERT INTO public.known_browsers VALUES ('13f82d88015ffb3e4a98bb3dfbb7498d', 'fb763d07b452f338:52ef60b9301186edffd9c48df187db377e9d79ddecc6096e8a8a361f454d44be', 3, 1, 1773501026000000, 1789053026000000, 1773501026000000, '192.0.2.7', 'tests');
INSERT INTO public.known_browsers VALUES ('105bde43408c87355f6868a691202082', 'fb763d07b452f338:10910fdb346faeaedd76a2b01b8dac127d62e6c83b9e0f82a8d6f3a5423e2ef5', 3, 2, 1773501026000000, 1789053026000000, 1773501026000000, '192.0.2.7', 'tests');


--
-- Data for Name: login_attempts; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: login_days; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: old_api_passwords; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: origin_refusals; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: recovery_codes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.recovery_codes VALUES (1, 'fb763d07b452f338:7b0d75c16ece01647b90c9878bd3424b0ef8d1dc8dff303393e897da11403e7e', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'fb763d07b452f338:5f096601bb88e2cd3501a268706686f97d8b77cf6e6acb1cb8f30f6e141a5d22', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'fb763d07b452f338:88380458e2b34fcf7df50e75481fce35eebf6ff9ae9246a841519aff19c97363', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'fb763d07b452f338:9bf5984e91a1136be7a877c11430f2b7977ac1d4fead6038a175c088eea3168b', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'fb763d07b452f338:2d63131b7a1622b8bec8c96a44015f470c98108de6c66649bc2998ad1ecf8a69', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'fb763d07b452f338:4e8b0e79aab7b8cf465ee552de58e382b15618d769f55e77c2ca0124fb8330f5', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'fb763d07b452f338:b64a8797ad613d86922166297cf6edb4588ceddc3f8c149ba97625455e152859', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, 'fb763d07b452f338:487bd62bd334b22736fdf7ba8491b1d53e6d9540a60650959ea7bb1d15a30978', 1773500996000000);


--
-- Data for Name: search_words; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.search_words VALUES ('alice', 1);
INSERT INTO public.search_words VALUES ('bob', 2);
INSERT INTO public.search_words VALUES ('c', 3);
INSERT INTO public.search_words VALUES ('carol', 3);
INSERT INTO public.search_words VALUES ('carol:c', 3);
INSERT INTO public.search_words VALUES ('dave', 4);


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sessions VALUES (2, 'fb763d07b452f338:c8568c342ef8060131e0f3a5a6e1caae941b743d53d5ef50321c9525a1de0cd8', 1, NULL, 3, 1773500996000000, 1773500996000000, 1773529796000000, 1773500996000000, 0, 'pwd otp', '192.0.2.7', 'tests', '', NULL, 1773500996000000, 'c8568c34', false);
INSERT INTO public.sessions VALUES (3, 'fb763d07b452f338:f5d6dfc6ede1dfadc75adfe3f944f505c654ec0788040f1ea8d4926907c03062', 1, NULL, 3, 1773501026000000, 1773501026000000, 1773529826000000, 1773501026000000, 0, 'pwd otp', '192.0.2.7', 'tests', '', NULL, 1773501026000000, 'f5d6dfc6', false);
INSERT INTO public.sessions VALUES (4, 'fb763d07b452f338:780331a2f8cc181df803b299797cf8cc582c45838095f1adf27db2dbbbfc6e95', 3, '19a8f6cf21cdbfe540a352a16f091248', 2, 1773501026000000, 1773501026000000, 1773529826000000, 1773501026000000, 0, 'pwd', '192.0.2.7', 'tests', '', NULL, 1773501026000000, '780331a2', false);


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
-- Name: authenticators_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.authenticators_id_seq', 1, true);


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
    ADD CONSTRAINT pk_authenticators PRIMARY KEY (id);


--
-- Name: counted_events pk_counted_events; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.counted_events
    ADD CONSTRAINT pk_counted_events PRIMARY KEY (id);


--
-- Name: dismissed_events pk_dismissed_events; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.dismissed_events
    ADD CONSTRAINT pk_dismissed_events PRIMARY KEY (administrator_id, event_id);


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
-- Name: epoch pk_epoch; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.epoch
    ADD CONSTRAINT pk_epoch PRIMARY KEY (id);


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
-- Name: login_days pk_login_days; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.login_days
    ADD CONSTRAINT pk_login_days PRIMARY KEY (administrator_id, day);


--
-- Name: old_api_passwords pk_old_api_passwords; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.old_api_passwords
    ADD CONSTRAINT pk_old_api_passwords PRIMARY KEY (administrator_id);


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
-- Name: ix_administrators_mfa_status_username_key_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_administrators_mfa_status_username_key_id ON public.administrators USING btree (mfa_status, username_key, id);


--
-- Name: ix_api_passwords_none; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_api_passwords_none ON public.api_passwords USING btree (administrator_id) WHERE (mac IS NULL);


--
-- Name: ix_audit_events_actor_name_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_actor_name_id ON public.audit_events USING btree (actor_name, id);


--
-- Name: ix_audit_events_address_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_address_id ON public.audit_events USING btree (address, id);


--
-- Name: ix_audit_events_at_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_at_id ON public.audit_events USING btree (at, id);


--
-- Name: ix_audit_events_event_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_event_id ON public.audit_events USING btree (event, id);


--
-- Name: ix_audit_events_interface_event_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_interface_event_id ON public.audit_events USING btree (interface, event, id);


--
-- Name: ix_audit_events_interface_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_interface_id ON public.audit_events USING btree (interface, id);


--
-- Name: ix_audit_events_subject_id_event_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_subject_id_event_id ON public.audit_events USING btree (subject_id, event, id);


--
-- Name: ix_audit_events_subject_name_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_subject_name_id ON public.audit_events USING btree (subject_name, id);


--
-- Name: ix_authenticators_administrator_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_authenticators_administrator_id ON public.authenticators USING btree (administrator_id);


--
-- Name: ix_authenticators_one_totp; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX ix_authenticators_one_totp ON public.authenticators USING btree (administrator_id) WHERE (kind = 'totp'::text);


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
-- Name: ix_login_days_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_login_days_day ON public.login_days USING btree (day);


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
-- Name: administrators epoch_administrators; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER epoch_administrators AFTER INSERT OR DELETE OR UPDATE OF id, username, username_key, full_name, email, password_hash, password_set_at, must_change_password, is_disabled, cred_ver, created_at, full_name_key, email_key, mfa_status, mfa_pending_from, mfa_pending_since, mfa_activated_at ON public.administrators DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.raise_epoch();


--
-- Name: administrators epoch_administrators_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER epoch_administrators_truncate AFTER TRUNCATE ON public.administrators FOR EACH STATEMENT EXECUTE FUNCTION public.raise_epoch();


--
-- Name: api_passwords epoch_api_passwords; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER epoch_api_passwords AFTER INSERT OR DELETE OR UPDATE OF administrator_id, generation, mac, hint, created_at, created_by ON public.api_passwords DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.raise_epoch();


--
-- Name: api_passwords epoch_api_passwords_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER epoch_api_passwords_truncate AFTER TRUNCATE ON public.api_passwords FOR EACH STATEMENT EXECUTE FUNCTION public.raise_epoch();


--
-- Name: authenticators epoch_authenticators; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER epoch_authenticators AFTER INSERT OR DELETE OR UPDATE OF id, administrator_id, kind, name, created_at, secret ON public.authenticators DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.raise_epoch();


--
-- Name: authenticators epoch_authenticators_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER epoch_authenticators_truncate AFTER TRUNCATE ON public.authenticators FOR EACH STATEMENT EXECUTE FUNCTION public.raise_epoch();


--
-- Name: old_api_passwords epoch_old_api_passwords; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER epoch_old_api_passwords AFTER INSERT OR DELETE OR UPDATE OF administrator_id, generation, mac, hint, created_at, created_by, ends_at ON public.old_api_passwords DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.raise_epoch();


--
-- Name: old_api_passwords epoch_old_api_passwords_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER epoch_old_api_passwords_truncate AFTER TRUNCATE ON public.old_api_passwords FOR EACH STATEMENT EXECUTE FUNCTION public.raise_epoch();


--
-- Name: sessions epoch_sessions; Type: TRIGGER; Schema: public; Owner: -
--

CREATE CONSTRAINT TRIGGER epoch_sessions AFTER DELETE ON public.sessions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.raise_epoch();


--
-- Name: sessions epoch_sessions_truncate; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER epoch_sessions_truncate AFTER TRUNCATE ON public.sessions FOR EACH STATEMENT EXECUTE FUNCTION public.raise_epoch();


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
-- Name: dismissed_events fk_dismissed_events_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.dismissed_events
    ADD CONSTRAINT fk_dismissed_events_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


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
-- Name: old_api_passwords fk_old_api_passwords_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.old_api_passwords
    ADD CONSTRAINT fk_old_api_passwords_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


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


