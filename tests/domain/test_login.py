"""The next step of a login for each set of proved factors."""

from __future__ import annotations

from itertools import combinations

import pytest

from watchword.domain.login import (
    MOST_FAILURES,
    Factor,
    Step,
    next_step,
)
from watchword.domain.mfa import Status

P, C, R = Factor.PASSWORD, Factor.CODE, Factor.RECOVERY_CODE
ASK, SHOW, CODE, DONE = Step.ASK_PASSWORD, Step.SHOW_SECRET, Step.ASK_CODE, Step.DONE

# Columns: MFA disabled, pending, active.
TABLE: dict[frozenset[Factor], tuple[Step, Step, Step]] = {
    frozenset(): (ASK, ASK, ASK),
    frozenset({C}): (ASK, ASK, ASK),
    frozenset({R}): (ASK, ASK, ASK),
    frozenset({C, R}): (ASK, ASK, ASK),
    frozenset({P}): (DONE, SHOW, CODE),
    frozenset({P, R}): (DONE, SHOW, DONE),
    frozenset({P, C}): (DONE, DONE, DONE),
    frozenset({P, C, R}): (DONE, DONE, DONE),
}
CELLS = [
    pytest.param(proved, status, step, id=f"{'+'.join(sorted(proved)) or 'nothing'}-{status}")
    for proved, steps in TABLE.items()
    for status, step in zip(
        (Status.DISABLED, Status.PENDING, Status.ACTIVE), steps, strict=True
    )
]  # fmt: skip


def test_table_contains_every_set_of_factors() -> None:
    every = {frozenset(s) for n in range(len(Factor) + 1) for s in combinations(Factor, n)}
    assert set(TABLE) == every


@pytest.mark.parametrize(("proved", "status", "step"), CELLS)
def test_next_step_is_that_of_the_table(
    proved: frozenset[Factor], status: Status, step: Step
) -> None:
    assert next_step(proved, status) is step


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("proved", TABLE)
def test_more_factors_keep_a_login_complete(proved: frozenset[Factor], status: Status) -> None:
    if next_step(proved, status) is Step.DONE:
        for more in Factor:
            assert next_step(proved | {more}, status) is Step.DONE


def test_attempt_ends_after_five_wrong_codes() -> None:
    assert MOST_FAILURES == 5
