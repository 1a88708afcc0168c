"""Archives: packings, order, links, damage and bombs."""

import io
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from made_sources import FILES, LINKS, PIN, run_git, write_archive

from callpath.findings import SourceError
from callpath.sources.base import (
    FileText,
    Missing,
    ReadResult,
    Unreadable,
)
from callpath.sources.spec import open_source, parse_spec

SMALL: dict[str, bytes | str] = {"a.c": b"int a;\n", "sub/b.c": b"int b;\n"}


def read(file: Path, *paths: str) -> list[ReadResult]:
    with open_source(parse_spec(f"archive:{file}"), PIN) as source:
        return list(source.read(paths))


def data_of(result: ReadResult) -> bytes:
    assert isinstance(result, FileText)
    return result.data


@pytest.mark.parametrize("mode", ["", "gz", "bz2", "xz", "zst"])
def test_every_packing_is_read_whatever_its_name(tmp_path: Path, mode: str) -> None:
    file = write_archive(tmp_path / "source-code", mode, SMALL)
    assert data_of(read(file, "sub/b.c")[0]) == b"int b;\n"


@pytest.mark.parametrize("top", ["linux-3.7/", "./linux-source-3.7/", "x/"])
def test_the_top_directory_is_stripped(tmp_path: Path, top: str) -> None:
    file = write_archive(tmp_path / "a.tar", "", SMALL, top)
    assert read(file, "a.c", f"{top}a.c".removeprefix("./"))[1] == Missing(
        f"{top}a.c".removeprefix("./")
    )
    assert data_of(read(file, "a.c")[0]) == b"int a;\n"


def test_an_archive_made_by_git_is_read(repository: Path, tmp_path: Path) -> None:
    run_git(repository, "archive", "--prefix=x/", f"--output={tmp_path}/x.tar.gz", "v3.7")
    assert data_of(read(tmp_path / "x.tar.gz", "lamp/lamp.h")[0]) == FILES["lamp/lamp.h"]


def test_more_than_one_top_directory_is_an_error(tmp_path: Path) -> None:
    file = write_archive(tmp_path / "a.tar", "", SMALL, "")
    with pytest.raises(SourceError, match=r"no single top-level directory") as caught:
        read(file, "gone.c")
    assert "--prefix" in caught.value.hint


def test_a_pass_ends_when_all_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_archive(tmp_path / "a.tar", "", {"a.c": b"a", "b.c": b"b", "c.c": b"c"})
    seen = watch(monkeypatch)
    with open_source(parse_spec(f"archive:{file}"), PIN) as source:
        seen.clear()
        list(source.read(["a.c", "b.c"]))
        assert seen == ["x-3.7/a.c", "x-3.7/b.c"]
        seen.clear()
        list(source.read(["b.c", "a.c"]))
        assert seen == []
        list(source.read(["gone.c"]))
        assert len(seen) == 3
        seen.clear()
        list(source.read(["gone.c", "lost.c", "../x"]))
        assert source.paths() == ("a.c", "b.c", "c.c")
        assert seen == []


def watch(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the members that are passed from now on."""
    seen: list[str] = []
    original = tarfile.TarFile.next

    def step(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
        header = original(archive)
        if header is not None and (not seen or seen[-1] != header.name):
            seen.append(header.name)
        return header

    monkeypatch.setattr(tarfile.TarFile, "next", step)
    return seen


def test_what_a_search_found_needs_no_other_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_archive(tmp_path / "a.tar", "", SMALL)
    with open_source(parse_spec(f"archive:{file}"), PIN) as source:
        assert source.find_words(["b"]) == {"b": ("sub/b.c",)}
        seen = watch(monkeypatch)
        assert data_of(next(iter(source.read(["sub/b.c"])))) == b"int b;\n"
        assert seen == []


def test_links_may_come_before_and_after_what_they_name(tmp_path: Path) -> None:
    names: dict[str, bytes | str] = {
        "1.c": "2.c",
        "2.c": b"int a;\n",
        "3.c": "1.c",
        "d/4.c": "../3.c",
    }
    file = write_archive(tmp_path / "a.tar", "", names)
    assert [data_of(result) for result in read(file, "1.c", "3.c", "d/4.c")] == [b"int a;\n"] * 3


def test_hard_links_devices_and_empty_directories(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind, target in (
            ("x/empty", tarfile.DIRTYPE, ""),
            ("x/pipe.c", tarfile.FIFOTYPE, ""),
            ("x/d/hard.c", tarfile.LNKTYPE, "x/a.c"),
            ("x/wild.c", tarfile.LNKTYPE, "/etc/passwd"),
            ("x/../../evil.c", tarfile.REGTYPE, ""),
        ):
            header = tarfile.TarInfo(name)
            header.type, header.linkname = kind, target
            archive.addfile(header)
        header = tarfile.TarInfo("x/a.c")
        header.size = 7
        archive.addfile(header, io.BytesIO(b"int a;\n"))
    results = read(tmp_path / "a.tar", "d/hard.c", "empty", "evil.c", "pipe.c", "wild.c")
    assert data_of(results[0]) == b"int a;\n"
    assert results[1:] == [
        Unreadable("empty", "is a directory"),
        Missing("evil.c"),
        Unreadable("pipe.c", "is not a regular file"),
        Unreadable("wild.c", "is a link out of the tree"),
    ]


def test_a_bomb_is_not_unpacked_into_memory(tmp_path: Path) -> None:
    size = 300 * 1024 * 1024
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", compresslevel=1) as archive:
        header = tarfile.TarInfo("x/bomb.c")
        header.size = size
        with (tmp_path / "zeros").open("w+b") as zeros:
            zeros.truncate(size)
            archive.addfile(header, zeros)
    tracemalloc.start()
    results = read(tmp_path / "a.tar.gz", "bomb.c", "gone.c")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert results == [Unreadable("bomb.c", "is larger than 8 MiB"), Missing("gone.c")]
    assert most < 32 * 1024 * 1024


def test_a_header_that_claims_too_much_is_not_believed(tmp_path: Path) -> None:
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    (tmp_path / "a.tar").write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    with pytest.raises(SourceError):
        read(tmp_path / "a.tar", "a.c")


@pytest.mark.parametrize("mode", ["", "gz", "bz2", "xz", "zst"])
def test_a_truncated_archive_is_an_error_with_its_place(tmp_path: Path, mode: str) -> None:
    names: dict[str, bytes | str] = {
        f"f{number}.c": b"".join(b"%d," % (number * 7919 * step % 104729) for step in range(9000))
        for number in range(40)
    }
    file = write_archive(tmp_path / "a", mode, names)
    whole = file.read_bytes()
    for part in (0.3, 0.5, 0.9):
        file.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(SourceError, match=r"is damaged (after|at)"):
            read(file, "gone.c")


def test_a_broken_header_is_not_taken_for_the_end(tmp_path: Path) -> None:
    file = write_archive(tmp_path / "a.tar", "", SMALL)
    data = bytearray(file.read_bytes())
    data[1024:1034] = b"nonsense.."
    file.write_bytes(data)
    with pytest.raises(SourceError, match=r"is damaged after `x-3\.7/a\.c`"):
        read(file, "sub/b.c")


@pytest.mark.parametrize("data", [b"", b"int a;\n" * 200, b"PK\3\4" + bytes(600), b"\x7fELF" * 300])
def test_what_is_no_archive_is_an_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(SourceError, match="is not a tar archive"):
        open_source(parse_spec(f"archive:{tmp_path}/a"), PIN)


@pytest.mark.parametrize("start", [b"\xfd7zXZ\0", b"\x1f\x8b", b"BZh", b"\x28\xb5\x2f\xfd"])
def test_a_packed_file_that_is_no_archive_is_an_error(tmp_path: Path, start: bytes) -> None:
    (tmp_path / "a").write_bytes(start + b"nonsense" * 100)
    with pytest.raises(SourceError):
        open_source(parse_spec(f"archive:{tmp_path}/a"), PIN)


def test_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no file"):
        open_source(parse_spec(f"archive:{tmp_path}/gone.tar"), PIN)
    with pytest.raises(SourceError, match="is a directory"):
        open_source(parse_spec(f"archive:{tmp_path}"), PIN)


def test_links_and_files_agree_with_the_tree(archive: Path) -> None:
    with open_source(parse_spec(f"archive:{archive}"), PIN) as source:
        kinds = [type(result) for result in source.read([*FILES, *LINKS])]
    assert kinds.count(FileText) == len(FILES) - 2 + 2
