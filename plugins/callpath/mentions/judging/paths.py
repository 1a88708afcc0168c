"""What facts say of the paths that mentions name, and where what is not there is now.

A path as text may be the end of a path, or of another project; that of a link is a whole one.
"""

import re

from callpath import rules
from callpath.facts.mentions import MentionFacts, PathFact, PathNature
from callpath.findings import offer
from callpath.mentions.judging.lines import RIGHT, UNKNOWN, Answer, Target, answer_lines
from callpath.mentions.model import Verdict
from callpath.model import Pin


def answer_path(target: Target, pin: Pin, facts: MentionFacts) -> Answer:
    """What facts say of the path of a target, and of its lines."""
    fact = facts.path(pin, target.path)
    if fact is None:
        return UNKNOWN
    if fact.nature is PathNature.FILE:
        return answer_lines(target, target.path, fact.lines, pin, facts)
    if fact.nature is PathNature.FOLDER:
        return RIGHT
    if not target.is_citation:
        return _no_file(target, fact, pin)
    if fact.nature is PathNature.ENDING:
        return answer_lines(target, fact.found[0], fact.lines, pin, facts) if fact.found else RIGHT
    if fact.nature is PathNature.SEVERAL:
        return _one_of_several(target, fact, pin, facts)
    return _absent_citation(target, fact, pin, facts)


def _no_file(target: Target, fact: PathFact, pin: Pin) -> Answer:
    """The answer where a tree does not have a path."""
    what = "file" if "." in target.path.rpartition("/")[2] else "file or folder"
    message = f"{pin.version} has no {what} `{target.path}`"
    if not (found := certain_path(target.path, fact)):
        return Answer(Verdict.WRONG, rules.MISSING_FILE, message, offer(fact.found[:3]))
    # On which line of another file the thing is cannot be told.
    path = "" if target.first else found
    return Answer(Verdict.MOVED, rules.MISSING_FILE, message, f"it is `{found}`", path)


def certain_path(path: str, fact: PathFact) -> str:
    """The path that is certainly meant by one that is not there; empty if none is certain."""
    if fact.nature is PathNature.ENDING:
        return fact.found[0] if fact.found else ""
    if fact.nature is PathNature.SEVERAL:
        return ""
    nested = [one for one in fact.found if _is_beside(path, one)]
    if len(nested) == 1:
        return nested[0]
    found = fact.found[0] if len(fact.found) == 1 else ""
    return found if found and _is_same(path, found) else ""


_COMMON_STEMS = frozenset(
    (
        *("base", "bus", "common", "core", "debug", "debugfs", "device", "driver", "entry", "head"),
        *("index", "init", "internal", "io", "irq", "kbuild", "kconfig", "lib", "main", "makefile"),
        *("misc", "module", "ops", "pci", "platform", "readme", "setup", "sysfs", "trace", "util"),
        *("utils", "version"),
    )
)
"""Names of files, without endings, that say nothing of which file it is."""
_FARTHEST = 3  # folders that a file goes up or down
_TEXTS = (".txt", ".rst", ".md")


def _is_beside(path: str, other: str) -> bool:
    """Whether a file went only up or down in its folder: `kvm/vmx.c`, `kvm/vmx/vmx.c`.

    What an architecture has, or another top folder repeats, may be another file.
    """
    short, long = sorted((path.split("/"), other.split("/")), key=len)
    if len(long) - len(short) > (_FARTHEST if "." in short[-1] else 1):
        return False
    stem = short[-1].partition(".")[0].lower()
    is_same = short[0] == long[0] and _is_longer("/".join(long), "/".join(short))
    return is_same and stem not in _COMMON_STEMS and ("arch" in short) == ("arch" in long)


def _is_same(path: str, other: str) -> bool:
    """Whether two paths, of which a tree has one, are surely of one file."""
    texts = path.endswith(_TEXTS) and other.endswith(_TEXTS)
    stems = (path.rpartition(".")[0], other.rpartition(".")[0])
    return path.lower() == other.lower() or (texts and stems[0] == stems[1])


def _one_of_several(target: Target, fact: PathFact, pin: Pin, facts: MentionFacts) -> Answer:
    """The answer for the end of several paths: wrong only where it is wrong in each of them."""
    answers = [answer_lines(target, path, 0, pin, facts) for path in fact.found]
    wrong = [one for one in answers if one.verdict in (Verdict.WRONG, Verdict.MOVED)]
    if not answers or len(wrong) < len(answers):
        return RIGHT
    here = [one for one in wrong if one.first and not one.path]
    if len(here) == 1:
        return here[0]
    first = wrong[0]
    message = f"no file `{target.path}` of {pin.version} has {target.lines}"
    if any(one.rule is not rules.MISSING_LINE for one in wrong):
        names = " or ".join(f"`{name}`" for name in target.named)
        message = f"in no file `{target.path}` of {pin.version} {target.lines} has {names}"
    return Answer(Verdict.WRONG, first.rule, message, first.hint)


_MADE_ENDINGS = (".o", ".ko", ".a", ".so", ".gz", ".xz", ".zst", ".dtb", ".dtbo", ".mod.c", ".lds")
_MADE_NAMES = frozenset(("bzImage", "vmlinux", "zImage", "Image", "uImage", "modules.order"))


def _is_made(path: str) -> bool:
    """Whether a build makes what is at a path."""
    parts = path.split("/")
    return (
        "generated" in parts
        or parts[:2] in (["include", "config"], ["usr", "include"])
        or parts[-1] in _MADE_NAMES
        or path.endswith(_MADE_ENDINGS)
    )


_PLACEHOLDERS = frozenset(
    (
        *("bar", "example", "file", "filename", "my_driver", "mydriver", "mymodule", "name"),
        *("path", "subsys", "subsystem", "yourdriver"),
    )
)
"""Names that writers make up, without endings."""
_PLACEHOLDER_PARTS = frozenset(("baz", "foo", "foobar", "xxx", "xyz", "yyy"))
"""Parts of such names."""


_DOCUMENTS = "Documentation"  # whose folders may have capitals: `Documentation/RCU` (Linux)
_LETTER_FILE = re.compile(r"[a-zA-Z]\.\w+")


def _is_made_up(path: str) -> bool:
    """Whether a path stands for any path of its form: `arch/ARCH/kernel/x.c`."""
    top, *folders, file = path.split("/")
    names = {part.partition(".")[0] for part in path.lower().split("/")}
    parts = {part for name in names for part in re.split("[-_]", name)}
    is_capital = top != _DOCUMENTS and any(one.isupper() and one.isalpha() for one in folders)
    is_letter = bool(folders) and bool(_LETTER_FILE.fullmatch(file))
    return is_capital or is_letter or bool(names & _PLACEHOLDERS or parts & _PLACEHOLDER_PARTS)


def _absent_citation(target: Target, fact: PathFact, pin: Pin, facts: MentionFacts) -> Answer:
    """The answer for a path as text that the tree does not have; it may be of something else."""
    top, slash, _ = target.path.partition("/")
    if not slash or _is_made(target.path) or _is_made_up(target.path):
        return RIGHT
    folder = facts.path(pin, top)
    if folder is None:
        return UNKNOWN
    name = target.path.rpartition("/")[2]
    same = [path for path in fact.found if path.rpartition("/")[2] == name]
    # `net/core/somaxconn` may be a name of sysctl, and `kernel/kthreadd` two words.
    is_file = "." in name.strip(".") or bool(target.first)
    is_top = folder.nature is PathNature.FOLDER
    if (is_top and (is_file or same)) or any(_is_longer(path, target.path) for path in same):
        return _no_file(target, fact, pin)
    return RIGHT


def _is_longer(path: str, short: str) -> bool:
    """Whether a path has all parts of a shorter one, in their order."""
    parts = iter(path.split("/"))
    return all(part in parts for part in short.split("/"))
