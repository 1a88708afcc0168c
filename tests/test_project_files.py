"""The files around the program: Makefile, set-up, workflows, lock of the dependencies."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

# What stands in the way of a set-up, as a module that Python imports at its start.
OLD = "import sys\nsys.version_info = (3, 9, 2, 'final', 0)\n"
NO_VENV = "import sys\nsys.modules['ensurepip'] = None\n"


def make(
    *words: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run make in the repository, with nothing of an outer make."""
    outer = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "PYTHON", "VENV", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(
        ["make", *words],
        cwd=ROOT,
        env=kept | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def setup_says(tmp_path: Path, *words: str, environment: dict[str, str] | None = None) -> str:
    """The one line that a set-up which cannot be says."""
    done = make("setup", f"VENV={tmp_path / 'venv'}", *words, environment=environment)
    assert done.returncode != 0
    assert not (tmp_path / "venv").exists()
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1, done.stderr
    return said[0]


def stub(folder: Path, name: str, obstacle: str) -> Path:
    """A Python that an obstacle stands in the way of."""
    (folder / "obstacle").mkdir(parents=True)
    (folder / "obstacle" / "sitecustomize.py").write_text(obstacle, encoding="utf-8")
    program = folder / name
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{folder}/obstacle" exec "{sys.executable}" "$@"\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


def test_a_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    said = setup_says(tmp_path, f"PYTHON={stub(tmp_path / 'bin', 'python3', NO_VENV)}")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"apt install python{version}-venv" in said
    assert "dnf install" in said
    assert "brew install" in said


def test_an_old_python_is_told_what_to_install(tmp_path: Path) -> None:
    said = setup_says(tmp_path, f"PYTHON={stub(tmp_path / 'bin', 'python3', OLD)}")
    assert "is Python 3.9 and 3.11 or newer is needed" in said


def test_a_python_that_does_not_exist_is_named(tmp_path: Path) -> None:
    said = setup_says(tmp_path, "PYTHON=no-such-python")
    assert "no Python runs as `no-such-python`" in said


def test_without_any_python_the_set_up_says_so(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "make"):
        (tools / name).symlink_to(next(_on_path(name)))
    said = setup_says(tmp_path, environment={"PATH": str(tools)})
    assert "no Python runs as `python3`" in said
    assert "apt install python3 python3-venv" in said


def test_a_python_with_venv_is_taken_before_one_without(tmp_path: Path) -> None:
    """A `python3` that is whole is taken before a `python3.13` without venv."""
    folder = tmp_path / "bin"
    stub(folder, "python3.13", NO_VENV)
    for name in ("python3.12", "python3.11", "python3.14", "python3"):
        (folder / name).write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    environment = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    assert "`python3.13` cannot make" in setup_says(tmp_path, environment=environment)
    (folder / "python3").write_text(
        '#!/bin/sh\n[ "$1" = -c ] && echo "ready 3.11" && exit 0\necho "asked: $*" >&2; exit 7\n',
        encoding="utf-8",
    )
    done = make("setup", f"VENV={tmp_path / 'venv'}", environment=environment)
    assert f"asked: -m venv --clear {tmp_path / 'venv'}" in done.stderr


def _on_path(name: str) -> Iterator[Path]:
    for folder in os.environ["PATH"].split(os.pathsep):
        if (Path(folder) / name).is_file():
            yield Path(folder) / name


def test_make_alone_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    listed = [line.split()[1] for line in make().stdout.splitlines()]
    assert sorted(listed) == sorted(phony[1].split())


@pytest.mark.parametrize("program", ["scripts/setup", ".ci/run"])
def test_scripts_can_be_run_and_parsed(program: str) -> None:
    path = ROOT / program
    shell = path.read_text(encoding="utf-8").splitlines()[0].rpartition("/")[2].split()[-1]
    assert os.access(path, os.X_OK)
    assert subprocess.run([shell, "-n", path], check=False).returncode == 0


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_are_whole(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["runs-on"] == "ubuntu-latest"
        assert job["timeout-minutes"] <= 90
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step)
            assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "a/b@v1"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_run_targets_of_the_makefile(path: Path) -> None:
    targets = {line.split()[1] for line in make().stdout.splitlines()}
    called = re.findall(r"run: make (\w+)", path.read_text(encoding="utf-8"))
    assert called
    assert set(called) <= targets


def test_the_tests_workflow_runs_every_supported_python() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    supported = [
        entry.rpartition(" ")[2]
        for entry in project()["classifiers"]
        if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", entry)
    ]
    assert workflow["jobs"]["python"]["strategy"]["matrix"]["python"] == supported
    assert project()["requires-python"] == f">={supported[0]}"


def test_pre_commit_hooks_run_what_check_runs() -> None:
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (repository,) = yaml.safe_load(text)["repos"]
    assert repository["repo"] == "local"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for hook in repository["hooks"]:
        program = hook["entry"].split()[0]
        assert program.startswith(".venv/bin/")
        assert f"$(BIN)/{program.removeprefix('.venv/bin/')}" in makefile


def project() -> dict[str, Any]:
    """The `project` table of pyproject.toml."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        table: dict[str, Any] = tomllib.load(file)
    whole: dict[str, Any] = table["project"] | table["dependency-groups"]
    return whole


def wanted() -> list[Requirement]:
    """Every direct dependency: of the program, of its extras, of its developers."""
    table = project()
    texts = [*table["dependencies"], *table["serve"], *table["dev"]]
    for extra in table["optional-dependencies"].values():
        texts.extend(extra)
    return [Requirement(text) for text in texts]


def entries(lock: str = "requirements.lock") -> list[str]:
    """The entries of a lock; a package may have several, for different Pythons."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    return re.split(r"\n(?=\w)", text.strip())


def test_every_dependency_is_locked_at_versions_that_are_allowed() -> None:
    versions: dict[str, list[str]] = {}
    for entry in entries():
        name, _, version = entry.split()[0].partition("==")
        versions.setdefault(canonicalize_name(name), []).append(version)
    for requirement in wanted():
        found = versions.get(canonicalize_name(requirement.name), [])
        assert found, f"`{requirement.name}` is not in requirements.lock: run `make lock`"
        assert all(version in requirement.specifier for version in found), requirement


def test_what_serve_installs_is_a_part_of_the_lock_and_all_that_the_site_needs() -> None:
    found = set(entries("requirements-serve.lock"))
    assert found < set(entries())
    names = {canonicalize_name(entry.partition("==")[0]) for entry in found}
    texts = [*project()["dependencies"], *project()["serve"]]
    assert {canonicalize_name(Requirement(text).name) for text in texts} <= names
    assert "pytest" not in names


def test_the_lock_has_a_hash_for_every_package_and_names_no_host() -> None:
    assert all("--hash=sha256:" in entry for entry in entries())
    assert not [entry for entry in entries() if "://" in entry or "--index" in entry]


def checkers() -> tuple[dict[str, str], dict[str, Any]]:
    """What the tests take from npm, and the packages of the lock by their place."""
    folder = ROOT / "tests" / "web"
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    packages: dict[str, Any] = lock["packages"]
    return wanted["devDependencies"], packages


def test_the_lock_of_the_checkers_has_hashes_and_names_no_host() -> None:
    wanted, packages = checkers()
    assert packages.pop("")["devDependencies"] == wanted
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    for place, package in packages.items():
        assert package["integrity"].startswith("sha512-"), place
        assert "resolved" not in package, place
        assert "latest" not in package.get("dependencies", {}).values(), place


def test_the_checkers_run_on_debians_node() -> None:
    """Debian 12 has Node.js 18."""
    wanted, packages = checkers()
    for name in wanted:
        lowest = re.match(r">=(\d+)", packages[f"node_modules/{name}"]["engines"]["node"])
        assert lowest, name
        assert int(lowest[1]) <= 18, name


def test_every_direct_dependency_is_explained() -> None:
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    names = {each.name for each in wanted()} | checkers()[0].keys()
    assert {name for name in names if f"`{name}`" not in text} == set()


def test_the_licences_are_said() -> None:
    code = (ROOT / "LICENSE").read_text(encoding="utf-8")
    notes = (ROOT / "LICENSE-NOTES.md").read_text(encoding="utf-8")
    assert code.startswith("MIT License")
    assert "https://creativecommons.org/licenses/by-sa/4.0/" in notes
