"""Names of downloaded files, in characters that every operating system accepts."""

from __future__ import annotations

import re
from typing import Final

_MOST_CHARACTERS: Final = 60
"""Of each part. File systems accept names of 255 bytes."""
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]")


def file_name(*parts: str, ending: str) -> str:
    """Return a file name of the parts; each character that is not safe becomes an underscore."""
    safe = (_UNSAFE.sub("_", part)[:_MOST_CHARACTERS] for part in parts if part)
    return f"{'-'.join(safe)}.{ending}"
