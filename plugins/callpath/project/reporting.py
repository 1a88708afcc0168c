"""Gathers what a report tells beside the findings: the lines they are in, the files checked."""

import codecs
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from callpath.core.diagnostics import Diagnostic
from callpath.project.notebook import Notebook
from callpath.project.workspace import Workspace, prefix_of
from callpath.render.reports.report import ReportInput

_LARGEST_FILE = 1024 * 1024
"""How much of a file is read for its lines, in bytes; a larger file is no note."""

_LINE_END = re.compile(r"\r\n|\n|\r")


def report_input(
    workspace: Workspace,
    notebook: Notebook,
    findings: Sequence[Diagnostic],
    version: str,
    paths: Sequence[str] = (),
) -> ReportInput:
    """What a report of these findings is made from.

    Parameters:
        workspace: Where the notebook is.
        notebook: The notebook.
        findings: The findings to tell.
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


def is_at(file: str, paths: Sequence[str]) -> bool:
    """Whether a file is one of these or lies below one of them.

    Parameters:
        file: A file, as places name it: relative to the project's root.
        paths: Files and folders, named alike; `.` is the root, and so is no path at all.
    """
    folders = tuple("" if path == "." else path.rstrip("/") + "/" for path in paths)
    return not paths or file in paths or file.startswith(folders)


def lines_of(root: Path, findings: Iterable[Diagnostic]) -> dict[str, tuple[str, ...]]:
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
