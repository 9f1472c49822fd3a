"""Return targets: the console page to open after a login.

A target comes from the client. Only a path of this console passes: anything that a browser could
read as another host, another scheme or a second redirect becomes the first page.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote

from watchword.domain.accounts import username_problems

_MOST_TARGET: Final = 4096
"""Characters. The ticket of a browser that comes from an application has up to 3,400 of them."""
_ESCAPE: Final = r"%(?:[2-689A-Fa-f][0-9A-Fa-f]|7[0-9A-Ea-e])"
_FIELD: Final = rf"(?!to=)[a-z_]+=(?:[A-Za-z0-9_.~+-]|{_ESCAPE})*"
_QUERY: Final = rf"(?:\?{_FIELD}(?:&{_FIELD})*)?"
_PLAIN_PAGE: Final = re.compile(
    rf"/(?:[A-Za-z0-9_-]+(?:/\.*[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*{_QUERY})?"
)
"""A path of plain segments and a query without `to`, which would name another target."""
_UNESCAPED: Final = re.compile(r"[:@!$&'()*,;=+]")
"""The characters that RFC 3986, section 3.3, allows in a path besides the plain ones."""
_LONE_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PAGE_OF_A_NAME: Final = re.compile(
    rf"/[a-z-]+/((?:[A-Za-z0-9_.~-]|{_ESCAPE})+)(?:/[a-z-]+)?{_QUERY}"
)
"""The page of one account, or a page below it. The percent-encoded name may contain any character of a username,
including a slash, but no control character, and it is never only dots.
"""


def safe_return_target(target: str) -> str:
    """Return the target if it is a page of this console, else "/".

    Escapes are kept as the client sent them. Encoding them again could name another account.
    """
    is_ours = len(target) <= _MOST_TARGET and (
        _PLAIN_PAGE.fullmatch(target) or _is_page_of_a_name(target)
    )
    return target if is_ours else "/"


def return_target(asked: str) -> str:
    """Return a requested address as a safe target: path and query, else the path, else "/".

    Clients send characters such as "@", ":" and "," unescaped. They are escaped here, which does
    not change their meaning, so `safe_return_target` accepts nothing more than without this step.
    """
    path, _mark, query = asked.partition("?")
    path = _UNESCAPED.sub(lambda found: f"%{ord(found[0]):02X}", path)
    fields = "&".join(_escaped(field) for field in query.split("&") if field)
    whole = f"{path}?{fields}" if fields else path
    return whole if safe_return_target(whole) == whole else safe_return_target(path)


def _escaped(field: str) -> str:
    name, _equals, value = _LONE_PERCENT.sub("%25", field).partition("=")
    return f"{name}={quote(value, safe='%+', errors='replace')}"


def _is_page_of_a_name(target: str) -> bool:
    found = _PAGE_OF_A_NAME.fullmatch(target)
    if found is None:
        return False
    try:
        name = unquote(found.group(1), errors="strict")
    except UnicodeDecodeError:
        return False
    return not username_problems(name)
