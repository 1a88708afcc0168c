"""Notes with one fault each, made from valid notes; for tests of everything that reads notes.

The same seed gives the same notes. The module is long because its table of faults is: one row each,
with the small function that spoils a note in that way.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_NAMES = ("svm_init", "kvm_init", "vcpu_enter_guest", "__do_softirq", "handle_exit", "RELOC_HIDE")
_FILES = (
    "arch/x86/kvm/svm.c",
    "virt/kvm/kvm_main.c",
    "include/linux/kvm_host.h",
    "kernel/softirq.c",
)
_KINDS = ("function", "macro", "struct", "union", "enum", "enumerator", "variable", "typedef")
_PROSE = (
    "注册 SVM 的实现",
    "`kvm_init()` 随后被调用",
    "分配四页：IOPM",
    "读写 MSR，见下文",
    "a 中断 b 𠮷",
)


@dataclass(frozen=True, slots=True)
class BadNote:
    """One note with one fault.

    Attributes:
        name: The fault with a number, for messages.
        data: The file.
        fault: What was done to the note.
        expected_rules: One of these must be found.
        expected_line: The line (1-based) that a finding must be in, when the fault has one.
    """

    name: str
    data: bytes
    fault: str
    expected_rules: frozenset[str]
    expected_line: int | None


@dataclass(slots=True)
class _Draft:
    """The lines of a valid note, and where (0-based) the lines of each kind are."""

    lines: list[str] = field(default_factory=list)
    where: dict[str, list[int]] = field(default_factory=dict)

    def add(self, kind: str, line: str) -> None:
        self.where.setdefault(kind, []).append(len(self.lines))
        self.lines.append(line)

    def pick(self, chance: random.Random, *kinds: str) -> int:
        return chance.choice([line for kind in kinds for line in self.where.get(kind, [])])

    def data(self) -> bytes:
        return ("\n".join(self.lines) + "\n").encode()

    def replace_value(self, number: int, value: str) -> None:
        """Put another value after the key of a line."""
        self.lines[number] = self.lines[number].partition(": ")[0] + ": " + value

    def add_key(self, number: int, text: str) -> int:
        """Put a key right below a line that has a key of the same mapping; returns its number."""
        line = self.lines[number]
        margin = len(line) - len(line.lstrip(" -"))
        self.lines.insert(number + 1, " " * margin + text)
        return number + 1


def valid_note(seed: int) -> bytes:
    """A note without a fault."""
    return _draft(random.Random(seed)).data()  # noqa: S311


def bad_notes(seed: int, count: int) -> Iterator[BadNote]:
    """Notes with one fault each; all kinds of fault come in turn."""
    chance = random.Random(seed)  # noqa: S311
    for number in range(count):
        fault, rules, spoil = _FAULTS[number % len(_FAULTS)]
        data, line = spoil(_draft(chance), chance)
        expected_line = line + 1 if line >= 0 else None
        yield BadNote(f"{fault}-{number}", data, fault, frozenset(rules.split()), expected_line)


def _draft(chance: random.Random) -> _Draft:
    draft = _Draft()
    draft.add("comment", "# yaml-language-server: $schema=note.json")
    draft.add("title", f"title: 虚拟机 {chance.choice(_PROSE)[:4]}")
    if chance.random() < 0.5:
        draft.add("description", f"description: {chance.choice(_PROSE[2:])}")
    draft.add("pin", f"pin: v{chance.randint(3, 6)}.{chance.randint(0, 19)}")
    draft.add("steps", "steps:")
    budget = [chance.randint(1, 12)]
    while budget[0] > 0:
        _add_step(draft, chance, 1, budget)
    return draft


def _add_step(draft: _Draft, chance: random.Random, depth: int, budget: list[int]) -> None:
    budget[0] -= 1
    margin = "    " * depth
    draft.add("symbol", f"{margin[:-2]}- {chance.choice(_KINDS)}: {chance.choice(_NAMES)}")
    draft.add("file", f"{margin}file: {chance.choice(_FILES)}")
    if chance.random() < 0.6:
        draft.add("block", f"{margin}commentary: |")
        for _ in range(chance.randint(1, 4)):
            draft.add("prose", f"{margin}  {chance.choice(_PROSE)}")
            draft.add("prose", "")
    if chance.random() < 0.3:
        draft.add("key", f"{margin}via: kvm_x86_ops->hardware_setup")
    if chance.random() < 0.2:
        draft.add("key", f"{margin}errata:")
        draft.add("said", f"{margin}  - said: {chance.choice(_PROSE[2:])}")
        draft.add("is", f"{margin}    is: 四页")
    if budget[0] > 0 and depth < 9 and chance.random() < 0.6:
        draft.add("substeps", f"{margin}steps:")
        for _ in range(chance.randint(1, 3)):
            _add_step(draft, chance, depth + 1, budget)


Spoilt = tuple[bytes, int]
"""The file, and the 0-based line of the fault, or -1 when the fault has no line."""
Spoiler = Callable[[_Draft, random.Random], Spoilt]


def _value(kinds: str, *values: str) -> Spoiler:
    """Spoil by another value of a key."""

    def spoil(draft: _Draft, chance: random.Random) -> Spoilt:
        number = draft.pick(chance, *kinds.split())
        draft.replace_value(number, chance.choice(values))
        return draft.data(), number

    return spoil


def _key(*texts: str) -> Spoiler:
    """Spoil by one more key in a step."""

    def spoil(draft: _Draft, chance: random.Random) -> Spoilt:
        number = draft.add_key(draft.pick(chance, "file"), chance.choice(texts))
        return draft.data(), number

    return spoil


def _renamed(kind: str, *names: str) -> Spoiler:
    """Spoil by another name for a key."""

    def spoil(draft: _Draft, chance: random.Random) -> Spoilt:
        number = draft.pick(chance, kind)
        line = draft.lines[number]
        margin = line[: len(line) - len(line.lstrip(" -"))]
        draft.lines[number] = f"{margin}{chance.choice(names)}:{line.partition(':')[2]}"
        return draft.data(), number

    return spoil


def _bytes(*inserted: bytes) -> Spoiler:
    """Spoil by bytes in the middle of a line."""

    def spoil(draft: _Draft, chance: random.Random) -> Spoilt:
        number = draft.pick(chance, "title", "file", "symbol", "comment")
        lines = [line.encode() for line in draft.lines]
        lines[number] += chance.choice(inserted)
        return b"\n".join(lines), number

    return spoil


def _whole(*files: bytes) -> Spoiler:
    """Spoil by another file altogether."""
    return lambda _, chance: (chance.choice(files), -1)


def _duplicate_key(draft: _Draft, chance: random.Random) -> Spoilt:
    number = draft.pick(chance, "file", "title", "pin")
    draft.add_key(number, draft.lines[number].strip())
    return draft.data(), number + 1


def _missing(kind: str) -> Spoiler:
    def spoil(draft: _Draft, chance: random.Random) -> Spoilt:
        number = draft.pick(chance, kind)
        del draft.lines[number]
        return draft.data(), -1

    return spoil


def _missing_symbol(draft: _Draft, chance: random.Random) -> Spoilt:
    number = draft.pick(chance, "symbol")
    margin = draft.lines[number].partition("-")[0]
    draft.lines[number : number + 2] = [f"{margin}- {draft.lines[number + 1].strip()}"]
    return draft.data(), number


def _two_symbols(draft: _Draft, chance: random.Random) -> Spoilt:
    number = draft.pick(chance, "file")
    symbol = draft.lines[number - 1].strip(" -").partition(":")[0]
    other = chance.choice([kind for kind in _KINDS if kind != symbol])
    added = draft.add_key(number, f"{other}: x")
    return draft.data(), added


def _step(*texts: str) -> Spoiler:
    """Spoil by one more step with one more key."""

    def spoil(draft: _Draft, chance: random.Random) -> Spoilt:
        draft.lines.append(f"  - {{function: f, file: a.c, {chance.choice(texts)}}}")
        return draft.data(), len(draft.lines) - 1

    return spoil


def _duplicate_id(draft: _Draft, chance: random.Random) -> Spoilt:
    number = draft.pick(chance, "file")
    draft.add_key(number, "id: start")
    draft.lines += ["  - function: again", "    file: a.c", "    id: start"]
    return draft.data(), len(draft.lines) - 1


def _alias_bomb(draft: _Draft, chance: random.Random) -> Spoilt:
    number = len(draft.lines)
    draft.lines.append("a: &a [x, x, x, x, x, x, x, x, x]")
    for name, below in zip("bcdefghij", "abcdefghi", strict=True):
        draft.lines.append(f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]")
    return draft.data(), number + chance.randint(0, 9)


def _alias(draft: _Draft, chance: random.Random) -> Spoilt:
    number = draft.pick(chance, "title")
    draft.replace_value(number, "&t KVM")
    return draft.data(), number


def _merge(draft: _Draft, chance: random.Random) -> Spoilt:
    number = draft.add_key(draft.pick(chance, "file"), "<<: {via: a->b}")
    return draft.data(), number


def _nested_flow(draft: _Draft, chance: random.Random) -> Spoilt:
    number = draft.pick(chance, "title")
    draft.replace_value(number, chance.choice("[{") * chance.randint(200, 50_000))
    return draft.data(), number


def _nested_block(draft: _Draft, chance: random.Random) -> Spoilt:
    draft.lines += ["more:", "- " * chance.randint(200, 5000) + "x"]
    return draft.data(), len(draft.lines) - 1


def _too_many_steps(draft: _Draft, _: random.Random) -> Spoilt:
    draft.lines += ["  - {function: f, file: a.c}"] * 2001
    return draft.data(), -1


def _tab(draft: _Draft, chance: random.Random) -> Spoilt:
    number = draft.pick(chance, "file")
    draft.lines[number] = "\t" + draft.lines[number].lstrip()
    return draft.data(), number


def _wrong_indentation(draft: _Draft, chance: random.Random) -> Spoilt:
    number = draft.pick(chance, "file")
    draft.lines[number] = draft.lines[number][1:]
    return draft.data(), number


def _second_document(draft: _Draft, _: random.Random) -> Spoilt:
    draft.lines += ["---", "title: 另一篇"]
    return draft.data(), len(draft.lines) - 2


def _utf_16(draft: _Draft, chance: random.Random) -> Spoilt:
    return draft.data().decode().encode("utf-16"), 0


def _cut(draft: _Draft, chance: random.Random) -> Spoilt:
    number = draft.pick(chance, "symbol")
    draft.lines[number + 1 :] = [draft.lines[number].replace("- ", "  ").partition(":")[0][:-2]]
    return draft.data(), -1


def _gb18030(draft: _Draft, chance: random.Random) -> Spoilt:
    number = draft.pick(chance, "title")
    return "\n".join(draft.lines).encode("gb18030"), number


def _crlf(spoil: Spoiler) -> Spoiler:
    """The same fault in a file with CRLF and a byte order mark."""

    def spoil_with_crlf(draft: _Draft, chance: random.Random) -> Spoilt:
        data, line = spoil(draft, chance)
        return b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"), line

    return spoil_with_crlf


_SECRET = "/etc/passwd"  # noqa: S105
_FAULTS: tuple[tuple[str, str, Spoiler], ...] = (
    ("unclosed-quote", "invalid-yaml", _value("title file", '"未闭合', "'x", '"a\\q"')),
    ("unclosed-bracket", "invalid-yaml", _value("title", "[a, b", "{a: b", "]")),
    ("second-colon", "invalid-yaml", _value("title file pin", "a: b", "注意: x: y")),
    (
        "bad-start",
        "invalid-yaml",
        _value("title file", "@x", "`x`", "**x**", "%x", "[a](b)", "- x"),
    ),
    ("tab", "invalid-yaml", _tab),
    ("wrong-indentation", "invalid-yaml", _wrong_indentation),
    ("second-document", "invalid-yaml", _second_document),
    ("cut-off", "invalid-yaml wrong-type missing-key invalid-value", _cut),
    ("list-for-text", "wrong-type", _value("title file symbol pin", "[a]", "[]")),
    ("mapping-for-text", "wrong-type", _value("title file symbol", "{a: b}", "{}")),
    ("no-value", "wrong-type", _value("title file symbol pin", "", "null", "~", "# 标题")),
    ("text-for-list", "wrong-type", _step("errata: 旧文", "errata: {said: a, is: b}")),
    ("text-for-step", "wrong-type", lambda d, _: (d.data() + b"  - just a text\n", len(d.lines))),
    ("unknown-key", "unknown-key", _key("作者: 我", "line: 12", "zzz: [a, b]", '"": x', "12: x")),
    ("misplaced-key", "unknown-key", _key("title: x", "pin: v3.7", "description: x")),
    ("misspelt-file", "unknown-key", _renamed("file", "flie", "File", "fil", "files")),
    ("misspelt-steps", "unknown-key", _renamed("steps", "setps", "step", "Steps")),
    ("misspelt-title", "unknown-key", _renamed("title", "titel", "tilte", "Title")),
    (
        "misspelt-symbol",
        "unknown-key",
        _renamed("symbol", "fucntion", "functoin", "marco", "strcut"),
    ),
    ("duplicate-key", "duplicate-key", _duplicate_key),
    ("missing-file", "missing-key", _missing("file")),
    ("missing-title", "missing-key", _missing("title")),
    ("missing-symbol", "missing-key", _missing_symbol),
    ("missing-is", "missing-key", _step("errata: [{said: 旧}]", "errata: [{is: 新}]")),
    ("alias-bomb", "yaml-alias", _alias_bomb),
    ("anchor", "yaml-alias", _alias),
    ("alias", "yaml-alias", _value("title file symbol pin", "*step", "&a x")),
    ("merge-key", "yaml-alias", _merge),
    ("tag", "yaml-alias", _value("title file", "!x y", "!!str a.c", "!!python/name:os.system a")),
    (
        "path-outside",
        "invalid-path",
        _value("file", "../a.c", "a/../../b.c", "..", "./a.c", "a//b.c"),
    ),
    (
        "absolute-path",
        "invalid-path",
        _value("file", _SECRET, "//a", "/", "C:\\a.c", "https://a/b.c"),
    ),
    (
        "path-characters",
        "invalid-path",
        _value("file", "文件.c", "a b.c", "a.c:12", "a/", '""', "a.c#L1"),
    ),
    (
        "bad-identifier",
        "invalid-value",
        _value("symbol", "a()", "初始化", "2x", "a.b", '""', "a b", "a-"),
    ),
    ("bad-field", "invalid-value", _key("field: x", "field: a.b.c", "field: a->b")),
    ("two-symbols", "invalid-value", _two_symbols),
    ("duplicate-id", "duplicate-step", _duplicate_id),
    ("bad-id", "invalid-value", _key("id: 起点", "id: a b", 'id: ""', "id: a.b", "id: -a")),
    ("bad-occurrence", "invalid-value wrong-type", _key("occurrence: 0", "occurrence: two")),
    ("bad-when", "invalid-value", _key("when: soon", "when: Later", 'when: ""', "by: f")),
    (
        "bad-via",
        "invalid-value",
        _step("via: f()", "via: a -> b", 'via: ""', "via: ->b", "via: (*f)"),
    ),
    ("huge-scalar", "too-large", _value("title", "字" * 100_000)),
    ("huge-file", "too-large", lambda d, _: (d.data() + b"#" * 1024 * 1024, 0)),
    ("nested-flow", "too-large", _nested_flow),
    ("nested-block", "too-large", _nested_block),
    ("many-steps", "too-large", _too_many_steps),
    ("not-utf-8", "invalid-encoding", _bytes(b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80")),
    ("gb18030", "invalid-encoding", _gb18030),
    ("utf-16", "invalid-encoding", _utf_16),
    (
        "control-character",
        "invalid-encoding",
        _bytes(b"\0", b"\x1b[0m", b"\x7f", "\u2028".encode()),
    ),
    (
        "empty-file",
        "empty-note",
        _whole(b"", b"\n\n", b"# x", b"\xef\xbb\xbf", b"---\n", b"~", b" "),
    ),
    ("other-file", "wrong-type", _whole(b"just text", b"- a\n- b\n", b"12", b'"x"', b"[]")),
    ("empty-steps", "empty-note", _whole(b"title: x\nsteps: []", b"title: x\nsteps:\n")),
    (
        "wrong-pin",
        "invalid-value",
        _value("pin", "latest", "latest-rc", '""', "v3 7", "--x", "v1..2"),
    ),
    ("pin-keys", "unknown-key missing-key", _value("pin", "{tag: v3.7}", "{project: linux}")),
    ("crlf-path", "invalid-path", _crlf(_value("file", _SECRET))),
    ("crlf-key", "unknown-key", _crlf(_key("作者: 我"))),
)
