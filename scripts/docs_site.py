"""A MkDocs hook for docs-site.yml: the Markdown pages of the project's root are pages of the site.

README.md becomes its start page; links between these pages and those of docs/ are rewritten.
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

PAGES = {
    "README.md": "index.md",
    "README.zh.md": "index.zh.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""File in the project's root → page of the site."""

_LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#)([^)#\s]+)")


def page_of(target: str) -> str:
    """Where a link of a page in the root leads on the site."""
    return PAGES.get(target, target.removeprefix("docs/"))


def moved(text: str) -> str:
    """A page of the root as a page of the site; links to the licences become plain text."""
    text = re.sub(r"(?<!!)\[([^\]]+)\]\((LICENSE[^)]*)\)", r"\1", text)
    return _LINK.sub(lambda link: page_of(link[1]), text)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the root."""
    root = Path(config.config_file_path).parent
    for name, page in PAGES.items():
        text = moved((root / name).read_text(encoding="utf-8"))
        files.append(File.generated(config, page, content=text))
    return files
