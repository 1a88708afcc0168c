"""Makes the views of one notebook from its index. Pure; knows no template."""

from collections.abc import Iterable, Sequence

from callpath.core.diagnostics import Diagnostic
from callpath.core.edge_views import reach_view
from callpath.core.index import Index, StepPlace, SymbolEntry, SymbolKey
from callpath.core.layout import FILES_PAGE, SYMBOLS_PAGE, Layout, file_page, note_page, symbol_page
from callpath.core.lock import LockedDefinition
from callpath.core.model import Note, Pin, visits
from callpath.core.prose import first_sentence, sealed
from callpath.core.urls import LinkProvider
from callpath.core.views import (
    DefinitionView,
    ErratumView,
    FaultView,
    FileView,
    FolderView,
    NameLink,
    NoteView,
    StepLine,
    StepView,
    SymbolGroup,
    SymbolLine,
    SymbolView,
)


class Views:
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

    # --- notes -----------------------------------------------------------------------------

    def note(
        self, note: Note, parts: Sequence[str], footer: str, faults: Iterable[Diagnostic]
    ) -> NoteView:
        """The view of a note.

        Parameters:
            note: The note.
            parts: The rendered `note_parts`, in the same order.
            footer: What rendering put behind the parts.
            faults: The findings on the note's file.
        """
        places = self._index.places[note.id]
        by_step, others = _by_step(note, list(faults))
        rendered = iter(parts)
        description = next(rendered)
        steps = []
        for number, place in enumerate(places):
            commentary = next(rendered)
            errata = tuple(ErratumView(next(rendered), next(rendered)) for _ in place.step.errata)
            before = places[number - 1] if number else None
            after = places[number + 1] if number + 1 < len(places) else None
            steps.append(
                self._step(place, before, after, commentary, errata, by_step[place.step.id])
            )
        return NoteView(
            title=note.title,
            project=note.pin.project,
            version=note.pin.version,
            provider=self._links.label,
            total=len(places),
            proved=sum(1 for place in places if place.proved),
            files=len({place.key.path for place in places}),
            errata=sum(len(place.step.errata) for place in places),
            description_html=description,
            footer_html=footer,
            steps=tuple(steps),
            faults=tuple(others),
        )

    def _step(
        self,
        place: StepPlace,
        before: StepPlace | None,
        after: StepPlace | None,
        commentary: str,
        errata: tuple[ErratumView, ...],
        faults: list[FaultView],
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
            errata=errata,
            children=tuple(
                NameLink(child.symbol.name, f"#{child.id}", first_sentence(child.commentary.value))
                for child in step.steps
            ),
            previous=_step_link(before),
            next=_step_link(after),
            faults=tuple(faults),
        )

    def faults(self, faults: Iterable[Diagnostic]) -> tuple[FaultView, ...]:
        """The findings as they are shown."""
        return tuple(_fault(fault) for fault in faults)

    # --- symbols and files -------------------------------------------------------------------

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
        pin = self._pin_of(entries[0])
        return FileView(
            project=project,
            version=pin.version,
            path=path,
            url=self._links.file(pin, path),
            index=NameLink("", self._layout.link(origin, FILES_PAGE)),
            symbols=tuple(self._line(origin, entry) for entry in entries),
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

    # --- parts of views ------------------------------------------------------------------------

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

    def _pin_of(self, entry: SymbolEntry) -> Pin:
        if entry.definitions:
            return self._pin_for(entry.definitions[0])
        return entry.steps[0].note.pin

    def _line(self, origin: str, entry: SymbolEntry) -> SymbolLine:
        locked = entry.definitions[0] if entry.definitions else None
        shown = self._definition(locked) if locked else None
        return SymbolLine(
            symbol=self._symbol_link(origin, entry.key),
            kind=entry.key.kind,
            path=entry.key.path,
            line=shown.line if shown else 0,
            url=shown.url if shown else "",
            signature=shown.signature if shown else "",
            steps=len(entry.steps),
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

    def _symbol_link(self, origin: str, key: SymbolKey) -> NameLink:
        page = symbol_page(key.project, key.path, key.kind, key.name)
        return NameLink(key.name, self._layout.link(origin, page), key.path)

    def _file_link(self, origin: str, key: SymbolKey) -> NameLink:
        page = file_page(key.project, key.path)
        return NameLink(key.path, self._layout.link(origin, page))


def note_parts(note: Note) -> list[str]:
    """The Markdown texts of a note: its description, then each step's commentary and errata."""
    parts = [sealed(note.description.value)]
    for visit in visits(note):
        parts.append(sealed(visit.step.commentary.value))
        for erratum in visit.step.errata:
            parts += [sealed(erratum.said.value), sealed(erratum.correction.value)]
    return parts


def _by_step(
    note: Note, faults: Sequence[Diagnostic]
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


def _fault(fault: Diagnostic) -> FaultView:
    return FaultView(fault.rule, fault.severity, fault.message, str(fault.place), fault.hint)


def _step_link(place: StepPlace | None) -> NameLink | None:
    return NameLink(place.step.symbol.name, f"#{place.step.id}") if place else None


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
