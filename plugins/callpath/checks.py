"""What `callpath check` and `callpath lock` do.

Takes a notebook and the sources that the user named, gives findings and the new lockfile. Prints
and writes nothing; reads only the lines that reports quote.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callpath import rules
from callpath.drift.tracking import check_tracks, lock_tracks, silent_versions
from callpath.facts.eras import Eras, path_beside
from callpath.facts.lock import (
    Lock,
    LockedDefinition,
    LockedEdge,
    LockedFile,
    format_lock,
    make_lock,
)
from callpath.facts.proof import EdgeStatus
from callpath.findings import Finding, in_order, is_at, weighed
from callpath.lock_state import era_state
from callpath.model import Edge, Pin, Progress, Reference, Symbol, no_progress
from callpath.notebook import Notebook
from callpath.reports.text import ReportInput
from callpath.sources.spec import Sources
from callpath.verify.examine import Examined, differences, examine
from callpath.workspace import Workspace, prefix_of


def failing_unknown(notebook: Notebook) -> Notebook:
    """The notebook, for checks in which a file without an answer is an error."""
    weights = {**notebook.weights, rules.UNKNOWN_ANSWER.name: "error"}
    return replace(notebook, settings=notebook.settings.model_copy(update={"rules": weights}))


def check_notebook(
    notebook: Notebook,
    sources: Sources | None = None,
    progress: Progress = no_progress,
    eras: Eras | None = None,
) -> tuple[Finding, ...]:
    """Every finding on a notebook, in order.

    Parameters:
        sources: What to check the references against; None for the checks without a source.
        eras: The eras that are written beside the lockfile, to be compared with the notes.
    """
    found = [*notebook.findings, *notebook.lock_findings]
    if eras is not None:
        file, complete = path_beside(notebook.lockfile), notebook.complete
        found += era_state(eras, file, notebook.references, notebook.edges, complete=complete)
    if sources is not None:
        lock = notebook.lock or Lock()
        silent = silent_versions(notebook, sources)
        real = examine(
            [one for one in notebook.references if one.pin not in silent],
            notebook.edges,
            sources.open,
            progress,
            notebook.dispatch,
        )
        # That a faulty reference or edge is not locked either says nothing more.
        faulty = {finding.location for finding in real.findings}
        found = [one for one in found if one.rule != "not-locked" or one.location not in faulty]
        found += real.findings
        found += differences(notebook.references, notebook.edges, lock, real.lock)
        found += check_tracks(notebook, real.lock, sources, silent, progress)
    return weighed(in_order(found), notebook.weights)


def only_at(found: Iterable[Finding], paths: Sequence[str]) -> tuple[Finding, ...]:
    """The findings in these files or below these folders; all of them when none is named.

    Parameters:
        paths: As places name them: relative to the project's root, which is `.`.
    """
    return tuple(finding for finding in found if is_at(finding.location.file, paths))


_LARGEST_FILE = 1024 * 1024
"""How much of a file is read for its lines, in bytes; a larger file is no note."""

_LINE_END = re.compile(r"\r\n|\n|\r")


def report_input(
    workspace: Workspace,
    notebook: Notebook,
    findings: Sequence[Finding],
    version: str,
    paths: Sequence[str] = (),
) -> ReportInput:
    """What a report of these findings is made from.

    Parameters:
        workspace: Where the notebook is.
        findings: The findings to report.
        version: Callpath's version.
        paths: The files and folders that were asked for; all when there is none.
    """
    notes = sorted(workspace.notes_prefix + path for path in {*notebook.notes, *notebook.faulty})
    return ReportInput(
        findings=findings,
        lines=lines_of(workspace.root, findings),
        files=[file for file in notes if is_at(file, paths)],
        prefix=repository_prefix(workspace.root),
        version=version,
    )


def lines_of(root: Path, findings: Iterable[Finding]) -> dict[str, tuple[str, ...]]:
    r"""The lines of every file that a finding is in or related to; none of a file that is missing.

    Lines end as places count them: at `\n`, `\r\n` or `\r`.
    """
    files = {
        location.file
        for found in findings
        for location in (found.location, *found.related)
        if location.file
    }
    return {file: _lines(root / file) for file in sorted(files)}


def _lines(path: Path) -> tuple[str, ...]:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE)
    except (OSError, ValueError):  # ValueError: a path with a NUL
        return ()
    text = data.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
    return tuple(_LINE_END.split(text))


def repository_prefix(root: Path) -> str:
    """The path from the repository's root to a folder in it, with a final `/`.

    Empty when they are the same, or when the folder is in no repository.
    """
    for folder in (root, *root.parents):
        try:
            found = (folder / ".git").exists()
        except OSError:
            return ""
        if found:
            return prefix_of(folder, root)
    return ""


@dataclass(frozen=True, slots=True)
class NewLock:
    """What locking came to.

    Attributes:
        text: The lockfile's new text.
        definitions: How many definitions it holds.
        files: How many source files they lie in.
        findings: The findings on references that could not be resolved; they are not locked.
    """

    text: str
    definitions: int
    files: int
    findings: tuple[Finding, ...]


def make_new_lock(
    notebook: Notebook, sources: Sources, progress: Progress = no_progress
) -> NewLock:
    """Resolve and prove what has a source; keep what is known of the rest.

    What a source cannot say, because a site gave no answer, nothing can be searched, or a tracked
    version is not there, is kept as well.
    """
    silent = silent_versions(notebook, sources)
    has = [one for one in notebook.references if sources.has(one.pin)]
    asked = [one for one in has if one.pin not in silent]
    edges = [edge for edge in notebook.edges if sources.has(edge.pin)]
    real = examine(asked, edges, sources.open, progress, notebook.dispatch)
    old = notebook.lock or Lock()
    kept = [
        one
        for one in notebook.references
        if not sources.has(one.pin)
        or one.pin in silent
        or _file_of(one.pin, one.symbol) in real.unknown
    ]
    known = known_facts(kept, old)
    others = [edge for edge in notebook.edges if not sources.has(edge.pin)]
    own = make_lock(
        [*real.lock.files, *files_of(known, old)],
        [*real.lock.definitions, *known],
        [*_edges(edges, old, real), *known_edges(others, old)],
    )
    lock, unasked = lock_tracks(notebook, own, sources, silent, progress)
    text = format_lock(lock)
    found = [*notebook.findings, *real.findings, *unasked]
    return NewLock(
        text=text,
        definitions=len(lock.definitions),
        files=len(lock.files),
        findings=weighed(in_order(found), notebook.weights),
    )


def _edges(edges: Iterable[Edge], old: Lock, real: Examined) -> Iterator[LockedEdge]:
    """The facts of edges: the source's, and the old ones where it gave no answer."""
    for edge in edges:
        known, found = old.find_edge(edge), real.lock.find_edge(edge)
        files = {_file_of(edge.pin, step.symbol) for step in (edge.caller, edge.callee)}
        is_open = found is not None and found.verdict.status is EdgeStatus.NOT_SEARCHED
        if known is not None and (is_open or files & real.unknown):
            yield known
        elif found is not None:
            yield found


def _file_of(pin: Pin, symbol: Symbol) -> tuple[str, str, str]:
    return (pin.project, pin.version, symbol.path)


def known_facts(references: Iterable[Reference], lock: Lock) -> list[LockedDefinition]:
    """What a lockfile knows of references."""
    return [found for reference in references if (found := lock.find(reference))]


def known_edges(edges: Iterable[Edge], lock: Lock) -> list[LockedEdge]:
    """What a lockfile knows of edges."""
    return [found for edge in edges if (found := lock.find_edge(edge))]


def files_of(definitions: Iterable[LockedDefinition], lock: Lock) -> list[LockedFile]:
    """The files of a lockfile that definitions lie in."""
    paths = {(one.project, one.version, one.definition.path) for one in definitions}
    return [file for file in lock.files if (file.project, file.version, file.path) in paths]
