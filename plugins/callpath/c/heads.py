"""Reads what stands at file level item by item, and masks what a parser does not know there.

A word is judged by its place, not by a list: a macro that is not defined in the file can stand
before a tag, a type or a name, behind a parameter list, on a line of its own, or head a function.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from callpath.c.makers import Makers
from callpath.c.masked import MacroCall, MaskedSource

_STORAGE = frozenset(
    b"static extern typedef register auto inline __inline __inline__ const volatile restrict "
    b"__restrict _Thread_local __thread _Noreturn _Atomic __extension__ constexpr __const "
    b"__volatile__".split()
)
_PRIMITIVE = frozenset(
    b"void char short int long float double signed unsigned _Bool _Complex __int128 __signed__ "
    b"__auto_type".split()
)
_WELL_KNOWN = frozenset(
    b"bool size_t ssize_t off_t loff_t FILE time_t va_list u8 u16 u32 u64 s8 s16 s32 s64 __u8 "
    b"__u16 __u32 __u64 __le16 __le32 __le64 __be16 __be32 __be64 int8_t int16_t int32_t int64_t "
    b"uint8_t uint16_t uint32_t uint64_t uintptr_t intptr_t ptrdiff_t gfp_t".split()
)
"""Names of types that are so common that an unknown word beside one of them is none."""
_TAGS = frozenset((b"struct", b"union", b"enum"))
_STARTING = (_STORAGE - {b"const", b"volatile", b"restrict", b"__restrict"}) | _PRIMITIVE | _TAGS
"""Words that begin a declaration, and cannot follow a parameter list."""
_NO_DECLARATION = frozenset(
    b"if while for switch return sizeof do else case default goto break continue asm __asm__ "
    b"__asm".split()
)
_KEYWORDS = _STORAGE | _PRIMITIVE | _TAGS | _NO_DECLARATION
_ONE_OF = b"|".join(sorted(_KEYWORDS, reverse=True))
_NAME = rb"(?!(?:%b)\b)[A-Za-z_]\w*+" % _ONE_OF
_PLAIN = re.compile(
    rb"""\s*+(?:(?:static|extern|inline|const|volatile)\s++)*+
    (?:(?:struct|union|enum)\s++%(name)b(?:(?P<body>\s*+\{)|\s*+(?P<end>;))?+
      | (?:(?:unsigned|signed|long|int|char|short|void)\b\s*+)++ | %(name)b)
    (?(body)|(?(end)|
      (?:(?:\s*+\*)++\s*+|(?<=\s)|\s++)(?=\w*?[a-z])%(name)b\s*+(?P<parameters>\()))"""
    % {b"name": _NAME},
    re.VERBOSE,
)
"""The beginning of what has no unknown word in it: most of all code, and all that is fast."""
_AFTER_PLAIN = re.compile(rb"\s*+([;{])")
_TOKEN = re.compile(rb"[A-Za-z_]\w*+|\S")
_WORD_START = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_SIZE = re.compile(rb"[^\[\]{};]*+(?:\[[^\[\]{};]*+\][^\[\]{};]*+)*+\]")
_NEXT = re.compile(rb"(\s*+)([A-Za-z_]\w*+|\S)?")
_LIKE_ATTRIBUTE = re.compile(rb"__\w*|[A-Z][A-Z0-9_]+")
_POINTER = re.compile(rb"\s*+(?:[A-Za-z_]\w*+\s++)*+[*^]")
_IDENTIFIER = re.compile(rb"\s*+([A-Za-z_]\w*+)\s*+")
_PARAMETERS = re.compile(
    rb"\s*+(?:\)|\.\.\.|(?:%b)\b|[A-Za-z_]\w*+(?:\s*+\*|\s++[A-Za-z_]))" % _ONE_OF
)
"""The inside of a parameter list that surely is one: a parameter has a type and a name."""
_NAMES_ONLY = re.compile(rb"\s*+[A-Za-z_]\w*+\s*+(?:,\s*+[A-Za-z_]\w*+\s*+)*+\)")
_DECLARED_LATER = re.compile(rb"\s*+[A-Za-z_][^;{}()=]*+(?:\([^;{}()=]*+\)[^;{}()=]*+)*+;")
_WORD = re.compile(rb"[A-Za-z_]\w*+")
_OPEN, _CLOSE, _OPEN_BRACE, _CLOSE_BRACE, _OPEN_SIZE = b"(){}["
_SEMICOLON, _EQUALS, _COMMA = b";=,"


class Part(NamedTuple):
    """A word, a bracket with all that is in it, or a mark: its span and what it is."""

    start: int
    end: int
    kind: int  # 0 for a word, else the first byte
    word: bytes = b""


_Parts = Sequence[Part]


@dataclass(slots=True)
class _Item:
    """What stands at file level up to a `;`, a body, or the end of a call without either."""

    parts: list[Part]  # without the values of initialisers, and without what ends it
    end: int  # offset past it
    # What ends it: `;`, `{` for a body, else 0.
    closed_by: int = 0
    declared_later: int = 0  # how many parts come before parameters declared in the old way; or 0


def mask_file_level(masked: MaskedSource, makers: Makers) -> None:
    """Mask what a parser does not know at file level, and note the macro calls there."""
    code = bytes(masked.result)
    reader = _Reader(masked, code)
    position = 0
    while position < len(code):
        past = reader.past_plain(position)
        if past:
            position = past
            continue
        item = reader.read(position)
        position = max(item.end, position + 1)
        if item.parts and item.parts[0].word not in _NO_DECLARATION:
            _Masking(masked, code, makers, item).run()


@dataclass(slots=True)
class _Reader:
    """Divides code into items."""

    masked: MaskedSource
    code: bytes

    def past_plain(self, position: int) -> int:
        """The offset past an item that needs no mask; 0 if it may need one."""
        match = _PLAIN.match(self.code, position)
        if match is None:
            return 0
        if match["end"] is not None:
            return match.end()
        if match["body"] is not None:
            past = self.past_body(match.end() - 1)
            after = _AFTER_PLAIN.match(self.code, past) if past else None
            return after.end() if after is not None and after.group(1) == b";" else 0
        if match["parameters"] is None:
            return 0
        closing = self.masked.brackets.closing.get(match.end() - 1)
        after = _AFTER_PLAIN.match(self.code, closing + 1) if closing is not None else None
        if after is None:
            return 0
        return after.end() if after.group(1) == b";" else self.past_body(after.end() - 1)

    def past_body(self, opening: int) -> int:
        """The offset past the `}` of a brace that leaves file level; 0 if it is none."""
        brackets = self.masked.brackets
        index = bisect_left(brackets.opens, opening)
        if index < len(brackets.opens) and brackets.opens[index] == opening:
            return min(brackets.closes[index] + 1, len(self.code))
        return 0

    def read(self, position: int) -> _Item:
        """The item that begins at an offset."""
        code, closings = self.code, self.masked.brackets.closing
        item = _Item([], len(code))
        parts = item.parts
        is_value = False
        to_declare: set[bytes] = set()
        for_old = 0
        while (match := _TOKEN.search(code, position)) is not None:
            start, position = match.span()
            kind = code[start]
            if kind in _WORD_START:
                if not is_value:
                    parts.append(Part(start, position, 0, match.group()))
            elif kind == _OPEN:
                closing = closings.get(start)
                if closing is None or closing < start:
                    return _Item(parts, position)
                position = closing + 1
                if is_value:
                    continue
                parts.append(Part(start, position, kind))
                ends, to_declare = self._after_call(parts, to_declare)
                for_old = for_old or (len(parts) if to_declare else 0)
                if ends:
                    return _Item(parts, position)
            elif kind == _OPEN_SIZE:
                size = _SIZE.match(code, position)
                position = size.end() if size is not None else position
                if not is_value:
                    parts.append(Part(start, position, kind))
            elif kind == _OPEN_BRACE:
                past = self.past_body(start)
                if not is_value and not (past and _is_tag_body(code, parts)):
                    return _Item(parts, past or position, kind, for_old)
                position = past or position
                if not is_value:
                    parts.append(Part(start, position, kind))
            elif kind == _SEMICOLON:
                later = _declared_later(parts[for_old:], to_declare) if for_old else None
                if not later:
                    if for_old and len(parts) > for_old:
                        # Not the old way after all: the item ended before.
                        return self._ended_before(parts, position)
                    return _Item(parts, position, kind)
                to_declare -= later
                parts.append(Part(start, position, kind))
                if not to_declare and not self._goes_on_with_body(position):
                    return self._ended_before(parts, position)
            elif kind == _CLOSE_BRACE:
                return _Item(parts, position)
            else:
                if not is_value or kind == _COMMA:
                    parts.append(Part(start, position, kind))
                is_value = kind == _EQUALS or (is_value and kind != _COMMA)
        return item

    def _goes_on_with_body(self, position: int) -> bool:
        following = _NEXT.match(self.code, position)
        return following is not None and following.group(2) == b"{"

    def _ended_before(self, parts: list[Part], position: int) -> _Item:
        """An item whose parameters looked as if they were declared in the old way."""
        first = next((i for i, part in enumerate(parts) if part.kind == _SEMICOLON), len(parts))
        end = parts[first].end if first < len(parts) else position
        return _Item(parts[:first], end, _SEMICOLON)

    def _after_call(self, parts: list[Part], known: set[bytes]) -> tuple[bool, set[bytes]]:
        """What follows a bracket: whether the item ends here, and what is declared in the old way.

        The call of a macro needs no `;`: it ends with its line.
        """
        if len(parts) < 2 or parts[-2].kind or known:
            return False, known
        following = _NEXT.match(self.code, parts[-1].end)
        space, word = following.groups() if following is not None else (b"", None)
        if word is not None and word[0] not in _WORD_START:
            return word == b"}", known
        if b"\n" not in space and word is not None and not parts[0].word in _STORAGE:
            names = self._old_names(parts) if word in _KEYWORDS else set()
            return False, names
        names = self._old_names(parts)
        if names:
            return False, names
        if word is not None and b"\n" not in space:
            return False, known
        return self._is_whole_call(parts, word), known

    def _old_names(self, parts: list[Part]) -> set[bytes]:
        """The parameters that are declared between a function's head and body."""
        opening = parts[-1].start
        if _NAMES_ONLY.match(self.code, opening + 1) is None:
            return set()
        names = set(_WORD.findall(self.code, opening, parts[-1].end))
        later = _DECLARED_LATER.match(self.code, parts[-1].end)
        if later is None:
            return set()
        return names if names & set(_WORD.findall(later.group())) else set()

    def _is_whole_call(self, parts: list[Part], following: bytes | None) -> bool:
        """Whether a call whose line ends behind it is an item of its own."""
        before, name = parts[:-2], parts[-2].word
        if any(part.kind == _EQUALS for part in before):
            return False
        if not _has_type(before):
            return True
        if following in _STARTING:
            return not _is_typed_function(self.code, parts)
        is_certain = any(
            p.word in _PRIMITIVE or p.word in _TAGS or p.kind == ord("*") for p in before
        )
        if is_certain or _PARAMETERS.match(self.code, parts[-1].start + 1):
            return False
        return _LIKE_ATTRIBUTE.fullmatch(name) is not None


def _is_typed_function(code: bytes, parts: _Parts) -> bool:
    """Whether a head without `;` or body is one of a function, in spite of what follows."""
    return False


def _declared_later(parts: _Parts, expected: set[bytes]) -> set[bytes]:
    """The expected names that the parts after the last `;` declare."""
    found: set[bytes] = set()
    for index in range(len(parts) - 1, -1, -1):
        if parts[index].kind == _SEMICOLON:
            break
        if parts[index].word in expected:
            found.add(parts[index].word)
        elif parts[index].kind == _OPEN:
            found |= expected & _inner_words(parts[index])
    return found


def _inner_words(part: Part) -> set[bytes]:
    return set(_WORD.findall(part.word))


def _has_type(parts: _Parts) -> bool:
    """Whether something among parts can be a type: a word that is no call and no storage class."""
    for index, part in enumerate(parts):
        is_call = index + 1 < len(parts) and parts[index + 1].kind == _OPEN
        if part.kind == ord("*") or (part.word and not is_call and part.word not in _STORAGE):
            return True
    return False


def _is_tag_body(code: bytes, parts: _Parts) -> bool:
    """Whether the brace after some parts is that of a struct, union or enum."""
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        if part.word in _TAGS:
            words = [part for part in parts[index + 1 :] if part.word]
            calls = [part for part in parts[index + 1 :] if part.kind == _OPEN]
            if not calls:
                return True
            sure = _PARAMETERS.match(code, calls[-1].start + 1) is not None
            return (
                parts[index + 2].kind == _OPEN or (not sure and parts[-1].word != b"") or not words
            )
        if part.kind not in (0, _OPEN, ord(":")):
            return False
    return False


@dataclass(slots=True)
class _Masking:
    """Masks one item."""

    masked: MaskedSource
    code: bytes
    makers: Makers
    item: _Item
    head: list[Part] = field(default_factory=list)  # the parts of the first declarator
    rest: list[Part] = field(default_factory=list)
    start: int = 0  # how many parts belong to a tag and what stands before it

    def run(self) -> None:
        """Mask what a parser does not know."""
        parts = self.item.parts
        if self.item.declared_later:
            self.head, self.rest = parts[: self.item.declared_later], []
        else:
            cut = next((i for i, p in enumerate(parts) if p.kind in (_EQUALS, _COMMA)), len(parts))
            self.head, self.rest = parts[:cut], parts[cut:]
        self.start = self._past_tag()
        self._unwrap_parameters()
        calls = self._calls(self.start)
        if pointer := self._pointer():
            self._specifiers(self.head[:pointer], variable=True)
            self._blank_behind(pointer + 1)
        elif calls:
            self._with_calls(calls)
        else:
            self._variable(self.start)
        self._more_declarators()

    # What can be asked of the head.

    def _past_tag(self) -> int:
        """Blank what stands between a keyword and its tag; the index past both."""
        head = self.head
        for index, part in enumerate(head):
            if part.kind == _OPEN_BRACE:
                return index + 1
            if part.word not in _TAGS:
                continue
            body = next((i for i in range(index, len(head)) if head[i].kind == _OPEN_BRACE), 0)
            if body:
                words = [i for i in range(index + 1, body) if head[i].word]
                names = [i for i in words if i + 1 == body or head[i + 1].kind != _OPEN]
                colon = next((i for i in range(index, body) if head[i].kind == ord(":")), body)
                names = [i for i in names if i < colon]
                keep = names[-1:] if names else []
                self._blank(
                    [p for i, p in enumerate(head[index + 1 : colon], index + 1) if i not in keep]
                )
                return body + 1
            tag = index + 1
            while (
                tag + 2 < len(head)
                and head[tag].word
                and head[tag + 1].word
                and _LIKE_ATTRIBUTE.fullmatch(head[tag].word)
                and (head[tag + 2].word or head[tag + 2].kind == ord("*"))
                and head[tag + 1].word not in _KEYWORDS
            ):
                self._blank([head[tag]])
                tag += 1
            return tag + 1
        return 0

    def _unwrap_parameters(self) -> None:
        """`name OF((int a))` is `name(int a)`."""
        head = self.head
        for index in range(1, len(head) - 1):
            name, macro, brackets = head[index - 1 : index + 2]
            if brackets.kind != _OPEN or not (macro.word and name.word):
                continue
            if name.word in _KEYWORDS or macro.word in _KEYWORDS:
                continue
            inner = _NEXT.match(self.code, brackets.start + 1)
            if inner is None or inner.group(2) != b"(":
                continue
            opening = inner.start(2)
            closing = self.masked.brackets.closing.get(opening)
            if closing is None or self.code[closing + 1 : brackets.end - 1].strip():
                continue
            self._hide(macro.start, opening)
            self._hide(closing + 1, brackets.end)
            head[index : index + 2] = [Part(opening, closing + 1, _OPEN)]
            return

    def _calls(self, start: int) -> list[int]:
        """The indices of words that a bracket follows."""
        head = self.head
        return [
            index
            for index in range(start, len(head) - 1)
            if head[index].word and head[index + 1].kind == _OPEN
        ]

    def _blank_behind(self, index: int) -> None:
        """Blank the words and calls behind a declarator, from its brackets on."""
        while index < len(self.head) and self.head[index].kind in (_OPEN, _OPEN_SIZE):
            index += 1
        self._blank(self.head[index:])

    def _pointer(self) -> int:
        """The index of a bracket that holds a pointer's declarator (`(*get)(void)`), or 0."""
        head = self.head
        if self.item.closed_by == _OPEN_BRACE and not self.item.declared_later:
            return 0
        for index in range(1, len(head)):
            if head[index].kind != _OPEN or head[0].word == b"typedef":
                continue
            opening = head[index].start + 1
            match = _POINTER.match(self.code, opening)
            if match is None:
                continue
            called = index + 1 < len(head) and head[index + 1].kind == _OPEN
            if (called or match.group().strip() in (b"*", b"^")) and _has_type(head[:index]):
                return index
            if (called or self.code[opening : match.end()].strip() == b"*") and head[
                index - 1
            ].word:
                return index
        return 0

    def _with_calls(self, calls: list[int]) -> None:
        name = self._made_by_two(calls)
        if name is None:
            name = self._function(calls)
        if name is None and all(self._is_annotation(i) for i in calls):
            self._variable(self.start)
        elif name is None:
            self._only_calls(calls)

    def _made_by_two(self, calls: list[int]) -> int | None:
        """`int HELPER(name)(int a)` and `int (name)(int a)`: the name alone is left."""
        head = self.head
        for index in calls:
            if index + 2 >= len(head) or head[index + 2].kind != _OPEN:
                continue
            word, first = head[index], head[index + 1]
            arguments = self.masked.arguments(first.start, first.end - 1)
            identifier = _IDENTIFIER.fullmatch(self.code, *arguments[0]) if arguments else None
            if identifier is None or identifier.group(1) in _KEYWORDS:
                continue
            if self._is_type_before_brackets(index) and len(arguments) == 1:
                self._hide(first.start, first.start + 1)
                self._hide(first.end - 1, first.end)
                self._specifiers(head[: index + 1])
            else:
                if not _has_type(head[:index]):
                    return None
                self._generated(index, arguments)
                self._specifiers(head[:index])
            self._blank(head[index + 3 :])
            return index
        return None

    def _is_type_before_brackets(self, index: int) -> bool:
        word = self.head[index].word
        if word in _KEYWORDS:
            return True
        before = self.head[:index]
        if self.makers.knows(word) or any(
            p.word in _PRIMITIVE or p.word in _TAGS or p.kind for p in before
        ):
            return False
        if any(p.word not in _STORAGE and not _LIKE_ATTRIBUTE.fullmatch(p.word) for p in before):
            return False
        if not _has_type(before):
            return not _LIKE_ATTRIBUTE.fullmatch(word)
        return (
            not _LIKE_ATTRIBUTE.fullmatch(word)
            and self.head[index + 1].start > self.head[index].end
        )

    def _generated(self, index: int, arguments: list[tuple[int, int]]) -> bool:
        """Leave only the name of what a macro names, as far as it is known."""
        word, first = self.head[index : index + 2]
        written = [self.code[start:end].strip() for start, end in arguments]
        made = self.makers.pasted(word.word, written)
        position, name = made if made is not None else (-1, b"")
        if not 0 <= position < len(arguments):
            return False
        identifier = _IDENTIFIER.fullmatch(self.code, *arguments[position])
        if identifier is None:
            return False
        self.masked.made.append(MacroCall(word.start, word.word, first.start, first.end - 1))
        self._hide(word.start, first.end)
        self.masked.put(identifier.start(1), identifier.group(1))
        if name != identifier.group(1):
            self.masked.names[identifier.start(1)] = name.decode("ascii", "replace")
        return True

    def _function(self, calls: list[int]) -> int | None:
        """Find the function that a head names, and mask the rest; None if it names none."""
        head = self.head
        typed = [
            i
            for i in calls
            if head[i].word not in _KEYWORDS and _has_type(head[:i]) and not self._is_annotation(i)
        ]
        followed = [i for i in typed if not self._begins_type(i + 2)]
        sure = [i for i in followed if _PARAMETERS.match(self.code, head[i + 1].start + 1)]
        name = next(iter(sure or followed), None)
        if name is None:
            return None
        has_body = self.item.closed_by == _OPEN_BRACE
        word = head[name].word
        if (
            has_body
            and not self.item.declared_later
            and not sure
            and self._defines(name, typed=True)
        ):
            self._specifiers(head[:name])
            self._blank(head[name + 2 :])
            return name
        if (
            not self.item.closed_by
            and not self.rest
            and not sure
            and _LIKE_ATTRIBUTE.fullmatch(word)
        ):
            return None
        if self.rest and self.rest[0].kind == _EQUALS:
            self._generated_variable(name)
            self._specifiers(head[:name])
            return name
        self._specifiers(head[:name])
        self._blank(head[name + 2 :])
        if self.item.declared_later:
            for part in head[:name]:
                if part.kind == ord("*"):
                    self._hide(part.start, part.end)
        return name

    def _is_annotation(self, index: int) -> bool:
        """Whether a call stands behind the name of a variable: `int x SECTION("a") = 1;`."""
        head = self.head
        if any(part.kind == _OPEN_SIZE for part in head[:index]):
            return True
        before = head[index - 1]
        if not before.word or before.word in _KEYWORDS or _LIKE_ATTRIBUTE.fullmatch(before.word):
            return False
        if not _LIKE_ATTRIBUTE.fullmatch(head[index].word) or index - 1 < self.start:
            return False
        if self.item.closed_by == _OPEN_BRACE:
            return False
        sure = _PARAMETERS.match(self.code, head[index + 1].start + 1) is not None
        return not sure and _has_type(head[: index - 1])

    def _begins_type(self, index: int) -> bool:
        part = self.head[index] if index < len(self.head) else None
        return part is not None and (part.kind == ord("*") or part.word in _STARTING)

    def _only_calls(self, calls: list[int]) -> None:
        """What has no type: calls of macros, which may make a function or a variable."""
        head, item = self.head, self.item
        last = calls[-1]
        start = head[0].start
        closing = head[last + 1].end - 1
        if self.rest and self.rest[0].kind == _EQUALS and last + 2 == len(head):
            self._generated_variable(last)
            self._specifiers(head[:last])
            if not _has_type(head[:last]):
                self.masked.put(head[last].start, b"int"[: head[last].end - head[last].start])
            return
        after = head[last + 2 :]
        if self.rest or any(part.kind for part in after):
            tail = self._declared_after(last)
            if tail:
                return
            if not self._hides_wordy(after):
                return
        if after and after[-1].word and item.closed_by == _SEMICOLON:
            if self._declared_after(last):
                return
        if item.closed_by == _OPEN_BRACE:
            if self._defines(last, typed=False) or self._implicit(last):
                self._blank(after)
                return
        calls_found = [
            MacroCall(head[i].start, head[i].word, head[i + 1].start, head[i + 1].end - 1)
            for i in calls
        ]
        end = item.end if item.closed_by == _SEMICOLON else closing + 1
        self.masked.hide(start, max(end, closing + 1))
        self.masked.calls.extend(calls_found)

    def _hides_wordy(self, after: _Parts) -> bool:
        return False

    def _declared_after(self, last: int) -> bool:
        """Whether a variable follows a macro's call: `static FMT(1) *x;`, `LIST(int) x;`."""
        after = self.head[last + 2 :]
        words = [part for part in after if part.word and part.word not in _KEYWORDS]
        if not words:
            return False
        self._specifiers(self.head[: last + 2])
        return True

    def _generated_variable(self, index: int) -> None:
        """`DEFINE_X(name) = …`: a variable whose name only the macro knows."""
        word, brackets = self.head[index : index + 2]
        closing = brackets.end - 1
        if _has_type(self.head[:index]):
            arguments = self.masked.arguments(brackets.start, closing)
            if self._generated(index, arguments):
                return
        self.masked.calls.append(MacroCall(word.start, word.word, brackets.start, closing))
        self._hide(word.start, brackets.end)
        self.masked.put(closing, b"x")
        self.masked.names[closing] = ""

    def _defines(self, index: int, *, typed: bool) -> bool:
        """Turn a macro that heads a function into a function's head, if it is one."""
        word, brackets = self.head[index : index + 2]
        opening, closing = brackets.start, brackets.end - 1
        spans = self.masked.arguments(opening, closing)
        arguments = [self.code[start:end].strip() for start, end in spans]
        made = self.makers.made(word.word, arguments)
        if made is None:
            if not _LIKE_ATTRIBUTE.fullmatch(word.word) or word.word.islower():
                return False
            position = next(
                (
                    i
                    for i, argument in enumerate(arguments)
                    if _IDENTIFIER.fullmatch(argument) and argument not in _KEYWORDS
                ),
                -1,
            )
            if position < 0:
                return False
            made = position, arguments[position]
        position, name = made
        self._head_of_function(index, spans, position, name, typed=typed)
        return True

    def _head_of_function(
        self,
        index: int,
        spans: list[tuple[int, int]],
        position: int,
        name: bytes,
        *,
        typed: bool,
    ) -> None:
        word, brackets = self.head[index : index + 2]
        opening, closing = brackets.start, brackets.end - 1
        identifier = (
            _IDENTIFIER.fullmatch(self.code, *spans[position])
            if 0 <= position < len(spans)
            else None
        )
        self.masked.made.append(MacroCall(word.start, word.word, opening, closing))
        self._hide(word.start, brackets.end)
        type_word = b"" if typed else b"int" if len(word.word) > 2 else b"t"
        self.masked.put(word.start, type_word)
        if identifier is None:
            # The macro's own text has the name: the call's last word stands for it.
            if closing - opening == 1 and len(word.word) > len(type_word) + 1:
                place = word.start + len(type_word) + 1
                self.masked.put(place, b"x")
                self.masked.put(opening, b"()")
            else:
                place = opening
                self.masked.put(place, b"x()") if closing - opening > 1 else None
            self.masked.names[place] = name.decode("ascii", "replace")
            return
        length = len(identifier.group(1))
        place = min(identifier.start(1), closing - 1 - length)
        if len(word.word) < 2 and not typed:
            self._hide(word.start, brackets.end)
            return
        self.masked.put(place, identifier.group(1))
        self.masked.put(place + length, b"(")
        self.masked.put(closing, b")")
        following = spans[position][1]
        if place == identifier.start(1) and following < closing:
            if _PARAMETERS.match(self.code, following + 1):
                self.masked.put(place + length, b" ")
                self.masked.put(following, b"(" + self.code[following + 1 : closing] + b")")
        self.masked.names[place] = name.decode("ascii", "replace")

    def _implicit(self, index: int) -> bool:
        """A function without a type (`main() { … }`): a part of its name stands for its type."""
        head = self.head
        word, brackets = head[index : index + 2]
        inside = self.code[brackets.start + 1 : brackets.end - 1].strip()
        is_old = bool(self.item.declared_later)
        if not (is_old or not inside or _PARAMETERS.match(self.code, brackets.start + 1)):
            return False
        if index and not all(part.word in _STORAGE for part in head[:index]):
            return False
        storage = next((part for part in head[:index] if len(part.word) > 2), None)
        if storage is not None:
            self.masked.put(storage.start, b"int".ljust(len(storage.word)))
            return True
        length = brackets.start - word.start
        if length < 3:
            return False
        place = word.start + length - 1
        self._hide(word.start, brackets.start)
        self.masked.put(word.start, b"t")
        self.masked.put(place, b"n")
        self.masked.names[place] = word.word.decode("ascii", "replace")
        return True

    def _variable(self, start: int) -> None:
        """Blank the words around a variable's or a typedef's name."""
        head = self.head
        sized = next((i for i, p in enumerate(head) if p.kind in (_OPEN_SIZE, ord(":"))), len(head))
        star = max((i for i in range(start, sized) if head[i].kind == ord("*")), default=-1)
        words = [i for i in range(sized) if head[i].word and head[i].word not in _STORAGE]
        if not words or head[words[-1]].word in _PRIMITIVE:
            if (
                not self.rest
                and not start
                and self.item.closed_by != _SEMICOLON
                and all(part.word and part.word not in _KEYWORDS for part in head)
                and self.item.closed_by != _OPEN_BRACE
            ):
                self._blank(head)
            return
        if self.item.closed_by == _OPEN_BRACE:
            return
        certain = start > 0 or any(
            head[i].word in _PRIMITIVE or (head[i].word in _WELL_KNOWN and i != words[-1])
            for i in words
        )
        first = max(star + 1, start)
        free = [i for i in words if i >= first and head[i].word not in _PRIMITIVE]
        if certain and star < 0:
            free = [i for i in free if not (head[i].word in _WELL_KNOWN and i != words[-1])]
        needed = 1 if certain or star >= 0 else 2
        while len(free) > needed and self._is_annotation_behind(free, needed):
            self._blank([head[free.pop()]])
        if not free:
            return
        if self.item.closed_by != _SEMICOLON and not self.rest:
            return
        name = free[-1]
        self._specifiers(head[:name], variable=False)
        self._blank(head[sized + 1 :])

    def _is_annotation_behind(self, free: list[int], needed: int) -> bool:
        """Whether the last of some words is rather an annotation than the name."""
        last = self.head[free[-1]].word
        if not _LIKE_ATTRIBUTE.fullmatch(last):
            return False
        if last.startswith(b"__") and len(free) > needed:
            return True
        plain = [i for i in free[:-1] if not _LIKE_ATTRIBUTE.fullmatch(self.head[i].word)]
        return len(plain) >= needed

    def _more_declarators(self) -> None:
        """Blank the words behind the names of the other declarators."""
        named = True
        for part in self.rest:
            if part.kind == _COMMA:
                named = False
            elif part.kind == _EQUALS:
                named = True
            elif part.word and part.word not in _STORAGE:
                if named:
                    self._blank([part])
                named = True

    # Masks.

    def _specifiers(self, parts: _Parts, *, variable: bool = False) -> None:
        """Leave one type among what stands before a name."""
        start = self._tag_end(parts)
        unknown: list[int] = []
        certain = start > 0
        for index, part in enumerate(parts):
            if index < start or not part.word:
                continue
            if part.word in _PRIMITIVE:
                certain = True
            elif part.word not in _STORAGE and part.word not in _TAGS:
                unknown.append(index)
        called = [i for i in unknown if i + 1 < len(parts) and parts[i + 1].kind == _OPEN]
        words = [i for i in unknown if i not in called]
        before = [
            i
            for i in range(len(parts))
            if parts[i].word
            and i < start
            and parts[i].word not in _STORAGE
            and parts[i].word not in _TAGS
            and not self._in_tag(parts, i)
        ]
        keep = -1
        if not certain and words:
            known = [i for i in words if parts[i].word in _WELL_KNOWN]
            plain = [i for i in words if not _LIKE_ATTRIBUTE.fullmatch(parts[i].word)]
            keep = (known or plain or words)[-1]
        self._blank([parts[i] for i in words if i != keep] + [parts[i] for i in before])
        for index in called:
            self._hide(parts[index].start, parts[index + 1].end)
            self.masked.made.append(
                MacroCall(
                    parts[index].start,
                    parts[index].word,
                    parts[index + 1].start,
                    parts[index + 1].end - 1,
                )
            )
        if certain:
            return
        if keep >= 0:
            part = parts[keep]
            if variable and (len(part.word) > 2 or self.code[part.end : part.end + 1] == b" "):
                self._hide(part.start, part.end)
                self.masked.put(part.start, b"int")
        elif called:
            self.masked.put(parts[called[-1]].start, b"int")
        else:
            storage = next(
                (
                    p
                    for p in parts
                    if len(p.word) > 2
                    and p.word in _STORAGE
                    and p.word not in (b"extern", b"typedef")
                ),
                None,
            )
            if storage is not None:
                self.masked.put(storage.start, b"int".ljust(len(storage.word)))

    def _tag_end(self, parts: _Parts) -> int:
        for index, part in enumerate(parts):
            if part.word in _TAGS:
                body = next(
                    (i for i in range(index, len(parts)) if parts[i].kind == _OPEN_BRACE), 0
                )
                if body:
                    return body + 1
                tag = index + 1
                while tag < len(parts) and not self._is_kept(parts[tag]):
                    tag += 1
                return min(tag + 1, len(parts))
        return 0

    def _is_kept(self, part: Part) -> bool:
        return bytes(self.masked.result[part.start : part.end]) == self.code[part.start : part.end]

    def _in_tag(self, parts: _Parts, index: int) -> bool:
        tag = next((i for i, p in enumerate(parts) if p.word in _TAGS), len(parts))
        return index > tag

    def _blank(self, parts: _Parts) -> None:
        """Blank words and brackets."""
        for part in parts:
            if part.kind in (0, _OPEN) and part.word not in _KEYWORDS:
                self.masked.skip(part.start, part.end)

    def _hide(self, start: int, end: int) -> None:
        self.masked.skip(start, end)
