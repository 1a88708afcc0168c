"""The views of notes, symbols, files and the indexes.

Steps come in reading order, with their definitions, proofs and findings. Does not depend on
templates or files.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from posixpath import basename

from markupsafe import Markup

from callpath.addresses import CALL_GRAPH_ANCHOR, FILES_PAGE, file_page, note_page
from callpath.coverage import CalledFunction, StepCoverage, coverage, spoken_of
from callpath.facts.lock import LockedDefinition
from callpath.findings import Finding
from callpath.model import Note, Pin, Step, visits
from callpath.notebook import StepPlace, SymbolEntry, SymbolKey, Tally, tally
from callpath.notes.prose import sealed
from callpath.site.code import SiteCode
from callpath.site.eras import AxisView, EraView, EraViews, SymbolEras
from callpath.site.versions import DefinitionThere, NoteVersion, VersionViews
from callpath.site.views import Heading, NameLink, SiteContext, page_of


@dataclass(frozen=True, slots=True)
class ErratumView:
    """What older notes said, and what the source says."""

    said: Markup
    correction: Markup


@dataclass(frozen=True, slots=True)
class RemarkView:
    """What a step says of a tracked version."""

    version: str
    text: Markup


@dataclass(frozen=True, slots=True)
class CoverageView:
    """What a step's body calls."""

    covered: tuple[NameLink, ...]  # links to what the notes are about
    missing: tuple[CalledFunction, ...]  # what no note is about
    # what the note leaves out on purpose, with the reason
    omitted: tuple[tuple[CalledFunction, str], ...]


@dataclass(frozen=True, slots=True)
class StepView:
    """A step."""

    place: StepPlace  # the step, its parent, and what the lockfile has on them
    commentary: Markup
    errata: tuple[ErratumView, ...]
    remarks: tuple[RemarkView, ...]  # what it says of tracked versions
    children: tuple[Step, ...]  # the steps below it that `coverage` does not name already
    faults: Sequence[Finding]
    coverage: CoverageView | None  # what its body calls, or None when that is not known
    has_code: bool  # whether there is source text of it
    era: EraView | None  # its eras, or None when nobody looked for it in other releases
    size: int  # how much room it takes, in Chinese letters: see `text_size`


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note."""

    note: Note
    counts: Tally  # how many steps it has, how many are proved, how many errata there are
    files: int  # how many source files it is about
    description: Markup
    footer: Markup  # what rendering put behind its texts
    steps: tuple[StepView, ...]
    faults: Sequence[Finding]  # the findings that belong to no step
    fault_count: int  # how many findings there are in all
    versions: tuple[NoteVersion, ...]  # the other versions that it leads to
    # where the files with the steps' source text are, relative to the page and with a final
    # slash; empty when there are none
    code_folder: str
    axis: AxisView | None  # the releases of the steps' eras, or None when nobody looked for any


SymbolRow = tuple[SymbolEntry, LockedDefinition | None]
"""A symbol with one of its definitions, or with None when none is locked."""


@dataclass(frozen=True, slots=True)
class SymbolView:
    """A symbol of the notebook."""

    # its definitions, the steps about it, its neighbours in the notebook
    entry: SymbolEntry
    mentions: tuple[NameLink, ...] = ()  # where prose names it, each place once
    previous: SymbolKey | None = None  # the symbol before it in the file, or None
    next: SymbolKey | None = None  # the symbol behind it in the file, or None
    # what became of its definitions in tracked versions
    elsewhere: tuple[tuple[LockedDefinition, tuple[DefinitionThere, ...]], ...] = ()
    eras: SymbolEras | None = None  # in which releases it is there, or None when nobody looked


@dataclass(frozen=True, slots=True)
class FileView:
    """A source file."""

    project: str
    path: str
    pins: tuple[Pin, ...]  # the trees that the notes read it in
    rows: tuple[SymbolRow, ...]  # its symbols in line order, those of each version together


@dataclass(frozen=True, slots=True)
class FolderView:
    """A folder of a source tree: its folders and files by name, with how many symbols they have."""

    name: str
    folders: tuple["FolderView", ...]
    files: tuple[tuple[NameLink, int], ...]


_TAG = re.compile(r"<[^>]*>")
_BLOCK = re.compile(r"<(?:p|li|tr|dt|dd|pre)\b")
_WIDE = "\u2e80"  # the first letter that is as wide as it is high; those before it are half as wide
_BLOCK_SIZE = 16
"""What a block takes besides its text, by its margins and its last line, in letters.

This, `STEP_SIZE` and the height of a letter in the style sheet were fitted to the 344 steps of
three notes, 360 to 1400 pixels wide: the height of a note comes out within a tenth.
"""
STEP_SIZE = 200  # what a step takes without its text, for its heading and where it is, in letters


def text_size(*texts: str) -> int:
    """The room of some HTML, in Chinese letters; other letters count half, blocks 16 more."""
    text = "".join(texts)
    said = unescape(_TAG.sub("", text))
    wide = sum(letter >= _WIDE for letter in said)
    return (wide + len(said)) // 2 + _BLOCK_SIZE * len(_BLOCK.findall(text))


def _size(texts: Iterable[str], *lists: Sequence[str]) -> int:
    """The room of a step with its texts, and with lists of names that each take a block."""
    blocks = ("<p>" + ", ".join(names) for names in lists if names)
    return STEP_SIZE + text_size(*texts, *blocks)


class Views:
    """Makes the views of one site."""

    def __init__(self, site: SiteContext, code: SiteCode, versions: VersionViews) -> None:
        self._site = site
        self._index = site.index
        self._code = code
        self._versions = versions
        self._eras = EraViews(site.eras, site.index)
        self._titles = {note.id: note.title for note in site.index.notes}
        self._spoken = spoken_of(site.index)

    def note(self, note: Note, parts: Sequence[Markup], footer: Markup) -> NoteView:
        """The view of a note, given its rendered `note_parts` in order, and what came behind."""
        places = self._index.places[note.id]
        found = self._site.faults_in(note.file)
        by_step, others = _by_step(note, found)
        covered = {each.place.step.id: each for each in coverage(self._index, note, self._spoken)}
        texts = iter(parts)
        description = next(texts)
        steps = tuple(
            self._step(place, texts, by_step[place.step.id], covered.get(place.step.id))
            for place in places
        )
        has_code = any(step.has_code for step in steps)
        return NoteView(
            note=note,
            counts=tally(places),
            files=len({place.key.path for place in places}),
            description=description,
            footer=footer,
            steps=steps,
            faults=others,
            fault_count=len(found),
            versions=self._versions.note_versions(note, note_page(note.id)),
            code_folder=self._code.folder(note) if has_code else "",
            axis=self._eras.axis(note.pin.version, [step.era for step in steps if step.era]),
        )

    def _step(
        self,
        place: StepPlace,
        texts: Iterator[Markup],
        faults: Sequence[Finding],
        covered: StepCoverage | None,
    ) -> StepView:
        step = place.step
        commentary = next(texts)
        errata = tuple(ErratumView(next(texts), next(texts)) for _ in step.errata)
        remarks = tuple(RemarkView(remark.version, next(texts)) for remark in step.remarks)
        called = {call.name for call in covered.covered} if covered else set()
        children = tuple(child for child in step.steps if child.symbol.name not in called)
        calls = self._coverage(covered) if covered else None
        shown = [commentary, *(text for each in errata for text in (each.said, each.correction))]
        shown += [remark.text for remark in remarks]
        links = [link.name for link in calls.covered] if calls else []
        return StepView(
            place=place,
            commentary=commentary,
            errata=errata,
            remarks=remarks,
            children=children,
            faults=faults,
            coverage=calls,
            has_code=self._code.has_text(place),
            era=self._eras.step(place),
            size=_size(shown, [child.symbol.name for child in children], links),
        )

    def _coverage(self, found: StepCoverage) -> CoverageView:
        note, path = found.place.note, found.place.key.path
        ids = {place.step.symbol.name: place.step.id for place in self._index.places[note.id]}
        covered = []
        for called in found.covered:
            key = self._index.named(called.name, note.pin.project, path)
            if called.name in ids:
                covered.append(NameLink(called.name, f"#{ids[called.name]}"))
            elif key is not None:
                covered.append(self._site.symbol_link(note_page(note.id), key))
        return CoverageView(tuple(covered), found.missing, found.omitted)

    def symbol(self, key: SymbolKey) -> SymbolView:
        """The view of a symbol of the notebook."""
        entry, page = self._index.symbols[key], page_of(key)
        siblings = [each.key for each in self._index.files()[key.project, key.path]]
        number = siblings.index(key)
        return SymbolView(
            entry=entry,
            mentions=self._mentions(page, entry),
            previous=siblings[number - 1] if number else None,
            next=siblings[number + 1] if number + 1 < len(siblings) else None,
            elsewhere=self._versions.symbol_there(entry, page),
            eras=self._eras.symbol(entry),
        )

    def _mentions(self, origin: str, entry: SymbolEntry) -> tuple[NameLink, ...]:
        found: dict[str, NameLink] = {}
        for mention in entry.mentions:
            owner, step = mention.reference.note, mention.reference.step
            title = self._titles.get(owner)
            page = owner if title is None else note_page(owner)
            href = self._site.link(origin, page, step)
            found.setdefault(href, NameLink(title or owner, href, step))
        return tuple(found.values())

    def file(self, project: str, path: str) -> FileView:
        """The view of a source file of the notebook."""
        entries = self._index.files()[project, path]
        pins = dict.fromkeys(pin for entry in entries for pin in self._pins_of(entry))
        rows: list[SymbolRow] = []
        for entry in entries:
            rows += [(entry, locked) for locked in entry.definitions] or [(entry, None)]
        order = [pin.version for pin in pins]
        rows.sort(key=lambda row: _by_version_and_line(row[1], order))
        return FileView(project, path, tuple(pins), tuple(rows))

    def _pins_of(self, entry: SymbolEntry) -> list[Pin]:
        """The trees that have a symbol, else that of the first step on it."""
        found = [self._site.pin_of(locked) for locked in entry.definitions]
        return found or [entry.steps[0].note.pin]

    def symbols(self) -> Mapping[str, Sequence[SymbolRow]]:
        """Every symbol with its first definition, by first letter but for case and leading `_`."""
        groups: dict[str, list[SymbolRow]] = {}
        for entry in sorted(self._index.symbols.values(), key=_alphabetical):
            row = (entry, entry.definitions[0] if entry.definitions else None)
            groups.setdefault(_alphabetical(entry)[0][:1].upper() or "_", []).append(row)
        return groups

    def files(self) -> FolderView:
        """Every source file as a tree below one nameless folder; projects are folders of it."""
        root: dict[str, object] = {}
        for (project, path), entries in self._index.files().items():
            folder = root
            for part in (project, *path.split("/")[:-1]):
                folder = folder.setdefault(part, {})  # type: ignore[assignment]
            href = self._site.link(FILES_PAGE, file_page(project, path))
            name = basename(path)
            folder[name] = (NameLink(name, href, path), len(entries))
        return _folder("", root)


def note_parts(note: Note) -> list[str]:
    """The Markdown texts of a note: its description, then those of each step."""
    return [sealed(text) for text, _ in _texts(note)]


def part_versions(note: Note) -> tuple[str, ...]:
    """The version that each of these texts is about, where it is not that of the note."""
    return tuple(version for _, version in _texts(note))


def _texts(note: Note) -> Iterator[tuple[str, str]]:
    yield note.description.value, ""
    for visit in visits(note):
        yield visit.step.commentary.value, ""
        for erratum in visit.step.errata:
            yield erratum.said.value, ""
            yield erratum.correction.value, ""
        for remark in visit.step.remarks:
            yield remark.text.value, remark.version


def _by_step(
    note: Note, faults: Iterable[Finding]
) -> tuple[dict[str, list[Finding]], list[Finding]]:
    """The findings of each step's lines (down to the next step), and those above the first."""
    steps = sorted((visit.step.first_line, visit.step.id) for visit in visits(note))
    found: dict[str, list[Finding]] = {step_id: [] for _, step_id in steps}
    others: list[Finding] = []
    for fault in faults:
        owner = [step_id for line, step_id in steps if line <= fault.location.line]
        (found[owner[-1]] if owner else others).append(fault)
    return found, others


def _by_version_and_line(
    locked: LockedDefinition | None, versions: Sequence[str]
) -> tuple[bool, int, int]:
    """Where a definition comes on the page of its file; what is not locked comes last."""
    if locked is None:
        return True, 0, 0
    return False, versions.index(locked.version), locked.definition.line


def _alphabetical(entry: SymbolEntry) -> tuple[str, SymbolKey]:
    return entry.key.name.lstrip("_").lower(), entry.key


def _folder(name: str, content: dict[str, object]) -> FolderView:
    folders = tuple(
        _folder(child, inside)
        for child, inside in sorted(content.items())
        if isinstance(inside, dict)
    )
    files = tuple(inside for _, inside in sorted(content.items()) if isinstance(inside, tuple))
    return FolderView(name, folders, files)


def note_headings(note: Note, graph_title: str) -> tuple[Heading, ...]:
    """A note's table of contents: its graph, then its steps as they nest."""
    return (Heading(CALL_GRAPH_ANCHOR, graph_title), *(_heading(step) for step in note.steps))


def _heading(step: Step) -> Heading:
    return Heading(step.id, step.symbol.name, tuple(_heading(child) for child in step.steps))
