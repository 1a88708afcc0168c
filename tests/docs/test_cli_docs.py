"""Every command and option of `callpath` is documented, and every command in the docs exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from callpath.cli import main
from markdown_pages import PAGES, ROOT, commands, text_of

CLI_PAGE = ROOT / "docs" / "cli.md"


def _commands(
    command: click.Command, words: tuple[str, ...]
) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(words), command
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            yield from _commands(child, (*words, name))


COMMANDS = dict(_commands(main, ("callpath",)))
OPTIONS = [
    (path, option)
    for path, command in COMMANDS.items()
    for parameter in command.params
    if isinstance(parameter, click.Option) and not parameter.hidden
    for option in (*parameter.opts, *parameter.secondary_opts)
]


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
def test_every_callpath_command_in_the_docs_can_be_parsed(page: Path) -> None:
    told = [shlex.split(command) for command in commands(page)]
    for words in (words[1:] for words in told if words[0] == "callpath"):
        assert _parses(words), f"`callpath {shlex.join(words)}` is no command line of callpath"


def _parses(words: list[str]) -> bool:
    """Whether a command line names a command, and only options that it has."""
    path, command = "callpath", COMMANDS["callpath"]
    for word in words:
        name = word.split("=")[0]
        if name.startswith("-"):
            if (path, name) not in OPTIONS and name not in ("--help", "--version"):
                return False
        elif isinstance(command, click.Group) and word in command.commands:
            path = f"{path} {word}"
            command = COMMANDS[path]
    return command is not COMMANDS["callpath"] or "--version" in words or "--help" in words
