"""What a header's text says of a name, without a parse."""

import time

import pytest

from callpath.c.announce import announces, defines_type

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
