"""One tree as a directory, a repository and an archive, made once for all tests."""

from pathlib import Path

import pytest
from made_sources import FILES, LINKS, commit_all, run_git, write_archive, write_tree


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = write_tree(tmp_path_factory.mktemp("repository"))
    run_git(directory, "init", "--quiet", "--initial-branch=main")
    run_git(directory, "config", "uploadpack.allowFilter", "true")
    run_git(directory, "config", "uploadpack.allowAnySHA1InWant", "true")
    commit_all(directory, "v3.7", "v3.7-rc1")
    (directory / "lamp" / "lamp.h").write_bytes(b"int lamp_on(int level);\n")
    commit_all(directory)
    run_git(directory, "tag", "--annotate", "--message=annotated", "v3.8")
    return directory


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_archive(tmp_path_factory.mktemp("archive") / "x.tar.xz", "xz", FILES | LINKS)
