"""The use case of `callpath eras`: a notebook's statements, release by release, and their file."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from callpath.eras.ask import ALONE, Effort, ask_releases
from callpath.facts.eras import (
    Era,
    Eras,
    Statement,
    edge_facts,
    format_eras,
    make_eras,
    symbol_facts,
)
from callpath.facts.lock import Lock, StatedEdge, StatedSymbol, path_beside
from callpath.files import write_atomically
from callpath.findings import SettingsError, reason
from callpath.model import Progress, no_progress
from callpath.notebook import Notebook
from callpath.workspace import Workspace, eras_file


def find_eras(
    workspace: Workspace,
    notebook: Notebook,
    specs: Sequence[str],
    patterns: str,
    progress: Progress = no_progress,
    effort: Effort = ALONE,
) -> tuple[Eras, str]:
    """In which releases the statements of a notebook hold, and in a line how much was done.

    The parameters are those of `ask_releases`.
    """
    project, lock = notebook.pin.project, notebook.lock or Lock()
    references = [each for each in notebook.references if each.pin.project == project]
    edges = [edge for edge in notebook.edges if edge.pin.project == project]
    locked = [edge.verdict.sites for edge in lock.edges if edge.project == project]
    proofs = {site.path for sites in locked for site in sites}
    given = (project, references, edges, proofs, workspace, specs, patterns, progress)
    found = ask_releases(*given, effort)
    eras = make_eras(project, found.tags, found.statuses)
    summary = (
        f"{len(eras.symbols)} symbols and {len(eras.edges)} edges in {len(eras.tags)} releases, "
        f"{eras.tags[0]} to {eras.tags[-1]}: {found.blobs} different files, {found.parsed} parsed"
    )
    if left_out := len(notebook.references) - len(references):
        summary += f"; {left_out} references to other code bases are left out"
    return eras, summary


def write_eras(workspace: Workspace, eras: Eras) -> bool:
    """Write the eras file, or raise SettingsError and leave it; returns whether it changed."""
    file, text = eras_file(workspace), format_eras(eras)
    try:
        if file.exists() and file.read_bytes() == text.encode():
            return False
        write_atomically(file, text)
    except OSError as error:
        shown = path_beside(workspace.lock_name)
        raise SettingsError(f"cannot write `{shown}`: {reason(error)}") from error
    return True


SCHEMA = 1
_NONE = "in none of them"


def eras_json(eras: Eras) -> str:
    """`{"schema": 1, "project", "tags": […], "references": […], "edges": […]}`."""
    value = {
        "schema": SCHEMA,
        "project": eras.project,
        "tags": eras.tags,
        "references": symbol_facts(eras),
        "edges": edge_facts(eras),
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def eras_text(eras: Eras) -> str:
    """A line for each symbol, file by file, and one for each edge."""
    return "".join(f"{line}\n" for line in _lines(eras))


def _lines(eras: Eras) -> Iterator[str]:
    every: list[StatedSymbol | StatedEdge] = [*eras.symbols, *eras.edges]
    names = {stated: _name(stated) for stated in every}
    width = max(map(len, names.values()), default=0)
    for path, symbols in groupby(eras.symbols, attrgetter("path")):
        yield path
        for symbol in symbols:
            yield f"  {names[symbol]:<{width}}  {_statement(eras.symbols[symbol])}"
    if eras.edges:
        yield "edges"
    for edge, statement in eras.edges.items():
        yield f"  {names[edge]:<{width}}  {_statement(statement)}"


def _name(stated: StatedSymbol | StatedEdge) -> str:
    if isinstance(stated, StatedSymbol):
        which = f" ({stated.occurrence})" if stated.occurrence else ""
        return f"{stated.kind} {stated.name}".strip() + which
    via = f" via {stated.via}" if stated.via else ""
    above = f", below {stated.above}" if stated.above else ""
    return f"{stated.caller.name} → {stated.callee.name}{via}{above}"


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
