"""What the hooks find out beside the notes: the site's history, words that search lacks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, Place
from callpath.core.reading_order import in_reading_order
from callpath.core.search_words import words_without_page
from callpath.core.site_about import About
from callpath.plugin.configuration import config_name, language_of
from callpath.project.notebook import Notebook
from callpath.project.site_history import newest_changes

_log = get_plugin_logger("callpath.plugin")


def about_site(notebook: Notebook, config: MkDocsConfig) -> About:
    """What the configuration and the notes' history say of the site."""
    noted = notebook.notes if config.site_url else ()  # without an address there is no feed
    changes, obstacle = newest_changes(Path(config.docs_dir), noted)
    if obstacle:
        _log.info(obstacle)
    return About(
        name=config.site_name,
        description=config.site_description or "",
        address=config.site_url or "",
        author=config.site_author or "",
        language=language_of(config),
        order=in_reading_order(config.nav, notebook.notes),
        changes=changes,
    )


def shortened_index(config: MkDocsConfig) -> dict[str, Any]:
    """The search index of the built site, written anew in a shorter form; empty without one.

    Every page loads it. MkDocs escapes what is not ASCII: Chinese is twice as long then.
    """
    file = Path(config.site_dir) / "search" / "search_index.json"
    if not file.is_file():
        return {}
    index: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    file.write_text(text, encoding="utf-8")
    return index


def missing_words(
    index: Mapping[str, Any], config: MkDocsConfig, words: Sequence[str]
) -> Iterator[Diagnostic]:
    """A finding for each word that the search of the built site finds nothing for.

    Parameters:
        index: Its search index; nothing is told where there is none.
        config: The site's configuration.
        words: The words.
    """
    for word in words_without_page(index, words) if index and words else ():
        yield rules.SEARCH_WORD_NOT_FOUND.at(
            Place(config_name(config)),
            f"search finds no page for `{word}`",
            "set the `separator` of the search plugin, and install `jieba` for Chinese",
        )
