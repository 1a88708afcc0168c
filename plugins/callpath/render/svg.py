"""Pictures of call graphs: DOT text in, SVG for a page out, each distinct graph drawn once."""

import contextlib
import os
import tempfile
from hashlib import sha256
from pathlib import Path

from callpath.core.errors import EngineError
from callpath.render.graph.engine import AUTO, TIME_LIMIT, Engine, find_engines
from callpath.render.graph.picture import to_inline_svg

_FORM = "1"  # of the SVG that is made from an engine's; another one makes old entries unknown


def draw(dot: str, *, engine: str = AUTO, time_limit: float = TIME_LIMIT) -> str:
    """The SVG of one graph.

    Parameters:
        dot: One graph as DOT text.
        engine: `auto`, `graphviz-pure`, `dot` or `none`; `auto` asks the environment variable
            `CALLPATH_GRAPH_ENGINE`, then takes what there is in this order.
        time_limit: Seconds that an engine may take.

    Raises:
        EngineError: No engine could draw.
    """
    return GraphCache(engine, time_limit=time_limit).draw(dot)


class GraphCache:
    """Draws each distinct graph once: in this process, and with a directory ever.

    Parameters:
        engine: As for `draw`.
        directory: Where pictures are kept; it is made when needed. A picture that cannot be
            kept is no fault, one that is damaged is drawn again.
        time_limit: Seconds that an engine may take for one graph.

    Attributes:
        drawn: How many graphs an engine has drawn.
        reused: How many were there already, in memory or in the directory.
    """

    def __init__(
        self, engine: str = AUTO, directory: Path | None = None, *, time_limit: float = TIME_LIMIT
    ) -> None:
        self.drawn = 0
        self.reused = 0
        self._setting = engine
        self._directory = directory
        self._time_limit = time_limit
        self._engines: tuple[Engine, ...] | None = None
        self._pictures: dict[str, str] = {}

    def draw(self, dot: str) -> str:
        """The SVG of one graph, from the first engine that can draw it.

        Raises:
            EngineError: None could; the message is that of the last.
        """
        if self._engines is None:
            self._engines = find_engines(self._setting)
        for engine in self._engines[:-1]:
            with contextlib.suppress(EngineError):
                return self._drawn_by(engine, dot)
        return self._drawn_by(self._engines[-1], dot)

    def _drawn_by(self, engine: Engine, dot: str) -> str:
        key = _digest("\n".join((_FORM, engine.name, engine.version, dot)))
        picture = self._pictures.get(key) or self._read(key)
        if picture:
            self.reused += 1
        else:
            picture = to_inline_svg(engine.run(dot, self._time_limit))
            self.drawn += 1
            self._write(key, picture)
        self._pictures[key] = picture
        return picture

    def _read(self, key: str) -> str:
        """The kept picture, or nothing when there is none or its digest does not fit."""
        if self._directory is None:
            return ""
        try:
            digest, _, picture = (self._directory / key).read_bytes().decode().partition("\n")
        except (OSError, UnicodeDecodeError):
            return ""
        return picture if digest == _digest(picture) else ""

    def _write(self, key: str, picture: str) -> None:
        """Keep a picture behind its digest; another process sees all of it or nothing."""
        if self._directory is None:
            return
        with contextlib.suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._directory)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(f"{_digest(picture)}\n{picture}".encode())
                Path(name).replace(self._directory / key)
            except OSError:
                Path(name).unlink(missing_ok=True)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
