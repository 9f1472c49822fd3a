"""Form validation errors, at the top of a form and next to its fields."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from watchword.domain.application_errors import ApplicationTaken, HostTaken
from watchword.domain.errors import (
    CodeDrifted,
    CodeMalformed,
    CodeUnavailable,
    CodeWrong,
    EnrolmentCodeMalformed,
    EnrolmentCodeWrong,
    Invalid,
    ProofFailed,
    RecoveryCodeMalformed,
    RecoveryCodeWrong,
    Refusal,
    UsernameTaken,
)
from watchword.web.http import field_messages
from watchword.web.http.refusal_messages import answer_for


class FieldError(Struct, frozen=True):
    """One sentence, and its field (None: the whole form)."""

    field: str | None
    message: str


_FIELDS: Mapping[type[Refusal], str] = {
    CodeMalformed: "totp_code",
    CodeUnavailable: "totp_code",
    CodeWrong: "totp_code",
    CodeDrifted: "totp_code",
    EnrolmentCodeMalformed: "enrolment_code",
    EnrolmentCodeWrong: "enrolment_code",
    ProofFailed: "proof_password",
    RecoveryCodeMalformed: "recovery_code",
    RecoveryCodeWrong: "recovery_code",
    UsernameTaken: "username",
    ApplicationTaken: "name",
    HostTaken: "hosts",
}


def of(refusal: Refusal) -> tuple[FieldError, ...]:
    """Return the errors of a refusal."""
    if isinstance(refusal, Invalid):
        return tuple(
            FieldError(p.field or None, field_messages.sentence(p)) for p in refusal.problems
        )
    return (FieldError(_FIELDS.get(type(refusal)), answer_for(refusal).sentence),)
