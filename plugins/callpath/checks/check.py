"""The use cases of the command line: check, lock, graph. They return values and print nothing."""

import codecs
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from callpath import rules
from callpath.drift.tracking import check_tracks, silent_versions
from callpath.facts.eras import Eras, path_beside
from callpath.facts.lock import Lock
from callpath.findings import Finding, in_order, is_at, weighed
from callpath.lock_state import era_state
from callpath.model import Progress, no_progress
from callpath.notebook import Notebook
from callpath.reports.text import ReportInput
from callpath.sources.spec import Sources
from callpath.verify.examine import differences, edge_differences, examine
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
    found = [*notebook.diagnostics, *notebook.lock_diagnostics]
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
        faulty = {finding.place for finding in real.diagnostics}
        found = [one for one in found if one.rule != "not-locked" or one.place not in faulty]
        found += real.diagnostics
        found += differences(notebook.references, lock, real.lock)
        found += edge_differences(notebook.edges, lock, real.lock)
        found += check_tracks(notebook, real.lock, sources, silent, progress)
    return weighed(in_order(found), notebook.weights)


def only_at(found: Iterable[Finding], paths: Sequence[str]) -> tuple[Finding, ...]:
    """The findings in these files or below these folders; all of them when none is named.

    Parameters:
        paths: As places name them: relative to the project's root, which is `.`.
    """
    return tuple(finding for finding in found if is_at(finding.place.file, paths))


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
        place.file for found in findings for place in (found.place, *found.related) if place.file
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
