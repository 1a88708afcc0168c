"""Sites of the same size that others build: ready HTML, and plain Markdown."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import MeasureError
from benchmarks.notebooks import SETTINGS, STEPS, code_path, commentary, symbol_name

_PLUGINS = "plugins: [search]\n"
_ARTICLE = re.compile(r"<article[^>]*>(.*)</article>", re.DOTALL)
_TITLE = re.compile(r"<title>(.*?)(?: - Drivers)?</title>", re.DOTALL)


def write_ready(folder: Path, site: Path) -> Path:
    """A site whose pages are those of a built one, ready: what is in their articles.

    Raises:
        MeasureError: A page of it has none.
    """
    floor = Path(__file__).with_name("floor.py")
    _begin(folder, f"hooks: [{floor}]\n")
    pages = dict(_ready_pages(site))
    (folder / "pages.json").write_text(json.dumps(pages), encoding="utf-8")
    return folder


def _begin(folder: Path, more: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "docs").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(SETTINGS + _PLUGINS + more, encoding="utf-8")
    _page(folder, "index.md", "# Drivers\n\nHow the units work.\n")


def _page(folder: Path, path: str, text: str) -> None:
    place = folder / "docs" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def _ready_pages(site: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    for path in sorted(site.glob("*/**/index.html")):
        text = path.read_text(encoding="utf-8")
        article, title = _ARTICLE.search(text), _TITLE.search(text)
        if not (article and title):
            raise MeasureError(f"no article was found in {path}")
        yield f"{path.parent.relative_to(site).as_posix()}.md", (title[1], article[1])


def write_plain(folder: Path, notes: int) -> Path:
    """A site of plain Markdown pages with the words of a notebook of so many notes.

    It has a page for each note, symbol and file, and the indexes; the notes are in the navigation.
    """
    navigation = "".join(f"  - units/unit_{note}.md\n" for note in range(notes))
    _begin(folder, f"nav:\n  - index.md\n{navigation}  - symbols.md\n  - files.md\n")
    for note in range(notes):
        _page(folder, f"units/unit_{note}.md", "\n".join(_note(note, notes)))
        _page(folder, f"source/{code_path(note)}.md", "\n".join(_file(note)))
        for step in range(STEPS):
            text = "\n".join(_symbol(note, step, notes))
            _page(folder, f"source/{code_path(note)}/{symbol_name(note, step)}.md", text)
    symbols = (
        f"- [`{symbol_name(note, step)}`](source/{code_path(note)}/{symbol_name(note, step)}.md)"
        for note in range(notes)
        for step in range(STEPS)
    )
    _page(folder, "symbols.md", "\n".join(("# Symbols", "", *symbols)))
    files = (f"- [`{code_path(note)}`](source/{code_path(note)}.md)" for note in range(notes))
    _page(folder, "files.md", "\n".join(("# Files", "", *files)))
    return folder


def _note(note: int, notes: int) -> Iterator[str]:
    yield f"# How unit {note} starts"
    for step in range(STEPS):
        name = symbol_name(note, step)
        yield f"\n## `{name}`"
        yield f"\n[{code_path(note)}](../source/{code_path(note)}/{name}.md)\n"
        yield commentary(note, step, notes).replace(".yml", ".md")


def _file(note: int) -> Iterator[str]:
    yield f"# {code_path(note)}\n"
    for step in range(STEPS):
        name = symbol_name(note, step)
        yield f"- [`{name}`](unit_{note}.c/{name}.md)"


def _symbol(note: int, step: int, notes: int) -> Iterator[str]:
    name = symbol_name(note, step)
    yield f"# `{name}`\n\n    int {name}(struct unit_{note} *unit, int word)\n"
    yield f"[{code_path(note)}](../unit_{note}.c.md)"
    yield f"\n## Steps on it\n\n- [How unit {note} starts](../../../units/unit_{note}.md)"
    yield f"  {commentary(note, step, notes).splitlines()[0]}"
    for title, other in (("Reached from", (step - 1) // 3), ("Leads to", step * 3 + 1)):
        if 0 <= other < STEPS:
            yield f"\n## {title}\n\n- [`{symbol_name(note, other)}`]({symbol_name(note, other)}.md)"
