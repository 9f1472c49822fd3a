"""Takes a screenshot of every page in many looks: dark, on a phone, printed, ...

    .venv/bin/python tools/pictures.py [--into FOLDER] [--as LOOK,LOOK|all] [--in de] [WORD...]

The pages are those of tests/support/pages.py, on real servers in a real browser. With words, only
pages whose names contain one of them. The looks are the keys of LOOKS. Check the screenshots before
you land a change of a page.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support import browser
from tests.support.pages import TABLE
from tests.support.stage import Stage, Stages
from watchword import i18n


@dataclass(frozen=True)
class Look:
    """A way to show a page: width in pixels, media of the browser, or a text browser's command."""

    width: int = 1180
    media: dict[str, Any] = field(default_factory=dict)
    text: str = "100%"
    direction: str = "ltr"
    script: bool = True
    program: tuple[str, ...] = ()


DARK, FORCED, PRINT = {"color_scheme": "dark"}, {"forced_colors": "active"}, {"media": "print"}
LOOKS = {
    "light": Look(),
    "dark": Look(media=DARK),
    "390": Look(390),
    "390-dark": Look(390, DARK),
    "320": Look(320),
    "768": Look(768),
    "forced": Look(media=FORCED),
    "forced-dark": Look(media=FORCED | DARK),
    "large": Look(text="200%"),
    "large-390": Look(390, text="200%"),
    "rtl": Look(direction="rtl"),
    "rtl-390": Look(390, direction="rtl"),
    "print": Look(718, PRINT),  # A4 without its margins
    "no-script": Look(script=False),
    "w3m": Look(script=False, program=("w3m", "-dump", "-T", "text/html")),
    "lynx": Look(script=False, program=("lynx", "-dump", "-force_html", "-stdin")),
}
USUAL = "light,dark,390,390-dark,320"
PLAIN_MEDIA = {"color_scheme": "light", "forced_colors": "none", "media": "screen"}
TURN = """([size, direction]) => {
  document.documentElement.style.fontSize = size;
  document.documentElement.dir = direction;
}"""


def take(stage: Stage, look: Look, path: Path) -> None:
    """Take a screenshot of the current page of the stage."""
    if look.program:
        page = stage.page.content().encode()
        dumped = subprocess.run(look.program, input=page, capture_output=True, check=True)
        path.with_suffix(".txt").write_bytes(dumped.stdout)
        return
    stage.page.set_viewport_size({"width": look.width, "height": 900})
    stage.page.emulate_media(**(PLAIN_MEDIA | look.media))
    stage.page.evaluate(TURN, [look.text, look.direction])
    stage.page.screenshot(path=path.with_suffix(".png"), full_page=True)


def take_all(
    stages: Stages, names: Iterable[str], looks: list[str], folder: Path, language: str
) -> None:
    """Take each page in each look; the browser runs with and without scripts as the looks need."""
    numbers = {name: number for number, name in enumerate(TABLE, 1)}
    for name in names:
        kind, _status, reach = TABLE[name]
        file = f"{numbers[name]:02d}-" + re.sub(r"[^a-z]+", "-", name.casefold())
        for script in (True, False):
            wanted = [look for look in looks if LOOKS[look].script is script]
            if not wanted:
                continue
            stage = stages[kind]
            # A screenshot during a transition would show neither color scheme.
            stage.new_browser(reduced_motion="reduce", java_script_enabled=script, locale=language)
            with i18n.using(language):
                reach(stage)
            for look in wanted:
                take(stage, LOOKS[look], folder / f"{file}-{look}")
            stage.seen.context.close()


def main() -> None:
    asked = argparse.ArgumentParser(description="Take a screenshot of every page.")
    asked.add_argument("--into", type=Path, default=Path("pictures"), metavar="FOLDER")
    asked.add_argument("--as", dest="looks", default=USUAL, metavar="LOOKS",
                       help=f"of {', '.join(LOOKS)}; or all (default: {USUAL})")  # fmt: skip
    asked.add_argument("--in", dest="language", default=i18n.SOURCE, choices=i18n.LANGUAGES,
                       help="the language of the pages")  # fmt: skip
    asked.add_argument("words", nargs="*", metavar="WORD")
    given = asked.parse_args()
    looks = list(LOOKS) if given.looks == "all" else given.looks.split(",")
    names = [n for n in TABLE if not given.words or any(word in n for word in given.words)]
    given.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, browser.running() as chromium:
        stages = Stages(Path(data), chromium)
        try:
            take_all(stages, names, looks, given.into, given.language)
        finally:
            stages.close()


if __name__ == "__main__":
    main()
