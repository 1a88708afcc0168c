"""Loads a notebook: bytes of its files → notes, references, findings, index. Reads no disk."""

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from posixpath import splitext
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import unquote

from callpath import rules
from callpath.addresses import (
    CALL_GRAPH_ANCHOR,
    ERRATA_PAGE,
    HOME_PAGE,
    INDEX_PAGES,
    VERSIONS_PAGE,
    Layout,
    comparison_page,
    is_home,
)
from callpath.c.vocabulary import DISPATCH, DispatchMacro
from callpath.cache import CACHE, Cache
from callpath.facts.lock import Lock, LockedDefinition, LockedEdge
from callpath.facts.proof import NOT_FOUND, EdgeStatus, Verdict
from callpath.findings import (
    Finding,
    Location,
    SettingsError,
    UsageError,
    Weight,
    in_order,
    nearest_name,
    reason,
    weighed,
)
from callpath.lock_state import lock_state
from callpath.model import (
    Edge,
    Note,
    Pin,
    Reference,
    Step,
    Symbol,
    SymbolKind,
    Text,
    note_edges,
    visits,
)
from callpath.notes.parser import is_note, parse_note
from callpath.notes.references import (
    Mentions,
    broken_links,
    note_mentions,
    page_mentions,
    step_reference,
)
from callpath.settings import dispatch_table
from callpath.sources.spec import OnlineAccess, Sources, parse_source_arguments
from callpath.workspace import Workspace, notebook_files, read_lock


@dataclass(frozen=True, slots=True, order=True)
class SymbolKey:
    """What makes a symbol of the notebook one symbol."""

    project: str
    path: str
    name: str
    kind: SymbolKind


@dataclass(frozen=True, slots=True)
class StepPlace:
    """A step, where it stands, and what the lockfile knows of it."""

    note: Note
    step: Step
    parent: Step | None
    key: SymbolKey
    locked: LockedDefinition | None
    edge: LockedEdge | None = None

    @property
    def verdict(self) -> Verdict:
        """What the lockfile knows of the edge from the parent; unproved when it is not locked."""
        return self.edge.verdict if self.edge else NOT_FOUND

    @property
    def proved(self) -> bool:
        """Whether the symbol is located and, unless it is of the top level, its edge proved."""
        reached = self.parent is None or self.verdict.status is EdgeStatus.PROVED
        return self.locked is not None and reached


@dataclass(frozen=True, slots=True)
class ProseMention:
    """A link in prose to a symbol."""

    reference: Reference
    locked: LockedDefinition


@dataclass(slots=True)
class SymbolEntry:
    """All that the notebook has on a symbol.

    Attributes:
        key: The symbol.
        definitions: What the lockfile has, in its order; empty when nothing is locked.
        steps: The steps that are about it, in reading order.
        mentions: The links in prose that name it.
        callers: The symbols that it is reached from, in reading order.
        callees: The symbols that are reached from it, in reading order.
    """

    key: SymbolKey
    definitions: list[LockedDefinition] = field(default_factory=list)
    steps: list[StepPlace] = field(default_factory=list)
    mentions: list[ProseMention] = field(default_factory=list)
    callers: list[SymbolKey] = field(default_factory=list)
    callees: list[SymbolKey] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Index:
    """The notebook, to be asked.

    Attributes:
        notes: In the order they were given.
        symbols: Every symbol that a step or a locked link is about, sorted by key.
        places: For each note's id the places of its steps, in reading order.
    """

    notes: tuple[Note, ...]
    symbols: Mapping[SymbolKey, SymbolEntry]
    places: Mapping[str, Sequence[StepPlace]]
    _by_name: Mapping[str, Sequence[SymbolKey]]

    def files(self) -> dict[tuple[str, str], list[SymbolEntry]]:
        """The symbols of each source file (project, path), in line order; unlocked ones last."""
        found: dict[tuple[str, str], list[SymbolEntry]] = {}
        for entry in self.symbols.values():
            found.setdefault((entry.key.project, entry.key.path), []).append(entry)
        for entries in found.values():
            entries.sort(key=_line)
        return dict(sorted(found.items()))

    def named(self, name: str, project: str, path: str = "") -> SymbolKey | None:
        """The symbol that a bare name in prose means: in the file at hand, else the only one.

        Parameters:
            name: The name.
            project: The code base.
            path: The file that the prose speaks of, if any.
        """
        keys = [key for key in self._by_name.get(name, ()) if key.project == project]
        callable_keys = [key for key in keys if key.kind in _CALLABLE] or keys
        here = [key for key in callable_keys if key.path == path]
        chosen = here or callable_keys
        return chosen[0] if len(chosen) == 1 else None


_T = TypeVar("_T")
_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO)


def _line(entry: SymbolEntry) -> tuple[bool, int, str, str]:
    line = entry.definitions[0].definition.line if entry.definitions else 0
    return (not entry.definitions, line, entry.key.name, entry.key.kind)


def build_index(
    notes: Sequence[Note], references: Iterable[Reference], lock: Lock, version: str = ""
) -> Index:
    """Join notes and lockfile.

    Parameters:
        notes: The notes in the order that readers meet them.
        references: Every reference of the notebook; those of steps may be among them.
        lock: The lockfile's facts.
        version: The version whose definitions and steps come first: that of the site's pin.
    """
    symbols: dict[SymbolKey, SymbolEntry] = {}
    places = {note.id: _places(note, lock, symbols) for note in notes}
    for reference in references:
        locked = lock.find(reference) if reference.link else None
        if locked is not None:
            entry = _entry(symbols, _locked_key(locked))
            entry.mentions.append(ProseMention(reference, locked))
            _remember(entry.definitions, locked)
    for entry in symbols.values():
        entry.definitions.sort(key=lambda locked: locked.version != version)
        entry.steps.sort(key=lambda place: place.note.pin.version != version)
    by_name: dict[str, list[SymbolKey]] = {}
    ordered = {key: symbols[key] for key in sorted(symbols)}
    for key in ordered:
        by_name.setdefault(key.name, []).append(key)
    return Index(tuple(notes), ordered, places, by_name)


def _places(note: Note, lock: Lock, symbols: dict[SymbolKey, SymbolEntry]) -> tuple[StepPlace, ...]:
    found = []
    edges = {edge.callee.id: lock.find_edge(edge) for edge in note_edges(note)}
    for visit in visits(note):
        locked = lock.find(step_reference(note, visit.step))
        key = step_key(note, visit.step.symbol)
        edge = edges.get(visit.step.id)
        place = StepPlace(note, visit.step, visit.parent, key, locked, edge)
        found.append(place)
        entry = _entry(symbols, key)
        entry.steps.append(place)
        if locked is not None:
            _remember(entry.definitions, locked)
        if visit.parent is not None:
            parent_key = step_key(note, visit.parent.symbol)
            _remember(entry.callers, parent_key)
            _remember(_entry(symbols, parent_key).callees, key)
    return tuple(found)


def _entry(symbols: dict[SymbolKey, SymbolEntry], key: SymbolKey) -> SymbolEntry:
    return symbols.setdefault(key, SymbolEntry(key))


def _remember(values: list[_T], value: _T) -> None:
    if value not in values:
        values.append(value)


def step_key(note: Note, symbol: Symbol) -> SymbolKey:
    """The key of the symbol that a step is about."""
    return SymbolKey(note.pin.project, symbol.path, symbol.name, SymbolKind(symbol.kind))


def _locked_key(locked: LockedDefinition) -> SymbolKey:
    found = locked.definition
    return SymbolKey(locked.project, found.path, found.name, found.kind)


def counterparts(notes: Mapping[str, Note]) -> dict[str, tuple[Note, ...]]:
    """For each note's id its counterparts, in the order of their files.

    That one of two notes names the other is enough. A note of the same version is none.

    Parameters:
        notes: The notes by the path of their file below the notes' folder.
    """
    found: dict[str, dict[str, Note]] = {note.id: {} for note in notes.values()}
    for path, note in notes.items():
        for text in note.counterparts:
            target = _target(path, text)
            other = notes.get(target)
            if other is not None and not _fault(note, other):
                found[note.id][target] = other
                found[other.id][path] = note
    return {
        note: tuple(by_path[path] for path in sorted(by_path)) for note, by_path in found.items()
    }


def counterpart_faults(notes: Mapping[str, Note]) -> Iterator[Finding]:
    """The counterparts that are none.

    Parameters:
        notes: The notes by the path of their file below the notes' folder.
    """
    for path, note in notes.items():
        for text in note.counterparts:
            target = _target(path, text)
            other = notes.get(target)
            if other is None:
                near = nearest_name(target, sorted({*notes} - {path}), limit=1)
                hint = f"did you mean `{near[0]}`?" if near else "name the file of a note"
                message = f"`{text.value}` is no counterpart: there is no such note"
                yield rules.INVALID_VALUE.at(text.place, message, hint)
            elif why := _fault(note, other):
                yield rules.INVALID_VALUE.at(
                    text.place,
                    f"`{text.value}` is no counterpart: {why}",
                    "name a note that tells the same path at another version",
                )


def _target(path: str, text: Text) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(text.value)))


def _fault(note: Note, other: Note) -> str:
    if other is note:
        return "it is the note itself"
    if other.pin.project != note.pin.project:
        return f"it is about {other.pin.project}, not {note.pin.project}"
    if other.pin.version == note.pin.version:
        return f"it is about {other.pin.version} too"
    return ""


def counterpart_step(place: StepPlace, other: Note, index: Index, lock: Lock) -> StepPlace | None:
    """The step of a counterpart that is about the same symbol; nothing when there is none.

    A track leads from one to the other, in whichever direction.

    Parameters:
        place: A step.
        other: A counterpart of its note.
        index: The notebook joined with its lockfile.
        lock: The lockfile's facts.
    """
    if place.locked is None:
        return None
    there = _leads_to(lock, place.locked, other.pin.version)
    for candidate in index.places[other.id]:
        if candidate.locked is None:
            continue
        if candidate.locked == there:
            return candidate
        if _leads_to(lock, candidate.locked, place.note.pin.version) == place.locked:
            return candidate
    return None


def _leads_to(lock: Lock, locked: LockedDefinition, at: str) -> LockedDefinition | None:
    track = lock.track(locked, at)
    return lock.after(track) if track else None


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
    diagnostics: tuple[Finding, ...]
    weights: Mapping[str, Weight] = field(default_factory=dict)
    dispatch: Mapping[str, DispatchMacro] = field(default_factory=lambda: DISPATCH)
    complete: bool = True
    faults: tuple[Finding, ...] = ()
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
    def lock_diagnostics(self) -> tuple[Finding, ...]:
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
    diagnostics: list[Finding] = []
    notes: dict[str, Note] = {}
    faulty: list[str] = []
    hiding: set[str] = set()  # what is faulty may hide steps and references
    faults: list[Finding] = []
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


def _unknown_versions(notes: Iterable[Note], versions: Sequence[Pin]) -> Iterator[Finding]:
    """The remarks on versions that are not tracked."""
    for note in notes:
        known = [pin.version for pin in versions if pin.project == note.pin.project]
        for visit in visits(note):
            for remark in visit.step.remarks:
                if remark.version not in {*known, note.pin.version}:
                    near = nearest_name(remark.version, known, limit=1)
                    yield rules.INVALID_VALUE.at(
                        remark.place,
                        f"`{remark.version}` is no version that the site tracks",
                        f"did you mean `{near[0]}`?"
                        if near
                        else "name it in `versions` of the site's settings",
                    )


def _unknown_projects(
    pins: Iterable[Pin], versions: Iterable[Pin], lockfile: str
) -> Iterator[Finding]:
    """The tracked versions of projects that nothing is pinned to."""
    known = sorted({pin.project for pin in pins})
    for pin in versions:
        if pin.project not in known:
            near = nearest_name(pin.project, known, limit=1)
            yield rules.INVALID_VALUE.at(
                Location(lockfile),
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
) -> Iterator[Finding]:
    addresses: dict[str, str] = {}
    pages = {path for path in files if path.lower().endswith(_PAGE_ENDINGS)}
    for path in sorted({*notes, *pages, *made}):
        first = addresses.setdefault(layout.address(path), path)
        if first != path and (first in notes or path in notes):
            note, other = (path, first) if path in notes else (first, path)
            shown = f"`{prefix}{other}`" if other in files else f"the generated page `{other}`"
            yield rules.PAGE_COLLISION.at(
                Location(prefix + note),
                f"`{prefix}{note}` and {shown} have the same address",
                "rename one of them" if other in files else "rename the note",
            )


def _no_lockfile(lockfile: str) -> Finding:
    return rules.NOT_LOCKED.at(
        Location(lockfile),
        f"there is no lockfile `{lockfile}`",
        "make it with `callpath lock --source SPEC` and commit it",
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted.

    Attributes:
        steps: Steps.
        proved: Steps that are located and, unless of the top level, reached by a proved edge.
        errata: Errata.
        edges: How many edges have each status; in the order of `EdgeStatus`, none left out.
    """

    steps: int
    proved: int
    errata: int
    edges: tuple[tuple[EdgeStatus, int], ...]


def tally(places: Iterable[StepPlace]) -> Tally:
    """Count over the places of steps."""
    found = list(places)
    edges = Counter(place.verdict.status for place in found if place.parent is not None)
    return Tally(
        steps=len(found),
        proved=sum(place.proved for place in found),
        errata=sum(len(place.step.errata) for place in found),
        edges=tuple((status, edges[status]) for status in EdgeStatus),
    )


def _pin_of(workspace: Workspace) -> Pin:
    pin = workspace.site.callpath.pin
    if pin is not None:
        return pin
    for wrong in workspace.diagnostics:
        raise SettingsError(f"{wrong.place}: {wrong.message}", wrong.hint)
    raise SettingsError(
        "the site has no `pin`", "name the version that the notes speak of: `pin: v3.7`"
    )


def access_of(workspace: Workspace) -> OnlineAccess:
    """How sites on the network may be asked: as the settings say, with the workspace's cache."""
    return OnlineAccess(workspace.site.callpath.online, Cache(workspace.root / CACHE))


def open_notebook(workspace: Workspace) -> Notebook:
    """Read the notebook of a workspace.

    Raises:
        SettingsError: The site has no pin, or a file cannot be read.
        LockfileError: The lockfile cannot be read.
    """
    pin = _pin_of(workspace)
    folder = workspace.notes_folder
    files: dict[str, bytes] = {}
    for path in notebook_files(folder):
        try:
            files[path] = (folder / path).read_bytes()
        except OSError as error:
            raise SettingsError(f"cannot read `{path}`: {reason(error)}") from error
    shown = workspace.notes_prefix + workspace.site.callpath.lockfile
    notebook = load_notebook(
        files,
        prefix=workspace.notes_prefix,
        pin=pin,
        lock=read_lock(workspace.lockfile, shown),
        lockfile=shown,
        weights=workspace.site.callpath.rules,
        layout=Layout(workspace.site.use_directory_urls),
        other_files=[
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        ],
        versions=workspace.site.callpath.tracked,
    )
    found = weighed([*workspace.diagnostics, *notebook.diagnostics], notebook.weights)
    return replace(
        notebook,
        diagnostics=tuple(in_order(found)),
        dispatch=dispatch_table(workspace.site.callpath.dispatch_macros),
    )


def sources_of(
    workspace: Workspace, notebook: Notebook, given: Iterable[str], *versions: str
) -> Sources:
    """The sources that the user named.

    Parameters:
        workspace: Where the notebook is.
        notebook: The notebook, whose versions can be named.
        given: `SPEC`, `VERSION=SPEC` or `PROJECT=SPEC`, each.
        versions: Further versions that can be named.

    Raises:
        UsageError: Two are for the same version or project.
    """
    pins = (*(reference.pin for reference in notebook.references), *notebook.versions)
    own = notebook.pin
    known = {*versions, *(pin.version for pin in pins if pin.project == own.project)}
    projects = {pin.project for pin in pins}
    access = access_of(workspace)
    return parse_source_arguments(given, own, known, projects, workspace.root, access)


def find_note(notebook: Notebook, name: str) -> Note:
    """The note of that id, or of that file.

    Raises:
        UsageError: There is none.
    """
    for note in notebook.notes.values():
        if name in (note.id, note.file):
            return note
    ids = sorted(note.id for note in notebook.notes.values())
    near = nearest_name(name, ids, limit=1)
    raise UsageError(
        f"there is no note `{name}`",
        f"did you mean `{near[0]}`?"
        if near
        else "the notes are " + ", ".join(f"`{i}`" for i in ids),
    )
