"""The style sheet and the scripts as a site sends them: without comments and indentation."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from rcssmin import cssmin
from rjsmin import jsmin

from callpath.render.pages import templates_folder

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
