"""What a page loads: style sheet, scripts, and their data as a script (files cannot be fetched)."""

import json
from functools import partial

from callpath.core.layout import note_page
from callpath.core.symbol_data import symbol_rows
from callpath.project.site import Site
from callpath.project.site_file import SiteFile
from callpath.render.assets import ASSETS, asset_names, asset_text

SYMBOLS_FILE = f"{ASSETS}/symbols.js"


def script_files(site: Site) -> tuple[SiteFile, ...]:
    """The style sheet, the scripts, and their data."""
    return (
        *(SiteFile(name, partial(asset_text, name)) for name in asset_names()),
        SiteFile(SYMBOLS_FILE, lambda: symbols_script(site)),
    )


def symbols_script(site: Site) -> str:
    """`window.callpathData`: the words of the script, the notes' pages, a row for every symbol."""
    data = {
        "strings": site.strings.for_script(),
        "pages": [
            [note.title, site.layout.address(note_page(note.id))] for note in site.notes.values()
        ],
        "symbols": symbol_rows(site.notebook.index, site.layout),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"window.callpathData={text};\n"
