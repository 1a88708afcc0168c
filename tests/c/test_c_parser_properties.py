"""The C parser on any bytes: it always answers, and what it says lies in the file."""

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from callpath.c.facts import SourceFile
from callpath.c.file import read_code
from callpath.c.lexer import lex
from callpath.c.masking.mask import mask
from callpath.c.preprocessor.conditions import (
    read_conditions,
    select,
)

PUNCTUATION = "( ) { } [ ] ; , = * & : # \\ \" ' a f x 1 + - . ? < > !"
KEYWORDS = "int struct union enum typedef static extern const void if else while for return"
MACROS = "for_each_x __init __aligned SYSCALL_DEFINE2 DEFINE_PER_CPU LIST_HEAD MODULE_X"
TOKENS = (
    *PUNCTUATION.split(),
    *KEYWORDS.split(),
    *MACROS.split(),
    *("\n", "\n", "\n", " ", "\t", "\r\n", "\\\n", "/*", "*/", "//", "\0", "é"),
    *("\n#if A\n", "\n#if 0\n", "\n#else\n", "\n#elif B\n", "\n#endif\n", "\n#define A(x) "),
    *("\nint f(int a)\n{\n", "\n}\n", "struct s {", "};", 'extern "C" {', "asm(", "typeof(x)"),
)
soup = st.lists(st.sampled_from(TOKENS), max_size=80).map(lambda words: " ".join(words).encode())
tight_soup = st.lists(st.sampled_from(TOKENS), max_size=80).map(
    lambda words: "".join(words).encode()
)
texts = st.one_of(st.binary(max_size=400), soup, tight_soup)
relaxed = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def assert_inside(source: SourceFile, text: bytes) -> None:
    lines = text.count(b"\n") + 1
    for definition in source.definitions:
        assert 1 <= definition.start <= definition.line <= definition.end <= lines
        assert definition.name
        assert "\n" not in definition.signature
        assert len(definition.digest) == 16
    for line in [d.line for d in source.declarations] + [u.line for u in source.pasted]:
        assert 1 <= line <= lines
    keys = [(d.start, d.name) for d in source.definitions]
    assert keys == sorted(keys)


@relaxed
@given(texts)
@example(b"")
@example(b"\xff\xfe\x00")
@example(b"#define")
@example(b"int x[] = {\n#if A\n1\n#else\n2\n")
def test_any_bytes_give_facts_inside_the_file(text: bytes) -> None:
    source = read_code("a.c", text).facts
    assert_inside(source, text)
    assert source == read_code("a.c", text).facts


@relaxed
@given(texts)
def test_masking_moves_nothing(text: bytes) -> None:
    lexed = lex(text)
    conditions = read_conditions(lexed)
    for code in (lexed.code, select(lexed.code, conditions, 0), select(lexed.code, conditions, 1)):
        masked = bytes(mask(code).result)
        assert len(code) == len(masked) == len(text)
        ends = [offset for offset, byte in enumerate(text) if byte == 0x0A]
        assert [offset for offset, byte in enumerate(code) if byte == 0x0A] == ends
        assert [offset for offset, byte in enumerate(masked) if byte == 0x0A] == ends


@pytest.mark.parametrize(
    "text",
    [
        b"(" * 100_000,
        b"{" * 100_000,
        b"int " + b"(" * 50_000 + b"x" + b")" * 50_000 + b";",
        b"struct a { struct { " * 5_000 + b"int x;" + b"} ; };" * 5_000,
        b"#if A\n" * 50_000,
        b"#if A\nint x(\n#else\nint y(\n#endif\n" * 1_000,
        b"DEFINE_PER_CPU(" * 10_000,
        b"int f(void) {\n {\n}\n" * 5_000,
        b"int " + b"a," * 10_000 + b"b;",
        b"\\\n" * 100_000,
        b'"' * 100_000,
        b"# " * 50_000,
    ],
    ids=lambda text: text[:20].decode(),
)
def test_deep_nesting_and_long_runs_end(text: bytes) -> None:
    assert_inside(read_code("a.c", text).facts, text)


def test_words_in_texts_and_comments_are_not_masked() -> None:
    text = b'static const char *a = "__init for_each_x(y) {"; /* __user */ int b;\n'
    found = read_code("a.c", text).facts.definitions
    assert [(d.name, d.signature) for d in found] == [("a", "static const char *a"), ("b", "int b")]


def test_an_annotation_is_a_whole_word() -> None:
    found = read_code("a.c", b"int my__init, __init_count, __initdata_x;\n").facts.definitions
    assert [d.name for d in found] == ["__init_count", "__initdata_x", "my__init"]
