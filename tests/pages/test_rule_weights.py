"""The option `rules`, end to end: the command and the site's build weigh findings alike."""

import json

import pytest
from runs import callpath, run

# As a user writes it: `off` has no quotes, which YAML takes for `false`.
_CONFIG = """\
site_name: Small
theme: {{name: mkdocs, highlightjs: false}}
plugins:
  - search
  - callpath:
      pin: v3.7
      rules: {rules}
"""
_CLOCK_OPS = """\
  - struct: clock_ops
    file: drivers/clock/clock.h
    commentary: What a clock can do.
"""
_QUARTZ_OPS = "  - variable: quartz_ops\n    file: drivers/clock/quartz.c\n"


@pytest.fixture
def outdated(small):
    """The small site, whose lockfile lacks a step and holds another that is gone."""
    small.replace("docs/kvm/exit.yml", _CLOCK_OPS, _QUARTZ_OPS)
    return small


def _weigh(site, rules: str) -> None:
    site.write("mkdocs.yml", _CONFIG.format(rules=rules))


def _checked(site):
    """Status, and the rule and the severity of each finding."""
    done = callpath("check", "--format", "json", at=site.root)
    found = json.loads(done.out)["diagnostics"]
    return done.status, {(one["rule"], one["severity"]) for one in found}


def _build(site, *words: str):
    return run("mkdocs", "build", "-d", "site", *words, at=site.root)


def _rules_in(log: list[str]) -> set[str]:
    return {name for name in ("not-locked", "stale-lock") for line in log if f"[{name}]" in line}


@pytest.mark.parametrize(
    ("rules", "status", "found"),
    [
        ("{}", 1, {("not-locked", "error"), ("stale-lock", "error")}),
        ("{not-locked: warning, stale-lock: off}", 0, {("not-locked", "warning")}),
        ("{not-locked: off}", 1, {("stale-lock", "error")}),
        ("{not-locked: off, stale-lock: 'off'}", 0, set()),
    ],
)
def test_command_and_build_weigh_findings_alike(outdated, rules, status, found):
    _weigh(outdated, rules)
    assert _checked(outdated) == (status, found)
    done = _build(outdated)
    assert done.status == 0
    assert _rules_in(done.warnings) == {name for name, _ in found}
    assert len(done.warnings) == len(found)
    assert _build(outdated, "--strict").status == (1 if found else 0)


def test_a_warning_can_be_made_an_error(outdated):
    outdated.write("docs/notes.lock", "")
    (outdated.root / "docs/notes.lock").unlink()
    _weigh(outdated, "{not-locked: warning}")
    assert _checked(outdated) == (0, {("not-locked", "warning")})
    _weigh(outdated, "{not-locked: error}")
    assert _checked(outdated) == (1, {("not-locked", "error")})


def test_a_name_that_no_rule_has_is_found_at_its_place(outdated):
    _weigh(outdated, "{stale-lock: off, not-lokced: off}")
    done = callpath("check", at=outdated.root)
    assert done.status == 1
    assert "mkdocs.yml:7:32: error: unknown rule `not-lokced` [invalid-value]" in done.out
    assert "hint: did you mean `not-locked`?" in done.out
    assert "[not-locked]" in done.out
    assert "[stale-lock]" not in done.out


def test_a_name_that_no_rule_has_stops_the_build(outdated):
    _weigh(outdated, "{stale-lock: off, not-lokced: off}")
    done = _build(outdated)
    assert done.status == 1
    assert "Traceback" not in done.said
    assert "unknown rule `not-lokced` (hint: did you mean `not-locked`?)" in done.said


def test_a_wrong_setting_of_a_parent_file_is_found_in_that_file(small):
    small.write("base.yml", "plugins:\n  callpath:\n    pin: v3.7\n    rules: {nothing: off}\n")
    small.write("mkdocs.yml", "INHERIT: base.yml\nsite_name: Small\n")
    done = callpath("check", at=small.root)
    assert done.status == 1
    assert done.out.startswith("base.yml:4:13: error: unknown rule `nothing` [invalid-value]\n")
    small.write("mkdocs.yml", "INHERIT: base.yml\nplugins:\n  - callpath: {pin: v3.7}\n")
    assert callpath("check", at=small.root).status == 0


def test_a_wrong_pin_is_told_with_its_place(small):
    small.write("mkdocs.yml", "plugins:\n  - callpath: {pin: latest}\n")
    done = callpath("check", at=small.root)
    assert (done.status, done.out) == (2, "")
    assert "error: mkdocs.yml:2:21: `latest` is not a fixed version" in done.said
