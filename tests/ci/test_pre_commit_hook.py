"""The hook for sites, run by pre-commit itself out of a repository of its own. Asks no network.

pre-commit makes an environment and installs the repository into it. What the installation needs
beside the repository comes from the environment of the tests instead of from an index.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shell_steps import ROOT, read_yaml

from callpath.workspace import Workspace

(HOOK,) = read_yaml(".pre-commit-hooks.yaml")
PRE_COMMIT = Path(sys.executable).with_name("pre-commit")
NEEDED = (
    "plugins",
    "templates",
    ".pre-commit-hooks.yaml",
    "LICENSE",
    "README.md",
    "pyproject.toml",
)


def git(folder: Path, *words: str) -> None:
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "gc.auto=0")
    subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of what the hook is installed from."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in NEEDED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "hooks")
    return folder


def try_hook(hooks: Path, at: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What pre-commit does in a site's repository."""
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as: no isolation
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PRE_COMMIT_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path.endswith("-packages")),
    }
    return subprocess.run(
        [PRE_COMMIT, "try-repo", hooks, HOOK["id"], "--verbose", *words],
        cwd=at,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_the_manifest_is_valid() -> None:
    manifest = ROOT / ".pre-commit-hooks.yaml"
    done = subprocess.run(
        [PRE_COMMIT, "validate-manifest", manifest], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "path", ["docs/a.yml", "b.yaml", "docs/c.md", "d/notes.lock", "mkdocs.yml"]
)
def test_files_of_a_notebook_start_it(path: str) -> None:
    assert re.search(HOOK["files"], path)


@pytest.mark.parametrize("path", ["a.py", "yml", "docs/a.md.png", "lock/a.c"])
def test_other_files_do_not(path: str) -> None:
    assert not re.search(HOOK["files"], path)


def test_pre_commit_installs_and_runs_it(hooks: Path, site: Workspace, tmp_path: Path) -> None:
    (site.root / ".git").rmdir()
    git(site.root, "init", "-q")
    git(site.root, "add", "-A")
    done = try_hook(hooks, site.root, tmp_path / "home", "--all-files")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"callpath check\.+Passed", done.stdout)

    (site.root / "notes" / "notes.lock").unlink()
    git(site.root, "add", "-A")
    done = try_hook(hooks, site.root, tmp_path / "home", "--files", "notes/lamp.yml")
    assert done.returncode == 1
    assert "there is no lockfile `notes/notes.lock`" in done.stdout

    done = try_hook(hooks, site.root, tmp_path / "home", "--files", "nothing.py")
    assert done.returncode == 0
    assert "(no files to check)Skipped" in done.stdout
