"""What every source must do, on the same tree from all of them."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from made_sources import FILES, LINKS, PIN, run_git, write_archive
from zip_source import install, write_zip

from callpath.extensions import extensions
from callpath.sources.base import (
    EntryKind,
    FileText,
    Missing,
    ReadResult,
    Source,
    Unreadable,
)
from callpath.sources.spec import KINDS, open_source, parse_spec


class Made(NamedTuple):
    """The same tree, made once, and a folder for more."""

    tree: Path
    repository: Path
    archive: Path
    folder: Path


def bare(made: Made) -> str:
    run_git(made.folder, "clone", "--quiet", "--bare", str(made.repository), "bare.git")
    return f"git:{made.folder}/bare.git"


MAKERS: dict[str, dict[str, Callable[[Made], str]]] = {
    "tree": {"tree": lambda made: f"tree:{made.tree}"},
    "git": {"git": lambda made: f"git:{made.repository}", "git-bare": bare},
    "archive": {
        "archive": lambda made: f"archive:{made.archive}",
        "archive-dot": lambda made: (
            f"archive:{write_archive(made.folder / 'a', 'gz', FILES | LINKS, './x/')}"
        ),
    },
    # Brought by another package.
    "zip": {"zip": lambda made: f"zip:{write_zip(made.folder / 'x.zip', FILES | LINKS)}"},
    # They do not have a whole tree; tests of their own say what they have.
    "cache": {},
    "elixir": {},
}
"""How the tree is made for each kind of source: for each way a SPEC."""

SPECS = {name: make for kind in (*KINDS, "zip") for name, make in MAKERS[kind].items()}


@pytest.fixture(params=SPECS)
def source(
    request: pytest.FixtureRequest,
    tree: Path,
    repository: Path,
    archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Source]:
    install(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    extensions.cache_clear()
    spec = SPECS[request.param](Made(tree, repository, archive, tmp_path))
    with open_source(parse_spec(spec), PIN) as opened:
        assert str(opened.spec) == spec
        yield opened
    extensions.cache_clear()


def one(source: Source, path: str) -> ReadResult:
    (result,) = source.read([path])
    return result


@pytest.mark.parametrize("path", ["lamp/lamp.c", "lamp/odd name.c", "lamp/empty.c", "lamp/set.c"])
def test_a_file_is_read_with_its_blob_id(source: Source, path: str) -> None:
    data = FILES[path]
    blob = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
    assert one(source, path) == FileText(path, data, blob)


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("lamp/same.c", "lamp/lamp.c"),
        ("headers/lamp.h", "lamp/lamp.h"),
        ("headers/same.c", "lamp/lamp.c"),
        ("lamp/up.h", "lamp/lamp.h"),
    ],
)
def test_a_link_in_the_tree_is_followed(source: Source, path: str, leads_to: str) -> None:
    result = one(source, path)
    assert isinstance(result, FileText)
    assert (result.path, result.data) == (path, FILES[leads_to])


@pytest.mark.parametrize(
    "path", ["gone.c", "lamp/gone.c", "headers/gone.c", "lamp/lamp.c/x", "Lamp/lamp.c", "x" * 300]
)
def test_what_is_not_there_is_missing(source: Source, path: str) -> None:
    assert one(source, path) == Missing(path)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("lamp", "is a directory"),
        ("headers", "is a directory"),
        ("lamp/binary.c", "is a binary file"),
        ("lamp/large.c", "is larger than 8 MiB"),
        ("lamp/out.c", "is a link out of the tree"),
        ("headers/out.c", "is a link out of the tree"),
        ("lamp/absolute.c", "is a link out of the tree"),
        ("lamp/nowhere.c", "is a link to nothing"),
        ("loop.c", "is a link that leads back to itself"),
        ("loop.c/lamp.c", "is a link that leads back to itself"),
        ("../x.c", "leaves the tree"),
        ("lamp/../lamp/lamp.c", "leaves the tree"),
        ("/etc/passwd", "leaves the tree"),
        ("lamp/lamp.c\0", "leaves the tree"),
        ("", "is not written plainly"),
        ("./lamp/lamp.c", "is not written plainly"),
        ("lamp//lamp.c", "is not written plainly"),
        ("lamp/", "is not written plainly"),
        ("lamp/\ud800.c", "is not written plainly"),
    ],
)
def test_what_is_no_text_says_why(source: Source, path: str, reason: str) -> None:
    assert one(source, path) == Unreadable(path, reason)


@pytest.mark.parametrize("path", ["--help", "a\nb.c", "v3.7:Makefile", ":(top)x", "*.c"])
def test_names_have_no_meaning_of_their_own(source: Source, path: str) -> None:
    assert one(source, path) == Missing(path)


def test_each_path_is_read_once_and_sorted(source: Source) -> None:
    asked = ["lamp/set.c", "gone.c", "lamp/lamp.c", "../x", "lamp/set.c", "loop.c"]
    assert [result.path for result in source.read(asked)] == sorted(set(asked))
    assert list(source.read([])) == []


def test_reading_can_be_left_in_the_middle(source: Source) -> None:
    paths = ["lamp/lamp.c", "lamp/lamp.h", "lamp/set.c"]
    next(iter(source.read(paths)))
    for first, second in zip(source.read(paths), source.read(reversed(paths)), strict=True):
        assert first == second
        assert isinstance(first, FileText)
        assert first.data == FILES[first.path]


def test_paths_are_the_regular_files_of_c_and_assembly(source: Source) -> None:
    assert source.searchable
    assert list(source.paths()) == sorted(
        path for path in FILES if path.endswith((".c", ".h", ".S"))
    )


def test_everything_in_the_tree_is_listed(source: Source) -> None:
    listing = source.listing()
    assert listing is not None
    kinds = {path: entry.kind for path, entry in listing.entries.items()}
    assert {path for path, kind in kinds.items() if kind is EntryKind.FILE} == set(FILES)
    assert {path for path, kind in kinds.items() if kind is EntryKind.LINK} == set(LINKS)
    assert listing.folders == {"lamp"}


@pytest.mark.parametrize("others", [[], [f"no_such_word_{number}" for number in range(60)]])
def test_words_are_found_whole(source: Source, others: list[str]) -> None:
    found = source.find_words(["lamp_set", "lamp_on", "odd", "", "lamp-set", "状态", *others])
    assert list(found["lamp_set"]) == ["lamp/lamp.c", "lamp/lamp.h", "lamp/set.c"]
    assert list(found["lamp_on"]) == ["lamp/lamp.c", "lamp/lamp.h"]
    assert list(found["odd"]) == ["lamp/odd name.c"]
    assert all(not found[word] for word in ("", "lamp-set", "状态", *others))
    assert list(found) == sorted(found)


def test_nothing_is_found_for_no_words(source: Source) -> None:
    assert source.find_words([]) == {}
    assert source.find_words(["no_such_word"]) == {"no_such_word": ()}


def test_files_found_by_a_word_can_be_read(source: Source) -> None:
    found = source.find_words(["lamp_set"])["lamp_set"]
    assert all(isinstance(result, FileText) for result in source.read(found))


def test_wanted_files_come_with_their_bytes(source: Source) -> None:
    found = list(source.stream(lambda path: path.endswith((".c", ".h"))))
    wanted = {path for path in FILES if path.endswith((".c", ".h")) and "large" not in path}
    # What is no text may be left out; links are, and what is too large.
    assert {path for path, _ in found} | {"lamp/binary.c"} == wanted
    assert all(data == FILES[path] for path, data in found)
    assert len(found) == len(dict(found))


def test_streaming_tells_its_progress(source: Source) -> None:
    calls: list[tuple[int, int]] = []
    list(source.stream(lambda path: path == "lamp/lamp.c", lambda *done: calls.append(done)))
    assert calls[-1][0] == calls[-1][1] > 0


def test_the_tree_says_its_version(source: Source) -> None:
    assert source.version() == "v3.7"


def test_progress_ends_with_all_done(source: Source) -> None:
    calls: list[tuple[int, int]] = []
    source.find_words(["lamp_set"], lambda done, total: calls.append((done, total)))
    assert calls == sorted(calls)
    assert calls[-1][0] == calls[-1][1] > 0


def test_closing_twice_is_harmless(source: Source) -> None:
    list(source.read(["lamp/lamp.c"]))
    source.close()
    source.close()
