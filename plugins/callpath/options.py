"""The settings of a site, read from the values of its files.

What is wrong with the plugin's options are findings: pydantic sees to it, by models that are made
from the values of `callpath.settings`. Does not depend on MkDocs, and reads neither the disk nor
the environment: it takes their content.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from msgspec import Struct, convert
from msgspec.structs import asdict, fields, replace
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from callpath import rules
from callpath.extensions import extensions
from callpath.findings import Finding, Location, SettingsError, did_you_mean, in_order
from callpath.mentions.viewers import ViewerForm, form_of
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
from callpath.projects import DEFAULT_PROJECT
from callpath.settings import (
    PLUGIN,
    TAG_PLACE,
    Between,
    DefiningOption,
    DispatchOption,
    GraphSettings,
    IgnoreOption,
    Licence,
    Links,
    LinkUnitOption,
    Online,
    PluginConfig,
    SiteSettings,
    TagOption,
    ViewerOption,
    remote_fault,
    unknown_rule,
)

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
    model = validate(value)
    return Pin(model.project, model.version, model.commit)


def _pin_schema(_: object, handler: GetCoreSchemaHandler) -> CoreSchema:
    return core_schema.no_info_wrap_validator_function(
        _pin,
        handler.generate_schema(PinModel),
        serialization=core_schema.plain_serializer_function_ser_schema(asdict),
    )


def _complete(pin: Pin | None) -> Pin | None:
    return pin and replace(pin, project=pin.project or DEFAULT_PROJECT)


def _each_once(pins: list[Pin]) -> list[Pin]:
    names = [(pin.project, pin.version) for pin in pins]
    for number, name in enumerate(names):
        if name in names[:number]:
            message = f"`versions` names {name[1]} twice"
            raise fault(rules.INVALID_VALUE, message, "name each version once")
    return pins


def _base(address: str) -> str:
    if address and not address.startswith(("https://", "http://")):
        message = f"{shown(address)} is not a web address"
        raise fault(rules.INVALID_VALUE, message, "start it with `https://`")
    if any(character.isspace() or character in "<>\"'\\?#" for character in address):
        message = f"{shown(address)} cannot stand before a path"
        raise fault(rules.INVALID_VALUE, message, "write a plain address without `?` and `#`")
    return address.rstrip("/")


_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def _between(wanted: Between) -> BeforeValidator:
    """Reads a number, which may come as the text that it is written as."""
    lowest, highest, unit = wanted.lowest, wanted.highest, wanted.unit

    def read(value: object) -> object:
        if isinstance(value, str):
            if not _NUMBER.fullmatch(value) or (wanted.whole and "." in value):
                message = (
                    f"{shown(value)} is not a {'whole ' if wanted.whole else ''}number of {unit}"
                )
                raise fault(rules.WRONG_TYPE, message, f"write a number from {lowest:g}")
            value = float(value) if "." in value else int(value)
        if isinstance(value, int | float) and not lowest <= value <= highest:
            message = f"{shown(str(value))} is no number of {unit} from {lowest:g} to {highest:g}"
            raise fault(rules.INVALID_VALUE, message, f"write one up to {highest:g}")
        return value

    return BeforeValidator(read)


def _switch(value: object) -> object:
    """A truth value, which may come as the text that it is written as."""
    if isinstance(value, str):
        if value.lower() not in _TRUTH:
            message = f"{shown(value)} is neither `true` nor `false`"
            raise fault(rules.WRONG_TYPE, message, "write `true` or `false`")
        return _TRUTH[value.lower()]
    return value


def _path_below(folder: str, *, optional: bool = False) -> AfterValidator:
    def check(path: str) -> str:
        wrong = path_fault(path, folder) if path or not optional else None
        if wrong:
            raise fault(rules.INVALID_PATH, *wrong)
        return path

    return AfterValidator(check)


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


def _tag_form(form: str) -> str:
    if not form or re.search(r"[{}\s]|\.\.", TAG_PLACE.sub("", form)):
        message = f"{shown(form)} is no form of a tag"
        hint = "write the tag, with `{version}`, `{version:_}` or `{number}` for the version"
        raise fault(rules.INVALID_VALUE, message, hint)
    return form


_UNIT = re.compile(r"\.|(?:[\w.+-]+|\*|\{\w+\})(?:/(?:[\w.+-]+|\*|\{\w+\}))*")


def _folders(pattern: str) -> str:
    if not _UNIT.fullmatch(pattern) or ".." in pattern.split("/"):
        message = f"{shown(pattern)} is no path of folders"
        raise fault(rules.INVALID_VALUE, message, "write `deps/*`, or `arch/{arch}/boot`")
    return pattern


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


def _remote(address: str) -> str:
    if wrong := remote_fault(address):
        raise fault(rules.INVALID_VALUE, *wrong)
    return address


def _says_enough(option: Any) -> Any:
    if not (option.text or (option.rule and option.path)):
        message = "an `ignore` entry says too little"
        hint = "write `text`, or `rule` and `path`; `rules` turns a rule off everywhere"
        raise fault(rules.INVALID_VALUE, message, hint)
    return option


def _has_form(option: Any) -> Any:
    if not option.form and form_of(option.base) is None:
        message = f"which form addresses at `{option.base}` have is not known"
        raise fault(rules.INVALID_VALUE, message, f"say it with `form`: {_VIEWER_FORMS}")
    return option


_CHECKS: Mapping[object, object] = {
    "pin": AfterValidator(_complete),
    "versions": AfterValidator(_each_once),
    "web address": AfterValidator(_base),
    "remote": AfterValidator(_remote),
    "notes path": _path_below("the notes' folder"),
    "source path": _path_below("the source", optional=True),
    "rule": AfterValidator(_rule_name),
    "optional rule": AfterValidator(lambda name: _rule_name(name) if name else name),
    "tag form": AfterValidator(_tag_form),
    "folders": AfterValidator(_folders),
    "viewer base": AfterValidator(_below_host),
    "viewer form": AfterValidator(_viewer_form),
    "position": BeforeValidator(_position),
    "switch": BeforeValidator(_switch),
}
"""How pydantic sees to what `callpath.settings` says of a value besides its type."""

_TITLES: Mapping[type[Struct], tuple[str, str]] = {
    Links: ("links option", "provider"),
    GraphSettings: ("graph option", ""),
    Online: ("online option", ""),
    Licence: ("licence", ""),
    DispatchOption: ("dispatch macro", "name"),
    DefiningOption: ("defining macro", "name"),
    TagOption: ("tag", "form"),
    LinkUnitOption: ("link unit", "paths"),
    ViewerOption: ("viewer", "base"),
    IgnoreOption: ("ignore entry", ""),
    PluginConfig: ("callpath plugin", ""),
}
"""What messages call each mapping of options, and the key that a mere text is the value of."""

_WHOLE: Mapping[type[Struct], Callable[[Any], Any]] = {
    IgnoreOption: _says_enough,
    ViewerOption: _has_form,
}
"""What must fit between the values of a mapping."""


@cache
def _model(option: type[Struct]) -> type[_Option]:
    """The model that reads what a person wrote for a mapping of options."""
    title, short = _TITLES[option]
    base = type(f"_{option.__name__}", (_Option,), {"short": short, "__module__": __name__})
    known, check = get_type_hints(option, include_extras=True), _WHOLE.get(option)
    whole: Any = {"check": model_validator(mode="after")(check)} if check else None
    values: dict[str, Any] = {
        each.name: (_read_as(known[each.name]), ... if each.required else None)
        for each in fields(option)
    }
    made: type[_Option] = create_model(
        option.__name__,
        __base__=base,
        __validators__=whole,
        __cls_kwargs__={"title": title},
        **values,
    )
    return made


def _read_as(kind: Any) -> Any:
    """A type of the values as pydantic is to read it."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        return Annotated[Pin, GetPydanticSchema(_pin_schema)] if kind is Pin else _model(kind)
    if get_origin(kind) is Annotated:
        (inner, *said) = get_args(kind)
        checks = (_between(each) if isinstance(each, Between) else _CHECKS[each] for each in said)
        return Annotated[(_read_as(inner), *checks)]
    if get_origin(kind) is UnionType:
        return reduce(or_, map(_read_as, get_args(kind)))
    if get_origin(kind) is Literal or not get_args(kind):
        return kind
    return get_origin(kind)[tuple(map(_read_as, get_args(kind)))]


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


_OPTIONS = _model(PluginConfig)
_MODELS = {name: _model_of(field.annotation) for name, field in _OPTIONS.model_fields.items()}
_FORMAT: Format = {
    "": _OPTIONS,
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
    faults = [*_unfit(options, _OPTIONS), *unknown, *value_faults(options, _FORMAT)]
    values = data_of(options)
    while isinstance(values, dict):
        try:
            model = _OPTIONS.model_validate(values)
            return convert(model.model_dump(exclude_unset=True), PluginConfig), faults
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
