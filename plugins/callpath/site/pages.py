"""The pages of symbols and source files, and what is said of any page where it is not seen.

That is titles, descriptions, how much a page counts in search, and the head of its document.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from posixpath import basename
from typing import Any

from markupsafe import Markup

from callpath.addresses import (
    FEED_FILE,
    FILES_PAGE,
    GRAPH_PAGE,
    NOTEBOOK_FILE,
    SYMBOLS_PAGE,
    file_page,
)
from callpath.model import Note, Pin, Step
from callpath.notebook import Index, SymbolEntry, SymbolKey, tally
from callpath.notes.prose import first_sentence
from callpath.site.code import SiteCode
from callpath.site.graphs import GRAPH_SLOT, SiteGraphs
from callpath.site.notes import Views
from callpath.site.views import GeneratedPage, SiteContext, page_of

_LONGEST = 200  # characters of a description; what shows links cuts earlier
_NAMES = 8  # symbols that the description of a file names
_OTHER_VERSION = 0.8  # in search, if the site's own version has a page of the same title
_INDEX_BOOST = 0.5


class SourcePages:
    """Makes the pages of symbols, of source files, and the indexes."""

    def __init__(self, site: SiteContext, views: Views, graphs: SiteGraphs, code: SiteCode) -> None:
        self._site = site
        self._index = site.index
        self._views = views
        self._graphs = graphs
        self._code = code
        self._boosts = page_boosts(site.index)
        keys = [entry.key for entry in site.index.symbols.values() if self._is_pinned(entry)]
        self._pinned_titles = {title for key in keys for title in (key.name, basename(key.path))}

    def symbols(self) -> Iterator[GeneratedPage]:
        """The pages of symbols, the plainest name first."""
        return map(self._symbol, sorted(self._index.symbols.values(), key=_plainest))

    def _symbol(self, entry: SymbolEntry) -> GeneratedPage:
        key, kind = entry.key, self._site.strings.kinds[entry.key.kind]
        page = page_of(key)
        return GeneratedPage(
            path=page,
            title=key.name,
            description=self._symbol_description(entry, kind),
            boost=self._boost(key.name, [entry]),
            html=lambda _: self._site.render(
                "symbol.html",
                page,
                symbol=self._views.symbol(key),
                graph=self._graphs.slot(page),
                source=self._code.slot(entry),
            ),
            headline=f"{key.name} · {kind} · {key.path}",
            is_source_page=True,
        )

    def _symbol_description(self, entry: SymbolEntry, kind: str) -> str:
        key, locked = entry.key, entry.definitions[0] if entry.definitions else None
        place = f"{key.path}:{locked.definition.line}" if locked else key.path
        sentences = [first_sentence(step.step.commentary.value) for step in entry.steps]
        said = next(filter(None, sentences), locked.definition.signature if locked else "")
        form = self._site.strings.symbol_summary
        return _clipped(form.format(kind, key.name, place, self._version(entry), said))

    def files(self) -> Iterator[GeneratedPage]:
        """The pages of source files."""
        for (project, path), entries in self._index.files().items():
            yield self._file(project, path, entries)

    def _file(self, project: str, path: str, entries: Sequence[SymbolEntry]) -> GeneratedPage:
        page, version = file_page(project, path), self._version(entries[0])
        return GeneratedPage(
            path=page,
            title=basename(path),
            description=self._file_description(path, entries, version),
            boost=self._boost(basename(path), entries),
            html=lambda _: self._site.render(
                "file.html",
                page,
                file=self._views.file(project, path),
                graph=self._graphs.slot(page),
            ),
            headline=f"{path} · {version}",
            is_source_page=True,
        )

    def _file_description(self, path: str, entries: Sequence[SymbolEntry], version: str) -> str:
        strings, names = self._site.strings, [entry.key.name for entry in entries]
        shown = strings.list_comma.join(names[:_NAMES]) + ("…" if len(names) > _NAMES else "")
        return _clipped(strings.file_summary.format(version, path, len(names), shown))

    def indexes(self) -> Iterator[GeneratedPage]:
        """The indexes of symbols and files, and the page of the whole graph."""
        views, words = self._views, self._site.strings
        symbols, files = len(self._index.symbols), len(self._index.files())
        for path, title, lead, count, template, content in (
            (SYMBOLS_PAGE, words.symbols, words.symbols_lead, symbols, "symbols", views.symbols),
            (FILES_PAGE, words.files, words.files_lead, files, "files", views.files),
            (GRAPH_PAGE, words.graph, *self._graph_lead(), "whole-graph", lambda: GRAPH_SLOT),
        ):
            html = partial(self._index_html, path, f"{template}.html", content, count)
            yield GeneratedPage(path, title, lead.format(count), html, _INDEX_BOOST)

    def _graph_lead(self) -> tuple[str, int]:
        """What leads the page of the whole graph, and what it counts: symbols, or versions."""
        words, places = self._site.strings, self._index.places.values()
        if (versions := len(self._site.pins)) > 1:
            return words.graphs_lead, versions
        return words.graph_lead, len({each.key for note in places for each in note})

    def _index_html(
        self, page: str, template: str, content: Callable[[], object], total: int, _: str
    ) -> Markup:
        return self._site.render(template, page, content=content(), total=total)

    def _boost(self, title: str, entries: Iterable[SymbolEntry]) -> float:
        """How much a page counts in search: less when the site's version has one of its title."""
        twin = title in self._pinned_titles and not any(map(self._is_pinned, entries))
        return round(self._boosts[title] * (_OTHER_VERSION if twin else 1), 2)

    def _is_pinned(self, entry: SymbolEntry) -> bool:
        version = self._site.notebook.pin.version
        return any(found.version == version for found in entry.definitions)

    def _version(self, entry: SymbolEntry) -> str:
        """Project and version that a symbol's first definition is in, or the first step on it."""
        if entry.definitions:
            return f"{entry.key.project} {entry.definitions[0].version}"
        return _shown(entry.steps[0].note.pin if entry.steps else self._site.notebook.pin)


def _plainest(entry: SymbolEntry) -> tuple[int, int, SymbolKey]:
    name = entry.key.name
    return len([part for part in name.split("_") if part]), len(name), entry.key


def note_description(site: SiteContext, note: Note) -> str:
    """What a note says of itself, else how many steps lead from where to where; one line."""
    places = site.index.places[note.id]
    names = [place.key.name for place in places] or [""]
    made = site.strings.note_summary.format(len(places), names[0], names[-1], _shown(note.pin))
    return _clipped(first_sentence(note.description.value) or made)


def notebook_summary(site: SiteContext) -> str:
    """A sentence on what the whole notebook holds."""
    counts = tally(place for places in site.index.places.values() for place in places)
    return site.strings.notebook_summary.format(
        len(site.index.notes), counts.steps, counts.proved, _shown(site.notebook.pin)
    )


def _shown(pin: Pin) -> str:
    return f"{pin.project} {pin.version}"


def _clipped(text: str) -> str:
    """A text as one line that is no longer than what is shown anywhere."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


_LINK_TARGET = re.compile(r"\]\([^()\s]*\)")  # not shown, so not indexed
_BETWEEN_WORDS = re.compile(r"[\W_]+|(?<=[a-z\d])(?=[A-Z])", re.ASCII)
# A page's title counts 2.5 times as much as a heading; so much more than the longest name weighs.
_FULL = 12.0
_WORD, _LENGTH = 0.06, 1.4


def page_boosts(index: Index) -> dict[str, float]:
    """How much the page of each symbol and file counts, by its title; a file's has no folder."""
    files = [path for _, path in index.files()]
    notes = [[place.step for place in places] for places in index.places.values()]
    steps = [step for note in notes for step in note]
    errata = [text for note in notes if (text := "\n".join(map(_errata, note)).strip())]
    titles = [*(key.name for key in index.symbols), *map(basename, files)]
    texts = [
        *(key.path for key in index.symbols),
        *files,
        *(step.symbol.name for step in steps),
        *(f"{step.commentary.value}\n{_errata(step)}\n{_remarks(step)}" for step in steps),
        *errata,  # once more, on their own page
    ]
    return title_boosts(titles, texts, len(titles) + len(steps) + len(errata))


def _errata(step: Step) -> str:
    texts = [text for each in step.errata for text in (each.said, each.correction)]
    return "\n".join(text.value for text in texts)


def _remarks(step: Step) -> str:
    return "\n".join(each.text.value for each in step.remarks)


def title_boosts(titles: Sequence[str], texts: Sequence[str], documents: int) -> dict[str, float]:
    """How much the page of each title counts, to two digits; a page counts 1 by itself.

    The texts are what else is indexed: texts of pages, headings and Markdown of steps; `documents`
    is how many entries the index has.
    """
    words = {title: _words(title) for title in titles}
    counts = Counter(word for title in titles for word in words[title])
    counts.update(word for text in texts for word in _words(text))
    weights = {word: _weight(count, documents) for word, count in counts.items()}
    return {
        title: round(_fitted(title, own) / max(1.0, sum(weights[word] for word in own)), 2)
        for title, own in words.items()
    }


def _fitted(title: str, words: frozenset[str]) -> float:
    """What a title comes to that a query names whole.

    Of several, the one with the most words has all of the query (`hardware_setup` is in
    `kvm_arch_hardware_setup` too); of those, in the shortest no word goes on (`kvm_rebooting`).
    """
    return _FULL * (1 + _WORD * len(words) + _LENGTH / max(1, len(title)))


def _words(text: str) -> frozenset[str]:
    shown = _LINK_TARGET.sub("]", text)
    return frozenset(word.lower() for word in _BETWEEN_WORDS.split(shown) if word)


def _weight(count: int, documents: int) -> float:
    """The weight of a word that is `count` times in a title or a text, as lunr has it."""
    return math.log(1 + abs((documents - count + 0.5) / (count + 0.5)))


_TERRITORIES = {"en": "en_US", "zh": "zh_CN", "zh_hans": "zh_CN", "zh_hant": "zh_TW"}


def page_meta(
    site: SiteContext,
    page: str,
    generated: GeneratedPage | None,
    markdown: str,
    said: Mapping[str, Any],
    *,
    is_home: bool,
) -> dict[str, Any]:
    """The metadata of a page, in the words of MkDocs; of a page of the author's only what it lacks.

    `said` is what the page says of itself.
    """
    if (note := site.notebook.notes.get(page)) is not None:
        return {"title": note.title, "description": note_description(site, note)}
    if page in site.notebook.faulty:
        faults = len(site.faults_in(site.notebook.prefix + page))
        return {"title": page, "description": site.strings.faults.format(faults)}
    if generated is not None:
        search = {"boost": generated.boost}
        return {"title": generated.title, "description": generated.description, "search": search}
    first = first_sentence(markdown)
    description = (site.about.description or first or notebook_summary(site)) if is_home else first
    return {"description": description} if description and not said.get("description") else {}


def page_head(
    site: SiteContext,
    page: str,
    generated: GeneratedPage | None,
    title: str,
    description: str,
    *,
    url: str,
    is_home: bool,
) -> dict[str, str]:
    """What the head of a page says; description and `url`, its whole address, may be empty."""
    about = site.about
    headline = generated.headline or generated.title if generated and not is_home else ""
    return {
        "headline": headline,
        "title": (about.name if is_home else headline or title) or about.name,
        "description": description or about.description or title or about.name,
        "kind": "website" if is_home else "article",
        "url": url,
        "site_name": about.name,
        "locale": _locale(about.language),
        "feed": site.layout.asset(page, FEED_FILE) if about.has_feed else "",
        "notebook": site.layout.asset(page, NOTEBOOK_FILE),
    }


def _locale(language: str) -> str:
    """A language tag as Open Graph writes it; empty when it names no territory."""
    tag = language.replace("-", "_")
    if found := _TERRITORIES.get(tag.lower()):
        return found
    first, _, last = tag.partition("_")
    is_territory = len(last) == 2 and last.isalpha()
    return f"{first.lower()}_{last.upper()}" if is_territory else ""
