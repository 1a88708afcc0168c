"""What is seen of a file at a glance, without a parse: its includes, and what it makes of a word.

A parse of every header that a file includes would take longer than all else; a glance says which of
them are worth it.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from callpath.c.facts import Glance, Include

_DIRECTIVE = re.compile(
    rb"\n[ \t]*+#[ \t]*+(?:"
    rb"(include)(?:_next)?[ \t]*(?:\"([^\"\n]+)\"|<([^>\n]+)>)"
    rb"|(ifdef|ifndef|if|elifdef|elifndef|elif|else|endif)\b([^\n]*))"
)
_GUARD = re.compile(
    rb"(?:\s++|/\*(?:[^*]|\*(?!/))*+\*/|//[^\n]*+|\#[ \t]*+pragma[^\n]*+)*+"
    rb"\#[ \t]*+(?:ifndef[ \t]++|if[ \t]*+![ \t]*+defined[ \t]*+\(?[ \t]*+)(\w++)[^\n]*+"
    rb"\s++\#[ \t]*+define[ \t]++(\w++)"
)
_NEVER = re.compile(rb"(?:el)?if\s*+(?:0|\(\s*+0\s*+\))|ifdef (?:__cplusplus|__ASSEMBL(?:Y|ER)__)")
_ALWAYS = re.compile(rb"ifndef (?:__cplusplus|__ASSEMBL(?:Y|ER)__)|(?:el)?if\s*+1|else")
_MOST_CONDITIONS = 8  # how many nested conditions are listed


class _Branch(Struct, frozen=True):
    """An open branch of an `#if` group."""

    conditions: tuple[str, ...]  # those of what is in it, outermost first
    own: str  # what the group asks, as far as its branches go
    is_dead: bool  # whether it is never read


def read_includes(text: bytes) -> tuple[Include, ...]:
    """The `#include` lines of a file, in order, without those that are never read."""
    return tuple(_includes(text)) if b"include" in text else ()


def _includes(text: bytes) -> Iterator[Include]:
    text = b"\n" + text  # so that every directive is behind a line end, which is found fastest
    guard = _GUARD.match(text)
    guarded = guard.end() if guard is not None and guard[1] == guard[2] else -1
    branches = [_Branch((), "", is_dead=False)]
    line = counted = 0
    for match in _DIRECTIVE.finditer(text):
        if match[4] is not None:
            _divide(branches, match[4], match[5], is_guard=match.start() < guarded)
            continue
        start = match.start(1)
        if branches[-1].is_dead or _is_in_comment(text, start):
            continue
        line, counted = line + text.count(b"\n", counted, start), start
        spelled = (match[2] or match[3]).decode("utf-8", "replace").strip()
        condition = " && ".join(branches[-1].conditions)
        yield Include(spelled, line, quoted=match[2] is not None, condition=condition)


def _divide(branches: list[_Branch], name: bytes, rest: bytes, *, is_guard: bool) -> None:
    """Take a directive that opens, divides or closes a group; the first branch is the file."""
    before = branches.pop() if name[:1] == b"e" and len(branches) > 1 else None
    if name == b"endif":
        return
    outer = branches[-1]
    asked = b" ".join(rest.split(b"/*")[0].split(b"//")[0].split())
    whole = name + b" " + asked if asked else name
    own = ("!" if name.endswith(b"ndef") else "") + asked.decode("utf-8", "replace")
    is_dead = bool(_NEVER.fullmatch(whole))
    if name == b"else" and before is not None:
        own = "" if before.own == "0" else f"!({before.own})"
        is_dead = not before.own
    elif is_guard or _ALWAYS.fullmatch(whole):
        own = ""
    told = (*outer.conditions, own)[:_MOST_CONDITIONS] if own else outer.conditions
    kept = "0" if is_dead and name != b"else" else own
    branches.append(_Branch(told, kept, is_dead=is_dead or outer.is_dead))


def _is_in_comment(text: bytes, offset: int) -> bool:
    opened = text.rfind(b"/*", 0, offset)
    return opened >= 0 and text.find(b"*/", opened, offset) < 0


_INSIDE = rb"[^(){};]"  # what brackets of a function's head can hold
_NESTED = rb"\((?:%(i)s|\((?:%(i)s|\((?:%(i)s|\(%(i)s*+\))*+\))*+\))*+\)" % {b"i": _INSIDE}
_GLANCE = (
    rb"\#[ \t]*+(?:define|undef)[ \t]++%(word)s(?!\w)"
    rb"|\#[ \t]*+define[ \t]++(\w++)(?:\([^()\n]*+\)(?:\\\r?\n|[^\n]){,200}?|[ \t]++\(?)"
    rb"(?<!\w)%(word)s(?!\w)"
    rb"|(?<!\w)(%(word)s)(?!\w)\s*+(?:[=;,\[}:]|\)\s*+\(|__\w|[A-Z_]++\s*+[=;(]|%(nested)s[^;{}()=]*+"
    rb"(?:%(nested)s\s*+)?\{)"
)


@lru_cache(maxsize=4096)
def _glance_pattern(word: bytes) -> re.Pattern[bytes]:
    return re.compile(_GLANCE % {b"word": re.escape(word), b"nested": _NESTED})


def glance(text: bytes, word: str) -> Glance:
    """What a file's text may make of a word."""
    name = word.encode()
    if name not in text:
        return Glance()
    defines = False
    renamed: dict[str, None] = {}
    for match in _matches(_glance_pattern(name), text, name):
        if match[1] is None:
            defines = True
        else:
            renamed[match[1].decode()] = None
    return Glance(defines, tuple(renamed))


def _matches(pattern: re.Pattern[bytes], text: bytes, word: bytes) -> Iterator[re.Match[bytes]]:
    """As `finditer`; it is tried only at a word, and at each `#` before it in its line.

    A line that ends in a backslash goes on.
    """
    end = 0
    while (start := text.find(word, end)) >= 0:
        line = text.rfind(b"\n", end, start)
        while line > end and text.endswith((b"\\", b"\\\r"), end, line):
            line = text.rfind(b"\n", end, line)
        at = text.find(b"#", max(line, end), start)
        match = None
        while at >= 0 and match is None:
            match = pattern.match(text, at)
            at = text.find(b"#", at + 1, start)
        match = match or pattern.match(text, start)
        if match is not None:
            yield match
        end = match.end() if match is not None else start + 1
