"""Maps a function over batches of work, in this process, in several, or on a cluster.

The function is one of a module's top level. It takes bytes and gives bytes, and depends on nothing
else: so the same call runs here or elsewhere, with the same results in the same order.
What is costly to hand over, such as a syntax tree, stays where it is made.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeAlias

from callpath.findings import WorkError

Function: TypeAlias = Callable[[bytes], bytes]


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_batches(function: Function, batches: Iterable[bytes], jobs: int = 1) -> Iterator[bytes]:
    """What a function makes of each batch, in the order of the batches.

    What the function raises is raised here. Raises WorkError if a process ended before its time,
    as one that the system killed for its memory.

    Parameters:
        jobs: How many processes work at the same time; with 1 it is this one, and none is started.
    """
    given = list(batches)
    jobs = min(jobs, len(given))
    if jobs < 2:
        yield from map(function, given)
        return
    # Imported where it is needed: most commands start no process.
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_all_start_methods, get_context

    # Not by a mere fork, which would copy locks that threads of this process hold.
    is_there = "forkserver" in get_all_start_methods()
    context = get_context("forkserver" if is_there else "spawn")
    with ProcessPoolExecutor(jobs, context) as pool:
        try:
            yield from pool.map(function, given)
        except BrokenProcessPool as error:
            raise WorkError(
                "a process that worked on a part of this ended before it was done",
                "the system may have killed it for its memory: try `--jobs 1`",
            ) from error


class Workers(Protocol):
    """What works on batches."""

    count: int
    """How many batches are worked on at the same time; with 1 it may be in this process."""
    is_cluster: bool
    """Whether they are other machines, which may lack a source, or have another Callpath."""

    def map(self, function: Function, batches: Iterable[bytes]) -> Iterator[bytes]:
        """What a function makes of each batch, in the order of the batches."""


class Processes:
    """Processes of this machine, or this one alone."""

    is_cluster = False

    def __init__(self, jobs: int) -> None:
        self.count = jobs

    def map(self, function: Function, batches: Iterable[bytes]) -> Iterator[bytes]:
        """As `map_batches`."""
        return map_batches(function, batches, self.count)


def check_maker(theirs: str, own: str) -> None:
    """Raise WorkError if a worker answered by another program: it might answer otherwise."""
    if theirs != own:
        fact = "a worker has another version of Callpath, or of a library that parses"
        raise WorkError(fact, "install the same versions there as here")


@contextmanager
def open_workers(jobs: int = 1, executor: str = "") -> Iterator[Workers]:
    """What works on batches: so many processes, or the cluster at an address.

    Raises:
        UsageError: It is no address, or dask is not installed.
        WorkError: There is no such cluster, or it went away.
    """
    if not executor:
        yield Processes(jobs)
        return
    from callpath.cluster import Cluster

    cluster = Cluster(executor)
    try:
        yield cluster
    finally:
        cluster.close()
