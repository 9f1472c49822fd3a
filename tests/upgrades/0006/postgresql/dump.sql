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
    last_login_at bigint DEFAULT '0'::bigint NOT NULL,
    mfa_status text DEFAULT 'disabled'::text NOT NULL,
    mfa_pending_from text,
    mfa_pending_since bigint,
    mfa_activated_at bigint
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

INSERT INTO public.administrators VALUES (1, 'alice', 'alice', '', '', 'v2$8d85f1a614a480e3$m=8,t=1,p=1$diGICDcA4bLLNId2qZh4tA==$b8b20d0f1c76a1f85b8286b6bdac486d6d0070d70988f6eb376d355ef2392eb2', 1773500966000000, false, false, 3, 1773500966000000, '192.0.2.7', '', '', 0, 1773501026000000, 'active', NULL, NULL, 1773500996000000);
INSERT INTO public.administrators VALUES (2, 'bob', 'bob', '', '', 'v2$8d85f1a614a480e3$m=8,t=1,p=1$YxoHUWEgF7Nh3gxyIOF0bA==$7893bc110e2eca933be039d754dba75d55b433e4a6c66494e5d0fba4e4e01b26', 1773501026000000, false, false, 1, 1773501026000000, '', '', '', 12, 0, 'disabled', NULL, NULL, NULL);
INSERT INTO public.administrators VALUES (3, 'carol:c', 'carol:c', '', '', 'v2$8d85f1a614a480e3$m=8,t=1,p=1$peBKOP1hcm1L64TdIUBD9g==$f0383dbe567623a2a5003ce164dc4d29f6d8a79c79607d91e472f21459584ee7', 1773501026000000, false, false, 2, 1773501026000000, '192.0.2.7', '', '', 13, 1773501026000000, 'pending', 'disabled', 1773501026000000, NULL);
INSERT INTO public.administrators VALUES (4, 'dave', 'dave', '', '', 'v2$8d85f1a614a480e3$m=8,t=1,p=1$yDvq5y22HEaLl0L/5dVQqw==$26162a0a40dcf0d26af644f29dd844af1b7f990b6532c88ccc253328b2eb76cb', 1773501026000000, false, true, 2, 1773501026000000, '', '', '', 16, 0, 'disabled', NULL, NULL, NULL);


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0006');


--
-- Data for Name: api_passwords; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_passwords VALUES (1, 1, '8d85f1a614a480e3:4f66ca1fc5b25ca3df49eb4761ece284c83de39b8b889f03de07952155cf6e6a', 'wwp_E6tj', 1773500996000000, '', NULL, '', NULL, '');
INSERT INTO public.api_passwords VALUES (2, 0, NULL, '', NULL, '', NULL, '', NULL, '');
INSERT INTO public.api_passwords VALUES (3, 0, NULL, '', NULL, '', NULL, '', NULL, '');
INSERT INTO public.api_passwords VALUES (4, 0, NULL, '', NULL, '', NULL, '', NULL, '');


--
-- Data for Name: api_refusals; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_chain; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_chain VALUES (1, '\x018d85f1a614a480e3fe007f0af8daf732df2c1cf8f3ea14929fa72e30f300f12028881349b368300d5efd305f5d70d3465846f28387bef4b1965e53634b4b4935234785c6', 1, 18, 'a4b2b73dacad3c7bc0134cf3f8b52c301f6559a16b3669deb126547d58dcba97', NULL, NULL);


--
-- Data for Name: audit_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_events VALUES (1, 1773500966000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 1, 'alice', '', '', '', '', '{}', 'e40ad23f9819dce359dcca4d15c38b81b02246f32ef18a93d2a11f1c4e56458a', 'vm');
INSERT INTO public.audit_events VALUES (2, 1773500966000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd"}', 'c67dbab53e61069a64b86301f66b1f57d9b4f4c69378f027b37dc3466022ebfa', 'vm');
INSERT INTO public.audit_events VALUES (3, 1773500966000000, 'mfa.enable', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', 'efac85bfaaa4eaf6c46e3fa95874fd79548226521f9a27a3e88f5b1c85176899', 'vm');
INSERT INTO public.audit_events VALUES (4, 1773500966000000, 'auth.password_ok', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"next": "show-secret"}', '0d6f77500780a69d940ae7393d768008a8c23cc396af18f30e49971a1e505d2f', 'vm');
INSERT INTO public.audit_events VALUES (5, 1773500966000000, 'mfa.enrol.shown', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"set_up": "36d6111b"}', 'b9fed6f6202e6d446e0b0fd996940cf352f827c7b9a3da85916de1488605b51f', 'vm');
INSERT INTO public.audit_events VALUES (6, 1773500996000000, 'mfa.enrol.confirmed', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', 'a6626151ce4c6a33fc2d99552d3662838c5b86d400df500ed6b1cdace8bf4a32', 'vm');
INSERT INTO public.audit_events VALUES (7, 1773500996000000, 'recovery.generated', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"count": 8}', '88cea7528e48ad0d31b80885256561c1792eec2bbb5aebcb56ff70844ed3e1b7', 'vm');
INSERT INTO public.audit_events VALUES (8, 1773500996000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd otp"}', '50661b687772c1968a6d5f45445c273ba4b867e5b85049813e1d55ed5cbef97c', 'vm');
INSERT INTO public.audit_events VALUES (9, 1773500996000000, 'api_password.generated', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', 'e4c275d50d8f4afe77b0ca9540f79bd2442c4a3995f0253431938d0f8c9d0dda', 'vm');
INSERT INTO public.audit_events VALUES (10, 1773501026000000, 'auth.password_ok', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"next": "ask-code"}', '76cf1a8eafdafc2573ae9b316053c9c55a7feac61cba8bcb3cc80d63334a5ae3', 'vm');
INSERT INTO public.audit_events VALUES (11, 1773501026000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd otp"}', '72360081cf6a5ee412c0b6d58d12f79a245e86183f5df91e0b8eef9025ffef2a', 'vm');
INSERT INTO public.audit_events VALUES (12, 1773501026000000, 'auth.new_browser', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '45ba806fc9575b46ca06965c7e11908d0e35391fac93103f891881026788ae04', 'vm');
INSERT INTO public.audit_events VALUES (13, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 2, 'bob', '', '', '', '', '{}', '7f6f7f5ca5b1412b3b32f4125451428c84b980d581b6085f924734f8bcfc321d', 'vm');
INSERT INTO public.audit_events VALUES (14, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 3, 'carol:c', '', '', '', '', '{}', '89afffb1326236194d1f84b43dce0c4e57de45b7b01de7e832364a3de813611e', 'vm');
INSERT INTO public.audit_events VALUES (15, 1773501026000000, 'auth.login', 'done', 'console', NULL, '', 3, 'carol:c', '192.0.2.7', 'tests', '', '', '{"factors": "pwd"}', 'c59f20f7c07c9ede824c5f8860838ae9660600735e7158f2bf5c1c6a86af965e', 'vm');
INSERT INTO public.audit_events VALUES (16, 1773501026000000, 'mfa.enable', 'done', 'console', NULL, '', 3, 'carol:c', '192.0.2.7', 'tests', '', '', '{}', 'dbcd96faceced3df0ef3d82f0510f013c9556b1c25cdb255649d1bc84dc97306', 'vm');
INSERT INTO public.audit_events VALUES (17, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 4, 'dave', '', '', '', '', '{}', '51aebb8d1a1dfa923b0df9fc83b7396d24660615bbb4599f769cd0debabdf0b2', 'vm');
INSERT INTO public.audit_events VALUES (18, 1773501026000000, 'administrator.disabled', 'done', 'cli', NULL, 'operator', 4, 'dave', '', '', '', '', '{}', 'a4b2b73dacad3c7bc0134cf3f8b52c301f6559a16b3669deb126547d58dcba97', 'vm');


--
-- Data for Name: authenticators; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.authenticators VALUES (1, 1, 'totp', '', 1773500996000000, 1773501026000000, '\x018d85f1a614a480e33e0a5fcaaa9da6834fa382e47388e5d4208d004a092df50deae33e1930b0f27964648440ed9cae1935bfe503a3698341', 59116700);


--
-- Data for Name: enrolment_browsers; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: enrolment_codes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: enrolments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.enrolments VALUES ('3d489268051774c583523b3df4b9e705', 3, '\x018d85f1a614a480e34aebd54a4935adb22523d7b61383b3ad24e7ed92707bfed90c3d617bfa37a0c25b24f0e09a295422cfb6206883c3dc0f', 2, 1773501026000000, 1773501626000000, 0);


--
-- Data for Name: first_run_links; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: former_api_passwords; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: installation; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.installation VALUES (1, '\x018d85f1a614a480e334ee46ca23bfd857cfcce4b2c468b296a7c8e3483a0f94f9babf49de1e3c82b54b121cedaa', 1773500966000000);


--
-- Data for Name: known_browsers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.known_browsers VALUES ('670f47c9ccd42a591bf3f0d89c35bcb5', '8d85f1a614a480e3:b31ec6a767d64baad89ab1fa70d24077dcad32cab77ca64df48882c970f454fd', 1, 3, 1773500996000000, 1789052996000000);
INSERT INTO public.known_browsers VALUES ('a32ee792bbb0ea05adf488d99a4de067', '8d85f1a614a480e3:4f385ccb2635b32448c0f725fad84d1224388d1b6422a892c7b13482584ce9cb', 1, 3, 1773501026000000, 1789053026000000);
INSERT INTO public.known_browsers VALUES ('5a49607af85008e2a5a53d02e6763ae9', '8d85f1a614a480e3:29f97d7ab0b7d31b68cb7ca3d4b91d7e3bc0cd49ea5bfac04eb977893393a38a', 3, 1, 1773501026000000, 1789053026000000);
INSERT INTO public.known_browsers VALUES ('2683f40caa30a659317a676c3b96da22', '8d85f1a614a480e3:886d636f1b4944fcf7cb07da3b52b714b2452e6f5acd6ec78d562cba52b0c0cb', 3, 2, 1773501026000000, 1789053026000000);


--
-- Data for Name: login_attempts; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: origin_refusals; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: recovery_codes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.recovery_codes VALUES (1, '8d85f1a614a480e3:b44cdb14e9369ca584aa25cf5c5b144ac95fcd737de97ec08fb240b0eb27f080', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '8d85f1a614a480e3:524c41d068b6742497e2d5fd1a193066a66b9b90d8161a22b4be8d5dbdfb7a43', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '8d85f1a614a480e3:6e0599cd78b033b37790069fdabc62a109887f1a82c8aebee5f2c3684e772a5d', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '8d85f1a614a480e3:24b8b86550ed55c5677bc159c3ee4a667b1cb9bfd6bde633547936a383d03f8d', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '8d85f1a614a480e3:133e9ee8cacd0cb60205b612c94394a5a9fc319f54f34083946569625a165ba9', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '8d85f1a614a480e3:c647c34f7c55ef4eeda45697439908eb9beaf3adf9422b2942fe5c3492f20a67', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '8d85f1a614a480e3:3534016f3e111c99d71d7d1baef5701728366840b9fe36ab40e94343c018d73b', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '8d85f1a614a480e3:853828fa9ff389b34b6c112cada6995a13af8fe9a63e10586c3e5a8e68a8ef74', 1773500996000000);


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

INSERT INTO public.sessions VALUES (2, '8d85f1a614a480e3:0e1df68600b3b86ad4dfa28afeaabe79ee8798a69b4911e0882131dfae474dea', 1, NULL, 3, 1773500996000000, 1773500996000000, 1773529796000000, 1773500996000000, 0, 'pwd otp', '192.0.2.7', 'tests', '', NULL, 1773500996000000, '0e1df686', false);
INSERT INTO public.sessions VALUES (3, '8d85f1a614a480e3:17aeb8c1dbec0b8b98ba5131149c153b0d019883cd8a9a942ea2698862b013ba', 1, NULL, 3, 1773501026000000, 1773501026000000, 1773529826000000, 1773501026000000, 0, 'pwd otp', '192.0.2.7', 'tests', '', NULL, 1773501026000000, '17aeb8c1', false);
INSERT INTO public.sessions VALUES (4, '8d85f1a614a480e3:f70084716b9604480f8dc9ede1b0528d3e3b570db4e419c904d945f154c497a5', 3, '3d489268051774c583523b3df4b9e705', 2, 1773501026000000, 1773501026000000, 1773529826000000, 1773501026000000, 0, 'pwd', '192.0.2.7', 'tests', '', NULL, 1773501026000000, 'f7008471', false);


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


