"""What variables have run when their scope is left, by `cleanup(f)`, `__free(class)` and so on."""

import re
from collections.abc import Mapping

from callpath.c.bodies.walk import CALLED, UsageContext, Walk
from callpath.c.facts import Call, CallForm, Role
from callpath.c.vocabulary import CLASSES

_CLEANUP = re.compile(rb"(?<!\w)(?:cleanup|__cleanup__)\s*+\(\s*+([A-Za-z_]\w*+)\s*+\)")
_IN_BRACKETS = re.compile(rb"\s*+\(\s*+([A-Za-z_]\w*+)\s*+\)")
_BEFORE_COMMA = re.compile(rb"\s*+\(\s*+([A-Za-z_]\w*+)\s*+,")
_BEFORE_VARIABLE = re.compile(rb"\s*+\(\s*+([A-Za-z_]\w*+)\s*+,\s*+[A-Za-z_]\w*+\s*+\)\s*+\(")
_CLASS_FORMS = {
    b"scoped_guard": _BEFORE_COMMA,
    b"scoped_cond_guard": _BEFORE_COMMA,
    b"CLASS": _BEFORE_VARIABLE,
}


class ScopeEnds:
    """Finds what variables run when their scope is left, in the bodies of one file."""

    def __init__(self, code: bytes, cleanups: Mapping[str, str]) -> None:
        """Take the file's code, and the macros that stand for the attribute `cleanup`.

        Each of these comes with the function in it; for its own argument with an empty name.
        """
        self._cleanups = cleanups
        words = [word for word in (*CLASSES, *map(str.encode, cleanups)) if word in code]
        forms = [rb"(?P<attribute>__attribute(?:__)?+\s*+\(|\[\[)"] if b"cleanup" in code else []
        forms += [rb"(?P<word>%b)(?!\w)" % b"|".join(sorted(words))] if words else []
        self._pattern = re.compile(rb"(?<!\w)(?:%b)" % b"|".join(forms)) if forms else None

    def note(self, walk: Walk, start: int, end: int) -> None:
        """Note what is run between two offsets of a body."""
        source, base = walk.construct.source, walk.construct.masked.base
        found = self._pattern.finditer(source, start - base, end - base) if self._pattern else ()
        for match in found:
            kinds = match.groupdict()
            if kinds.get("attribute"):
                _attribute(walk, match)
            else:
                self._word(walk, match)

    def _word(self, walk: Walk, match: re.Match[bytes]) -> None:
        word = match["word"]
        argument = _CLASS_FORMS.get(word, _IN_BRACKETS).match(match.string, match.end())
        base = walk.construct.masked.base
        if word in CLASSES and argument is not None:
            offset, past = (each + base for each in argument.span(1))
            name = walk.construct.unit.name(offset, past)
            walk.note(offset, name, UsageContext(Role.CLASS, word.decode()))
        elif known := self._cleanups.get(word.decode()):
            walk.call(match.start() + base, Call(CallForm.DIRECT, known, 0))
        elif word not in CLASSES and argument is not None:
            _note_cleanup(walk, *argument.span(1))


def _attribute(walk: Walk, match: re.Match[bytes]) -> None:
    """Note the function that an attribute in full has run."""
    if match["attribute"] == b"[[":
        past = match.string.find(b"]]", match.end())
    else:
        brackets = walk.construct.masked.call(match.end() - 1)
        past = brackets[1] if brackets else 0
    named = _CLEANUP.search(match.string, match.end(), max(past, 0))
    if named is not None:
        _note_cleanup(walk, *named.span(1))


def _note_cleanup(walk: Walk, start: int, end: int) -> None:
    """Note a call of the function that a span of the variant's code names."""
    offset, past = start + walk.construct.masked.base, end + walk.construct.masked.base
    name = walk.construct.unit.name(offset, past)
    walk.note(offset, name, CALLED)
    walk.direct_call(offset, name)
