"""Titles and descriptions of pages, for search engines and for whoever is sent a link."""

from dataclasses import dataclass

from callpath.core.index import Index, SymbolEntry
from callpath.core.model import Note, Pin
from callpath.core.prose import first_sentence
from callpath.core.tally import tally
from callpath.render.strings import Strings

_LONGEST = 200  # characters of a description; what shows links cuts earlier
_NAMES = 8  # symbols that the description of a file names


@dataclass(frozen=True, slots=True)
class PageText:
    """What is said of a page where it is not seen; neither is empty, and no two titles are alike.

    Attributes:
        title: Its title, plain text, without the site's name.
        description: One line about it, plain text.
    """

    title: str
    description: str


class PageTexts:
    """The titles and descriptions of one notebook's pages.

    Parameters:
        index: The notebook joined with its lockfile.
        pin: The site's pin.
        strings: The words of the site's language.
    """

    def __init__(self, index: Index, pin: Pin, strings: Strings) -> None:
        self._index = index
        self._pin = pin
        self._strings = strings

    def note(self, note: Note) -> PageText:
        """A note: what it says of itself, else how many steps lead from where to where."""
        places = self._index.places[note.id]
        names = [place.key.name for place in places] or [""]
        made = self._strings.note_summary.format(
            len(places), names[0], names[-1], _version(note.pin)
        )
        return PageText(note.title, _clipped(first_sentence(note.description.value) or made))

    def symbol(self, entry: SymbolEntry) -> PageText:
        """A symbol: its kind, its place, and the first sentence that the notes say of it."""
        key, kind = entry.key, self._strings.kinds[entry.key.kind]
        locked = entry.definitions[0] if entry.definitions else None
        place = f"{key.path}:{locked.definition.line}" if locked else key.path
        told = [first_sentence(step.step.commentary.value) for step in entry.steps]
        said = next(filter(None, told), locked.definition.signature if locked else "")
        description = self._strings.symbol_summary.format(
            kind, key.name, place, _version(_pin_of(entry, self._pin)), said
        )
        return PageText(f"{key.name} · {kind} · {key.path}", _clipped(description))

    def file(self, project: str, path: str) -> PageText:
        """A source file: how many of its symbols the notes speak of, and which."""
        entries = self._index.files()[project, path]
        names = [entry.key.name for entry in entries]
        shown = self._strings.list_comma.join(names[:_NAMES]) + ("…" if len(names) > _NAMES else "")
        version = _version(_pin_of(entries[0], self._pin))
        description = self._strings.file_summary.format(version, path, len(names), shown)
        return PageText(f"{path} · {version}", _clipped(description))

    def symbols(self) -> PageText:
        """The index of symbols."""
        lead = self._strings.symbols_lead.format(len(self._index.symbols))
        return PageText(self._strings.symbols, lead)

    def files(self) -> PageText:
        """The index of files."""
        lead = self._strings.files_lead.format(len(self._index.files()))
        return PageText(self._strings.files, lead)

    def graph(self) -> PageText:
        """The page of the whole graph."""
        total = len({place.key for places in self._index.places.values() for place in places})
        return PageText(self._strings.graph, self._strings.graph_lead.format(total))

    def notebook(self) -> str:
        """A sentence on what the whole notebook holds."""
        places = [place for places in self._index.places.values() for place in places]
        counts = tally(places)
        return self._strings.notebook_summary.format(
            len(self._index.notes), counts.steps, counts.proved, _version(self._pin)
        )


def _pin_of(entry: SymbolEntry, pin: Pin) -> Pin:
    if entry.definitions:
        return Pin(entry.key.project, entry.definitions[0].version)
    return entry.steps[0].note.pin if entry.steps else pin


def _version(pin: Pin) -> str:
    return f"{pin.project} {pin.version}"


def _clipped(text: str) -> str:
    """A text as one line that is no longer than what is shown anywhere."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"
