"""The action for sites: whole, documented, and its shell steps do what they say."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from schemas import validator
from shell_steps import CALLPATH, ROOT, Ran, Runner, read_yaml

from callpath.workspace import Workspace

ACTION: dict[str, Any] = read_yaml("action.yml")
INPUTS: dict[str, Any] = ACTION["inputs"]
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]

# Stands for pip: notes what it is asked for, and puts the command under test where pip would.
PIP = """\
import os, pathlib, sys
pathlib.Path(os.environ["PIP_LOG"]).write_text("\\n".join(sys.argv[1:]), encoding="utf-8")
pathlib.Path(sys.prefix, "bin", "callpath").symlink_to(os.environ["PIP_CALLPATH"])
"""

# Stands for Python where only the words matter: makes a copy of itself as an environment's Python.
PYTHON = """\
#!/bin/sh
if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; exit; fi
printf '%s\\n' "$@" > "$PIP_LOG"
"""


@pytest.fixture
def runner(tmp_path: Path, site: Workspace) -> Runner:
    """A runner in the site's folder."""
    (tmp_path / "stub" / "pip").mkdir(parents=True)
    (tmp_path / "stub" / "pip" / "__init__.py").touch()
    (tmp_path / "stub" / "pip" / "__main__.py").write_text(PIP, encoding="utf-8")
    (tmp_path / "runner").mkdir()
    variables = {
        "GITHUB_ACTION_PATH": str(ROOT),
        "PIP_CALLPATH": str(CALLPATH),
        "PIP_LOG": str(tmp_path / "pip.log"),
        "PYTHONPATH": str(tmp_path / "stub"),
    }
    values = {"steps.python.outputs.python-path": sys.executable}
    return Runner(site.root, tmp_path / "runner", values, variables)


def run_action(runner: Runner, *, install: bool = False, **given: str) -> dict[str, Ran]:
    """Run the action with these inputs (`_` for `-`): what its steps did, by their ids.

    Making an environment takes seconds, so most tests find one made, which is no more than a link.
    """
    programs = runner.temporary / "callpath" / "bin"
    if not install and not programs.exists():
        programs.mkdir(parents=True)
        (programs / "callpath").symlink_to(CALLPATH)
    inputs = {name: str(each["default"]) for name, each in INPUTS.items()}
    inputs |= {name.replace("_", "-"): value for name, value in given.items()}
    assert set(inputs) == set(INPUTS)
    runner.values |= {f"inputs.{name}": value for name, value in inputs.items()}
    steps = [step for step in STEPS if install or step.get("id") != "install"]
    return {ran.name: ran for ran in runner.run(steps)}


def checked(runner: Runner, **given: str) -> Ran:
    """What the check did, which comes last."""
    ran = run_action(runner, **given)
    assert list(ran)[-1] == "check", ran
    return ran["check"]


@pytest.fixture
def tree(tmp_path: Path) -> str:
    return f"tree:{tmp_path / 'linux'}"


def test_it_is_valid(tmp_path: Path) -> None:
    validator("/github-action.json", tmp_path).validate(ACTION)


def test_every_step_of_its_own_names_its_shell_and_every_other_a_fixed_version() -> None:
    for step in STEPS:
        if "run" in step:
            assert step["shell"] == "bash"
        else:
            assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])


def test_no_input_stands_in_a_script() -> None:
    assert not [step for step in STEPS if "${{" in step.get("run", "")]


def test_every_input_is_used_and_told() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(INPUTS)
    assert set(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE)) == set(INPUTS)
    for name, each in INPUTS.items():
        if each["default"]:
            assert f"| `{name}` | `{each['default']}` |" in page
        assert isinstance(each["default"], str)


def test_a_true_notebook_passes(runner: Runner, tree: str) -> None:
    ran = run_action(runner, install=True, source=tree)
    assert list(ran) == ["plan", "install", "check"]
    assert (ran["check"].status, ran["check"].out) == (0, ""), ran["check"].said


def test_a_fault_is_an_annotation_at_its_line(runner: Runner, tree: str) -> None:
    note = runner.at / "notes" / "lamp.yml"
    text = note.read_text(encoding="utf-8").replace("function: lamp_init", "function: lamp_int")
    note.write_text(text, encoding="utf-8")
    ran = checked(runner, source=tree)
    assert ran.status == 1
    line = text[: text.index("lamp_int")].count("\n") + 1
    assert f"::error file=notes/lamp.yml,line={line},col=15,title=undefined-symbol::" in ran.out


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("", str(ROOT)), ("0.1.0", "callpath==0.1.0"), ("$(x)", "callpath==$(x)")],
)
def test_it_installs_itself_or_the_version_that_is_asked_for(
    runner: Runner, tmp_path: Path, version: str, wanted: str
) -> None:
    (tmp_path / "python").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "python").chmod(0o755)
    runner.values["steps.python.outputs.python-path"] = str(tmp_path / "python")
    runner.values["inputs.version"] = version
    (ran,) = runner.run([step for step in STEPS if step.get("id") == "install"])
    assert ran.status == 0, ran.said
    assert (tmp_path / "pip.log").read_text(encoding="utf-8").splitlines()[-1] == wanted


def test_without_a_source_only_the_notes_are_checked(runner: Runner) -> None:
    (runner.at / "notes" / "notes.lock").unlink()
    ran = checked(runner, source="")
    assert ran.status == 1
    assert "title=not-locked::" in ran.out


def test_the_cache_is_fetched_kept_and_checked_against(runner: Runner) -> None:
    ran = run_action(runner)
    assert list(ran) == ["plan", "fetch", "check"]
    assert ran["fetch"].status == 0, ran["fetch"].said
    assert (ran["check"].status, ran["check"].out) == (0, ""), ran["check"].said
    (cache,) = (step for step in STEPS if step.get("uses", "").startswith("actions/cache@"))
    assert runner.holds(cache["if"])
    kept = runner.at / runner.expanded(cache["with"]["path"])
    assert list(kept.rglob("lamp.c"))


@pytest.mark.parametrize("spec", ["tree:/cache", "cache:elsewhere", ""])
def test_nothing_is_fetched_for_another_source(runner: Runner, spec: str) -> None:
    runner.values |= {"inputs.source": spec, "inputs.config": "", "inputs.online": "false"}
    runner.run([step for step in STEPS if step.get("id") == "plan"])
    (cache,) = (step for step in STEPS if step.get("uses", "").startswith("actions/cache@"))
    assert runner.holds(cache["if"]) == bool(spec)  # what a source said is kept
    assert runner.values["steps.plan.outputs.fetch"] == "false"


def test_the_cache_is_named_after_the_lockfile() -> None:
    (cache,) = (step for step in STEPS if step.get("uses", "").startswith("actions/cache@"))
    assert cache["with"]["key"].startswith("callpath-${{ hashFiles('**/notes.lock') }}-")
    first, *_ = cache["with"]["restore-keys"].splitlines()
    assert cache["with"]["key"].startswith(first)


def test_a_site_below_the_top_folder(runner: Runner, tmp_path: Path) -> None:
    folder, runner.at = runner.at.name, tmp_path
    ran = checked(runner, config=f"{folder}/mkdocs.yml")
    assert (ran.status, ran.out) == (0, "")
    assert runner.values["steps.plan.outputs.cache"] == f"{folder}/.cache/callpath"
    assert list((tmp_path / folder / ".cache" / "callpath").rglob("lamp.c"))


def test_paths_choose_whose_findings_are_told(runner: Runner, tree: str) -> None:
    notes = runner.at / "notes"
    broken = (notes / "fan.yml").read_text(encoding="utf-8").replace("fan_start", "fan_strat")
    (notes / "a fan.yml").write_text(broken, encoding="utf-8")
    assert checked(runner, source=tree, paths="notes/lamp.yml\nnotes/index.md\n").status == 0
    ran = checked(runner, source=tree, paths="notes/a fan.yml")
    assert ran.status == 1
    assert "file=notes/a fan.yml" in ran.out


def test_a_report_goes_into_its_file(runner: Runner, tree: str) -> None:
    ran = checked(runner, source=tree, format="sarif", report="callpath.sarif")
    assert (ran.status, ran.out) == (0, "")
    report = json.loads((runner.at / "callpath.sarif").read_text(encoding="utf-8"))
    assert report["runs"][0]["results"] == []


def test_online_no_answer_is_a_warning_unless_it_is_asked_to_fail(runner: Runner) -> None:
    ran = checked(runner, source="", online="true")
    assert ran.status == 0
    assert "::warning file=" in ran.out
    assert "title=unknown-answer::" in ran.out
    ran = checked(runner, source="", online="true", fail_unknown="true")
    assert ran.status == 1
    assert "::error file=" in ran.out


@pytest.mark.parametrize("name", ["source", "paths", "config", "format"])
@pytest.mark.parametrize("text", ['"; touch made; $(touch made) `touch made`', "--help"])
def test_an_input_is_never_a_command(runner: Runner, tree: str, name: str, text: str) -> None:
    ran = run_action(runner, **({"source": tree} | {name: text}))
    assert not list(runner.at.rglob("made"))
    assert list(ran) == ["plan", "check"]
    assert ran["check"].status == 2
