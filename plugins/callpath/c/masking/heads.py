"""Masks at file level what a parser does not know: words that macros stand for.

A word is judged by its place, not by a list: it can stand before a tag, a type or a name, behind a
parameter list, on a line of its own, or head a function.
"""

import re

from msgspec import Struct

from callpath.c.masking.items import (
    COLON,
    COMMA,
    EQUALS,
    KEYWORDS,
    LIKE_ANNOTATION,
    NO_DECLARATION,
    OPEN,
    OPEN_BRACE,
    OPEN_SIZE,
    PRIMITIVE,
    SEMICOLON,
    STAR,
    STARTING,
    STORAGE,
    TAGS,
    Item,
    Part,
    Parts,
    has_type,
    is_parameters,
    read_items,
)
from callpath.c.masking.makers import Made, Makers
from callpath.c.masking.masked import MacroCall, MaskedSource

_WELL_KNOWN = frozenset(
    b"bool size_t ssize_t off_t loff_t FILE time_t va_list u8 u16 u32 u64 s8 s16 s32 s64 __u8 "
    b"__u16 __u32 __u64 __le16 __le32 __le64 __be16 __be32 __be64 int8_t int16_t int32_t int64_t "
    b"uint8_t uint16_t uint32_t uint64_t uintptr_t intptr_t ptrdiff_t gfp_t".split()
)
"""Names of types that are so common that an unknown word beside one of them is none."""
_POINTER = re.compile(rb"\s*+((?:[A-Za-z_]\w*+\s++)*+)[*^]")
_IDENTIFIER = re.compile(rb"\s*+([A-Za-z_]\w*+)\s*+")
_INNER = re.compile(rb"\s*+\(")
_INT = b"int"
_LONGEST = 128  # how many parts are before the first value or comma; more are no declaration


def mask_file_level(masked: MaskedSource, makers: Makers) -> None:
    """Mask what a parser does not know at file level, and note the macro calls there."""
    code = bytes(masked.result)
    for item in read_items(masked, code):
        head = _Head(masked, code, makers, item)
        if item.parts[0].word not in NO_DECLARATION and len(head.parts) <= _LONGEST:
            head.mask()


def _is_call(parts: Parts, index: int) -> bool:
    return bool(parts[index].word) and index + 1 < len(parts) and parts[index + 1].kind == OPEN


def _is_annotation_like(part: Part) -> bool:
    return LIKE_ANNOTATION.fullmatch(part.word) is not None


class _Head(Struct):
    """The head of one item: its parts up to the first value or comma."""

    masked: MaskedSource
    code: bytes
    makers: Makers
    item: Item
    parts: list[Part] = []
    rest: list[Part] = []  # the parts from the first value or comma on
    start: int = 0  # how many parts belong to a tag and what stands before it

    def __post_init__(self) -> None:
        """Divide the item."""
        parts, end = self.item.parts, self.item.head
        if not end:
            marks = (i for i, part in enumerate(parts) if part.kind in (EQUALS, COMMA))
            end = next(marks, len(parts))
        self.parts, self.rest = parts[:end], [] if self.item.head else parts[end:]

    def mask(self) -> None:
        """Mask what a parser does not know."""
        self.start = self._past_tag()
        self._unwrap_parameters()
        if not self._is_pointer():
            self._drop_annotations()
            calls = [i for i in range(self.start, len(self.parts)) if _is_call(self.parts, i)]
            if not calls:
                self._variable()
            elif not self._named_by_macro(calls) and not self._function(calls):
                self._macro_calls(calls)
        self._mask_declarators()

    # Tags.

    def _past_tag(self) -> int:
        """Blank what stands between a keyword and its tag; the index past the tag or its body."""
        parts = self.parts
        keyword = next((i for i, part in enumerate(parts) if part.word in TAGS), -1)
        if keyword < 0:
            return 0
        inside = range(keyword + 1, len(parts))
        body = next((i for i in inside if parts[i].kind == OPEN_BRACE), 0)
        if body:
            end = next((i for i in range(keyword, body) if parts[i].kind == COLON), body)
            tags = [i for i in range(keyword + 1, end) if parts[i].word and not _is_call(parts, i)]
            self._blank([parts[i] for i in range(keyword + 1, end) if i not in tags[-1:]])
            return body + 1
        tag = keyword + 1
        while tag + 2 < len(parts) and self._is_before_tag(parts[tag : tag + 3]):
            self._blank([parts[tag]])
            del parts[tag]
        return min(tag + 1, len(parts))

    def _is_before_tag(self, parts: Parts) -> bool:
        """Whether the first of three parts stands before the tag: it is not the tag itself."""
        first, second, third = parts
        return (
            _is_annotation_like(first)
            and bool(second.word)
            and second.word not in KEYWORDS
            and not _is_annotation_like(second)
            and (bool(third.word) or third.kind == STAR)
        )

    # Declarators.

    def _unwrap_parameters(self) -> None:
        """Make `name(int a)` of `name OF((int a))`."""
        for index in range(1, len(self.parts) - 1):
            name, macro, brackets = self.parts[index - 1 : index + 2]
            if brackets.kind != OPEN or {name.word, macro.word} & {b"", *KEYWORDS}:
                continue
            inner = _INNER.match(self.code, brackets.start + 1)
            opening = inner.end() - 1 if inner is not None else -1
            closing = self.masked.brackets.closing.get(opening, -1)
            if closing > opening and not self.code[closing + 1 : brackets.end - 1].strip():
                self.masked.hide(macro.start, opening)
                self.masked.hide(closing + 1, brackets.end)
                self.parts[index : index + 2] = [Part(opening, closing + 1, OPEN)]
                return

    def _is_pointer(self) -> bool:
        """Mask around a declarator in brackets, `(*get)(void)`, if the item has one."""
        if self.item.closed_by == OPEN_BRACE and not self.item.head:
            return False
        for index in range(1, len(self.parts)):
            match = self._match_pointer(index)
            if match is None or not has_type(self.parts[:index]):
                continue
            self.masked.hide(*match.span(1))
            is_typedef = self.parts[0].word == b"typedef"
            self._specifiers(self.parts[:index], is_pointer=not is_typedef)
            self._blank_behind(index + 1)
            return True
        return False

    def _match_pointer(self, index: int) -> re.Match[bytes] | None:
        part = self.parts[index]
        if part.kind != OPEN:
            return None
        match = _POINTER.match(self.code, part.start + 1)
        is_called = index + 1 < len(self.parts) and self.parts[index + 1].kind == OPEN
        if match is not None and match.group(1) and not is_called:
            return None
        # Words before the `*` are none of a type: `(struct s *x)` is a parameter.
        return None if match is not None and set(match.group(1).split()) & KEYWORDS else match

    def _blank_behind(self, index: int) -> None:
        """Blank the words and calls behind a declarator, whose own brackets come first."""
        while index < len(self.parts) and self.parts[index].kind in (OPEN, OPEN_SIZE):
            index += 1
        self._blank(self.parts[index:])

    def _drop_annotations(self) -> None:
        """Blank the calls before and behind the name of a variable: `int x SECTION("a") = 1;`."""
        if self.item.closed_by == OPEN_BRACE:
            return
        index = max(self.start, 1)
        while index < len(self.parts):
            if _is_call(self.parts, index) and self._is_annotation(index):
                self._blank(self.parts[index : index + 2])
                del self.parts[index : index + 2]
            else:
                index += 1

    def _is_annotation(self, index: int) -> bool:
        parts = self.parts
        before, word = parts[index - 1], parts[index]
        if any(part.kind == OPEN_SIZE for part in parts[:index]):
            return True
        if not _is_annotation_like(word) or is_parameters(self.code, parts[index + 1].start):
            return False
        if before.kind == OPEN_BRACE:
            return True
        is_plain = bool(before.word) and before.word not in KEYWORDS
        if is_plain and not _is_annotation_like(before) and index > self.start:
            return has_type(parts[: index - 1])
        behind = parts[index + 2 :]
        is_named = bool(behind) and not any(part.kind == OPEN for part in behind)
        is_named = is_named and bool(behind[0].word) and not _is_annotation_like(behind[0])
        return is_named and has_type(parts[:index])

    def _named_by_macro(self, calls: list[int]) -> bool:
        """Leave the name alone in `int HELPER(name)(int a)` and `int (name)(int a)`."""
        parts = self.parts
        for index in calls:
            if index + 2 >= len(parts) or parts[index + 2].kind != OPEN:
                continue
            first = parts[index + 1]
            spans = self.masked.arguments(first.start, first.end - 1)
            identifier = _IDENTIFIER.fullmatch(self.code, *spans[0])
            if identifier is None or identifier.group(1) in KEYWORDS:
                continue
            if len(spans) == 1 and self._is_type(index):
                self.masked.hide(first.start, first.start + 1)
                self.masked.hide(first.end - 1, first.end)
                self._specifiers(parts[: index + 1])
            elif has_type(parts[:index]):
                self._pasted(index)
                self._specifiers(parts[:index])
            else:
                return False
            self._blank(parts[index + 3 :])
            return True
        return False

    def _is_type(self, index: int) -> bool:
        """Whether a word is the type before a name in brackets, not the macro that makes it."""
        part, before = self.parts[index], self.parts[:index]
        if part.word in KEYWORDS:
            return True
        is_type_before = any(
            each.kind
            or each.word in PRIMITIVE | TAGS
            or (each.word not in STORAGE and not _is_annotation_like(each))
            for each in before
        )
        if self.makers.knows(part.word) or _is_annotation_like(part) or is_type_before:
            return False
        return not has_type(before) or self.parts[index + 1].start > part.end

    def _function(self, calls: list[int]) -> bool:
        """Mask around the name of a function; False if the head names none."""
        parts, has_body = self.parts, self.item.closed_by == OPEN_BRACE
        named = [i for i in calls if parts[i].word not in KEYWORDS and self._may_name(i)]
        sure = [i for i in named if is_parameters(self.code, parts[i + 1].start)]
        name = next(iter(sure or named), -1)
        if name < 0:
            return False
        if self.rest and self.rest[0].kind == EQUALS:
            self._generated_variable(name)
        elif (
            not sure
            and not self.item.head
            and not (has_body and self._defines(name, is_typed=True))
        ):
            is_open = not self.item.closed_by and not self.rest
            if is_open and _is_annotation_like(parts[name]):
                return False
        self._specifiers(parts[:name])
        self._blank(parts[name + 2 :])
        for part in parts[:name] if self.item.head else ():
            if part.kind == STAR:  # no pointer is parsed before parameters of the old way
                self.masked.hide(part.start, part.end)
        return True

    def _may_name(self, index: int) -> bool:
        """Whether a function's type stands before a call, and none behind it."""
        parts = self.parts
        behind = parts[index + 2] if index + 2 < len(parts) else None
        if behind is not None and (behind.kind == STAR or behind.word in STARTING):
            return False
        if has_type(parts[:index]):
            return True
        is_after_call = index > 0 and parts[index - 1].kind == OPEN
        return is_after_call and is_parameters(self.code, parts[index + 1].start)

    def _variable(self) -> None:
        """Blank the words around the name of a variable or a typedef."""
        parts = self.parts
        if self.item.closed_by != SEMICOLON and not self.rest:
            is_bare = self.item.closed_by != OPEN_BRACE
            if is_bare and all(part.word and part.word not in KEYWORDS for part in parts):
                self._blank(parts)
            return
        marks = (i for i, part in enumerate(parts) if part.kind in (OPEN_SIZE, COLON))
        end = next(marks, len(parts))
        name = self._name(end)
        if name >= 0:
            self._specifiers(parts[:name])
            self._blank(parts[end + 1 :])
        elif self.start:
            self._specifiers(parts)

    def _name(self, end: int) -> int:
        """The index of the name before another index; words behind it are blanked; or -1."""
        parts = self.parts
        star = max((i for i in range(self.start, end) if parts[i].kind == STAR), default=-1)
        words = [i for i in range(end) if parts[i].word and parts[i].word not in STORAGE]
        if not words or parts[words[-1]].word in PRIMITIVE:
            return -1
        has_known = any(
            parts[i].word in PRIMITIVE or (parts[i].word in _WELL_KNOWN and i != words[-1])
            for i in words
        )
        is_certain = self.start > 0 or star >= 0 or has_known
        first = max(star + 1, self.start)
        known = PRIMITIVE if star >= 0 or not has_known else PRIMITIVE | _WELL_KNOWN
        free = [i for i in words if i >= first and (parts[i].word not in known or i == words[-1])]
        if self._is_annotated_type(free):
            self._blank([parts[free.pop()]])
        needed = 1 if is_certain else 2
        while len(free) > needed and self._is_behind_name(free, needed):
            self._blank([parts[free.pop()]])
        return free[-1] if free else -1

    def _is_annotated_type(self, free: list[int]) -> bool:
        """`struct s { … } PACKED;` defines no variable."""
        is_body = self.start > 1 and self.parts[self.start - 1].kind == OPEN_BRACE
        is_tagged = is_body and bool(self.parts[self.start - 2].word not in TAGS)
        is_whole = len(free) == 1 and len(self.parts) == self.start + 1 and not self.rest
        is_stored = any(part.word in STORAGE for part in self.parts[: self.start])
        return is_tagged and is_whole and not is_stored and _is_annotation_like(self.parts[free[0]])

    def _is_behind_name(self, free: list[int], needed: int) -> bool:
        """Whether the last of some words is rather an annotation than the name."""
        last = self.parts[free[-1]]
        if not _is_annotation_like(last):
            return False
        plain = [i for i in free[:-1] if not _is_annotation_like(self.parts[i])]
        return last.word.startswith(b"__") or len(plain) >= needed

    def _mask_declarators(self) -> None:
        """Blank the words and calls behind the names of the other declarators."""
        is_named, is_blank = True, False
        for part in self.rest:
            if part.kind in (COMMA, EQUALS):
                is_named, is_blank = part.kind == EQUALS, False
            elif part.word and part.word not in STORAGE:
                is_named, is_blank = True, is_named
            if is_blank:
                self._blank([part])

    # Calls of macros.

    def _macro_calls(self, calls: list[int]) -> None:
        """Mask what has no type: calls of macros, which may make a function or a variable."""
        parts, item, last = self.parts, self.item, calls[-1]
        behind = parts[last + 2 :]
        if self.rest and self.rest[0].kind == EQUALS and not behind:
            self._generated_variable(last)
            self._specifiers(parts[:last])
        elif self.rest or any(part.kind for part in behind):
            self._after_call(behind, last)
        elif item.closed_by == SEMICOLON and self._after_call(behind, last):
            pass
        elif item.closed_by == OPEN_BRACE and (
            self._defines(last, is_typed=False) or self._implicit(last)
        ):
            self._blank(behind)
        else:
            self.masked.calls.extend(self._call(index) for index in calls)
            end = item.end if item.closed_by == SEMICOLON else parts[last + 1].end
            self.masked.hide(parts[0].start, end)

    def _call(self, index: int) -> MacroCall:
        word, brackets = self.parts[index : index + 2]
        return MacroCall(word.start, word.word, brackets.start, brackets.end - 1)

    def _after_call(self, behind: Parts, last: int) -> bool:
        """Put a type for a call before a variable's name: `LIST(int) *x;`; False without one."""
        named = [i for i, part in enumerate(behind) if part.word and part.word not in KEYWORDS]
        if named:
            self._specifiers(self.parts[: last + 2 + named[-1]])
        return bool(named)

    def _generated_variable(self, index: int) -> None:
        """Put a name for the call that makes that of a variable: `DEFINE_X(name) = …`."""
        is_typed = has_type(self.parts[:index])
        if is_typed and self._pasted(index):
            return
        call = self._call(index)
        self.masked.calls.append(call)
        self.masked.hide(call.offset, call.closing + 1)
        if not is_typed:
            self.masked.put(call.offset, _INT[: call.opening - call.offset])
        self.masked.put(call.closing, b"x")
        self.masked.names[call.closing] = ""

    def _pasted(self, index: int) -> bool:
        """Leave only the name of what a macro names; False if the name cannot be known."""
        call = self._call(index)
        spans = self.masked.arguments(call.opening, call.closing)
        made = self.makers.pasted(call.name, self._written(spans))
        if made is None or not 0 <= made.argument < len(spans):
            return False
        identifier = _IDENTIFIER.fullmatch(self.code, *spans[made.argument])
        if identifier is None:
            return False
        self.masked.made.append(call)
        self.masked.skip(call.offset, call.closing + 1)
        self.masked.put(identifier.start(1), identifier.group(1))
        if made.name != identifier.group(1):
            self.masked.names[identifier.start(1)] = made.name.decode("ascii", "replace")
        return True

    def _written(self, spans: list[tuple[int, int]]) -> list[bytes]:
        return [self.code[start:end].strip() for start, end in spans]

    def _defines(self, index: int, *, is_typed: bool) -> bool:
        """Turn a macro that heads a function into a function's head, if it is one."""
        call = self._call(index)
        spans = self.masked.arguments(call.opening, call.closing)
        written = self._written(spans)
        made = self.makers.made(call.name, written)
        if made is None and _is_annotation_like(self.parts[index]) and not call.name.islower():
            names = (
                Made(position, name)
                for position, name in enumerate(written)
                if _IDENTIFIER.fullmatch(name) and name not in KEYWORDS
            )
            made = next(names, None)
        if made is None:
            return False
        type_word = b"" if is_typed else _INT if len(call.name) > len(_INT) - 1 else b"t"
        return self._put_head(call, spans, made, type_word)

    def _put_head(
        self, call: MacroCall, spans: list[tuple[int, int]], made: Made, type_word: bytes
    ) -> bool:
        """Write a function's head over a macro's call."""
        end = call.closing + 1
        span = spans[made.argument] if made.argument >= 0 else (end, end)
        identifier = _IDENTIFIER.fullmatch(self.code, *span)
        name, place = b"x", 0
        if identifier is not None:
            name, place = identifier.group(1), identifier.start(1)
        parameters = b"()"
        if identifier is not None and span[1] < call.closing:
            inside = self.code[span[1] + 1 : call.closing]
            if is_parameters(self.code, span[1]):
                name = name.ljust(span[1] - place)
                parameters = b"(" + inside + b")"
            else:
                parameters = b"(" + b" " * (end - place - len(name) - 2) + b")"
        text = name + parameters
        if not place or place + len(text) > end:
            place = end - len(text)
        if place < call.offset + len(type_word) + bool(type_word):
            type_word, name = type_word[:1] and b"t", b"x"
            text = name + b"()"
            place = end - len(text)
        if place < call.offset + len(type_word) + bool(type_word):
            return False
        if self._covers_line_end(place, text) or self._covers_line_end(call.offset, type_word):
            return False
        self.masked.made.append(call)
        self.masked.skip(call.offset, end)
        self.masked.put(call.offset, type_word)
        self.masked.put(place, text)
        self.masked.names[place] = made.name.decode("ascii", "replace")
        return True

    def _covers_line_end(self, start: int, text: bytes) -> bool:
        """Whether writing a text would move a line end."""
        there = self.code[start : start + len(text)]
        return any((a == 0x0A) != (b == 0x0A) for a, b in zip(there, text, strict=True))

    def _implicit(self, index: int) -> bool:
        """Give a type to a function without one: `main() { … }`, `static f(x) int x; { … }`."""
        parts, word, brackets = self.parts, *self.parts[index : index + 2]
        if not (self.item.head or is_parameters(self.code, brackets.start)):
            return False
        if any(part.word not in STORAGE for part in parts[:index]):
            return False
        if self._type_for_storage(parts[:index]):
            return True
        place = brackets.start - 1
        if place < word.start + 2 or b"\n" in self.code[word.start : brackets.start]:
            return False
        # There is no room for a type: a part of the name stands for it.
        self.masked.hide(word.start, brackets.start)
        self.masked.put(word.start, b"t")
        self.masked.put(place, b"n")
        self.masked.names[place] = word.word.decode("ascii", "replace")
        return True

    # What stands before a name.

    def _specifiers(self, parts: Parts, *, is_pointer: bool = False) -> None:
        """Leave one type among what stands before a name."""
        start = min(self.start, len(parts))
        tag = next((i for i, part in enumerate(parts) if part.word in TAGS), start)
        free = [
            i
            for i, part in enumerate(parts)
            if (i < tag or i >= start) and part.word and part.word not in KEYWORDS
        ]
        calls = [i for i in free if _is_call(parts, i)]
        words = [i for i in free if i not in calls]
        is_certain = start > 0 or any(part.word in PRIMITIVE for part in parts)
        keep = -1 if is_certain else self._type(parts, words)
        self._blank([parts[i] for i in words if i != keep])
        for index in calls:
            self._blank(parts[index : index + 2])
            word, brackets = parts[index : index + 2]
            call = MacroCall(word.start, word.word, brackets.start, brackets.end - 1)
            self.masked.made.append(call)
        if keep >= 0 and is_pointer:
            self._put_int(parts[keep])
        elif not is_certain and keep < 0 and calls:
            self.masked.put(parts[calls[-1]].start, _INT)
        elif not is_certain and keep < 0:
            self._type_for_storage(parts)

    def _type(self, parts: Parts, words: list[int]) -> int:
        """Which of some unknown words is the type; -1 without any."""
        known = [i for i in words if parts[i].word in _WELL_KNOWN]
        plain = [i for i in words if not _is_annotation_like(parts[i])]
        return (known or plain or words or [-1])[-1]

    def _put_int(self, part: Part) -> None:
        """Put `int` for an unknown type, which the parser would take for a function's name."""
        if len(part.word) >= len(_INT) or self.code[part.end : part.end + 1] == b" ":
            self.masked.hide(part.start, part.end)
            self.masked.put(part.start, _INT)

    def _type_for_storage(self, parts: Parts) -> bool:
        """Put `int` for a storage class where there is no type; False without one."""
        for part in parts:
            is_kept = part.word in (b"extern", b"typedef")
            if part.word in STORAGE and len(part.word) >= len(_INT) and not is_kept:
                self.masked.put(part.start, _INT.ljust(len(part.word)))
                return True
        return False

    def _blank(self, parts: Parts) -> None:
        """Blank words that are no keywords, and brackets."""
        for part in parts:
            if part.kind in (0, OPEN) and part.word not in KEYWORDS:
                self.masked.skip(part.start, part.end)
