"""The programs that lay a graph out: which there are, where, and one run of one of them."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from callpath.findings import EngineError

GRAPHVIZ_PURE, DOT, NONE, AUTO = "graphviz-pure", "dot", "none", "auto"
ENGINES = (AUTO, GRAPHVIZ_PURE, DOT, NONE)
"""What the setting and the environment may name."""
VARIABLE = "CALLPATH_GRAPH_ENGINE"
"""Environment variable that is asked when the setting is `auto`."""
TIME_LIMIT = 60.0
"""Seconds that one graph may take."""

_INSTALL = {
    GRAPHVIZ_PURE: "pip install graphviz-pure",
    DOT: "install Graphviz (Debian and Ubuntu: apt install graphviz)",
}


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that works here.

    Attributes:
        name: `graphviz-pure` or `dot`.
        program: Path of the program.
        version: What it says of itself; another version may draw another picture.
    """

    name: str
    program: str
    version: str

    def run(self, dot: str, time_limit: float = TIME_LIMIT) -> bytes:
        """The SVG of a DOT text, as the engine writes it.

        Parameters:
            dot: One graph.
            time_limit: Seconds.

        Raises:
            EngineError: The engine failed, or took longer.
        """
        return _run([self.program, "-Tsvg"], dot.encode(), time_limit).stdout


def find_engines(setting: str = AUTO) -> tuple[Engine, ...]:
    """The engines to try, best first.

    Parameters:
        setting: One of `ENGINES`; `auto` asks the environment variable, then takes all there are.

    Raises:
        EngineError: There is none, none is wanted (`none`), or the name is unknown.
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
    """The engine of a name if it is installed and can say its version."""
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
