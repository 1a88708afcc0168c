"""Loads a notebook: bytes of its files → notes, references, findings, index. Reads no disk."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import splitext
from types import MappingProxyType

from callpath.core import rules
from callpath.core.c_parser import DISPATCH, DispatchMacro
from callpath.core.counterparts import counterpart_faults
from callpath.core.diagnostics import Diagnostic, Place, in_order
from callpath.core.index import Index, build_index
from callpath.core.layout import (
    CALL_GRAPH_ANCHOR,
    ERRATA_PAGE,
    HOME_PAGE,
    INDEX_PAGES,
    VERSIONS_PAGE,
    Layout,
    comparison_page,
    is_home,
)
from callpath.core.lock import Lock
from callpath.core.model import Note, Pin, Reference, visits
from callpath.core.note_parser import is_note, parse_note
from callpath.core.prover import Edge, note_edges
from callpath.core.references import Mentions, broken_links, note_mentions, page_mentions
from callpath.core.resolver import nearest
from callpath.core.rule_settings import Weight, weighed
from callpath.project.lock_state import lock_state

NOTE_ENDINGS = (".yml", ".yaml")
_PAGE_ENDINGS = (".md", ".markdown")
_OWN_ANCHOR = re.compile(r"^ {0,3}#{1,6}\s|^\[\^|\bid=|\{[:#]", re.MULTILINE)


@dataclass(frozen=True)
class Notebook:
    """All of a notebook that was read.

    Attributes:
        pin: The site's pin.
        prefix: What stands before the path of a file in places (`notes/`).
        notes: Every note that could be read, by its file's path below the notes' folder, sorted.
        faulty: The files that are notes but could not be read at all, sorted.
        references: Every reference, in the order of files and then of reading.
        lock: The lockfile's facts; nothing when there is no lockfile.
        lockfile: The lockfile's path relative to the project's root.
        diagnostics: What is wrong with the files themselves and their links, in order.
        weights: How much each rule weighs, where that is not its own severity.
        dispatch: The macros that dispatch a call, by name.
        complete: Whether every reference is known: no file was left out, and no note is faulty.
        faults: What is wrong with the YAML of notes and the values in it, whatever that weighs.
        versions: The versions that are tracked besides the pins, in the order of their columns.
    """

    pin: Pin
    prefix: str
    notes: Mapping[str, Note]
    faulty: tuple[str, ...]
    references: tuple[Reference, ...]
    lock: Lock | None
    lockfile: str
    diagnostics: tuple[Diagnostic, ...]
    weights: Mapping[str, Weight] = field(default_factory=dict)
    dispatch: Mapping[str, DispatchMacro] = field(default_factory=lambda: DISPATCH)
    complete: bool = True
    faults: tuple[Diagnostic, ...] = ()
    versions: tuple[Pin, ...] = ()

    def tracked(self, pin: Pin) -> tuple[Pin, ...]:
        """The versions of a pin's project that are tracked besides the pin's own."""
        return tuple(
            each
            for each in self.versions
            if each.project == pin.project and each.version != pin.version
        )

    @cached_property
    def index(self) -> Index:
        """The notes joined with the lockfile."""
        notes, lock = tuple(self.notes.values()), self.lock or Lock()
        return build_index(notes, self.references, lock, self.pin.version)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge that the notes state, in the order of files and then of reading."""
        return tuple(edge for note in self.notes.values() for edge in note_edges(note))

    @cached_property
    def lock_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Whether the lockfile is complete and holds nothing in vain, in order."""
        if not self.references and not (self.lock and self.lock.definitions):
            return ()
        if self.lock is None:
            return weighed([_no_lockfile(self.lockfile)], self.weights)
        found = lock_state(
            self.lock,
            self.lockfile,
            self.references,
            self.edges,
            self.tracked,
            complete=self.complete,
        )
        return weighed(in_order(found), self.weights)


def load_notebook(
    files: Mapping[str, bytes],
    *,
    prefix: str,
    pin: Pin,
    lock: Lock | None,
    lockfile: str,
    other_files: Sequence[str] = (),
    layout: Layout = Layout(),  # noqa: B008 (it is frozen)
    weights: Mapping[str, Weight] = MappingProxyType({}),
    complete: bool = True,
    versions: Sequence[Pin] = (),
) -> Notebook:
    """Read a notebook.

    Parameters:
        files: The YAML and Markdown files below the notes' folder: path → content.
        prefix: What stands before these paths in places (`notes/`).
        pin: The site's pin.
        lock: The lockfile's facts, or nothing when there is no lockfile.
        lockfile: The lockfile's path relative to the project's root.
        other_files: Further files below the notes' folder, which links may lead to.
        layout: The form of the site's addresses.
        weights: How much each rule weighs, where that is not its own severity.
        complete: Whether these are all files; the lockfile may hold facts for the others.
        versions: The versions that are tracked besides the pins.
    """
    diagnostics: list[Diagnostic] = []
    notes: dict[str, Note] = {}
    faulty: list[str] = []
    hiding: set[str] = set()  # what is faulty may hide steps and references
    faults: list[Diagnostic] = []
    mentions: list[Mentions] = []
    for path in sorted(files):
        if path.lower().endswith(_PAGE_ENDINGS):
            text = files[path].decode("utf-8", errors="replace")
            mentions.append(page_mentions(path, prefix + path, text, pin))
        elif is_note_file(path, files[path]):
            parsed = parse_note(
                prefix + path, files[path], note_id=splitext(path)[0], default_pin=pin
            )
            diagnostics += parsed.diagnostics
            faults += parsed.diagnostics
            if parsed.diagnostics:
                hiding.add(path)
            if parsed.note is None:
                faulty.append(path)
            else:
                notes[path] = parsed.note
                mentions.append(note_mentions(parsed.note, path))
    for found in mentions:
        diagnostics += found.diagnostics
    links = [link for found in mentions for link in found.links]
    anchors = {
        path: _anchors(note)
        for path, note in notes.items()
        if path not in hiding and not _has_headings(note)
    }
    here = {*files, *other_files}
    made = _index_pages(notes.values(), versions)
    home = () if any(_is_home(path, {*notes, *faulty}) for path in here) else (HOME_PAGE,)
    compared = _comparisons(notes.values(), versions)
    diagnostics += broken_links(links, anchors, {*here, *made, *compared, *home})
    diagnostics += counterpart_faults(notes)
    diagnostics += _unknown_versions(notes.values(), versions)
    diagnostics += _unknown_projects(
        [pin, *(note.pin for note in notes.values())], versions, lockfile
    )
    diagnostics += _collisions({*notes, *faulty}, files, [*made, *compared], prefix, layout)
    return Notebook(
        pin=pin,
        prefix=prefix,
        notes=notes,
        faulty=tuple(faulty),
        references=tuple(reference for found in mentions for reference in found.references),
        lock=lock,
        lockfile=lockfile,
        diagnostics=weighed(in_order(diagnostics), weights),
        weights=weights,
        complete=complete and not hiding,
        faults=tuple(faults),
        versions=tuple(versions),
    )


def is_note_file(path: str, data: bytes) -> bool:
    """Whether a file is a note: a YAML file whose top level has `steps`."""
    return path.lower().endswith(NOTE_ENDINGS) and is_note(data)


def _index_pages(notes: Collection[Note], versions: Sequence[Pin]) -> list[str]:
    """The indexes that are made."""
    left_out = set()
    if not any(visit.step.errata for note in notes for visit in visits(note)):
        left_out.add(ERRATA_PAGE)
    if not _comparisons(notes, versions):
        left_out.add(VERSIONS_PAGE)
    return [page for page in INDEX_PAGES if page not in left_out]


def _comparisons(notes: Iterable[Note], versions: Sequence[Pin]) -> list[str]:
    """The pages that compare notes with tracked versions."""
    return [
        comparison_page(note.id, pin.version)
        for note in notes
        for pin in versions
        if pin.project == note.pin.project and pin.version != note.pin.version
    ]


def _unknown_versions(notes: Iterable[Note], versions: Sequence[Pin]) -> Iterator[Diagnostic]:
    """The remarks on versions that are not tracked."""
    for note in notes:
        known = [pin.version for pin in versions if pin.project == note.pin.project]
        for visit in visits(note):
            for remark in visit.step.remarks:
                if remark.version not in {*known, note.pin.version}:
                    near = nearest(remark.version, known, limit=1)
                    yield rules.INVALID_VALUE.at(
                        remark.place,
                        f"`{remark.version}` is no version that the site tracks",
                        f"did you mean `{near[0]}`?"
                        if near
                        else "name it in `versions` of the site's settings",
                    )


def _unknown_projects(
    pins: Iterable[Pin], versions: Iterable[Pin], lockfile: str
) -> Iterator[Diagnostic]:
    """The tracked versions of projects that nothing is pinned to."""
    known = sorted({pin.project for pin in pins})
    for pin in versions:
        if pin.project not in known:
            near = nearest(pin.project, known, limit=1)
            yield rules.INVALID_VALUE.at(
                Place(lockfile),
                f"`versions` of the site's settings names {pin.version} of `{pin.project}`, but no "
                "note is pinned to that project",
                f"did you mean `{near[0]}`?"
                if near
                else f"the notes are about {', '.join(known)}; take that version out",
            )


def _is_home(path: str, notes: Set[str]) -> bool:
    return is_home(path) and (path in notes or path.lower().endswith((*_PAGE_ENDINGS, ".html")))


def _has_headings(note: Note) -> bool:
    """Whether the prose of a note has anchors of its own, which only the site's Markdown knows."""
    steps = [visit.step for visit in visits(note)]
    texts = [note.description, *(step.commentary for step in steps)]
    texts += [remark.text for step in steps for remark in step.remarks]
    return any(_OWN_ANCHOR.search(text.value) for text in texts)


def _anchors(note: Note) -> frozenset[str]:
    return frozenset({CALL_GRAPH_ANCHOR, *(visit.step.id for visit in visits(note))})


def _collisions(
    notes: Set[str],
    files: Mapping[str, bytes],
    made: Sequence[str],
    prefix: str,
    layout: Layout,
) -> Iterator[Diagnostic]:
    addresses: dict[str, str] = {}
    pages = {path for path in files if path.lower().endswith(_PAGE_ENDINGS)}
    for path in sorted({*notes, *pages, *made}):
        first = addresses.setdefault(layout.address(path), path)
        if first != path and (first in notes or path in notes):
            note, other = (path, first) if path in notes else (first, path)
            shown = f"`{prefix}{other}`" if other in files else f"the generated page `{other}`"
            yield rules.PAGE_COLLISION.at(
                Place(prefix + note),
                f"`{prefix}{note}` and {shown} have the same address",
                "rename one of them" if other in files else "rename the note",
            )


def _no_lockfile(lockfile: str) -> Diagnostic:
    return rules.NOT_LOCKED.at(
        Place(lockfile),
        f"there is no lockfile `{lockfile}`",
        "make it with `callpath lock --source SPEC` and commit it",
    )
