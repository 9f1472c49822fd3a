"""Encryption of values, MACs, password hashes and tokens."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.installation import CHEAP
from watchword.crypto import ring_file, strength, tokens
from watchword.crypto.keyring import Keyring, Place
from watchword.crypto.passwords import DEFAULT, Derivation, Hashing, Parameters, Pepper, run
from watchword.domain import api_password
from watchword.domain.operational_errors import CannotDecrypt, PlaceUnusable
from watchword.domain.secret import Secret

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
RING = Keyring({"aa" * 8: OLD})
ROTATED = Keyring({"aa" * 8: OLD, "bb" * 8: NEW})
HERE = Place("authenticators", "secret", "1")


@given(st.binary(max_size=100))
def test_sealed_value_opens_in_its_place(value: bytes) -> None:
    assert RING.open(HERE, RING.seal(HERE, value)) == value


@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("authenticators", "secret", "2"),
        Place("authenticators", "other", "1"),
        Place("enrolments", "secret", "1"),
        Place("authenticator", "ssecret", "1"),
    ],
)
def test_ciphertext_in_another_place_is_rejected(elsewhere: Place) -> None:
    sealed = RING.seal(HERE, b"x")
    with pytest.raises(CannotDecrypt):
        RING.open(elsewhere, sealed)


@given(st.data())
def test_changed_ciphertext_is_rejected(data: st.DataObject) -> None:
    sealed = bytearray(RING.seal(HERE, b"secret"))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CannotDecrypt):
        RING.open(HERE, bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + bytes(8), bytes(40)])
def test_short_or_foreign_ciphertext_is_rejected(sealed: bytes) -> None:
    with pytest.raises(CannotDecrypt):
        RING.open(HERE, sealed)


def test_old_values_open_and_new_ones_use_the_newest_key() -> None:
    assert ROTATED.open(HERE, RING.seal(HERE, b"x")) == b"x"
    with pytest.raises(CannotDecrypt):
        RING.open(HERE, ROTATED.seal(HERE, b"x"))
    assert ROTATED.is_mac_of(RING.mac("p", "a"), "p", "a")


def test_mac_depends_on_purpose_and_part_boundaries() -> None:
    macs = {RING.mac("p", "a", "bc"), RING.mac("p", "ab", "c"), RING.mac("q", "a", "bc"),
            RING.mac("p", "abc")}  # fmt: skip
    assert len(macs) == 4


def test_keyring_in_a_missing_folder_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "keyring.json"
    with pytest.raises(PlaceUnusable) as refused, ring_file.changing(path):
        pass
    assert refused.value.facts["what"] == str(path.parent)


# --- passwords -------------------------------------------------------------------------------
PEPPER = Pepper(RING, CHEAP)
PASSWORD = Secret("otter pencil gravel monsoon")


def test_default_parameters_are_the_second_choice_of_rfc_9106() -> None:
    assert Parameters(65536, 3, 4) == DEFAULT


def test_only_the_hashed_password_verifies() -> None:
    stored = PEPPER.bound(1, run(PEPPER.hash(PASSWORD)))
    assert run(PEPPER.verify(1, stored, PASSWORD))
    assert not run(PEPPER.verify(1, stored, Secret("otter pencil gravel monsoom")))
    assert run(PEPPER.hash(PASSWORD)) != run(PEPPER.hash(PASSWORD))


def test_password_hash_of_another_account_does_not_verify() -> None:
    unbound = run(PEPPER.hash(PASSWORD))
    assert not run(PEPPER.verify(2, PEPPER.bound(1, unbound), PASSWORD))
    assert not run(PEPPER.verify(1, unbound, PASSWORD))
    assert not run(PEPPER.verify(1, unbound.replace("v1$", "v2$"), PASSWORD))


def test_hash_does_not_verify_under_another_pepper() -> None:
    other = Pepper(Keyring({"aa" * 8: NEW}), CHEAP)
    assert not run(other.verify(1, PEPPER.bound(1, run(PEPPER.hash(PASSWORD))), PASSWORD))


def test_missing_hash_costs_the_same_work() -> None:
    known, unknown = _work(run(PEPPER.hash(PASSWORD))), _work(None)
    assert [w.parameters for w in known] == [w.parameters for w in unknown]
    assert len(known) == 1


@pytest.mark.parametrize("cost", ["m=262145,t=1,p=1", "m=8,t=17,p=1", "m=136,t=1,p=17"])
def test_stored_hash_with_excessive_cost_is_not_computed(cost: str) -> None:
    """Otherwise an attacker with write access to the database could exhaust the memory."""
    stored = run(PEPPER.hash(PASSWORD))
    dearer = stored.replace("m=8,t=1,p=1", cost)
    assert dearer != stored
    with pytest.raises(ValueError, match="more than a hash may cost"):
        next(PEPPER.verify(1, dearer, PASSWORD))
    assert Parameters(262144, 16, 16).is_bearable


def _work(stored: str | None) -> list[Derivation]:
    done: list[Derivation] = []

    def counted() -> Hashing[bool]:
        verify = PEPPER.verify(1, stored, PASSWORD)
        work = next(verify)
        assert isinstance(work, Derivation)
        done.append(work)
        yield work
        return False

    run(counted())
    return done


def test_derivation_hides_the_password() -> None:
    work = _work(None)[0]
    assert "otter" not in repr(work)
    assert "otter" not in str(work)


@pytest.mark.parametrize(
    "password", ["passwordpassword", "qwertyuiopasdfgh", "letmeinletmeinletmein"]
)
def test_common_password_is_guessable(password: str) -> None:
    assert strength.is_guessable(password, [])


def test_password_made_of_the_context_is_guessable() -> None:
    assert strength.is_guessable("alice.example.org", ["alice.example.org"])
    assert not strength.is_guessable(PASSWORD.reveal(), ["alice"])


# --- tokens ----------------------------------------------------------------------------------
def test_random_values_are_long_and_unique() -> None:
    drawn = [tokens.token().reveal() for _ in range(1000)]
    assert len(set(drawn)) == 1000
    assert all(len(t) == 43 for t in drawn)
    assert len(tokens.totp_secret()) == 20
    assert len(tokens.first_run_token().reveal()) * 5 >= 80
    assert api_password.is_well_formed(tokens.new_api_password().reveal())
    assert len({c.reveal() for c in tokens.recovery_codes()}) == 8
