"""Words found in a whole tree, beside what `grep` and `git grep` say."""

import io
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from made_sources import PIN, commit_all, run_git

from callpath.findings import SourceError
from callpath.sources import finder, git as git_module
from callpath.sources.finder import Pack, packed
from callpath.sources.search import WordScan
from callpath.sources.spec import open_source, parse_spec
from callpath.store import Store

WORDS = ["lamp", "lamp_on", "lamp_set", "on", "blob", "a", "_x", "last", "Ab9", "struct"]


def text(seed: int) -> bytes:
    """C-like text in which words touch all that they may touch."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    others = ["lamp_", "_lamp", "lamp_on_set", "9a", "x9", "0", "blob_", "é", "灯", "\udcff"]
    gaps = [" ", "\n", "\r\n", "\t", "(", ");", "->", "é", "\udc80", "", "_", "#", "\0"]
    weights = [9, 9, 4, 4, 4, 4, 4, 1, 1, 3, 2, 1, 0.01 if seed % 5 else 1]
    made = "".join(
        chance.choice([*WORDS, *others]) + chance.choices(gaps, weights)[0]
        for _ in range(chance.randrange(60))
    )
    return made.encode("utf-8", "surrogateescape")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of files that end and begin with words, some binary, some without a last line."""
    root = tmp_path_factory.mktemp("generated")
    for seed in range(150):
        folder = root / f"d{seed % 7}"
        folder.mkdir(exist_ok=True)
        (folder / f"f{seed}.{'ch'[seed % 2]}").write_bytes(text(seed))
    (root / "d0" / "last.c").write_bytes(b"int last")
    (root / "d0" / "last_next.c").write_bytes(b"_on lamp")
    (root / "d0" / "alone.c").write_bytes(b"lamp")
    (root / "d0" / "empty.c").write_bytes(b"")
    (root / "d1" / "wide.c").write_bytes(b"int lamp;\n" + b" " * 5_000_000 + b"last")
    run_git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root, "v3.7")
    return root


def grepped(root: Path, word: str, *command: str) -> list[str]:
    """The files that a `grep` names."""
    done = subprocess.run(
        [*command, "--", word, *([] if command[0] == "git" else ["."])],
        cwd=root,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    names = (name.removeprefix("./") for name in done.stdout.decode().splitlines())
    return sorted(name for name in names if not name.startswith(".git/"))


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("count", [1, 5, len(WORDS)])
@pytest.mark.parametrize("kind", ["tree", "git"])
def test_words_are_found_as_grep_finds_them(
    generated: Path, kind: str, count: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callpath.sources.git._PART", 20)
    with open_source(parse_spec(f"{kind}:{generated}"), PIN) as source:
        source.workers = workers
        found = source.find_words(WORDS[:count])
    for word in WORDS[:count]:
        # `I`: what is binary is left out.
        assert list(found[word]) == grepped(generated, word, "grep", "-rlwIF")
        assert list(found[word]) == grepped(generated, word, "git", "grep", "-lwIF")
    assert found["lamp"]


def test_a_pack_holds_files_apart() -> None:
    files = {"a.c": b"int la", "b.c": b"mp", "c.c": b"", "large.c": b"x lamp" * 30, "d.c": b"lamp"}
    unread = [(name, len(data), io.BytesIO(data).readinto) for name, data in files.items()]
    seen: dict[str, bytes] = {}
    scan = WordScan(["lamp", "la", "mp"])
    for pack in packed(unread, bytearray(64)):
        seen |= {name: pack.text(number) for number, name in enumerate(pack.names)}
        scan.look_through(pack)
    assert seen == files
    assert scan.result() == {"la": ("a.c",), "lamp": ("d.c", "large.c"), "mp": ("b.c",)}


def test_what_is_between_files_is_in_none() -> None:
    between = bytearray(b"1 blob 4\nlamp\n2 blob 4\nblob\n")
    scan = WordScan(["blob", "lamp"])
    scan.look_through(Pack(between, ["a", "b"], [(9, 13), (23, 27)]))
    assert scan.result() == {"blob": ("b",), "lamp": ("a",)}


def test_bytes_of_no_character_are_between_words() -> None:
    scan = WordScan(["lamp"])
    for number in range(0xF0, 0x100):
        odd = bytes([number]) * 11
        assert not scan.look("odd.c", odd)
        assert scan.look(f"{number}.c", odd + b"lamp" + odd)
    assert len(scan.result()["lamp"]) == 16


def test_as_many_words_as_one_likes_are_found() -> None:
    words = [f"word_{number}" for number in range(finder._LARGEST_TABLE + 10)]
    scan = WordScan(words)
    assert scan.look("a.c", " ".join(words[::2]).encode())
    assert [word for word, paths in scan.result().items() if paths] == sorted(words[::2])


@pytest.mark.parametrize("workers", [1, 2])
def test_a_git_that_dies_is_an_error(
    generated: Path, workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callpath.sources.git._PART", 20)
    dying = tmp_path / "git"
    dying.write_text(
        f"#!{sys.executable}\n"
        "import os, subprocess, sys\n"
        "if '--buffer' not in sys.argv: os.execv(sys.argv[0] + '-real', sys.argv)\n"
        "out = subprocess.run([sys.argv[0] + '-real', *sys.argv[1:]], stdout=-1).stdout\n"
        "sys.stdout.buffer.write(out[:len(out) // 2])\n"
        "sys.stdout.flush()\n"
        f"os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
    )
    dying.chmod(0o755)
    (tmp_path / "git-real").symlink_to(git_module.git_program())
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with open_source(parse_spec(f"git:{generated}"), PIN) as source:
        source.workers = workers
        with pytest.raises(SourceError, match=r"is damaged: blob `.*` cannot be read") as caught:
            source.find_words(WORDS)
    assert "fsck" in caught.value.hint


def looked_at(
    root: Path, tag: str, words: list[str], store: Store
) -> tuple[dict[str, list[str]], list[str]]:
    """What holds words at a tag, and the files that were looked at for it."""
    looked: list[str] = []
    original = WordScan.look_through

    def look_through(scan: WordScan, pack: Pack) -> None:
        looked.extend(pack.names)
        original(scan, pack)

    with pytest.MonkeyPatch.context() as patch, store:
        patch.setattr(WordScan, "look_through", look_through)
        with open_source(parse_spec(f"git:{root}@{tag}"), PIN) as source:
            source.store = store
            found = source.find_words(words)
    return {word: list(paths) for word, paths in found.items()}, sorted(looked)


@pytest.fixture
def changing(tmp_path: Path) -> Path:
    """A repository of two versions: a file is changed, gone, new, renamed, a link, the same."""
    root = tmp_path / "changing"
    root.mkdir()
    names = ["changed.c", "gone.c", "old.h", "linked.c", "same.c", "lost.c", "other.c"]
    for name in names:
        (root / name).write_bytes(b"int lamp;\n" if name != "other.c" else b"int bulb;\n")
    run_git(root, "init", "--quiet", "--initial-branch=main")
    commit_all(root, "one")
    (root / "changed.c").write_bytes(b"int lamp, more;\n")
    (root / "lost.c").write_bytes(b"int more;\n")
    (root / "gone.c").unlink()
    (root / "new.c").write_bytes(b"int lamp;\n")
    (root / "old.h").rename(root / "name.h")
    (root / "linked.c").unlink()
    (root / "linked.c").symlink_to("same.c")
    commit_all(root, "two")
    return root


def test_what_is_known_of_a_tree_is_not_looked_for_again(changing: Path, tmp_path: Path) -> None:
    store, words = Store(tmp_path / "cache"), [*WORDS, "bulb"]
    first, looked = looked_at(changing, "one", words, store)
    assert "same.c" in looked
    assert looked_at(changing, "one", words, Store(tmp_path / "cache")) == (first, [])
    more, looked = looked_at(changing, "one", [*words, "int"], store)
    assert "same.c" in looked
    assert more == {**first, "int": sorted({*first["lamp"], "other.c"})}


def test_of_a_tree_like_a_known_one_only_the_rest_is_looked_at(
    changing: Path, tmp_path: Path
) -> None:
    words = [*WORDS, "more", "bulb"]
    plain, looked = looked_at(changing, "two", words, Store())
    assert "same.c" in looked
    assert plain["lamp"] == ["changed.c", "name.h", "new.c", "same.c"]
    store = Store(tmp_path / "cache")
    looked_at(changing, "one", words, store)
    found, looked = looked_at(changing, "two", words, store)
    assert (found, looked) == (plain, ["changed.c", "lost.c", "name.h", "new.c"])
    assert looked_at(changing, "two", words, store) == (plain, [])


def test_another_tree_that_git_does_not_have_is_not_compared(
    changing: Path, tmp_path: Path
) -> None:
    words = [*WORDS, "more", "bulb"]
    store, elsewhere = Store(tmp_path / "cache"), tmp_path / "elsewhere"
    plain, _ = looked_at(changing, "two", words, Store())
    run_git(
        tmp_path, "clone", "--quiet", "--depth=1", "--branch=two", f"file://{changing}", "elsewhere"
    )
    looked_at(changing, "one", words, store)
    assert looked_at(elsewhere, "two", words, store)[0] == plain
