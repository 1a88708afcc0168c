"""Parts that several views have: a definition with its addresses, links to symbols and files."""

from callpath.core.coverage import spoken_of
from callpath.core.index import Index, SymbolKey
from callpath.core.layout import Layout, file_page, symbol_page
from callpath.core.lock import LockedDefinition
from callpath.core.model import Pin
from callpath.core.urls import LinkProvider
from callpath.core.views import DefinitionView, NameLink


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
