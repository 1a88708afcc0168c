"""A hook for MkDocs that hands over ready pages: the least that a plugin with pages can take.

`pages.json` beside the configuration has title and HTML by the page's source path.
"""

import json
from functools import cache
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page


@cache
def _pages(folder: Path) -> dict[str, tuple[str, str]]:
    text = (folder / "pages.json").read_text(encoding="utf-8")
    return {path: (title, html) for path, (title, html) in json.loads(text).items()}


def _ready(config: MkDocsConfig) -> dict[str, tuple[str, str]]:
    return _pages(Path(config.config_file_path).parent)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages; those of the source stay out of the navigation."""
    for path, (title, _) in _ready(config).items():
        file = File.generated(config, path, content=f"---\ntitle: {title}\n---\n")
        if path.startswith("source/"):
            file.inclusion = InclusionLevel.NOT_IN_NAV
        if path not in files.src_uris:
            files.append(file)
    return files


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A page's HTML, in the place of what Markdown made of nothing."""
    ready = _ready(config).get(page.file.src_uri)
    return ready[1] if ready else html
