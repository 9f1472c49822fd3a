"""Takes a picture of every page: light and dark, wide and narrow.

    .venv/bin/python tools/pictures.py [FOLDER [WORD...]]

The pages are those of the table that the tests go through (tests/support/pages.py), of real
servers, in a real browser; with words only those whose names hold one of them. Look at them
before a change of pages is called done.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support import browser
from tests.support.pages import SCREENS, TABLE
from tests.support.stage import Stage, Stages


def take(stage: Stage, folder: Path, name: str) -> None:
    """Picture the page that the stage is at in every light and width."""
    for width, scheme in SCREENS:
        stage.page.set_viewport_size({"width": width, "height": 900})
        stage.page.emulate_media(color_scheme=scheme)
        stage.page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", full_page=True)


def main(folder: Path, words: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, browser.running() as chromium:
        stages = Stages(Path(data), chromium)
        try:
            for number, (name, (kind, _status, reach)) in enumerate(TABLE.items(), 1):
                if words and not any(word in name for word in words):
                    continue
                stage = stages[kind]
                # Without motion: a picture in the middle of a transition shows neither scheme.
                stage.curtain(reduced_motion="reduce")
                reach(stage)
                take(stage, folder, f"{number:02d}-" + re.sub(r"[^a-z]+", "-", name.casefold()))
                stage.seen.context.close()
        finally:
            stages.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"), sys.argv[2:])
