"""The GitHub report, read back by the rules that the runner documents for workflow commands."""

from dataclasses import dataclass

import pytest
from hypothesis import given as examples
from made_findings import ERROR, FILE, HOSTILE_TEXTS, USUAL, WARNING, given, spoilt

from callpath import rules
from callpath.findings import Location
from callpath.reports.machine import github_report
from callpath.reports.text import visible


@dataclass
class Command:
    name: str
    properties: dict[str, str]
    data: str


def _unescaped(text: str, *more: tuple[str, str]) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), *more, ("%25", "%")):
        text = text.replace(escape, character)
    return text


def _commands(report: str) -> list[Command]:
    """What a runner understands.

    A line is a command when it starts with `::`; name and properties end at the next `::`;
    properties are parted by `,` and have their name before the first `=`. Escapes in the data are
    `%0D`, `%0A`, `%25`; in a property also `%3A` and `%2C`.
    """
    found = []
    for line in report.replace("\r", "\n").split("\n"):
        if not line.strip().startswith("::"):
            assert not line
            continue
        head, separator, data = line.strip()[2:].partition("::")
        assert separator
        name, _, told = head.partition(" ")
        properties = dict(one.split("=", 1) for one in told.split(",") if one)
        more = (("%3A", ":"), ("%2C", ","))
        properties = {key: _unescaped(value, *more) for key, value in properties.items()}
        found.append(Command(name, properties, _unescaped(data)))
    return found


def test_a_finding_is_a_command_on_one_line():
    assert github_report(given(ERROR)) == (
        "::error file=notes/kvm/init.yml,line=4,col=11,title=defined-elsewhere"
        "::`arch/x86/kvm/kvm_svm.c` does not define `svm_init`%0Ahint: write `arch/x86/kvm/svm.c`\n"
    )


def test_a_warning_is_a_warning():
    (command,) = _commands(github_report(given(WARNING)))
    assert (command.name, command.data) == ("warning", WARNING.message)


def test_the_order_is_kept():
    told = _commands(github_report(given(*USUAL)))
    assert [command.properties["title"] for command in told] == [found.rule for found in USUAL]


def test_nothing_to_tell_is_no_command():
    assert github_report(given()) == ""


@pytest.mark.parametrize("name", ["a,b", "c:d", "50%", "%2C", "初始化", "a b", "x=y", "a::b"])
def test_a_path_comes_back(name):
    found = rules.UNKNOWN_KEY.at(Location(f"notes/{name}.yml", 2, 3), "message")
    (command,) = _commands(github_report(given(found, prefix="site/")))
    assert command.properties["file"] == f"site/notes/{name}.yml"


@examples(HOSTILE_TEXTS)
def test_hostile_text_neither_adds_nor_changes_a_command(text):
    first, second = _commands(github_report(spoilt(text)))
    hint = f"\nhint: {visible(text)}" if text else ""
    assert first.name == "error"
    assert list(first.properties) == ["file", "line", "col", "title"]
    assert (first.properties["line"], first.properties["col"]) == ("1", "2")
    assert first.properties["title"] == "unknown-key"
    assert first.data.strip() == (visible(text) + hint).strip()
    assert second.data == WARNING.message
    assert second.properties["file"] != FILE
