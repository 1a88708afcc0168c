"""What lies in the folder of templates: pages and files that are printed, and assets.

Undefined names in a template are errors, and everything is escaped but values of the type `Markup`.
Does not depend on what a page shows.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markupsafe import Markup, escape
from rcssmin import cssmin
from rjsmin import jsmin

from callpath.model import one_line
from callpath.notes.prose import first_sentence
from callpath.reports.machine import code, plain

if TYPE_CHECKING:
    from callpath.site.strings import Strings

_CODE = re.compile("`([^`]+)`")
_VIEW_BOX = re.compile(r'viewBox="\S+ \S+ ([\d.]+) ([\d.]+)"')


def templates_folder() -> Path:
    """Where templates and assets are: in the package when installed, else in the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "templates"
    return installed if installed.is_dir() else package.parents[1] / "templates"


def front_matter(metadata: Mapping[str, object]) -> str:
    """The metadata of a Markdown file, without what is empty; JSON is YAML too."""
    said = ((name, value) for name, value in metadata.items() if value)
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in said]
    return "\n".join(["---", *lines, "---", "", ""])


def render(template: str, strings: "Strings", **values: object) -> Markup:
    """The HTML that a template makes of values, those that its first comment lists.

    Filters that make addresses need `site`, the `SiteContext`, and `page`, the source path of the
    page that links are seen from.
    """
    return Markup(_pages().get_template(template).render(s=strings, **values))  # noqa: S704


def _code(text: str) -> Markup:
    """The text of a finding, with what is between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 (it is escaped)


@pass_context
def _page(context: Context, target: Any, anchor: str = "") -> str:
    """The relative address of a symbol's page (by its key), a note's, or one by its source path."""
    return str(context["site"].link(context["page"], target, anchor))


@pass_context
def _source_url(context: Context, value: Any, pin: Any = None, *, whole: bool = False) -> str:
    """The address at the source of a locked definition, or of what has a path and a line."""
    site = context["site"]
    if pin is None:
        return str(site.source_url(value, whole=whole))
    return str(site.links.line(pin, value.path, value.line))


def _picture_size(svg: str) -> tuple[float, float]:
    found = _VIEW_BOX.search(svg)
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


def forget_edited_templates() -> None:
    """Have the pages' templates read again that were edited, for the next build in a process.

    To look for that whenever one is printed is a tenth of the time that pages take.
    """
    kept = _pages().cache or {}
    for key, template in list(kept.items()):
        if not template.is_up_to_date:
            del kept[key]


@cache
def _pages() -> Environment:
    """The pages' templates: compiled once in a process."""
    environment = Environment(
        loader=FileSystemLoader(templates_folder() / "callpath"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "code": _code,
        "first_sentence": first_sentence,
        "page": _page,
        "picture_size": _picture_size,
        "source_url": _source_url,
    }
    return environment


def print_file(template: str, **context: object) -> str:
    """The text of a file: a template's, given the values that its first comment lists.

    The template's ending decides whether everything is escaped.
    """
    return _files().get_template(template).render(**context) + "\n"


@cache
def _files() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_folder() / "callpath"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("svg", "xml"), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"line": one_line, "code": code, "plain": plain}
    return environment


NOTE_TEMPLATE, PAGE_TEMPLATE = "callpath-note.html", "callpath-page.html"  # of Material's theme
ASSETS = "assets/callpath"  # where they are, below the templates as on the site
PLAIN_STYLE = f"{ASSETS}/plain.css"  # besides, where the theme is not Material's
_ON_EVERY_PAGE = "callpath"
_SMALLER: Mapping[str, Callable[[str], str]] = {".css": cssmin, ".js": jsmin}


def asset_names() -> tuple[str, ...]:
    """Their addresses relative to the site's root, sorted."""
    folder = templates_folder() / ASSETS
    names = (file.name for file in folder.iterdir() if file.suffix in _SMALLER)
    return tuple(f"{ASSETS}/{name}" for name in sorted(names))


def page_assets() -> tuple[str, ...]:
    """Those of them that every page loads; the script loads the others when they are wanted."""
    return tuple(name for name in asset_names() if Path(name).stem == _ON_EVERY_PAGE)


def asset_text(name: str) -> str:
    """What the site sends for one of `asset_names`: without comments and indentation."""
    file = templates_folder() / name
    return _smaller(file, file.stat().st_mtime_ns)


@cache
def _smaller(file: Path, changed: int) -> str:
    """The smaller text of a file; `changed` is when, so that an edit is seen while `serve` runs."""
    del changed
    return _SMALLER[file.suffix](file.read_text(encoding="utf-8")) + "\n"
