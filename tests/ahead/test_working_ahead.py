"""`check`, `lock` and `drift` by several processes and on a cluster: the same as by one process."""

import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import callpath
from callpath import cluster as cluster_module
from callpath.cli import main
from callpath.sources.git import GitSource
from clusters import LocalCluster, cluster_in, until, with_dask
from kernel import NOTES, TREE
from two_versions import NEW, OLD, write_notebook, write_versions

LAMP = "drivers/lamp/lamp.c"
OLDER = {path: data.decode() for path, data in TREE.items() if path.endswith((".c", ".h"))}
NEWER = {
    **{path: text for path, text in OLDER.items() if path != LAMP},
    "drivers/light/lamp.c": "/* Later. */\n" + OLDER[LAMP].replace("lamp_set(", "lamp_put("),
}
PAGE = "# Lamps\n\n`lamp_put()` was `lamp_set()`; `lamp_strat()` is none.\n"
CONFIG = (
    "site_name: Lamps\ndocs_dir: notes\nplugins:\n"
    f"  - callpath:\n      pin: {OLD}\n      versions: [{OLD}, {NEW}]\n"
)
COMMANDS = {
    "check": ("check", "--format", "json"),
    "drift": ("drift", OLD, NEW, "--format", "json"),
    "lock": ("lock",),
}
Said = tuple[int, bytes, str, bytes]
"""Exit status, output, messages, and the lockfile."""
Run = Callable[..., Said]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("versions") / "linux"
    return write_versions(folder, v3_7=OLDER, v3_8=NEWER)


@pytest.fixture
def run(tmp_path: Path, repository: Path) -> Run:
    """Runs one of the commands in a site, which is made if it is not there."""

    def call(name: str, command: str, *words: str) -> Said:
        site = tmp_path / name
        if not site.exists():
            write_notebook(site, {**NOTES, "index.md": PAGE}, CONFIG)
        given = ["--config", str(site / "mkdocs.yml"), *COMMANDS[command], *words]
        done = CliRunner().invoke(main, [*given, "--source", f"git:{repository}"])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        lock = site / "notes/notes.lock"
        written = lock.read_bytes() if lock.exists() else b""
        return done.exit_code, done.stdout_bytes, done.stderr, written

    return call


@pytest.fixture(params=COMMANDS)
def command(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def alone(run: Run, command: str) -> Said:
    """What one process says."""
    found = run("alone", command, "--jobs", "1")
    assert found[0] < 2, found[2]
    return found


@pytest.fixture
def proved(alone: Said, proved: list[object]) -> list[object]:
    """What this process proves after it has worked alone."""
    return proved


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    with cluster_in(tmp_path / "cluster") as made:
        yield made


@pytest.mark.parametrize("jobs", ["2", "8"])
def test_several_processes_say_the_same_cold_and_warm(
    run: Run, command: str, alone: Said, jobs: str
) -> None:
    assert run("site", command, "--jobs", jobs) == alone
    warm = run("alone", command, "--jobs", "1")
    assert run("site", command, "--jobs", "1") == warm
    assert run("site", command, "--jobs", jobs) == warm


@with_dask
def test_a_cluster_says_the_same_though_a_worker_dies_on_the_way(
    run: Run, command: str, alone: Said, proved: list[object], cluster: LocalCluster
) -> None:
    from distributed import Client

    workers = {process.pid: process for process in cluster.add_workers(3)}
    with (
        closing(Client(f"tcp://{cluster.place}", set_as_default=False)) as client,
        ThreadPoolExecutor(1) as thread,
    ):
        pids = client.run(os.getpid)
        for pid in workers:  # so that what they are given is not done yet
            os.kill(pid, signal.SIGSTOP)
        found = thread.submit(run, "site", command, "--executor", cluster.executor)
        until(lambda: any(client.processing().values()), "a worker with work")
        busy = next(place for place, tasks in client.processing().items() if tasks)
        workers[pids[busy]].kill()
        for pid in workers.keys() - {pids[busy]}:
            os.kill(pid, signal.SIGCONT)
        assert found.result() == alone
    assert proved == []


@with_dask
def test_workers_that_cannot_read_the_repository_are_given_the_files(
    run: Run,
    command: str,
    alone: Said,
    proved: list[object],
    cluster: LocalCluster,
    tmp_path: Path,
) -> None:
    (tmp_path / "empty").mkdir()
    cluster.add_workers(1, PATH=str(tmp_path / "empty"))  # where there is no git
    assert run("site", command, "--executor", cluster.executor) == alone
    assert proved == []


@with_dask
def test_a_worker_with_another_callpath_is_refused(
    run: Run, command: str, cluster: LocalCluster, tmp_path: Path
) -> None:
    package = tmp_path / "other/callpath"
    shutil.copytree(Path(callpath.__file__).parent, package)
    with (package / "c/file.py").open("a") as file:
        file.write("# another version\n")
    cluster.add_workers(1, PYTHONPATH=str(package.parent))
    status, output, messages, _ = run("site", command, "--executor", cluster.executor)
    assert (status, output) == (2, b"")
    assert messages.splitlines() == [
        "error: a worker has another version of Callpath, or of a library that parses",
        "hint: install the same versions there as here",
    ]


@with_dask
def test_where_no_scheduler_listens_that_is_a_sentence(
    run: Run, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "_ANSWER", 0.5)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        executor = f"dask://127.0.0.1:{closed.getsockname()[1]}"
        status, output, messages, _ = run("site", command, "--executor", executor)
    assert (status, output) == (2, b"")
    first, second = messages.splitlines()
    assert first == f"error: no scheduler of dask answers at `{executor}`"
    assert second.startswith("hint: start one")


def test_an_address_that_is_none_is_a_sentence(run: Run, command: str) -> None:
    status, output, messages, _ = run("site", command, "--executor", "dask://nowhere")
    assert (status, output) == (2, b"")
    assert messages.splitlines() == [
        "error: `dask://nowhere` is no address of an executor",
        "hint: write `dask://HOST:PORT`, with the address that the scheduler prints",
    ]


def test_without_dask_what_to_install_is_a_sentence(
    run: Run, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    status, output, messages, _ = run("site", command, "--executor", "dask://127.0.0.1:1")
    assert (status, output) == (2, b"")
    assert messages.splitlines() == [
        "error: `--executor` needs dask, which is not installed",
        "hint: install it here and on the workers: `pip install 'callpath[dask]'`",
    ]


def test_without_a_source_there_is_nothing_to_do_for_a_cluster(tmp_path: Path) -> None:
    site = write_notebook(tmp_path / "site", {**NOTES, "index.md": PAGE}, CONFIG)
    words = ["--config", str(site / "mkdocs.yml"), "check", "--executor", "dask://127.0.0.1:1"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert done.stderr.startswith("error: without a source there is nothing to do")


@with_dask
def test_a_worker_without_this_part_of_callpath_is_a_sentence(
    run: Run, command: str, cluster: LocalCluster, tmp_path: Path
) -> None:
    (tmp_path / "other/callpath").mkdir(parents=True)
    (tmp_path / "other/callpath/__init__.py").touch()
    cluster.add_workers(1, PYTHONPATH=str(tmp_path / "other"))
    status, output, messages, _ = run("site", command, "--executor", cluster.executor)
    assert (status, output) == (2, b"")
    first, second = messages.splitlines()
    assert first.startswith(f"error: a worker of `{cluster.executor}` cannot run this: ")
    assert second == "hint: install the same Callpath there as here"


@pytest.mark.parametrize("command", ["check"])
def test_shards_that_are_merged_leave_nothing_to_prove_or_search(
    run: Run, alone: Said, proved: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        status, output, messages, _ = run(f"shard{number}", "check", "--shard", f"{number}/2")
        assert (status, output) == (0, b"")
        assert messages == f"shard {number} of 2: 1 of 2 versions\n"
    run("site", "check", "--shard", "1/1")
    proved.clear()
    searched: list[str] = []
    stream = GitSource.stream

    def noting(source: GitSource, *given: Any) -> Iterator[tuple[str, bytes]]:
        searched.append(source.pin.version)
        return stream(source, *given)

    monkeypatch.setattr(GitSource, "stream", noting)
    assert run("site", "check") == alone
    shutil.rmtree(tmp_path / "site/.cache")
    merged = [str(tmp_path / f"shard{number}/.cache/callpath") for number in (1, 2)]
    config = ["--config", str(tmp_path / "site/mkdocs.yml")]
    assert CliRunner().invoke(main, [*config, "merge", *merged]).exit_code == 0
    assert run("site", "check") == alone
    assert (proved, searched) == ([], [])


def test_more_shards_than_versions_are_refused(run: Run) -> None:
    status, output, messages, _ = run("site", "check", "--shard", "1/3")
    assert (status, output) == (2, b"")
    assert messages.startswith("error: 2 versions cannot be divided into 3 shards")
