"""`watchword gateway`: configuration of reverse proxies in front of applications."""

from __future__ import annotations

import click

from watchword.cli.installation import Installation, installation_options, operator
from watchword.i18n import N_

_PROXIES = ("nginx", "caddy")


@click.group(help=N_("The gateway: login and MFA in front of other applications."))
def gateway() -> None:
    """The gateway: login and MFA in front of other applications."""


@gateway.command(help=N_("Print the configuration of a reverse proxy in front of an application."))
@click.argument("proxy", type=click.Choice(_PROXIES))
@click.option("--application", required=True, metavar="NAME", help=N_("The application."))
@click.option(
    "--upstream", required=True, metavar="URL",
    help=N_("Where the application itself listens, such as http://127.0.0.1:3000."),
)  # fmt: skip
@click.option("--listen", default="", metavar="ADDRESS",
              help=N_("Where the proxy listens. Default: every address."))  # fmt: skip
@click.option("--certificate", default="", metavar="FILE", help=N_("Certificate of the host."))
@click.option("--key", default="", metavar="FILE", help=N_("Key of that certificate."))
@installation_options
def recipe(
    installation: Installation,
    proxy: str,
    application: str,
    upstream: str,
    listen: str,
    certificate: str,
    key: str,
) -> None:
    """Print the configuration of a reverse proxy in front of an application."""
    from watchword.server import running
    from watchword.usecases.gateway import recipes
    from watchword.usecases.gateway.recipes import Place, Proxy

    place = Place(upstream, listen, certificate, key)
    with installation.opened() as app:
        settings = running.current(app.settings)
        text = recipes.of(app, operator(), settings, application, Proxy(proxy), place)
        click.echo(text, nl=False)
