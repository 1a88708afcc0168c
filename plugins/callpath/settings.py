"""The settings of a site as values: the plugin's options, and what else of `mkdocs.yml` matters.

`PluginConfig` is the one definition of the options, for the build and for the command. How they are
read from what a person wrote is in `callpath.options`; this module does not depend on YAML.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Struct, field
from msgspec.structs import replace

from callpath import rules
from callpath.extensions import extensions
from callpath.findings import Location, Weight, did_you_mean
from callpath.mentions.viewers import VIEWERS, Viewer, ViewerForm, repository_viewers
from callpath.model import Compared, Pin, shown
from callpath.projects import DEFAULT_PROJECT, PROJECTS, LinkUnit, project_named

if TYPE_CHECKING:
    from callpath.c.vocabulary import DispatchMacro

PLUGIN = "callpath"  # its name in `mkdocs.yml`


class Between(Struct, frozen=True):
    """What numbers an option takes; both ends are among them."""

    lowest: float
    highest: float
    unit: str
    whole: bool = False


# What a text of an option must be besides a text; `callpath.options` sees to it.
WebAddress = Annotated[str, "web address"]  # without a final slash, or empty
Remote = Annotated[str, "remote"]  # a git repository's address
NotesPath = Annotated[str, "notes path"]  # below the notes' folder
SourcePath = Annotated[str, "source path"]  # below the source tree, or empty
RuleName = Annotated[str, "rule"]
OptionalRule = Annotated[str, "optional rule"]
TagForm = Annotated[str, "tag form"]
Folders = Annotated[str, "folders"]
ViewerBase = Annotated[str, "viewer base"]  # host and path
FormName = Annotated[str, "viewer form"]  # a value of `ViewerForm`, or empty
Position = Annotated[int, "position"]  # of an argument, 1-based
Switch = Annotated[bool, "switch"]  # what a setting that is true or false is


class Links(Struct, frozen=True):
    """Where the links to the source lead."""

    provider: Literal["elixir", "github", "kernel.org"] = "elixir"
    base: WebAddress = ""  # its address without a final slash, or empty
    # The addresses of further projects' source, by project.
    bases: dict[str, WebAddress] = {}


class GraphSettings(Struct, frozen=True):
    """How call graphs are drawn."""

    # `auto` takes the first that works, `none` lists the calls instead.
    engine: Literal["auto", "graphviz-pure", "dot", "none"] = "auto"


class Online(Struct, frozen=True):
    """How a site on the network is asked."""

    delay: Annotated[float, Between(0, 3600, "seconds")] = 2.0  # between two requests to a host
    timeout: Annotated[float, Between(0.1, 3600, "seconds")] = 30.0  # from start to last byte
    retries: Annotated[int, Between(0, 10, "retries", whole=True)] = 3  # of a failed request
    cache_days: Annotated[float, Between(0, 3650, "days")] = 7.0  # 0 keeps no answer on disk


class Licence(Struct, frozen=True):
    """Under which licence the source text of a project is published."""

    project: str
    name: str  # best its SPDX identifier
    file: SourcePath = ""  # its text in the source


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


class DispatchOption(Struct, frozen=True):
    """A macro that calls what one of its arguments names, or whose call stands for that."""

    name: str
    # What names the function, or is the pointer that is called; 1-based.
    argument: Position = 1
    prefix: str = ""  # what to strip from the front of that name
    # The argument that names the member before, which holds the operations; 1-based.
    ops: Position | None = None
    struct: str = ""  # the struct or union whose member the name is


class DefiningOption(Struct, frozen=True):
    """A macro whose call heads a function that one of its arguments names."""

    name: str
    argument: Position = 1  # what names the function; 1-based
    prefix: str = ""  # what the macro puts before that name


def dispatch_table(
    added: Sequence[DispatchOption], defining: Sequence[DefiningOption] = ()
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


TAG_PLACE = re.compile(r"\{(version|number)(?::([^{}]*))?\}")


class TagOption(Struct, frozen=True):
    """How the tag in a repository is made of a version, or which tag a version is."""

    form: TagForm
    project: str = ""  # the site's own if it is empty
    version: str = ""  # the one that it is about; of all if it is empty

    def of(self, version: str) -> str:
        """The tag: `{version:_}` has `_` for each dot, `{number}` is without a `v` before it."""

        def value(match: re.Match[str]) -> str:
            text = version.removeprefix("v") if match[1] == "number" else version
            return text if match[2] is None else text.replace(".", match[2])

        return TAG_PLACE.sub(value, self.form)


class LinkUnitOption(Struct, frozen=True):
    """Folders whose files are linked into programs, or parts of one, of their own."""

    paths: Folders
    reaches: list[Folders] = []  # what its files may call besides; `.` is all that is in no unit
    apart: Switch = False  # whether only those may call it that name it

    @property
    def value(self) -> LinkUnit:
        """The unit as the prover takes it."""
        return LinkUnit(self.paths, tuple(self.reaches), self.apart)


class ViewerOption(Struct, frozen=True):
    """A site, or a repository at one, that shows source code."""

    base: ViewerBase  # host and path, with or without scheme
    project: str = ""  # the site's own if it is empty
    # What its addresses look like, a value of `ViewerForm`; as of the host if it is not given.
    form: FormName = ""


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


def remotes_of(project: str, remotes: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Where a project is fetched from: as the site says, or by default; empty when unknown."""
    return remotes[project] if project in remotes else project_named(project).remotes


class IgnoreOption(Struct, frozen=True):
    """Findings that are left out: each part that is given must fit."""

    rule: OptionalRule = ""
    path: str = ""  # of the file, as findings name it; `*` is any characters
    text: str = ""  # what the finding is about, as the page has it; a last `*` is any ending


class PluginConfig(Struct, frozen=True, dict=True):
    """The options of the plugin. A new one needs a field here, and a row in `docs/settings.md`."""

    pin: Annotated[Pin | None, "pin"] = None
    """The tree that notes without a pin of their own are read against."""
    versions: Annotated[list[Pin], "versions"] = []
    """The versions that are tracked besides, in the order of their columns."""
    tag: list[TagOption] = []
    """Which tag in a repository a version is, where it is not the version itself."""
    lockfile: NotesPath = "notes.lock"
    """Path of the lockfile below the notes' folder."""
    links: Links = Links()
    """Where the links to the source lead."""
    graph: GraphSettings = GraphSettings()
    """How call graphs are drawn."""
    search_words: list[str] = []
    """Words that the site's search must find."""
    words: list[str] = []
    """Names in code spans that are left alone, wherever they are from."""
    ignore: list[IgnoreOption] = []
    """Findings that are left out."""
    rules: dict[RuleName, Weight] = {}
    """How much a rule weighs, where that is not its own severity."""
    dispatch_macros: list[DispatchOption] = []
    """Macros of the code base whose call dispatches to another function."""
    link_units: list[LinkUnitOption] = []
    """Folders of the code base that are linked by themselves."""
    defining_macros: list[DefiningOption] = []
    """Macros of the code base whose call heads a function."""
    viewers: list[ViewerOption] = []
    """Sites that show source code, and of which project, besides those that are known."""
    online: Online = Online()
    """How sites on the network are asked."""
    remotes: dict[str, list[Remote]] = {}
    """For each project the repositories to fetch from, in the order of trying."""
    source_text: Switch = True
    """Whether pages show source text that the cache has."""
    store: str = ""
    """A folder or an address of fsspec where several machines keep what sources say; or empty."""
    licences: list[Licence] = []
    """Under which licence the source text of projects is published."""

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
