"""The notebook: what its files say, joined with the lockfile, and what is wrong with it.

`Notebook.load` takes the content of files and does not touch the disk; `read_notebook` reads them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, groupby, starmap
from operator import attrgetter
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import unquote

from msgspec import Struct, field
from msgspec.structs import replace

from callpath import addresses, rules
from callpath.cache import CACHE
from callpath.facts.lock import OF_EDGES, OF_REFERENCES, Lock, LockedDefinition, LockedEdge
from callpath.facts.proof import NOT_FOUND, EdgeStatus, Verdict
from callpath.findings import (
    Finding,
    Location,
    SettingsError,
    UsageError,
    Weight,
    did_you_mean,
    in_order,
    is_at,
    weighed,
)
from callpath.lock_state import LockState, Settings, lock_state
from callpath.model import (
    Definition,
    Edge,
    Note,
    Pin,
    Reference,
    Step,
    Symbol,
    SymbolKind,
    Text,
    note_edges,
    step_reference,
    visits,
)
from callpath.notes.kept import KeptNotes
from callpath.projects import LinkUnit
from callpath.settings import PluginConfig, dispatch_table
from callpath.store import Store
from callpath.workspace import Workspace, links_by, read_lock, read_notes

if TYPE_CHECKING:
    from callpath.c.vocabulary import DispatchMacro
    from callpath.mentions.exceptions import Exceptions
    from callpath.mentions.kept import KeptReadings
    from callpath.mentions.model import Document, Mention, PlacedMention
    from callpath.mentions.placing import Reader, ReadText
    from callpath.notes.references import Mentions

PAGE_ENDINGS = (".md", ".markdown")
CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO)

_REFERS = re.compile(r"src:|callpath:|\.ya?ml\b|//[^/\s()]*(?:[\[\]]|[^\x00-\x7f])", re.IGNORECASE)
"""What a page has that refers to symbols, steps or parts of the site, or may be no address."""

_T = TypeVar("_T")


class SymbolKey(Struct, frozen=True, order=True):
    """What makes a symbol of the notebook one symbol."""

    project: str
    path: str
    name: str
    kind: SymbolKind


class StepPlace(Struct, frozen=True):
    """A step of a note, with what the lockfile has on it.

    Attributes:
        parent: The step that it is reached from; None for one of the top level.
        locked: What the lockfile has on its symbol, or None if it is not locked.
        edge: What the lockfile has on the edge from the parent, or None.
    """

    note: Note
    step: Step
    parent: Step | None
    key: SymbolKey
    locked: LockedDefinition | None
    edge: LockedEdge | None = None

    @property
    def symbol(self) -> Symbol:
        """What the step is about."""
        return self.step.symbol

    @property
    def definition(self) -> Definition | None:
        """Where the source defines the symbol, or None if it is not locked."""
        return self.locked.definition if self.locked else None

    @property
    def verdict(self) -> Verdict:
        """How the edge from the parent is proved; unproved when it is not locked."""
        return self.edge.verdict if self.edge else NOT_FOUND

    @property
    def proved(self) -> bool:
        """Whether the symbol is located and, unless it is of the top level, its edge proved."""
        reached = self.parent is None or self.verdict.status is EdgeStatus.PROVED
        return self.locked is not None and reached


class ProseMention(Struct, frozen=True):
    """A link in prose to a symbol."""

    reference: Reference
    locked: LockedDefinition


class SymbolEntry(Struct):
    """All that the notebook has on a symbol; steps, callers and callees are in reading order."""

    key: SymbolKey
    definitions: list[LockedDefinition] = field(default_factory=list)  # the site's version first
    steps: list[StepPlace] = field(default_factory=list)
    mentions: list[ProseMention] = field(default_factory=list)
    callers: list[SymbolKey] = field(default_factory=list)
    callees: list[SymbolKey] = field(default_factory=list)


class Index(Struct, frozen=True, dict=True):
    """The notes joined with the lockfile."""

    notes: tuple[Note, ...]
    symbols: Mapping[SymbolKey, SymbolEntry]  # of each step and locked link, sorted by key
    places: Mapping[str, Sequence[StepPlace]]  # for each note's id its steps, in reading order

    def files(self) -> dict[tuple[str, str], list[SymbolEntry]]:
        """The symbols of each source file (project, path), in line order; unlocked ones last."""
        return self._files

    @cached_property
    def _files(self) -> dict[tuple[str, str], list[SymbolEntry]]:
        files = groupby(self.symbols.values(), attrgetter("key.project", "key.path"))
        return {file: sorted(entries, key=_line) for file, entries in files}

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[SymbolKey]]:
        found: dict[str, list[SymbolKey]] = {}
        for key in self.symbols:
            found.setdefault(key.name, []).append(key)
        return found

    def named(self, name: str, project: str, path: str = "", version: str = "") -> SymbolKey | None:
        """The symbol that a bare name in prose means, or None if that is not clear.

        A symbol of `path`, the file that the prose is about, is preferred. With a version only
        those are meant that are located there.
        """
        keys = [key for key in self._by_name.get(name, ()) if key.project == project]
        if version:
            keys = [key for key in keys if self.located(key, version)]
        callable_keys = [key for key in keys if key.kind in CALLABLE] or keys
        chosen = [key for key in callable_keys if key.path == path] or callable_keys
        return chosen[0] if len(chosen) == 1 else None

    def located(self, key: SymbolKey, version: str) -> LockedDefinition | None:
        """The first definition of a symbol at a version, or None."""
        definitions = self.symbols[key].definitions
        return next((each for each in definitions if each.version == version), None)


def _line(entry: SymbolEntry) -> tuple[bool, int, str, str]:
    line = entry.definitions[0].definition.line if entry.definitions else 0
    return (not entry.definitions, line, entry.key.name, entry.key.kind)


def build_index(
    notes: Sequence[Note], references: Iterable[Reference], lock: Lock, version: str = ""
) -> Index:
    """Join notes, in the order that readers meet them, and lockfile.

    Of the references only links count. The definitions and steps of `version`, that of the site's
    pin, come first.
    """
    symbols: dict[SymbolKey, SymbolEntry] = {}
    places = {note.id: _places(note, lock, symbols) for note in notes}
    for reference in references:
        locked = lock.find(reference) if reference.link else None
        if locked is not None:
            entry = _entry(symbols, key_of(locked))
            entry.mentions.append(ProseMention(reference, locked))
            _remember(entry.definitions, locked)
    for entry in symbols.values():
        entry.definitions.sort(key=lambda locked: locked.version != version)
        entry.steps.sort(key=lambda place: place.note.pin.version != version)
    return Index(tuple(notes), {key: symbols[key] for key in sorted(symbols)}, places)


def _places(note: Note, lock: Lock, symbols: dict[SymbolKey, SymbolEntry]) -> tuple[StepPlace, ...]:
    found = []
    edges = {edge.callee.id: lock.find_edge(edge) for edge in note_edges(note)}
    for visit in visits(note):
        step, key = visit.step, step_key(note, visit.step.symbol)
        locked = lock.find(step_reference(note, step))
        place = StepPlace(note, step, visit.parent, key, locked, edges.get(step.id))
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


def key_of(locked: LockedDefinition) -> SymbolKey:
    """The symbol that a locked definition is of."""
    found = locked.definition
    return SymbolKey(locked.project, found.path, found.name, found.kind)


def step_key(note: Note, symbol: Symbol) -> SymbolKey:
    """The key of the symbol that a step is about."""
    return SymbolKey(note.pin.project, symbol.path, symbol.name, SymbolKind(symbol.kind))


class Notebook(Struct, frozen=True, dict=True):
    """All of a notebook; what only some callers need is read when it is asked for.

    Paths are below the notes' folder; `notes`, `faulty` and `pages` are sorted by them.
    """

    settings: PluginConfig
    prefix: str  # what stands before a path in locations (`notes/`)
    notes: Mapping[str, Note]  # those that could be read, by the path of their file
    faulty: tuple[str, ...]  # the files that are notes but could not be read at all
    pages: Mapping[str, str]  # the text of each Markdown page
    files: frozenset[str]  # every file
    lock: Lock | None
    faults: tuple[Finding, ...]  # what is wrong with the YAML of notes, whatever that weighs
    complete: bool  # every reference is known: no file was left out, and no note is faulty
    layout: addresses.Layout
    more: tuple[Finding, ...] = ()  # on the settings, and those of other packages' rules
    places: Mapping[str, Location] = field(default_factory=dict)  # of the site's options, by name
    damaged_lock: bool = False  # there is a lockfile that cannot be read, which is reported already
    # The text of each document outside the notes' folder that is checked too, by its path from the
    # project's root, sorted.
    loose: Mapping[str, str] = field(default_factory=dict)
    store: Store = Store()  # knows what files said in earlier runs

    @classmethod
    def load(
        cls,
        files: Mapping[str, bytes],
        settings: PluginConfig,
        *,
        prefix: str = "",
        lock: Lock | None = None,
        other_files: Iterable[str] = (),
        layout: addresses.Layout = addresses.Layout(),  # noqa: B008 (it is frozen)
        complete: bool = True,
        store: Store = Store(),  # noqa: B008 (it keeps nothing)
    ) -> Self:
        """Read a notebook; raises SettingsError if the settings have no pin.

        Parameters:
            files: The YAML and Markdown files below the notes' folder: path → content.
            prefix: What stands before these paths in locations (`notes/`).
            lock: The lockfile's facts, or None if there is no lockfile.
            other_files: Further files below the notes' folder, which links may lead to.
            complete: Whether these are all files; the lockfile may hold facts for the others.
            store: Knows what notes said in earlier runs.
        """
        pin = _pin_of(settings)
        with store:
            parsed = KeptNotes(store, prefix, pin).notes(files)
        faults = tuple(finding for _, found in parsed.values() for finding in found)
        return cls(
            settings,
            prefix,
            notes={path: note for path, (note, _) in parsed.items() if note is not None},
            faulty=tuple(path for path, (note, _) in parsed.items() if note is None),
            pages={
                path: data.decode("utf-8", errors="replace")
                for path, data in sorted(files.items())
                if path.lower().endswith(PAGE_ENDINGS)
            },
            files=frozenset({*files, *other_files}),
            lock=lock,
            faults=faults,
            complete=complete and not faults,  # what is faulty may hide steps and references
            layout=layout,
            store=store,
        )

    @property
    def pin(self) -> Pin:
        """The site's pin."""
        return _pin_of(self.settings)

    @property
    def lockfile(self) -> str:
        """The lockfile's path relative to the project's root."""
        return self.prefix + self.settings.lockfile

    @property
    def weights(self) -> Mapping[str, Weight]:
        """How much each rule weighs, where that is not its own severity."""
        return self.settings.rules

    @cached_property
    def dispatch(self) -> Mapping[str, "DispatchMacro"]:
        """The macros that dispatch a call, by name."""
        return dispatch_table(self.settings.dispatch_macros, self.settings.defining_macros)

    @cached_property
    def link_units(self) -> Sequence[LinkUnit]:
        """The link units that the site adds."""
        return [unit.value for unit in self.settings.link_units]

    @cached_property
    def versions(self) -> tuple[Pin, ...]:
        """The versions that are tracked besides the pins, in the order of their columns."""
        return tuple(self.settings.tracked)

    def tracked(self, pin: Pin) -> tuple[Pin, ...]:
        """The versions of a pin's project that are tracked besides the pin's own."""
        own = (each for each in self.versions if each.project == pin.project)
        return tuple(each for each in own if each.version != pin.version)

    @cached_property
    def _mentions(self) -> "tuple[Mentions, ...]":
        referring = {path for path, text in self.pages.items() if _REFERS.search(text)}
        if not self.notes and not referring:
            return ()
        pages = {path: self.pages[path] for path in referring}
        with self.store as store:
            return tuple(KeptNotes(store, self.prefix, self.pin).mentions(self.notes, pages))

    @cached_property
    def texts(self) -> "tuple[ReadText, ...]":
        """The texts that may mention source code: of notes and pages, in the order of files.

        Each is read when it is asked for what it says.
        """
        from callpath.mentions.placing import note_texts, page_text

        read = self._read_mentions
        found, others = list["ReadText"](), self.tracked(self.pin)
        for path in sorted({*self.notes, *self.pages}):
            if path in self.notes:
                found += note_texts(self.notes[path], self.tracked, read)
            else:
                file, text = self.prefix + path, self.pages[path]
                found.append(page_text(path, file, text, self.pin, others, read))
        for path, text in self.loose.items():
            found.append(page_text(path, path, text, self.pin, others, read))
        return tuple(replace(text, kept=self._readings) for text in found)

    @cached_property
    def _readings(self) -> "KeptReadings":
        """What texts said in earlier runs."""
        from callpath.mentions.kept import KeptReadings, reading_maker

        settings, store = self.settings, self.store
        return KeptReadings(store, reading_maker(store, settings.viewer_table, settings.words))

    @cached_property
    def _read_mentions(self) -> "Reader":
        settings = self.settings
        viewers, words = settings.viewer_table, frozenset(settings.words)

        def read(document: "Document") -> "Sequence[Mention]":
            from callpath.mentions.reading import read_mentions  # where a text is not known

            return read_mentions(document, viewers, words)

        return read

    def rendered_text(self, path: str, text: str) -> "ReadText":
        """The Markdown of a page or a note when a site's plugins are done with it.

        Its places are those in this text; of its file only the name is true.
        """
        from callpath.mentions.placing import page_text

        note = self.notes.get(path)
        pin = note.pin if note else self.pin
        tagged = replace(pin, tag=self._tag_of(pin))
        read = page_text(
            path, self.prefix + path, text, tagged, self.tracked(pin), self._read_mentions
        )
        return replace(read, in_note=note is not None)

    @cached_property
    def mentions(self) -> "tuple[PlacedMention, ...]":
        """Every mention of source code in prose, in the order of files and then of reading."""
        return self.mentions_at(())

    def mentions_at(self, paths: Sequence[str]) -> "tuple[PlacedMention, ...]":
        """The mentions in these files and below these folders, as `mentions`; no others are read.

        The paths are relative to the project's root; none means all.
        """
        asked = tuple(paths)
        if asked not in self._placed:
            self._placed[asked] = self._mentions_at(asked)
        return self._placed[asked]

    @cached_property
    def _placed(self) -> "dict[tuple[str, ...], tuple[PlacedMention, ...]]":
        """The mentions that were asked for, by where."""
        return {}

    def _mentions_at(self, paths: Sequence[str]) -> "tuple[PlacedMention, ...]":
        texts = [text for text in self.texts if is_at(text.file, paths)]
        if not texts:
            return ()
        self._readings.look_up((text.text.value, text.is_rst) for text in texts)
        found = tuple(chain.from_iterable(map(self._tagged, texts)))
        self._readings.keep()
        return found

    def _tagged(self, text: "ReadText") -> "Sequence[PlacedMention]":
        """The mentions of a text; their pin says its tag in a repository if it has another name."""
        tag = self._tag_of(text.pin)
        if not tag:
            return text.mentions
        pin = replace(text.pin, tag=tag)
        return [replace(mention, pin=pin) for mention in text.mentions]

    @cached_property
    def _tag_of(self) -> Callable[[Pin], str]:
        known: dict[Pin, str] = {}

        def tag_of(pin: Pin) -> str:
            if pin not in known:
                tag = self.settings.tag_of(pin)
                known[pin] = "" if tag == pin.version else tag
            return known[pin]

        return tag_of

    def exceptions_at(self, paths: Sequence[str]) -> "Exceptions":
        """What comments in these files, and the settings, leave out of the findings."""
        from callpath.mentions.exceptions import joined

        texts = (text.exceptions for text in self.texts if is_at(text.file, paths))
        return joined([*texts, self.stated_exceptions])

    @property
    def stated_exceptions(self) -> "Exceptions":
        """What the settings leave out of the findings."""
        from callpath.mentions.exceptions import Exceptions, Exemption

        otherwise = self.places.get("ignore") or Location(self.lockfile)
        stated = [
            Exemption(
                self.places.get(f"ignore.{number}", otherwise),
                rules=(one.rule,) if one.rule else (),
                texts=(one.text,) if one.text else (),
                path=one.path or "*",
            )
            for number, one in enumerate(self.settings.ignore)
        ]
        return Exceptions(stated)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every reference, in the order of files and then of reading."""
        return tuple(reference for each in self._mentions for reference in each.references)

    @cached_property
    def mention_references(self) -> tuple[Reference, ...]:
        """The definitions that links and citations lead into, by the lockfile, as references."""
        if not (self.lock and self.lock.mentions):
            return ()
        from callpath.mentions.judging.judge import mention_references

        return mention_references(self.mentions, self.lock.mention_facts)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the files themselves and their links, in order."""
        found = chain(
            self.more,
            self.faults,
            *(each.findings for each in self._mentions),
            self._broken_links(),
            self._counterpart_faults(),
            self._unknown_versions(),
            self._unknown_projects(),
            self._unlinked_projects(),
            self._collisions(),
        )
        return weighed(in_order(found), self.weights)

    @cached_property
    def index(self) -> Index:
        """The notes joined with the lockfile."""
        notes, lock = tuple(self.notes.values()), self.lock or Lock()
        references = (*self.references, *self.mention_references)
        return build_index(notes, references, lock, self.pin.version)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge that the notes state, in the order of files and then of reading."""
        return tuple(edge for note in self.notes.values() for edge in note_edges(note))

    @cached_property
    def lock_state(self) -> LockState:
        """Whether the lockfile has every needed entry and no unused one."""
        is_empty = not self.references and not (self.lock and self.lock.definitions)
        if is_empty or self.damaged_lock:
            return LockState()
        if self.lock is None:
            message = f"there is no lockfile `{self.lockfile}`"
            hint = "make it with `callpath lock --source SPEC` and commit it"
            return LockState((rules.NOT_LOCKED.at(Location(self.lockfile), message, hint),))
        stated = ((*self.references, *self.mention_references), self.edges, self.tracked)
        pins = {note.id: note.pin_location for note in self.notes.values() if note.pin_location}
        remarked = {version for version, _ in self._untracked_remarks}
        untracked = self._vain_versions if remarked else ()
        settings = Settings(
            pins,
            self.places.get("pin"),
            self.pin.project,
            self.places.get("versions") if self._mistaken_versions else None,
            {*self._mistaken_versions, *remarked, *untracked},
        )
        return lock_state(
            self.lock, self.lockfile, *stated, complete=self.complete, settings=settings
        )

    @property
    def lock_findings(self) -> tuple[Finding, ...]:
        """The findings on the lockfile, in order; see `lock_state`.

        Where a finding of the files themselves is, such as one on a pin, it is the cause.
        """
        faulty = {finding.location for finding in self.findings}
        found = [each for each in self.lock_state.findings if each.location not in faulty]
        return weighed(in_order(found), self.weights)

    @cached_property
    def _made_pages(self) -> tuple[str, ...]:
        notes = self.notes.values()
        versions = [(note.id, pin.version) for note in notes for pin in self.tracked(note.pin)]
        left_out = {addresses.VERSIONS_PAGE} if not versions else set()
        if not any(visit.step.errata for note in notes for visit in visits(note)):
            left_out.add(addresses.ERRATA_PAGE)
        indexes = (page for page in addresses.INDEX_PAGES if page not in left_out)
        return (*indexes, *starmap(addresses.comparison_page, versions))

    def _broken_links(self) -> Iterator[Finding]:
        if not self._mentions:
            return iter(())
        from callpath.notes.references import broken_links

        faulty = {found.location.file for found in self.faults}
        links = [link for each in self._mentions for link in each.links]
        asked = {link.target for link in links if link.anchor} & self.notes.keys()
        anchors = {
            path: {addresses.CALL_GRAPH_ANCHOR, *(visit.step.id for visit in visits(note))}
            for path, note in ((path, self.notes[path]) for path in sorted(asked))
            if note.file not in faulty and not _has_headings(note)
        }
        own = {*self.notes, *self.faulty}
        ends = (*PAGE_ENDINGS, ".html")
        homes = filter(addresses.is_home, self.files)
        home = any(path in own or path.lower().endswith(ends) for path in homes)
        targets = {*self.files, *self._made_pages, *(() if home else (addresses.HOME_PAGE,))}
        return broken_links(links, anchors, targets)

    def _counterpart_faults(self) -> Iterator[Finding]:
        """What is wrong with the counterparts that notes name."""
        notes = self.notes
        for path, text, target, why in _named_counterparts(notes):
            ends = {notes[each].id for each in (path, target) if each in notes}
            if not why or ends & self.lock_state.misplaced:  # a wrong pin has its own finding
                continue
            hint = "name a note that tells the same path at another version"
            if target not in notes:
                hint = did_you_mean(target, sorted({*notes} - {path}), "name the file of a note")
            message = f"`{text.value}` is no counterpart: {why}"
            yield rules.INVALID_VALUE.at(text.location, message, hint)

    @cached_property
    def _mistaken_versions(self) -> frozenset[str]:
        """The versions that the lockfile tracks in place of those that the settings name."""
        lock = self.lock or Lock()
        return self._vain_versions if self._wanted - lock.tracked else frozenset()

    @property
    def _vain_versions(self) -> frozenset[str]:
        """The versions that the lockfile tracks and nothing asks for."""
        return (self.lock or Lock()).tracked - self._wanted

    @cached_property
    def _wanted(self) -> frozenset[str]:
        """The versions that are tracked for any note."""
        pins = {note.pin for note in self.notes.values()}
        return frozenset(at.version for pin in pins for at in self.tracked(pin))

    @cached_property
    def _untracked_remarks(
        self,
    ) -> Mapping[tuple[str, str], Sequence[tuple[Location, Sequence[str]]]]:
        """The remarks on each version that is not tracked, by note: places, and what is tracked."""
        found: dict[tuple[str, str], list[tuple[Location, Sequence[str]]]] = {}
        for note in self.notes.values():
            known = [pin.version for pin in self.versions if pin.project == note.pin.project]
            for remark in (remark for visit in visits(note) for remark in visit.step.remarks):
                if remark.version not in {*known, note.pin.version}:
                    key = (remark.version, note.id)
                    found.setdefault(key, []).append((remark.location, known))
        return found

    def _unknown_versions(self) -> Iterator[Finding]:
        """A finding for each version that is not tracked and that remarks of a note name."""
        for (version, _), remarks in self._untracked_remarks.items():
            if version not in self._mistaken_versions:
                (first, known), *others = sorted(remarks)
                otherwise = "name it in `versions` of the site's settings"
                yield rules.INVALID_VALUE.at(
                    first,
                    f"version `{version}` is not tracked by this site",
                    did_you_mean(version, known, otherwise),
                    [location for location, _ in others],
                )

    def _unknown_projects(self) -> Iterator[Finding]:
        """The tracked versions of projects that nothing is pinned to."""
        known = sorted({self.pin.project, *(note.pin.project for note in self.notes.values())})
        for pin in self.versions:
            if pin.project not in known:
                otherwise = f"the notes are about {', '.join(known)}; take that version out"
                yield rules.INVALID_VALUE.at(
                    self.places.get("versions", Location(self.lockfile)),
                    f"`versions` of the site's settings names {pin.version} of `{pin.project}`, "
                    "but no note is pinned to that project",
                    did_you_mean(pin.project, known, otherwise),
                )

    def pin_place(self, pin: Pin) -> Location:
        """Where a pin is written: in a note of its own, or in the site's settings."""
        notes = (note for note in self.notes.values() if note.pin == pin and note.pin_location)
        own = next((note.pin_location for note in notes if note.pin_location), None)
        site = self.places.get("pin") or Location(self.lockfile)
        return site if pin == self.pin or own is None else own

    def _unlinked_projects(self) -> Iterator[Finding]:
        """The projects whose source the links do not lead to."""
        links = links_by(self.settings)
        pins = {note.pin for note in self.notes.values()}
        seen: set[str] = set()
        for pin in sorted(pins, key=lambda one: (one != self.pin, one)):
            wrong = links.fault(pin)
            if wrong and pin.project not in seen:
                seen.add(pin.project)
                yield rules.UNLINKED_PROJECT.at(self.pin_place(pin), *wrong)

    def _collisions(self) -> Iterator[Finding]:
        """The notes whose pages have the address of another page."""
        notes = {*self.notes, *self.faulty}
        taken: dict[str, str] = {}
        for path in sorted({*notes, *self.pages, *self._made_pages}):
            first = taken.setdefault(self.layout.address(path), path)
            if first != path and (first in notes or path in notes):
                note, other = (path, first) if path in notes else (first, path)
                is_file = other in notes or other in self.pages
                shown = f"`{self.prefix}{other}`" if is_file else f"the generated page `{other}`"
                yield rules.PAGE_COLLISION.at(
                    Location(self.prefix + note),
                    f"`{self.prefix}{note}` and {shown} have the same address",
                    "rename one of them" if is_file else "rename the note",
                )


def _pin_of(settings: PluginConfig) -> Pin:
    if settings.pin is None:
        hint = "name the version that the notes speak of: `pin: v3.7`"
        raise SettingsError("the site has no `pin`", hint)
    return settings.pin


_OWN_ANCHOR = re.compile(r"^ {0,3}#{1,6}\s|^\[\^|\bid=|\{[:#]", re.MULTILINE)


def _has_headings(note: Note) -> bool:
    """Whether the prose of a note has anchors of its own, which only the site's Markdown knows."""
    steps = [visit.step for visit in visits(note)]
    texts = [note.description, *(step.commentary for step in steps)]
    texts += [remark.text for step in steps for remark in step.remarks]
    return any(_OWN_ANCHOR.search(text.value) for text in texts)


_STEP_LINK = re.compile(rb"\.ya?ml#", re.IGNORECASE)


def read_notebook(workspace: Workspace, pages: Sequence[str] = ()) -> Notebook:
    """Read the notebook of a workspace.

    Parameters:
        pages: The only Markdown files that are read, relative to the root; all by default, and
            where one of them links to a step. Of other files only the names are known.

    Raises SettingsError if the site has no pin or a file cannot be read, LockfileError if it is
    the lockfile.
    """
    settings, folder = workspace.site.callpath, workspace.notes_folder
    paths = folder.rglob("*")
    for wrong in workspace.faults if settings.pin is None else ():
        raise SettingsError(f"{wrong.location}: {wrong.message}", wrong.hint)
    _pin_of(settings)  # before a missing folder is reported
    files = read_notes(workspace, pages)
    if pages and any(_STEP_LINK.search(data) for data in files.values()):
        files, pages = read_notes(workspace), ()  # whether a note has that step, only it tells
    notebook = Notebook.load(
        files,
        settings,
        prefix=workspace.notes_prefix,
        lock=read_lock(workspace, (*OF_EDGES, *OF_REFERENCES) if pages else ()),
        layout=addresses.Layout(workspace.site.use_directory_urls),
        other_files=[path.relative_to(folder).as_posix() for path in paths if path.is_file()],
        complete=not pages,
        store=Store(workspace.root / CACHE),
    )
    whole = replace(
        notebook,
        more=workspace.findings,
        places=workspace.site.places,
    )
    if pages and (whole.references or whole.mention_references):
        return replace(whole, lock=read_lock(workspace, OF_EDGES))
    return whole


def find_note(notebook: Notebook, name: str) -> Note:
    """The note of that id, or of that file; raises UsageError if there is none."""
    for note in notebook.notes.values():
        if name in (note.id, note.file):
            return note
    ids = sorted(note.id for note in notebook.notes.values())
    otherwise = "the notes are " + ", ".join(f"`{each}`" for each in ids)
    raise UsageError(f"there is no note `{name}`", did_you_mean(name, ids, otherwise))


def counterparts(notes: Mapping[str, Note]) -> dict[str, tuple[Note, ...]]:
    """For each note's id its counterparts, in the order of their files.

    One of two notes has to name the other. The notes are given by the path of their file below the
    notes' folder.
    """
    found: dict[str, dict[str, Note]] = {note.id: {} for note in notes.values()}
    for path, _, target, why in _named_counterparts(notes):
        if not why:
            found[notes[path].id][target] = notes[target]
            found[notes[target].id][path] = notes[path]
    return {
        note: tuple(by_path[path] for path in sorted(by_path)) for note, by_path in found.items()
    }


def _named_counterparts(notes: Mapping[str, Note]) -> Iterator[tuple[str, Text, str, str]]:
    """What notes name as their counterparts: the note's path, its text, the path that it means.

    Last comes why that is no counterpart, or an empty text.
    """
    for path, note in notes.items():
        for text in note.counterparts:
            target = normpath(join(dirname(path), unquote(text.value)))
            other, why = notes.get(target), ""
            if other is None:
                why = "there is no such note"
            elif other is note:
                why = "it is the note itself"
            elif other.pin.project != note.pin.project:
                why = f"it is about {other.pin.project}, not {note.pin.project}"
            elif other.pin.version == note.pin.version:
                why = f"it is about {other.pin.version} too"
            yield path, text, target, why


def counterpart_step(place: StepPlace, other: Note, index: Index, lock: Lock) -> StepPlace | None:
    """The step of a counterpart that is about the same symbol, or None.

    It is the one that a track leads to, in whichever direction; `other` is the counterpart.
    """
    if place.locked is None:
        return None
    version, there = place.note.pin.version, definition_at(lock, place.locked, other.pin.version)
    for candidate in index.places[other.id]:
        known = candidate.locked
        if known and (known == there or definition_at(lock, known, version) == place.locked):
            return candidate
    return None


def definition_at(lock: Lock, locked: LockedDefinition | None, at: str) -> LockedDefinition | None:
    """What a definition is in a tracked version; None if it is gone there, or not locked."""
    track = lock.track(locked, at) if locked else None
    return lock.after(track) if track else None


class Tally(Struct, frozen=True):
    """Counts over steps."""

    steps: int
    proved: int  # located and, unless of the top level, reached by a proved edge
    errata: int
    edges: tuple[tuple[EdgeStatus, int], ...]  # in the order of `EdgeStatus`, none left out


def tally(places: Iterable[StepPlace]) -> Tally:
    """Count over steps."""
    found = list(places)
    edges = Counter(place.verdict.status for place in found if place.parent is not None)
    return Tally(
        steps=len(found),
        proved=sum(place.proved for place in found),
        errata=sum(len(place.step.errata) for place in found),
        edges=tuple((status, edges[status]) for status in EdgeStatus),
    )
