"""Writes docs/reference/clients.md: what each client makes of each kind of username.

    .venv/bin/python -m tools.clients_reference

The table is that of tests/clients, where every cell of it is tried against a real server. A test
fails while the page there is another one.
"""

from __future__ import annotations

from pathlib import Path

from tests.clients.table import CLIENTS, Client, Name

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "clients.md"
HEAD = """\
# Clients of the Management API

Which programs have been tried, and how each is told name and password. Each cell is tried by a
test, with an account whose MFA is disabled, one where it is pending and one where it is active,
and with both credentials:

| | MFA disabled | MFA pending or active |
|---|---|---|
| regular password | let in | 401 |
| API password | let in | let in |

"works" means: exactly this table. Where a name is refused by the client, the request never
reaches the server.

"""
FOOT = """
## What to know

- A client that sends credentials only after the challenge makes two requests for each call. The
  first one is answered 401 and is no failed login.
- When a client refuses a name, or sends it in another alphabet, give it the header yourself:
  `Authorization: Basic`, and Base64 of `NAME:PASSWORD` in UTF-8.
- requests and aiohttp write a name in Latin-1 unless they are told otherwise. The server reads
  UTF-8 first and Latin-1 where that fails; a name with other letters cannot be written in it.
- In an address percent-encode both parts: a colon of the name is `%3A`. An address with a
  password ends up in histories and logs; prefer a header, or curl's `--netrc-file`.
- requests prefers the `.netrc` of the user over a header that the script gives. Where both exist,
  use `auth=`, or a session with `trust_env = False`.
- requests reads `REQUESTS_CA_BUNDLE` where a call gives no `verify=`. Point it at the server's CA
  (`/ca.crt`), or at a bundle that contains it.
- Encode credentials with `printf '%s' "$NAME:$PASSWORD" | base64 -w 0`. `echo` adds a newline,
  which becomes part of the password: the answer is 401, as for any wrong password. Only the
  account's owner sees the reason, on Overview and Your MFA Settings.
- A regular password is tried with each colon as the one between name and password, three at
  most. An API password holds no colon, so the last one is it.
"""


def row(client: Client) -> str:
    """One way to call, as a row of the table."""
    cells = [made.value for made in client.made]
    return "| " + " | ".join([client.program, client.how, *cells]) + " |"


def page() -> str:
    """The whole page."""
    kinds = {
        Name.PLAIN: "plain", Name.COLON: "with a colon", Name.LATIN_1: "letters of Latin-1",
        Name.BEYOND: "other letters",
    }  # fmt: skip
    names = [f"{kinds[name]}: `{name}`" for name in Name]
    head = "| " + " | ".join(["client", "how", *names]) + " |"
    rows = [head, "|---" * (2 + len(names)) + "|", *(row(client) for client in CLIENTS)]
    return HEAD + "\n".join(rows) + "\n" + FOOT


if __name__ == "__main__":
    PAGE.write_text(page())
