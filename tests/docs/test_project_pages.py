"""The project's own pages: links that lead somewhere, a Chinese twin, commands that exist."""

import re
import shlex
from pathlib import Path
from urllib.parse import unquote

import pytest
from markdown_pages import PAGES, ROOT, anchors, commands, headings, links, text_of

from callpath.site.exports.files import EXPORTS
from callpath.site.templates import ASSETS

README, CHINESE = ROOT / "README.md", ROOT / "README.zh.md"
TARGETS = set(
    re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
)
PLUGINS = ROOT / "plugins"
PACKAGES = sorted(front.parent for front in PLUGINS.rglob("__init__.py"))
MOST_MODULES = 16
UNDIVIDED = {"callpath"}  # those that have more, still
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    broken = [target for target in links(page) if not _leads_somewhere(page, target)]
    assert not broken


def _leads_somewhere(page: Path, target: str) -> bool:
    if re.match(r"[a-z]+:", target):
        return True
    path, _, anchor = target.partition("#")
    other = (page.parent / unquote(path)).resolve() if path else page
    if not anchor or other.suffix != ".md":
        return other.exists()
    return other.exists() and unquote(anchor) in anchors(other)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_command_is_a_target(page: Path) -> None:
    called = [shlex.split(command) for command in commands(page) if command.startswith("make ")]
    named = {word for words in called for word in words[1:] if "=" not in word}
    assert named <= TARGETS


def test_the_readmes_two_commands_are_targets_and_one_is_what_ci_runs() -> None:
    first = [command for command in commands(README) if command.startswith("make ")][:2]
    assert first == ["make serve", "make test"]
    assert CI.rstrip().endswith("exec make test")


def test_the_chinese_readme_has_the_same_shape() -> None:
    assert [level for level, _ in headings(CHINESE)] == [level for level, _ in headings(README)]


def test_the_chinese_readme_has_the_same_commands() -> None:
    assert commands(CHINESE) == commands(README)


def test_the_readmes_link_to_each_other() -> None:
    assert "README.zh.md" in links(README)
    assert "README.md" in links(CHINESE)


def test_every_page_in_docs_is_linked_from_the_readme() -> None:
    pages = {page.relative_to(ROOT).as_posix() for page in PAGES if page.parent != ROOT}
    assert pages <= set(links(README))
    assert pages <= set(links(CHINESE))


def test_every_package_and_module_stands_in_the_architecture() -> None:
    text = text_of(ROOT / "docs" / "architecture.md")
    package = ROOT / "plugins" / "callpath"
    parts = {
        path.name if path.is_file() else f"{path.name}/"
        for path in package.iterdir()
        if not path.name.startswith(("_", ".")) and (path.is_dir() or path.suffix == ".py")
    }
    assert {part for part in parts if f"  {part} " not in text} == set()


def test_every_module_that_the_architecture_names_exists() -> None:
    package = ROOT / "plugins" / "callpath"
    rooms = {path.name for path in package.iterdir() if (path / "__init__.py").is_file()}
    named = re.findall(r"`([a-z_]+)\.([a-z_]+)[`.]", text_of(ROOT / "docs" / "architecture.md"))
    modules = {(room, module) for room, module in named if room in rooms and module not in ENDINGS}
    assert modules
    assert {each for each in modules if not _is_there(package, *each)} == set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda each: each.relative_to(PLUGINS).as_posix())
def test_no_package_has_more_modules_than_one_idea_needs(package: Path) -> None:
    modules = {path.name for path in package.glob("*.py")} - {"__init__.py"}
    is_large = package.relative_to(PLUGINS).as_posix() in UNDIVIDED
    assert (len(modules) > MOST_MODULES) is is_large, "divide it into packages, each of one idea"


ENDINGS = {"eras", "html", "lock", "md", "yml"}
"""What looks like a module of a room but is the end of a file's name: `notes.lock`."""


def _is_there(package: Path, room: str, module: str) -> bool:
    """Whether a room has that module or package, or its front page that name."""
    front = (package / room / "__init__.py").read_text(encoding="utf-8")
    is_package = (package / room / module / "__init__.py").is_file()
    is_module = (package / room / f"{module}.py").is_file()
    return is_package or is_module or f"import {module}" in front


def test_every_file_for_other_programs_is_in_the_table_of_outputs() -> None:
    text = text_of(ROOT / "docs" / "outputs.md")
    files = [each.path for each in EXPORTS if not each.path.startswith(ASSETS)]
    assert files
    assert [file for file in files if f"| `{file}` |" not in text] == []
