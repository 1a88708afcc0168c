"""What is known by content: one file below a site's cache, for every command and the build.

A value is what somebody made of something that cannot change:

    with Store(workspace.root / CACHE) as store:
        maker = store.maker(["callpath.c.kept"], settings)
        known = store.get_many("facts", maker, blobs)
        store.put_many("facts", maker, {blob: data})

- The *kind* says what the value is. Each has one owner, who encodes and decodes it.
- The *maker* says who made it: a digest of the program's modules, and of settings. What another
  maker made is absent.
- The *key* is all that the value depends on besides, as an id of content (a blob, a tree, the
  digest of a text or of a question), never a path on this machine: so another folder or another
  machine can use the file.

What is put is written in one transaction with others, at the latest by `flush` or `close`. Nothing
here fails but `merge`: where the file is damaged, locked for long, or cannot be written, values are
absent and nothing is kept. Several processes may use a file at once, each with a `Store` of its
own; one `Store` may be used by several threads.
"""

import hashlib
import json
import os
import re
import stat
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from callpath.cache import Cache
from callpath.findings import UsageError

if TYPE_CHECKING:  # imported where the file is opened: a command may need nothing of it
    from sqlite3 import Connection

    from callpath.shared_store import SharedStore

STORE = "store.sqlite3"
"""The file, below the folder of a cache."""

MOST_BYTES = 512 * 1024 * 1024
"""How large the file may get; beyond, what was not used for the longest goes."""

_FORMAT = 1  # of the file; one of another format is made anew
_SCHEMA = """
CREATE TABLE entries (id INTEGER PRIMARY KEY, used INTEGER NOT NULL, value BLOB NOT NULL)
"""
_REMAINS = 0.75  # of the bound, after the oldest entries went
_MOST_WAITING = 8 * 1024 * 1024  # bytes that wait to be written
_LARGEST = 64 * 1024 * 1024  # bytes of a value that is kept
_AT_ONCE = 500  # ids in one statement
_PATIENCE = 5.0  # seconds that one waits while another process writes
_DAY = 24 * 60 * 60
_CHECK = 8  # bytes of a checksum
_PACKED_FROM = 256  # bytes; less is not worth packing
_PLAIN, _PACKED = b"\0", b"\1"
_DAMAGE = (1, 11, 26)  # SQLite's codes of a file that has other tables, is damaged, or is another


_OF_MACHINE = frozenset({"program", "searched trees"})
"""Kinds of values that are of the machine, and not shared."""


class _Damage(Exception):  # noqa: N818 - nobody sees it
    """The file is damaged."""


class Store:
    """The values of one file, which is opened when it is first asked.

    Parameters:
        folder: Of the cache; it is made when something is written. None: nothing is kept.
        most: The bound of the file, in bytes; one transaction may exceed it.
        shared: Where values are looked for that the file lacks, and put as well; None: nowhere.

    Attributes:
        folder: That of the cache.
        shared: As of the parameter.
    """

    def __init__(
        self,
        folder: Path | None = None,
        most: int = MOST_BYTES,
        shared: "SharedStore | None" = None,
    ) -> None:
        self.folder = folder
        self.shared = shared
        self._most = most
        self._connection: Connection | None = None
        self._process = os.getpid()  # a connection must not be used in a forked one
        self._keeps = folder is not None  # whether anything can be written
        self._waiting: dict[int, bytes] = {}
        self._size = 0  # bytes of what waits
        self._used: set[int] = set()  # what was used, and is noted as used on another day
        self._lock = threading.RLock()
        self._program: _Program | None = None

    @property
    def keeps(self) -> bool:
        """Whether it keeps anything at all, as far as is known."""
        return self._keeps

    def get(self, kind: str, maker: str, key: str) -> bytes | None:
        """A value, or None if it is absent."""
        return self.get_many(kind, maker, [key]).get(key)

    def get_many(self, kind: str, maker: str, keys: Iterable[str]) -> dict[str, bytes]:
        """The values of those of the keys that have one."""
        digests = {key: _digest(kind, maker, key) for key in keys}
        ids = list(map(_id, digests.values()))
        with self._lock:
            self._enter()
            found = {each: self._waiting[each] for each in ids if each in self._waiting}
            left = [each for each in ids if each not in found]
            for start in range(0, len(left), _AT_ONCE):
                some = left[start : start + _AT_ONCE]
                self._attempt(lambda connection: found.update(self._rows(connection, some)))  # noqa: B023
        opened = ((key, _opened(each, found.get(_id(each)))) for key, each in digests.items())
        values = {key: value for key, value in opened if value is not None}
        if self.shared and kind not in _OF_MACHINE and len(values) < len(digests):
            values |= self._get_shared(
                kind, maker, {key: each for key, each in digests.items() if key not in values}
            )
        return values

    def _get_shared(
        self, kind: str, maker: str, digests: Mapping[str, bytes]
    ) -> Mapping[str, bytes]:
        """The values that the shared store has, by their keys; the file gets them too."""
        names = {key: each.hex() for key, each in digests.items()}
        found = self.shared.get(kind, maker, names.values()) if self.shared else {}
        values: dict[str, bytes] = {}
        for key, each in digests.items():
            sealed = found.get(names[key])
            if (value := _opened(each, sealed)) is not None:
                values[key] = value
                self._wait(each, sealed or b"")
        return values

    def put(self, kind: str, maker: str, key: str, value: bytes) -> None:
        """Keep a value if possible, in place of the one that is there."""
        self.put_many(kind, maker, {key: value})

    def put_many(self, kind: str, maker: str, values: Mapping[str, bytes]) -> None:
        """Keep values if possible, in place of those that are there."""
        with self._lock:
            self._enter()
            shared: dict[str, bytes] = {}
            for key, value in values.items():
                if (self._keeps or self.shared) and len(value) <= _LARGEST:
                    digest = _digest(kind, maker, key)
                    shared[digest.hex()] = sealed = _sealed(digest, value)
                    self._wait(digest, sealed)
            if self.shared and kind not in _OF_MACHINE:
                self.shared.put(kind, maker, shared)
            if self._size > _MOST_WAITING:
                self.flush()

    def _wait(self, digest: bytes, sealed: bytes) -> None:
        """Have an entry of the file wait to be written."""
        if self._keeps:
            with self._lock:
                self._waiting[_id(digest)] = sealed
                self._size += len(sealed)

    def merge(self, file: Path) -> tuple[int, int]:
        """Add what another store's file has; returns how many values it has, and how many are new.

        Of two values of one entry the longer counts: it is the one that knows more.

        Raises:
            UsageError: It is no file of a store, or of one of another format, or it is this one's.
        """
        own = self.folder / STORE if self.folder else None
        if not file.is_file():
            raise UsageError(f"there is no file `{file}`", f"name a store, `…/{STORE}`")
        if own and own.exists() and own.samefile(file):
            raise UsageError(f"`{file}` is the site's own store", "name those of other machines")
        import sqlite3

        count = new = 0
        address = f"{file.resolve().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(address, timeout=_PATIENCE, uri=True)) as other:
                if other.execute("PRAGMA user_version").fetchone() != (_FORMAT,):
                    hint = "make it again with the same Callpath as this one"
                    raise UsageError(f"`{file}` is no store, or one of another format", hint)
                other.text_factory = bytes
                rows = other.execute("SELECT id, value FROM entries")
                while some := dict(rows.fetchmany(_AT_ONCE)):
                    count += len(some)
                    new += self._add_longer(some)
        except sqlite3.Error as error:
            hint = "copy it anew, after the command that wrote it has ended"
            raise UsageError(f"`{file}` is no store, or damaged: {error}", hint) from error
        return count, new

    def _add_longer(self, others: Mapping[int, bytes]) -> int:
        """Add values as they are kept, unless as much is known; returns how many are new."""
        known: dict[int, bytes] = {}
        with self._lock:
            self._enter()
            self._attempt(lambda connection: known.update(self._rows(connection, list(others))))
            known |= {each: self._waiting[each] for each in others if each in self._waiting}
            longer = {
                each: value
                for each, value in others.items()
                if isinstance(value, bytes) and len(value) > len(known.get(each, b""))
            }
            self._waiting |= longer
            self._size += sum(map(len, longer.values()))
            if self._size > _MOST_WAITING:
                self.flush()
        return len(longer.keys() - known.keys())

    def flush(self) -> None:
        """Write what waits to be written, if possible."""
        with self._lock:
            self._enter()
            if self._keeps and (self._waiting or self._used):
                # A damaged file is removed by the first attempt, and made by the second.
                is_done = self._attempt(self._write, writing=True)
                self._keeps = is_done or self._attempt(self._write, writing=True)
            self._waiting, self._used, self._size = {}, set(), 0
            if self.shared:
                self.shared.flush()

    def close(self) -> None:
        """Write what waits, and close the file; a closed store can be used again."""
        with self._lock:
            self.flush()
            self._disconnect()

    def __del__(self) -> None:
        """Close the file; what still waits is lost."""
        self._disconnect()

    def __enter__(self) -> Self:
        """The store itself; it is closed at the end of the `with` block."""
        return self

    def __exit__(self, *failure: object) -> None:
        """Close the store."""
        self.close()

    def maker(self, modules: Iterable[str], *others: bytes) -> str:
        """Who makes values: 16 hex digits of all that decides besides what they are made of.

        Parameters:
            modules: The modules of this package that make them; what they import decides too.
            others: Settings, versions of libraries, and whatever else decides.
        """
        digest = hashlib.sha256(b"\0".join((b"%d" % len(others), *others)))
        self._program = self._program or _Program(self)
        for name, text in sorted(self._program.with_imports(modules).items()):
            digest.update(f"{name}\0{text}\0".encode())
        return digest.hexdigest()[:16]

    def _enter(self) -> None:
        """Begin anew in a forked process: the connection and what waits are its parent's."""
        if self._process != os.getpid():
            self._process, self._connection = os.getpid(), None
            self._waiting, self._used, self._size = {}, set(), 0

    def _attempt(self, work: "Callable[[Connection], None]", *, writing: bool = False) -> bool:
        """Do something with the file, unless it is not there; returns whether it was done.

        A file that is damaged is removed.
        """
        if self._connection is None and not self._is_there(writing=writing):
            return False
        import sqlite3

        try:
            self._connection = self._connection or self._connect()
            work(self._connection)
        except sqlite3.Error as error:
            self._leave(is_damaged=getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE)
            return False
        except _Damage:
            self._leave(is_damaged=True)
            return False
        return True

    def _is_there(self, *, writing: bool) -> bool:
        """Whether there is a file to be opened, or to be made by who writes."""
        if self.folder is None:
            return False
        try:
            # Opening a FIFO or a device could block.
            return stat.S_ISREG((self.folder / STORE).lstat().st_mode)
        except FileNotFoundError:
            if writing:
                with suppress(OSError):
                    Cache(self.folder).make()
                    return True
        except OSError:
            pass
        return False

    def _connect(self) -> "Connection":
        import sqlite3

        path = (self.folder or Path()) / STORE
        connection = sqlite3.connect(
            path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        connection.text_factory = bytes  # a damaged entry must not fail for its characters
        # A killed process leaves a whole file. After a power cut it may be damaged, which is
        # noticed.
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    def _leave(self, *, is_damaged: bool) -> None:
        """Leave a file that failed; remove it if it is damaged."""
        self._disconnect()
        if self.folder is not None and is_damaged:
            for name in (f"{STORE}-journal", STORE):
                with suppress(OSError):
                    (self.folder / name).unlink()

    def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def _rows(self, connection: "Connection", ids: list[int]) -> dict[int, bytes]:
        marks = ",".join("?" * len(ids))
        query = f"SELECT id, used, value FROM entries WHERE id IN ({marks})"  # noqa: S608
        found: dict[int, bytes] = {}
        for each, used, value in connection.execute(query, ids):
            found[each] = value
            if used != _today():
                self._used.add(each)
        return found

    def _write(self, connection: "Connection") -> None:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone() != (_FORMAT,):
            connection.execute("DROP TABLE IF EXISTS entries")
            connection.execute(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {_FORMAT}")
        used = [(_today(), each) for each in sorted(self._used)]
        connection.executemany("UPDATE entries SET used = ? WHERE id = ?", used)
        rows = [(each, _today(), value) for each, value in sorted(self._waiting.items())]
        connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
        for each in self._waiting:
            if connection.execute("SELECT 1 FROM entries WHERE id = ?", [each]).fetchone() is None:
                raise _Damage  # of the order of the entries, which nothing else shows
        self._shrink(connection)
        connection.execute("COMMIT")

    def _shrink(self, connection: "Connection") -> None:
        """Remove what was not used for the longest, if the file exceeds its bound."""
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        excess = (pages - free) * size - self._most
        if excess <= 0:
            return
        excess += int(self._most * (1 - _REMAINS))
        oldest = "SELECT id, LENGTH(value) FROM entries ORDER BY used, rowid"
        gone: list[tuple[int]] = []
        for each, length in connection.execute(oldest):
            if excess <= 0:
                break
            gone.append((each,))
            excess -= length
        connection.executemany("DELETE FROM entries WHERE id = ?", gone)


class StorePlaces(Struct, frozen=True, array_like=True):
    """Where a store is, for other processes and machines, which may read it where it is there."""

    folder: bytes = b""  # or empty
    shared: str = ""  # or empty

    @classmethod
    def of(cls, store: Store) -> Self:
        """The places of a store."""
        folder = os.fsencode(store.folder) if store.folder else b""
        return cls(folder, store.shared.place if store.shared else "")


class ReadStore(Store):
    """A store that is only read; what is put is gathered, for who may write it elsewhere.

    Attributes:
        gathered: The values by their key, by kind and maker.
    """

    def __init__(self, folder: Path | None = None, shared: "SharedStore | None" = None) -> None:
        super().__init__(folder, shared=shared)
        self.gathered: dict[tuple[str, str], dict[str, bytes]] = {}

    @classmethod
    def at(cls, places: StorePlaces) -> Self:
        """The store at some places.

        Raises UsageError if this machine lacks what it takes to read the shared one.
        """
        shared = None
        if places.shared:
            from callpath.shared_store import SharedStore

            shared = SharedStore(places.shared)
        return cls(Path(os.fsdecode(places.folder)) if places.folder else None, shared)

    def _wait(self, digest: bytes, sealed: bytes) -> None:
        """Nothing: the file is whose who gave the work away."""

    def put_many(self, kind: str, maker: str, values: Mapping[str, bytes]) -> None:
        self.gathered.setdefault((kind, maker), {}).update(values)


def _today() -> int:
    return int(time.time() // _DAY)


def _digest(kind: str, maker: str, key: str) -> bytes:
    """What a value is found and checked by."""
    name = f"{kind}\0{maker}\0{key}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(name, digest_size=16).digest()


def _id(digest: bytes) -> int:
    """The number of an entry. Where two digests have the same, the last one that was put counts."""
    return int.from_bytes(digest[:8], "big", signed=True)


def _sealed(digest: bytes, value: bytes) -> bytes:
    """A value as it is kept: a checksum, how it is packed, and its bytes."""
    content = _PLAIN + value
    if len(value) >= _PACKED_FROM:
        content = min(content, _PACKED + zlib.compress(value, 1), key=len)
    return _checksum(digest, content) + content


def _opened(digest: bytes, sealed: object) -> bytes | None:
    """A value from what is kept of it; None if that is damaged, or is another digest's."""
    if not isinstance(sealed, bytes) or sealed[:_CHECK] != _checksum(digest, sealed[_CHECK:]):
        return None
    how, content = sealed[_CHECK : _CHECK + 1], sealed[_CHECK + 1 :]
    return content if how == _PLAIN else zlib.decompress(content)


def _checksum(digest: bytes, content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_CHECK, key=digest).digest()


_PACKAGE = os.path.dirname(__file__)  # noqa: PTH120 - paths are slow where all are looked at
_IMPORT = re.compile(
    r"^ *from (callpath(?:\.\w+)*) import (?:\(([^)]*)\)|(.+))", re.MULTILINE
)  # of names, or of modules of a package
_NAME = re.compile(r"\w+")
_SETTLED = 2 * 10**9  # nanoseconds after which another change is sure to change a file's times
_READ = "3"  # how modules are read


class _Program:
    """The modules of this package, by digests of their texts.

    Reading them all takes longer than a short command may. So what was read is kept by the size,
    the times and the inode of the file, unless it has only just been written.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        data = store.get("program", _READ, "")
        # By the file's path in the package: its state, the digest of its text, and what it imports.
        self._known: dict[str, tuple[str, str, list[str]]] = json.loads(data) if data else {}

    def with_imports(self, modules: Iterable[str]) -> dict[str, str]:
        """The digest of each of the modules, and of all that these import, by the file's path."""
        found: dict[str, str] = {}
        is_new = False
        pending = [file for module in modules if (file := _file_of(module))]
        while pending:
            file = pending.pop()
            if file not in found:
                state, is_settled = _state(file)
                read = self._known.get(file)
                if read is None or read[0] != state:
                    read = (state, *_read_module(file))
                    if is_settled:
                        self._known[file], is_new = read, True
                found[file] = read[1]
                pending += read[2]
        if is_new:
            self._store.put("program", _READ, "", json.dumps(self._known).encode())
        return found


def _file_of(module: str) -> str:
    """The path of a module's file in the package; empty if there is no such module in it."""
    stem = module.partition(".")[2].replace(".", "/")
    files = (f"{stem}.py", f"{stem}/__init__.py")
    is_there = (file for file in files if stem and os.path.isfile(f"{_PACKAGE}/{file}"))  # noqa: PTH113
    return next(is_there, "")


def _state(file: str) -> tuple[str, bool]:
    """What changes when a file does, and whether its last change is long enough ago for that."""
    it = os.stat(f"{_PACKAGE}/{file}")  # noqa: PTH116
    last = max(it.st_mtime_ns, it.st_ctime_ns)
    state = f"{it.st_size} {it.st_mtime_ns} {it.st_ctime_ns} {it.st_ino}"
    return state, time.time_ns() - last > _SETTLED


def _read_module(file: str) -> tuple[str, list[str]]:
    """The digest of a module's text, and the files of this package that it may import."""
    text = Path(_PACKAGE, file).read_bytes()
    found: set[str] = set()
    for package, *names in _IMPORT.findall(text.decode()):
        found |= {package, *(f"{package}.{name}" for name in _NAME.findall("".join(names)))}
    return hashlib.sha256(text).hexdigest()[:32], sorted(filter(None, map(_file_of, found)))
