"""What a page's head says for sharing, for feed readers and for other programs. Knows no MkDocs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from callpath.core.layout import FEED_FILE, NOTEBOOK_FILE
from callpath.core.prose import first_sentence
from callpath.project.prose_page import ProsePage
from callpath.project.site import GeneratedPage, Site

_TERRITORIES = {"en": "en_US", "zh": "zh_CN", "zh_hans": "zh_CN", "zh_hant": "zh_TW"}


@dataclass(frozen=True, slots=True)
class PageHead:
    """What the head says. What there is none of is empty.

    Attributes:
        headline: The document's title before the site's name, where it is not that of the theme.
        title: The page's title where it is shared.
        description: One line about it.
        kind: `website` for the home page, `article` for others: Open Graph's words.
        url: Its whole address.
        site_name: The site's name.
        locale: Language and territory as Open Graph writes them (`zh_CN`).
        feed: Address of the feed, relative to the page.
        notebook: Address of the notebook as JSON, relative to the page.
    """

    headline: str
    title: str
    description: str
    kind: str
    url: str
    site_name: str
    locale: str
    feed: str
    notebook: str


def page_meta(
    site: Site,
    page: str,
    generated: GeneratedPage | ProsePage | None,
    markdown: str,
    said: Mapping[str, Any],
    *,
    is_home: bool,
) -> dict[str, Any]:
    """The metadata of a page, in the words of MkDocs; of a page of the author's only what it lacks.

    Parameters:
        site: The site.
        page: The page's source path.
        generated: The page, when it is a generated one.
        markdown: Its Markdown.
        said: What the page says of itself.
        is_home: Whether it is the home page.
    """
    if page in site.notes:
        text = site.texts.note(site.notes[page])
        return {"title": text.title, "description": text.description}
    if page in site.notebook.faulty:
        faults = len(site.faults_in(site.notebook.prefix + page))
        return {"title": page, "description": site.strings.faults.format(faults)}
    if generated is not None:
        search = {"boost": generated.boost}
        return {"title": generated.title, "description": generated.description, "search": search}
    first = first_sentence(markdown)
    description = (site.about.description or first or site.texts.notebook()) if is_home else first
    return {"description": description} if description and not said.get("description") else {}


def page_head(
    site: Site,
    page: str,
    generated: GeneratedPage | ProsePage | None,
    title: str,
    description: str,
    *,
    url: str,
    is_home: bool,
) -> PageHead:
    """The head of a page.

    Parameters:
        site: The site.
        page: The page's source path.
        generated: The page, when it is a generated one.
        title: Its title.
        description: One line about it; may be empty.
        url: Its whole address, where the site's is known.
        is_home: Whether it is the home page.
    """
    about = site.about
    headline = generated.headline if generated and not is_home else ""
    return PageHead(
        headline=headline,
        title=(about.name if is_home else headline or title) or about.name,
        description=description or about.description or title or about.name,
        kind="website" if is_home else "article",
        url=url,
        site_name=about.name,
        locale=_locale(about.language),
        feed=site.layout.asset(page, FEED_FILE) if about.has_feed else "",
        notebook=site.layout.asset(page, NOTEBOOK_FILE),
    )


def _locale(language: str) -> str:
    """A language tag as Open Graph writes it; empty when it names no territory."""
    tag = language.replace("-", "_")
    if found := _TERRITORIES.get(tag.lower()):
        return found
    first, _, last = tag.partition("_")
    is_territory = len(last) == 2 and last.isalpha()
    return f"{first.lower()}_{last.upper()}" if is_territory else ""
