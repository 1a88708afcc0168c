"""What `mkdocs.yml` says of the site itself, beside the options of the plugin."""

from collections.abc import Iterator

from callpath.core.note_parser import nodes

_YAML_TRUE = frozenset({"true", "yes", "on"})
_YAML_FALSE = frozenset({"false", "no", "off"})


def site_values(root: nodes.Mapping) -> Iterator[tuple[str, object]]:
    """The settings of the site itself that its file says: name → value."""
    for name, key in [("inherit", "INHERIT")] + [
        (name, name) for name in ("docs_dir", "site_name", "site_description", "site_url")
    ]:
        value = root.get(key)
        if isinstance(value, nodes.Scalar) and not value.is_null:
            yield name, value.text.value
    if (nav := root.get("nav")) is not None:
        yield "nav", tuple(_pages(nav))
    theme, urls = root.get("theme"), root.get("use_directory_urls")
    language = theme.get("language") if isinstance(theme, nodes.Mapping) else None
    if isinstance(language, nodes.Scalar) and not language.is_null:
        yield "language", language.text.value
    if isinstance(urls, nodes.Scalar) and urls.text.value.lower() in _YAML_TRUE | _YAML_FALSE:
        yield "use_directory_urls", urls.text.value.lower() in _YAML_TRUE


def _pages(nav: nodes.Node) -> Iterator[str]:
    match nav:
        case nodes.Scalar() if not nav.is_null:
            yield nav.text.value
        case nodes.Sequence():
            for item in nav.items:
                yield from _pages(item)
        case nodes.Mapping():
            for pair in nav.pairs:
                yield from _pages(pair.value)
