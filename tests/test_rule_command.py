"""`callpath rule`: one rule as the documentation has it, all of them as a list, either as JSON."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callpath.cli import main
from callpath.rules import RULES

PAGE = Path(__file__).parents[1] / "docs" / "rules.md"


def rule(*words: str) -> Result:
    return CliRunner().invoke(main, ["rule", *words])


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_told_as_the_page_of_the_rules_tells_it(name: str) -> None:
    done = rule(name)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"# {name}\n")
    assert f"\n#{done.stdout}" in PAGE.read_text(encoding="utf-8")
    for part in ("severity", "what", "why", "example"):
        assert getattr(RULES[name], part) in done.stdout


@pytest.mark.parametrize("words", [(), ("--all",)])
def test_all_rules_are_told_a_line_each(words: tuple[str, ...]) -> None:
    lines = rule(*words).stdout.splitlines()
    told = [line.split(maxsplit=2) for line in lines]
    assert told == [[one.name, one.severity.value, one.what] for one in RULES.values()]
    assert len({line.index(one.what) for line, one in zip(lines, RULES.values(), strict=True)}) == 1


def test_it_needs_no_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert rule("not-locked").exit_code == 0


@pytest.mark.parametrize("words", [(), ("--all",), ("wrong-kind",)])
def test_json_has_the_same(words: tuple[str, ...]) -> None:
    told = json.loads(rule("--format", "json", *words).stdout)
    asked = [RULES["wrong-kind"]] if "wrong-kind" in words else list(RULES.values())
    parts = ("name", "severity", "what", "why", "example")
    expected = [{part: str(getattr(one, part)) for part in parts} for one in asked]
    assert told == {"schema": 1, "rules": expected}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("not-lockd",), "error: unknown rule `not-lockd`\nhint: did you mean `not-locked`?\n"),
        (("xyzzy",), "error: unknown rule `xyzzy`\nhint: `callpath rule` lists the rules\n"),
        (
            ("not-locked", "--all"),
            "error: both `not-locked` and `--all` are given\nhint: name one rule, or list all\n",
        ),
    ],
)
def test_what_cannot_be_told_ends_with_2(words: tuple[str, ...], said: str) -> None:
    done = rule(*words)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", said)
