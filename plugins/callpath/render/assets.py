"""The style sheet and the scripts as a site sends them: without comments and indentation."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from rcssmin import cssmin
from rjsmin import jsmin

from callpath.render.pages import templates_folder

ASSETS = "assets/callpath"
"""Where they are, below the templates as on the site."""
_ON_DEMAND = f"{ASSETS}/names.js"  # the script loads it when its reader wants it
_SMALLER: Mapping[str, Callable[[str], str]] = {".css": cssmin, ".js": jsmin}


def asset_names() -> tuple[str, ...]:
    """Their addresses relative to the site's root, sorted."""
    return tuple(f"{ASSETS}/{file.name}" for file in _files())


def linked_assets(ending: str) -> tuple[str, ...]:
    """Those of `asset_names` with an ending that every page links to."""
    return tuple(name for name in asset_names() if name.endswith(ending) and name != _ON_DEMAND)


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
