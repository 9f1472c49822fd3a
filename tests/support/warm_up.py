"""Templates and statements compiled in advance, as in a process that has served for a while.

It runs once, before the processes of the tests are forked.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from tests.support.acts import BY_CLI, CLI, CONSOLE, Acts, page_of
from tests.support.installation import make_template, open_copy
from watchword.storage.audit_query import AuditFilter
from watchword.usecases.administrators import other_accounts
from watchword.usecases.api import api_password
from watchword.usecases.audit import audit_log
from watchword.usecases.sessions import sessions
from watchword.usecases.sessions.sessions import Principal
from watchword.web.console.frame import rendering


def compile_all() -> None:
    """Compile every template, and run the most frequent use-cases on SQLite."""
    templates = rendering.templates()
    for name in templates.list_templates():
        templates.get_template(name)
    with tempfile.TemporaryDirectory() as folder:
        here = open_copy(make_template(Path(folder) / "template", None), Path(folder) / "d", None)
        _use(Acts(here))
        here.close()


def _use(acts: Acts) -> None:
    acts.create("bob")
    _look_around(acts, acts.login())
    principal = acts.activate()
    acts.call_api(acts.generate_api_password(principal))
    acts.here.clock.advance(timedelta(minutes=2))
    _look_around(acts, acts.login())
    other_accounts.disable(acts.app, BY_CLI, "bob")
    other_accounts.delete(acts.app, BY_CLI, "bob")


def _look_around(acts: Acts, principal: Principal) -> None:
    app = acts.app
    page_of(app, principal)
    sessions.standing(app, CLI, principal.account)
    api_password.read(app, CLI, principal.account)
    api_password.refusals(app, CLI, principal.account)
    audit_log.page(app, CLI, AuditFilter(), 50)
    other_accounts.page(app, CLI)
    sessions.logout(app, CONSOLE, principal)
