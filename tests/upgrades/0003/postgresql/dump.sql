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

COPY public.administrators (id, username, username_key, full_name, email, password_hash, password_set_at, must_change_password, is_disabled, cred_ver, created_at, last_login_address, full_name_key, email_key, seen_event_id, last_login_at) FROM stdin;
1	alice	alice			v1$bc8354e204e4b93d$m=8,t=1,p=1$Jvf8wmagr5W0AgRygAVkUw==$cf9387d3571ff5d6ce6816edc489a970682a37807948d85cb0dfcf2aa31409e8	1773500966000000	f	f	3	1773500966000000	192.0.2.7			0	1773501026000000
2	bob	bob			v1$bc8354e204e4b93d$m=8,t=1,p=1$fUZupktqi2rNu5rU99hcPg==$281cf45d5a09225d06d439a5eb62937e51973f34164c2ee21a9a67ff08651c41	1773501026000000	f	f	1	1773501026000000				12	0
3	carol:c	carol:c			v1$bc8354e204e4b93d$m=8,t=1,p=1$Wxn31glYlq92N04NoQI2FA==$de02e0655f41a6e6eeaab8a86434ffd1c40e5d46bb2775d637b795fa77868ad2	1773501026000000	f	f	2	1773501026000000				13	0
4	dave	dave			v1$bc8354e204e4b93d$m=8,t=1,p=1$DuWLsh2AAMYZ6oeWWYuwJA==$92acaadfcfd1ed51b828a2da15bdc3162865ef13fbb1f6f6b70aa61488d6856c	1773501026000000	f	t	2	1773501026000000				14	0
\.


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.alembic_version (version_num) FROM stdin;
0003
\.


--
-- Data for Name: api_passwords; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.api_passwords (administrator_id, generation, mac, hint, created_at, created_by, last_used_at, last_used_address) FROM stdin;
1	1	bc8354e204e4b93d:df830405b2cc87acc7366cd362806fdb51ffe62356fb9d146020aa68a13efacc	wwp_5tYV	1773500996000000		\N	
2	0	\N		\N		\N	
3	0	\N		\N		\N	
4	0	\N		\N		\N	
\.


--
-- Data for Name: api_refusals; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.api_refusals (administrator_id, address, right_count, wrong_count, first_at, last_at) FROM stdin;
\.


--
-- Data for Name: audit_chain; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.audit_chain (id, key, first_id, last_id, mac) FROM stdin;
1	\\x01bc8354e204e4b93d13abf3e73abcec9ce5b2c3ee74c35fcbc6b14945edd91c861ba8deec078a1d6cccf26e30fcba38906f73290b465e5b8b02711d8e644e078183cfc552	1	17	781111e0e56435b71e739a67dc23d206a74b77f9d2df7a7d5bd015ec67b1792e
\.


--
-- Data for Name: audit_events; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.audit_events (id, at, event, outcome, door, actor_id, actor_name, subject_id, subject_name, address, user_agent, request_id, session_ref, facts, mac) FROM stdin;
1	1773500966000000	administrator.created	done	cli	\N	operator	1	alice					{}	9081309fc48359ce925c05df1e551667a8b8f66d0dab7eed41d4c7fe1b7b6738
2	1773500966000000	auth.login	done	console	\N		1	alice	192.0.2.7	tests			{"factors": "pwd"}	492f134d8a19155f53cd095cbfd68af3973a5bfbdacb03c006ae73daf6722b55
3	1773500966000000	mfa.enable	done	console	\N		1	alice	192.0.2.7	tests			{}	5582a3f2d09420135e731b3a9a40281729d970632265e0c1b590e230c42200c3
4	1773500966000000	auth.password_ok	done	console	\N		1	alice	192.0.2.7	tests			{"next": "show-secret"}	4affa19074b1ca65f9fdb9e98e27946ce8bbbc456234a6b23e1ee4ea09f76e2c
5	1773500966000000	mfa.enrol.shown	done	console	\N		1	alice	192.0.2.7	tests			{"set_up": "4b4e5b0a"}	4819fc72bcdd265e3720f713e29304b0512e5cb661d0f98011d03242aed262c4
6	1773500996000000	mfa.enrol.confirmed	done	console	\N		1	alice	192.0.2.7	tests			{}	fe0095447b6f25bb561640fa5c3dc276726b4ddb4de388f30fb2f452352f269a
7	1773500996000000	recovery.generated	done	console	\N		1	alice	192.0.2.7	tests			{"count": 8}	9f6d079ed700e7ffe9b00410b4f56ee6bc6cabc3036e20d270b5192566ccbc91
8	1773500996000000	auth.login	done	console	\N		1	alice	192.0.2.7	tests			{"factors": "pwd otp"}	95dae3938ac02cc4d9b6a145991444d9f6c38f911560044bbbcc4f7dc37b4238
9	1773500996000000	api_password.generated	done	console	\N		1	alice	192.0.2.7	tests			{}	f6a7b743c7ed1532d505511e725ac05f03534815434f6dd46894effa72995c79
10	1773501026000000	auth.password_ok	done	console	\N		1	alice	192.0.2.7	tests			{"next": "ask-code"}	d4b6f33c6504084af87363e397d49cf4e88ab26c665ba9ea3e381f2e35fbf1c1
11	1773501026000000	auth.login	done	console	\N		1	alice	192.0.2.7	tests			{"factors": "pwd otp"}	8d07b4e141c0a17c8f103ba6541200b8f707d0b0e595fe37e3f3a04333ae1115
12	1773501026000000	auth.new_browser	done	console	\N		1	alice	192.0.2.7	tests			{}	4524aa33b48ca694a2295ede78812a6edb184e99f097fc35610099cb6ba4df45
13	1773501026000000	administrator.created	done	cli	\N	operator	2	bob					{}	5501971ace4bd2162e7930b15b07183b0ebce1e2dc28099f03b0a7a383172d56
14	1773501026000000	administrator.created	done	cli	\N	operator	3	carol:c					{}	549b7dd97604ad4183d31ecd4a5229f7c8a6beb1d9ea0d7d07071f7f50989dde
15	1773501026000000	administrator.created	done	cli	\N	operator	4	dave					{}	b9d3170df32f2096ad44bf5302ebe3732952ac98e215f86161454ace9c1333ed
16	1773501026000000	mfa.enable	done	cli	\N	operator	3	carol:c					{}	21598b9fff0ed79879e912a9da91a059c188eae168f92b4f86d976850193ffab
17	1773501026000000	administrator.disabled	done	cli	\N	operator	4	dave					{}	781111e0e56435b71e739a67dc23d206a74b77f9d2df7a7d5bd015ec67b1792e
\.


--
-- Data for Name: authenticators; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.authenticators (administrator_id, status, pending_from, pending_since, activated_at, secret, last_step) FROM stdin;
1	active	\N	\N	1773500996000000	\\x01bc8354e204e4b93dfa0eb0c648fc2c829b80843b6637aab8976ac1175c2ef8fa055ce147555a99e60ae623057c0289a8f07d11b04ad1948f	59116700
2	disabled	\N	\N	\N	\N	0
4	disabled	\N	\N	\N	\N	0
3	pending	disabled	1773501026000000	\N	\N	0
\.


--
-- Data for Name: enrolment_browsers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.enrolment_browsers (token_digest, administrator_id, cred_ver, expires_at) FROM stdin;
\.


--
-- Data for Name: enrolment_codes; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.enrolment_codes (administrator_id, mac, cred_ver, expires_at, failures) FROM stdin;
\.


--
-- Data for Name: enrolments; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.enrolments (id, administrator_id, secret, cred_ver, created_at, expires_at, failures) FROM stdin;
\.


--
-- Data for Name: first_run_links; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.first_run_links (id, token_digest, expires_at) FROM stdin;
\.


--
-- Data for Name: installation; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.installation (id, key_check, created_at) FROM stdin;
1	\\x01bc8354e204e4b93da14bcce3c33769b1ac4306c09565b432f93d573031ff77f5104b4a65c10daa65bfea214c58	1773500966000000
\.


--
-- Data for Name: known_browsers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.known_browsers (id, token_digest, administrator_id, cred_ver, created_at, expires_at) FROM stdin;
87bad7e4db8bbd8a41cb578d10bb79f9	b89a7a4d2d69f67035733e1d2c66eba219aa3665c98006663bab3502a3b7abda	1	3	1773500996000000	1789052996000000
38869239fd581571d601672b15f823ce	9e3546e4aad3ad89bb2d4a156091199addd2a5bb53023e1689bda178efd14194	1	3	1773501026000000	1789053026000000
\.


--
-- Data for Name: login_attempts; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.login_attempts (id, token_digest, administrator_id, enrolment_id, cred_ver, created_at, expires_at, failures, is_known_browser, return_target, is_enrolment_proved) FROM stdin;
\.


--
-- Data for Name: recovery_codes; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.recovery_codes (administrator_id, mac, created_at) FROM stdin;
1	bc8354e204e4b93d:93f56ce5a8cea86254ae162da33002ec18a041f702a2a04c40b55bfc57cd068a	1773500996000000
1	bc8354e204e4b93d:da3a51fbc5ecbfd12b24db803f9221243e7d9f2dea0f19a219c063caeedf0c67	1773500996000000
1	bc8354e204e4b93d:192de69936dc6b3dd964c43ef206cddb57b355e1a687025d445fd83630f42167	1773500996000000
1	bc8354e204e4b93d:4b47705a182f7550a23bc0e7d77e3dfafd9ec0d68310eebb9ad714d2ab1f4671	1773500996000000
1	bc8354e204e4b93d:932e2ac24f4e9f154223a9df535a63d96ea4f3f30781c96e85146c7d5a82bba7	1773500996000000
1	bc8354e204e4b93d:ca3d879734f1d2339ceb83aabe760762fa30eac1ee4ee9dcbf8d4e344e3b3295	1773500996000000
1	bc8354e204e4b93d:70418025813785c47dd26874f88e59171a4e58c0b53c83fef6093ffe35f99bfc	1773500996000000
1	bc8354e204e4b93d:920652412acec8ea59412819448f0f2347e5dde76923507fed6915ba083bbe66	1773500996000000
\.


--
-- Data for Name: search_words; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.search_words (word, administrator_id) FROM stdin;
alice	1
bob	2
carol	3
carol:c	3
c	3
dave	4
\.


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.sessions (id, token_digest, administrator_id, enrolment_id, cred_ver, created_at, last_seen_at, expires_at, proved_at, proof_failures, factors, address, user_agent, notice, previous_token_digest, rotated_at, ref, must_decide) FROM stdin;
2	7326baa448ee595a194c99d0b28ff99f14abfb7d450daa722a52bb614286ecda	1	\N	3	1773500996000000	1773500996000000	1773529796000000	1773500996000000	0	pwd otp	192.0.2.7	tests		\N	1773500996000000	7326baa4	f
3	30e29c03736339929c5b2597d07f62cca6b56f352e49ed05c5e44d7fd5d043a5	1	\N	3	1773501026000000	1773501026000000	1773529826000000	1773501026000000	0	pwd otp	192.0.2.7	tests		\N	1773501026000000	30e29c03	f
\.


--
-- Data for Name: throttles; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.throttles (kind, subject, failures, next_allowed_at, in_flight_until, drained_at) FROM stdin;
password	1	0	0	0	1773501026000000
address	192.0.2.7	0	0	1773501031000000	1773501026000000
address-hour	192.0.2.7	0	0	1773501031000000	1773501026000000
code	1	0	0	0	1773501026000000
\.


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

SELECT pg_catalog.setval('public.sessions_id_seq', 3, true);


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


