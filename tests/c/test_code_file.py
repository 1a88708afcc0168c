"""One file as a whole: macro calls at file level, types, totality, cost. All C is made up."""

import time

import pytest
from hypothesis import given, settings, strategies as st

from callpath.c.definitions import parse
from callpath.c.file import (
    CodeFile,
    ParsedFile,
    read_code,
)

TYPES = b"""
struct leaf { int (*run)(int); };
struct outer {
	int (*first)(void), number : 3;
	struct leaf *leaf, *const *leaves[2];
	union { int a; struct leaf b; };
	struct { int c; struct leaf d; };
	struct { struct leaf e; } named;
	struct inner { struct leaf f; } inner;
	foreign_t g;
	enum h { H } h;
};
typedef struct { struct leaf *x; } anonymous_t;
typedef struct leaf leaf_t, *leaf_p;
typedef leaf_t twice_t;
typedef struct leaf *(*maker_t)(void);
extern struct outer *const outside[4];
static struct leaf (*pointer)[2], one, make(void);
static leaf_t two;
static struct { int y; } nameless;
static int (*function)(struct leaf *);
static twice_t three;
static u32 four;
static DEFINE_PER_CPU(struct leaf *, five);
DECLARE_PER_CPU(struct leaf, six);
static DEFINE_MUTEX(seven);
"""


def test_variable_tags() -> None:
    assert read_code("a.c", TYPES).types.variables == {
        "outside": "outer", "pointer": "leaf", "one": "leaf", "two": "leaf",
        "nameless": "nameless", "function": "", "three": "leaf", "four": "u32",
        "five": "leaf", "six": "leaf", "seven": "",
    }  # fmt: skip


def test_what_a_body_announces_comes_in_the_order_of_the_text() -> None:
    names = [f"level_{n}" for n in (3, 1, 4, 0, 5, 2)]
    announced = "".join(f"\textern unsigned {name}[];\n" for name in names)
    text = f"int start(void)\n{{\n{announced}\textern struct tank *level_3;\n\treturn 0;\n}}\n"
    read = [read_code("a.c", text.encode()).types.variables for _ in range(50)]
    assert {(*variables,) for variables in read} == {(*names,)}


def test_member_tags() -> None:
    tags = read_code("a.c", TYPES).types.members
    assert tags["outer"] == {
        "first": "", "number": "", "leaf": "leaf", "leaves": "leaf", "a": "", "b": "leaf",
        "c": "", "d": "leaf", "named": "outer.named", "inner": "inner", "g": "foreign_t", "h": "",
    }  # fmt: skip
    assert tags["outer.named"] == {"e": "leaf"}
    assert tags["inner"] == {"f": "leaf"}
    assert tags["anonymous_t"] == {"x": "leaf"}
    assert tags["nameless"] == {"y": ""}


def test_member_order() -> None:
    order = read_code("a.c", TYPES).types.order
    assert order["outer"] == (
        "first", "number", "leaf", "leaves", "a", "c", "d", "named", "inner", "g", "h",
    )  # fmt: skip
    assert order["leaf"] == ("run",)


def test_typedef_tags() -> None:
    assert read_code("a.c", TYPES).types.typedefs == {
        "leaf_t": "leaf",
        "leaf_p": "leaf",
        "twice_t": "leaf",
    }


def test_names_that_only_look_defined_twice() -> None:
    source = (
        b"typedef struct a { int x; } a_t, *a_p;\n"
        b"int f(void)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t\tg(); }\n}\n"
    )
    kinds = [(each.name, each.kind.value) for each in read_code("a.c", source).facts.definitions]
    assert ("a_t", "variable") not in kinds
    assert ("a_t", "typedef") in kinds


USES = [
    ("module_init(svm_init);", [("module_init", ("svm_init",))]),
    ("module_init(svm_init)", [("module_init", ("svm_init",))]),
    (
        "static DEFINE_PER_CPU(struct leaf, x) = { 1 };",
        [("DEFINE_PER_CPU", ("leaf", "x"))],
    ),
    ("KVM_OP(a)\nKVM_OP(b)\n", [("KVM_OP", ("a",)), ("KVM_OP", ("b",))]),
    ("enum { X_OP(a), X_OP(b), };", [("X_OP", ("a",)), ("X_OP", ("b",))]),
    ("SYM(a) SYM(b);", [("SYM", ("a",)), ("SYM", ("b",))]),
    ("MADE(x, &y, z(w), 3, \"v\", sizeof(int));", [("MADE", ("x", "y", "z", "w"))]),
    ("DECLARE_WORK(work, run);", [("DECLARE_WORK", ("work", "run"))]),
    ("SYSCALL_DEFINE1(name, int, x) { return 0; }", [("SYSCALL_DEFINE1", ("name", "x"))]),
    ("int f(int a)\n{\n\tg(a);\n}\nlate(f);", [("late", ("f",))]),
    ("int f(int a);\nstatic int g(int b) { return 0; }\n", []),
    ("int\nf(int a)\n{\n}\n", []),
    ("static struct leaf x = {\n\tMADE(y)\n};", []),
    ("/* late(f); */\n#if 0\nlate(g);\n#endif\n#define M \\\nlate(h)\n", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), USES, ids=[text for text, _ in USES])
def test_macro_calls_at_file_level(text: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    uses = read_code("a.c", text.encode()).uses
    assert [(each.macro, each.names) for each in uses] == expected


def test_lines_and_conditions_of_macro_calls() -> None:
    source = b"\n#ifdef A\nlate(\n\tf);\n#else\nlate(g);\n#endif\n"
    uses = read_code("a.c", source).uses
    assert [(each.line, each.names, each.condition) for each in uses] == [
        (3, ("f",), "A"),
        (6, ("g",), "!A"),
    ]


def test_a_body_is_read_once() -> None:
    code = read_code("a.c", b"int f(void) { return g(); }")
    assert code.body(code.facts.definitions[0]) is code.body(code.facts.definitions[0])


def test_both_definitions_under_a_condition_have_an_inside() -> None:
    source = b"#ifdef A\nint f(void) { return g(); }\n#else\nint f(void) { return h(); }\n#endif\n"
    code = read_code("a.c", source)
    assert [[call.name for call in code.body(each).calls] for each in code.facts.definitions] == [
        ["g"],
        ["h"],
    ]


def test_a_function_after_a_broken_one_has_its_own_inside() -> None:
    source = b"int f(void)\n{\n\tif (a) {\n\tg();\n}\n\nint h(void)\n{\n\tk();\n}\n"
    code = read_code("a.c", source)
    calls = {
        each.name: [call.name for call in code.body(each).calls] for each in code.facts.definitions
    }
    assert calls == {"f": ["g"], "h": ["k"]}


def read_all(code: CodeFile) -> None:
    """Ask for everything that a file can tell, and compare what must agree."""
    for definition in code.facts.definitions:
        body = code.body(definition)
        for call in body.calls:
            assert definition.start <= call.line
            assert call.name
        places = [(each.line, each.column) for each in body.mentions]
        assert places == sorted(set(places))
        assert all(each.line >= definition.start for each in body.bindings)
        copies = code.copies(definition)
        assert all(definition.start <= each.line <= definition.end for each in copies)
        assert set(copies) <= set(code.copies_beside(""))
    lines_of = [each.line for each in code.bindings]
    assert lines_of == sorted(lines_of)
    assert [each.line for each in code.uses] == sorted(each.line for each in code.uses)
    assert code.types is code.types
    assert code.types.order.keys() >= code.types.members.keys()


WORDS = (
    "{ } ( ) [ ] ; , = & * . -> ? : ... # ## \\ \" ' + ! "
    "if else while for do switch case return goto sizeof typeof struct union enum static extern "
    "typedef int void const f g h x ops m 0 1 __init for_each_x DEFINE_PER_CPU SYSCALL_DEFINE1 "
    "static_call container_of offsetof asm"
)
TOKENS = [
    *WORDS.split(),
    "\n", "\n#if 0\n", "\n#ifdef A\n", "\n#else\n", "\n#endif\n", "\n#define M(x) ", "\\\n",
    "/*", "*/", "//", "int f(int x)\n{\n", "}\n", "struct s { ", " } v = { .m = ", "x->m = f;",
    "uninitialized_var(x)", "KVM_OP(x)\n", "\xe9", "\x00",
]  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes(text: bytes) -> None:
    read_all(read_code("a.c", text))


@settings(deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(TOKENS), max_size=120))
def test_any_tokens(tokens: list[str]) -> None:
    read_all(read_code("a.c", " ".join(tokens).encode("latin-1")))


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(TOKENS), max_size=60))
def test_any_tokens_in_a_body(tokens: list[str]) -> None:
    text = "int f(struct s *ops, int x)\n{\n" + " ".join(tokens) + "\n}\n"
    read_all(read_code("a.c", text.encode("latin-1")))


DEEP = 100_000
MONSTERS = {
    "brackets": b"int f(void) { x = " + b"(" * DEEP + b"g" + b")" * DEEP + b"; }",
    "calls": b"int f(void) { " + b"g(" * (DEEP // 10) + b")" * (DEEP // 10) + b"; }",
    "open calls": b"int f(void) { " + b"g(" * DEEP,
    "members": b"int f(void) { x" + b"->m" * (DEEP // 10) + b"(); }",
    "member calls": b"int f(void) { x" + b"->m()" * (DEEP // 50) + b"; }",
    "braces": b"struct s x = " + b"{" * DEEP + b"f" + b"}" * DEEP + b";",
    "designators": b"struct s x = { " + b".m" * DEEP + b" = f };",
    "elements": b"struct s x[] = { " + b"{ .m = f }, " * (DEEP // 10) + b"};",
    "arguments": b"int f(void) { g(" + b"x, " * (DEEP // 4) + b"y); }",
    "addresses": b"int f(void) { x = " + b"&" * DEEP + b"y; }",
    "casts": b"int f(void) { x = " + b"(a)" * (DEEP // 4) + b"y; }",
    "blocks": b"int f(void) { " + b"{ int x; " * (DEEP // 50) + b"}" * (DEEP // 50) + b" }",
    "locals": b"int f(void) { " + b"int x; x = y; " * (DEEP // 20) + b" }",
    "structs": b"struct s { " * (DEEP // 200) + b"} x; " * (DEEP // 200),
    "stars": b"int f(struct s " + b"*" * DEEP + b"x) { x->m(); }",
    "macro brackets": b"#define M " + b"f(" * DEEP + b")" * DEEP,
    "copies": b"int f(void) { " + b"x = " * (DEEP // 50) + b"y->m; }",
    "choices": b"int f(void) { x = " + b"c ? y->m : " * (DEEP // 10) + b"z; }",
    "constants": b"int f(void) { x = " + b"0 && " * (DEEP // 10) + b"z; }",
    "literals": b"int f(void) { x = " + b"(struct s){ " * (DEEP // 50) + b"z",
    "many copies": b"int f(void) { " + b"fn = x->m; " * (DEEP // 20) + b"fn(1); }",
    "macro members": b"#define M " + b"x->" * DEEP + b"f()",
    "typeof": b"int f(void) { " + b"typeof(" * (DEEP // 50) + b"; }",
}


@pytest.mark.parametrize("text", MONSTERS.values(), ids=MONSTERS.keys())
def test_monsters_take_seconds(text: bytes) -> None:
    started = time.process_time()
    read_all(read_code("a.c", text))
    assert time.process_time() - started < 20


def test_a_body_is_read_when_it_is_asked_for() -> None:
    text = b"static int a[] = { 1 };\nint f(int x)\n{\n\tg(x);\n}\nint h(void) { return f(1); }\n"
    parsed = parse("a.c", text)
    (masked,) = parsed.variants
    assert [text[:offset].count(b"\n") + 1 for offset in masked.folded] == [1, 3, 6]
    code = ParsedFile(parsed, {})
    first = next(each for each in parsed.facts.definitions if each.name == "f")
    assert [call.name for call in code.body(first).calls] == ["g"]
    assert len(masked.folded) == 2
    assert code.body(first) is code.body(first)


def test_a_function_ends_at_its_brace_though_the_parser_loses_its_body() -> None:
    text = (
        b"int f(int a)\n{\n\tswitch (a) {\n\tcase 1:\n#define TRY do {\n"
        b"\t\tTRY { g(a); } END;\n\t}\n\t) h(a);\n}\nint last;\n"
    )
    code = read_code("a.c", text)
    found = {each.name: each for each in code.facts.definitions}
    assert (found["f"].start, found["f"].end) == (1, 9)
    assert [call.name for call in code.body(found["f"]).calls][-1] == "h"


def test_a_name_that_the_parser_made_up_is_no_call() -> None:
    code = read_code("a.c", b"int f(void) { static_call()(x); x->(1); (*)(2); }")
    assert "" not in [call.name for call in code.body(code.facts.definitions[0]).calls]
