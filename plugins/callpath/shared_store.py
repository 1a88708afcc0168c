"""Entries of a store where several machines reach them: a shared folder, or a bucket, by fsspec.

    URL/KIND/MAKER/DIGEST      one entry, as the store has it: checksum and all

Knows fsspec, and nothing of what entries say. Nothing here fails after it is opened: what cannot be
reached in time is absent, is said once in the log, and is not asked again.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from callpath.findings import UsageError

if TYPE_CHECKING:  # imported where there is such a store: that takes a tenth of a second
    from fsspec import AbstractFileSystem

T = TypeVar("T")

_LOG = logging.getLogger("callpath.store")
_PATIENCE = 30.0  # seconds in which one request, of as many entries as may be, is answered
_PASSWORD = re.compile(r"(?<=://)([^/@\s]*@)")
_INSTALL = "install it: `pip install 'callpath[store]'`"


class SharedStore:
    """A folder or a bucket with entries; it must be there.

    Parameters:
        place: A folder, or an address as fsspec takes it (`s3://bucket/folder`).

    Raises:
        UsageError: fsspec, or what it needs for such an address, is not installed.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._kind = _kind_of(place)
        self._known: dict[str, frozenset[str]] = {}  # which names there are in a folder
        self._waiting: dict[str, bytes] = {}  # by path below the place
        self._is_usable = True

    def get(self, kind: str, maker: str, names: Iterable[str]) -> dict[str, bytes]:
        """The entries of those of the names that have one."""
        folder = f"{kind}/{maker}"
        if folder not in self._known:
            self._known[folder] = self._asked(lambda: self._listed(folder)) or frozenset()
        asked = {f"{folder}/{name}": name for name in names}
        found = {path: self._waiting[path] for path in asked if path in self._waiting}
        there = [p for p, name in asked.items() if p not in found and name in self._known[folder]]
        if there:
            found |= self._asked(lambda: self._read(there)) or {}
        return {asked[path]: data for path, data in found.items()}

    def put(self, kind: str, maker: str, entries: Mapping[str, bytes]) -> None:
        """Note entries that are to be written, in place of those that are there."""
        self._waiting |= {f"{kind}/{maker}/{name}": value for name, value in entries.items()}

    def flush(self) -> None:
        """Write what waits, if possible."""
        waiting, self._waiting = self._waiting, {}
        if waiting:
            self._asked(lambda: self._write(waiting))

    @cached_property
    def _opened(self) -> "tuple[AbstractFileSystem, str]":
        """The files, and where the entries are among them; some kinds connect for that."""
        from fsspec.core import url_to_fs

        options = {"auto_mkdir": True} if self._kind == "file" else {}
        files, root = url_to_fs(self.place, **options)
        if self._kind == "file" and not files.isdir(root):
            raise FileNotFoundError("there is no such folder")
        return files, root.rstrip("/")

    def _listed(self, folder: str) -> frozenset[str]:
        files, root = self._opened
        try:
            paths = files.ls(f"{root}/{folder}", detail=False)
        except FileNotFoundError:  # as long as nobody wrote any
            return frozenset()
        return frozenset(path.rpartition("/")[2] for path in paths)

    def _read(self, paths: Sequence[str]) -> dict[str, bytes]:
        files, root = self._opened
        whole = {f"{root}/{path}": path for path in paths}
        data = files.cat(list(whole), on_error="return")  # removed ones are no failure
        return {whole[path]: value for path, value in data.items() if isinstance(value, bytes)}

    def _write(self, waiting: Mapping[str, bytes]) -> None:
        files, root = self._opened
        if self._kind != "file":  # in a bucket nobody ever sees a part
            files.pipe({f"{root}/{path}": data for path, data in waiting.items()})
            return
        draft = f".{uuid4().hex}"
        for path, data in waiting.items():
            files.pipe_file(f"{root}/{path}{draft}", data)
            files.mv(f"{root}/{path}{draft}", f"{root}/{path}")

    def _asked(self, work: Callable[[], T]) -> T | None:
        """What some work gives; None if that fails, or takes too long."""
        if not self._is_usable:
            return None
        answers: SimpleQueue[T | BaseException] = SimpleQueue()

        def answer() -> None:
            try:
                answers.put(work())
            except BaseException as error:  # of whatever library there is for such an address
                answers.put(error)

        # In a thread, since some libraries try for minutes.
        Thread(target=answer, daemon=True).start()
        try:
            found = answers.get(timeout=_PATIENCE)
        except Empty:
            found = TimeoutError(f"no answer within {_PATIENCE:g} seconds")
        if not isinstance(found, BaseException):
            return found
        self._is_usable = False
        reason = " ".join(str(found).split()) or type(found).__name__
        what = "warning: the store `%s` cannot be used: %s; this run goes on without it"
        _LOG.warning(what, _PASSWORD.sub("", self.place), reason)
        return None


def _kind_of(place: str) -> str:
    """What kind of files there are at a place, as fsspec names it; it can be read."""
    try:
        from fsspec import get_filesystem_class
        from fsspec.utils import get_protocol
    except ImportError as error:
        raise UsageError("`store` needs fsspec, which is not installed", _INSTALL) from error
    shown, kind = _PASSWORD.sub("", place), get_protocol(place)
    try:
        get_filesystem_class(kind)
    except ImportError as error:
        hint = "install what that names, here and on the workers"
        raise UsageError(f"the store `{shown}` cannot be read: {error}", hint) from error
    except ValueError as error:
        hint = "write a folder, or an address such as `s3://bucket/folder`"
        raise UsageError(f"`{shown}` is no address of a store: {error}", hint) from error
    return "file" if kind == "local" else kind
