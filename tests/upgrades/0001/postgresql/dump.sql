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
    last_login_at bigint,
    last_login_address text NOT NULL
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
    facts text NOT NULL
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
    return_target text NOT NULL
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
    notice text NOT NULL
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

INSERT INTO public.administrators VALUES (1, 'alice', 'alice', '', '', 'v1$89d1d1130429f4d8$m=8,t=1,p=1$NzazJtNgpv8pLhRFWIRszg==$d811e99fae222d34589530cbc5d14d405a79ff8bfcb92b21dff24ef714107f58', 1773500966000000, false, false, 3, 1773500966000000, 1773501026000000, '192.0.2.7');
INSERT INTO public.administrators VALUES (2, 'bob', 'bob', '', '', 'v1$89d1d1130429f4d8$m=8,t=1,p=1$pOnv+SXR5v/mi2m8IN19ew==$af5c92e9b0f3e3426664508cd989cf33c8c259140882f2a5f236f9d80adfe7cd', 1773501026000000, false, false, 1, 1773501026000000, NULL, '');
INSERT INTO public.administrators VALUES (3, 'carol:c', 'carol:c', '', '', 'v1$89d1d1130429f4d8$m=8,t=1,p=1$xFgtK6g4CfF7SNkF/7Z6bw==$14e7bfc86f15ab6d3999834f285d9a1db12e43a825db910c73265abc6d674d8e', 1773501026000000, false, false, 2, 1773501026000000, 1773501026000000, '192.0.2.7');
INSERT INTO public.administrators VALUES (4, 'dave', 'dave', '', '', 'v1$89d1d1130429f4d8$m=8,t=1,p=1$trZXD2Q8KpZKqd1u4cJfHQ==$97a9d3e689edb8d264715a5cd96fcf14b0a56ee907b7c143917b065873460ef4', 1773501026000000, false, true, 2, 1773501026000000, NULL, '');


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0001');


--
-- Data for Name: api_passwords; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_passwords VALUES (1, 1, '89d1d1130429f4d8:6a6df8991f2d2a097b556530d01c654fc4635e0e0df244abca8a486e23e025bd', 'wwp_VFUa', 1773500996000000, '', NULL, '');
INSERT INTO public.api_passwords VALUES (2, 0, NULL, '', NULL, '', NULL, '');
INSERT INTO public.api_passwords VALUES (3, 0, NULL, '', NULL, '', NULL, '');
INSERT INTO public.api_passwords VALUES (4, 0, NULL, '', NULL, '', NULL, '');


--
-- Data for Name: audit_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit_events VALUES (1, 1773500966000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 1, 'alice', '', '', '', '', '{}');
INSERT INTO public.audit_events VALUES (2, 1773500966000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd"}');
INSERT INTO public.audit_events VALUES (3, 1773500966000000, 'mfa.enable', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}');
INSERT INTO public.audit_events VALUES (4, 1773500966000000, 'auth.password_ok', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"next": "show-secret"}');
INSERT INTO public.audit_events VALUES (5, 1773500966000000, 'mfa.enrol.shown', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}');
INSERT INTO public.audit_events VALUES (6, 1773500996000000, 'mfa.enrol.confirmed', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}');
INSERT INTO public.audit_events VALUES (7, 1773500996000000, 'recovery.generated', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"count": 8}');
INSERT INTO public.audit_events VALUES (8, 1773500996000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd otp"}');
INSERT INTO public.audit_events VALUES (9, 1773500996000000, 'api_password.generated', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{}');
INSERT INTO public.audit_events VALUES (10, 1773501026000000, 'auth.password_ok', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"next": "ask-code"}');
INSERT INTO public.audit_events VALUES (11, 1773501026000000, 'auth.login', 'done', 'console', NULL, '', 1, 'alice', '192.0.2.7', 'tests', '', '', '{"factors": "pwd otp"}');
INSERT INTO public.audit_events VALUES (12, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 2, 'bob', '', '', '', '', '{}');
INSERT INTO public.audit_events VALUES (13, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 3, 'carol:c', '', '', '', '', '{}');
INSERT INTO public.audit_events VALUES (14, 1773501026000000, 'auth.login', 'done', 'console', NULL, '', 3, 'carol:c', '192.0.2.7', 'tests', '', '', '{"factors": "pwd"}');
INSERT INTO public.audit_events VALUES (15, 1773501026000000, 'mfa.enable', 'done', 'console', NULL, '', 3, 'carol:c', '192.0.2.7', 'tests', '', '', '{}');
INSERT INTO public.audit_events VALUES (16, 1773501026000000, 'administrator.created', 'done', 'cli', NULL, 'operator', 4, 'dave', '', '', '', '', '{}');
INSERT INTO public.audit_events VALUES (17, 1773501026000000, 'administrator.disabled', 'done', 'cli', NULL, 'operator', 4, 'dave', '', '', '', '', '{}');


--
-- Data for Name: authenticators; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.authenticators VALUES (1, 'active', NULL, NULL, 1773500996000000, '\x0189d1d1130429f4d8e3e97d2d597a2566c054f8a9e2129c9e3cbf3fb84ad1f145be182c3f43d4a6f3d9ac053ef01a559077a70a4d00d7fd43', 59116700);
INSERT INTO public.authenticators VALUES (2, 'disabled', NULL, NULL, NULL, NULL, 0);
INSERT INTO public.authenticators VALUES (3, 'pending', 'disabled', 1773501026000000, NULL, NULL, 0);
INSERT INTO public.authenticators VALUES (4, 'disabled', NULL, NULL, NULL, NULL, 0);


--
-- Data for Name: enrolments; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.enrolments VALUES ('90416ec9f7d0dd130eadd54eab29dbdf', 3, '\x0189d1d1130429f4d89983d3ecc7af60a3a29c0d6c163ea9e394e5c59bd65f2ca8aa82fffef312b4f6600e3195e68da61d94d8888815978436', 2, 1773501026000000, 1773501626000000, 0);


--
-- Data for Name: first_run_links; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: installation; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.installation VALUES (1, '\x0189d1d1130429f4d8b4ea92c0ba6475fb2248ec839cce9c54618b6ed693bf148d9417f8e051d47ce85284a32c8d', 1773500966000000);


--
-- Data for Name: known_browsers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.known_browsers VALUES ('67d58240bb0f482c622970731fedb19e', 'aad8339e99b3831dbae55f61369225bd2e2e157ea2539a6c9b161f6b109d0147', 1, 3, 1773500996000000, 1789052996000000);
INSERT INTO public.known_browsers VALUES ('f46509f13bf51156581c8f4f6ac764ec', 'b0c77ea583cca5a2b5d37fc41c834b907db7f91a38ae80a2adcf29f0a20c2173', 1, 3, 1773501026000000, 1789053026000000);
INSERT INTO public.known_browsers VALUES ('57d99e21a45b2aeb93c764495adad2f6', 'b119d78e401f2993bdc9227cdcedb2f544a59a4bc64f1b845174e8236d419a68', 3, 1, 1773501026000000, 1789053026000000);


--
-- Data for Name: login_attempts; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: recovery_codes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.recovery_codes VALUES (1, '89d1d1130429f4d8:c8873915a7ddbecbf66daa7ba4c3f165f53f15b57331d0844199e0a922780544', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '89d1d1130429f4d8:559e136fd81fe80709d237cd56940692593e9f15cb80399840069194fe4903dc', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '89d1d1130429f4d8:bcdaa0d2b89727eee5eeb828952b6fe02e4bb7e5c15f6326d182ed3d8c69e832', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '89d1d1130429f4d8:acbbeb0b309fa94dd3685a1bf6b49cc70287a7c65c99f3851a8bb1cb7ba2439b', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '89d1d1130429f4d8:0674f2313478d070825840a6bb96add67a5702e2cfac3116bb146c296f57e384', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '89d1d1130429f4d8:34e5fe3947bb33f98684ae5804ede6988628ffc85595f60fedcdd61654f27253', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '89d1d1130429f4d8:8d4f8375cdeb5e18e38f99b55e867a139c259f97e5e7583eb52c482912b9de18', 1773500996000000);
INSERT INTO public.recovery_codes VALUES (1, '89d1d1130429f4d8:1b053a3d1d5e5474518297f2d7b1fb2ec104bd1b83ecdb0498279ffb2ad2672c', 1773500996000000);


--
-- Data for Name: sessions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.sessions VALUES (2, 'fdbba0b89fdbf4538b9241a23d59ecae291c6460894d361cd76667a4c03b799f', 1, NULL, 3, 1773500996000000, 1773500996000000, 1773529796000000, 1773500996000000, 0, 'pwd otp', '192.0.2.7', 'tests', '');
INSERT INTO public.sessions VALUES (3, '3d61d41eb6860014bd1486856103f9807f8589e13d6bc77da919ca62b6fb0dc6', 1, NULL, 3, 1773501026000000, 1773501026000000, 1773529826000000, 1773501026000000, 0, 'pwd otp', '192.0.2.7', 'tests', '');
INSERT INTO public.sessions VALUES (4, '79eb314711075cf9825cc886046de41e4dea55628efee7f169b4a57e5b65bd3c', 3, '90416ec9f7d0dd130eadd54eab29dbdf', 2, 1773501026000000, 1773501026000000, 1773529826000000, 1773501026000000, 0, 'pwd', '192.0.2.7', 'tests', '');


--
-- Data for Name: throttles; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.throttles VALUES ('password', '1', 0, 0, 0, 1773501026000000);
INSERT INTO public.throttles VALUES ('code', '1', 0, 0, 0, 1773501026000000);
INSERT INTO public.throttles VALUES ('password', '3', 0, 0, 0, 1773501026000000);
INSERT INTO public.throttles VALUES ('address', '192.0.2.7', 0, 0, 0, 1773501026000000);


--
-- Name: administrators_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.administrators_id_seq', 4, true);


--
-- Name: audit_events_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audit_events_id_seq', 17, true);


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
-- Name: ix_audit_events_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_at ON public.audit_events USING btree (at);


--
-- Name: ix_audit_events_subject_id_event_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audit_events_subject_id_event_id ON public.audit_events USING btree (subject_id, event, id);


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
-- Name: ix_sessions_administrator_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_sessions_administrator_id ON public.sessions USING btree (administrator_id);


--
-- Name: api_passwords fk_api_passwords_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_passwords
    ADD CONSTRAINT fk_api_passwords_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- Name: authenticators fk_authenticators_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.authenticators
    ADD CONSTRAINT fk_authenticators_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


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
-- Name: sessions fk_sessions_administrator_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT fk_sessions_administrator_id FOREIGN KEY (administrator_id) REFERENCES public.administrators(id) ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--


