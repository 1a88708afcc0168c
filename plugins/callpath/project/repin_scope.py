"""What a repin is about: which notes, whether the site's pin changes, from which versions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from callpath.core.errors import SettingsError, UsageError
from callpath.core.model import Note, Pin, Reference
from callpath.core.repin.texts import has_own_pin
from callpath.core.settings import parse_site_settings
from callpath.project.lookups import find_note
from callpath.project.notebook import Notebook
from callpath.project.workspace import Workspace, prefix_of, reason


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be repinned.

    Attributes:
        notes: The notes, by their file's path below the notes' folder.
        followers: Those of them that say no pin of their own.
        site: Whether the site's pin changes, and with it the references of Markdown pages.
        new: The new version.
        staying: The notes that keep their version, in the order of their files.
    """

    notes: dict[str, Note]
    followers: frozenset[str]
    site: bool
    new: Pin
    staying: tuple[Note, ...] = ()

    def covers(self, note: str) -> bool:
        """Whether the references of a note's id, or of a page's path, change their version."""
        if any(each.id == note for each in self.notes.values()):
            return True
        return self.site and all(each.id != note for each in self.staying)

    def moves(self, reference: Reference) -> bool:
        """Whether a reference changes its version."""
        own = reference.pin.project == self.new.project and not reference.fixed
        return own and self.covers(reference.note)


def scope_of(
    notebook: Notebook, files: dict[str, bytes], version: str, names: Sequence[str]
) -> Scope:
    """What is to be repinned.

    Parameters:
        notebook: The notebook.
        files: The bytes of its files, by path below the notes' folder.
        version: The new version.
        names: Ids or files of notes; if there is none, the site and all notes of its version.

    Raises:
        UsageError: A name is that of no note, the notes are of several projects, or one is faulty.
    """
    named = {find_note(notebook, name).file for name in names}
    notes = {
        path: note
        for path, note in notebook.notes.items()
        if (note.file in named if names else _is_of(note.pin, notebook.pin))
    }
    projects = sorted({note.pin.project for note in notes.values()})
    if len(projects) > 1:
        raise UsageError(
            "the notes are of several projects: " + ", ".join(f"`{name}`" for name in projects),
            "name those of one project",
        )
    _refuse_faulty(notebook, [note.file for note in notes.values()], whole=not names)
    followers = frozenset(path for path in notes if not has_own_pin(path, files[path]))
    project = projects[0] if projects else notebook.pin.project
    staying = tuple(note for path, note in notebook.notes.items() if path not in notes)
    return Scope(notes, followers, not names, Pin(project, version), staying)


def _is_of(pin: Pin, site: Pin) -> bool:
    return (pin.project, pin.version) == (site.project, site.version)


def _refuse_faulty(notebook: Notebook, files: Iterable[str], *, whole: bool) -> None:
    """Refuse notes that hide references or steps behind their faults."""
    hidden = [notebook.prefix + path for path in notebook.faulty] if whole else []
    for file in [*hidden, *sorted(files)]:
        if file in hidden or any(found.place.file == file for found in notebook.faults):
            raise UsageError(
                f"`{file}` has findings, and cannot be rewritten before they are mended",
                "run `callpath check`",
            )


def site_files(workspace: Workspace, config: Path) -> Iterable[tuple[Path, str, bytes]]:
    """The site's configuration and the files that it inherits from: path, name, bytes.

    Raises:
        SettingsError: One cannot be read.
    """
    seen: set[Path] = set()
    path: Path | None = config
    while path is not None and path.resolve() not in seen:
        seen.add(path.resolve())
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SettingsError(f"cannot read `{path}`: {reason(error)}") from error
        shown = prefix_of(workspace.root, path.parent.resolve()) + path.name
        yield path, shown, data
        site, _ = parse_site_settings(shown, data)
        path = path.parent / site.inherit if site is not None and site.inherit else None
