"""Every command and option of `callpath` is documented, and every command in the docs exists."""

import re
from pathlib import Path

import pytest
from markdown_pages import PAGES, ROOT, blocks, commands, text_of

from command_lines import (
    COMMANDS,
    OPTIONS,
    callpath_lines,
    inline_lines,
    names_what_exists,
    refusal,
    yaml_lines,
)

CLI_PAGE = ROOT / "docs" / "cli.md"
FILES = [
    *sorted((ROOT / ".github" / "workflows").glob("*.yml")),
    *sorted((ROOT / "docs").rglob("*.yml")),
    ROOT / ".pre-commit-config.yaml",
    ROOT / ".pre-commit-hooks.yaml",
    ROOT / "action.yml",
]
SPEAKING = sorted(
    [*PAGES, *FILES, *(ROOT / "plugins").rglob("*.py"), *(ROOT / "templates").rglob("*.html")]
)


def _section(path: str) -> str:
    """The part of docs/cli.md that is about a command."""
    found = re.search(
        rf"^#+ `{re.escape(path)}`\n(.*?)(?=^#+ |\Z)", text_of(CLI_PAGE), re.MULTILINE | re.DOTALL
    )
    assert found, f"docs/cli.md has no heading `{path}`"
    return found[1]


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_has_its_section(path: str) -> None:
    assert _section(path).strip()


@pytest.mark.parametrize(("path", "option"), OPTIONS, ids=lambda value: str(value))
def test_every_option_is_in_its_commands_section(path: str, option: str) -> None:
    assert re.search(rf"`{re.escape(option)}[` ]", _section(path))


def test_every_section_is_of_a_command_that_exists() -> None:
    named = re.findall(r"^#+ `(callpath[ a-z-]*)`$", text_of(CLI_PAGE), re.MULTILINE)
    assert set(named) == set(COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_would_be_run(page: Path) -> None:
    told = callpath_lines("\n".join(commands(page)))
    for block in blocks(page, "yaml"):
        told += yaml_lines(block.text)
    assert [answer for words in told if (answer := refusal(words))] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_command_of_ci_and_of_its_examples_would_be_run(path: Path) -> None:
    told = yaml_lines(path.read_text(encoding="utf-8"))
    told = [words for words in told if words[:1] != ["$@"]]  # tests/ci runs the action's
    assert [answer for words in told if (answer := refusal(words))] == []


def test_every_command_of_the_makefile_would_be_run() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    told = callpath_lines("\n".join(re.findall(r"^\t\$\(BIN\)/(callpath .*)$", text, re.M)))
    assert told
    assert [answer for words in told if (answer := refusal(words))] == []


def test_every_command_that_is_spoken_of_exists() -> None:
    told = [
        (path.relative_to(ROOT).as_posix(), words)
        for path in SPEAKING
        for words in inline_lines(path.read_text(encoding="utf-8"))
    ]
    assert len(told) > 50
    assert [found for found in told if not names_what_exists(found[1])] == []


@pytest.mark.parametrize(
    "words",
    [["chekc"], ["check", "--sorce", "x"], ["check", "--format", "xml"], ["lock"], ["schema", "x"]],
    ids=" ".join,
)
def test_what_does_not_exist_is_refused(words: list[str]) -> None:
    assert refusal(words)


def test_command_lines_are_found_in_scripts() -> None:
    script = """
        # callpath no
        pip install callpath && callpath lock --source a > out 2>&1
        if ! VERBOSE=1 .venv/bin/callpath check --source tree:x \\
          --format github; then "$HOME/bin/callpath" "$@"; fi
    """
    assert callpath_lines(script) == [
        ["lock", "--source", "a"],
        ["check", "--source", "tree:x", "--format", "github"],
        ["$@"],
    ]
