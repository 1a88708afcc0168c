"""What sources said in earlier runs: the same findings, and nothing parsed or read for them."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callpath.c import file as c_file
from callpath.cache import CACHE
from callpath.sources import looking
from callpath.sources.git import GitSource, Repository
from callpath.sources.shares import Share
from callpath.store import STORE
from two_versions import CONFIG, NEW, OLD, invoke, makefile, write_notebook, write_versions

LAMP, SWITCH = "drivers/lamp/lamp.c", "drivers/lamp/switch.c"
HEADER = "struct lamp_ops { int (*reset)(int level); };\nextern struct lamp_ops desk_ops;\n"
RESET = "static int lamp_reset(int level)\n{\n\treturn level;\n}\n"
TABLE = "struct lamp_ops desk_ops = { .reset = lamp_reset };\n"
INIT = "int lamp_init(void)\n{\n\treturn switch_on(1);\n}\n"
ON = "int switch_on(int level)\n{\n\treturn desk_ops.reset(level);\n}\n"
INCLUDE = '#include "lamp.h"\n'
OLD_TREE = {
    "drivers/lamp/lamp.h": HEADER,
    LAMP: INCLUDE + RESET + TABLE + INIT,
    SWITCH: INCLUDE + ON,
}
NEW_TREE = {
    "drivers/lamp/lamp.h": "/* Lamps. */\n" + HEADER,
    LAMP: INCLUDE + RESET.replace("lamp_reset", "lamp_clear") + INIT.replace("(1)", "(2)"),
    "drivers/lamp/table.c": INCLUDE + TABLE,
    SWITCH: INCLUDE + ON,
}
NOTE = f"""\
title: Lamp
steps:
  - function: lamp_init
    file: {LAMP}
    commentary: See `switch_on()` and `lamp_gone()`.
    steps:
      - function: switch_on
        file: {SWITCH}
        steps:
          - function: lamp_reset
            file: {LAMP}
      - function: lamp_reset
        file: {LAMP}
"""
TRACKING = CONFIG + f"      versions: [{OLD}, {NEW}]\n"
COMMANDS = (
    ("check", "--format", "json"),
    ("drift", OLD, NEW, "--format", "json"),
    ("eras", "--format", "json"),
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("linux")
    return f"git:{write_versions(folder, v3_7=OLD_TREE, v3_8=NEW_TREE)}"


@pytest.fixture
def site(tmp_path: Path, source: str) -> Path:
    site = write_notebook(tmp_path / "site", {"lamp.yml": NOTE}, TRACKING)
    invoke(site, "lock", "--source", source)
    shutil.rmtree(site / ".cache")
    return site


class Work:
    """What was done: the paths of parsed files, their texts, the number of blobs that were read.

    And the versions whose whole tree was searched, each as often as that was done.
    """

    def __init__(self) -> None:
        self.parsed: list[str] = []
        self.texts: list[tuple[str, bytes]] = []
        self.searched: list[str] = []
        self.read = 0


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    done = Work()
    parse, contents = c_file.read_code, Repository.contents
    search, stream = GitSource.search, GitSource.stream

    def counted_parse(path: str, text: bytes, *given: object) -> c_file.CodeFile:
        done.parsed.append(path)
        done.texts.append((path, text))
        return parse(path, text, *given)  # type: ignore[arg-type]

    def counted_search(self: GitSource, *given: object) -> None:
        done.searched.append(self.pin.version)
        search(self, *given)  # type: ignore[arg-type]

    def counted_stream(
        self: GitSource, wanted: Callable[[str], bool], *given: object
    ) -> Iterator[tuple[str, bytes]]:
        if wanted(LAMP):  # of two passes, one has the code
            done.searched.append(self.pin.version)
        return stream(self, wanted, *given)  # type: ignore[arg-type]

    def counted_contents(self: Repository, blobs: Iterator[str]) -> Iterator[bytes | None]:
        for data in contents(self, blobs):
            done.read += 1
            yield data

    monkeypatch.setattr(c_file, "read_code", counted_parse)
    monkeypatch.setattr(Repository, "contents", counted_contents)
    monkeypatch.setattr(GitSource, "search", counted_search)
    monkeypatch.setattr(GitSource, "stream", counted_stream)
    return done


def told(site: Path, source: str) -> list[tuple[int, str]]:
    """What each command says, and the lockfile that `lock` writes."""
    said = [invoke(site, *words, "--source", source)[:2] for words in COMMANDS]
    copy = site.parent / "locking"
    shutil.copytree(site, copy)
    status = invoke(copy, "lock", "--source", source)[0]
    lock = (copy / "notes/notes.lock").read_text("utf-8")
    # What locking made is kept for the next time.
    shutil.rmtree(site / ".cache", ignore_errors=True)
    if (copy / ".cache").is_dir():
        shutil.move(copy / ".cache", site / ".cache")
    shutil.rmtree(copy)
    return [*said, (status, lock)]


def test_a_second_run_says_the_same_and_parses_nothing(site: Path, source: str, work: Work) -> None:
    cold = told(site, source)
    assert "lamp_reset" in cold[0][1]
    assert work.parsed
    work.parsed.clear()
    work.read = 0
    assert told(site, source) == cold
    assert work.parsed == []
    assert work.read <= 20  # the file that has the version, each time that a tree is opened


@pytest.mark.parametrize(
    ("words", "searched"),
    [
        (("check",), [OLD, NEW]),
        (("lock",), [OLD, NEW]),
        (("drift", OLD, NEW), [NEW]),  # where something is, the notes say of the old one
    ],
)
def test_a_tree_is_searched_and_a_text_parsed_at_most_once(
    site: Path, source: str, work: Work, words: tuple[str, ...], searched: list[str]
) -> None:
    others = "".join(
        f"      - function: fan_{number}\n        file: {SWITCH}\n" for number in range(8)
    )
    (site / "notes/others.yml").write_text(NOTE.replace("Lamp\n", "Others\n") + others)
    invoke(site, *words, "--source", source)
    assert sorted(work.searched) == searched
    assert work.texts
    assert len(work.texts) == len(set(work.texts))


def test_a_question_that_is_new_parses_only_for_what_nobody_asked(
    site: Path, source: str, work: Work
) -> None:
    before = told(site, source)
    (site / "notes/lamp.yml").write_text(NOTE + f"  - function: lamp_init\n    file: {SWITCH}\n")
    work.parsed.clear()
    warm = told(site, source)
    parsed = len(work.parsed)
    work.parsed.clear()
    shutil.rmtree(site / CACHE)
    assert told(site, source) == warm
    assert parsed < len(work.parsed)
    assert warm[0] != before[0]


def test_where_a_note_stands_is_no_part_of_the_question(
    site: Path, source: str, work: Work
) -> None:
    invoke(site, "check", "--source", source)
    (site / "notes/lamp.yml").write_text("# A comment.\n\n" + NOTE.replace("See", "Look at"))
    work.parsed.clear()
    warm = invoke(site, "check", "--source", source, "--format", "json")
    assert work.parsed == []
    shutil.rmtree(site / CACHE)
    assert invoke(site, "check", "--source", source, "--format", "json") == warm


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "gone", "other"])
def test_a_damaged_store_changes_nothing(site: Path, source: str, damage: str) -> None:
    cold = told(site, source)
    file = site / CACHE / STORE
    data = bytearray(file.read_bytes())
    chance = random.Random(7)  # noqa: S311
    match damage:
        case "flip":
            for _ in range(200):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            file.write_bytes(data)
        case "cut":
            file.write_bytes(data[: len(data) // 2])
        case "empty":
            file.write_bytes(b"")
        case "gone":
            file.unlink()
        case _:
            file.write_bytes(b"nonsense" * 1000)
    assert told(site, source) == cold
    assert told(site, source) == cold


def test_a_store_that_cannot_be_written_changes_nothing(site: Path, source: str) -> None:
    cold = told(site, source)
    shutil.rmtree(site / ".cache")
    (site / ".cache").write_text("in the way")
    assert [invoke(site, *words, "--source", source)[:2] for words in COMMANDS] == cold[:-1]


def test_a_site_that_moved_knows_its_answers(
    site: Path, source: str, work: Work, tmp_path: Path
) -> None:
    said = invoke(site, "check", "--source", source, "--format", "json")
    moved = Path(shutil.move(site, tmp_path / "elsewhere"))
    work.parsed.clear()
    assert invoke(moved, "check", "--source", source, "--format", "json") == said
    assert work.parsed == []


def test_two_runs_at_once_say_the_same(site: Path, source: str) -> None:
    program = "from callpath.cli import main; main()"
    command = [sys.executable, "-c", program, *COMMANDS[0], "--source", source]
    environment = {**os.environ, "PYTHONPATH": str(Path(c_file.__file__).parents[2])}
    running = [
        subprocess.Popen(command, cwd=site, env=environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    one, other = (each.communicate()[0] for each in running)
    assert one == other
    assert invoke(site, *COMMANDS[0], "--source", source)[1].encode() == one


@pytest.mark.parametrize("is_hidden", [False, True])
def test_a_directory_is_asked_again_when_a_file_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Work, *, is_hidden: bool
) -> None:
    monkeypatch.setattr(looking, "SETTLED", 0)
    tree = tmp_path / "linux"
    for path, text in {"Makefile": makefile(OLD), **OLD_TREE}.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    site = write_notebook(tmp_path / "site", {"lamp.yml": NOTE})
    check = ("check", "--format", "json", "--source", f"tree:{tree}")
    cold = invoke(site, *check)
    work.parsed.clear()
    assert invoke(site, *check) == cold
    assert work.parsed == []
    was = (tree / LAMP).stat()
    (tree / LAMP).write_text(OLD_TREE[LAMP].replace("switch_on(1)", "switch_in(1)"))
    if is_hidden:  # as a copy that keeps the times
        os.utime(tree / LAMP, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert "`lamp_init` does not call `switch_on`" in invoke(site, *check)[1]
    assert LAMP in work.parsed


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--format", "json"),
        ("lock",),
        ("drift", OLD, NEW),
        ("repin", NEW, "--diff"),
    ],
)
def test_a_command_looks_at_each_directory_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(looking, "SETTLED", 0)
    sources: list[str] = []
    for version, files in ((OLD, OLD_TREE), (NEW, NEW_TREE)):
        tree = tmp_path / version
        for path, text in {"Makefile": makefile(version), **files}.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text)
        sources += ("--source", f"{version}=tree:{tree}")
    site = write_notebook(tmp_path / "site", {"lamp.yml": NOTE}, TRACKING)
    invoke(site, "lock", *sources)
    shutil.rmtree(site / ".cache")
    looked: list[bytes] = []
    look_into = Share.look_into

    def counted(share: Share, folder: bytes) -> list[bytes]:
        looked.append(share.root + folder)
        return look_into(share, folder)

    monkeypatch.setattr(Share, "look_into", counted)
    said = invoke(site, *words, *sources)
    assert said[0] in (0, 1)
    assert set(looked) == {
        os.fsencode(f"{tmp_path}/{version}/{folder}")
        for version in (OLD, NEW)
        for folder in ("", "drivers/", "drivers/lamp/")
    }
    assert len(looked) == len(set(looked))


def test_of_a_directory_that_only_just_changed_no_answer_is_kept(tmp_path: Path) -> None:
    from callpath.model import Pin
    from callpath.sources.spec import open_source, parse_spec

    (tmp_path / "a.c").write_text("int a;\n")
    with open_source(parse_spec(f"tree:{tmp_path}"), Pin("linux", OLD)) as source:
        assert source.tree() == ""


def test_what_a_site_says_of_macros_is_part_of_the_question(
    site: Path, source: str, work: Work
) -> None:
    invoke(site, "check", "--source", source)
    config = site / "mkdocs.yml"
    config.write_text(config.read_text() + "      dispatch_macros: [lamp_dispatch]\n")
    work.parsed.clear()
    invoke(site, "check", "--source", source)
    assert work.parsed
