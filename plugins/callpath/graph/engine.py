"""Draws graphs: finds the programs that lay them out, runs them, and keeps what they wrote.

The only module of `graph` that runs a program or uses the disk.
"""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from msgspec import Struct
from msgspec.msgpack import encode

from callpath.cache import GRAPHS, Cache
from callpath.findings import EngineError
from callpath.graph.dot import to_dot, to_json, to_mermaid
from callpath.graph.model import Graph
from callpath.graph.svg import Drawing, compact_svg, full_svg, read_drawing
from callpath.store import Store

GRAPHVIZ_PURE, DOT, NONE, AUTO = "graphviz-pure", "dot", "none", "auto"
ENGINES = (AUTO, GRAPHVIZ_PURE, DOT, NONE)  # what the setting and the environment may name
VARIABLE = "CALLPATH_GRAPH_ENGINE"  # environment variable that is asked when the setting is `auto`
_MOST_NEW = 500  # pictures that wait to be written; they are all in memory
_PICTURE = re.compile(rb"<svg .*?</svg>", re.DOTALL)  # one of several that were written together
_KIND = "pictures"  # in the store
TIME_LIMIT = 60.0  # seconds that one graph may take

_INSTALL = {
    GRAPHVIZ_PURE: "pip install graphviz-pure",
    DOT: "install Graphviz (Debian and Ubuntu: apt install graphviz)",
}


class Engine(Struct, frozen=True):
    """A program that works here."""

    name: str  # `graphviz-pure` or `dot`
    program: str  # its path
    version: str  # what it says of itself; another version may draw another picture


class Asked(Struct, frozen=True):
    """A picture for a page: the graph, and how `compact_svg` is to print it."""

    graph: Graph
    titles: bool
    opens: Mapping[str, str] = {}


class GraphCache:
    """Draws each distinct graph once: in this process, and with a cache on disk ever."""

    def __init__(
        self, engine: str = AUTO, cache: Cache | None = None, *, time_limit: float = TIME_LIMIT
    ) -> None:
        self.drawn = 0  # graphs that an engine has drawn
        self.reused = 0  # graphs that were there already, in memory or in the cache
        self._setting = engine  # one of `ENGINES`
        self._cache = cache or Cache()
        self._time_limit = time_limit  # seconds that an engine may take for one graph
        self._store = Store(self._cache.folder)
        self._ready: dict[str, str] = {}  # pictures that are about to be asked for, by their key
        self._new: dict[str, str] = {}  # those that are perhaps not kept
        self._pictures: dict[str, bytes] = {}

    @cached_property
    def _engines(self) -> tuple[Engine, ...]:
        return find_engines(self._setting)

    def draw(self, dot: str) -> Drawing:
        """The drawing of a DOT text, from the first engine that can draw it.

        Raises EngineError if none of them can; the message is that of the last.
        """
        for engine in self._engines[:-1]:
            with contextlib.suppress(EngineError):
                return self._drawn_by(engine, dot)
        return self._drawn_by(self._engines[-1], dot)

    def picture(self, asked: Asked) -> str:
        """What `compact_svg` makes of a graph; kept, so that nobody has to write DOT to find it.

        Raises EngineError as `draw` does.
        """
        key = self._key(asked)
        known = self._ready.pop(key, None) or self._known([key]).get(key)
        if known is not None:
            self.reused += 1
            return known
        drawing = self.draw(to_dot(asked.graph))
        return self._keep(key, compact_svg(drawing, titles=asked.titles, opens=asked.opens))

    def prepare(self, asked: Iterable[Asked]) -> None:
        """Have those that are not kept drawn by one run of the engine, for `picture`.

        To start it takes longer than to draw a small graph. What fails here fails there again, and
        is told there. Graphviz's own `dot` names the second and later graphs of a run otherwise, so
        it draws them one by one.
        """
        if self._engines[0].name != GRAPHVIZ_PURE:
            return
        by_key = {self._key(each): each for each in asked}
        self._ready = self._known(by_key)
        new = [(key, each) for key, each in by_key.items() if key not in self._ready]
        if len(new) < 2:
            return
        if len(self._new) > _MOST_NEW:
            self._write()
        with contextlib.suppress(EngineError):
            for (key, each), drawing in zip(new, self._drawn_together(new), strict=True):
                svg = compact_svg(drawing, titles=each.titles, opens=each.opens)
                self._ready[key] = self._keep(key, svg)

    def _drawn_together(self, asked: Sequence[tuple[str, Asked]]) -> list[Drawing]:
        text = "".join(to_dot(each.graph) for _, each in asked)
        command = [self._engines[0].program, "-Tsvg"]
        drawn = _run(command, text.encode(), self._time_limit).stdout
        drawings = list(map(read_drawing, _PICTURE.findall(drawn)))
        if [one.name for one in drawings] != [each.graph.name for _, each in asked]:
            raise EngineError("the graph engine has not drawn each graph")
        self.drawn += len(drawings)
        return drawings

    def _key(self, asked: Asked) -> str:
        try:
            return _digest(encode((self._engine_names, asked)))
        except UnicodeEncodeError:  # a text with a half of a surrogate pair
            return _digest(ascii((self._engine_names, asked)).encode())

    @cached_property
    def _engine_names(self) -> list[str]:
        return [f"{engine.name} {engine.version}" for engine in self._engines]

    @cached_property
    def _maker(self) -> str:
        return self._store.maker([__name__])

    def _known(self, keys: Iterable[str]) -> dict[str, str]:
        keys = list(keys)
        found = self._store.get_many(_KIND, self._maker, keys)
        new = {key: self._new[key] for key in keys if key in self._new}
        return {key: svg.decode() for key, svg in found.items()} | new

    def _keep(self, key: str, svg: str) -> str:
        self._store.put(_KIND, self._maker, key, svg.encode())
        self._new[key] = svg
        return svg

    def flush(self) -> None:
        """Write what is to be kept; what cannot be written stays in memory."""
        self._ready = {}
        self._write()

    def _write(self) -> None:
        self._store.flush()
        kept = self._store.get_many(_KIND, self._maker, self._new) if self._new else {}
        self._new = {key: svg for key, svg in self._new.items() if key not in kept}

    def _drawn_by(self, engine: Engine, dot: str) -> Drawing:
        asked = "\n".join((engine.name, engine.version, dot))
        key = f"{GRAPHS}/{_digest(asked.encode())}"
        text = self._pictures.get(key) or self._cache.read(key, _undamaged)
        if text:
            self.reused += 1
            drawing = read_drawing(text)
        else:
            text = _run([engine.program, "-Tsvg"], dot.encode(), self._time_limit).stdout
            drawing = read_drawing(text)
            self.drawn += 1
            self._cache.keep(key, f"{_digest(text)}\n".encode() + text)
            if self._cache.read(key, _undamaged) is None:
                self._pictures[key] = text
        return drawing


def _undamaged(entry: bytes) -> bytes | None:
    digest, _, text = entry.partition(b"\n")
    return text if digest == _digest(text).encode() else None


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


GRAPH_FORMATS: dict[str, Callable[[Graph, str], str]] = {
    "svg": lambda graph, engine: full_svg(GraphCache(engine).draw(to_dot(graph))),
    "dot": lambda graph, _: to_dot(graph),
    "mermaid": lambda graph, _: to_mermaid(graph),
    "json": lambda graph, _: to_json(graph),
}
"""By the name that `--format` takes; each is given the graph and the site's graph engine."""


def find_engines(setting: str = AUTO) -> tuple[Engine, ...]:
    """The engines to try, best first; `auto` asks the environment variable, then takes all.

    Raises EngineError if there is none, none is wanted (`none`), or the name is unknown.
    """
    wanted = os.environ.get(VARIABLE) or AUTO if setting == AUTO else setting
    if wanted not in ENGINES:
        hint = f"one of {', '.join(f'`{name}`' for name in ENGINES)}"
        raise EngineError(f"unknown graph engine `{wanted}`", hint)
    if wanted == NONE:
        raise EngineError("graphs are switched off", f"set the graph engine to `{AUTO}`")
    names = (GRAPHVIZ_PURE, DOT) if wanted == AUTO else (wanted,)
    found = tuple(engine for engine in map(_find, names) if engine)
    if not found:
        missing = " and ".join(f"`{name}`" for name in names)
        raise EngineError(
            f"no graph engine: {missing} not found or not working",
            ", or ".join(_INSTALL[name] for name in names),
        )
    return found


def _find(name: str) -> Engine | None:
    program = _installed_program(name) or shutil.which(name)
    if program is None:
        return None
    try:
        answer = _run([program, "-V"], b"", time_limit=10.0)
    except EngineError:
        return None
    version = (answer.stdout + answer.stderr).decode(errors="replace").strip()
    return Engine(name, program, version)


def _installed_program(package: str) -> str | None:
    """The program of a Python package, which need not be on PATH (a venv that is not activated)."""
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:
        return None
    for file in files:
        path = Path(str(file.locate())).resolve()
        if file.stem == package and os.access(path, os.X_OK) and path.is_file():
            return str(path)
    return None


def _run(command: list[str], text: bytes, time_limit: float) -> subprocess.CompletedProcess[bytes]:
    program = Path(command[0]).stem
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the text goes to the standard input
            command, input=text, capture_output=True, check=False, timeout=time_limit
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"`{program}` took longer than {time_limit:g} seconds") from error
    except OSError as error:
        raise EngineError(f"`{program}` cannot be run: {error.strerror}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it does not say why"]
        raise EngineError(f"`{program}` failed with status {done.returncode}: {said[0]}")
    return done
