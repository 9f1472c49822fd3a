"""The commands in README.md and docs: a test types each block on a terminal."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import BLOCKS, PAGES, ROOT, Block, blocks_of
from tests.docs.stage import Stage
from tests.docs.test_security_pages import LINK
from tests.support import installation
from tests.support.acts import Acts
from tests.support.postgres import PostgresServer

LANGUAGES = {
    "sh",
    "python",
    "json",
    "toml",
    "ini",
    "text",
    "mermaid",
    "nginx",
    "caddyfile",
    "haproxy",
    "apache",
}
MARKS = {"needs", "exit", "fresh", "server", "on", "file"}
NEEDED = {"systemd", "certbot", "a-fresh-machine", "several-machines", "container-engine"}
MOST_NOT_RUN = 25
WITHOUT_ADMINISTRATOR = {"docs/tutorial/first-script.md"}
ALICE_IS_DISABLED = {"docs/how-to/locked-out-last-administrator.md"}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda b: b.place)
def test_every_block_has_a_language_and_parses(block: Block) -> None:
    assert block.language in LANGUAGES, f"{block.place}: add the language after ```"
    assert set(block.marks) <= MARKS
    read: dict[str, Callable[[str], object]] = {
        "json": json.loads, "toml": tomllib.loads, "python": ast.parse
    }  # fmt: skip
    if block.language in read:
        read[block.language](block.text)


def test_few_blocks_need_another_machine() -> None:
    needing = [block for block in BLOCKS if "needs" in block.marks]
    assert {block.marks["needs"] for block in needing} <= NEEDED
    assert len(needing) <= MOST_NOT_RUN
    assert len([block for block in BLOCKS if block.is_run]) > 2 * len(needing)


def test_every_fence_of_a_page_is_read() -> None:
    """A fence without its end would hide the following blocks from the tests."""
    for page in PAGES:
        assert page.read_text().count("```") == 2 * len(list(blocks_of(page))), page


@pytest.fixture
def stages(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[Block], Stage]]:
    """Start a machine for a page: alice, whose MFA is active, and carol."""
    opened: list[Stage] = []

    def set_up(block: Block) -> Stage:
        for old in opened:
            old.stop()
        page = str(block.page.relative_to(ROOT))
        folder = tmp_path / f"stage{len(opened)}"
        folder.mkdir()
        server: PostgresServer | None = None
        template = request.getfixturevalue("sqlite_template")
        if block.database == "postgresql":
            server = request.getfixturevalue("postgres_server")
            template = request.getfixturevalue("postgres_template")
        here = installation.open_copy(template, folder / "data", server)
        api_password = ""
        if page not in WITHOUT_ADMINISTRATOR:
            acts = Acts(here)
            acts.create("carol")
            acts.activate()
            api_password = acts.generate_api_password()
        here.app.close()
        environ = {}
        if server is not None:
            user = here.settings.database_url.partition("//")[2].partition("@")[0]
            environ = {"WATCHWORD_DATABASE_URL": here.settings.database_url,
                       "WATCHWORD_DATA_DIR": str(folder / "data"),
                       "PGHOST": str(server.folder), "PGUSER": user}  # fmt: skip
        opened.append(Stage(folder, api_password, environ))
        if page in ALICE_IS_DISABLED:
            assert opened[-1].served is not None
            opened[-1].served.cli("administrator", "disable", "alice")
        return opened[-1]

    yield set_up
    for stage in opened:
        stage.stop()


RUN = {
    f"{block.page.relative_to(ROOT)}, {block.database}": (block.page, block.database)
    for block in BLOCKS
    if block.is_run
}


@pytest.mark.parametrize("which", RUN)
def test_every_command_of_a_page_ends_with_its_exit_code(
    which: str, stages: Callable[[Block], Stage]
) -> None:
    """Blocks run in the order of the page; each ends with its `exit` code (default 0)."""
    page, database = RUN[which]
    stage: Stage | None = None
    for block in blocks_of(page):
        if "file" in block.marks and stage is not None:
            stage.write(block)
        if not block.is_run or block.database != database:
            continue
        if stage is None or "fresh" in block.marks:
            stage = stages(block)
        code, seen = stage.type(block)
        assert code == int(block.marks.get("exit", 0)), f"{block.place}\n{block.text}\n{seen}"
        assert stage.open_to_others() == [], block.place


def test_commands_that_are_not_run_set_a_strict_umask_for_copies() -> None:
    """The test above checks the modes that the other commands leave behind."""
    copying = re.compile(r"\btar\b.* -?-?c|\bpg_dump\b|\bscp\b(?! -p)")
    open_ = [b.place for b in BLOCKS if copying.search(b.text) and "umask 077" not in b.text]
    assert open_ == []


@pytest.mark.parametrize("database", ["postgresql"])
def test_copying_keys_to_another_node_leaves_no_archive(
    database: str, stages: Callable[[Block], Stage]
) -> None:
    page = ROOT / "docs" / "how-to" / "postgresql.md"
    blocks = [b for b in blocks_of(page) if re.search(r"\btar\b", b.text)]
    assert len([b for b in blocks if "tar -C" in b.text]) == 2
    assert len([b for b in blocks if re.search(r"^rm .*node\.tar\.gz", b.text, re.M)]) == 2
    stage = stages(blocks[0])
    for block in blocks:
        assert stage.type(block)[0] == 0
    assert list(stage.folder.glob("*.tar*")) == []


def test_file_readable_by_others_is_found(stages: Callable[[Block], Stage]) -> None:
    bad = Block(ROOT / "README.md", 1, "sh", {}, "echo secret > copy\n")
    stage = stages(bad)
    assert stage.type(bad)[0] == 0
    assert stage.open_to_others() == ["copy"]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_command_with_one_port_has_both(page: Path) -> None:
    """A server with only another console port would collide with the default API port."""
    text = page.read_text()
    for command in re.findall(r"WATCHWORD_CONSOLE=127[^`]*", text):
        assert "WATCHWORD_API=" in command, command
    for command in re.findall(r"ssh -L [^`]*", text):
        assert "-L 8470:" in command, command
        assert "-L 8474:" in command, command


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_of_a_page_has_a_target(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text()) if "//" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_index_links_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link).resolve() for link in LINK.findall(index.read_text())}
    pages = {page for page in PAGES if "docs" in page.parts and page != index}
    decisions = {page for page in pages if page.parent.name == "decisions"}
    assert pages - decisions <= linked
    assert (ROOT / "docs" / "decisions") in linked


def test_failing_command_is_found(stages: Callable[[Block], Stage]) -> None:
    bad = Block(ROOT / "README.md", 1, "sh", {}, "watchword mfa enable nobody\ntrue\n")
    code, seen = stages(bad).type(bad)
    assert (code, "nobody" in seen) == (1, True)
