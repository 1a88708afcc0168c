"""What a header's text says of a name, without a parse."""

import time

import pytest

from callpath.c.announce import (
    announces,
    defines_type,
    is_more_than_tag,
    may_bind,
    may_define_tag,
    may_make,
)

DEFINING = [
    "struct lamp { int on; };",
    "struct lamp\n{\n\tint on;\n};",
    "union lamp{int on;};",
    "struct __packed lamp { int on; };",
    "struct __attribute__((packed)) lamp { int on; };",
    "struct lamp /* of a desk */ { int on; };",
    "struct lamp __randomize { int on; };",
    "static struct lamp { int on; } desk;",
    "struct desk { struct lamp { int on; } lamps[2]; };",
    "typedef struct lamp_s lamp;",
    "typedef struct desk_s desk, lamp;",
    "typedef struct lamp_s lamp[4];",
    "typedef struct { int on; } lamp;",
    "typedef struct\n{\n\tint on;\n} __packed lamp, *lamp_ptr;",
]
MENTIONING = [
    "struct lamp;",
    "struct lamp *find(int number);",
    "extern struct lamp *find(int number);",
    "int light(struct lamp *lamp);",
    "int light(const struct lamp);",
    "typedef int (*light_t)(struct lamp *);",
    "typedef struct lamp lamp;",
    "struct desk { struct lamp *lamp; struct lamp other; };",
    "#define LAMP(x) ((struct lamp *)(x))",
    "static inline struct lamp *of(void *x) { return x; }",
    "struct lamps { int on; }; struct a_lamp { int on; };",
    "int lamp(void) { return 1; }",
]


@pytest.mark.parametrize("text", DEFINING)
def test_a_type_is_defined(text: str) -> None:
    assert defines_type(f"#define X 1\n{text}\n".encode(), "lamp")


@pytest.mark.parametrize("text", MENTIONING)
def test_a_type_is_only_mentioned(text: str) -> None:
    assert not defines_type(f"#define X 1\n{text}\n".encode(), "lamp")


@pytest.mark.parametrize(
    ("text", "is_announced"),
    [
        ("extern struct ops *lamp;", True),
        ("extern struct ops lamp[4], other;", True),
        ("extern const struct ops desk, lamp __read_mostly;", True),
        ("DECLARE_PER_CPU(struct ops, lamp);", True),
        ("struct ops *lamp(void);", True),
        ("extern struct lamp *desk;", False),
        ("int light(struct ops *lamp);", False),
        ("struct desk {\n\tstruct ops *lamp;\n};", False),
    ],
)
def test_a_variable_or_function_is_announced(text: str, is_announced: bool) -> None:
    assert announces(text.encode(), "lamp") is is_announced


@pytest.mark.parametrize(
    "part", [b"struct ", b"lamp ", b"lamp (", b"/* ", b"__a(", b"} ", b"typedef "]
)
def test_hostile_text_takes_no_time(part: bytes) -> None:
    started = time.process_time()
    announces(part * 20_000, "lamp")
    announces(b"lamp " + part * 20_000, "lamp")
    announces(part * 20_000 + b"lamp;", "lamp")
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        "struct ops ops = { .on = lamp };",
        "void f(struct ops *ops) { ops->on = lamp; }",
        "void f(void) { request(lamp); }",
        "struct ops ops = { lamp };",
        "#define LAMP lamp\nstruct ops ops = { LAMP };",
        "int lamp_show(void);\nint lamp(void);\nDEVICE_ATTR_RO(lamp_);\n",
        "int lamp(void);\n#define OP(x) .x = la##x\nstruct ops ops = { OP(mp) };",
    ],
)
def test_what_may_put_a_function_somewhere(text: str) -> None:
    assert may_bind(text.encode(), "lamp")


@pytest.mark.parametrize(
    "text", ["int lamp(void);", "int f(void) { return lamp (1); }", "int lamps;", ""]
)
def test_what_only_calls_a_function_puts_it_nowhere(text: str) -> None:
    assert not may_bind(text.encode(), "lamp")


@pytest.mark.parametrize(
    ("text", "tag", "other"),
    [
        ("static const struct lamp desk = {", False, False),
        ("struct lamp *find(struct lamp *of);", False, False),
        ("struct lamp {", True, False),
        ("enum lamp\n{", True, False),
        ("struct lamp __aligned(8) {", True, False),
        ("struct __packed lamp {", True, True),
        ("#define lamp(x) x", False, True),
        ("int lamp(void)\n{", False, True),
        ("#define tag(x) struct x {", False, False),
        ("#define tag(x) struct x##_s {", True, False),
    ],
)
def test_what_may_define_a_tag_and_what_anything_else(text: str, *, tag: bool, other: bool) -> None:
    assert may_define_tag(text.encode(), "lamp") is tag
    assert is_more_than_tag(text.encode(), "lamp") is other


@pytest.mark.parametrize(
    "text",
    [
        "int lamp(void)\n{",
        "int\nlamp(int level) {",
        "lamp(level)\nint level;\n{",
        "int lamp(int level) __must_hold(&lock)\n{",
        "int lamp(int level) /* the desk's */ {",
        "int lamp(int level,\n#ifdef BRIGHT\n\tint more)\n#else\n\tint less)\n#endif\n{",
        "int lamp;",
        "extern int (*lamp)(void);",
        "enum { lamp, fan };",
        "enum { lamp(0) = 1 };",
        "typedef int lamp(int level);",
        "#define lamp(x) ;",
        "#define lamp 1",
        "SYSCALL_DEFINE1(lamp, int, level)",
        "int desk = lamps_on;",
    ],
)
def test_what_may_make_something_of_a_name(text: str) -> None:
    assert may_make(f"int before(void);\n{text}\n".encode(), "lamp")


@pytest.mark.parametrize(
    "text",
    [
        "int lamp(void);",
        "int lamp(int level) , fan(int speed);",
        "int f(void) { return lamp(1); }",
        'int f(void) { lamp("a (", \'"\', g(h(1))); }',
        "int f(void) { if (!lamp(1) && lamp(2)->on) g(); }",
        "int f(void) {\n\tfor_each(x) ;\n\tlamp(x) {\n\t\tg();\n\t}\n}",
        "int f(void) {\n\tlamp(x) = 1;\n}",
        "",
    ],
)
def test_what_only_calls_and_declares_a_name_makes_nothing_of_it(text: str) -> None:
    assert not may_make(f"int before(void);\n{text}\n".encode(), "lamp")
