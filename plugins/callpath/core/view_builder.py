"""Makes the views of one notebook from its index. Pure; knows no template."""

from callpath.core.index import StepPlace, SymbolEntry, SymbolKey
from callpath.core.layout import FILES_PAGE, SYMBOLS_PAGE, file_page, note_page, symbol_page
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
