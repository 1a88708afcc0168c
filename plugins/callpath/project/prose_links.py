"""Where links and names in prose lead: to steps of the same page, and to pages of symbols."""

from callpath.core.commentary import LinkedName, source_target
from callpath.core.diagnostics import Place
from callpath.core.index import SymbolKey
from callpath.core.layout import Layout, symbol_page
from callpath.core.lock import LockedDefinition
from callpath.core.model import Pin, Reference, Symbol, visits
from callpath.project.notebook import Notebook


class ProseLinks:
    """The links in the prose of one notebook's pages.

    Parameters:
        notebook: The notebook.
        layout: Where pages are.
    """

    def __init__(self, notebook: Notebook, layout: Layout) -> None:
        self.notebook = notebook
        self.notes = notebook.notes
        self.layout = layout
        self._index = notebook.index

    def link_target(
        self, page: str, href: str, owner: str = "", version: str = ""
    ) -> LinkedName | None:
        """Where a `src:` link leads: the symbol's page when it is locked, else nowhere.

        Parameters:
            page: Source path of the page that the link is on.
            href: The link as written.
            owner: Source path of the note whose prose it is, when that is another page.
            version: The version that the prose speaks of, when it is not that of its note.
        """
        if locked := self._locked(owner or page, href, version):
            title = self._title(page, locked)
            return LinkedName(self.layout.link(page, _page_of(locked)), title)
        return None

    def source_page(self, page: str, href: str, version: str = "") -> str | None:
        """The source path of the page that a `src:` link leads to, if it is locked.

        Parameters:
            page: Source path of the page that the link is on.
            href: The link as written.
            version: The version that the prose speaks of, when it is not that of its note.
        """
        locked = self._locked(page, href, version)
        return _page_of(locked) if locked else None

    def _locked(self, page: str, href: str, version: str = "") -> LockedDefinition | None:
        target = source_target(href)
        if target is None or self.notebook.lock is None:
            return None
        symbol = Symbol(target.path, target.name, target.kind)
        pin = self._pin_of(page)
        pin = Pin(pin.project, version) if version else pin
        reference = Reference(pin, symbol, Place(page), target.occurrence)
        return self.notebook.lock.find(reference)

    def link_name(self, page: str, name: str, owner: str = "") -> LinkedName | None:
        """Where a name in prose leads: to its step of the same note, else to its symbol's page."""
        home = owner or page
        note = self.notes.get(home)
        if note is not None:
            for visit in visits(note):
                if visit.step.symbol.name == name:
                    href = self.layout.link(page, home, visit.step.id)
                    return LinkedName(href, "" if page == home else visit.step.symbol.path)
        key = self._index.named(name, self._pin_of(home).project)
        return self._link_key(page, key) if key else None

    def _link_key(self, page: str, key: SymbolKey) -> LinkedName:
        entry = self._index.symbols[key]
        title = self._title(page, entry.definitions[0]) if entry.definitions else key.path
        target = symbol_page(key.project, key.path, key.kind, key.name)
        return LinkedName(self.layout.link(page, target), title)

    def _title(self, page: str, locked: LockedDefinition) -> str:
        """What a link says more.

        Nothing on a note's page, which has a thousand links: there the script shows it.
        """
        found = locked.definition
        return "" if page in self.notes else f"{found.path}:{found.line} · {found.signature}"

    def _pin_of(self, page: str) -> Pin:
        note = self.notes.get(page)
        return note.pin if note else self.notebook.pin


def _page_of(locked: LockedDefinition) -> str:
    found = locked.definition
    return symbol_page(locked.project, found.path, found.kind, found.name)
