"""The cache of a site: what is written is read again, and everything else counts as absent."""

import json
import os
from pathlib import Path

import pytest

from callpath.cache import Cache


def same(data: bytes) -> bytes:
    return data


def test_an_entry_is_read_as_it_was_written(tmp_path: Path) -> None:
    Cache(tmp_path / "a/cache").write("graphs/x", b"\0picture")
    assert Cache(tmp_path / "a/cache").read("graphs/x", same) == b"\0picture"
    assert Cache(tmp_path / "a/cache").read("graphs/y", same) is None
    assert list((tmp_path / "a/cache/drafts").iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"nonsense",
        b"\x1f\x8b\x08",
        b'{"a": 1}',
        b'{"a"',
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"a": []}',
        b'{"a": null}',
    ],
    ids=range(11),
)
def test_a_damaged_entry_is_absent(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "x.json").write_bytes(damage)
    read = Cache(tmp_path).read("x.json", lambda data: [7][json.loads(data)["a"]])
    assert read is None


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    assert [Cache(tmp_path).read(name, same) for name in ("fifo", "folder", "folder/x")] == [
        None
    ] * 3


def test_a_cache_without_a_folder_keeps_nothing() -> None:
    cache = Cache()
    cache.write("x", b"")
    cache.keep("x", b"")
    cache.prepare()
    assert cache.read("x", same) is None


def test_a_cache_that_cannot_be_written_to_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = Cache(tmp_path / "file/cache")
    cache.keep("x", b"")
    assert cache.read("x", same) is None
    with pytest.raises(OSError, match="file"):
        cache.write("x", b"")
    with pytest.raises(OSError, match="file"):
        cache.prepare()


def test_it_is_kept_out_of_version_control(tmp_path: Path) -> None:
    Cache(tmp_path).keep("x", b"")
    assert (tmp_path / ".gitignore").read_text().splitlines()[-1] == "*"
    (tmp_path / ".gitignore").write_text("mine\n")
    (tmp_path / "drafts" / "left").write_text("by a run that was killed")
    Cache(tmp_path).prepare()
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert list((tmp_path / "drafts").iterdir()) == []
