"""A function over batches on a cluster of dask, which may fail in every way."""

import os
import shutil
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from callpath import cluster as module
from callpath.cluster import Cluster, scheduler_address
from callpath.findings import UsageError, WorkError
from callpath.work import open_workers
from clusters import (
    LocalCluster,
    cluster_in,
    fail,
    make_certificates,
    turned,
    turned_when_all_go,
    until,
)

pytest.importorskip("distributed", reason="dask is not installed: pip install 'callpath[dask]'")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    with cluster_in(tmp_path / "cluster") as made:
        yield made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_WORKERS", 0.5)
    monkeypatch.setattr(module, "_LOOK", 0.1)


def test_a_worker_that_dies_costs_no_result_and_no_order(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    workers = {process.pid: process for process in cluster.add_workers(3)}
    names = [b"one", b"two", b"three", b"four", b"five", b"six", b"seven"]
    batches = [os.fsencode(tmp_path) + b"|" + name for name in names]
    with open_workers(executor=cluster.executor) as opened, ThreadPoolExecutor(1) as thread:
        assert opened.count == 3
        found = thread.submit(lambda: list(opened.map(turned_when_all_go, batches)))
        until(lambda: len(list(tmp_path.glob("at-*"))) == 3, "three workers at work")
        killed = next(iter(workers.values()))
        killed.kill()
        killed.wait()
        (tmp_path / "go").touch()
        assert found.result() == [name[::-1] for name in names]
    worked = {int(file.name.removeprefix("at-")) for file in tmp_path.glob("at-*")}
    assert worked == workers.keys()


def test_what_a_function_raises_is_told_and_the_cluster_goes_on(cluster: LocalCluster) -> None:
    cluster.add_workers(1)
    with closing(Cluster(cluster.executor)) as opened:
        with pytest.raises(WorkError, match=r"a worker of `dask://.*` failed: ValueError: no"):
            list(opened.map(fail, [b"no"]))
        assert list(opened.map(turned, [b"ab", b"cd"])) == [b"ba", b"dc"]
        assert list(opened.map(turned, [])) == []


def test_with_certificates_nobody_else_is_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dask import config

    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    make_certificates(tmp_path)
    with cluster_in(tmp_path / "cluster", tmp_path) as cluster:
        cluster.add_workers(1)
        assert cluster.executor.startswith("dask+tls://")
        shown = {"ca-file": "cert", "client.cert": "cert", "client.key": "key"}
        files = {f"distributed.comm.tls.{n}": f"{tmp_path}/{f}.pem" for n, f in shown.items()}
        certified = config.set(files)
        with certified, closing(Cluster(cluster.executor)) as opened:
            assert list(opened.map(turned, [b"ab", b"cd"])) == [b"ba", b"dc"]
        monkeypatch.setattr(module, "_ANSWER", 1.0)
        for executor in (cluster.executor, f"dask://{cluster.place}"):
            with pytest.raises(WorkError, match="no scheduler of dask answers at"):
                Cluster(executor)


@pytest.mark.usefixtures("impatient")
def test_workers_that_have_all_gone_are_not_waited_for(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    (worker,) = cluster.add_workers(1)
    batch = os.fsencode(tmp_path) + b"|one"
    with closing(Cluster(cluster.executor)) as opened, ThreadPoolExecutor(1) as thread:
        found = thread.submit(lambda: list(opened.map(turned_when_all_go, [batch])))
        until(lambda: bool(list(tmp_path.glob("at-*"))), "a worker at work")
        worker.kill()
        with pytest.raises(WorkError, match=r"all workers of `dask://.*` have gone"):
            found.result()


@pytest.mark.usefixtures("impatient")
def test_a_cluster_without_workers_is_told(cluster: LocalCluster) -> None:
    with pytest.raises(WorkError, match="has no workers") as raised:
        Cluster(cluster.executor)
    assert "dask worker" in raised.value.hint


def test_a_scheduler_that_goes_away_is_told(cluster: LocalCluster, tmp_path: Path) -> None:
    cluster.add_workers(1)
    batch = os.fsencode(tmp_path) + b"|one"
    with closing(Cluster(cluster.executor)) as opened, ThreadPoolExecutor(1) as thread:
        found = thread.submit(lambda: list(opened.map(turned_when_all_go, [batch])))
        until(lambda: bool(list(tmp_path.glob("at-*"))), "a worker at work")
        cluster.scheduler.kill()
        with pytest.raises(WorkError, match=r"the scheduler at `dask://.*` went away"):
            found.result()


@pytest.mark.parametrize("listens", [True, False])
def test_where_no_scheduler_answers_that_is_told(
    listens: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_ANSWER", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if listens:  # and never says a word
            silent.listen()
        executor = f"dask://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(WorkError, match=f"no scheduler of dask answers at `{executor}`"):
            Cluster(executor)


@pytest.mark.parametrize(
    "executor",
    ["dask", "dask://", "dask://host", "dask://host:", "dask://host:0", "dask://host:65536"],
)
def test_what_has_no_host_or_no_port_is_refused(executor: str) -> None:
    with pytest.raises(UsageError, match="no address of an executor"):
        scheduler_address(executor)


@pytest.mark.parametrize(
    "executor",
    [
        "tcp://host:1",
        "ray://host:1",
        "dask+ssh://host:1",
        "dask://host:1/x",
        "dask://a b:1",
        "dask://host:٣",
    ],
)
def test_what_is_no_address_is_refused(executor: str) -> None:
    with pytest.raises(UsageError, match="no address of an executor"):
        scheduler_address(executor)


def test_without_dask_what_to_install_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="needs dask, which is not installed") as raised:
        Cluster("dask://127.0.0.1:1")
    assert "callpath[dask]" in raised.value.hint


def test_hosts_are_names_and_numbers() -> None:
    for place in ("host:8786", "10.0.0.1:1", "[::1]:65535", "a-b.example.org:80"):
        assert scheduler_address(f"dask://{place}") == f"tcp://{place}"
        assert scheduler_address(f"dask+tls://{place}") == f"tls://{place}"
