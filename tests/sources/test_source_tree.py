"""Directories: what only a file system has."""

import os
from pathlib import Path

import pytest
from made_sources import MAKEFILE, PIN

from callpath.findings import SourceError
from callpath.model import Pin
from callpath.sources.base import (
    FileText,
    Missing,
    ReadResult,
    Unreadable,
)
from callpath.sources.spec import open_source, parse_spec
from callpath.sources.tree import TreeSource


def read(root: Path, path: str) -> ReadResult:
    with open_source(parse_spec(f"tree:{root}"), PIN) as source:
        (result,) = source.read([path])
    return result


def test_a_fifo_never_blocks(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.c")
    assert read(tmp_path, "pipe.c") == Unreadable("pipe.c", "is not a regular file")
    with open_source(parse_spec(f"tree:{tmp_path}"), PIN) as source:
        assert source.paths() == ()
        assert source.find_words(["a"]) == {"a": ()}


def test_a_link_to_a_device_leaves_the_tree(tmp_path: Path) -> None:
    (tmp_path / "zero.c").symlink_to("/dev/zero")
    assert read(tmp_path, "zero.c") == Unreadable("zero.c", "is a link out of the tree")


def test_an_absolute_link_into_the_tree_is_followed(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.c").write_bytes(b"int a;\n")
    (tmp_path / "sub" / "b.c").symlink_to(tmp_path / "a.c")
    result = read(tmp_path, "sub/b.c")
    assert isinstance(result, FileText)
    assert result.data == b"int a;\n"


def test_a_tree_behind_a_link_is_opened(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.c").write_bytes(b"int a;\n")
    (tmp_path / "link").symlink_to("real")
    assert isinstance(read(tmp_path / "link", "a.c"), FileText)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.c").open("wb") as file:
        file.truncate(1 << 40)
    assert read(tmp_path, "huge.c") == Unreadable("huge.c", "is larger than 8 MiB")
    with open_source(parse_spec(f"tree:{tmp_path}"), PIN) as source:
        assert source.find_words(["a"]) == {"a": ()}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "secret.c").write_bytes(b"int a;\n")
    (tmp_path / "secret.c").chmod(0)
    assert read(tmp_path, "secret.c") == Unreadable(
        "secret.c", "may not be read (permission denied)"
    )


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), "may not be read (permission denied)"),
        (OSError(5, "Input/output error"), "cannot be read (input/output error)"),
    ],
)
def test_errors_of_the_system_are_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str
) -> None:
    (tmp_path / "a.c").write_bytes(b"int a;\n")

    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr("callpath.sources.tree.os.lstat", fail)
    (result,) = TreeSource(parse_spec(f"tree:{tmp_path}"), PIN).read(["a.c"])
    assert result == Unreadable("a.c", reason)


def test_a_file_in_no_directory_is_missing(tmp_path: Path) -> None:
    assert read(tmp_path, "a/b/c.c") == Missing("a/b/c.c")


def test_the_git_directory_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / ".git" / "refs").mkdir(parents=True)
    (tmp_path / ".git" / "refs" / "fix.c").write_bytes(b"0000\n")
    with open_source(parse_spec(f"tree:{tmp_path}"), PIN) as source:
        assert source.paths() == ()


def test_another_version_is_told_and_not_refused(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_bytes(MAKEFILE.replace(b"LEVEL = 7", b"LEVEL = 8"))
    with open_source(parse_spec(f"tree:{tmp_path}"), PIN) as source:
        assert source.version() == "v3.8"
    with open_source(parse_spec(f"tree:{tmp_path}"), Pin("qemu", "v8.2.0")) as source:
        assert source.version() is None


def test_a_tree_without_makefile_has_no_version(tmp_path: Path) -> None:
    with open_source(parse_spec(f"tree:{tmp_path}"), PIN) as source:
        assert source.version() is None


def test_no_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"there is no directory `.*gone`"):
        open_source(parse_spec(f"tree:{tmp_path}/gone"), PIN)
    (tmp_path / "x.tar").write_bytes(b"")
    with pytest.raises(SourceError, match="is a file, not a directory") as caught:
        open_source(parse_spec(f"tree:{tmp_path}/x.tar"), PIN)
    assert "archive:" in caught.value.hint
