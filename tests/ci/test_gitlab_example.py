"""The example for GitLab: valid, and its scripts do what a job of GitLab would do with them."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from junitparser import JUnitXml
from schemas import validator
from shell_steps import CALLPATH, read_yaml

from callpath.workspace import Workspace
from kernel import NOTES, lock_site, write_site, write_tree

JOBS: dict[str, dict[str, Any]] = read_yaml("docs/ci/gitlab-ci.yml")
NAMES = [name for name in JOBS if not name.startswith(".")]


def job_of(name: str) -> dict[str, Any]:
    """A job with what it extends."""
    job = JOBS[name]
    return JOBS[job["extends"]] | job


@pytest.fixture
def notes(tmp_path: Path, site: Workspace) -> Workspace:
    """The small site with its notes in `docs`, as the example supposes."""
    config = (site.root / "mkdocs.yml").read_text(encoding="utf-8")
    moved = write_site(
        tmp_path / "moved", config=config.replace("docs_dir: notes", "docs_dir: docs")
    )
    for path, text in NOTES.items():
        (moved.root / "docs" / path).parent.mkdir(parents=True, exist_ok=True)
        (moved.root / "docs" / path).write_text(text, encoding="utf-8")
    lock_site(moved, linux=write_tree(tmp_path / "other"))
    return moved


def run_job(name: str, at: Path, programs: Path) -> subprocess.CompletedProcess[str]:
    """Run the script of a job; `pip` does nothing, and Callpath is there already."""
    programs.mkdir()
    (programs / "callpath").symlink_to(CALLPATH)
    (programs / "pip").write_text('#!/bin/sh\n[ "$*" = "install --quiet callpath" ]\n', "utf-8")
    (programs / "pip").chmod(0o755)
    job = job_of(name)
    environment = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "HOME": str(at)}
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join([*job["before_script"], *job["script"]])],
        cwd=at,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_it_is_valid(tmp_path: Path) -> None:
    validator("/editor/schema/ci.json", tmp_path).validate(JOBS)


def test_a_push_and_a_schedule_have_a_job_each() -> None:
    said = {name: job_of(name)["rules"][0]["if"] for name in NAMES}
    assert said == {
        "callpath": '$CI_PIPELINE_SOURCE != "schedule"',
        "callpath-online": '$CI_PIPELINE_SOURCE == "schedule"',
    }
    assert job_of("callpath-online")["allow_failure"] is True
    assert "allow_failure" not in job_of("callpath")


@pytest.mark.parametrize("name", NAMES)
def test_a_true_notebook_passes(name: str, notes: Workspace, tmp_path: Path) -> None:
    job = job_of(name)
    done = run_job(name, notes.root, tmp_path / "programs")
    assert done.returncode == 0, done.stderr
    report = notes.root / job["artifacts"]["reports"]["junit"]
    suites = {suite.name: suite for suite in JUnitXml.fromfile(str(report))}
    assert {"docs/lamp.yml", "docs/fan.yml"} <= set(suites)
    assert not [suite for suite in suites.values() if suite.failures or suite.errors]
    assert job["artifacts"]["paths"] == [job["artifacts"]["reports"]["junit"]]
    assert [(notes.root / file).is_file() for file in job["cache"]["key"]["files"]] == [True]


def test_what_was_fetched_is_kept(notes: Workspace, tmp_path: Path) -> None:
    run_job("callpath", notes.root, tmp_path / "programs")
    kept = [notes.root / path for path in job_of("callpath")["cache"]["paths"]]
    assert [path for path in kept if list(path.rglob("lamp.c"))]


def test_a_fault_fails_and_is_in_the_report(notes: Workspace, tmp_path: Path) -> None:
    note = notes.root / "docs" / "fan.yml"
    note.write_text(note.read_text("utf-8").replace("function: fan_start", "function: fan_strat"))
    done = run_job("callpath", notes.root, tmp_path / "programs")
    assert done.returncode == 1
    suites = {suite.name: suite for suite in JUnitXml.fromfile(str(notes.root / "callpath.xml"))}
    assert suites["docs/fan.yml"].failures > 0
