"""Whether a text looks as if it defined a name: a quick look, before anything is parsed.

It errs on the side of yes; what it misses is what only a macro of the code base defines.
"""

import re
from functools import lru_cache

from callpath.core.model import Definition, SymbolKind

_SYSTEM_CALLS = ("compat_sys_", "sys_")

_FUNCTION = rb"(?!\s*(?:\}?\s*else|if|for|while|switch|return)\b)[^\n;{}#]*\b%(name)s\s*\([^;{}]*\{"
_MACRO = rb"[ \t]*\#[ \t]*define[ \t]+%(name)s\b"
_TAGGED = rb"[^\n;#]*\b(?:struct|union|enum)\s+(?:__\w+(?:\([^)]*\))?\s+)*%(name)s\b[^;(){}]*\{"
_VARIABLE = (
    rb"(?!extern\b|(?:struct|union|enum)\s+\w+\s*;)"
    rb"[A-Za-z_][^\n;{}()#]*\b%(name)s\s*(?:[=;\[,]|__)"
)
_DEFINED = rb"(?:static\s+)?[A-Z][A-Z0-9_]+\([^;]{0,200}?\b%(name)s\b"
_CLOSED = rb"[^\n;{}]*\}[^;{}()\n]*\b%(name)s\b[^;{}()]*[;=]"
_TYPEDEF = rb"typedef\b[^;{}]*\b%(name)s\b[^;{}]*;"
_ENUMERATOR = rb"[ \t]+(?:[^\n;(]*,[ \t]*)?%(name)s[ \t]*(?:=[^=]|,|/\*|//|\}|\r?$)"
_BEHIND_BRACE = rb"[^\n;(]*\{[^;()]*\b%(name)s[ \t]*(?:=[^=]|,|\})"


@lru_cache(maxsize=4096)
def _definition(name: str) -> re.Pattern[bytes]:
    forms = (
        *(_FUNCTION, _MACRO, _TAGGED, _VARIABLE, _DEFINED, _CLOSED, _TYPEDEF),
        *(_ENUMERATOR, _BEHIND_BRACE),
    )
    word = re.escape(name.encode())
    return re.compile(b"|".join(form % {b"name": word} for form in forms), re.MULTILINE)


@lru_cache(maxsize=4096)
def _whole(name: str) -> re.Pattern[bytes]:
    word = re.escape(name.encode())
    return re.compile(word + rb"(?<![A-Za-z0-9_]" + word + rb")(?![A-Za-z0-9_])")


def searched_words(definition: Definition) -> tuple[str, ...]:
    """The words that a file must have one of to define a symbol: the name as it is written there.

    A member is found by its struct; `sys_read` is written `SYSCALL_DEFINE3(read, …)`.
    """
    if definition.kind is SymbolKind.FIELD:
        return (definition.name.partition(".")[0],)
    for prefix in _SYSTEM_CALLS:
        if definition.kind is SymbolKind.FUNCTION and definition.name.startswith(prefix):
            return (definition.name, definition.name.removeprefix(prefix))
    return (definition.name,)


def may_define(name: str, text: bytes) -> bool:
    """Whether a file's text may define a name: as anything but a member.

    Only the lines that hold the name are looked at, each with what follows it.
    """
    pattern = _definition(name)
    last = -1
    for match in _whole(name).finditer(text):
        start = text.rfind(b"\n", 0, match.start()) + 1
        if start != last and pattern.match(text, start):
            return True
        last = start
    return False
