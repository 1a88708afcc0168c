"""`callpath eras` by several processes, on a cluster, and in shards: the same as by one process."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import callpath
from callpath.cli import main
from callpath.store import STORE
from clusters import LocalCluster, cluster_in, until, with_dask
from releases import BLOBS, write_notebook, write_releases

KEPT = Path(".cache/callpath") / STORE
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_releases(tmp_path_factory.mktemp("releases") / "linux")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    with cluster_in(tmp_path / "cluster") as made:
        yield made


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command in a site, which is made if it is not there."""

    def call(name: str, *words: str | Path) -> Result:
        root = tmp_path / name
        if not root.exists():
            write_notebook(root)
        given = ["--config", str(root / "mkdocs.yml"), *map(str, words)]
        done = CliRunner().invoke(main, given)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return call


@pytest.fixture
def alone(run: Run, spec: str) -> Result:
    """What one process says."""
    done = run("alone", "eras", "--source", spec, "--jobs", "1", "--format", "json")
    assert done.exit_code == 0
    return done


def test_several_processes_say_the_same_and_what_they_parsed_is_known(
    run: Run, spec: str, alone: Result
) -> None:
    for number in (2, 8):
        words = ("eras", "--source", spec, "--format", "json", "--jobs", str(number))
        done = run(f"site{number}", *words)
        assert (done.stdout, done.stderr) == (alone.stdout, alone.stderr)
        again = run(f"site{number}", *words[:-1], "1")
        assert again.stdout == alone.stdout
        assert f"{BLOBS} different files, 0 parsed" in again.stderr


@with_dask
def test_a_cluster_says_the_same_though_a_worker_dies_on_the_way(
    run: Run, spec: str, alone: Result, cluster: LocalCluster
) -> None:
    from distributed import Client

    workers = cluster.add_workers(3)
    with (
        closing(Client(f"tcp://{cluster.place}", set_as_default=False)) as client,
        ThreadPoolExecutor(1) as thread,
    ):
        os.kill(workers[0].pid, signal.SIGSTOP)  # so that what it is given is never done
        words = ("eras", "--source", spec, "--format", "json", "--executor", cluster.executor)
        found = thread.submit(run, "site", *words)
        until(lambda: sum(map(bool, client.processing().values())) == 1, "one worker with work")
        workers[0].kill()
        done = found.result()
    assert (done.stdout, done.stderr) == (alone.stdout, alone.stderr)
    again = run("site", "eras", "--source", spec, "--format", "json")
    assert again.stdout == alone.stdout
    assert "0 parsed" in again.stderr


@with_dask
def test_workers_that_cannot_read_the_repository_are_given_the_files(
    run: Run, spec: str, alone: Result, cluster: LocalCluster, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    cluster.add_workers(1, PATH=str(tmp_path / "empty"))  # where there is no git
    words = ("eras", "--source", spec, "--format", "json", "--executor", cluster.executor)
    done = run("site", *words)
    assert (done.stdout, done.stderr) == (alone.stdout, alone.stderr)


@with_dask
def test_a_worker_with_another_callpath_is_refused(
    run: Run, spec: str, cluster: LocalCluster, tmp_path: Path
) -> None:
    package = tmp_path / "other/callpath"
    shutil.copytree(Path(callpath.__file__).parent, package)
    with (package / "c/file.py").open("a") as file:
        file.write("# another version\n")
    cluster.add_workers(1, PYTHONPATH=str(package.parent))
    done = run("site", "eras", "--source", spec, "--executor", cluster.executor)
    assert done.exit_code == 2
    assert "error: a worker has another version of Callpath" in done.stderr
    assert "hint: install the same versions" in done.stderr


def test_an_address_that_is_none_is_a_sentence(run: Run, spec: str) -> None:
    done = run("site", "eras", "--source", spec, "--executor", "dask://nowhere")
    assert done.exit_code == 2
    assert done.stderr.splitlines() == [
        "error: `dask://nowhere` is no address of an executor",
        "hint: write `dask://HOST:PORT`, with the address that the scheduler prints",
    ]


def test_shards_that_are_merged_are_the_whole(
    run: Run, spec: str, alone: Result, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        done = run(f"shard{number}", "eras", "--source", spec, "--shard", f"{number}/3")
        assert (done.exit_code, done.stdout) == (0, "")
        assert done.stderr.startswith(f"shard {number} of 3: ")
    stores = [tmp_path / f"shard{number}" / KEPT for number in (1, 2)]
    merged = run("site", "merge", *stores, tmp_path / "shard3/.cache/callpath")
    assert merged.exit_code == 0, merged.stderr
    done = run("site", "eras", "--source", spec, "--format", "json")
    assert done.stdout == alone.stdout
    assert f"{BLOBS} different files, 0 parsed" in done.stderr
    again = run("site", "merge", *stores)
    assert again.stderr.count(": 0 of ") == 2


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "1/0", "a/b", "-1/3", "1/3/5"])
def test_a_shard_that_is_none_is_refused(run: Run, spec: str, shard: str) -> None:
    done = run("site", "eras", "--source", spec, "--shard", shard)
    assert done.exit_code == 2
    assert f"`{shard}` is no part: write `2/5` for the second of five" in done.stderr


def test_more_shards_than_releases_are_refused(run: Run, spec: str) -> None:
    done = run("site", "eras", "--source", spec, "--shard", "1/6")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error: 5 releases cannot be divided into 6 shards" in done.stderr


def test_a_shard_writes_no_eras(run: Run, spec: str) -> None:
    done = run("site", "eras", "--source", spec, "--shard", "1/3", "--write")
    assert done.exit_code == 2
    assert "error: a shard knows only some of the releases" in done.stderr


def test_what_is_no_store_is_not_merged(run: Run, spec: str, tmp_path: Path) -> None:
    run("site", "eras", "--source", spec, "--shard", "1/3")
    before = (tmp_path / "site" / KEPT).read_bytes()
    (tmp_path / "text").write_text("no store\n" * 1000)
    (tmp_path / "empty").touch()
    with closing(sqlite3.connect(tmp_path / "old")) as old:
        old.execute("PRAGMA user_version = 99")
    for name, fact in {
        "text": "is no store, or damaged",
        "empty": "is no store, or one of another format",
        "old": "is no store, or one of another format",
        "missing": "there is no file",
        ".": "there is no file",
        f"site/{KEPT}": "is the site's own store",
    }.items():
        done = run("site", "merge", tmp_path / name)
        assert done.exit_code == 2, name
        assert fact in done.stderr, done.stderr
        assert "hint: " in done.stderr
    assert (tmp_path / "site" / KEPT).read_bytes() == before


def test_a_damaged_store_gives_what_is_whole(run: Run, spec: str, tmp_path: Path) -> None:
    run("shard", "eras", "--source", spec, "--shard", "1/1")
    with closing(sqlite3.connect(tmp_path / "shard" / KEPT)) as kept:
        kept.execute("UPDATE entries SET value = x'00' || value WHERE id % 2")
        kept.commit()
    assert run("site", "merge", tmp_path / "shard" / KEPT).exit_code == 0
    whole = run("other", "eras", "--source", spec, "--format", "json")
    assert run("site", "eras", "--source", spec, "--format", "json").stdout == whole.stdout
