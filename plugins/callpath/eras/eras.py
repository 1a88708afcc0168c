"""The use case of `callpath eras`: a notebook's statements, release by release, and their file."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from callpath.cache import CACHE, Cache
from callpath.eras.ask import FactStore, find_standings
from callpath.facts.eras import (
    EdgeEnds,
    Era,
    Eras,
    Statement,
    SymbolKey,
    edge_facts,
    format_eras,
    make_eras,
    path_beside,
    symbol_facts,
)
from callpath.facts.lock import Lock
from callpath.files import write_atomically
from callpath.findings import SettingsError, reason
from callpath.model import Progress, no_progress
from callpath.notebook import Notebook
from callpath.sources.releases import GitHistory, split_patterns
from callpath.sources.spec import parse_release_arguments
from callpath.workspace import Workspace, eras_file


@dataclass(frozen=True, slots=True)
class FoundEras:
    """What looking through releases came to.

    Attributes:
        blobs: How many different files were looked at.
        parsed: How many of them had to be parsed.
        left_out: How many references are of another code base.
    """

    eras: Eras
    blobs: int
    parsed: int
    left_out: int

    @property
    def summary(self) -> str:
        """How much was done, in a line."""
        first, last = self.eras.tags[0], self.eras.tags[-1]
        told = (
            f"{len(self.eras.symbols)} symbols and {len(self.eras.edges)} edges in "
            f"{len(self.eras.tags)} releases, {first} to {last}: {self.blobs} different files, "
            f"{self.parsed} parsed"
        )
        others = f"; {self.left_out} references to other code bases are left out"
        return told + (others if self.left_out else "")


def find_eras(
    workspace: Workspace,
    notebook: Notebook,
    specs: Sequence[str],
    patterns: str,
    progress: Progress = no_progress,
) -> FoundEras:
    """In which releases the statements of a notebook hold.

    Parameters:
        workspace: Where the notebook is; its cache keeps what becomes known.
        specs: Repositories, each `git:REPO`.
        patterns: Which releases, as a list with commas.
        progress: Called for each release.

    Raises:
        UsageError: A repository or a pattern cannot be.
        SourceError: A release cannot be read.
    """
    project = notebook.pin.project
    references = [each for each in notebook.references if each.pin.project == project]
    edges = [edge for edge in notebook.edges if edge.pin.project == project]
    store = FactStore(Cache(workspace.root / CACHE), notebook.dispatch)
    with closing(GitHistory(parse_release_arguments(specs, project), project)) as history:
        releases = history.releases(split_patterns(patterns))
        found = find_standings(
            references,
            edges,
            _evidence(notebook),
            history,
            releases,
            store,
            notebook.dispatch,
            progress,
        )
    tags = [release.tag for release in releases]
    eras = make_eras(project, tags, found.symbols, found.edges)
    left_out = len(notebook.references) - len(references)
    return FoundEras(eras, found.blobs, found.parsed, left_out)


def _evidence(notebook: Notebook) -> set[str]:
    """The files in which the lockfile has proofs."""
    lock = notebook.lock or Lock()
    return {
        site.path
        for edge in lock.edges
        if edge.project == notebook.pin.project
        for site in edge.verdict.sites
    }


def write_eras(workspace: Workspace, eras: Eras) -> bool:
    """Write the file of eras, whole or not at all.

    Returns:
        Whether it changed.

    Raises:
        SettingsError: It cannot be written; the old one is as it was.
    """
    file, text = eras_file(workspace), format_eras(eras)
    try:
        if file.exists() and file.read_bytes() == text.encode():
            return False
        write_atomically(file, text)
    except OSError as error:
        raise SettingsError(f"cannot write `{_shown(workspace)}`: {reason(error)}") from error
    return True


def _shown(workspace: Workspace) -> str:
    return workspace.notes_prefix + path_beside(workspace.site.callpath.lockfile)


SCHEMA = 1
_NONE = "in none of them"


def eras_json(eras: Eras) -> str:
    """`{"schema": 1, "project", "tags": […], "references": […], "edges": […]}`."""
    value = {
        "schema": SCHEMA,
        "project": eras.project,
        "tags": list(eras.tags),
        "references": symbol_facts(eras),
        "edges": edge_facts(eras),
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def eras_text(eras: Eras) -> str:
    """A line for each symbol, file by file, and one for each edge."""
    return "".join(f"{line}\n" for line in _lines(eras))


def _lines(eras: Eras) -> Iterator[str]:
    names = {key: _symbol_name(key) for key in eras.symbols}
    ends = {each: _edge_name(each) for each in eras.edges}
    width = max(map(len, (*names.values(), *ends.values())), default=0)
    path = ""
    for key, statement in eras.symbols.items():
        if key[0] != path:
            path = key[0]
            yield path
        yield f"  {names[key]:<{width}}  {_statement(statement)}"
    if eras.edges:
        yield "edges"
    for each, statement in eras.edges.items():
        yield f"  {ends[each]:<{width}}  {_statement(statement)}"


def _symbol_name(key: SymbolKey) -> str:
    _, name, kind, occurrence = key
    return f"{kind} {name}".strip() + (f" ({occurrence})" if occurrence else "")


def _edge_name(ends: EdgeEnds) -> str:
    via = f" via {ends.via}" if ends.via else ""
    above = f", below {ends.above}" if ends.above else ""
    return f"{ends.caller[1]} → {ends.callee[1]}{via}{above}"


def _statement(statement: Statement) -> str:
    parts = [ranges(statement.holds) or _NONE]
    if statement.otherwise:
        parts.append(f"through another pointer {ranges(statement.otherwise)}")
    if statement.unknown:
        parts.append(f"unknown {ranges(statement.unknown)}")
    return "; ".join(parts)


def ranges(eras: Iterable[Era]) -> str:
    """Eras in words: `v2.6.32 to v3.17, v6.12`; empty when there is none."""
    return ", ".join(first if first == last else f"{first} to {last}" for first, last in eras)
