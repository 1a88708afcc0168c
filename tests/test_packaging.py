"""The wheel as a user installs it: what it holds, and that it works without this repository."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

SITE = """\
site_name: Notes
theme: {name: material, font: false}
plugins: [search, callpath: {pin: v3.7}]
"""
NOTE = """\
title: KVM
steps:
  - function: svm_init
    file: arch/x86/kvm/svm.c
    commentary: It calls `kvm_init()` and does nothing else.
    steps:
      - function: kvm_init
        file: virt/kvm/kvm_main.c
"""


def run(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    """What a command prints; with its messages as the failure when it fails."""
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("PYTHONPATH", None)
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel, the wheel built from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def installed(distributions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the wheel, and nothing else, is installed in."""
    target = tmp_path_factory.mktemp("installed")
    (wheel,) = distributions.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    run(*pip, "--target", target, wheel, cwd=target)
    return target


def files_below(folder: Path) -> set[str]:
    """The files of a folder that are not made by running it, relative to it."""
    return {
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_the_wheel_holds_the_package_and_the_templates_and_nothing_else(
    distributions: Path,
) -> None:
    (wheel,) = distributions.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    held = {name for name in names if ".dist-info/" not in name}
    package = {f"callpath/{name}" for name in files_below(ROOT / "plugins" / "callpath")}
    templates = {f"callpath/templates/{name}" for name in files_below(ROOT / "templates")}
    assert templates
    assert held == package | templates
    assert "callpath/py.typed" in held


def test_the_wheel_registers_the_plugin_and_the_command(distributions: Path) -> None:
    (wheel,) = distributions.glob("*.whl")
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith("/entry_points.txt"))
    text = archive.read(name).decode()
    assert "[mkdocs.plugins]\ncallpath = callpath.plugin:CallpathPlugin" in text
    assert "[console_scripts]\ncallpath = callpath.cli:main" in text


def test_the_sdist_holds_the_licence_and_no_note(distributions: Path) -> None:
    (sdist,) = distributions.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml"} <= names
    assert not {name for name in names if name.startswith("notes/")}


def test_the_installed_command_runs(installed: Path) -> None:
    program = installed / "bin" / "callpath"
    printed = run(sys.executable, program, "--version", cwd=installed, path=installed)
    assert "0.1.0" in printed


def test_a_site_of_ones_own_builds_with_the_installed_wheel(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "docs" / "kvm").mkdir(parents=True)
    (tmp_path / "mkdocs.yml").write_text(SITE, encoding="utf-8")
    (tmp_path / "docs" / "index.md").write_text("# Notes\n", encoding="utf-8")
    (tmp_path / "docs" / "kvm" / "init.yml").write_text(NOTE, encoding="utf-8")

    where = "import callpath; print(callpath.__file__)"
    assert run(sys.executable, "-c", where, cwd=tmp_path, path=installed).startswith(str(installed))
    run(sys.executable, "-m", "mkdocs", "build", cwd=tmp_path, path=installed)

    page = (tmp_path / "site" / "kvm" / "init" / "index.html").read_text(encoding="utf-8")
    assert "svm_init" in page
    assert not (tmp_path / "site" / "kvm" / "init.yml").exists()
