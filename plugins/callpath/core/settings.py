"""What a site says of itself: the options of the plugin, and what else of `mkdocs.yml` matters.

Knows neither MkDocs nor the disk: it takes the text of `mkdocs.yml`, or the loaded options.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    ValidationError,
)

from callpath.core import rules
from callpath.core.code_settings import Licence, Switch
from callpath.core.diagnostics import Diagnostic, Place, in_order
from callpath.core.dispatch_settings import DispatchMacros, DispatchModel
from callpath.core.link_settings import Links
from callpath.core.model import Pin, Text
from callpath.core.note_parser import nodes
from callpath.core.note_parser.loose import followed
from callpath.core.note_parser.reader import is_text, read_yaml
from callpath.core.note_parser.schema import PinModel
from callpath.core.note_parser.validation import Format, mend_keys, value_faults
from callpath.core.note_parser.values import fault
from callpath.core.online_settings import Online
from callpath.core.paths import path_fault, shown
from callpath.core.pin_settings import DEFAULT_PROJECT, PinSetting, Versions
from callpath.core.remotes import Remotes
from callpath.core.rule_settings import RuleWeights, read_off
from callpath.core.site_values import site_values

PLUGIN = "callpath"
"""The plugin's name in `mkdocs.yml`."""

_NUMBERS = frozenset({"online", "argument", "source_text"})  # options whose values are no texts


def _plain_path(path: str) -> str:
    if wrong := path_fault(path, "the notes' folder"):
        raise fault(rules.INVALID_PATH, *wrong)
    return path


_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)


class Graph(BaseModel):
    """How call graphs are drawn.

    Attributes:
        engine: What draws them; `auto` takes the first that works, `none` lists them.
    """

    model_config = ConfigDict(**_STRICT, title="graph option")

    engine: Literal["auto", "graphviz-pure", "dot", "none"] = "auto"


class Settings(BaseModel):
    """The options of the plugin.

    Attributes:
        pin: The tree that notes without a pin are read against; nothing when the site has none.
        versions: The versions that are tracked besides, in the order of their columns.
        lockfile: Path of the lockfile below the notes' folder.
        links: Where the links to the source lead.
        graph: How call graphs are drawn.
        search_words: Words that the site's search must find.
        rules: How much a rule weighs, where that is not its own severity.
        dispatch_macros: Macros of the code base whose call dispatches to another function.
        online: How sites on the network are asked.
        remotes: Where each project's files are fetched from, instead of the default.
        source_text: Whether pages show source text that the cache has.
        licences: Under which licence the source text of projects stands.
    """

    model_config = ConfigDict(**_STRICT, title="callpath plugin")

    pin: PinSetting | None = None
    versions: Versions = []
    lockfile: Annotated[str, AfterValidator(_plain_path)] = "notes.lock"
    links: Links = Links()
    graph: Graph = Graph()
    search_words: list[str] = []
    rules: RuleWeights = {}
    dispatch_macros: list[DispatchMacros] = []
    online: Online = Online()
    remotes: Remotes = {}
    source_text: Switch = True
    licences: list[Licence] = []

    @property
    def tracked(self) -> list[Pin]:
        """The versions that are tracked; one without a project is of the pin's."""
        project = self.pin.project if self.pin else DEFAULT_PROJECT
        return [replace(pin, project=pin.project or project) for pin in self.versions]


class SiteSettings(BaseModel):
    """What `mkdocs.yml` says. A field is set (`model_fields_set`) only when the file says it.

    Attributes:
        docs_dir: The notes' folder, relative to the file.
        site_name: The site's name.
        site_description: One line about the site, or empty.
        site_url: The site's address, or empty.
        nav: The pages of the navigation in order, by source path; empty when it is made by itself.
        use_directory_urls: Whether a page's address ends in `/`.
        language: The theme's language (`zh`), or empty.
        callpath: The options of the plugin.
        plugins_by_name: Whether `plugins` is a mapping, which a child adds to instead of replacing.
        inherit: Path of the parent file, relative to this file, or empty.
    """

    model_config = ConfigDict(frozen=True)

    docs_dir: str = "docs"
    site_name: str = ""
    site_description: str = ""
    site_url: str = ""
    nav: tuple[str, ...] = ()
    use_directory_urls: bool = True
    language: str = ""
    callpath: Settings = Settings()
    plugins_by_name: bool = False
    inherit: str = ""


_FORMAT = Format(
    Settings,
    {
        "pin": PinModel,
        "versions": PinModel,
        "links": Links,
        "graph": Graph,
        "online": Online,
        "dispatch_macros": DispatchModel,
        "licences": Licence,
    },
)


def parse_site_settings(file: str, data: bytes) -> tuple[SiteSettings | None, list[Diagnostic]]:
    """Read `mkdocs.yml`. Never raises; what does not concern Callpath is not judged.

    Returns:
        The settings, nothing when the file cannot be read; and the findings, by place. With
        findings the options that cannot be read keep their defaults.
    """
    document = read_yaml(file, data)
    root = followed(document.root) if document.root else None
    if document.faults or not isinstance(root, nodes.Mapping):
        if root is None and not document.faults:
            return SiteSettings(), []
        message, hint = "the site's settings are no mapping", "write `key: value` lines"
        return None, document.faults or [rules.WRONG_TYPE.at(Place(file), message, hint)]
    values = dict(site_values(root))
    faults: list[Diagnostic] = []
    plugins = root.get("plugins")
    if plugins is not None:
        values["plugins_by_name"] = isinstance(plugins, nodes.Mapping)
        options = plugin_options(plugins)
        if options is not None:
            values["callpath"], faults = _settings(options)
        elif not isinstance(plugins, nodes.Mapping):
            values["callpath"] = Settings()
    return SiteSettings.model_validate(values), in_order(faults)


def settings_from_mapping(options: Mapping[str, object]) -> tuple[Settings | None, list[str]]:
    """The options of the plugin as MkDocs loaded them; a value of `None` counts as not given.

    Returns:
        The settings, nothing when an option is wrong; and what is wrong, each in one line.
    """
    given = {name: value for name, value in options.items() if value is not None}
    settings, found = _settings(_node(given))
    messages = [
        f"{each.message} (hint: {each.hint})" if each.hint else each.message for each in found
    ]
    return (None if messages else settings), messages


def merge(parent: SiteSettings, child: SiteSettings) -> SiteSettings:
    """What a file says together with the file that it inherits from, as MkDocs joins them.

    The child's word counts. Two mappings of plugins are joined; a list replaces the parent's.
    `inherit` of the result is the parent's: the file that is still to be read.
    """
    said = {name: getattr(parent, name) for name in parent.model_fields_set}
    said |= {name: getattr(child, name) for name in child.model_fields_set}
    if parent.plugins_by_name and child.plugins_by_name:
        options = {
            name: getattr(parent.callpath, name) for name in parent.callpath.model_fields_set
        }
        own = {name: getattr(child.callpath, name) for name in child.callpath.model_fields_set}
        said["callpath"] = Settings.model_construct(**(options | own))
    elif "plugins_by_name" in child.model_fields_set:
        said["callpath"] = child.callpath
    said["inherit"] = parent.inherit
    return SiteSettings.model_construct(**said)


def plugin_options(plugins: nodes.Node) -> nodes.Node | None:
    """The options of the callpath entry; an empty mapping when it has none."""
    entries = plugins.items if isinstance(plugins, nodes.Sequence) else [plugins]
    for entry in entries:
        if isinstance(entry, nodes.Scalar) and entry.text.value == PLUGIN:
            return nodes.Mapping(entry.place)
        value = entry.get(PLUGIN) if isinstance(entry, nodes.Mapping) else None
        if isinstance(value, nodes.Scalar) and value.is_null:
            return nodes.Mapping(value.place)
        if value is not None:
            return value
    return None


def _settings(options: nodes.Node) -> tuple[Settings, list[Diagnostic]]:
    if isinstance(options, nodes.Mapping):
        # MkDocs knows the option `enabled` of every plugin itself.
        options.pairs = [pair for pair in options.pairs if pair.name != "enabled"]
        read_off(options.get("rules"))
    faults = [*_unfit(options), *mend_keys(options, _FORMAT), *value_faults(options, _FORMAT)]
    values = nodes.data_of(options)
    while isinstance(values, dict):
        try:
            return Settings.model_validate(values), faults
        except ValidationError as error:
            wrong = {each["loc"][0] for each in error.errors()}
            values = {name: value for name, value in values.items() if name not in wrong}
    return Settings(), faults


def _unfit(node: nodes.Node, *, numbers: bool = False) -> Iterator[Diagnostic]:
    """Values that MkDocs and Callpath would read differently; numbers only where they belong."""
    match node:
        case nodes.Unreadable():
            message = "the option's value cannot be told from this file"
            yield rules.INVALID_VALUE.at(node.place, message, "write the value out, without a tag")
        case nodes.Scalar() if node.plain and not node.is_null and not is_text(node.text.value):
            if not numbers:
                message = f"{shown(node.text.value)} is not a text to YAML"
                yield rules.WRONG_TYPE.at(node.place, message, "put it in quotes")
        case nodes.Sequence():
            for item in node.items:
                yield from _unfit(item)
        case nodes.Mapping():
            for pair in node.pairs:
                yield from _unfit(pair.value, numbers=numbers or pair.name in _NUMBERS)


def _node(value: object) -> nodes.Node:
    """Loaded data as a tree without places."""
    place = Place("")
    if isinstance(value, Mapping):
        pairs = [
            nodes.Pair(nodes.Scalar(place, Text(str(key), place), plain=False), _node(item))
            for key, item in value.items()
        ]
        return nodes.Mapping(place, pairs)
    if isinstance(value, list | tuple):
        return nodes.Sequence(place, [_node(item) for item in value])
    text = Text("" if value is None else str(value), place)
    return nodes.Scalar(place, text, plain=not isinstance(value, str))
