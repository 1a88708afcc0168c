"""What a site says of itself: the options of the plugin, and what else of `mkdocs.yml` matters.

Knows neither MkDocs nor the disk: it takes the text of `mkdocs.yml`, or the loaded options.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Annotated, Literal, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetPydanticSchema,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from callpath import rules
from callpath.c.vocabulary import DISPATCH, DispatchMacro
from callpath.findings import Finding, Location, Weight, did_you_mean, in_order
from callpath.model import Pin, Text, path_fault, shown
from callpath.notes.parser import Format, mend_keys, value_faults
from callpath.notes.schema import PinModel, fault
from callpath.notes.yaml import (
    MappingNode,
    Node,
    Pair,
    ScalarNode,
    SequenceNode,
    UnreadableNode,
    data_of,
    followed,
    is_text,
    read_yaml,
)
from callpath.projects import DEFAULT_PROJECT, PROJECTS, project_named


def _pin_of(value: object, validate: Callable[[object], PinModel]) -> Pin:
    if isinstance(value, Pin):
        return value
    model = validate(value)
    return Pin(model.project or DEFAULT_PROJECT, model.version, model.commit)


def _version_of(value: object, validate: Callable[[object], PinModel]) -> Pin:
    """A tracked version; without a project it is of the pin's, which is not known here."""
    if isinstance(value, Pin):
        return value
    model = validate(value)
    return Pin(model.project, model.version, model.commit)


def _version_schema(_: object, __: object) -> CoreSchema:
    return core_schema.no_info_wrap_validator_function(
        _version_of,
        PinModel.__pydantic_core_schema__,
        serialization=core_schema.plain_serializer_function_ser_schema(asdict),
    )


def _pin_schema(_: object, __: object) -> CoreSchema:
    return core_schema.no_info_wrap_validator_function(
        _pin_of,
        PinModel.__pydantic_core_schema__,
        serialization=core_schema.plain_serializer_function_ser_schema(asdict),
    )


def _each_once(pins: list[Pin]) -> list[Pin]:
    for number, pin in enumerate(pins):
        if any((pin.project, pin.version) == (one.project, one.version) for one in pins[:number]):
            raise fault(
                rules.INVALID_VALUE,
                f"`versions` names {pin.version} twice",
                "name each version once",
            )
    return pins


PinSetting = Annotated[Pin, GetPydanticSchema(_pin_schema)]
Versions = Annotated[
    list[Annotated[Pin, GetPydanticSchema(_version_schema)]], AfterValidator(_each_once)
]


def _base(address: str) -> str:
    if address and not address.startswith(("https://", "http://")):
        message = f"{shown(address)} is no web address"
        raise fault(rules.INVALID_VALUE, message, "start it with `https://`")
    if any(character.isspace() or character in "<>\"'\\?#" for character in address):
        message = f"{shown(address)} cannot stand before a path"
        raise fault(rules.INVALID_VALUE, message, "write a plain address without `?` and `#`")
    return address.rstrip("/")


class Links(BaseModel):
    """Where the links to the source lead.

    Attributes:
        provider: The kind of site.
        base: Its address without a slash at the end, or empty for the provider's own.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, title="links option")

    provider: Literal["elixir", "github", "kernel.org"] = "elixir"
    base: Annotated[str, AfterValidator(_base)] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_provider(cls, value: object) -> object:
        return {"provider": value} if isinstance(value, str) else value


_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def _between(lowest: float, highest: float, unit: str, *, whole: bool = False) -> BeforeValidator:
    """Reads a number, which may come as the text that it is written as."""

    def read(value: object) -> object:
        if isinstance(value, str):
            if not _NUMBER.fullmatch(value) or (whole and "." in value):
                message = f"{shown(value)} is not a {'whole ' if whole else ''}number of {unit}"
                raise fault(rules.WRONG_TYPE, message, f"write a number from {lowest:g}")
            value = float(value) if "." in value else int(value)
        if isinstance(value, int | float) and not lowest <= value <= highest:
            message = f"{shown(str(value))} is no number of {unit} from {lowest:g} to {highest:g}"
            raise fault(rules.INVALID_VALUE, message, f"write one up to {highest:g}")
        return value

    return BeforeValidator(read)


class Online(BaseModel):
    """How a site on the network is asked.

    Attributes:
        delay: Seconds that lie at least between two requests to a host.
        timeout: Seconds that one request may take, from its start to the last byte.
        retries: How often a request that failed is made again.
        cache_days: Days that an answer is kept on disk; 0 keeps none.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, title="online option")

    delay: Annotated[float, _between(0, 3600, "seconds")] = 2.0
    timeout: Annotated[float, _between(0.1, 3600, "seconds")] = 30.0
    retries: Annotated[int, _between(0, 10, "retries", whole=True)] = 3
    cache_days: Annotated[float, _between(0, 3650, "days")] = 7.0


_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def _switch(value: object) -> object:
    """A truth value, which may come as the text that it is written as."""
    if isinstance(value, str):
        if value.lower() not in _SWITCH:
            message = f"{shown(value)} is neither `true` nor `false`"
            raise fault(rules.WRONG_TYPE, message, "write `true` or `false`")
        return _SWITCH[value.lower()]
    return value


Switch = Annotated[bool, BeforeValidator(_switch)]


def _file(path: str) -> str:
    wrong = path_fault(path, "the source") if path else None
    if wrong:
        raise fault(rules.INVALID_PATH, *wrong)
    return path


class Licence(BaseModel):
    """Under which licence the source text of a project stands.

    Attributes:
        project: The code base.
        name: What the licence is called, best as its SPDX identifier.
        file: Path of its text in the source, or empty.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, title="licence")

    project: str
    name: str
    file: Annotated[str, AfterValidator(_file)] = ""


def licence_table(said: Sequence[Licence]) -> Mapping[str, Licence]:
    """The licence of each project: what a site says, and what is known without it."""
    known = (
        Licence(project=project.name, name=project.licence, file=project.licence_file)
        for project in PROJECTS.values()
        if project.licence
    )
    return {one.project: one for one in (*known, *said)}


_YAML_FALSE = frozenset({"false", "no", "off"})


def unknown_rule(name: str) -> tuple[str, str]:
    """What to say of a name that no rule has: the message, and the hint."""
    hint = did_you_mean(name, rules.RULES, "`callpath rule` lists the rules")
    return f"{shown(name)} is no rule", hint


def _known(name: str) -> str:
    if name not in rules.RULES:
        raise fault(rules.INVALID_VALUE, *unknown_rule(name))
    return name


RuleWeights: TypeAlias = dict[Annotated[str, AfterValidator(_known)], Weight]


def read_off(weights: Node | None) -> None:
    """Take an `off` without quotes for a text, although YAML takes it for `false`."""
    for pair in weights.pairs if isinstance(weights, MappingNode) else ():
        value = pair.value
        if isinstance(value, ScalarNode) and value.plain and not value.is_null:
            is_off = value.text.value.lower() in _YAML_FALSE
            text = Text("off", value.place) if is_off else value.text
            pair.value = ScalarNode(value.place, text, plain=False)


def _position(value: object) -> object:
    if isinstance(value, str):
        value = int(value) if value.isdigit() and len(value) < 3 else 0
    if not isinstance(value, int) or value < 1:
        message = f"{shown(str(value))} is no argument's number"
        raise fault(rules.INVALID_VALUE, message, "the first argument is 1")
    return value


class DispatchModel(BaseModel):
    """A macro whose call stands for the function that one of its arguments names.

    Attributes:
        name: The macro's name.
        argument: Which argument names the function or the member, from 1.
        prefix: What to strip from the front of that name, if it is there.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, title="dispatch macro")

    name: str
    argument: Annotated[int, BeforeValidator(_position)] = 1
    prefix: str = ""


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


DispatchMacros = Annotated[DispatchModel, BeforeValidator(_named)]


def dispatch_table(added: Sequence[DispatchModel]) -> Mapping[str, DispatchMacro]:
    """The macros that are known, with those that a site adds or describes anew."""
    return {
        **DISPATCH,
        **{one.name: DispatchMacro(one.argument - 1, one.prefix) for one in added},
    }


_URL = re.compile(r"(?:https?|git|ssh|file)://\S+", re.ASCII)
_SHORT_SSH = re.compile(r"[\w.+~][\w.+~-]*@[\w.][\w.-]*:(?!:)\S+", re.ASCII)
_PASSWORD = re.compile(r"(?<=://)([^/@\s]*@)")
_HINT = "write `https://…`, `http://…`, `git://…`, `ssh://…`, `file:///…` or `user@host:path`"


def remote_fault(address: str) -> tuple[str, str] | None:
    """What is wrong with a repository's address: the fact and the remedy; or nothing."""
    is_address = _URL.fullmatch(address) or _SHORT_SSH.fullmatch(address)
    if is_address and address.isprintable():
        return None
    return f"{shown(address)} is no address of a git repository", _HINT


def shown_remote(address: str) -> str:
    """An address as messages show it: without the name and password that may be in it."""
    return address if "://" not in address else _PASSWORD.sub("", address, count=1)


def _remote(address: str) -> str:
    if wrong := remote_fault(address):
        raise fault(rules.INVALID_VALUE, *wrong)
    return address


Remotes: TypeAlias = dict[str, list[Annotated[str, AfterValidator(_remote)]]]
"""For each project the addresses to fetch from, in the order of trying."""


def remotes_of(project: str, remotes: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Where a project is fetched from: as the site says, or by default; empty when unknown."""
    return remotes[project] if project in remotes else project_named(project).remotes


_YAML_TRUE = frozenset({"true", "yes", "on"})


def site_values(root: MappingNode) -> Iterator[tuple[str, object]]:
    """The settings of the site itself that its file says: name → value."""
    for name, key in [("inherit", "INHERIT")] + [
        (name, name) for name in ("docs_dir", "site_name", "site_description", "site_url")
    ]:
        value = root.get(key)
        if isinstance(value, ScalarNode) and not value.is_null:
            yield name, value.text.value
    if (nav := root.get("nav")) is not None:
        yield "nav", tuple(_pages(nav))
    theme, urls = root.get("theme"), root.get("use_directory_urls")
    language = theme.get("language") if isinstance(theme, MappingNode) else None
    if isinstance(language, ScalarNode) and not language.is_null:
        yield "language", language.text.value
    if isinstance(urls, ScalarNode) and urls.text.value.lower() in _YAML_TRUE | _YAML_FALSE:
        yield "use_directory_urls", urls.text.value.lower() in _YAML_TRUE


def _pages(nav: Node) -> Iterator[str]:
    match nav:
        case ScalarNode() if not nav.is_null:
            yield nav.text.value
        case SequenceNode():
            for item in nav.items:
                yield from _pages(item)
        case MappingNode():
            for pair in nav.pairs:
                yield from _pages(pair.value)


PLUGIN = "callpath"
"""The plugin's name in `mkdocs.yml`."""

_NUMBERS = frozenset({"online", "argument", "source_text"})  # options whose values are no texts


def _plain_path(path: str) -> str:
    if wrong := path_fault(path, "the notes' folder"):
        raise fault(rules.INVALID_PATH, *wrong)
    return path


_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True)


class GraphSettings(BaseModel):
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
    graph: GraphSettings = GraphSettings()
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
        "graph": GraphSettings,
        "online": Online,
        "dispatch_macros": DispatchModel,
        "licences": Licence,
    },
)


def parse_site_settings(file: str, data: bytes) -> tuple[SiteSettings | None, list[Finding]]:
    """Read `mkdocs.yml`. Never raises; what does not concern Callpath is not judged.

    Returns:
        The settings, nothing when the file cannot be read; and the findings, by place. With
        findings the options that cannot be read keep their defaults.
    """
    document = read_yaml(file, data)
    root = followed(document.root) if document.root else None
    if document.faults or not isinstance(root, MappingNode):
        if root is None and not document.faults:
            return SiteSettings(), []
        message, hint = "the site's settings are no mapping", "write `key: value` lines"
        return None, document.faults or [rules.WRONG_TYPE.at(Location(file), message, hint)]
    values = dict(site_values(root))
    faults: list[Finding] = []
    plugins = root.get("plugins")
    if plugins is not None:
        values["plugins_by_name"] = isinstance(plugins, MappingNode)
        options = plugin_options(plugins)
        if options is not None:
            values["callpath"], faults = _settings(options)
        elif not isinstance(plugins, MappingNode):
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


def plugin_options(plugins: Node) -> Node | None:
    """The options of the callpath entry; an empty mapping when it has none."""
    entries = plugins.items if isinstance(plugins, SequenceNode) else [plugins]
    for entry in entries:
        if isinstance(entry, ScalarNode) and entry.text.value == PLUGIN:
            return MappingNode(entry.place)
        value = entry.get(PLUGIN) if isinstance(entry, MappingNode) else None
        if isinstance(value, ScalarNode) and value.is_null:
            return MappingNode(value.place)
        if value is not None:
            return value
    return None


def _settings(options: Node) -> tuple[Settings, list[Finding]]:
    if isinstance(options, MappingNode):
        # MkDocs knows the option `enabled` of every plugin itself.
        options.pairs = [pair for pair in options.pairs if pair.name != "enabled"]
        read_off(options.get("rules"))
    faults = [*_unfit(options), *mend_keys(options, _FORMAT), *value_faults(options, _FORMAT)]
    values = data_of(options)
    while isinstance(values, dict):
        try:
            return Settings.model_validate(values), faults
        except ValidationError as error:
            wrong = {each["loc"][0] for each in error.errors()}
            values = {name: value for name, value in values.items() if name not in wrong}
    return Settings(), faults


def _unfit(node: Node, *, numbers: bool = False) -> Iterator[Finding]:
    """Values that MkDocs and Callpath would read differently; numbers only where they belong."""
    match node:
        case UnreadableNode():
            message = "the option's value cannot be told from this file"
            yield rules.INVALID_VALUE.at(node.place, message, "write the value out, without a tag")
        case ScalarNode() if node.plain and not node.is_null and not is_text(node.text.value):
            if not numbers:
                message = f"{shown(node.text.value)} is not a text to YAML"
                yield rules.WRONG_TYPE.at(node.place, message, "put it in quotes")
        case SequenceNode():
            for item in node.items:
                yield from _unfit(item)
        case MappingNode():
            for pair in node.pairs:
                yield from _unfit(pair.value, numbers=numbers or pair.name in _NUMBERS)


def _node(value: object) -> Node:
    """Loaded data as a tree without places."""
    place = Location("")
    if isinstance(value, Mapping):
        pairs = [
            Pair(ScalarNode(place, Text(str(key), place), plain=False), _node(item))
            for key, item in value.items()
        ]
        return MappingNode(place, pairs)
    if isinstance(value, list | tuple):
        return SequenceNode(place, [_node(item) for item in value])
    text = Text("" if value is None else str(value), place)
    return ScalarNode(place, text, plain=not isinstance(value, str))
