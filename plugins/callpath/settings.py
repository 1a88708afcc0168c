"""The settings of a site: the plugin's options, and what else of `mkdocs.yml` matters.

`PluginConfig` is the one model of the options, for the build and for the command. Does not depend
on MkDocs, and reads neither the disk nor the environment: it takes their content.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, get_args

from msgspec import field
from msgspec.structs import asdict, replace
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from callpath import rules
from callpath.extensions import extensions
from callpath.findings import Finding, Location, SettingsError, Weight, did_you_mean, in_order
from callpath.mentions.viewers import VIEWERS, Viewer, ViewerForm, form_of, repository_viewers
from callpath.model import Compared, Pin, Text, path_fault, shown
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
from callpath.projects import DEFAULT_PROJECT, PROJECTS, LinkUnit, project_named

if TYPE_CHECKING:
    from callpath.c.vocabulary import DispatchMacro

PLUGIN = "callpath"  # its name in `mkdocs.yml`

_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""What YAML 1.1 takes for a truth value, in lower case."""


class _Option(BaseModel):
    """A mapping of options: unknown keys and values of another type are findings."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    short: ClassVar[str] = ""  # the key that a mere text is the value of, if that may be written

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {cls.short: value} if cls.short and isinstance(value, str) else value


def _pin(value: object, validate: Callable[[object], PinModel]) -> Pin:
    if isinstance(value, Pin):
        return value
    model = validate(value)
    return Pin(model.project, model.version, model.commit)


def _pin_schema(_: object, handler: GetCoreSchemaHandler) -> CoreSchema:
    return core_schema.no_info_wrap_validator_function(
        _pin,
        handler.generate_schema(PinModel),
        serialization=core_schema.plain_serializer_function_ser_schema(asdict),
    )


PinSetting = Annotated[Pin, GetPydanticSchema(_pin_schema)]


def _base(address: str) -> str:
    if address and not address.startswith(("https://", "http://")):
        message = f"{shown(address)} is not a web address"
        raise fault(rules.INVALID_VALUE, message, "start it with `https://`")
    if any(character.isspace() or character in "<>\"'\\?#" for character in address):
        message = f"{shown(address)} cannot stand before a path"
        raise fault(rules.INVALID_VALUE, message, "write a plain address without `?` and `#`")
    return address.rstrip("/")


class Links(_Option, title="links option"):
    """Where the links to the source lead."""

    short = "provider"

    provider: Literal["elixir", "github", "kernel.org"] = "elixir"
    base: Annotated[str, AfterValidator(_base)] = ""  # its address without a final slash, or empty
    # The addresses of further projects' source, by project.
    bases: dict[str, Annotated[str, AfterValidator(_base)]] = {}


class GraphSettings(_Option, title="graph option"):
    """How call graphs are drawn."""

    # `auto` takes the first that works, `none` lists the calls instead.
    engine: Literal["auto", "graphviz-pure", "dot", "none"] = "auto"


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


class Online(_Option, title="online option"):
    """How a site on the network is asked."""

    delay: Annotated[float, _between(0, 3600, "seconds")] = 2.0  # between two requests to a host
    timeout: Annotated[float, _between(0.1, 3600, "seconds")] = 30.0  # from start to last byte
    retries: Annotated[int, _between(0, 10, "retries", whole=True)] = 3  # of a failed request
    cache_days: Annotated[float, _between(0, 3650, "days")] = 7.0  # 0 keeps no answer on disk


def _switch(value: object) -> object:
    """A truth value, which may come as the text that it is written as."""
    if isinstance(value, str):
        if value.lower() not in _TRUTH:
            message = f"{shown(value)} is neither `true` nor `false`"
            raise fault(rules.WRONG_TYPE, message, "write `true` or `false`")
        return _TRUTH[value.lower()]
    return value


Switch = Annotated[bool, BeforeValidator(_switch)]  # what a setting that is true or false is


def _path_below(folder: str, *, optional: bool = False) -> AfterValidator:
    def check(path: str) -> str:
        wrong = path_fault(path, folder) if path or not optional else None
        if wrong:
            raise fault(rules.INVALID_PATH, *wrong)
        return path

    return AfterValidator(check)


class Licence(_Option, title="licence"):
    """Under which licence the source text of a project is published."""

    project: str
    name: str  # best its SPDX identifier
    file: Annotated[str, _path_below("the source", optional=True)] = ""  # its text in the source


def licence_table(said: Sequence[Licence]) -> Mapping[str, Licence]:
    """The licence of each project: what a site says, and what is known without it."""
    known = (
        Licence(project=project.name, name=project.licence, file=project.licence_file)
        for project in PROJECTS.values()
        if project.licence
    )
    return {one.project: one for one in (*known, *said)}


def unknown_rule(name: str) -> tuple[str, str]:
    """The message and the hint for a name that no rule has."""
    known = [*rules.RULES, *extensions("rules")]
    hint = did_you_mean(name, known, "`callpath rule` lists the rules")
    return f"unknown rule {shown(name)}", hint


def _rule_name(name: str) -> str:
    if name not in rules.RULES and name not in extensions("rules"):
        raise fault(rules.INVALID_VALUE, *unknown_rule(name))
    return name


def _position(value: object) -> object:
    if isinstance(value, str):
        value = int(value) if value.isdigit() and len(value) < 3 else 0
    if not isinstance(value, int) or value < 1:
        message = f"{shown(str(value))} is no argument's number"
        raise fault(rules.INVALID_VALUE, message, "the first argument is 1")
    return value


class DispatchModel(_Option, title="dispatch macro"):
    """A macro that calls what one of its arguments names, or whose call stands for that."""

    short = "name"

    name: str
    # What names the function, or is the pointer that is called; 1-based.
    argument: Annotated[int, BeforeValidator(_position)] = 1
    prefix: str = ""  # what to strip from the front of that name
    # The argument that names the member before, which holds the operations; 1-based.
    ops: Annotated[int, BeforeValidator(_position)] | None = None
    struct: str = ""  # the struct or union whose member the name is


class DefiningModel(_Option, title="defining macro"):
    """A macro whose call heads a function that one of its arguments names."""

    short = "name"

    name: str
    argument: Annotated[int, BeforeValidator(_position)] = 1  # what names the function; 1-based
    prefix: str = ""  # what the macro puts before that name


def dispatch_table(
    added: Sequence[DispatchModel], defining: Sequence[DefiningModel] = ()
) -> Mapping[str, "DispatchMacro"]:
    """The macros that are known, with those that a site adds or describes anew.

    Parameters:
        added: The macros whose call dispatches.
        defining: The macros whose call heads a function.
    """
    from callpath.c.vocabulary import DISPATCH, DefiningMacro, DispatchMacro

    own = {
        one.name: DispatchMacro(
            one.argument - 1,
            one.prefix,
            one.ops - 1 if one.ops else -1,
            one.struct,
            DISPATCH[one.name].compared if one.name in DISPATCH else 0,
        )
        for one in added
    }
    table = {**DISPATCH, **own}
    for one in defining:
        macro = DefiningMacro(one.argument - 1, one.prefix)
        table[one.name] = replace(
            table.get(one.name, DispatchMacro(one.argument - 1, calls=False)), defining=macro
        )
    return table


_PLACE = re.compile(r"\{(version|number)(?::([^{}]*))?\}")


def _tag_form(form: str) -> str:
    if not form or re.search(r"[{}\s]|\.\.", _PLACE.sub("", form)):
        message = f"{shown(form)} is no form of a tag"
        hint = "write the tag, with `{version}`, `{version:_}` or `{number}` for the version"
        raise fault(rules.INVALID_VALUE, message, hint)
    return form


class TagModel(_Option, title="tag"):
    """How the tag in a repository is made of a version, or which tag a version is."""

    short = "form"

    form: Annotated[str, AfterValidator(_tag_form)]
    project: str = ""  # the site's own if it is empty
    version: str = ""  # the one that it is about; of all if it is empty

    def of(self, version: str) -> str:
        """The tag: `{version:_}` has `_` for each dot, `{number}` is without a `v` before it."""

        def value(match: re.Match[str]) -> str:
            text = version.removeprefix("v") if match[1] == "number" else version
            return text if match[2] is None else text.replace(".", match[2])

        return _PLACE.sub(value, self.form)


_UNIT = re.compile(r"\.|(?:[\w.+-]+|\*|\{\w+\})(?:/(?:[\w.+-]+|\*|\{\w+\}))*")


def _folders(pattern: str) -> str:
    if not _UNIT.fullmatch(pattern) or ".." in pattern.split("/"):
        message = f"{shown(pattern)} is no path of folders"
        raise fault(rules.INVALID_VALUE, message, "write `deps/*`, or `arch/{arch}/boot`")
    return pattern


Folders = Annotated[str, AfterValidator(_folders)]


class LinkUnitModel(_Option, title="link unit"):
    """Folders whose files are linked into programs, or parts of one, of their own."""

    short = "paths"

    paths: Folders
    reaches: list[Folders] = []  # what its files may call besides; `.` is all that is in no unit
    apart: Switch = False  # whether only those may call it that name it

    @property
    def value(self) -> LinkUnit:
        """The unit as the prover takes it."""
        return LinkUnit(self.paths, tuple(self.reaches), self.apart)


def _below_host(address: str) -> str:
    base = address.partition("://")[2] if "://" in address else address
    if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?:/[\w.~+-]+)*/?", base, re.ASCII):
        message = f"{shown(address)} is no address of a viewer"
        raise fault(rules.INVALID_VALUE, message, "write `github.com/OWNER/REPOSITORY`")
    return base.rstrip("/").removesuffix(".git")


_VIEWER_FORMS = ", ".join(f"`{form}`" for form in ViewerForm)


def _viewer_form(name: str) -> str:
    if name and name not in list(ViewerForm):
        hint = did_you_mean(name, ViewerForm, f"write one of {_VIEWER_FORMS}", limit=2)
        raise fault(rules.INVALID_VALUE, f"viewers have no form {shown(name)}", hint)
    return name


class ViewerModel(_Option, title="viewer"):
    """A site, or a repository at one, that shows source code."""

    short = "base"

    base: Annotated[str, AfterValidator(_below_host)]  # host and path, with or without scheme
    project: str = ""  # the site's own if it is empty
    # What its addresses look like, a value of `ViewerForm`; as of the host if it is not given.
    form: Annotated[str, AfterValidator(_viewer_form)] = ""

    @model_validator(mode="after")
    def _known(self) -> Self:
        if not self.form and form_of(self.base) is None:
            message = f"which form addresses at `{self.base}` have is not known"
            raise fault(rules.INVALID_VALUE, message, f"say it with `form`: {_VIEWER_FORMS}")
        return self


_LINK_FORMS = {
    "elixir": ViewerForm.ELIXIR,
    "github": ViewerForm.GITHUB,
    "kernel.org": ViewerForm.CGIT,
}
"""The form of the addresses of each link provider."""

_URL = re.compile(r"(?:https?|git|ssh|file)://\S+", re.ASCII)
_SHORT_SSH = re.compile(r"[\w.+~][\w.+~-]*@[\w.][\w.-]*:(?!:)\S+", re.ASCII)
_PASSWORD = re.compile(r"(?<=://)([^/@\s]*@)")
_HINT = "write `https://…`, `http://…`, `git://…`, `ssh://…`, `file:///…` or `user@host:path`"


def remote_fault(address: str) -> tuple[str, str] | None:
    """What is wrong with a repository's address: the fact and the remedy; or None."""
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


def remotes_of(project: str, remotes: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Where a project is fetched from: as the site says, or by default; empty when unknown."""
    return remotes[project] if project in remotes else project_named(project).remotes


class IgnoreModel(_Option, title="ignore entry"):
    """Findings that are left out: each part that is given must fit."""

    rule: str = ""
    path: str = ""  # of the file, as findings name it; `*` is any characters
    text: str = ""  # what the finding is about, as the page has it; a last `*` is any ending

    @field_validator("rule")
    @classmethod
    def _known(cls, rule: str) -> str:
        return _rule_name(rule) if rule else rule

    @model_validator(mode="after")
    def _not_all(self) -> "IgnoreModel":
        if not (self.text or (self.rule and self.path)):
            message = "an `ignore` entry says too little"
            hint = "write `text`, or `rule` and `path`; `rules` turns a rule off everywhere"
            raise fault(rules.INVALID_VALUE, message, hint)
        return self


class PluginConfig(_Option, title="callpath plugin"):
    """The options of the plugin. A new one needs a field here, and a row in `docs/settings.md`."""

    pin: PinSetting | None = None
    """The tree that notes without a pin of their own are read against."""
    versions: list[PinSetting] = []
    """The versions that are tracked besides, in the order of their columns."""
    tag: list[TagModel] = []
    """Which tag in a repository a version is, where it is not the version itself."""
    lockfile: Annotated[str, _path_below("the notes' folder")] = "notes.lock"
    """Path of the lockfile below the notes' folder."""
    links: Links = Links()
    """Where the links to the source lead."""
    graph: GraphSettings = GraphSettings()
    """How call graphs are drawn."""
    search_words: list[str] = []
    """Words that the site's search must find."""
    words: list[str] = []
    """Names in code spans that are left alone, wherever they are from."""
    ignore: list[IgnoreModel] = []
    """Findings that are left out."""
    rules: dict[Annotated[str, AfterValidator(_rule_name)], Weight] = {}
    """How much a rule weighs, where that is not its own severity."""
    dispatch_macros: list[DispatchModel] = []
    """Macros of the code base whose call dispatches to another function."""
    link_units: list[LinkUnitModel] = []
    """Folders of the code base that are linked by themselves."""
    defining_macros: list[DefiningModel] = []
    """Macros of the code base whose call heads a function."""
    viewers: list[ViewerModel] = []
    """Sites that show source code, and of which project, besides those that are known."""
    online: Online = Online()
    """How sites on the network are asked."""
    remotes: dict[str, list[Annotated[str, AfterValidator(_remote)]]] = {}
    """For each project the repositories to fetch from, in the order of trying."""
    source_text: Switch = True
    """Whether pages show source text that the cache has."""
    licences: list[Licence] = []
    """Under which licence the source text of projects is published."""

    @field_validator("pin")
    @classmethod
    def _complete(cls, pin: Pin | None) -> Pin | None:
        return pin and replace(pin, project=pin.project or DEFAULT_PROJECT)

    @field_validator("versions")
    @classmethod
    def _each_once(cls, pins: list[Pin]) -> list[Pin]:
        names = [(pin.project, pin.version) for pin in pins]
        for number, name in enumerate(names):
            if name in names[:number]:
                message = f"`versions` names {name[1]} twice"
                raise fault(rules.INVALID_VALUE, message, "name each version once")
        return pins

    def tag_of(self, pin: Pin) -> str:
        """The tag of a version in a repository of its project."""
        own = self.pin.project if self.pin else DEFAULT_PROJECT
        fitting = [one for one in self.tag if (one.project or own) == pin.project]
        exact = [one for one in fitting if one.version == pin.version]
        for one in (*exact, *(one for one in fitting if not one.version)):
            return one.of(pin.version)
        return project_named(pin.project).tag_of(pin.version)

    @cached_property
    def viewer_table(self) -> tuple[Viewer, ...]:
        """The source viewers that links are looked up in, those of the site last."""
        own = self.pin.project if self.pin else DEFAULT_PROJECT
        said = (
            viewer
            for one in self.viewers
            for viewer in repository_viewers(
                one.base, one.project or own, ViewerForm(one.form) if one.form else None
            )
        )
        return (*VIEWERS, *self._linked_viewers(own), *said)

    def _linked_viewers(self, own: str) -> Iterator[Viewer]:
        """The sites that the site's own links lead to."""
        form = _LINK_FORMS[self.links.provider]
        for project, address in {own: self.links.base, **self.links.bases}.items():
            base = address.partition("://")[2]
            if base and form is ViewerForm.ELIXIR:
                base = f"{base}/{project_named(project).elixir}"
            if base:
                yield from repository_viewers(base, project, form)

    @property
    def tracked(self) -> list[Pin]:
        """The versions that are tracked; one without a project is of the pin's."""
        project = self.pin.project if self.pin else DEFAULT_PROJECT
        return [replace(pin, project=pin.project or project) for pin in self.versions]


class SiteSettings(Compared, frozen=True):
    """What `mkdocs.yml` says, with the files that it inherits from."""

    docs_dir: str = "docs"  # the notes' folder, relative to the file
    site_name: str = ""
    site_description: str = ""
    site_url: str = ""
    nav: tuple[str, ...] = ()  # source paths in order; empty when MkDocs makes the navigation
    use_directory_urls: bool = True  # a page's address ends in `/`
    language: str = ""  # the theme's (`zh`), or empty
    callpath: PluginConfig = field(default_factory=PluginConfig)  # defaults for what is wrong
    # Where the file says the plugin's options, by name.
    places: Mapping[str, Location] = field(default_factory=dict)


def read_site_file(file: str, data: bytes, environment: Mapping[str, str]) -> MappingNode:
    """The values of one settings file, with their locations; empty if the file says nothing.

    Nothing is imported or constructed: a value with a tag other than `!ENV`, which refers to the
    `environment`, cannot be read. Raises SettingsError if the file is no YAML mapping.
    """
    document = read_yaml(file, data)
    root = followed(document.root, environment) if document.root else None
    for wrong in in_order(document.faults):
        raise SettingsError(f"{wrong.location}: {wrong.message}", wrong.hint)
    if root is None:
        return MappingNode(Location(file))
    if not isinstance(root, MappingNode):
        message = f"{Location(file)}: the site's settings are not a mapping"
        raise SettingsError(message, "write `key: value` lines")
    return root


def merged(parent: MappingNode, child: MappingNode) -> MappingNode:
    """The values of a file over those that it inherits, as MkDocs merges them.

    Mappings are merged key by key; any other value, a list too, replaces the parent's.
    """
    pairs = {pair.name: pair for pair in parent.pairs}
    for pair in child.pairs:
        above = pairs[pair.name].value if pair.name in pairs else None
        if isinstance(above, MappingNode) and isinstance(pair.value, MappingNode):
            pairs[pair.name] = Pair(pair.key, merged(above, pair.value))
        else:
            pairs[pair.name] = pair
    return MappingNode(child.location, list(pairs.values()))


def site_settings(root: MappingNode) -> tuple[SiteSettings, list[Finding]]:
    """The settings that the values of a file say, and what is wrong with the plugin's options."""
    theme, nav, plugins = root.get("theme"), root.get("nav"), root.get("plugins")
    options = plugin_options(plugins) if plugins else None
    config, findings = _plugin_config(options) if options else (PluginConfig(), [])
    settings = SiteSettings(
        docs_dir=text_at(root, "docs_dir") or "docs",
        site_name=text_at(root, "site_name"),
        site_description=text_at(root, "site_description"),
        site_url=text_at(root, "site_url"),
        nav=tuple(_pages(nav)) if nav else (),
        use_directory_urls=_TRUTH.get(text_at(root, "use_directory_urls").lower(), True),
        language=text_at(theme, "language") if isinstance(theme, MappingNode) else "",
        callpath=config,
        places=dict(_places(options)),
    )
    return settings, in_order(findings)


def _places(options: Node | None) -> Iterator[tuple[str, Location]]:
    """Where the value of each option is, and each item of a list (`ignore.0`)."""
    for pair in _pairs(options):
        yield pair.name, pair.value.location
        if isinstance(pair.value, SequenceNode):
            for number, item in enumerate(pair.value.items):
                yield f"{pair.name}.{number}", item.location


def _pairs(node: Node | None) -> Sequence[Pair]:
    return node.pairs if isinstance(node, MappingNode) else ()


def text_at(root: MappingNode, name: str) -> str:
    """The text of a key; empty if it is missing, null or no scalar."""
    value = root.get(name)
    return value.text.value if isinstance(value, ScalarNode) and not value.is_null else ""


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


def plugin_options(plugins: Node) -> Node | None:
    """The options of the callpath plugin in any form of `plugins`; None if it is not listed."""
    entries = plugins.items if isinstance(plugins, SequenceNode) else [plugins]
    for entry in entries:
        if isinstance(entry, ScalarNode) and entry.text.value == PLUGIN:
            return MappingNode(entry.location)
        if isinstance(entry, MappingNode) and (value := entry.get(PLUGIN)):
            return MappingNode(value.location) if _is_null(value) else value
    return None


def loaded_config(options: Mapping[str, object]) -> tuple[PluginConfig, list[Finding]]:
    """The options of the plugin as MkDocs loaded them, and what is wrong with them."""
    return _plugin_config(_node(options))


def _node(value: object) -> Node:
    """Loaded data as a tree without locations."""
    location = Location("")
    if isinstance(value, Mapping):
        pairs = [Pair(_node(str(key)), _node(item)) for key, item in value.items()]
        return MappingNode(location, pairs)
    if isinstance(value, list | tuple):
        return SequenceNode(location, [_node(item) for item in value])
    text = Text("" if value is None else str(value), location)
    return ScalarNode(location, text, plain=not isinstance(value, str))


def _parts(annotation: object) -> Iterator[object]:
    """A type, and the types that it is made from."""
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _model_of(annotation: object) -> type[BaseModel] | None:
    """The model of the mappings that a field's type is, or holds."""
    types = (part for part in _parts(annotation) if isinstance(part, type))
    return next((each for each in types if issubclass(each, BaseModel)), None)


_MODELS = {name: _model_of(field.annotation) for name, field in PluginConfig.model_fields.items()}
_FORMAT: Format = {
    "": PluginConfig,
    "pin": PinModel,
    "versions": PinModel,
    **{name: model for name, model in _MODELS.items() if model},
}


def _plugin_config(options: Node) -> tuple[PluginConfig, list[Finding]]:
    """The options of a tree; a wrong one has its default, as has one without a value."""
    if isinstance(options, MappingNode):
        # MkDocs knows the option `enabled` of every plugin itself.
        options.pairs = [
            pair for pair in options.pairs if pair.name != "enabled" and not _is_null(pair.value)
        ]
    unknown = mend_keys(options, _FORMAT)
    if isinstance(options, MappingNode):
        _read_off(options.get("rules"))
    faults = [*_unfit(options, PluginConfig), *unknown, *value_faults(options, _FORMAT)]
    values = data_of(options)
    while isinstance(values, dict):
        try:
            return PluginConfig.model_validate(values), faults
        except ValidationError as error:
            wrong = {each["loc"][0] for each in error.errors()}
            values = {name: value for name, value in values.items() if name not in wrong}
    return PluginConfig(), faults


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.is_null


def _read_off(weights: Node | None) -> None:
    """Take an `off` without quotes for a text, although YAML takes it for `false`."""
    for pair in weights.pairs if isinstance(weights, MappingNode) else ():
        value = pair.value
        if isinstance(value, ScalarNode) and value.plain and not value.is_null:
            is_off = _TRUTH.get(value.text.value.lower()) is False
            text = Text("off", value.location) if is_off else value.text
            pair.value = ScalarNode(value.location, text, plain=False)


_NUMBERS = (int, float, bool)


def _unfit(node: Node, wanted: object) -> Iterator[Finding]:
    """Values that cannot be read, and those that are no text to YAML where the type wants one."""
    match node:
        case UnreadableNode():
            message = "the option's value cannot be read from this file"
            hint = "write the value out, without a tag"
            yield rules.INVALID_VALUE.at(node.location, message, hint)
        case ScalarNode() if node.plain and not node.is_null and not is_text(node.text.value):
            if not any(part in _NUMBERS for part in _parts(wanted)):
                message = f"{shown(node.text.value)} is not a text to YAML"
                yield rules.WRONG_TYPE.at(node.location, message, "put it in quotes")
        case SequenceNode():
            for item in node.items:
                yield from _unfit(item, wanted)
        case MappingNode():
            model = _model_of(wanted)
            for pair in node.pairs:
                field = model.model_fields.get(pair.name) if model else None
                yield from _unfit(pair.value, field.annotation if field else wanted)
