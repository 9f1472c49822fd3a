"""Refusals about applications. See errors.py."""

from __future__ import annotations

from watchword.domain.errors import OPERATOR, PERSON, SCRIPT, Refusal


class NoSuchApplication(Refusal):
    """No application has this name. Facts: `application`."""

    code = "no-such-application"
    audiences = PERSON | SCRIPT | OPERATOR


class ApplicationTaken(Refusal):
    """Another application has this name. Facts: `application`."""

    code = "application-taken"
    audiences = PERSON | SCRIPT | OPERATOR


class HostTaken(Refusal):
    """A host belongs to another application. Facts: `host`, `application`."""

    code = "host-taken"
    audiences = PERSON | SCRIPT | OPERATOR


class TooManyApplications(Refusal):
    """The server manages no more applications. Facts: `most`."""

    code = "too-many-applications"
    audiences = PERSON | SCRIPT | OPERATOR


class TicketOver(Refusal):
    """The ticket of a browser that came from an application has expired, or is not one of ours."""

    code = "ticket-over"
    audiences = PERSON
