--
-- PostgreSQL database dump
--


-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

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
    last_used_address text NOT NULL
);


--
-- Name: api_refusals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_refusals (
    administrator_id bigint NOT NULL,
    address text NOT NULL,
    right_count integer NOT NULL,
    wrong_count integer NOT NULL,
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
    mac text NOT NULL
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
    mac text DEFAULT ''::text NOT NULL
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

INSERT INTO public.administrators VALUES (1, 'alice', 'alice', '', '', 'v1$013cc9f4e044ed40$m=8,t=1,p=1$SBZCE2a4tF+FGQzeKiEN1g==$55e85944a4adc888d5f51991deee8f56f73239a7e09541873c9cf8b7e134cb36', 1773500966000000, false, false, 3, 1773500966000000, '192.0.2.7', '', '', 0, 1773501026000000);
INSERT INTO public.administrators VALUES (2, 'bob', 'bob', '', '', 'v1$013cc9f4e044ed40$m=8,t=1,p=1$/yIgcjoFNCAw3Iy+j59aPA==$1969e25b9ff15a5d2a64c0f0b30c56284bb00e4960d9236e91fbcebf8213a6d4', 1773501026000000, false, false, 1, 1773501026000000, '', '', '', 12, 0);
INSERT INTO public.administrators VALUES (3, 'carol:c', 'carol:c', '', '', 'v1$013cc9f4e044ed40$m=8,t=1,p=1$VwRGlzUaf87rv+Gs256H0A==$b4c0e05181f146f0e7e9548a73d6f5d20e1c3e195a71df8a26b518b3b7df78a6', 1773501026000000, false, false, 2, 1773501026000000, '192.0.2.7', '', '', 13, 1773501026000000);
INSERT INTO public.administrators VALUES (4, 'dave', 'dave', '', '', 'v1$013cc9f4e044ed40$m=8,t=1,p=1$eRThM0y2RcHJJDg/kIvYNA==$a720d1d3cd207f195eec2287c60b9bc5dfb78a2774b95654194fff6ea919e816', 1773501026000000, false, true, 2, 1773501026000000, '', '', '', 16, 0);


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0003');


--
-- Data for Name: api_passwords; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_passwords VALUES (1, 1, '013cc9f4e044ed40:7603154c0063306065a44927b8bd15ff1d60ac99b35aa77382273bdc0a73dce5', 'wwp_Y32K', 1773500996000000, '', NULL, '');
INSERT INTO public.api_passwords VALUES (2, 0, NULL, '', NULL, '', NULL, '');
INSERT INTO public.api_passwords VALUES (3, 0, NULL, '', NULL, '', NULL, '');
INSERT INTO public.api_passwords VALUES (4, 0, NULL, '', NULL, '', NULL, '');


--
-- Data for Name: api_refusals; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audit_chain; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_chain VALUES (1, '\x01013cc9f4e044ed4093bb602ad61545e3012902f942222c7be39d64dce0520953200015a022ab1c34fb1dcedd3b1fe97e00563d0bb198856aff2a6c7956632efec40c783d', 1, 18, '3edcf92addfedbf8bbd0260ae27fd4bf591485c49f755040e40fd29bd845b35d');


--
-- Data for Name: audit_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_events VALUES (1, 1773500966000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 1, 'alice', '', '', '', '', '{}', '96eabfcab315d715ab6af0acdcf424b85ff5c844db013ca7262e51dca2792cdb');
INSERT INTO public.audit_events VALUES (2, 1773500966000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd"}', '9f718993c86ee86fcf09c6197b6966847edea6c507c5e9b7fe51e4a13fa5509b');
INSERT INTO public.audit_events VALUES (3, 1773500966000000, 'mfa.enable', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '03cec9517749eb41906d5e191561d39ed6b1e2b84cfab8e8866e8accbee90beb');
INSERT INTO public.audit_events VALUES (4, 1773500966000000, 'auth.password_ok', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"next": "show-secret"}', 'ce7dcae5782bad42940294795d0ed3dcc0659f15e119bbba720f2af8d357519f');
INSERT INTO public.audit_events VALUES (5, 1773500966000000, 'mfa.enrol.shown', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"set_up": "faa22b2e"}', '43eb336645d9f04629c0668d7fc23758e19ce52f645fedb2eb089ef5427f7a2a');
INSERT INTO public.audit_events VALUES (6, 1773500996000000, 'mfa.enrol.confirmed', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '2b7f24b4d2c3d4895dde202fb589ad6ca6cabda3c5b69e0cf12da0a098b070e5');
INSERT INTO public.audit_events VALUES (7, 1773500996000000, 'recovery.generated', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"count": 8}', '407ae6a1aeba116460f72dab4dfd448a6ba2aa927ba686b84063ca31480b46fd');
INSERT INTO public.audit_events VALUES (8, 1773500996000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd otp"}', '49e54e5708a7a2f764484d36b0afca98bc995830f0d3ba0342eb3a15ad69ed77');
INSERT INTO public.audit_events VALUES (9, 1773500996000000, 'api_password.generated', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '60eb4f653e16894111be5a90ffc8dd7200df8a95096b2422c760cde86597cfba');
INSERT INTO public.audit_events VALUES (10, 1773501026000000, 'auth.password_ok', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"next": "ask-code"}', 'fa96bc27b5c6534e69d14e549ae677a92c121f48ddc579c35baef8f34af0ba19');
INSERT INTO public.audit_events VALUES (11, 1773501026000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd otp"}', 'd501a3f9fbd8a3cb46807ff3cc57659d597b50de3e8c344a373423bf0875ec64');
INSERT INTO public.audit_events VALUES (12, 1773501026000000, 'auth.new_browser', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}', '1b469aef6c356aee6a7719748180219f293a8f9026a4f7b4158dbad95e5ce171');
INSERT INTO public.audit_events VALUES (13, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 2, 'bob', '', '', '', '', '{}', '5843788d7078850365d99b078cf2d000158910348579108fcecea7cd022a7869');
INSERT INTO public.audit_events VALUES (14, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 3, 'carol:c', '', '', '', '', '{}', 'f68872d974d56eb94c1f2848b299b101b9a3ba3b416829a9c02faf6275c2cf07');
INSERT INTO public.audit_events VALUES (15, 1773501026000000, 'auth.login', 'done', 'console', NULL, '', 3, 'carol:c', '192.0.2.7', 'tests', '', '', '{"factors": "pwd"}', 'cd0b806104957a87ddff980a978c2f16272638c72a9a3cd08465a9ff4b455d9e');
INSERT INTO public.audit_events VALUES (16, 1773501026000000, 'mfa.enable', 'done', 'console', NULL, '', 3, 'carol:c', '192.0.2.7', 'tests', '', '', '{}', '75cf3c6c33ef8b8a23754782aa840290ece7f1bca6670ef6e23d48e769f791ac');
INSERT INTO public.audit_events VALUES (17, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 4, 'dave', '', '', '', '', '{}', 'dd32aa2f6d55318b4957c989895b7b98e840a6d6dd1376320a51925496322b38');
INSERT INTO public.audit_events VALUES (18, 1773501026000000, 'administrator.disabled', 'done', 'cli', NULL, 'operator', 4, 'dave', '', '', '', '', '{}', '3edcf92addfedbf8bbd0260ae27fd4bf591485c49f755040e40fd29bd845b35d');


--
-- Data for Name: authenticators; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.authenticators VALUES (1, 'active', NULL, NULL, 1773500996000000, '\x01013cc9f4e044ed40f2f78be54d0f2ff2a738bd18185735727f98bba337d1de96ab9c193d4b94f420c817db9f42e4d0eadca857d263c2a142', 59116700);
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

INSERT INTO public.enrolments VALUES ('f3d4492b354b178f239ba485a5ec9367', 3, '\x01013cc9f4e044ed400e51febe7d7bb7037682ddfd32cc0390540baecf9170ed36f14bc23e0baa99647061a8da80366d7878e81adc89def62e', 2, 1773501026000000, 1773501626000000, 0);


--
-- Data for Name: first_run_links; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: installation; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.installation VALUES (1, '\x01013cc9f4e044ed40e0e258a1dedea52c73e00ff6d7326268e40abd080c6a3dbe0e5d164fff1a323dc2b0a29f04', 1773500966000000);


--
-- Data for Name: known_browsers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.known_browsers VALUES ('1336287b6e76f2d9f0706639017843a9', '9dd46fa048a56faefa701d260db39c0e0a78ca0efd0af9dec87977bea6f4bec8', 1, 3, 1773500996000000, 1789052996000000);
INSERT INTO public.known_browsers VALUES ('90b348fa7349fd108ea6a7bdab6250d0', 'd7bcc3ee8515b4be4e82662dd17707904b2859d426b1d46c5a63a226b3ee10c5', 1, 3, 1773501026000000, 1789053026000000);
INSERT INTO public.known_browsers VALUES ('06f697dc9238df25c03b2f469aba37a7', 'f3a0e2206ad35009549104715fb6676b716d41de4aacbc0ba4ac9f0be3667cde', 3, 1, 1773501026000000, 1789053026000000);


--
-- Data for Name: login_attempts; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: recovery_codes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.recovery_codes VALUES (1, '013cc9f4e044ed40:1c649b206bf22b2bba2f5921580ca21a6e6061bd7a6933d9c9ed48fb96ea20d1', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '013cc9f4e044ed40:7f9a03d24ed504e958bf074c5c2e3f06da0cfe544b4504a50e8da828cfacda70', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '013cc9f4e044ed40:e96e0915d10d077a5704e5f65b74917ff52f504186a2549d6730dba0983a4e40', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '013cc9f4e044ed40:19fe68ff68bf5b01962099f349daadd34641bb757b76407b800aa321d7a5638e', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '013cc9f4e044ed40:52bfd2a403852c749b1da2c0d6ac0a9e5083904fb3673500788ac3d841e2d4cf', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '013cc9f4e044ed40:1ed988fa1c265c8684a40f1770992966f8fe872c5d6fc851c521c05d13c3f7d8', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '013cc9f4e044ed40:6f41b37b0a95e2849acc5ea4b0ada50e4a9e2bb2eaa824d707550967733ce8f9', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '013cc9f4e044ed40:5a243a2b9164e2c428113acc666ac60bbf2540b72708eadc655e950c973e7405', 1773500996000000);


--
-- Data for Name: search_words; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.search_words VALUES ('alice', 1);
INSERT INTO public.search_words VALUES ('bob', 2);
INSERT INTO public.search_words VALUES ('carol:c', 3);
INSERT INTO public.search_words VALUES ('carol', 3);
INSERT INTO public.search_words VALUES ('c', 3);
INSERT INTO public.search_words VALUES ('dave', 4);


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sessions VALUES (2, '84271e03db64d9d6f797b0b90dd9f39827d338f2a7313f1e4b85cf54aebc0f89', 1, NULL, 3, 1773500996000000, 1773500996000000, 1773529796000000, 1773500996000000, 0, 'pwd otp', '192.0.2.7', 'tests', '', NULL, 1773500996000000, '84271e03', false);
INSERT INTO public.sessions VALUES (3, 'd2c312423686fa2af38545e09bb8b39eda102ee26b96cca7c372d17ada530875', 1, NULL, 3, 1773501026000000, 1773501026000000, 1773529826000000, 1773501026000000, 0, 'pwd otp', '192.0.2.7', 'tests', '', NULL, 1773501026000000, 'd2c31242', false);
INSERT INTO public.sessions VALUES (4, '49e2ca30d23812d8f94b0c3c801cf1ca15fe4877dc07657c95d3e99ea0ce7764', 3, 'f3d4492b354b178f239ba485a5ec9367', 2, 1773501026000000, 1773501026000000, 1773529826000000, 1773501026000000, 0, 'pwd', '192.0.2.7', 'tests', '', NULL, 1773501026000000, '49e2ca30', false);


--
-- Data for Name: throttles; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.throttles VALUES ('password', '1', 0, 0, 0, 1773501026000000);
INSERT INTO public.throttles VALUES ('code', '1', 0, 0, 0, 1773501026000000);
INSERT INTO public.throttles VALUES ('password', '3', 0, 0, 0, 1773501026000000);
INSERT INTO public.throttles VALUES ('address', '192.0.2.7', 0, 0, 1773501031000000, 1773501026000000);
INSERT INTO public.throttles VALUES ('address-hour', '192.0.2.7', 0, 0, 1773501031000000, 1773501026000000);


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
    ADD CONSTRAINT pk_api_refusals PRIMARY KEY (administrator_id, address);


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
-- Name: ix_audit_events_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_at ON public.audit_events USING btree (at);


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


