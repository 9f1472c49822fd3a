"""Access to another administrator's sessions, login attempts, enrolments and forms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.attacks.conftest import House, Owner
from tests.support.acts import BY_CLI, CLI
from tests.support.attacker import Attacker
from watchword.domain.errors import LastAdministrator
from watchword.domain.mfa import Event
from watchword.storage import schema
from watchword.usecases.account import recovery_codes
from watchword.usecases.administrators import other_accounts, other_credentials
from watchword.usecases.api import api_password
from watchword.usecases.sessions import sessions

SETTINGS = "/your-mfa-settings"


def secret_on(page: str) -> str:
    return page.partition('data-copy="')[2].partition('"')[0]


def session_ids(house: House, owner: Owner) -> list[str]:
    found = sessions.standing(house.app, CLI, house.account(owner))
    return [str(session.id) for session in found]


def test_session_of_another_account_is_not_ended(house: House) -> None:
    victim = house.logged_in(owner := house.owner())
    thief = house.logged_in(house.owner())
    for number in session_ids(house, owner):
        assert thief.post("/your-sessions/end", {"session": number}).status == 409
    assert victim.is_in()
    assert thief.is_in()
    assert owner.username not in thief.get("/your-sessions").text


def test_ending_other_sessions_ends_only_ones_own(house: House) -> None:
    victim, thief = house.logged_in(house.owner()), house.logged_in(house.owner())
    assert thief.post("/your-sessions/end-others", {}).status == 303
    assert victim.is_in()
    assert thief.is_in()


def test_enrolment_of_another_account_is_not_confirmed_by_its_number(house: House) -> None:
    owner, other = house.owner(), house.owner()
    victim, thief = house.logged_in(owner), house.logged_in(other)
    for browser in (victim, thief):
        browser.post(f"{SETTINGS}/enable", {})
        browser.post(f"{SETTINGS}/finish-now", {})
    shown, own = victim.get(f"{SETTINGS}/finish"), thief.get(f"{SETTINGS}/finish")
    owner.secret, other.secret = secret_on(shown.text), secret_on(own.text)
    for code in (owner.code(), other.code()):
        fields = {"attempt": shown.hidden("attempt"), "totp_code": code}
        assert thief.post(f"{SETTINGS}/finish", fields).status in {409, 303}
    assert house.account(owner).mfa.status.value == "pending"
    assert house.account(other).mfa.status.value == "pending"
    fields = {"attempt": shown.hidden("attempt"), "totp_code": owner.code()}
    assert victim.post(f"{SETTINGS}/finish", fields).status == 200
    assert house.account(owner).mfa.status.value == "active"


def test_secret_of_one_login_attempt_does_not_finish_another(house: House) -> None:
    owner = house.owner(mfa="pending")
    first, second = house.browser(), house.browser()
    first.login(owner.username)
    second.login(owner.username)
    seen = Owner("", secret_on(first.get("/login/second-step").text))
    assert second.second_step(seen.code()).status == 422
    assert house.account(owner).mfa.status.value == "pending"
    assert first.second_step(seen.code()).status == 200


def test_form_numbers_of_another_account_are_ignored(house: House) -> None:
    owner, other = house.owner(mfa="active", api=True), house.owner(mfa="active")
    victim, thief = house.logged_in(owner), house.logged_in(other)
    number = str(api_password.read(house.app, CLI, house.account(owner)).generation)
    _left, mark = recovery_codes.state(house.app, CLI, house.account(owner))
    thief.post(f"{SETTINGS}/generate-api-password", {"generation": number, "username": "x"})
    thief.post(f"{SETTINGS}/generate-recovery-codes", {"generation": str(mark)})
    assert str(api_password.read(house.app, CLI, house.account(owner)).generation) == number
    assert recovery_codes.state(house.app, CLI, house.account(owner)) == (8, mark)
    assert victim.is_in()


@pytest.mark.parametrize("number", ["", "-1", "0", "999999", "x", "1.0", " 1", "01x"])
def test_form_with_an_invalid_number_generates_no_credential(house: House, number: str) -> None:
    owner = house.owner(mfa="active", api=True)
    victim = house.logged_in(owner)
    answer = victim.post(f"{SETTINGS}/generate-api-password", {"generation": number})
    assert (answer.status, "new-api-credential" in answer.text) == (409, False)
    answer = victim.post(f"{SETTINGS}/generate-recovery-codes", {"generation": number})
    assert answer.status == 409
    right = str(api_password.read(house.app, CLI, house.account(owner)).generation)
    assert victim.post(f"{SETTINGS}/generate-api-password", {"generation": right}).status == 200


def test_form_sent_in_parallel_generates_one_credential(house: House) -> None:
    owner = house.owner()
    victim = house.logged_in(owner)
    token, barrier = victim.token("/"), Barrier(4, timeout=30)
    copies = [house.browser(**victim.cookies) for _ in range(4)]

    def press(copy: Attacker) -> int:
        barrier.wait()
        return copy.post(
            f"{SETTINGS}/generate-api-password", {"generation": "0"}, token=token
        ).status

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(press, copies)) == [200, 409, 409, 409]


def test_pages_of_another_account_show_no_secret(house: House) -> None:
    owner = house.owner(mfa="active", api=True)
    thief = house.logged_in(house.owner())
    at = f"/administrators/{owner.username}"
    pages = [thief.get(p).text for p in ("/administrators", at, f"{at}/reset-secret",
             f"{at}/disable-mfa", f"{at}/delete", "/audit-log", "/")]  # fmt: skip
    for page in pages:
        assert owner.secret not in page.replace(" ", "")
        assert owner.api_password not in page
        assert not any(code in page.replace("-", "") for code in owner.recovery_codes)


def test_given_password_opens_only_the_page_for_a_new_one(house: House) -> None:
    owner, other = house.owner(), house.owner()
    admin = house.logged_in(other)
    given = "quartz meadow lantern thimble"
    fields = {"new_password": given, "repeat_new_password": given}
    admin.post(f"/administrators/{owner.username}/set-password", fields)
    newcomer = house.browser()
    assert newcomer.login(owner.username, given).status == 303
    for path in ("/", SETTINGS, "/administrators", "/your-sessions", "/audit-log",
                 "/change-password", f"/administrators/{other.username}"):  # fmt: skip
        assert (newcomer.get(path).header("location") or "").partition("?")[0] == "/new-password"
    token = newcomer.get("/new-password").hidden("form_token")
    for path in (f"{SETTINGS}/enable", f"{SETTINGS}/generate-api-password", "/audit-log/export",
                 f"/administrators/{other.username}/delete", "/your-sessions/end-others"):  # fmt: skip
        answer = newcomer.post(path, {"generation": "0"}, token=token)
        assert (answer.status, answer.header("location")) == (303, "/new-password")
    assert not house.account(owner).mfa.is_enabled
    assert house.account(other)
    same = newcomer.post("/new-password", fields, token=token)
    assert same.status == 422
    own = {"new_password": "walrus cobalt ferry mitten", "repeat_new_password":
           "walrus cobalt ferry mitten"}  # fmt: skip
    assert newcomer.post("/new-password", own, token=token).status == 303
    assert newcomer.is_in()


def test_act_without_a_recent_proof_asks_for_one(house: House) -> None:
    """A stolen session older than ten minutes manages no accounts."""
    owner, target = house.owner(), house.owner(mfa="active", api=True)
    thief = house.logged_in(owner)
    with house.app.database.writing() as connection:
        table = schema.sessions
        owned = table.c.administrator_id == house.account(owner).id
        old = house.account(owner).created_at.replace(year=2001)
        connection.execute(table.update().where(owned).values(proved_at=old))
    before = house.account(target)
    at = f"/administrators/{target.username}"
    made = {"username": "made-by-a-thief", "password": "quartz meadow lantern thimble",
            "repeat_password": "quartz meadow lantern thimble"}  # fmt: skip
    for path, fields in (
        (f"{SETTINGS}/enable", {}), (f"{SETTINGS}/generate-api-password", {"generation": "0"}),
        ("/your-sessions/end-others", {}), ("/new-administrator", made),
        (at, {"full_name": "x", "email": ""}), (f"{at}/delete", {}), (f"{at}/disable", {}),
        (f"{at}/lock-down", {}),
        (f"{at}/disable-mfa", {}), (f"{at}/reset-secret", {}), (f"{at}/end-sessions", {}),
        (f"{at}/revoke-api-password", {}), (f"{at}/unlock", {}),
        (f"{at}/set-password", {"new_password": "quartz meadow lantern thimble",
                                "repeat_new_password": "quartz meadow lantern thimble"}),
    ):  # fmt: skip
        answer = thief.post(path, fields)
        assert (path, "Confirm it is you" in answer.text) == (path, True)
    assert house.account(target) == before
    assert house.count(schema.administrators, username="made-by-a-thief") == 0
    assert "Confirm it is you" in thief.get("/change-password").text


def test_administrator_changed_meanwhile_cannot_act(house: House) -> None:
    owner, target = house.owner(), house.owner()
    thief = house.logged_in(owner)
    token = thief.token("/")
    other_credentials.change_mfa(house.app, BY_CLI, owner.username, Event.ENABLE)
    answer = thief.post(f"/administrators/{target.username}/delete", {}, token=token)
    assert answer.status == 403
    assert house.account(target)


def test_last_administrator_cannot_be_disabled_or_deleted(house: House) -> None:
    """An attacker with one account cannot lock out the installation by disabling the rest."""
    for row in other_accounts.page(house.app, CLI, limit=1000)[1:]:
        other_accounts.delete(house.app, BY_CLI, row.account.username)
    last = other_accounts.page(house.app, CLI)[0].account.username
    for act in (other_accounts.disable, other_accounts.delete):
        with pytest.raises(LastAdministrator):
            act(house.app, BY_CLI, last)
    assert house.browser().login(last).status == 303
