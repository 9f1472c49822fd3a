"""Writes docs/reference/clients.md: the kinds of usernames that each client can send.

    .venv/bin/python -m tools.clients_reference

The table comes from tests/clients, which tests each cell against a real server. A test fails while
the page is out of date.
"""

from __future__ import annotations

from pathlib import Path

from tests.clients.table import CLIENTS, Client, Name

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "clients.md"
HEAD = """\
# Clients of the Management API

This page lists the tested programs and how to pass username and password to each. A test checks
every cell with three accounts, whose MFA is disabled, pending and active, and with both
credentials:

| | MFA disabled | MFA pending or active |
|---|---|---|
| regular password | accepted | 401 |
| API password | accepted | accepted |

After a new API password is generated, the old one can stay valid for some hours: [exchange it
without an outage](../how-to/exchange-an-api-password.md).

"works" means exactly this table. If the client refuses a username, no request reaches the server.

"""
FOOT = """
## What to know

- A client that sends credentials only after the challenge makes two requests for each call. The
  first one gets 401 and does not count as a failed login.
- If a client refuses a username or encodes it differently, set the header yourself: `Authorization:
  Basic` and the Base64 of `NAME:PASSWORD` in UTF-8.
- requests and aiohttp encode a username in Latin-1 by default. The server decodes UTF-8 first, and
  Latin-1 if that fails. Latin-1 cannot encode a username with other letters.
- In an address, percent-encode both parts: a colon in the username is `%3A`. Addresses with a
  password appear in histories and logs; prefer a header, or curl's `--netrc-file`.
- requests prefers the user's `.netrc` over a header that the script sets. If both exist, use
  `auth=`, or a session with `trust_env = False`.
- requests reads `REQUESTS_CA_BUNDLE` if a call has no `verify=`. Set it to the server's CA
  (`/ca.crt`), or to a bundle that contains it.
- Encode credentials with `printf '%s' "$NAME:$PASSWORD" | base64 -w 0`. `echo` adds a newline,
  which becomes part of the password: the response is 401, as for any wrong password. Only the
  account's owner sees the reason, on Overview and Your MFA Settings.
- With a regular password, the server splits the credentials at each colon in turn, at most three.
  An API password contains no colon, so the server splits before it.
"""


def row(client: Client) -> str:
    """Return one way to call, as a row of the table."""
    cells = [made.value for made in client.made]
    return "| " + " | ".join([client.program, client.how, *cells]) + " |"


def page() -> str:
    """Return the page."""
    kinds = {
        Name.PLAIN: "plain", Name.COLON: "with a colon", Name.LATIN_1: "Latin-1 letters",
        Name.BEYOND: "other letters",
    }  # fmt: skip
    names = [f"{kinds[name]}: `{name}`" for name in Name]
    head = "| " + " | ".join(["client", "how", *names]) + " |"
    rows = [head, "|---" * (2 + len(names)) + "|", *(row(client) for client in CLIENTS)]
    return HEAD + "\n".join(rows) + "\n" + FOOT


if __name__ == "__main__":
    PAGE.write_text(page())
