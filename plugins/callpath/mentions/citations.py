"""Paths of source files as people write them in text: `virt/kvm/kvm_main.c:12`.

Says what is written like a path of a kernel tree; whether the tree has it is not known here. All
offsets are from the start of the text that a path was found in.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from callpath.languages import LISTED, STANDARD_HEADERS

_TOP_FOLDERS = """
    Documentation LICENSES arch block certs crypto drivers fs include init io_uring ipc kernel lib
    mm net rust samples scripts security sound tools usr virt
"""
TOP_FOLDERS = frozenset(_TOP_FOLDERS.split())
"""The folders at the root of a kernel tree."""

_OTHER_ENDINGS = """
    .awk .cocci .dts .dtsi .dtso .json .l .ld .lds .litmus .pl .py .rs .rst .sh .tbl .txt .y .yaml
"""
_ENDINGS = (*LISTED, *_OTHER_ENDINGS.split())
# A file with such an ending is source code in whatever folder.
_CODE_ENDINGS = (*LISTED, ".dts", ".dtsi")
_BUILD_FILES = ("Kbuild", "Kconfig", "Makefile")
# Below these, a path without an ending and without a last slash is a folder of the tree, neither a
# command (`tools/perf/perf`) nor a setting (`net/core/somaxconn`).
_PLAIN_FOLDERS = frozenset({"Documentation", "arch", "drivers", "include", "sound"})
# Folders that the root of no kernel tree has: the page's own files, or another project's.
_OWN_FOLDERS = """
    app bar bin build chapter cmd code demo demos doc docs example examples exercises foo freebsd
    glibc grub lab labs libbpf liburing musl my path project qemu some src systemd target test tests
    tmp tutorial your
"""
_IS_OWN_FOLDER = re.compile(rf"(?:{'|'.join(_OWN_FOLDERS.split())})[\d_-]*/")
# What headers of a kernel are included by: such a path is one of the tree in prose, too.
_IS_INCLUDED = re.compile(r"(?:asm|asm-generic|linux|trace|uapi)/.*\.h", re.DOTALL)
_SYSTEM_HEADERS = ("arpa/", "bits/", "gnu/", "netinet/", "netpacket/", "sys/")

_GENERATED = """
    asm-offsets.h autoconf.h bounds.h capflags.c compile.h config.h cpucaps.h elfconfig.h
    kallsyms.S mach-types.h piggy.S syscalls_32.h syscalls_64.h sysreg-defs.h timeconst.h
    unistd_32.h unistd_64.h unistd_x32.h utsrelease.h utsversion.h version.h vmlinux.h
    vmlinux.lds voffset.h zoffset.h
"""
# What a build makes.
_IS_GENERATED = re.compile(
    rf"(?:^|/)(?:{'|'.join(map(re.escape, _GENERATED.split()))})$"
    r"|(?:^|/)generated/|^Documentation/(?:output|networking/netlink_spec)\b|\.(?:skel|mod|tmp)\.\w+$"
)
# Names that tutorials give to their own files.
_IS_OWN_FILE = re.compile(
    r"(?:[a-z]\w?|bar|baz|client|daemon|demo|driver|examples?|exploit|file|filename|foo|foobar"
    r"|hello|helloworld|main|mod|module|my|mine|name|prog|program|qux|sample|server|simple|some"
    r"|source|temp|test|tests|tst|user|userspace|xxx|XXX|your|yyy)\d*(?:[._-].*)?\.\w+"
    r"|my[a-z].*|.*[_-](?:example|demo|sample|test|user|kern|exploit)\.\w+|.*\.(?:bpf|skel|test)\.\w+",
    re.DOTALL,
)
_HAS_PLACEHOLDER = re.compile(
    r"(?:^|/)(?:foo|bar|baz|FOO|path/to|your|my|hello|example)\w*(?:[/._-]|$)"
    r"|(?:^|[/._-])(?:XXX|xxx|xyz)(?:[/._-]|$)|\.\.\.|(?:^|/)(?:ARCH|SUBARCH|SRCARCH)/"
)

_PART = r"(?:[\w.+{}-]|,(?=\w))+"
_PATH = rf"(?P<path>(?:\./)?{_PART}(?:/{_PART})*/?)"
_LINES = r"(?P<first>\d{1,7})(?:[-–—]L?(?P<last>\d{1,7}))?"
_NAME = r"(?P<name>[A-Za-z_]\w*)"
_TAG = r"(?:struct |union |enum )"
_SPAN = re.compile(
    _PATH + rf"(?:(?::L?|#L?|\(|,? lines? |: lines? ){_LINES}(?::\d+|C\d+)?\)?:?)?", re.ASCII
)
_AT_LINES = rf"(?:(?::L?|#L?|, lines? ){_LINES})?"
_NAMING = (
    re.compile(rf"{_PATH}{_AT_LINES}::? ?{_TAG}?{_NAME}(?:\([^()]*\))?", re.ASCII),
    re.compile(rf"{_PATH},?(?: | -> | → ){_NAME}\([^()]*\)", re.ASCII),
    re.compile(rf"{_NAME}(?:\([^()]*\))?(?: in | at |@| @ ){_PATH}{_AT_LINES}", re.ASCII),
    re.compile(rf"{_NAME}(?:\([^()]*\))? \({_PATH}{_AT_LINES}\)", re.ASCII),
)
_INCLUDE = re.compile(
    r"(?:#\s?include\s*)?(?:<(?P<angled>[\w.+/-]+\.h)>|\"(?P<quoted>[\w.+/-]+\.h)\")", re.ASCII
)
_ROOT = re.compile(r"(?:\./)?(?:linux(?:-[\w.]+)?/)?", re.ASCII)
_BRACES = re.compile(r"\{([\w.+-]+(?:,[\w.+-]+)+)\}", re.ASCII)

_AFTER = re.compile(
    r"\0*[,，]?\s?[(（]?\s?(?:(?:at|on)\s)?(?:[Ll]ines?|[Ll]n\.?)\s(?P<first>\d{1,7})(?![\d%]|[.,]\d)"
    r"(?:\s?(?:-|–|—|to|through)\s?(?P<last>\d{1,7})(?![\d%]))?"
    r"|\0*\s?[,，]?\s?[(（]?\s?(?:的|中的|里的|在|中)?\s?第\s?(?P<first_zh>\d{1,7})\s?行?\s?"
    r"(?:[-–—~～至到]\s?第?\s?(?P<last_zh>\d{1,7})\s?)?行"
)
_BEFORE = re.compile(
    r"[Ll]ines?\s(?P<first>\d{1,7})(?:\s?(?:-|–|—|to|through)\s?(?P<last>\d{1,7}))?"
    r"\s(?:of|in)\s(?:the\s)?(?:file\s)?\0*\Z"
)
_LINE_REACH = 60  # how many characters before a path its line may begin

_PROSE_END = re.compile(
    rf"[./](?:(?<=\.)(?:{'|'.join(re.escape(each[1:]) for each in sorted(_ENDINGS, reverse=True))})"
    rf"|(?<=/)(?:{'|'.join(_BUILD_FILES)}))(?![\w/\\@+=*-])(?!\.\w)",
    re.ASCII,
)
_PROSE_LINES = re.compile(rf"(?::L?|#L?){_LINES}(?!\w|\.\w)", re.ASCII)
_PROSE_FOLDER = re.compile(
    rf"(?<![\w/.~$*<>{{}}:@\\-])(?:{'|'.join(sorted(TOP_FOLDERS))})/(?:[\w+-]+/)++(?![\w*<{{$.\[…\\])",
    re.ASCII,
)
_LONGEST = 200  # characters of a path
_PATH_CHARACTERS = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-,\\@"
)
_NO_PATH_BEFORE = frozenset("~$*<>{}:=#%&?")


class WrittenPath(Struct, frozen=True):
    """A path as it is written, with what is written of lines and symbols."""

    path: str
    start: int
    end: int
    first: int = 0
    last: int = 0
    lines_start: int = 0
    lines_end: int = 0
    named: tuple[str, ...] = ()

    def moved(self, offset: int) -> "WrittenPath":
        """It with the offsets of a text in which what it was found in begins at an offset."""
        lines = (self.lines_start + offset, self.lines_end + offset) if self.first else (0, 0)
        return replace(
            self,
            start=self.start + offset,
            end=self.end + offset,
            lines_start=lines[0],
            lines_end=lines[1],
        )


@lru_cache(maxsize=8192)
def paths_in_code(code: str) -> tuple[WrittenPath, ...]:
    """The paths that a code span is; several if it has braces."""
    if len(code) > _LONGEST or not ("." in code or "/" in code):
        return ()
    if include := _INCLUDE.fullmatch(code):
        return _included(include)
    if match := _SPAN.fullmatch(code):
        return _expanded(match, ())
    for pattern in _NAMING:
        if match := pattern.fullmatch(code):
            return _expanded(match, (match["name"],))
    return ()


def _included(match: re.Match[str]) -> tuple[WrittenPath, ...]:
    group = "angled" if match["angled"] else "quoted"
    path = match[group]
    is_other = path in STANDARD_HEADERS or path.startswith(_SYSTEM_HEADERS) or ".." in path
    if is_other or _IS_GENERATED.search(path) or (group == "quoted" and _is_own(path)):
        return ()
    return (WrittenPath(path, match.start(group), match.end(group)),)


def _expanded(match: re.Match[str], named: tuple[str, ...]) -> tuple[WrittenPath, ...]:
    """What a match of a code span says, once for each word in braces."""
    start, path = _below_root(match.start("path"), match["path"])
    written = _with_lines(WrittenPath(path, start, match.end(), named=named), match)
    braces = _BRACES.search(path)
    words = braces[1].split(",") if braces else ()
    paths = (
        [path[: braces.start()] + word + path[braces.end() :] for word in words]
        if braces
        else [path]
    )
    has_more = bool(written.first or named)
    return tuple(replace(written, path=each) for each in paths if is_path(each, is_clear=has_more))


def _below_root(start: int, path: str) -> tuple[int, str]:
    """A path and its start without the name of the tree's own folder (`linux-6.12/`).

    `include/asm/` of old is whichever architecture's: what follows `include/` is the path's end.
    """
    if path.startswith("include/asm/"):
        return start + len("include/"), path.removeprefix("include/")
    root = _ROOT.match(path)
    rest = path[root.end() :] if root else path
    if root and rest.partition("/")[0] in TOP_FOLDERS and "/" in rest:
        return start + root.end(), rest
    return start, path


def _with_lines(written: WrittenPath, match: re.Match[str], offset: int = 0) -> WrittenPath:
    """It with the lines that a match has, if it has any."""
    groups = match.groupdict()
    ending = "" if groups.get("first") else "_zh"
    if not groups.get(f"first{ending}"):
        return written
    first = int(groups[f"first{ending}"])
    has_last = groups[f"last{ending}"] is not None
    last = int(groups[f"last{ending}"]) if has_last else first
    if not 0 < first <= last:
        return written
    lines_end = match.end(f"last{ending}" if has_last else f"first{ending}") + offset
    lines_start = match.start(f"first{ending}") + offset
    return replace(
        written,
        start=min(written.start, lines_start),
        end=max(written.end, lines_end),
        first=first,
        last=last,
        lines_start=lines_start,
        lines_end=lines_end,
    )


def is_path(path: str, *, is_clear: bool = False, is_prose: bool = False) -> bool:
    """Whether something is written like a path of a kernel tree.

    Args:
        path: What is written.
        is_clear: Whether a line or a symbol is written with it.
        is_prose: Whether it stands in plain prose, where only what is surely a path is one.
    """
    folder, _, name = path.rstrip("/").rpartition("/")
    root = path.partition("/")[0]
    if path.startswith("/") or ".." in path or ("." in root and folder) or "{" in path:
        return False
    if _IS_GENERATED.search(path) or _HAS_PLACEHOLDER.search(path):
        return False
    if path.endswith("/"):
        return root in TOP_FOLDERS and (bool(folder) or not is_prose)
    if not folder:
        return _is_file_alone(name, is_clear=is_clear, is_prose=is_prose)
    if name.endswith(_CODE_ENDINGS):
        is_ours = not is_prose or is_clear or bool(_IS_INCLUDED.fullmatch(path))
        return root in TOP_FOLDERS or (is_ours and not _is_own(path))
    if name.endswith(_ENDINGS) or name.startswith(_BUILD_FILES):
        return root in TOP_FOLDERS
    return root in _PLAIN_FOLDERS and not is_prose and not is_clear and _is_plain_folder(path)


def _is_file_alone(name: str, *, is_clear: bool, is_prose: bool) -> bool:
    """Whether the name of a file without a folder is that of a file of the tree."""
    if is_clear:
        return name.endswith(_CODE_ENDINGS) and not name.startswith((".", "-"))
    return (
        name.endswith(_CODE_ENDINGS) and not is_prose and not _is_own(name) and name[0] not in ".-_"
    )


def _is_own(path: str) -> bool:
    """Whether a file is named like one that a page shows to make."""
    return bool(_IS_OWN_FOLDER.match(path)) or bool(_IS_OWN_FILE.fullmatch(path.rpartition("/")[2]))


def _is_plain_folder(path: str) -> bool:
    return not re.search(r"[.,@=+]|vmlinu|mage(?:$|/)", path)


def paths_in_prose(view: str) -> Iterator[WrittenPath]:
    """The paths in plain prose, in no order.

    Args:
        view: The prose; all else is masked.
    """
    for match in _PROSE_END.finditer(view):
        start = _start_of_path(view, match.start())
        if (found := _prose_path(view, start, match.end())) is not None:
            yield found
    for match in _PROSE_FOLDER.finditer(view) if "/" in view else ():
        if is_path(match[0], is_prose=True):
            yield WrittenPath(match[0], match.start(), match.end())


def _start_of_path(view: str, end: int) -> int:
    """Where the path begins whose ending begins at an offset."""
    start = end
    limit = max(0, end - _LONGEST)
    while start > limit and view[start - 1] in _PATH_CHARACTERS:
        start -= 1
    while start < end and view[start] in ",-":
        start += 1
    return start


def _prose_path(view: str, start: int, end: int) -> WrittenPath | None:
    if start and (
        view[start - 1] in _NO_PATH_BEFORE or view[start - 1] in _PATH_CHARACTERS - {",", "-"}
    ):
        return None
    start, path = _below_root(start, view[start:end])
    path = path.replace("\\", "")
    lines = _PROSE_LINES.match(view, end)
    written = WrittenPath(path, start, end)
    if lines:
        written = _with_lines(replace(written, end=lines.end()), lines)
    is_clear = bool(with_lines_around(written, view).first)
    if "@" in path or "," in path or not is_path(path, is_clear=is_clear, is_prose=True):
        return None
    return written


def with_lines_around(written: WrittenPath, view: str) -> WrittenPath:
    """It with the lines that the words around it say: `fork.c`, line 12.

    Args:
        written: What was found, with offsets in the view.
        view: The prose and the code spans of the document; all else is masked.
    """
    if written.first or written.path.endswith("/"):
        return written
    if after := _AFTER.match(view, written.end):
        return _with_lines(written, after)
    start = max(0, written.start - _LINE_REACH)
    before = _BEFORE.search(view[start : written.start])
    return _with_lines(written, before, start) if before else written
