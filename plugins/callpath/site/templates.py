"""Views → HTML, by the Jinja templates. Knows no addresses: it prints what a view says.

Undefined names in a template are errors, and everything is escaped but what a view marks as HTML
(fields that end in `_html`).
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from rcssmin import cssmin
from rjsmin import jsmin

from callpath.model import one_line
from callpath.reports.machine import code, plain
from callpath.site.views import (
    CodeBlock,
    CodeRequest,
    CodeText,
    FaultView,
    FileView,
    FolderView,
    GraphView,
    NoteView,
    StepView,
    SymbolGroup,
    SymbolView,
)

if TYPE_CHECKING:
    from callpath.site.strings import Strings

_CODE = re.compile("`([^`]+)`")
_VIEW_BOX = re.compile(r'viewBox="\S+ \S+ ([\d.]+) ([\d.]+)"')


def templates_folder() -> Path:
    """Where templates and assets are: in the package when installed, else in the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "templates"
    return installed if installed.is_dir() else package.parents[1] / "templates"


def front_matter(title: str, description: str) -> str:
    """The metadata of a Markdown file; a JSON string is a YAML string too."""
    lines = [f"title: {json.dumps(title, ensure_ascii=False)}"]
    if description:
        lines.append(f"description: {json.dumps(description, ensure_ascii=False)}")
    return "\n".join(["---", *lines, "---", "", ""])


def _safe(html: str) -> Markup:
    """Mark as safe what a view says is HTML: Markdown's output, or what a template printed."""
    return Markup(html)  # noqa: S704 (the views' fields that end in `_html`)


def _code(text: str) -> Markup:
    """The text of a finding, with what stands between backticks as code."""
    return _safe(_CODE.sub(r"<code>\1</code>", str(escape(text))))


@cache
def _environment() -> Environment:
    """The templates: compiled once in a process, and again only when one was edited."""
    environment = Environment(
        loader=FileSystemLoader(templates_folder() / "callpath"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        keep_trailing_newline=False,
    )
    environment.filters["code"] = _code
    return environment


class PageRenderer:
    """Prints views.

    Parameters:
        strings: The words of the site's language.
        provider: How readers call the place that links to the source lead to.

    Attributes:
        strings: The words of the site's language.
    """

    def __init__(self, strings: "Strings", provider: str) -> None:
        self.strings = strings
        self._provider = provider

    def note(self, view: NoteView, graph: str) -> str:
        """A note's page below its title; `graph` is HTML."""
        safe = replace(
            view,
            description_html=_safe(view.description_html),
            footer_html=_safe(view.footer_html),
            steps=tuple(_safe_step(step) for step in view.steps),
        )
        return self._print("note.html", note=safe, graph=_safe(graph))

    def rail(self, view: NoteView) -> str:
        """The path rail of a note."""
        return self._print("rail.html", note=view, path=view.path)

    def faulty(self, path: str, faults: Sequence[FaultView]) -> str:
        """The page of a note that could not be read."""
        return self._print("faulty.html", path=path, faults=faults)

    def symbol(self, view: SymbolView, graph: str = "", source: str = "") -> str:
        """A symbol's page.

        Parameters:
            view: The symbol.
            graph: HTML of its neighbours' graph, or nothing when there is none.
            source: HTML: its source text, or what holds the place of it.
        """
        return self._print(
            "symbol.html",
            symbol=view,
            provider=self._provider,
            graph=_safe(graph),
            source=_safe(source),
        )

    def file(self, view: FileView, graph: str = "") -> str:
        """A source file's page; `graph` is HTML, or nothing when there is none."""
        return self._print("file.html", file=view, provider=self._provider, graph=_safe(graph))

    def symbols(self, groups: Sequence[SymbolGroup]) -> str:
        """The index of symbols."""
        total = sum(len(group.symbols) for group in groups)
        return self._print("symbols.html", groups=groups, total=total)

    def files(self, root: FolderView, total: int) -> str:
        """The index of files."""
        return self._print("files.html", root=root, total=total)

    def whole_graph(self, graph: str, total: int) -> str:
        """The page of the whole graph; `graph` is HTML."""
        return self._print("whole-graph.html", graph=_safe(graph), total=total)

    def graph(self, view: GraphView) -> str:
        """A figure with a graph; its pictures are SVG that was drawn here."""
        safe = replace(
            view,
            svg=_safe(view.svg),
            parts=tuple(replace(part, svg=_safe(part.svg)) for part in view.parts),
        )
        found = _VIEW_BOX.search(view.svg)
        width, height = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
        return self._print("graph.html", graph=safe, width=width, height=height)

    def code(self, request: CodeRequest, text: CodeText, blocks: Sequence[CodeBlock]) -> str:
        """The source text of a definition."""
        return self._print("code.html", code=request, text=text, blocks=blocks)

    def symbol_source(self, codes: Sequence[str]) -> str:
        """The section of a symbol's page with its source text; `codes` are HTML."""
        return self._print("symbol-source.html", codes=[_safe(code) for code in codes])

    def _print(self, template: str, **context: object) -> str:
        return _environment().get_template(template).render(s=self.strings, **context)


def _safe_step(step: StepView) -> StepView:
    errata = tuple(
        replace(
            erratum,
            said_html=_safe(erratum.said_html),
            correction_html=_safe(erratum.correction_html),
        )
        for erratum in step.errata
    )
    remarks = tuple(replace(remark, html=_safe(remark.html)) for remark in step.remarks)
    return replace(
        step, commentary_html=_safe(step.commentary_html), errata=errata, remarks=remarks
    )


ASSETS = "assets/callpath"
"""Where they are, below the templates as on the site."""
_ON_EVERY_PAGE = "callpath"
_SMALLER: Mapping[str, Callable[[str], str]] = {".css": cssmin, ".js": jsmin}


def asset_names() -> tuple[str, ...]:
    """Their addresses relative to the site's root, sorted."""
    return tuple(f"{ASSETS}/{file.name}" for file in _files())


def page_assets() -> tuple[str, ...]:
    """Those of them that every page loads; the script loads the others when they are wanted."""
    return tuple(name for name in asset_names() if Path(name).stem == _ON_EVERY_PAGE)


def asset_text(name: str) -> str:
    """What the site sends for one of `asset_names`."""
    file = templates_folder() / name
    return _smaller(file, file.stat().st_mtime_ns)


def _files() -> list[Path]:
    folder = templates_folder() / ASSETS
    return sorted(file for file in folder.iterdir() if file.suffix in _SMALLER)


@cache
def _smaller(file: Path, changed: int) -> str:
    """The smaller text of a file; `changed` is when, so that an edit is seen while `serve` runs."""
    del changed
    return _SMALLER[file.suffix](file.read_text(encoding="utf-8")) + "\n"


def print_file(template: str, **context: object) -> str:
    """The text of a file.

    Parameters:
        template: Its template; the ending decides whether everything is escaped.
        context: What the template's first comment lists.
    """
    return _environment_file_templates().get_template(template).render(**context) + "\n"


@cache
def _environment_file_templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_folder() / "callpath"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("svg", "xml"), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"line": one_line, "code": code, "plain": plain}
    return environment
