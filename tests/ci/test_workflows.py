"""The workflows that prove the notebook and ask the site: their steps, run over a small site."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from schemas import validator
from shell_steps import CALLPATH, ROOT, Ran, Runner, read_yaml

from callpath.notebook import read_notebook
from callpath.workspace import (
    Workspace,
    open_workspace,
)

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def job_of(name: str) -> dict[str, Any]:
    """The one job of a workflow."""
    (job,) = read_yaml(f".github/workflows/{name}.yml")["jobs"].values()
    assert isinstance(job, dict)
    return job


def triggers_of(name: str) -> dict[str, Any]:
    """What starts a workflow. YAML takes the key `on` for `true`."""
    triggers = read_yaml(f".github/workflows/{name}.yml")[True]
    assert isinstance(triggers, dict)
    return triggers


@pytest.fixture
def runner(tmp_path: Path, site: Workspace, repository: Path) -> Runner:
    """A runner in the site's folder, where `make` has nothing to do and kernel.org is near."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "make").symlink_to(shutil.which("true") or "/bin/true")
    (site.root / ".venv" / "bin").mkdir(parents=True)
    (site.root / ".venv" / "bin" / "callpath").symlink_to(CALLPATH)
    (tmp_path / "runner").mkdir()
    job = job_of("kernel")
    variables = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{repository.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": job["env"]["LINUX"],
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    return Runner(site.root, tmp_path / "runner", {}, variables | job["env"] | {"TAGS": "v3.7"})


def proved(runner: Runner) -> list[Ran]:
    return runner.run(job_of("kernel")["steps"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_it_is_valid(path: Path, tmp_path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    workflow["on"] = workflow.pop(True)
    validator("/github-workflow.json", tmp_path).validate(workflow)


def test_the_kernel_is_fetched_at_every_version_of_the_notebook() -> None:
    book = read_notebook(open_workspace(ROOT / "mkdocs.yml"))
    pins = {*(reference.pin for reference in book.references), *book.versions}
    tags = job_of("kernel")["env"]["TAGS"].split()
    assert tags == sorted({pin.version for pin in pins}, key=lambda tag: (len(tag), tag))


def test_the_notebook_is_proved_when_notes_or_program_change() -> None:
    paths = triggers_of("kernel")["push"]["paths"]
    assert {"notes/**", "plugins/**", "mkdocs.yml", ".github/workflows/kernel.yml"} == set(paths)


def test_a_true_notebook_is_proved_whole(runner: Runner) -> None:
    ran = proved(runner)
    assert [(each.status, each.out) for each in ran] == [(0, "")] * 6, ran
    assert "the lockfile is current" in ran[-1].said
    assert not (runner.at / ".cache" / "linux.git" / "objects" / "info" / "alternates").exists()
    (told,) = runner.run([{"run": ".venv/bin/callpath refs"}])
    statuses = {edge["status"] for edge in json.loads(told.out)["edges"]}
    assert statuses == {"proved"}
    runner.values["steps.linux.outputs.cache-hit"] = "true"  # the clone was kept
    assert [each.status for each in proved(runner)] == [0] * 5


def test_a_false_edge_fails(runner: Runner) -> None:
    note = runner.at / "notes" / "lamp.yml"
    text = note.read_text(encoding="utf-8").replace(
        "  - function: lamp_set", "  - function: lamp_init"
    )
    note.write_text(text, encoding="utf-8")
    ran = proved(runner)
    assert ran[-1].status == 1
    assert "::error file=notes/lamp.yml" in ran[-1].out


def test_online_is_asked_by_the_week_and_never_fails() -> None:
    ((schedule,), job) = (triggers_of("online")["schedule"], job_of("online"))
    *_, day = schedule["cron"].split()
    assert day.isdigit()
    assert "workflow_dispatch" in triggers_of("online")
    assert job["continue-on-error"] is True
    (check,) = (step for step in job["steps"] if "callpath check" in step.get("run", ""))
    assert check["continue-on-error"] is True


@pytest.mark.parametrize("broken", [False, True], ids=["no answer", "could not run"])
def test_online_reports(runner: Runner, tmp_path: Path, *, broken: bool) -> None:
    if shutil.which("jq") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("`jq` not found: install it")
    if broken:
        (runner.at / "notes" / "notes.lock").write_text("no lockfile\n", encoding="utf-8")
    ran = runner.run(job_of("online")["steps"])
    assert [each.status for each in ran] == [0, 2 if broken else 0, 0], ran
    summary = (tmp_path / "summary.md").read_text(encoding="utf-8")
    (upload,) = (s for s in job_of("online")["steps"] if "upload-artifact" in s.get("uses", ""))
    for name in upload["with"]["path"].split():
        assert (runner.at / name).is_file()
    if broken:
        assert "error: " in summary
    else:
        assert "0 files compared, 0 from cache, 3 unknown" in summary
        assert "- warning: notes/lamp.yml:" in summary
        assert "(unknown-answer)" in summary
        report = json.loads((runner.at / "online.sarif").read_text(encoding="utf-8"))
        assert len(report["runs"][0]["results"]) == 3
