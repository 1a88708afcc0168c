"""The written pages as a project of Zensical: its settings, made from those of the MkDocs site.

Zensical's `zensical.toml` has MkDocs' settings in the table `project`, and its templates are those
of Material with the same blocks, so that ours suit it. Facts from zensical 0.0.73 (`config.py`):
`docs_dir` must be below the folder of the settings; where MkDocs' YAML names a Python object, TOML
has its dotted name; of the search's options it reads `separator` alone, and its own default parts
no Chinese words; its `INHERIT` appends lists, so nothing is inherited here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import tomli_w

from callpath.addresses import Layout
from callpath.notes.mkdocs_yaml import mkdocs_values
from callpath.site.templates import page_assets, templates_folder
from callpath.workspace import NOTEBOOK_ENDINGS, Workspace, site_files

SETTINGS_FILE, PAGES_FOLDER, TEMPLATES_FOLDER = "zensical.toml", "docs", "overrides"

SEPARATOR = r"""[\s\u200b\u3000\-、。，．？！；：_,:!=()"`/.>]+|(?!\b)(?=[A-Z][a-z])"""
"""Between words, the parts of identifiers and paths, and words of Chinese."""

_SAME = (
    *("site_name", "site_url", "site_description", "site_author", "copyright"),
    *("repo_url", "repo_name", "use_directory_urls", "extra", "extra_css", "extra_javascript"),
    *("exclude_docs", "not_in_nav", "validation"),
)
_SAME_OF_THEME = (
    *("language", "direction", "font", "palette", "features", "icon", "logo", "favicon", "variant"),
)
_NOT_ITS_OWN = frozenset({"search", "callpath"})  # plugins
_MATERIALS = re.compile(r"^(?:material|materialx)\.(?=extensions\b)|^materialx\b")


def zensical_settings(workspace: Workspace, pages: Sequence[str], layout: Layout) -> str:
    """The text of `zensical.toml` for the written pages of a site.

    Parameters:
        pages: What the navigation has where the site's settings have none: source paths, in order.
        layout: The form of addresses for which they were written.

    Raises SettingsError if the site's settings file cannot be read.
    """
    said = _site_values(workspace)
    project = {name: said[name] for name in _SAME if said.get(name) not in (None, "")}
    project |= {
        "site_name": str(said.get("site_name") or workspace.root.name),
        "docs_dir": PAGES_FOLDER,
        "markdown_extensions": said.get("markdown_extensions") or [],  # its own are many
        "use_directory_urls": layout.directory_urls,
        "nav": _navigation(said.get("nav") or pages),
        "extra_css": [*_assets(".css"), *_list(said.get("extra_css"))],
        "extra_javascript": [*_assets(".js"), *_list(said.get("extra_javascript"))],
        "theme": _theme(said.get("theme")),
        "plugins": _plugins(said.get("plugins")),
    }
    head = f"# From {workspace.config.name}, by `callpath pages`, which writes it anew.\n\n"
    return head + tomli_w.dumps({"project": _as_toml(project)})


def page_templates(workspace: Workspace) -> Iterator[tuple[str, bytes]]:
    """The templates of the pages, by name: ours, and over them the site's own for Material."""
    theme = _site_values(workspace).get("theme")
    custom = theme.get("custom_dir") if isinstance(theme, dict) else None
    is_material = isinstance(theme, dict) and theme.get("name") == "material"
    own = [workspace.root / custom] if is_material and isinstance(custom, str) else []
    for folder in (templates_folder() / "material", *own):
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                yield file.relative_to(folder).as_posix(), file.read_bytes()


def _site_values(workspace: Workspace) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for file in reversed(list(site_files(workspace.config))):
        values = _over(values, mkdocs_values(file.shown, file.data))
    return values


def _over(parent: dict[str, Any], child: dict[str, Any]) -> dict[str, Any]:
    """Values over those that they inherit, as MkDocs merges them: any list replaces another."""
    both = {
        name: _over(parent[name], value)
        for name, value in child.items()
        if isinstance(value, dict) and isinstance(parent.get(name), dict)
    }
    return parent | child | both


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _assets(ending: str) -> Iterator[str]:
    return (name for name in page_assets() if name.endswith(ending))


def _navigation(item: Any) -> Any:
    """A navigation with the written files in the place of the notes."""
    if isinstance(item, Mapping):
        return {name: _navigation(value) for name, value in item.items()}
    if isinstance(item, str):
        path = PurePosixPath(item)
        is_page = path.suffix.lower() in NOTEBOOK_ENDINGS and "://" not in item
        return path.with_suffix(".md").as_posix() if is_page else item
    return [_navigation(each) for each in item]


def _theme(said: Any) -> dict[str, Any]:
    said = said if isinstance(said, dict) else {"name": said}
    theme = {"custom_dir": TEMPLATES_FOLDER}
    if said.get("name") == "material":
        return theme | {name: said[name] for name in _SAME_OF_THEME if name in said}
    language = str(said.get("locale", "")).partition("_")[0]
    return theme | ({"language": language} if language else {})


def _plugins(said: Any) -> dict[str, Any]:
    listed = said if isinstance(said, list) else [said]
    plugins: dict[str, Any] = {}
    for each in listed:
        plugins |= each if isinstance(each, dict) else {each: {}} if isinstance(each, str) else {}
    search = plugins.get("search") or {}
    others = {name: options or {} for name, options in plugins.items() if name not in _NOT_ITS_OWN}
    separator = for_unicode(search.get("separator") or SEPARATOR)
    return {"search": {"separator": separator}} | others


def for_unicode(expression: str) -> str:
    r"""A regular expression of JavaScript as it must be under the flag `u`, which Zensical sets.

    There a backslash before a sign that means nothing by itself (`\"`, `\_`) is an error, and one
    before `-` outside brackets; without the flag, as Material reads it, it is the sign.
    """
    pieces, in_class = list[str](), False
    for found in _ESCAPE_OR_BRACKET.finditer(expression):
        whole = found[0]
        if whole in "[]":
            in_class = whole == "["
        elif len(whole) == 2 and not whole[1].isalnum():
            is_needed = whole[1] in _SYNTAX or (whole[1] == "-" and in_class)
            whole = whole if is_needed else whole[1]
        pieces.append(whole)
    return "".join(pieces)


_ESCAPE_OR_BRACKET = re.compile(r"\\.|.", re.DOTALL)
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")  # ECMAScript's SyntaxCharacter, and the slash


def _as_toml(value: Any) -> Any:
    """A value without what TOML has no word for; Material's extensions by Zensical's names."""
    if isinstance(value, dict):
        return {str(name): _as_toml(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_as_toml(each) for each in value if each is not None]
    return _MATERIALS.sub("zensical.", value) if isinstance(value, str) else value
