"""Finds command lines of `callpath` in shell scripts, YAML and prose, and asks click about them."""

import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import click
import yaml
from click.testing import CliRunner

from callpath.cli import main

_BEFORE = {"!", "do", "else", "if", "then", "while", "{"}
_SCRIPT_KEYS = {"run", "script", "before_script", "after_script", "entry"}
_MATRIX = re.compile(r"\$\{\{ matrix\.(\w+) \}\}")
_INLINE = re.compile(r"`((?:\.venv/bin/)?callpath(?: [^`\n]+)?)`")


def _commands(
    command: click.Command, words: tuple[str, ...]
) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(words), command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _commands(child, (*words, name))


COMMANDS = dict(_commands(main, ("callpath",)))
"""Every command, by the words that call it."""

OPTIONS = [
    (path, option)
    for path, command in COMMANDS.items()
    for parameter in command.params
    if isinstance(parameter, click.Option) and not parameter.hidden
    for option in (*parameter.opts, *parameter.secondary_opts)
]
"""Every option with the words that call its command."""


def callpath_lines(script: str) -> list[list[str]]:
    """The command lines of `callpath` in a shell script: their words after the program's name.

    Redirections are left out; variables stay as they are written.
    """
    lexer = shlex.shlex(_lines(script), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found: list[list[str]] = []
    for words in _simple_commands(lexer):
        while words and (words[0] in _BEFORE or re.match(r"\w+=", words[0])):
            words = words[1:]
        if words and words[0].rpartition("/")[2] == "callpath":
            found.append(words[1:])
    return found


def _lines(script: str) -> str:
    """A script with its continued lines joined, and a `;` where each line ends."""
    return script.replace("\\\n", " ").replace("\n", " ;\n")


def _simple_commands(lexer: Iterator[str]) -> Iterator[list[str]]:
    words: list[str] = []
    target = False  # whether the next word is what a redirection leads to
    for word in lexer:
        if re.fullmatch(r"[<>&|]*[<>][<>&|]*", word):
            if words and words[-1].isdigit():
                words.pop()
            target = True
        elif re.fullmatch(r"[;&|()]+", word):
            yield words
            words, target = [], False
        elif target:
            target = False
        else:
            words.append(word)
    yield words


def scripts_in(value: Any) -> Iterator[str]:
    """The shell scripts in the YAML of a CI service or of pre-commit."""
    if isinstance(value, dict):
        for key, child in value.items():
            if key in _SCRIPT_KEYS and isinstance(child, str | list):
                yield child if isinstance(child, str) else "\n".join(child)
            else:
                yield from scripts_in(child)
    elif isinstance(value, list):
        for child in value:
            yield from scripts_in(child)


def yaml_lines(text: str) -> list[list[str]]:
    """The command lines of `callpath` in a YAML file for a CI service or for pre-commit.

    What stands for a value of a matrix has the first one.
    """
    value = yaml.safe_load(text)
    first = {name: str(values[0]) for name, values in _matrix(value)}
    scripts = (_MATRIX.sub(lambda match: first[match[1]], script) for script in scripts_in(value))
    return [words for script in scripts for words in callpath_lines(script)]


def _matrix(value: Any) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(value, dict):
        yield from value.get("matrix", {}).items()
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from _matrix(child)


def inline_lines(text: str) -> list[list[str]]:
    """The command lines of `callpath` between backticks: their words after the program's name."""
    return [shlex.split(found)[1:] for found in _INLINE.findall(text)]


def refusal(words: Sequence[str]) -> str:
    """What click says against a command line; nothing when it would run it. Nothing is run."""
    kept = [(command, command.callback) for command in COMMANDS.values()]
    try:
        for command, _ in kept:
            command.callback = lambda **_: None
        done = CliRunner().invoke(main, list(words))
    finally:
        for command, callback in kept:
            command.callback = callback
    return "" if done.exit_code == 0 else done.output


def names_what_exists(words: Sequence[str]) -> bool:
    """Whether a command line names commands and options that exist, whatever their values."""
    path, command = "callpath", COMMANDS["callpath"]
    for word in words:
        name = word.strip("[]").partition("=")[0]
        if name.startswith("-"):
            if (path, name) not in OPTIONS and name not in ("--help", "--version"):
                return False
        elif isinstance(command, click.Group):
            if word in command.commands:
                path = f"{path} {word}"
                command = COMMANDS[path]
            elif not word.isupper() and "." not in word:
                return False
    return True
