"""`watchword doctor`: health checks of the installation."""

from __future__ import annotations

import click

from watchword import i18n
from watchword.cli import progress
from watchword.cli.installation import Installation, installation_options
from watchword.cli.terminal import show_json
from watchword.i18n import N_


@click.command(
    help=N_("Check the installation; nothing is changed. Exit codes: 0 all checks passed, 1 there "
           "is a problem, 2 there are only warnings (or the command has a usage error).")
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help=N_("Print JSON, for monitoring."))
@installation_options
@click.pass_context
def doctor(context: click.Context, installation: Installation, as_json: bool) -> None:
    """Check the installation; nothing is changed."""
    from watchword.bootstrap import SystemClock
    from watchword.cli.doctor_messages import sentence
    from watchword.domain.health_checks import Level, worst
    from watchword.server import running
    from watchword.server.endpoint_checks import examine_interfaces
    from watchword.usecases.operations.data_checks import examine_data
    from watchword.usecases.operations.file_checks import examine_files

    loaded = installation.settings()
    settings = loaded.settings
    now = SystemClock().now()
    with progress.shown(progress.checked) as show:
        of_data = examine_data(settings, now, show)
    findings = [
        *of_data,
        *examine_files(settings, loaded.files),
        *examine_interfaces(running.current(settings), now),
    ]
    status = worst(findings)
    if as_json:
        with i18n.using(i18n.SOURCE):
            checks = [
                {"name": f.check, "level": f.level.value, "code": f.name, "message": sentence(f)}
                for f in findings
            ]
        show_json({"status": status.value, "checks": checks})
    else:
        for f in findings:
            click.echo(f"{f.level.value:<8} {f.check:<18} {sentence(f)}")
    context.exit({Level.OK: 0, Level.PROBLEM: 1, Level.WARNING: 2}[status])
