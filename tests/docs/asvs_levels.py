"""The requirements of OWASP ASVS 5.0.0, levels 1 and 2, and the parser of our table.

Chapters 9, 10 and 17 are omitted: Watchword has no self-contained tokens, OAuth or WebRTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LEVEL_1 = """
1.2.1-5 1.3.1-2 1.5.1
2.1.1 2.2.1-2 2.3.1
3.2.1-2 3.3.1 3.4.1-2 3.5.1-3
4.1.1 4.4.1
5.2.1-2 5.3.1-2
6.1.1 6.2.1-8 6.3.1-2 6.4.1-2
7.2.1-4 7.4.1-2
8.1.1 8.2.1-2 8.3.1
11.3.1-2 11.4.1
12.1.1 12.2.1-2
13.4.1
14.2.1 14.3.1
15.1.1 15.2.1 15.3.1
"""
LEVEL_2 = """
1.1.1-2 1.2.6-9 1.3.3-11 1.4.1-3 1.5.2
2.1.2-3 2.2.3 2.3.2-4 2.4.1
3.3.2-4 3.4.3-6 3.5.4-5 3.7.1-2
4.1.2-3 4.2.1 4.3.1-2 4.4.2-4
5.1.1 5.2.3 5.4.1-3
6.1.2-3 6.2.9-12 6.3.3-4 6.4.3-4 6.5.1-5 6.6.1-3 6.8.1-4
7.1.1-3 7.3.1-2 7.4.3-5 7.5.1-2 7.6.1-2
8.1.2 8.2.3 8.4.1
11.1.1-2 11.2.1-3 11.3.3 11.4.2-4 11.5.1 11.6.1
12.1.2-3 12.3.1-4
13.1.1 13.2.1-5 13.3.1-2 13.4.2-5
14.1.1-2 14.2.2-4 14.3.2-3
15.1.2-3 15.2.2-3 15.3.2-7
16.1.1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3
"""
_NUMBER = re.compile(r"(\d+\.\d+\.)(\d+)(?:(?:-| to (?:\d+\.\d+\.)?)(\d+))?")


def numbers(text: str) -> Iterator[str]:
    """Yield every requirement that a text names: "1.2.3", "1.2.3-5", "1.2.3 to 1.2.5"."""
    for found in _NUMBER.finditer(text):
        section, first, last = found.groups()
        yield from (f"{section}{n}" for n in range(int(first), int(last or first) + 1))


LEVELS: dict[str, int] = {
    **dict.fromkeys(numbers(LEVEL_1), 1),
    **dict.fromkeys(numbers(LEVEL_2), 2),
}
