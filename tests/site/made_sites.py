"""Sites and their contexts as the tests make them."""

from collections.abc import Collection

from callpath.addresses import Layout, link_provider
from callpath.facts.eras import Eras
from callpath.graph.engine import GraphCache
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.site.code import SiteCode
from callpath.site.notes import Views
from callpath.site.site import Site
from callpath.site.strings import strings_for
from callpath.site.versions import VersionViews
from callpath.site.views import SiteContext, SiteInfo
from kernel import PIN

ELIXIR = "https://elixir.bootlin.com/linux/v3.7/source"


def empty_notebook() -> Notebook:
    """A notebook without notes, for pages whose values the test makes."""
    return Notebook.load({}, PluginConfig(pin=PIN))


def context_of(
    notebook: Notebook,
    *,
    provider: str = "elixir",
    language: str = "en",
    about: SiteInfo | None = None,
    eras: Eras | None = None,
) -> SiteContext:
    """What the pages of a notebook are made from."""
    links, strings = link_provider(provider), strings_for(language)
    return SiteContext(notebook, Layout(), links, strings, about or SiteInfo(), eras)


def views_of(context: SiteContext) -> Views:
    """The views of a site whose pages show no source text."""
    return Views(context, SiteCode(context, None), VersionViews(context))


def site_of(
    notebook: Notebook,
    engine: str = "none",
    *,
    language: str = "en",
    about: SiteInfo | None = None,
    own: Collection[str] = (),
) -> Site:
    """A site of a notebook."""
    context = context_of(notebook, language=language, about=about)
    return Site(context, GraphCache(engine), None, own)
