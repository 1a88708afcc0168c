"""What the command line asks of a notebook without a source: a note, its graph, its coverage."""

from collections.abc import Sequence

from callpath.core.coverage import StepCoverage, coverage, spoken_of
from callpath.core.errors import UsageError
from callpath.core.graph import Graph
from callpath.core.model import Note
from callpath.core.note_graph import note_graph
from callpath.core.resolver import nearest
from callpath.project.checking import links_of
from callpath.project.notebook import Notebook
from callpath.project.workspace import Workspace
from callpath.render.strings import strings_for


def find_note(notebook: Notebook, name: str) -> Note:
    """The note of that id, or of that file.

    Raises:
        UsageError: There is none.
    """
    for note in notebook.notes.values():
        if name in (note.id, note.file):
            return note
    ids = sorted(note.id for note in notebook.notes.values())
    near = nearest(name, ids, limit=1)
    raise UsageError(
        f"there is no note `{name}`",
        f"did you mean `{near[0]}`?"
        if near
        else "the notes are " + ", ".join(f"`{i}`" for i in ids),
    )


def coverage_of(notebook: Notebook, names: Sequence[str]) -> list[tuple[str, list[StepCoverage]]]:
    """The call-path coverage of notes: for each its id and its steps', in reading order.

    Parameters:
        notebook: The notebook; its lockfile knows what bodies call.
        names: Ids or files of notes; all when there is none.

    Raises:
        UsageError: A name is that of no note.
    """
    notes = [find_note(notebook, name) for name in names] or list(notebook.notes.values())
    spoken = spoken_of(notebook.index)
    return [(note.id, list(coverage(notebook.index, note, spoken))) for note in notes]


def graph_of(workspace: Workspace, notebook: Notebook, name: str, base: str = "") -> Graph:
    """The call graph of a note; `base` is the address of its page, when it is known."""
    note = find_note(notebook, name)
    strings = strings_for(workspace.site.language)
    said = strings.proofs | strings.statuses
    return note_graph(
        notebook.index, note, strings.graph_description, links_of(workspace), base, said
    )
