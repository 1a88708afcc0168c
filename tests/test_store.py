"""The store: what is put is found again by who has the same question, and nothing ever fails."""

import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from callpath import store as module
from callpath.store import STORE, Store

VALUES = {f"key {number}": b"value %d " % number * number for number in range(200)}


# Root may write everywhere, unless it gives up that privilege.
_PRIVILEGES = "-dac_override,-dac_read_search"
_AS_ANYBODY = (
    ["setpriv", f"--bounding-set={_PRIVILEGES}", f"--inh-caps={_PRIVILEGES}"]
    if os.geteuid() == 0
    else []
)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    with Store(tmp_path / "cache") as store:
        store.put_many("facts", "me", VALUES)
    return tmp_path / "cache"


def found(folder: Path, keys: Iterable[str] = VALUES) -> dict[str, bytes]:
    with Store(folder) as store:
        return store.get_many("facts", "me", keys)


def test_what_is_put_is_found_in_a_later_run(filled: Path) -> None:
    assert found(filled) == VALUES
    assert found(filled, ["key 7", "no such key"]) == {"key 7": VALUES["key 7"]}
    assert (filled / STORE).stat().st_size < sum(map(len, VALUES.values()))  # it is packed


def test_kind_maker_and_key_all_decide(tmp_path: Path) -> None:
    names = [
        ("a", "b", "c"),
        ("ab", "", "c"),
        ("a", "bc", ""),
        ("a", "b", "d"),
        ("灯", "\udcff", ""),
    ]
    with Store(tmp_path) as store:
        for kind, maker, key in names:
            store.put(kind, maker, key, repr((kind, maker, key)).encode())
        assert [store.get(*name) for name in names] == [repr(name).encode() for name in names]
        assert store.get("a", "x", "c") is None


def test_what_waits_is_found_and_the_last_word_counts(tmp_path: Path) -> None:
    store, other = Store(tmp_path), Store(tmp_path)
    store.put("facts", "me", "key", b"old")
    store.put("facts", "me", "key", b"new")
    assert store.get("facts", "me", "key") == b"new"
    assert other.get("facts", "me", "key") is None
    store.flush()
    assert other.get("facts", "me", "key") == b"new"
    other.put("facts", "me", "key", b"newer")
    other.close()
    assert store.get("facts", "me", "key") == b"newer"
    store.close()


def test_without_a_folder_nothing_is_kept() -> None:
    with Store() as store:
        store.put("facts", "me", "key", b"value")
        assert store.get("facts", "me", "key") is None


def test_reading_makes_nothing(tmp_path: Path) -> None:
    assert found(tmp_path / "cache") == {}
    assert not (tmp_path / "cache").exists()


def test_it_stays_out_of_version_control(filled: Path) -> None:
    assert (filled / ".gitignore").read_text().splitlines()[-1] == "*"


def test_another_folder_can_take_the_file(filled: Path, tmp_path: Path) -> None:
    shutil.move(filled, tmp_path / "elsewhere")
    assert found(tmp_path / "elsewhere") == VALUES
    assert str(tmp_path).encode() not in (tmp_path / "elsewhere" / STORE).read_bytes()


@pytest.mark.parametrize("seed", range(25))
def test_flipped_bytes_are_noticed(filled: Path, seed: int) -> None:
    chance, file = random.Random(seed), filled / STORE  # noqa: S311
    data = bytearray(file.read_bytes())
    for _ in range(1 + seed * 4):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    file.write_bytes(data)
    assert found(filled).items() <= VALUES.items()
    with Store(filled) as store:
        store.put_many("facts", "me", VALUES)
    # A second attempt, where the first one only found that the file is to be made anew.
    with Store(filled) as store:
        store.put_many("facts", "me", {**VALUES, "more": b""})
    assert found(filled) == VALUES


@pytest.mark.parametrize("share", [0, 1, 15, 16, 100, 4096, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_noticed(filled: Path, share: float) -> None:
    size = (filled / STORE).stat().st_size
    os.truncate(filled / STORE, int(share * size if 0 < share < 1 else share))
    assert found(filled).items() <= VALUES.items()
    with Store(filled) as store:
        store.put_many("facts", "me", VALUES)
    assert found(filled) == VALUES


@pytest.mark.parametrize("content", [b"nonsense" * 1000, b"SQLite format 3\0" + b"\1" * 8000])
def test_another_file_in_its_place_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / STORE).write_bytes(content)
    with Store(tmp_path) as store:
        assert store.get("facts", "me", "key") is None
        store.put("facts", "me", "key", b"value")
    assert found(tmp_path, ["key"]) == {"key": b"value"}


@pytest.mark.parametrize(
    "statement",
    [
        "PRAGMA user_version = 999",
        "DROP TABLE entries",
        "ALTER TABLE entries RENAME COLUMN value TO other",
        "UPDATE entries SET value = 'text'",
        "UPDATE entries SET value = 7, used = 'never'",
        "UPDATE entries SET id = id + 1",
        "UPDATE entries SET value = x''",
        "UPDATE entries SET value = (SELECT value FROM entries LIMIT 1)",
    ],
)
def test_a_file_with_other_content_is_not_trusted(filled: Path, statement: str) -> None:
    with sqlite3.connect(filled / STORE) as connection:
        connection.execute(statement)
    connection.close()
    assert found(filled).items() <= VALUES.items()
    with Store(filled) as store:
        store.put_many("facts", "me", VALUES)
    assert found(filled) == VALUES


def test_a_file_that_goes_in_the_middle_is_made_anew(filled: Path) -> None:
    with Store(filled) as store:
        assert store.get("facts", "me", "key 7")
        shutil.rmtree(filled)
        store.get_many("facts", "me", VALUES)
        store.put_many("facts", "me", VALUES)
    with Store(filled) as store:
        store.put_many("facts", "me", VALUES)
    assert found(filled) == VALUES


def test_a_folder_that_cannot_be_written_to_is_read(filled: Path) -> None:
    text = f"""
import pathlib
from callpath.store import Store
folder = pathlib.Path({str(filled)!r})
try:
    (folder / "probe").touch()
except OSError:
    with Store(folder) as store:
        store.put("facts", "me", "new", b"value")
        print(len(store.get_many("facts", "me", {[*VALUES]!r})))
"""
    (filled / STORE).chmod(0o400)
    filled.chmod(0o500)
    try:
        command = [*_AS_ANYBODY, sys.executable, "-c", text]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    finally:
        filled.chmod(0o700)
    assert done.stdout == f"{len(VALUES)}\n"
    assert found(filled, [*VALUES, "new"]) == VALUES


def test_a_folder_that_cannot_be_made_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Store(tmp_path / "file" / "cache") as store:
        store.put("facts", "me", "key", b"value")
        store.flush()
        assert store.get("facts", "me", "key") is None


def test_a_full_disk_is_no_error(filled: Path) -> None:
    text = f"""
import resource, signal, pathlib
from callpath.store import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
with Store(pathlib.Path({str(filled)!r})) as store:
    store.put("facts", "me", "large", __import__("random").randbytes(100_000))
    store.flush()
    print(len(store.get_many("facts", "me", [f"key {{number}}" for number in range(200)])))
"""
    said = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert (said.stdout, said.stderr) == ("200\n", "")
    assert found(filled, [*VALUES, "large"]) == VALUES


@pytest.mark.parametrize("kind", ["fifo", "folder", "link"])
def test_what_is_no_regular_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    match kind:
        case "fifo":
            os.mkfifo(tmp_path / STORE)
        case "folder":
            (tmp_path / STORE).mkdir()
        case _:
            (tmp_path / STORE).symlink_to(tmp_path / "elsewhere")
    with Store(tmp_path) as store:
        store.put("facts", "me", "key", b"value")
        store.flush()
        assert store.get("facts", "me", "key") is None
    assert not (tmp_path / "elsewhere").exists()


WRITER = """
import pathlib, sys
from callpath.store import Store
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
for round in range(40):
    print(round, flush=True)
    with Store(folder) as store:
        values = {f"{name} {round} {each}": b"%d" % each for each in range(50)}
        store.put_many("facts", "me", values)
        assert store.get("facts", "me", f"{name} {round} 7") == b"7"
"""


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    names = ["one", "two", "three"]
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    running = [subprocess.Popen([*command, name], stdout=subprocess.DEVNULL) for name in names]
    assert [each.wait() for each in running] == [0, 0, 0]
    keys = [f"{name} {round} {each}" for name in names for round in range(40) for each in range(50)]
    assert found(tmp_path, keys).keys() == set(keys)


def test_a_process_that_is_killed_leaves_whole_values(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path), "one"]
    for rounds in (1, 2, 3, 5, 8, 13):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
            assert running.stdout is not None
            for _ in range(rounds):
                running.stdout.readline()
            running.kill()
        keys = [f"one {round} {each}" for round in range(40) for each in range(50)]
        values = found(tmp_path, keys)
        assert all(value == key.rpartition(" ")[2].encode() for key, value in values.items())
        assert len(values) >= 50 * (rounds - 1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it needs fork")
def test_a_forked_process_has_a_connection_of_its_own(filled: Path) -> None:
    store = Store(filled)
    assert store.get("facts", "me", "key 7")
    store.put("facts", "me", "of the parent", b"1")
    if not (child := os.fork()):
        is_same = store.get_many("facts", "me", [*VALUES, "of the parent"]) == VALUES
        store.put("facts", "me", "of the child", b"2")
        store.close()
        os._exit(0 if is_same else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    store.close()
    assert found(filled, ["of the parent", "of the child"]) == {
        "of the parent": b"1",
        "of the child": b"2",
    }


def test_the_size_is_bounded_and_what_is_used_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = 400_000
    for day in range(30):
        monkeypatch.setattr(module, "_today", lambda day=day: day)
        with Store(tmp_path, bound) as store:
            store.get("facts", "me", "0 3")
            chance = random.Random(day)  # noqa: S311
            values = {f"{day} {number}": chance.randbytes(5000) for number in range(10)}
            store.put_many("facts", "me", values)
        assert (tmp_path / STORE).stat().st_size < bound * 1.25
    keys = [f"{day} {number}" for day in range(30) for number in range(10)]
    kept = found(tmp_path, keys).keys()
    assert {f"29 {number}" for number in range(10)} < kept  # the newest
    assert "0 3" in kept  # the oldest, which was asked for each day
    assert "0 4" not in kept
    assert 200_000 < len(kept) * 5000 <= bound


def test_a_maker_changes_with_what_decides(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        own = store.maker(["callpath.proof.prove"], b"settings")
        assert own == store.maker(["callpath.proof.prove"], b"settings")
        others = [
            store.maker(["callpath.proof.prove"], b"other settings"),
            store.maker(["callpath.proof.prove"], b"settings", b""),
            store.maker(["callpath.proof.prove"], b"", b"settings"),
            store.maker(["callpath.proof.direct"], b"settings"),
        ]
        assert len({own, *others}) == 5
    assert Store().maker(["callpath.proof.prove"], b"settings") == own


MAKER = """
import sys
from pathlib import Path
from callpath.store import Store
with Store(Path(sys.argv[1])) as store:
    print(store.maker(sys.argv[2:]))
"""


def test_a_maker_changes_with_each_module_that_is_imported(tmp_path: Path) -> None:
    package = tmp_path / "lib" / "callpath"
    shutil.copytree(Path(module.__file__).parent, package)

    def maker(*modules: str) -> str:
        command = [sys.executable, "-c", MAKER, str(tmp_path / "cache"), *modules]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path / "lib")}
        said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return said.stdout

    # They were written long enough ago that their times tell whether they are the same.
    for file in package.rglob("*.py"):
        os.utime(file, ns=(1, 1))
    before, apart = maker("callpath.proof.prove"), maker("callpath.files")
    assert maker("callpath.proof.prove") == before
    for name in ("proof/linkage.py", "rules.py", "c/lexer.py"):  # imported, and at some remove
        file = package / name
        text = file.read_text()
        file.write_text(text.replace("return", "retorn", 1) if "return" in text else text + "#")
        changed = maker("callpath.proof.prove")
        assert changed != before
        if name != "c/lexer.py":
            assert maker("callpath.files") == apart
        file.write_text(text)
        assert maker("callpath.proof.prove") == before
    # A module that is imported from its package by name.
    before = maker("callpath.notes.parser")
    with (package / "notes/schema.py").open("a") as schema:
        schema.write("#")
    assert maker("callpath.notes.parser") != before


def test_the_checksum_is_of_the_id_too(tmp_path: Path) -> None:
    own, other = (hashlib.blake2b(each, digest_size=16).digest() for each in (b"a", b"b"))
    assert module._opened(own, module._sealed(own, b"x" * 1000)) == b"x" * 1000
    assert module._opened(other, module._sealed(own, b"x" * 1000)) is None
