"""The page of one application: its settings, "Try it", its last entries, and its actions."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from starlette.responses import Response

from watchword.domain.applications import Application
from watchword.domain.errors import (
    ChangedMeanwhile,
    Invalid,
    NoSuchAdministrator,
    ProofNeeded,
    Refusal,
)
from watchword.domain.gateway_decision import Outcome, Rule
from watchword.i18n import N_, _
from watchword.usecases.administrators.authorization import By
from watchword.usecases.applications import applications, script_access, trial
from watchword.usecases.applications.applications import Managed
from watchword.usecases.gateway import recipes
from watchword.usecases.gateway.recipes import Place, Proxy
from watchword.usecases.login import reauthentication
from watchword.web.console.applications import application_form
from watchword.web.console.applications.applications_table import who_may_enter
from watchword.web.console.frame import paths
from watchword.web.console.frame.client_names import client_name
from watchword.web.console.frame.flash import Notice, shortened
from watchword.web.console.frame.request_context import RequestContext

EDIT: Final = "edit"
"""Query parameter of the page with the form, which asks for re-authentication first."""
_TRIED: Final = {"account": "", "method": "GET", "path": "/"}
"""The fields of "Try it", and their first values."""


def by(context: RequestContext) -> By:
    """Return the acting administrator and session."""
    return By(context.actor, context.me.account, context.me)


def name(context: RequestContext) -> str:
    """Return the application's name from the path."""
    return unquote(context.request.path_params["name"])


async def show(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the page. The form can be sent only with a recent proof; the page needs none."""
    is_typed = "hosts" in context.form
    can_save = is_typed or reauthentication.is_recent(context.app, context.me)
    if EDIT in context.request.query_params and not can_save:
        raise ProofNeeded
    found = await context.in_thread(applications.by_name, context.app, context.actor, name(context))
    managed = found.managed
    one, at = managed.application, paths.of_application(managed.application.name)
    stored = application_form.values_of(managed)
    wanted = {field: context.request.query_params.get(field, "") for field in ("proxy", "upstream")}
    recipe, tried = "", None
    try:
        recipe, tried = _recipe(context, one, **wanted), await _tried(context, one.name)
    except (
        Invalid,
        NoSuchAdministrator,
    ) as problem:  # shown at its field; the rest of the page stays usable
        refusal = refusal or problem
    return context.draw(
        "application.html",
        _("Application %(name)s", name=one.name),
        refusal=refusal,
        name=one.name,
        at=at,
        hosts=one.hosts,
        who=who_may_enter(managed),
        is_enabled=one.is_enabled,
        can_save=can_save,
        edit_url=f"{at}?{EDIT}=yes",
        version=context.field(application_form.VERSION) or application_form.version_of(managed),
        values=application_form.typed(context) if is_typed else stored,
        entries=[(each, client_name(each.client)) for each in found.entries],
        tried=tried,
        script_name=context.field("username"),
        proxies=list(Proxy),
        recipe=recipe,
        recipe_for=wanted,
        asked={
            field: context.request.query_params.get(field) or default
            for field, default in _TRIED.items()
        },
    )


def _recipe(context: RequestContext, application: Application, proxy: str, upstream: str) -> str:
    """Return the recipe that was asked for, "" if none was. Raises Invalid."""
    if proxy not in list(Proxy):
        return ""
    place = Place(upstream.strip())
    return recipes.written(context.app.settings, application, Proxy(proxy), place)


async def _tried(context: RequestContext, application: str) -> str | None:
    """Return what "Try it" has found, as a sentence; None if it was not asked."""
    asked = context.request.query_params
    if "path" not in asked:
        return None
    decision = await context.in_thread(
        trial.decide,
        context.app,
        context.actor,
        application,
        asked.get("account", ""),
        asked.get("method", "") or "GET",
        asked["path"] or "/",
    )
    return f"{_(_OUTCOMES[decision.outcome])} {_(_RULES[decision.rule])}"


_OUTCOMES: Final = {
    Outcome.ALLOW: N_("The request reaches the application."),
    Outcome.LOGIN: N_("The browser is sent to the login."),
    Outcome.STEP_UP: N_("The browser is sent to the login for a stronger or newer proof."),
    Outcome.CHALLENGE: N_("The request is refused."),
    Outcome.DENY: N_("The request is refused."),
    Outcome.THROTTLED: N_("The request is refused."),
    Outcome.UNAVAILABLE: N_("The request is refused."),
}
_RULES: Final = {
    Rule.NO_APPLICATION: N_("Reason: the application is disabled."),
    Rule.UNREADABLE_REQUEST: N_("Reason: method or path cannot be read."),
    Rule.FOREIGN_HOST: N_("Reason: the host does not belong to the application."),
    Rule.RESERVED_PATH: N_("Reason: the gateway answers this path itself."),
    Rule.PUBLIC_PATH: N_("Reason: the path is public."),
    Rule.NO_CREDENTIAL: N_("Reason: no account is logged in."),
    Rule.AMBIGUOUS_CREDENTIAL: N_("Reason: there is more than one credential."),
    Rule.WRONG_CREDENTIAL: N_("Reason: the credential is wrong."),
    Rule.ACCOUNT_DISABLED: N_("Reason: the account is disabled."),
    Rule.API_PASSWORDS_NOT_ACCEPTED: N_("Reason: the application accepts no API passwords."),
    Rule.ADMINISTRATORS_API_PASSWORDS_NOT_ACCEPTED: N_(
        "Reason: the application accepts no API passwords of administrators."
    ),
    Rule.NOT_PERMITTED: N_("Reason: the account may not enter this application."),
    Rule.LEVEL_TOO_LOW: N_("Reason: the application needs MFA, and it is not active."),
    Rule.LOGIN_TOO_OLD: N_("Reason: the login is too old."),
    Rule.PERMITTED: N_("Reason: the account may enter this application."),
    Rule.TOO_MANY_FAILURES: N_("Reason: too many failed attempts."),
    Rule.NO_ANSWER: N_("Reason: the database does not answer."),
}


async def save(context: RequestContext) -> Response:
    """Save the form. Another administrator's change since the page was shown is not overwritten."""
    seen = context.field(application_form.VERSION)

    def changed(before: Managed) -> Managed:
        if application_form.version_of(before) != seen:
            raise ChangedMeanwhile
        return application_form.read(context, before.application)

    saved = await context.in_thread(
        applications.change, context.app, by(context), name(context), changed
    )
    return await _to_page(context, Notice.APPLICATION_SAVED, saved)


async def _to_page(context: RequestContext, notice: Notice, managed: Managed) -> Response:
    stored = managed.application.name
    return await context.redirect_with_notice(paths.of_application(stored), notice, stored)


async def enable(context: RequestContext) -> Response:
    """Enable a disabled application."""
    enabled = await context.in_thread(
        applications.set_enabled, context.app, by(context), name(context), is_enabled=True
    )
    return await _to_page(context, Notice.APPLICATION_ENABLED, enabled)


async def new_script_account(context: RequestContext) -> Response:
    """Create a script account that may enter, and show its API password once."""
    account, secret = await context.in_thread(
        script_access.create, context.app, by(context), name(context), context.field("username")
    )
    return context.draw(
        "script_account.html",
        _("API Password of %(name)s", name=shortened(account.username)),
        username=account.username,
        new_api_password=secret.reveal(),
        continue_url=paths.of_application(name(context)),
    )


BUTTONS: Final = {"enable": enable, "script-account": new_script_account}
"""The actions without a confirmation page, by the last segment of their path."""


async def disable(context: RequestContext) -> Response:
    """Disable an application, after its confirmation page."""
    disabled = await context.in_thread(
        applications.set_enabled, context.app, by(context), name(context), is_enabled=False
    )
    return await _to_page(context, Notice.APPLICATION_DISABLED, disabled)


async def delete(context: RequestContext) -> Response:
    """Delete an application, after its confirmation page."""
    await context.in_thread(applications.delete, context.app, by(context), name(context))
    return await context.redirect_with_notice(
        paths.APPLICATIONS, Notice.APPLICATION_DELETED, name(context)
    )


LABELS: Final = {"disable": N_("Disable Application"), "delete": N_("Delete")}
"""The labels of the actions with a confirmation page."""
CONFIRMED: Final = {"disable": disable, "delete": delete}
"""The actions with a confirmation page, by the last segment of their path."""


async def confirm(context: RequestContext, refusal: Refusal | None = None) -> Response:
    """Return the confirmation page: the consequences and the button."""
    if refusal is not None:
        return await show(context, refusal)
    if not reauthentication.is_recent(context.app, context.me):
        raise ProofNeeded
    found = await context.in_thread(applications.by_name, context.app, context.actor, name(context))
    act = context.request.scope["path"].rpartition("/")[2]
    one, label = found.managed.application, _(LABELS[act])
    return context.draw(
        "application_confirm.html",
        _("Confirm: %(act)s for %(name)s", act=label, name=one.name),
        act=act,
        label=label,
        name=one.name,
        action=context.request.scope["path"],
        cancel_url=paths.of_application(one.name),
        last_entered=found.entries[0].at if found.entries else None,
    )
