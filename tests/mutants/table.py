"""The mutants: a check, how it is taken out, and the quickest tests that must notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """`edits` are (text that stands once in the file, what stands there instead)."""

    name: str
    file: str
    edits: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]


def _m(name: str, file: str, old: str, new: str, *tests: str) -> Mutant:
    return Mutant(name, file, ((old, new),), tests)


CODES = "tests/attacks/test_codes.py"
SESSIONS = "tests/attacks/test_sessions.py"
SITES = "tests/attacks/test_other_sites.py"
CONFUSION = "tests/attacks/test_confusion.py"
PATHS = "tests/attacks/test_paths.py"
NAMES = "tests/attacks/test_names.py"
OBJECTS = "tests/attacks/test_others_objects.py"
GUESSING = "tests/attacks/test_guessing.py"
SCRIPTS = "tests/attacks/test_scripts.py"
CHECKS = "tests/attacks/test_checks.py"
DATABASE = "tests/storage/test_database.py"
KEYRING = "tests/crypto/test_keyring.py"
THROTTLING = "tests/usecases/test_throttling.py"
OTHERS = "tests/usecases/test_others.py"
OWN = "tests/usecases/test_own_settings.py"
LOGIN = "tests/usecases/test_login.py"
RACES = "tests/usecases/test_races.py"

MUTANTS: tuple[Mutant, ...] = (
    # --- floods --------------------------------------------------------------------------------
    _m("strangers wait among everybody", "web/console/login.py",
       "        visit.lane = strangers\n", "", "tests/server/test_flood.py"),
    _m("strangers wait without a bound", "web/console/login.py",
       "        strangers.demand_room()\n", "", "tests/server/test_flood.py"),
    _m("anybody's token is a known browser's", "usecases/known_browsers.py",
       "hmac.compare_digest(signature, each)", "True", "tests/usecases/test_known_browsers.py"),
    # --- remembered callers --------------------------------------------------------------------
    _m("a remembered caller outlives a change", "usecases/remembered_callers.py",
       "found.caller if found.version == self._app.database.version.now() else None",
       "found.caller", "tests/usecases/test_remembered_callers.py"),
    _m("a remembered caller is remembered for ever", "usecases/remembered_callers.py",
       "if found is None or found.version is None or found.until <= self._app.clock.now():",
       "if found is None or found.version is None:", "tests/usecases/test_remembered_callers.py"),
    # --- codes ---------------------------------------------------------------------------------
    _m("a used step may be claimed again", "storage/authenticators.py",
       ", authenticators.c.last_step < step)", ")", DATABASE, "-k", "claimed and sqlite"),
    _m("a used step is still found", "domain/totp.py",
       " and s > last_step]", "]", "tests/domain/test_totp.py"),
    _m("a recovery code leaves the current code good", "usecases/second_step.py",
       "    authenticators.claim_step(u.connection, account.id, totp.time_step(u.now) + 1)\n", "",
       CHECKS, "-k", "burns and sqlite"),
    _m("a recovery code is not used up", "storage/credentials.py",
       "            recovery_codes.c.mac.in_(macs),\n        )\n    )\n    return done.rowcount == 1",
       "            recovery_codes.c.mac.in_(macs),\n        )\n    )\n    return True", LOGIN, "-k", "recovery and sqlite"),
    _m("anybody's recovery code will do", "storage/credentials.py",
       "            recovery_codes.c.administrator_id == administrator_id,\n"
       "            recovery_codes.c.mac.in_(macs),",
       "            recovery_codes.c.mac.in_(macs),", CHECKS, "-k", "belongs_to_one and sqlite"),
    _m("each enrolment has the same secret", "usecases/enrolment.py",
       "tokens.totp_secret()", "bytes(20)", LOGIN, "-k", "secret and sqlite"),
    _m("anybody's enrolment will do", "usecases/enrolment.py",
       "or enrolment.administrator_id != account.id", "", CHECKS, "-k", "somebody_else and sqlite"),
    _m("an enrolment outlives a change", "usecases/enrolment.py",
       " or enrolment.cred_ver != account.cred_ver", "", CHECKS, "-k", "enrolment_of_before and sqlite"),
    _m("an enrolment is confirmed when nothing is pending", "usecases/enrolment.py",
       "account.mfa.status is not Status.PENDING or enrolment", "enrolment", CHECKS, "-k", "not_pending and sqlite"),
    _m("the older tab's form will do", "usecases/attempts.py",
       "found.attempt.id != named", "False", "tests/web/test_console.py", "-k", "two_tabs"),
    _m("an attempt has any number of tries", "usecases/second_step.py",
       "    if failures >= MOST_FAILURES:\n        attempts", "    if failures > 500:\n        attempts",
       GUESSING, "-k", "new_tries"),
    _m("an enrolment has any number of tries", "usecases/enrolment.py",
       "failures >= MOST_FAILURES", "failures > 500", GUESSING, "-k", "end_an_enrolment"),
    _m("the old secret is kept on reset and disable", "usecases/transitions.py",
       "if secret else None", "if secret else authenticators.secret_of(u.connection, account.id)",
       CHECKS, "-k", "no_status_but and sqlite"),
    # --- cred_ver ------------------------------------------------------------------------------
    _m("a session outlives a change of the account", "domain/sessions.py",
       "session.cred_ver == cred_ver\n        and ", "", "tests/domain/test_sessions.py"),
    _m("an attempt outlives a change: found", "usecases/attempts.py",
       " or account.cred_ver != found.cred_ver", "", CHECKS, "-k", "attempt_of_before and sqlite"),
    _m("an attempt outlives a change: finished", "usecases/second_step.py",
       " or account.cred_ver != attempt.cred_ver", "", CHECKS, "-k", "found_before and sqlite"),
    _m("a password is right although it was changed meanwhile", "usecases/login.py",
       "return account if account.cred_ver == before.cred_ver else None", "return account", CHECKS, "-k", "while_it_was_checked and sqlite"),
    _m("a known browser outlives a change", "storage/sessions.py",
       "        known_browsers.c.cred_ver == cred_ver,\n", "", CHECKS, "-k", "stranger and sqlite"),
    _m("a known browser is known for everybody", "storage/sessions.py",
       "        known_browsers.c.administrator_id == administrator_id,\n"
       "        known_browsers.c.cred_ver", "        known_browsers.c.cred_ver", THROTTLING, "-k", "known and sqlite"),
    _m("known browsers are not forgotten", "usecases/transitions.py",
       "Effect.FORGET_DEVICES: _forget_devices", "Effect.FORGET_DEVICES: lambda *_: None", CHECKS, "-k", "leave_the_table and sqlite"),
    _m("an act on others after one's own account changed", "usecases/others.py",
       "now is None or now.is_disabled or now.cred_ver != by.account.cred_ver", "False",
       OTHERS, "-k", "meanwhile and sqlite"),
    _m("an act on oneself after the account changed", "usecases/sessions.py",
       " or account.cred_ver != session_ver", "", OWN, "-k", "before_a_change and sqlite"),
    _m("a remembered API password is not checked again", "usecases/api_access.py",
       "    return (\n        account is not None\n        and account.cred_ver",
       "    return True or (\n        account is not None\n        and account.cred_ver",
       NAMES, "-k", "regular_password"),
    # --- guesses -------------------------------------------------------------------------------
    _m("a slot is not reserved before the check", "usecases/slots.py",
       "if not _exchange(u.connection, slot):", "if False:", THROTTLING, "-k", "parallel and sqlite"),
    _m("a slot is reserved whoever was faster", "storage/throttles.py",
       "update().where(_is(kind, subject), *is_as_seen)", "update().where(_is(kind, subject))",
       DATABASE, "-k", "exchanged and sqlite"),
    _m("no ceiling", "domain/throttle.py",
       "policy.ceiling is not None and self.failures >= policy.ceiling", "False",
       "tests/domain/test_throttle.py"),
    _m("no wait", "domain/throttle.py",
       "return min(policy.first_wait * doublings, policy.longest_wait)", "return timedelta(0)",
       "tests/domain/test_throttle.py"),
    _m("wrong codes are not counted", "domain/throttle.py",
       "return replace(self, in_flight_until=NEVER)",
       "return replace(self, failures=0, next_allowed_at=NEVER, in_flight_until=NEVER)",
       "tests/domain/test_throttle.py"),
    _m("any number of tries at Confirm it is you", "domain/sessions.py",
       "PROOF_FAILURES: Final = 5", "PROOF_FAILURES: Final = 500", OWN, "-k", "fifth and sqlite"),
    _m("a try at Confirm it is you is taken back with others", "usecases/proof.py",
       "stored.take_proof_failure_back(u.connection, principal.session.id)",
       "stored.change(u.connection, principal.session.id, "
       "proof_failures=principal.session.proof_failures)", CHECKS, "-k", "takes_back and sqlite"),
    _m("guesses at Confirm it is you are not counted at the login", "usecases/proof.py",
       "            slots.count_failure(u.connection, Kind.PASSWORD, str(account.id), u.now)\n", "",
       GUESSING, "-k", "confirm_it_is_you_end"),
    _m("a regular password of an account with MFA costs it something", "usecases/api_access.py",
       'return f"mfa:{name}" if trial.is_locked_out else name', "return name",
       CHECKS, "-k", "moves_no_counter"),
    _m("no hash for a name that nobody has", "crypto/passwords.py",
       "        key_id, parameters, salt, tag = _parse(stored or self._dummy)",
       "        if stored is None:\n            return False\n"
       "        key_id, parameters, salt, tag = _parse(stored)", KEYRING),
    _m("the password's tag is compared by its beginning", "crypto/passwords.py",
       "hmac.compare_digest(expected, tag)", "tag[:16] == expected[:16]", CHECKS, "-k", "stored_password and sqlite"),
    _m("a MAC is compared by its beginning", "crypto/keyring.py",
       "return hmac.compare_digest(stored, self.mac(purpose, *parts, key_id=key_id))",
       "return self.mac(purpose, *parts, key_id=key_id).startswith(stored[:40])", CHECKS, "-k", "stored_mac and sqlite"),
    _m("a form's token is compared by its beginning", "web/http/forms.py",
       "hmac.compare_digest(k, given)", "k.startswith(given)", SITES, "-k", "somewhere_else"),
    _m("a code is compared by its beginning", "domain/totp.py",
       "if hmac.compare_digest(code_at(secret, s), code)", "if code_at(secret, s)[:3] == code[:3]",
       CHECKS, "-k", "every_digit and sqlite"),
    # --- keys at rest --------------------------------------------------------------------------
    Mutant("a ciphertext opens anywhere", "crypto/keyring.py",
           (("value, head + bytes(place))", "value, head)"),
            ("sealed[len(head) + _NONCE_BYTES :], head + bytes(place))",
             "sealed[len(head) + _NONCE_BYTES :], head)")), (KEYRING,)),
    _m("an API password is not bound to its account", "usecases/api_password.py",
       'return "api-password", str(administrator_id), password',
       'return "api-password", "", password', CHECKS, "-k", "moved_to_another"),
    # --- other sites ---------------------------------------------------------------------------
    _m("no form token", "web/console/dispatch.py",
       "if not any(forms.is_token(visit.app.keyring, each, token) for each in _bindings(visit)):",
       "if False:", SITES, "-k", "somewhere_else"),
    _m("a token from before the login is good in the session", "web/console/dispatch.py",
       "if visit.principal is not None:\n        return [session]", "if False:\n        return [session]",
       SESSIONS, "-k", "planted_pre_login"),
    _m("Sec-Fetch-Site is not looked at", "web/http/cross_origin.py",
       "if site is not None:", "if False:", SITES, "-k", "same_origin"),
    _m("same-site is enough", "web/http/cross_origin.py",
       'return site != "same-origin"', 'return site == "cross-site"', SITES, "-k", "same_origin"),
    _m("Origin is not looked at", "web/http/cross_origin.py",
       "return origin not in own", "return False", SITES, "-k", "another_origin"),
    _m("the API takes what another site sends", "web/api/app.py",
       'scope["type"] == "http" and scope["method"] not in', 'False and scope["method"] not in',
       SITES, "-k", "calls_the_api"),
    _m("a form of any type is read", "web/http/forms.py",
       "strip().lower() != _MEDIA_TYPE", "strip().lower() == 'x'", CONFUSION, "-k", "another_type"),
    _m("a field may come twice", "web/http/forms.py",
       "if len(fields) != len(pairs):", "if False:", CONFUSION, "-k", "another_shape"),
    _m("a cookie may come twice", "web/http/cookies.py",
       "                raise DuplicateCookie", "                pass", SESSIONS, "-k", "not_exactly"),
    _m("cookies without HttpOnly", "web/http/cookies.py", "; HttpOnly", "", SESSIONS, "-k", "every_cookie"),
    _m("cookies without Secure", "web/http/cookies.py", "Path=/; Secure", "Path=/", SESSIONS, "-k",
       "every_cookie"),
    _m("cookies for other sites too", "web/http/cookies.py", "SameSite=Strict\"", "SameSite=None\"",
       SESSIONS, "-k", "every_cookie"),
    _m("pages may be kept", "web/http/headers.py",
       '    "cache-control": "no-store",\n}\n\nAPI', "}\n\nAPI", SESSIONS, "-k", "may_be_kept"),
    _m("a login leads anywhere", "domain/login.py",
       "len(target) <= 200 and _OWN_PAGE.fullmatch(target)", "target.startswith('/')", PATHS,
       "-k", "no_other_place"),
    _m("the browser's older session stays", "usecases/sessions.py",
       "if old_token and (old :=", "if False and (old :=", CHECKS, "-k", "older_session and sqlite"),
    # --- who may what --------------------------------------------------------------------------
    _m("a given password opens everything", "web/console/dispatch.py",
       "is_given = visit.principal is not None and", "is_given = False and", OBJECTS, "-k", "given"),
    _m("one's own account by the others' routes", "usecases/others.py",
       "if by.account is not None and by.account.id == account.id:", "if False:",
       NAMES, "-k", "ones_own_account"),
    _m("the last administrator goes", "usecases/others.py",
       "if not account.is_disabled and not administrators", "if False and not administrators",
       OTHERS, "-k", "last and sqlite"),
    _m("no recent proof for oneself", "usecases/sessions.py",
       "if needs_proof and not has_recent_proof", "if False and not has_recent_proof",
       OBJECTS, "-k", "recent_proof"),
    _m("no recent proof for others", "usecases/others.py",
       '''disabled, deleted or changed since the request was let in.
    """
    if by.principal is not None and not''', '''disabled, deleted or changed since the request was let in.
    """
    if False and not''', OBJECTS, "-k", "recent_proof"),
    _m("anybody's session may be ended", "usecases/own_sessions.py",
       "session_id not in own or ", "", OBJECTS, "-k", "anothers_session"),
    _m("disabled: still in the session", "usecases/sessions.py",
       "    if account is None or account.is_disabled:\n        raise SessionEnded\n    if not is_alive",
       "    if account is None:\n        raise SessionEnded\n    if not is_alive", CHECKS, "-k", "marked_as and sqlite"),
    _m("disabled: still in the attempt", "usecases/attempts.py",
       " or account.is_disabled or", " or", CHECKS, "-k", "marked_as and sqlite"),
    _m("disabled: still in by the password", "usecases/login.py",
       "or before is None or account.is_disabled:", "or before is None:", LOGIN, "-k",
       "disabled and sqlite"),
    _m("disabled: still in at the API", "usecases/api_access.py",
       "return account is not None and not account.is_disabled and", "return account is not None and",
       GUESSING, "-k", "of_a_disabled"),
    _m("disabled: still in by the API password", "usecases/api_access.py",
       "if account is None or account.is_disabled or not is_right:", "if account is None or not is_right:",
       NAMES, "-k", "not_the_accounts"),
    _m("pending: the API takes the regular password", "domain/mfa.py",
       "return self.status is not Status.DISABLED", "return self.status is Status.ACTIVE",
       NAMES, "-k", "regular_password"),
    _m("two Authorization headers", "web/api/auth.py",
       "if len(headers) != 1:", "if not headers:", NAMES, "-k", "not_quite_right"),
    _m("control characters in credentials", "domain/basic.py",
       'if text is None or any(unicodedata.category(c) == "Cc" for c in text):', "if text is None:",
       "tests/domain/test_basic.py"),
    _m("fields too many in JSON", "web/api/schemas.py",
       "forbid_unknown_fields=True", "forbid_unknown_fields=False", CONFUSION, "-k", "too_many"),
    # --- text ----------------------------------------------------------------------------------
    _m("text is drawn as HTML", "web/console/rendering.py",
       "autoescape=True", "autoescape=False", SCRIPTS, "-k", "typed_wrongly"),
    _m("formulas in the export", "web/console/audit_log.py",
       """return _FORMULA.sub(r"\\1'", cell)""", "return cell", SCRIPTS, "-k", "formula"),
    # --- transactions --------------------------------------------------------------------------
    _m("a change that leaves no audit row", "usecases/unit.py",
       "if not opened.has_recorded:", "if False:", OWN, "-k", "records_nothing and sqlite"),
    _m("SQLite: BEGIN", "storage/database.py",
       'exec_driver_sql("BEGIN IMMEDIATE")', 'exec_driver_sql("BEGIN")', DATABASE, "-k",
       "(first_moment or another_process) and sqlite"),
    _m("PostgreSQL: the account's row is not locked", "storage/administrators.py",
       "    if for_change:\n", "    if False:\n", DATABASE, "-k", "waits_for and postgresql"),
    _m("PostgreSQL: nobody holds back who changes the administrators", "storage/administrators.py",
       "sa.select(installation.c.id).with_for_update()", "sa.select(installation.c.id)",
       OTHERS, "-k", "same_moment and postgresql"),
    _m("a form sent twice generates twice", "storage/credentials.py",
       "if seen is not None:", "if False:", OBJECTS, "-k", "generates"),
    _m("a status changes from another one than was seen", "storage/authenticators.py",
       "            authenticators.c.status == expected.value,\n", "", DATABASE, "-k", "only_from and sqlite"),
)  # fmt: skip
