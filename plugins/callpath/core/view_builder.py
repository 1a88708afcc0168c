"""Makes the views of one notebook from its index. Pure; knows no template."""

from collections.abc import Sequence

from callpath.core.index import StepPlace, SymbolEntry, SymbolKey
from callpath.core.layout import FILES_PAGE, SYMBOLS_PAGE, file_page, note_page, symbol_page
from callpath.core.lock import LockedDefinition
from callpath.core.model import Pin
from callpath.core.note_views import NoteViews
from callpath.core.prose import first_sentence
from callpath.core.views import (
    FileView,
    FolderView,
    NameLink,
    StepLine,
    SymbolGroup,
    SymbolLine,
    SymbolView,
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
