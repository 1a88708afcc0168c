"""What the page's script knows of symbols: for previews and for the quick switcher. Pure."""

from collections.abc import Sequence

from callpath.core.index import Index, SymbolEntry
from callpath.core.layout import Layout, note_page, symbol_page
from callpath.core.prose import first_sentence

SymbolRow = Sequence[str]
"""Name, kind, `path:line`, signature, what the notes say first, and addresses: the symbol's page,
then its steps. Addresses are relative to the site's root."""


def symbol_rows(index: Index, layout: Layout) -> list[SymbolRow]:
    """A row for every symbol of a notebook, sorted as the index is."""
    return [_row(entry, layout) for entry in index.symbols.values()]


def _row(entry: SymbolEntry, layout: Layout) -> SymbolRow:
    key = entry.key
    found = entry.definitions[0].definition if entry.definitions else None
    page = layout.address(symbol_page(key.project, key.path, key.kind, key.name))
    steps = [f"{layout.address(note_page(place.note.id))}#{place.step.id}" for place in entry.steps]
    said = (first_sentence(place.step.commentary.value) for place in entry.steps)
    return (
        key.name,
        str(key.kind),
        f"{key.path}:{found.line}" if found else key.path,
        found.signature if found else "",
        next((sentence for sentence in said if sentence), ""),
        page,
        *steps,
    )
