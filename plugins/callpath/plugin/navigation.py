"""The site's navigation, shortened for pages that are many: else its size is quadratic.

Home, indexes and the author's own pages have all of it.
"""

from collections.abc import Collection, Sequence

from mkdocs.structure import StructureItem
from mkdocs.structure.nav import Link, Navigation, Section
from mkdocs.structure.pages import Page

from callpath.addresses import INDEX_PAGES

MOST = 60  # entries of a navigation that every page has whole
_AROUND = 8  # entries before and behind the page in a long list


def shortened(nav: Navigation, page: Page, more: str) -> Navigation:
    """The navigation as a note's, a symbol's or a file's page has it; a small one as it is.

    Sections that the page is not in become a link to their first page; of a long list remain the
    entries around the page, the indexes and the home page. `more` is what the link to the home
    page says that stands for the others.
    """
    if _is_small(nav.items):
        return nav
    home = Link(more, nav.homepage.url or ".") if nav.homepage else None
    return Navigation(_items(nav.items, page, list(page.ancestors), home), nav.pages)


def _is_small(items: Sequence[StructureItem]) -> bool:
    left, pending = MOST, [items]
    while pending and left >= 0:
        some = pending.pop()
        left -= len(some)
        pending += [each.children for each in some if isinstance(each, Section)]
    return left >= 0


def _items(
    items: Sequence[StructureItem],
    page: Page,
    ancestors: Collection[StructureItem],
    home: Link | None,
) -> list[StructureItem]:
    found: list[StructureItem] = []
    for item in _near(items, page, ancestors, home):
        if not isinstance(item, Section):
            found.append(item)
        elif item in ancestors:
            section = Section(item.title, _items(item.children, page, ancestors, home))
            section.active = item.active
            found.append(section)
        else:
            first = _first_page(item)
            found.append(Link(item.title, first.url or ".") if first else item)
    return found


def _near(
    items: Sequence[StructureItem],
    page: Page,
    ancestors: Collection[StructureItem],
    home: Link | None,
) -> list[StructureItem]:
    if len(items) <= MOST // 2:
        return list(items)
    here = next((n for n, each in enumerate(items) if each is page or each in ancestors), 0)
    near = range(here - _AROUND, here + _AROUND + 1)
    kept = [each for n, each in enumerate(items) if n in near or _is_landmark(each)]
    return [*kept, home] if home else kept


def _is_landmark(item: StructureItem) -> bool:
    return isinstance(item, Page) and (item.is_homepage or item.file.src_uri in INDEX_PAGES)


def _first_page(section: Section) -> Page | None:
    for item in section.children:
        found = _first_page(item) if isinstance(item, Section) else item
        if isinstance(found, Page):
            return found
    return None
