"""Rewrites code in place until a C parser can read it: same length, same line ends.

What a macro hides from a parser is masked by its name (`vocabulary`), at file level by its place.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import chain

from callpath.c.lexer import WORD_BYTES, Brackets, blank, pair_brackets, words_of
from callpath.c.masking.heads import mask_file_level
from callpath.c.masking.makers import Makers
from callpath.c.masking.masked import SPACE_WINDOW, MacroCall, MaskedSource, last_visible
from callpath.c.vocabulary import (
    ANNOTATION_CALLS,
    ANNOTATIONS,
    EXTERN_VARIABLE_MACROS,
    FUNCTION_MACROS,
    LOOP_END,
    LOOP_WORD,
    TYPE_CALLS,
    VARIABLE_MACROS,
)

# A search is fast that begins with plain bytes: it looks back behind them.
_LINKAGE = re.compile(rb'extern(?<!\wextern)\s*+"[^"\n]*+"\s*+\{')


_NO_MAKERS = Makers()


def mask(code: bytes, base: int = 0, makers: Makers = _NO_MAKERS) -> MaskedSource:
    """Mask code that begins at an offset of its file, given the macros that make functions.

    The bodies of functions and the values of variables are left blank: `unfold` fills them.
    """
    code, brackets = _without_linkage(code)
    masked = MaskedSource(code, brackets, base, bytearray(code))
    masked.fold()
    _mask_known_words(masked, bytes(masked.result), 0)
    mask_file_level(masked, makers)
    _mask_statements(masked, bytes(masked.result), 0)
    _mask_members(masked, bytes(masked.result), 0)
    # Macro calls among enumerators are facts of the file, wherever they are.
    for match in _CALLS_IN_ENUMERATION.finditer(code):
        opening = brackets.opening(match.start())
        unfold(masked, opening, opening + 1)
    return masked


def unfold(masked: MaskedSource, start: int, end: int) -> None:
    """Fill the bodies and values between two offsets of masked code, and mask what is in them."""
    for opening, closing in masked.unfolded(start, end):
        inside = masked.source[opening : closing + 1]
        _mask_known_words(masked, inside, opening)
        _mask_statements(masked, bytes(masked.result[opening : closing + 1]), opening)
        _mask_members(masked, bytes(masked.result[opening : closing + 1]), opening)


def _without_linkage(code: bytes) -> tuple[bytes, Brackets]:
    """The code without the frames of `extern "C" { … }`, and its brackets."""
    brackets = pair_brackets(code)
    framed = bytearray(code)
    for match in _LINKAGE.finditer(code):
        brace = match.end() - 1
        index = bisect_left(brackets.opens, brace)
        if index < len(brackets.opens) and brackets.opens[index] == brace:
            framed[match.start() : match.end()] = blank(match.group())
            close = brackets.closes[index]
            framed[close : close + 1] = blank(code[close : close + 1])
    if framed == code:
        return code, brackets
    return bytes(framed), pair_brackets(bytes(framed))


_WORD_ENDS = frozenset(bytes([byte]) for byte in WORD_BYTES)
_NAME = re.compile(rb"\s*+([A-Za-z_]\w*+)\s*+")
_VISIBLE = re.compile(rb"\S")


def _mask_known_words(masked: MaskedSource, code: bytes, base: int) -> None:
    """Mask what is known by its name in a piece of the code that begins at an offset."""
    known = _KNOWN.intersection(words_of(code))
    places = sorted(place for each in known for place in _places(code, each))
    for start, word in places:
        _ACTIONS[word](masked, start + base, start + len(word) + base)


def _places(code: bytes, word: bytes) -> Iterator[tuple[int, bytes]]:
    """The offsets of a whole word, each with the word."""
    start = code.find(word)
    while start >= 0:
        end = start + len(word)
        is_begun = not start or code[start - 1] not in WORD_BYTES
        if is_begun and (end == len(code) or code[end] not in WORD_BYTES):
            yield start, word
        start = code.find(word, end)


def _annotation(masked: MaskedSource, start: int, end: int) -> None:
    """Blank a word, with its arguments if it can have some."""
    word = masked.source[start:end]
    brackets = masked.call(end) if word in ANNOTATION_CALLS else None
    if brackets is not None:
        masked.skip(start, brackets[1] + 1)
    elif word in ANNOTATIONS:
        masked.skip(start, end)


_DECLARES = re.compile(rb"\s*+(?:[=;,]|__)")


def _class(masked: MaskedSource, start: int, end: int) -> None:
    """Blank `__free(kfree)` behind the name of a local variable; elsewhere it is a function."""
    brackets = masked.call(end)
    before = last_visible(masked.source, max(0, start - SPACE_WINDOW), start)
    is_named = before in _WORD_ENDS and not masked.brackets.at_file_level(start)
    if brackets is not None and is_named and _DECLARES.match(masked.source, brackets[1] + 1):
        masked.hide(start, brackets[1] + 1)


_INFERRED = re.compile(rb"\s++(?:(?:const|volatile)\s++)*+([A-Za-z_]\w*+)\s*+=(?!=)")


def _auto(masked: MaskedSource, start: int, end: int) -> None:
    """Put a type for the `auto` of C23, which takes it from the value; elsewhere it is storage."""
    named = _INFERRED.match(masked.source, end)
    if named is not None and named[1] not in (b"const", b"volatile"):
        masked.put(start, b"char")


def _type_call(masked: MaskedSource, start: int, end: int) -> None:
    """Put a type for a call that stands for one."""
    if brackets := masked.call(end):
        masked.hide(start, brackets[1] + 1)
        masked.put(start, b"int")


def _variable(masked: MaskedSource, start: int, end: int) -> None:
    """Turn a macro that defines or announces a variable into its declaration."""
    word, brackets = masked.source[start:end], masked.call(end)
    if brackets is None:
        return
    is_extern = word in EXTERN_VARIABLE_MACROS
    macro = EXTERN_VARIABLE_MACROS[word] if is_extern else VARIABLE_MACROS[word]
    storage = b"extern " if is_extern else b""
    opening, closing = brackets
    arguments = masked.arguments(opening, closing)
    if len(arguments) < macro.minimum or not (
        name := _NAME.fullmatch(masked.source, *arguments[macro.name])
    ):
        return
    masked.skip(start, closing + 1)
    masked.put(start, storage + b"int")
    if 0 <= macro.type < macro.name:
        type_start, type_end = arguments[macro.type]
        written = masked.source[type_start:type_end]
        if written.strip() and not set(written) & set(b"()[]{}"):
            masked.put(start, storage + b"   ")
            masked.put(type_start, written)
            masked.heads[opening + 1] = start
    masked.put(name.start(1), name.group(1))
    after = _VISIBLE.search(masked.source, closing + 1)
    if after is None or after.group() not in b";=,[":
        masked.put(closing, b";")


def _function(masked: MaskedSource, start: int, end: int) -> None:
    """Turn a macro that heads a function into a function's head."""
    brackets = masked.call(end)
    if brackets is None:
        return
    opening, closing = brackets
    arguments = masked.arguments(opening, closing)
    name = _NAME.fullmatch(masked.source, *arguments[0])
    if name is None:
        return
    word = masked.source[start:end]
    place = name.start(1)
    masked.put(start, b"long".ljust(end - start))
    masked.put(opening, b" ")
    if not word[-1:].isdigit():
        masked.put(closing, b" ")
    elif len(arguments) == 1:
        place = closing - len(name.group(1)) - 1
        masked.hide(opening, closing + 1)
        masked.put(place, name.group(1) + b"()")
        masked.brackets.closing[place + len(name.group(1))] = closing
    else:
        masked.put(arguments[0][1], b"(")
        masked.brackets.closing[arguments[0][1]] = closing
        for span in arguments[1:-1:2]:
            masked.put(span[1], b" ")
    masked.names[place] = FUNCTION_MACROS[word] + name.group(1).decode()


_ACTIONS: dict[bytes, Callable[[MaskedSource, int, int], None]] = {
    **dict.fromkeys((*ANNOTATIONS, *ANNOTATION_CALLS), _annotation),
    **dict.fromkeys(TYPE_CALLS, _type_call),
    b"__free": _class,
    b"auto": _auto,
    **dict.fromkeys((*VARIABLE_MACROS, *EXTERN_VARIABLE_MACROS), _variable),
    **dict.fromkeys(FUNCTION_MACROS, _function),
}


_KNOWN = frozenset(_ACTIONS)
_STATEMENT = re.compile(
    rb"\n[ \t]*+(?P<end>\}[ \t]*+)?(?:else[ \t]++)?+(?P<word>[A-Za-z_]\w*+)[ \t]*+\("
)
_LOOP_BODY = re.compile(rb"[\w*(+{-]")
_ENUMERATION = re.compile(rb"enum(?<!\wenum)\b[^{};()=,]*+\{([^{}]*+)\}")
_CALLS_IN_ENUMERATION = re.compile(rb"enum(?<!\wenum)\b[^{};=,]*+\{[^{}(]*+\(")
_ENUMERATOR_CALL = re.compile(rb"([A-Za-z_]\w*+)\s*+(\()[^()=,]*+\)(?=\s*+(?:,|\}|\Z))")
_WORDS_BEFORE_TAG = tuple(
    re.compile(
        rb"""%b\s++
        ((?:(?!(?:struct|union)\b)[A-Za-z_]\w*+(?:\s*+\([^(){};]*+\))?+\s++)+)
        [A-Za-z_]\w*+\s*+\{"""
        % keyword,
        re.VERBOSE,
    )
    for keyword in (b"struct", b"union")  # each begins with plain bytes: that is fast
)
_AFTER_SIZE = re.compile(rb"\]\s*+([A-Za-z_]\w*+)\s*+[;=]")
_KEYWORDS = frozenset(b"if while for switch return sizeof do else case asm __asm__ __asm".split())


def _mask_statements(masked: MaskedSource, code: bytes, base: int) -> None:
    """Turn macros that head or end a loop into `while`, in code that begins at an offset."""
    for match in _STATEMENT.finditer(code):
        word = match["word"]
        if word in _KEYWORDS:
            continue
        closing = masked.brackets.closing.get(match.end() - 1 + base)
        keyword = b"while" if len(word) >= len(b"while") else b"if"
        if closing is None or len(word) < len(keyword):
            continue
        closing -= base
        if code[closing + 1 : closing + 2] == b";" and not match["end"]:
            continue
        if _is_loop(code, word, closing, ends=match["end"] is not None):
            start = match.start("word") + base
            if not masked.brackets.at_file_level(start):
                masked.put(start, keyword.ljust(len(word)))


def _is_loop(code: bytes, word: bytes, closing: int, *, ends: bool) -> bool:
    """Whether a call in a body heads a block or statement, or ends a `do`."""
    match = _VISIBLE.search(code, closing + 1)
    after = match.group() if match is not None else b""
    if ends and after == b";":
        return word.startswith(LOOP_END)
    return after == b"{" or (LOOP_WORD in word and bool(_LOOP_BODY.match(after)))


def _mask_members(masked: MaskedSource, code: bytes, base: int) -> None:
    """Blank macro calls among enumerators, noting them, and words after an array's size.

    Words before the tag of a struct inside of another are blanked too. The code begins at an
    offset of the masked one.
    """
    for match in chain.from_iterable(each.finditer(code) for each in _WORDS_BEFORE_TAG):
        is_word = not match.start() or code[match.start() - 1] not in WORD_BYTES
        if is_word and not masked.brackets.at_file_level(match.start() + base):
            masked.skip(match.start(1) + base, match.end(1) + base)
    for enumeration in _ENUMERATION.finditer(code):
        begin, end = enumeration.span(1)
        for match in _ENUMERATOR_CALL.finditer(code, begin, end):
            start = match.start()
            if last_visible(code, begin, start) in b";,":
                masked.hide(start + base, match.end() + base)
                opening, closing = match.start(2) + base, match.end() - 1 + base
                masked.calls.append(MacroCall(start + base, match.group(1), opening, closing))
    for match in _AFTER_SIZE.finditer(code):
        masked.skip(match.start(1) + base, match.end(1) + base)
