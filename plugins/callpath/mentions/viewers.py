"""Reads and rewrites addresses of source viewers; a table says which sites are viewers, of what.

Asks nobody: an address is only text. It is unknown, read, or malformed, and malformed only if it
surely leads nowhere, whatever the version.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import quote, unquote

from msgspec import Struct
from msgspec.structs import replace

from callpath.mentions.model import Address, AddressKind, Malformed
from callpath.notes.links import TEXT_DIRECTIVE
from callpath.projects import AT_ELIXIR, BRANCHES, LINUX, REPOSITORIES, project_named


class ViewerForm(StrEnum):
    """Which addresses a viewer has."""

    ELIXIR = "elixir"  # PROJECT/VERSION/source/PATH#L1-L9
    LXR = "lxr"  # source/PATH?v=3.7#L1, linux+v3.7/PATH#L1
    GITHUB = "github"  # OWNER/NAME/blob/REVISION/PATH#L1-L9
    RAW = "raw"  # OWNER/NAME/REVISION/PATH
    GITLAB = "gitlab"  # GROUP/NAME/-/blob/REVISION/PATH#L1-9
    CGIT = "cgit"  # NAME.git/tree/PATH?h=REVISION#n1, short ones of kernel.org: linus/COMMIT
    GITILES = "gitiles"  # NAME/+/REVISION/PATH#1
    CODEBROWSER = "codebrowser"  # NAME/PATH.html#1
    CREGIT = "cregit"  # code/NUMBER/PATH.html#L1
    LIVEGREP = "livegrep"  # view/OWNER/NAME/PATH#L1
    SOURCEGRAPH = "sourcegraph"  # OWNER/NAME@REVISION/-/blob/PATH?L1-9


class Viewer(Struct, frozen=True):
    """A site, or a part of one, that shows source code."""

    form: ViewerForm
    # Host, and the path before what the form says, in lower case; without scheme and final slash.
    base: str
    project: str = ""  # empty: the address says it
    branches: str = ""  # what its branches are called, as a pattern; empty: not known


_FORMS_OF_HOSTS = {
    "github.com": ViewerForm.GITHUB,
    "git.kernel.org": ViewerForm.CGIT,
    "kernel.googlesource.com": ViewerForm.GITILES,
}


def form_of(base: str) -> ViewerForm | None:
    """Which form the repositories of a well-known host have; None if it is not known."""
    host = base.partition("/")[0].lower()
    if "gitlab" in host:
        return ViewerForm.GITLAB
    return ViewerForm.GITILES if host.endswith(".googlesource.com") else _FORMS_OF_HOSTS.get(host)


def repository_viewers(
    base: str, project: str, form: ViewerForm | None = None, branches: str = ""
) -> tuple[Viewer, ...]:
    """The viewers that show a repository: the site where it is, and those that mirror the site."""
    form = form or form_of(base)
    if form is None:
        return ()
    base = base.lower().removesuffix(".git")
    found = [Viewer(form, base, project, branches)]
    host, _, path = base.partition("/")
    if host == "github.com" and form is ViewerForm.GITHUB:
        found += [
            Viewer(ViewerForm.RAW, f"raw.githubusercontent.com/{path}", project, branches),
            Viewer(ViewerForm.LIVEGREP, f"livegrep.com/view/{path}", project),
        ]
    if form in (ViewerForm.GITHUB, ViewerForm.GITLAB):
        found.append(Viewer(ViewerForm.SOURCEGRAPH, f"sourcegraph.com/{base}", project, branches))
    return tuple(found)


VIEWERS: Sequence[Viewer] = (
    *(Viewer(ViewerForm.ELIXIR, f"elixir.{host}.com") for host in ("bootlin", "free-electrons")),
    *(
        Viewer(ViewerForm.LXR, host, LINUX.name)
        for host in (
            *("lxr.free-electrons.com", "lxr.bootlin.com", "lxr.linux.no"),
            "lxr.missinglinkelectronics.com",
        )
    ),
    Viewer(ViewerForm.CREGIT, "cregit.linuxsources.org/code", LINUX.name),
    *(
        Viewer(ViewerForm.CODEBROWSER, f"{host}/{path}", project)
        for host in ("codebrowser.dev", "code.woboq.org")
        for path, project in (
            (f"{LINUX.name}/{LINUX.name}", LINUX.name),
            ("glibc/glibc", "glibc"),
            ("userspace/glibc", "glibc"),
            ("llvm", "llvm"),
            ("qemu/qemu", "qemu"),
        )
    ),
    *(
        viewer
        for base, project in REPOSITORIES.items()
        for viewer in repository_viewers(base, project, branches=BRANCHES.get(project, ""))
    ),
)
"""The viewers that need no settings."""


_LONGEST = 4096
"""Characters of the longest address that is read; servers refuse longer ones."""

_ADDRESS = re.compile(
    r"(?P<scheme>https?:)?//(?:[^/?#@\s]*@)?(?P<host>[\w.-]+)(?::(?:80|443))?(?=[/?#]|$)"
    r"(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    re.ASCII | re.IGNORECASE,
)
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
_PLACEHOLDER = re.compile(r"[A-Z_]*[{}<>$*\[\]…][^/]*|(?!HEAD$)[A-Z][A-Z_]+")

Piece: TypeAlias = str | Callable[[Address], str]


class _Url(Struct, frozen=True):
    """An address that a viewer may have, taken to pieces."""

    viewer: Viewer
    front: str  # from its beginning to the end of the viewer's base
    parts: tuple[str, ...]  # between the slashes after that, as written; empty ones are left out
    end: str  # a final slash, or empty
    query: str  # without `?`
    fragment: str  # without `#`

    @property
    def project(self) -> str:
        return self.viewer.project

    def asked(self, key: str) -> str:
        """The decoded value of a key of the query, or empty."""
        for pair in re.split("[&;]", self.query):
            name, _, value = pair.partition("=")
            if name == key:
                return unquote(value)
        return ""

    def path(self, start: int) -> str:
        """The decoded path from a part on."""
        return unquote("/".join(self.parts[start:]))

    def written(self, start: int) -> str:
        """The path from a part on as it is written, with a final slash if it has one."""
        return "/".join(self.parts[start:]) + self.end * (start < len(self.parts))

    @property
    def tail(self) -> str:
        """The query as it is written, with its `?`."""
        return f"?{self.query}" if self.query else ""

    def malformed(self, message: str, hint: str = "") -> Malformed:
        return Malformed(self.viewer.form, message, hint)


class _Read(Struct, frozen=True):
    """An address with the pieces that it is written from; without pieces it cannot be rewritten."""

    address: Address
    pieces: tuple[Piece, ...] = ()


_Reading: TypeAlias = _Read | Malformed | None


def read_address(href: str, viewers: Sequence[Viewer] = VIEWERS) -> Address | Malformed | None:
    """What an address of a source viewer names; None if it is no viewer's, or another page's.

    Parameters:
        href: Any target of a link, without escapes of the markup.
        viewers: The table; of several rows that fit, the longest base counts, then the last.
    """
    found = _read(href, viewers)
    return found.address if isinstance(found, _Read) else found


def rewritten(
    href: str,
    address: Address,
    *,
    revision: str | None = None,
    path: str | None = None,
    first: int | None = None,
    last: int | None = None,
    viewers: Sequence[Viewer] = VIEWERS,
) -> str:
    """The same address with other parts; empty if the viewer cannot say it.

    Parameters:
        href: The address.
        address: What it names, from `read_address`.
        revision: A tag as its repository has it or a version as pins name it, or a commit.
        path: Below the tree's root.
        first: The first line; 0 for none. If it is given without `last`, it is no range.
        last: The last line.
    """
    found = _read(href, viewers)
    if not isinstance(found, _Read) or found.address != address:
        return ""
    line = address.first if first is None else first
    end = (address.last if first is None else first) if last is None else last
    wanted = replace(
        address,
        revision=address.revision if revision is None else revision,
        path=address.path if path is None else path,
        first=line,
        last=end,
    )
    if wanted == address:
        return href
    text = "".join(one if isinstance(one, str) else one(wanted) for one in found.pieces)
    return text if text and _same(read_address(text, viewers), wanted) else ""


def _same(found: Address | Malformed | None, wanted: Address) -> bool:
    """Whether what was written says what was wanted."""
    if not isinstance(found, Address):
        return False
    tag_of = project_named(wanted.project).tag_of
    revisions = (found.revision, wanted.revision)
    same = replace(found, revision=wanted.revision, floating=wanted.floating) == wanted
    return same and tag_of(revisions[0]) == tag_of(revisions[1])


def _read(href: str, viewers: Sequence[Viewer]) -> _Reading:
    url = _url_of(href, viewers)
    return _READERS[url.viewer.form](url) if url else None


def _url_of(href: str, viewers: Sequence[Viewer]) -> _Url | None:
    if len(href) > _LONGEST or "//" not in href[:8]:
        return None
    match = _ADDRESS.fullmatch(href)
    if match is None or _UNSAFE.search(href) or not _is_encodable(href):
        return None
    host = match["host"].lower().removeprefix("www.").removesuffix(".")
    path = match["path"]
    place = (host + path).lower()
    fitting = [one for one in viewers if place.startswith(one.base) and _is_below(place, one.base)]
    if not fitting or not _is_plain(path):
        return None
    viewer = max(reversed(fitting), key=lambda one: len(one.base))
    rest = (host + path)[len(viewer.base) :].removeprefix(".git")
    front = href[: match.end("path") - len(rest)]
    parts = tuple(filter(None, rest.split("/")))
    query, fragment = (match["query"] or "")[1:], (match["fragment"] or "")[1:]
    return _Url(viewer, front, parts, "/" * rest.endswith("/"), query, fragment)


def _is_below(place: str, base: str) -> bool:
    """Whether a place that begins with a base is not another one with a longer name."""
    return place[len(base) :].removeprefix(".git")[:1] in ("", "/", "@")


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
        unquote(text, errors="strict")
    except UnicodeError:
        return False
    return True


def _is_plain(path: str) -> bool:
    """Whether a path is what it looks like: browsers take `..` out, also percent-encoded."""
    if "%" in path and (
        re.search("%(2f|5c|00|0a|0d)", path, re.I) or not unquote(path).isprintable()
    ):
        return False
    return not any(unquote(part) in (".", "..") for part in path.split("/"))


# The pieces that change. Each is what is written if what it stands for stays as it is.


def _revision(old: str, written: str, form: Callable[[str], str] = str) -> Piece:
    return lambda now: written if now.revision == old else quote(form(now.revision), safe="/+,=:")


def _path(old: str, written: str, end: str = "") -> Piece:
    return lambda now: written if now.path == old else quote(now.path, safe="/+,=:") + end


def _lines(old: tuple[int, int], fragment: str, prefix: str, joint: str = "") -> Piece:
    """The fragment; `joint` is what stands in a range, and empty if there is none."""

    def write(now: Address) -> str:
        if (now.first, now.last) == old:
            return f"#{fragment}" if fragment else ""
        if not now.first:
            return ""
        is_range = joint and now.last > now.first
        return f"#{prefix}{now.first}{joint}{now.last}" if is_range else f"#{prefix}{now.first}"

    return write


_MOST_DIGITS = 9  # of a line that a file may have
_RANGE = r"(\d{1,9})(?:C\d{1,9})?(?:-L?(\d{1,9})(?:C\d{1,9})?)?"


class _LineForm(Struct, frozen=True):
    """How a viewer writes lines in a fragment."""

    pattern: re.Pattern[str]
    prefix: str
    joint: str = ""  # what stands in a range, or empty if it has none
    others: re.Pattern[str] = re.compile(r"(?:[Ln]?\d+)(?:-[Ln]?\d+)?")

    def read(self, url: _Url) -> tuple[int, int] | Malformed:
        """The first and the last line; 0 and 0 if the fragment is none, or something else."""
        fragment = url.fragment.partition(TEXT_DIRECTIVE)[0]
        match = self.pattern.fullmatch(fragment)
        if match is None:
            if not self.others.fullmatch(fragment):
                return 0, 0
            numbers = re.findall(r"\d+", fragment)
            if max(map(len, numbers)) > _MOST_DIGITS:
                return url.malformed("the fragment names a line that no file has")
            hint = f"write `#{self._example(*numbers)}`"
            return url.malformed(f"`#{fragment}` names no line at {url.viewer.form}", hint)
        first, last = int(match[1]), int(match[2] or match[1])
        if first < 1:
            return url.malformed(f"`#{fragment}` names line 0", "lines count from 1")
        if last < first:
            hint = f"write `#{self._example(str(last), str(first))}`"
            return url.malformed(f"the range `#{fragment}` ends before it begins", hint)
        return first, last

    def _example(self, first: str, last: str = "") -> str:
        return (
            f"{self.prefix}{first}{self.joint}{last}"
            if last and self.joint
            else self.prefix + first
        )


_L_TO_L = _LineForm(re.compile(r"L(\d{1,9})(?:-L(\d{1,9}))?"), "L", "-L")
_GITHUB_LINES = _LineForm(re.compile("L" + _RANGE), "L", "-L")
_GITLAB_LINES = _LineForm(re.compile("L" + _RANGE), "L", "-")
_N = _LineForm(re.compile(r"n(\d{1,9})()"), "n")
_NUMBER = _LineForm(re.compile(r"(\d{1,9})()"), "")
_L = _LineForm(re.compile(r"L?(\d{1,9})()"), "L")


# What a revision is.

_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_TAG = re.compile(
    r"(?!stable|releng|branch|maint)(?:release/|[A-Za-z]\w*[-_])?"
    r"(?:[vV]?\d+(?:[._]\d+)+(?:[-._]?[A-Za-z]{2,}[-.\w]*|[-+]\w[\w.]*)?|v\d+)",
    re.ASCII,
)
_BRANCH_END = re.compile(r".*[-._](?:x|y|branch|stable|next|dev|devel)")
_DEFAULTS = frozenset(("master", "main", "HEAD", "trunk", "develop", "devel", "unstable", "next"))
_SLASHED = re.compile(r"(?:releases?|releng|stable)/\d[\w.-]*(?:/master)?(?=/|$)", re.ASCII)


def _is_tag(project: str, revision: str) -> bool:
    """Whether a revision looks like a tag of a project."""
    form = project_named(project).version_form
    if _BRANCH_END.fullmatch(revision):
        return False
    return bool(re.match(form, revision) if form else _TAG.fullmatch(revision))


def _is_floating(project: str, revision: str) -> bool:
    return not (_COMMIT.fullmatch(revision) or _is_tag(project, revision))


def _is_branch(viewer: Viewer, revision: str) -> bool | None:
    """Whether a repository has a branch of that name; None if nobody knows."""
    if revision in _DEFAULTS or re.fullmatch(
        viewer.branches or r"stable-\d\S*|\S+-branch", revision
    ):
        return True
    return False if viewer.branches else None


class _Revision(Struct, frozen=True):
    """A revision at the beginning of parts of a path."""

    name: str
    written: str
    count: int  # how many parts it takes
    sure: bool = True  # whether it surely ends there: a branch may have slashes in its name


def _revision_at(url: _Url, start: int) -> _Revision | None:
    """The revision from a part on; None if the repository surely has none that begins so."""
    parts = tuple(unquote(part) for part in url.parts[start:])
    skipped = 2 if parts[:1] == ("refs",) and parts[1:2] in (("heads",), ("tags",)) else 0
    names = parts[skipped:]
    if not names:
        return None
    slashed = _SLASHED.match("/".join(names))
    count = slashed.group().count("/") + 1 if slashed and not url.viewer.branches else 1
    name = "/".join(names[:count])
    written = "/".join(url.parts[start : start + skipped + count])
    if count == 1 and _is_floating(url.project, name) and not _is_branch(url.viewer, name):
        if _is_branch(url.viewer, name) is False:
            return None
        return _Revision(name, written, skipped + count, sure=len(names) == 1)
    return _Revision(name, written, skipped + count)


def _is_placeholder(text: str) -> bool:
    return bool(_PLACEHOLDER.fullmatch(unquote(text)))


def _page(
    url: _Url, revision: str, path: str, lines: tuple[int, int] = (0, 0), *, history: bool = False
) -> Address:
    """The address of a file, a folder or a whole tree."""
    floats = _is_floating(url.project, revision)
    if history and floats:  # a history that grows is what such a link is for
        revision, floats = "", False
    kind = AddressKind.PATH if path else AddressKind.TREE
    return Address(url.viewer.form, kind, url.project, revision, floats, path, *lines)


# The forms.


def _elixir(url: _Url) -> _Reading:
    project, parts, front = url.project, url.parts, f"{url.front}/"
    if not project and parts and parts[0] in AT_ELIXIR:
        project, parts, front = parts[0], parts[1:], f"{front}{parts[0]}/"
    if not project or not parts:
        return None
    version = unquote(parts[0])
    url = replace(url, viewer=replace(url.viewer, project=project), parts=parts[1:])
    if _is_placeholder(version) or version == "ident":
        return None
    form = project_named(project).version_form
    floats = version in _DEFAULTS or version.startswith("latest")
    is_known = version.startswith("latest") or _COMMIT.fullmatch(version)
    if form and not is_known and not re.match(form, version):
        name = project_named(project).title
        hint = "write the tag, with `v` before it" if version[:1].isdigit() else "write a tag"
        return url.malformed(f"elixir has no version `{version}` of the {name}", hint)
    said = _revision(version, version, project_named(project).elixir_version)
    read = _elixir_page(url, version, front, said)
    if isinstance(read, _Read):
        return replace(read, address=replace(read.address, floating=floats))
    return read


def _elixir_page(url: _Url, version: str, front: str, said: Piece) -> _Reading:
    match url.parts:
        case () | ("source",):
            shown = "/source" if url.parts else ""
            return _Read(_page(url, version, ""), (front, said, shown, url.tail))
        case ("source", *_):
            lines = _L_TO_L.read(url)
            if isinstance(lines, Malformed):
                return lines
            address = _page(url, version, url.path(1), lines)
            path = _path(address.path, url.written(1))
            end = _lines(lines, url.fragment, "L", "-L")
            return _Read(address, (front, said, "/source/", path, url.tail, end))
        case ("ident", name) | (_, "ident", name):
            family = url.parts[0] if len(url.parts) == 3 else ""
            address = Address(
                *(url.viewer.form, AddressKind.NAME, url.project, version),
                name=unquote(name),
                family=family,
            )
            return _Read(address, (front, said, "/" + url.written(0)))
        case (*_, last) if "ident" not in url.parts and "." in last:
            hint = f"write `/{url.project}/{version}/source/{url.path(0)}`"
            return url.malformed("there is no `source` between the version and the path", hint)
    return None


_LXR_TREE = re.compile(r"(?P<project>\w+)(?:-old)?(?:\+(?P<version>[^/+]+))?")


def _lxr(url: _Url) -> _Reading:
    """A site of the time before elixir; which versions it still has nobody can tell."""
    if url.parts[:1] in (("source",), ("ident",)):
        return _lxr_query(url)
    match = _LXR_TREE.fullmatch(unquote(url.parts[0])) if url.parts else None
    if match is None or match["project"] != url.project or match["version"] == "*":
        return None
    version = match["version"] or ""
    lines = _L.read(url)
    if isinstance(lines, Malformed):
        return lines
    front = f"{url.front}/{url.parts[0]}/"
    if len(url.parts) == 2 and url.parts[1].startswith("+code="):
        return _Read(_lxr_name(url, version, unquote(url.parts[1][6:])), (front, url.written(1)))
    address = _page(url, version, url.path(1), lines)
    path, end = _path(address.path, url.written(1)), _lines(lines, url.fragment, "L")
    return _Read(address, (front, path, url.tail, end))


def _lxr_query(url: _Url) -> _Reading:
    """`source/PATH?v=3.7` and `ident?i=NAME&v=3.7`."""
    asked = url.asked("v")
    version = f"v{asked}" if asked[:1].isdigit() else asked
    if _is_placeholder(version) and version:
        return None

    if url.parts[0] == "ident":
        name = url.asked("i")
        if not name:
            return None
        return _Read(_lxr_name(url, version, name), (f"{url.front}/ident", url.tail))
    lines = _L.read(url)
    if isinstance(lines, Malformed):
        return lines
    address = _page(url, version, url.path(1), lines)
    path, end = _path(address.path, url.written(1)), _lines(lines, url.fragment, "L")
    return _Read(address, (f"{url.front}/source/", path, url.tail, end))


def _lxr_name(url: _Url, version: str, name: str) -> Address:
    floats = _is_floating(url.project, version)
    kind = AddressKind.NAME
    return Address(url.viewer.form, kind, url.project, version, floats, name=name)


_FILE_VIEWS = ("blob", "tree", "blame", "raw", "edit")
_HISTORIES = ("commits",)


def _github(url: _Url) -> _Reading:
    return _forge(url, 0, _GITHUB_LINES)


def _gitlab(url: _Url) -> _Reading:
    return _forge(url, 1 if url.parts[:1] == ("-",) else 0, _GITLAB_LINES)


def _forge(url: _Url, at: int, form: _LineForm) -> _Reading:
    """`blob/REVISION/PATH` and its like; the view is the part at `at`."""
    view = url.parts[at] if len(url.parts) > at else ""
    front = f"{url.front}/{'-/' * at}"
    if view in ("commit", "releases", "tags", "tag"):
        return _change(url, at, front)
    if view in (*_FILE_VIEWS, *_HISTORIES):
        return _forge_page(url, at + 1, f"{front}{view}/", form)
    is_revision = view in _DEFAULTS or _is_tag(url.project, view) or _COMMIT.fullmatch(view)
    if is_revision and len(url.parts) > at + 1:
        hint = f"write `blob/{url.path(at)}`"
        return url.malformed(f"there is no `blob` or `tree` before `{view}`", hint)
    return None


def _forge_page(url: _Url, at: int, front: str, form: _LineForm) -> _Reading:
    if len(url.parts) == at:
        return None
    if _is_placeholder(url.parts[at]):
        return None
    view = url.parts[at - 1]
    revision = _revision_at(url, at)
    if revision is None:
        hint = f"write `{view}/TAG/{url.path(at)}`"
        return url.malformed(f"`{unquote(url.parts[at])}` is no branch, tag or commit", hint)
    lines = form.read(url)
    if isinstance(lines, Malformed):
        return lines
    if not revision.sure:  # where its name ends only the repository can tell
        return _Read(_page(url, revision.name, ""))
    at += revision.count
    address = _page(url, revision.name, url.path(at), lines, history=view in _HISTORIES)
    parts = [*([_path(address.path, url.written(at))] if address.path else []), _kept_query(url)]
    said = _revision(address.revision, revision.written, project_named(url.project).tag_of)
    end = _lines(lines, url.fragment, form.prefix, form.joint)
    return _Read(address, (front, said, *(["/"] if address.path else []), *parts, end))


def _kept_query(url: _Url) -> str:
    """The query without what says of which type the revision is."""
    kept = [pair for pair in url.query.split("&") if pair and not pair.startswith("ref_type=")]
    return f"?{'&'.join(kept)}" if kept else ""


def _change(url: _Url, at: int, front: str) -> _Reading:
    """`commit/COMMIT`, `releases/tag/TAG`, and at GitLab `tags/TAG`."""
    parts = url.parts[at:]
    if parts[0] == "releases":
        parts = parts[1:]
    if len(parts) != 2:
        return None
    name = unquote(parts[1])
    if parts[0] == "commit":
        name = re.sub(r"\.(patch|diff)$", "", name)
        return _commit(url, name)
    if parts[0] in ("tag", "tags") and _is_tag(url.project, name):
        return _Read(_page(url, name, ""))
    return None


_HEX = re.compile(r"[0-9a-fA-F]{4,40}")


def _commit(url: _Url, name: str) -> _Reading:
    """A change; its address is never rewritten."""
    if not _HEX.fullmatch(name):
        return None
    kind = AddressKind.COMMIT
    return _Read(Address(url.viewer.form, kind, url.project, name.lower()))


def _raw(url: _Url) -> _Reading:
    return _forge_page(url, 0, f"{url.front}/", _GITHUB_LINES) if len(url.parts) > 1 else None


_CGIT_VIEWS = ("tree", "plain", "blame")


def _cgit(url: _Url) -> _Reading:
    view = url.parts[0] if url.parts else ""
    revision = url.asked("id") or url.asked("h")
    if _is_placeholder(revision) and revision:
        return None
    if view == "commit":
        return _commit(url, url.asked("id")) if len(url.parts) == 1 else None
    if view == "tag":
        name = url.asked("h") or url.asked("id")
        return _Read(_page(url, name, "")) if name else None
    if view in _CGIT_VIEWS or (view == "log" and (url.asked("h") or len(url.parts) > 1)):
        return _cgit_page(url, view, revision)
    if len(url.parts) == 2 and view in ("c", "h", "t"):  # short ones: `linus`, `torvalds`
        name = unquote(url.parts[1])
        return _commit(url, name) if view == "c" else _Read(_page(url, name, ""))
    return _commit(url, view) if len(url.parts) == 1 else None


def _cgit_page(url: _Url, view: str, revision: str) -> _Reading:
    lines = _N.read(url)
    if isinstance(lines, Malformed):
        return lines
    written = revision.removeprefix("refs/heads/").removeprefix("refs/tags/")
    address = _page(url, written, url.path(1), lines, history=view == "log")

    def query(now: Address) -> str:
        if now.revision == address.revision:
            return url.tail
        others = [
            one for one in url.query.split("&") if one and one.partition("=")[0] not in ("h", "id")
        ]
        key = "id" if _COMMIT.fullmatch(now.revision) else "h"
        said = quote(project_named(url.project).tag_of(now.revision), safe="/")
        return "?" + "&".join([f"{key}={said}", *others])

    path = _path(address.path, url.written(1))
    return _Read(address, (f"{url.front}/{view}/", path, query, _lines(lines, url.fragment, "n")))


def _gitiles(url: _Url) -> _Reading:
    """`+/REVISION/PATH`, `+log/…`, `+blame/…`, `+show/…`; a change if there is no path."""
    view = url.parts[0] if url.parts else ""
    if view not in ("+", "+blame", "+show", "+log", "+refs") or len(url.parts) < 2:
        return None
    if _is_placeholder(url.parts[1]):
        return None
    revision = _revision_at(url, 1)
    if revision is None or not revision.sure:
        return None
    if _COMMIT.fullmatch(revision.name) and len(url.parts) == 2 and view == "+":
        return _commit(url, revision.name)
    lines = _NUMBER.read(url)
    if isinstance(lines, Malformed):
        return lines
    at = 1 + revision.count
    address = _page(url, revision.name, url.path(at), lines, history=view == "+log")
    said = _revision(address.revision, revision.written, project_named(url.project).tag_of)
    path: list[Piece] = ["/", _path(address.path, url.written(at))] if address.path else []
    end = _lines(lines, url.fragment, "")
    return _Read(address, (f"{url.front}/{view}/", said, *path, url.tail, end))


def _html(url: _Url, at: int, version: str, front: str, form: _LineForm) -> _Reading:
    """A page for each file, called as the file with `.html` after it."""
    path = url.path(at)
    if not path.endswith(".html") or path.endswith("/index.html") or path == "index.html":
        return None
    lines = form.read(url)
    if isinstance(lines, Malformed):
        return lines
    address = _page(url, version, path.removesuffix(".html"), lines)
    written = _path(address.path, url.written(at), ".html")
    end = _lines(lines, url.fragment, form.prefix)
    return _Read(address, (front, written, url.tail, end))


def _codebrowser(url: _Url) -> _Reading:
    return _html(url, 0, "", f"{url.front}/", _NUMBER)


def _cregit(url: _Url) -> _Reading:
    version = unquote(url.parts[0]) if url.parts else ""
    if not version[:1].isdigit():
        return None
    return _html(url, 1, f"v{version}", f"{url.front}/{version}/", _L)


def _livegrep(url: _Url) -> _Reading:
    lines = _L.read(url)
    if isinstance(lines, Malformed) or not url.parts:
        return lines if isinstance(lines, Malformed) else None
    address = _page(url, "", url.path(0), lines)
    path, end = _path(address.path, url.written(0)), _lines(lines, url.fragment, "L")
    return _Read(address, (f"{url.front}/", path, url.tail, end))


_SOURCEGRAPH_LINES = re.compile(r"L(\d{1,9})(?::\d{1,9})?(?:-L?(\d{1,9})(?::\d{1,9})?)?")


def _sourcegraph(url: _Url) -> _Reading:
    """`@REVISION/-/blob/PATH?L1-9`."""
    revision = unquote(url.parts[0][1:]) if url.parts and url.parts[0].startswith("@") else ""
    at = 1 if revision else 0
    if url.parts[at : at + 1] != ("-",) or url.parts[at + 1 : at + 2] not in (("blob",), ("tree",)):
        return None
    match = _SOURCEGRAPH_LINES.fullmatch(url.query.partition("&")[0])
    lines = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if lines[1] < lines[0]:
        lines = (0, 0)
    address = _page(url, revision, url.path(at + 2), lines)

    def said(now: Address) -> str:
        return f"@{quote(project_named(url.project).tag_of(now.revision))}" if now.revision else ""

    def query(now: Address) -> str:
        if (now.first, now.last) == lines:
            return url.tail
        last = f"-{now.last}" if now.last > now.first else ""
        return f"?L{now.first}{last}" if now.first else ""

    view = f"/-/{url.parts[at + 1]}/"
    path = _path(address.path, url.written(at + 2))
    return _Read(address, (url.front, said, view, path, query))


_READERS: Mapping[ViewerForm, Callable[[_Url], _Reading]] = {
    ViewerForm.ELIXIR: _elixir,
    ViewerForm.LXR: _lxr,
    ViewerForm.GITHUB: _github,
    ViewerForm.RAW: _raw,
    ViewerForm.GITLAB: _gitlab,
    ViewerForm.CGIT: _cgit,
    ViewerForm.GITILES: _gitiles,
    ViewerForm.CODEBROWSER: _codebrowser,
    ViewerForm.CREGIT: _cregit,
    ViewerForm.LIVEGREP: _livegrep,
    ViewerForm.SOURCEGRAPH: _sourcegraph,
}
