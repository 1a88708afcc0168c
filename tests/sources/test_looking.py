"""One look at a directory for a whole command, and answers that are surely of what it saw."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from made_sources import PIN

from callpath.sources import looking, shares
from callpath.sources.looking import Look, looking_ahead
from callpath.sources.spec import open_source, parse_spec
from callpath.sources.tree import TreeSource
from callpath.store import Store

FILES = {
    "lamp/lamp.c": "int lamp;\n",
    "lamp/bulb.c": "int bulb;\n",
    "lamp/deep/lamp.h": "extern int lamp;\n",
    "lamp/deep/notes.txt": "lamp\n",
    "switch/on.c": "int on = lamp;\n",
    "switch/off.c": "int off;\n",
}
WORDS = ["lamp", "bulb", "on"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(looking, "SETTLED", 0)
    root = tmp_path / "tree"
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / "switch/link.c").symlink_to("on.c")
    return root


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "cache") as store:
        yield store


def opened(root: Path, store: Store | None = None) -> TreeSource:
    source = open_source(parse_spec(f"tree:{root}"), PIN)
    assert isinstance(source, TreeSource)
    source.store = store or Store()
    return source


def found(root: Path, store: Store | None = None) -> dict[str, list[str]]:
    with opened(root, store) as source:
        return {word: list(paths) for word, paths in source.find_words(WORDS).items()}


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that were searched, in this process."""
    folders: list[str] = []
    search = shares.Share.search

    def counted(self: shares.Share, *given: object) -> tuple[list[shares.Hit], bool]:
        folders.extend(folder.decode() for folder in self.states)
        return search(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(shares.Share, "search", counted)
    return folders


def rewrite(path: Path, text: str) -> None:
    """Write a file so that its time is another one, which takes a tick of the system's clock."""
    before = path.stat().st_ctime_ns
    while path.stat().st_ctime_ns == before:
        path.write_text(text)


def longer(root: Path) -> None:
    rewrite(root / "lamp/bulb.c", "int bulb, lamp;\n")


def as_long_and_as_old(root: Path) -> None:
    path = root / "lamp/bulb.c"
    was = path.stat()
    rewrite(path, "int lamp;\n")
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def added(root: Path) -> None:
    (root / "lamp/new.c").write_text("int lamp, on;\n")


def removed(root: Path) -> None:
    (root / "lamp/lamp.c").unlink()


def renamed(root: Path) -> None:
    (root / "lamp/lamp.c").rename(root / "lamp/light.c")


def swapped(root: Path) -> None:
    (root / "lamp/lamp.c").rename(root / "lamp/other")
    (root / "lamp/bulb.c").rename(root / "lamp/lamp.c")
    (root / "lamp/other").rename(root / "lamp/bulb.c")


def replaced_by_a_link(root: Path) -> None:
    (root / "lamp/lamp.c").unlink()
    (root / "lamp/lamp.c").symlink_to("bulb.c")


def folder_renamed(root: Path) -> None:
    (root / "lamp").rename(root / "light")


EDITS = (
    *(longer, as_long_and_as_old, added, removed, renamed, swapped),
    *(replaced_by_a_link, folder_renamed),
)


@pytest.mark.parametrize("edit", EDITS)
def test_what_changed_between_two_commands_is_seen(
    root: Path, store: Store, edit: Callable[[Path], None], searched: list[str]
) -> None:
    before = found(root, store)
    assert before["lamp"] == ["lamp/deep/lamp.h", "lamp/lamp.c", "switch/on.c"]
    assert found(root, store) == before
    searched.clear()
    edit(root)
    after = found(root, store)
    assert "switch/" not in searched  # what is the same is not searched again
    assert after == found(root)
    assert after != before
    searched.clear()
    assert found(root, store) == after
    assert searched == []


@pytest.mark.parametrize("edit", EDITS)
def test_of_what_changes_during_a_command_nothing_is_kept(
    root: Path, store: Store, edit: Callable[[Path], None], searched: list[str]
) -> None:
    with opened(root, store) as source:
        assert source.tree()
        edit(root)
        source.find_words(WORDS)
        new = [path for path in ("lamp/new.c", "lamp/light.c") if (root / path).exists()]
        list(source.read([*FILES, *new]))
        assert source.tree() == ""
    searched.clear()
    assert found(root, store) == found(root)
    assert "lamp/" in searched or "light/" in searched


@pytest.mark.parametrize("edit", [longer, as_long_and_as_old, removed, replaced_by_a_link])
def test_what_was_read_before_the_look_counts_too(root: Path, edit: Callable[[Path], None]) -> None:
    paths = ["lamp/lamp.c", "lamp/bulb.c"]
    with opened(root) as source:
        list(source.read(paths))
        edit(root)
        assert source.tree() == ""
        list(source.read(paths))
        assert source.tree() == ""
    with opened(root) as source:
        list(source.read(paths))
        assert source.tree()
        list(source.read(paths))
        assert source.tree()


def test_what_nobody_reads_may_change(root: Path) -> None:
    with opened(root) as source:
        tree = source.tree()
        rewrite(root / "lamp/deep/notes.txt", "other\n")
        source.find_words(WORDS)
        assert source.tree() == tree
        assert [path for path, _ in source.stream(lambda path: path.endswith(".txt"))]
        assert source.tree() == ""


def test_a_file_that_grows_is_searched_to_its_end(root: Path) -> None:
    with opened(root) as source:
        assert source.tree()
        (root / "lamp/bulb.c").write_text("int bulb;\n" * 300_000 + "int lamp;\n")
        assert "lamp/bulb.c" in source.find_words(["lamp"])["lamp"]


def test_links_and_what_is_no_file_are_part_of_the_tree(root: Path) -> None:
    with opened(root) as source:
        before = source.tree()
    (root / "switch/link.c").unlink()
    (root / "switch/link.c").symlink_to("off.c")
    with opened(root) as source:
        between = source.tree()
    os.mkfifo(root / "switch/pipe.c")
    with opened(root) as source:
        assert len({before, between, source.tree()}) == 3


def test_a_folder_whose_content_is_the_same_is_the_same(root: Path) -> None:
    with opened(root) as source:
        before = source.tree()
    (root / "lamp/swap").write_text("")
    (root / "lamp/swap").unlink()
    with opened(root) as source:
        assert source.tree() == before


@pytest.fixture
def large(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree that is large enough for several processes."""
    monkeypatch.setattr(looking, "_MANY", 2)
    for number in range(40):
        folder = root / f"drivers/d{number}/inner"
        folder.mkdir(parents=True)
        (folder / "a.c").write_text("int lamp;\n" if number % 3 else "int x;\n")
        (folder / "b.h").write_bytes(b"lamp\0")
    (root / "drivers" / os.fsdecode(b"\xff.c")).write_text("int on;\n")
    return root


def told(look: Look) -> tuple[object, ...]:
    texts, is_same = look.search(WORDS, (".c", ".h"), 1000, lambda _done, _total: None)
    return (look.id, dict(look.folders), sorted(look), dict(sorted(texts.items())), is_same)


@pytest.mark.parametrize("jobs", [2, 3])
@pytest.mark.parametrize("is_ahead", [False, True])
def test_several_processes_see_and_find_the_same(large: Path, jobs: int, *, is_ahead: bool) -> None:
    alone = Look(str(large))
    with looking_ahead([str(large)] if is_ahead else [], jobs):
        look = Look(str(large), jobs)
        processes = [helper._process for helper in look._helpers]
        assert len(processes) == jobs - 1
        assert all(process and process.poll() is None for process in processes)
        assert told(look) == told(alone)
        assert told(look) == told(alone)
        look.close()
        assert all(process and process.poll() is not None for process in processes)


@pytest.mark.parametrize("when", ["at once", "before the search"])
@pytest.mark.parametrize("is_ahead", [False, True])
def test_a_process_that_ends_changes_nothing(
    large: Path, when: str, monkeypatch: pytest.MonkeyPatch, *, is_ahead: bool
) -> None:
    alone = Look(str(large))
    if when == "at once":
        monkeypatch.setattr(looking, "_PROGRAM", "")
    with looking_ahead([str(large)] if is_ahead else [], 2):
        look = Look(str(large), 2)
        for helper in look._helpers:
            if helper._process:
                helper._process.kill()
        assert told(look) == told(alone)
        look.close()


def test_a_look_that_nobody_asks_for_is_ended(large: Path) -> None:
    with looking_ahead([str(large)], 2):
        (begun,) = looking._BEGUN.values()
        (process,) = [helper._process for helper in begun.helpers]
        assert process
        assert process.poll() is None
    assert process.poll() is not None
    assert not looking._BEGUN


def test_one_process_starts_no_other(large: Path) -> None:
    with looking_ahead([str(large)], 1):
        assert not looking._BEGUN
        look = Look(str(large), 1)
        assert not look._helpers


def test_a_small_tree_is_seen_by_one_process(root: Path) -> None:
    shutil.rmtree(root / "lamp/deep")
    look = Look(str(root), 2)
    assert not look._helpers
    assert {path for path, _ in look} >= {"lamp", "lamp/lamp.c", "switch/link.c"}
