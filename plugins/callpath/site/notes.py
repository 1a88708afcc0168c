"""Makes the views of notes: steps in reading order with their definitions, proofs and findings."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape

from callpath.addresses import (
    CALL_GRAPH_ANCHOR,
    FILES_PAGE,
    SYMBOLS_PAGE,
    Layout,
    LinkProvider,
    file_page,
    note_page,
    symbol_page,
)
from callpath.coverage import StepCoverage, coverage, spoken_of
from callpath.facts.lock import LockedDefinition
from callpath.findings import Finding
from callpath.model import Note, Pin, Step, visits
from callpath.notebook import Index, StepPlace, SymbolEntry, SymbolKey
from callpath.notes.prose import first_sentence, sealed
from callpath.site.views import (
    CoverageView,
    DefinitionView,
    ErratumView,
    FaultView,
    FileView,
    FolderView,
    NameLink,
    NoteView,
    PathItem,
    RemarkView,
    StepLine,
    StepView,
    SymbolGroup,
    SymbolLine,
    SymbolView,
    UntoldView,
    reach_view,
)


class ViewParts:
    """Makes the views of one notebook.

    Parameters:
        index: The notebook joined with its lockfile.
        layout: Where pages are.
        links: Where links to the source lead.
        pin: The site's pin.
    """

    def __init__(self, index: Index, layout: Layout, links: LinkProvider, pin: Pin) -> None:
        self._index = index
        self._layout = layout
        self._links = links
        self._pin = pin
        self._titles = {note.id: note.title for note in index.notes}
        self._spoken = spoken_of(index)

    def _definition(self, locked: LockedDefinition) -> DefinitionView:
        found = locked.definition
        pin = self._pin_for(locked)
        return DefinitionView(
            version=locked.version,
            signature=found.signature,
            path=found.path,
            line=found.line,
            start=found.start,
            end=found.end,
            url=self._links.line(pin, found.path, found.line),
            range_url=self._links.line(pin, found.path, found.start, found.end),
            condition=found.condition,
            occurrence=locked.occurrence,
            of=locked.of,
        )

    def _pin_for(self, locked: LockedDefinition) -> Pin:
        pin = Pin(locked.project, locked.version)
        same = (self._pin.project, self._pin.version) == (pin.project, pin.version)
        return self._pin if same else pin

    def _symbol_link(self, origin: str, key: SymbolKey) -> NameLink:
        page = symbol_page(key.project, key.path, key.kind, key.name)
        return NameLink(key.name, self._layout.link(origin, page), key.path)

    def _file_link(self, origin: str, key: SymbolKey) -> NameLink:
        page = file_page(key.project, key.path)
        return NameLink(key.path, self._layout.link(origin, page))


_TAG = re.compile(r"<[^>]*>")
_BLOCK = re.compile(r"<(?:p|li|tr|dt|dd|pre)\b")
_WIDE = "\u2e80"
"""The first letter that is as wide as it is high; those before it are half as wide."""
_BLOCK_SIZE = 16
"""What a block takes beside its text, by its margins and its last line, in letters.

This, `STEP_SIZE` and the height of a letter in the style sheet were fitted to the 344 steps of
three notes, 360 to 1400 pixels wide: the height of a note comes out within a tenth.
"""
STEP_SIZE = 200
"""What a step takes without its text, for its heading and where it is, in letters."""


def text_size(*texts: str) -> int:
    """The room of some HTML, in Chinese letters; other letters count half, blocks 16 more."""
    text = "".join(texts)
    said = unescape(_TAG.sub("", text))
    wide = sum(letter >= _WIDE for letter in said)
    return (wide + len(said)) // 2 + _BLOCK_SIZE * len(_BLOCK.findall(text))


class NoteViews(ViewParts):
    """The views of notes."""

    def note(
        self, note: Note, parts: Sequence[str], footer: str, faults: Iterable[Finding]
    ) -> NoteView:
        """The view of a note.

        Parameters:
            note: The note.
            parts: The rendered `note_parts`, in the same order.
            footer: What rendering put behind the parts.
            faults: The findings on the note's file.
        """
        places = self._index.places[note.id]
        told = {found.place.step.id: found for found in coverage(self._index, note, self._spoken)}
        by_step, others = _by_step(note, list(faults))
        rendered = iter(parts)
        description = next(rendered)
        steps = []
        for place in places:
            commentary = next(rendered)
            errata = tuple(ErratumView(next(rendered), next(rendered)) for _ in place.step.errata)
            remarks = tuple(
                RemarkView(remark.version, next(rendered)) for remark in place.step.remarks
            )
            step = self._step(place, commentary, by_step[place.step.id], told.get(place.step.id))
            step = replace(step, errata=errata, remarks=remarks)
            steps.append(replace(step, size=_size(step)))
        return NoteView(
            id=note.id,
            title=note.title,
            project=note.pin.project,
            version=note.pin.version,
            provider=self._links.label,
            total=len(places),
            proved=sum(1 for place in places if place.proved),
            fault_count=len(others) + sum(map(len, by_step.values())),
            files=len({place.key.path for place in places}),
            errata=sum(len(place.step.errata) for place in places),
            description_html=description,
            footer_html=footer,
            steps=tuple(steps),
            path=_path(note.steps, {place.step.id for place in places if place.proved}),
            faults=tuple(others),
        )

    def _step(
        self,
        place: StepPlace,
        commentary: str,
        faults: list[FaultView],
        told: StepCoverage | None,
    ) -> StepView:
        step, origin = place.step, note_page(place.note.id)
        return StepView(
            id=step.id,
            number=step.ordinal,
            depth=step.depth,
            name=step.symbol.name,
            kind=str(step.symbol.kind),
            path=step.symbol.path,
            definition=self._definition(place.locked) if place.locked else None,
            symbol=self._symbol_link(origin, place.key),
            file=self._file_link(origin, place.key),
            parent=NameLink(place.parent.symbol.name, f"#{place.parent.id}")
            if place.parent
            else None,
            reach=reach_view(place, place.note.pin, self._links),
            proved=place.proved,
            when=step.when,
            by=step.by,
            asserted=step.asserted,
            commentary_html=commentary,
            errata=(),
            children=tuple(
                NameLink(child.symbol.name, f"#{child.id}", first_sentence(child.commentary.value))
                for child in step.steps
                if told is None or child.symbol.name not in {call.name for call in told.told}
            ),
            faults=tuple(faults),
            coverage=self._coverage(origin, told) if told else None,
        )

    def _coverage(self, origin: str, found: StepCoverage) -> CoverageView:
        note, path = found.place.note, found.place.key.path
        ids = {place.step.symbol.name: place.step.id for place in self._index.places[note.id]}
        told = []
        for called in found.told:
            key = self._index.named(called.name, note.pin.project, path)
            if called.name in ids:
                told.append(NameLink(called.name, f"#{ids[called.name]}"))
            elif key is not None:
                told.append(self._symbol_link(origin, key))
        return CoverageView(
            told=tuple(told),
            untold=tuple(
                UntoldView(call.name, self._links.line(note.pin, path, call.line), call.line)
                for call in found.untold
            ),
            omitted=tuple((call.name, reason) for call, reason in found.omitted),
        )

    def faults(self, faults: Iterable[Finding]) -> tuple[FaultView, ...]:
        """The findings as they are shown."""
        return tuple(_fault(fault) for fault in faults)


def _size(step: StepView) -> int:
    said = [part for each in step.errata for part in (each.said_html, each.correction_html)]
    lists = [step.children, step.coverage.told if step.coverage else ()]
    named = ["<p>" + ", ".join(link.name for link in links) for links in lists if links]
    remarks = [remark.html for remark in step.remarks]
    return STEP_SIZE + text_size(step.commentary_html, *said, *remarks, *named)


def note_parts(note: Note) -> list[str]:
    """The Markdown texts of a note: its description, then what stands at each step."""
    return [sealed(text) for text, _ in _texts(note)]


def part_versions(note: Note) -> tuple[str, ...]:
    """The version that each of these texts speaks of, where it is not that of the note."""
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
    note: Note, faults: Sequence[Finding]
) -> tuple[dict[str, list[FaultView]], list[FaultView]]:
    """The findings of each step's lines (down to the next step), and those above the first."""
    steps = sorted((visit.step.first_line, visit.step.id) for visit in visits(note))
    found: dict[str, list[FaultView]] = {step_id: [] for _, step_id in steps}
    others: list[FaultView] = []
    for fault in faults:
        view = _fault(fault)
        owner = [step_id for line, step_id in steps if line <= fault.place.line]
        (found[owner[-1]] if owner else others).append(view)
    return found, others


def _fault(fault: Finding) -> FaultView:
    return FaultView(fault.rule, fault.severity, fault.message, str(fault.place), fault.hint)


def _path(steps: Iterable[Step], proved: Collection[str]) -> tuple[PathItem, ...]:
    return tuple(
        PathItem(step.id, step.symbol.name, step.id in proved, _path(step.steps, proved))
        for step in steps
    )


class Views(NoteViews):
    """The views of everything: notes, symbols, files and the indexes."""

    def symbol(self, key: SymbolKey) -> SymbolView:
        """The view of a symbol of the notebook."""
        entry = self._index.symbols[key]
        origin = symbol_page(key.project, key.path, key.kind, key.name)
        siblings = self._index.files()[key.project, key.path]
        number = siblings.index(entry)
        before = siblings[number - 1] if number else None
        after = siblings[number + 1] if number + 1 < len(siblings) else None
        return SymbolView(
            name=key.name,
            kind=key.kind,
            project=key.project,
            path=key.path,
            file=self._file_link(origin, key),
            index=NameLink("", self._layout.link(origin, FILES_PAGE)),
            definitions=tuple(self._definition(locked) for locked in entry.definitions),
            steps=tuple(self._step_line(origin, place) for place in entry.steps),
            mentions=self._mentions(origin, entry),
            callers=tuple(self._symbol_link(origin, caller) for caller in entry.callers),
            callees=tuple(self._symbol_link(origin, callee) for callee in entry.callees),
            previous=self._symbol_link(origin, before.key) if before else None,
            next=self._symbol_link(origin, after.key) if after else None,
        )

    def file(self, project: str, path: str) -> FileView:
        """The view of a source file that the notebook speaks of."""
        origin = file_page(project, path)
        entries = self._index.files()[project, path]
        pins = dict.fromkeys(pin for entry in entries for pin in self._pins_of(entry))
        lines = [line for entry in entries for line in self._lines(origin, entry)]
        order = [pin.version for pin in pins]
        return FileView(
            project=project,
            path=path,
            versions=tuple(NameLink(pin.version, self._links.file(pin, path)) for pin in pins),
            index=NameLink("", self._layout.link(origin, FILES_PAGE)),
            symbols=tuple(sorted(lines, key=lambda line: _place(line, order))),
        )

    def symbols(self) -> tuple[SymbolGroup, ...]:
        """Every symbol by first letter, without regard to case and to leading underscores."""
        groups: dict[str, list[SymbolEntry]] = {}
        for entry in sorted(self._index.symbols.values(), key=_alphabetical):
            groups.setdefault(_alphabetical(entry)[0][:1].upper() or "_", []).append(entry)
        return tuple(
            SymbolGroup(letter, tuple(self._line(SYMBOLS_PAGE, entry) for entry in entries))
            for letter, entries in groups.items()
        )

    def files(self) -> FolderView:
        """Every source file as a tree below one nameless folder; projects are folders of it."""
        root: dict[str, object] = {}
        for (project, path), entries in self._index.files().items():
            folder = root
            for part in (project, *path.split("/")[:-1]):
                folder = folder.setdefault(part, {})  # type: ignore[assignment]
            href = self._layout.link(FILES_PAGE, file_page(project, path))
            name = path.rpartition("/")[2]
            folder[name] = (NameLink(name, href, path), len(entries))
        return _folder("", root)

    def _pins_of(self, entry: SymbolEntry) -> list[Pin]:
        """The versions that have a symbol, else that of the first step on it."""
        found = [self._pin_for(locked) for locked in entry.definitions]
        return found or [entry.steps[0].note.pin]

    def _lines(self, origin: str, entry: SymbolEntry) -> list[SymbolLine]:
        """A line for every definition of a symbol, or one for a symbol that has none."""
        found = [self._line(origin, entry, locked) for locked in entry.definitions]
        return found or [self._line(origin, entry)]

    def _line(
        self, origin: str, entry: SymbolEntry, locked: LockedDefinition | None = None
    ) -> SymbolLine:
        """A line for one definition of a symbol: by default its first."""
        chosen = locked or (entry.definitions[0] if entry.definitions else None)
        shown = self._definition(chosen) if chosen else None
        return SymbolLine(
            symbol=self._symbol_link(origin, entry.key),
            kind=entry.key.kind,
            path=entry.key.path,
            line=shown.line if shown else 0,
            url=shown.url if shown else "",
            signature=shown.signature if shown else "",
            steps=len(entry.steps),
            version=shown.version if shown else "",
        )

    def _step_line(self, origin: str, place: StepPlace) -> StepLine:
        return StepLine(
            note=place.note.title,
            href=self._layout.link(origin, note_page(place.note.id), place.step.id),
            number=place.step.ordinal,
            total=len(self._index.places[place.note.id]),
            summary=first_sentence(place.step.commentary.value),
        )

    def _mentions(self, origin: str, entry: SymbolEntry) -> tuple[NameLink, ...]:
        found: dict[str, NameLink] = {}
        for mention in entry.mentions:
            owner, step = mention.reference.note, mention.reference.step
            title = self._titles.get(owner)
            page = owner if title is None else note_page(owner)
            href = self._layout.link(origin, page, step)
            found.setdefault(href, NameLink(title or owner, href, step))
        return tuple(found.values())


def _place(line: SymbolLine, versions: Sequence[str]) -> tuple[bool, int, int]:
    """Where a line stands: by version, then by line; what is not locked comes last."""
    return (not line.line, versions.index(line.version) if line.version else 0, line.line)


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


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of a page's table of contents, with those below it."""

    id: str
    title: str
    children: tuple["Heading", ...] = ()


def note_headings(note: Note, graph_title: str) -> tuple[Heading, ...]:
    """A note's table of contents: its graph, then its steps as they nest."""
    return (Heading(CALL_GRAPH_ANCHOR, graph_title), *(_heading(step) for step in note.steps))


def _heading(step: Step) -> Heading:
    return Heading(step.id, step.symbol.name, tuple(_heading(child) for child in step.steps))
