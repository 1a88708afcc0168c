"""What several machines keep together: the folder or bucket behind a store, and a check of it."""

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

import pytest

from callpath import shared_store
from callpath.findings import UsageError
from callpath.shared_store import SharedStore
from callpath.store import STORE, ReadStore, Store, StorePlaces
from callpath.work import map_batches
from kernel import NOTES, TREE
from test_cli import PROGRAM
from two_versions import NEW, OLD, invoke, write_notebook, write_versions

fsspec = pytest.importorskip("fsspec", reason="pip install 'callpath[store]'")

KEYS = [f"key {number}" for number in range(50)]
VALUES = {key: key.encode() * 100 for key in KEYS}


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A bucket at a server that speaks S3, on this machine."""
    for package in ("s3fs", "moto", "flask_cors"):
        if find_spec(package) is None:
            reason = "pip install --require-hashes --no-deps -r requirements-s3.lock"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    log = tmp_path_factory.mktemp("s3") / "log"
    settings = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    before = {name: os.environ.get(name) for name in settings}
    with log.open("wb") as file:
        server = subprocess.Popen(words, stdout=file, stderr=file)
    try:
        end = time.monotonic() + 60
        while not _answers(f"http://127.0.0.1:{port}/moto-api/"):
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        os.environ.update(settings)
        fsspec.filesystem("s3").mkdir("notes")
        yield "s3://notes/store"
    finally:
        server.kill()
        server.wait()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _answers(address: str) -> bool:
    try:
        with urlopen(address) as answer:  # noqa: S310 - of this machine
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(params=["folder", "file", "memory", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder or a bucket that is there and has nothing in it."""
    (tmp_path / "shared").mkdir()
    match request.param:
        case "folder":
            return str(tmp_path / "shared")
        case "file":
            return f"file://{tmp_path}/shared"
        case "memory":
            return f"memory://{tmp_path}"
        case _:
            return f"{request.getfixturevalue('bucket')}/{tmp_path.name}"


def machine(folder: Path, place: str) -> Store:
    """The store of a machine that has a folder of its own."""
    return Store(folder, shared=SharedStore(place))


def test_what_one_machine_puts_another_one_gets_and_keeps(tmp_path: Path, place: str) -> None:
    with machine(tmp_path / "one", place) as one:
        one.put_many("kind", "maker", VALUES)
    with machine(tmp_path / "two", place) as two:
        assert two.get_many("kind", "maker", [*KEYS, "other"]) == VALUES
        assert two.get("kind", "other", KEYS[0]) is None
        assert two.get("other", "maker", KEYS[0]) is None
    assert Store(tmp_path / "two").get_many("kind", "maker", KEYS) == VALUES
    assert machine(tmp_path / "one", place).get_many("kind", "maker", KEYS) == VALUES


def test_a_damaged_entry_is_absent_and_made_anew(tmp_path: Path, place: str) -> None:
    with machine(tmp_path / "one", place) as one:
        one.put_many("kind", "maker", VALUES)
    files, root = fsspec.url_to_fs(place)
    first, second, *_ = sorted(files.find(root))
    files.pipe({first: files.cat(first)[:-1], second: b""})
    with machine(tmp_path / "two", place) as two:
        found = two.get_many("kind", "maker", KEYS)
        lost = VALUES.keys() - found
        assert len(lost) == 2
        assert found.items() < VALUES.items()
        two.put_many("kind", "maker", {key: VALUES[key] for key in lost})
    assert machine(tmp_path / "three", place).get_many("kind", "maker", KEYS) == VALUES


def test_what_is_removed_meanwhile_is_absent(tmp_path: Path, place: str) -> None:
    with machine(tmp_path / "one", place) as one:
        one.put_many("kind", "maker", VALUES)
    two = machine(tmp_path / "two", place)
    assert two.get("kind", "maker", KEYS[0]) == VALUES[KEYS[0]]
    files, root = fsspec.url_to_fs(place)
    files.rm(sorted(files.find(root)))
    assert two.get_many("kind", "maker", KEYS) == {KEYS[0]: VALUES[KEYS[0]]}


def put_all(batch: bytes) -> bytes:
    """Put all values, each alone, and get them."""
    folder, place = batch.decode().split("|")
    with machine(Path(folder), place) as store:
        for key, value in VALUES.items():
            store.put("kind", "maker", key, value)
            store.flush()
            assert store.get("kind", "maker", key) == value
        return b"".join(store.get_many("kind", "maker", KEYS).values())


def test_two_processes_at_once_leave_whole_entries(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    batches = [f"{tmp_path}/{name}|{tmp_path}/shared".encode() for name in ("one", "two", "three")]
    assert list(map_batches(put_all, batches, 3)) == [b"".join(VALUES.values())] * 3
    shared = tmp_path / "shared"
    assert len([path for path in shared.rglob("*") if path.is_file()]) == len(KEYS)
    assert machine(tmp_path / "four", str(shared)).get_many("kind", "maker", KEYS) == VALUES


def test_who_works_for_another_one_reads_and_does_not_write(tmp_path: Path, place: str) -> None:
    with machine(tmp_path / "one", place) as one:
        one.put("kind", "maker", "known", b"value")
        places = StorePlaces.of(one)
    with ReadStore.at(StorePlaces(os.fsencode(tmp_path / "two"), places.shared)) as worker:
        assert worker.get("kind", "maker", "known") == b"value"
        worker.put("kind", "maker", "new", b"value")
        assert worker.gathered == {("kind", "maker"): {"new": b"value"}}
    assert not (tmp_path / "two" / STORE).exists()
    assert machine(tmp_path / "three", place).get("kind", "maker", "new") is None


@pytest.fixture
def silent_server() -> Iterator[str]:
    """An address where something listens and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"ftp://name:secret@127.0.0.1:{server.getsockname()[1]}/store"


def test_one_that_does_not_answer_is_told_once_and_left_alone(
    tmp_path: Path,
    silent_server: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared_store, "_PATIENCE", 0.2)
    with machine(tmp_path / "one", silent_server) as store:
        assert store.get("kind", "maker", "key") is None
        store.put("kind", "maker", "key", b"value")
    assert Store(tmp_path / "one").get("kind", "maker", "key") == b"value"
    (said,) = caplog.messages
    assert said.startswith("warning: the store `ftp://127.0.0.1:")
    assert said.endswith("no answer within 0.2 seconds; this run goes on without it")


def test_a_folder_that_is_not_there_is_told_and_not_made(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with machine(tmp_path / "one", str(tmp_path / "none")) as store:
        store.put("kind", "maker", "key", b"value")
    assert Store(tmp_path / "one").get("kind", "maker", "key") == b"value"
    assert not (tmp_path / "none").exists()
    assert caplog.messages == [
        f"warning: the store `{tmp_path}/none` cannot be used: there is no such folder; "
        "this run goes on without it"
    ]


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(UsageError, match="`nonsense://x` is no address of a store"):
        SharedStore("nonsense://x")


def test_without_fsspec_what_to_install_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(UsageError, match="fsspec, which is not installed") as raised:
        SharedStore("s3://bucket")
    assert "callpath[store]" in raised.value.hint


def test_without_what_an_address_needs_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(UsageError, match=r"the store `gs://bucket` cannot be read: .*gcsfs"):
        SharedStore("gs://bucket")


FILES = {path: data.decode() for path, data in TREE.items() if path.endswith((".c", ".h"))}
PAGE = "# Lamps\n\n`lamp_put()` was `lamp_set()`; `lamp_strat()` is none.\n"
CONFIG = (
    "site_name: Lamps\ndocs_dir: notes\nplugins:\n"
    f"  - callpath:\n      pin: {OLD}\n      versions: [{OLD}, {NEW}]\n      store: "
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return write_versions(tmp_path / "linux", v3_7=FILES, v3_8=FILES)


def test_a_check_elsewhere_proves_nothing_again(
    tmp_path: Path, repository: Path, place: str, proved: list[object]
) -> None:
    words = ("check", "--source", f"git:{repository}", "--format", "json", "--jobs", "1")
    notes = {**NOTES, "index.md": PAGE}
    sites = [write_notebook(tmp_path / name, notes, CONFIG + place) for name in ("a", "b", "c")]
    first = invoke(sites[0], *words)
    assert proved
    proved.clear()
    assert invoke(sites[1], *words) == first
    assert proved == []
    files, root = fsspec.url_to_fs(place)
    files.pipe(dict.fromkeys(files.find(root), b"damage"))
    assert invoke(sites[2], *words) == first
    assert proved


def test_a_check_whose_store_is_away_says_so_and_what_it_finds(
    tmp_path: Path, repository: Path
) -> None:
    notes = {**NOTES, "index.md": PAGE}
    there = write_notebook(tmp_path / "a", notes, CONFIG + '""')
    away = write_notebook(tmp_path / "b", notes, CONFIG + "none")
    first, second = (
        subprocess.run(
            [*PROGRAM, "check", "--source", f"git:{repository}"],
            cwd=site,
            capture_output=True,
            encoding="utf-8",
        )
        for site in (there, away)
    )
    assert (second.returncode, second.stdout) == (first.returncode, first.stdout)
    assert first.returncode == 1
    assert second.stderr.splitlines() == [
        f"warning: the store `{away}/none` cannot be used: there is no such folder; "
        "this run goes on without it",
        *first.stderr.splitlines(),
    ]


def test_threads_share_a_store(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    store = machine(tmp_path / "one", str(tmp_path / "shared"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put("kind", "maker", key, VALUES[key]), KEYS))
    store.close()
    assert machine(tmp_path / "two", f"{tmp_path}/shared").get_many("kind", "maker", KEYS) == VALUES
