"""Maps a function over batches on a cluster that runs already: `dask://HOST:PORT`.

With `dask+tls://HOST:PORT` both sides show the certificates that dask's own configuration names.

Knows dask, and nothing of what the batches are. A batch that a worker did not finish goes to
another one; the results are in the order of the batches, whoever made them.
"""

import logging
import re
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from callpath.findings import CallpathError, UsageError, WorkError

if TYPE_CHECKING:  # imported where a cluster is used: that takes a third of a second
    from distributed import Client, Future

_ADDRESS = re.compile(r"dask(\+tls)?://((?:[\w.-]+|\[[0-9a-fA-F:]+\]):(\d{1,5}))", re.ASCII)
_FORM = "write `dask://HOST:PORT`, with the address that the scheduler prints"
_INSTALL = "install it here and on the workers: `pip install 'callpath[dask]'`"
_START = "start some with the address of the scheduler: `dask worker HOST:PORT --nthreads 1`"
_MOST_PORT = 65535
_ANSWER = 10.0  # seconds in which a scheduler answers
_WORKERS = 30.0  # seconds in which there is a worker, at the beginning and when all have gone
_LOOK = 1.0  # seconds between two looks whether the scheduler and workers are still there
_AHEAD = 2  # batches that are sent for each that is worked on, so that no worker waits


_CALL = "__import__('pkgutil').resolve_name(name)(batch)"
"""How a worker calls a function: dask ends one that cannot import what it is sent, so it is sent
only what every Python has."""


def _named(function: Callable[[bytes], bytes], batch: bytes) -> dict[str, object]:
    return {"name": f"{function.__module__}:{function.__qualname__}", "batch": batch}


def scheduler_address(executor: str) -> str:
    """The scheduler's own address, `tcp://HOST:PORT` or `tls://HOST:PORT`.

    Raises UsageError if the executor is written otherwise than `dask://HOST:PORT`.
    """
    found = _ADDRESS.fullmatch(executor)
    if found is None or not 0 < int(found[3]) <= _MOST_PORT:
        raise UsageError(f"`{executor}` is no address of an executor", _FORM)
    return f"{'tls' if found[1] else 'tcp'}://{found[2]}"


class Cluster:
    """A cluster whose scheduler is at an address; to be closed at the end.

    Attributes:
        count: How many batches its workers work on at the same time.

    Raises:
        UsageError: It is no address, or dask is not installed.
        WorkError: No scheduler answers there, or it has no workers.
    """

    is_cluster = True

    def __init__(self, executor: str) -> None:
        self._shown = executor
        self._client = _connect(scheduler_address(executor), executor)
        try:
            self.count = self._count_when_there()
        except BaseException:
            self.close()
            raise

    def map(self, function: Callable[[bytes], bytes], batches: Iterable[bytes]) -> Iterator[bytes]:
        """What a function makes of each batch, in their order.

        Batches are taken as they are needed, so that only a few are in memory. A `CallpathError`
        is raised here as it was there.

        Raises WorkError if the scheduler or all workers went away, or a worker failed.
        """
        sent: deque[Future[bytes]] = deque()
        for batch in batches:
            with warnings.catch_warnings(), self._as_work_error():
                warnings.simplefilter("ignore")  # batches are large, as they should be
                # Not `pure`: a result that the cluster still has may be another program's.
                sent.append(self._client.submit(eval, _CALL, _named(function, batch), pure=False))
            if len(sent) > _AHEAD * self.count:
                yield self._result(sent.popleft())
        while sent:
            yield self._result(sent.popleft())

    def close(self) -> None:
        """Leave the cluster, which goes on; it forgets what is not done."""
        self._client.close(timeout=_ANSWER)

    def _count_when_there(self) -> int:
        with self._as_work_error():
            try:
                self._client.wait_for_workers(1, timeout=_WORKERS)
            except TimeoutError as error:
                raise WorkError(f"`{self._shown}` has no workers", _START) from error
            return sum(self._threads().values())

    def _result(self, future: "Future[bytes]") -> bytes:
        seen = time.monotonic()  # when there last was a worker
        with self._as_work_error():
            while not future.done():
                try:
                    return future.result(timeout=_LOOK)
                except TimeoutError:
                    now = time.monotonic()
                if self._threads():
                    seen = now
                elif now - seen > _WORKERS:
                    raise WorkError(f"all workers of `{self._shown}` have gone", _START)
            return future.result()

    def _threads(self) -> dict[str, int]:
        """How many batches each worker takes at the same time; the scheduler is asked."""
        scheduler: Any = self._client.scheduler  # a proxy, whose methods are the scheduler's
        found: dict[str, int] = self._client.sync(scheduler.ncores, callback_timeout=_ANSWER)
        return found

    @contextmanager
    def _as_work_error(self) -> Iterator[None]:
        """Makes of what dask raises an error that says what happened, and what to do."""
        from distributed.scheduler import KilledWorker

        try:
            yield
        except CallpathError:
            raise
        except KilledWorker as error:
            fact = f"one worker of `{self._shown}` after the other ended while it worked on a batch"
            raise WorkError(fact, "give them more memory; `--jobs 1` works without them") from error
        except (ImportError, AttributeError) as error:
            fact = f"a worker of `{self._shown}` cannot run this: {error}"
            raise WorkError(fact, "install the same Callpath there as here") from error
        except Exception as error:
            if self._client.status != "running" or isinstance(error, TimeoutError | OSError):
                hint = "start it again: what is already known is not asked for again"
                raise WorkError(f"the scheduler at `{self._shown}` went away", hint) from error
            fact = f"a worker of `{self._shown}` failed: {type(error).__name__}: {error}"
            raise WorkError(fact, "see what it printed; `--jobs 1` works without it") from error


def _connect(address: str, shown: str) -> "Client":
    try:
        from distributed import Client
        from distributed.versions import VersionMismatchWarning
    except ImportError as error:
        raise UsageError("`--executor` needs dask, which is not installed", _INSTALL) from error
    # What it would print about a connection that ends is said by an error; whether a worker has
    # other versions of what matters is asked with each batch.
    warnings.simplefilter("ignore", VersionMismatchWarning)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    made: SimpleQueue[Client | Exception] = SimpleQueue()

    def make() -> None:
        try:
            made.put(Client(address, timeout=_ANSWER, set_as_default=False))
        except Exception as error:  # dask has no class of its own for this
            made.put(error)

    # In a thread, since it waits for ever for something that listens and says nothing.
    Thread(target=make, daemon=True).start()
    try:
        client = made.get(timeout=2 * _ANSWER)
    except Empty:
        client = TimeoutError()
    if isinstance(client, Exception):
        why = "" if isinstance(client, OSError) else f": {type(client).__name__}: {client}"
        hint = "start one, `dask scheduler`, and write the address that it prints"
        raise WorkError(f"no scheduler of dask answers at `{shown}`{why}", hint) from client
    return client
