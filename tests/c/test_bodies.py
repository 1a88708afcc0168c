"""What the inside of functions and macros tells. All C here is made up for the purpose."""

import pytest

from callpath.c.facts import (
    Body,
    CallForm,
    Role,
)
from callpath.c.file import read_code
from callpath.c.vocabulary import DispatchMacro

HEAD = b"""
struct leaf { int (*run)(int); };
struct ops { int (*setup)(void); struct leaf *leaf; struct leaf own; int (*many[4])(int); };
static struct ops *table;
static struct ops boxes[4];
static DEFINE_PER_CPU(struct ops, percpu);
struct ops *make(void);
"""


def inside(statements: str, head: str = "void fn(struct ops *ops, int x)") -> Body:
    return body_of("fn", HEAD + f"{head}\n{{\n{statements}\n}}\n".encode())


def body_of(name: str, text: bytes) -> Body:
    code = read_code("a.c", text)
    [definition] = [each for each in code.facts.definitions if each.name == name]
    return code.body(definition)


def called(body: Body) -> list[str]:
    return [call.name for call in body.calls if not call.maybe_cast]


def role(body: Body, name: str) -> list[Role]:
    return [mention.role for mention in body.mentions if mention.name == name]


CALLS = [
    ("f(x);", ["f"]),
    ("(*f)(x);", ["f"]),
    ("x = ((cb_t)f)(x);", ["f"]),
    ("f(g(x), h());", ["f", "g", "h"]),
    ("if (unlikely(f(x))) g();", ["unlikely", "f", "g"]),
    ("if (a && !f(x) || (x = g()) < 0) ;", ["f", "g"]),
    ("WARN_ON(f());", ["WARN_ON", "f"]),
    ("while (f()) g();", ["f", "g"]),
    ("try_it {\n\n\tf(x);\n} catch_it(x);\n\ng(x);", ["f", "catch_it", "g"]),
    ("do { f(); } while (g());", ["f", "g"]),
    ("for (x = f(); g(x); h()) k();", ["f", "g", "h", "k"]),
    ("switch (f()) { case A: g(); break; default: h(); }", ["f", "g", "h"]),
    ("for_each_online_cpu(cpu) f(cpu);", ["for_each_online_cpu", "f"]),
    ("for_each_online_cpu(cpu)\n\tf(cpu);", ["for_each_online_cpu", "f"]),
    ("list_for_each_entry(p, &head, list) { f(p); }", ["list_for_each_entry", "f"]),
    (
        "do_each_thread(g, p) { f(p); } while_each_thread(g, p);",
        ["do_each_thread", "f", "while_each_thread"],
    ),
    ("x = ({ int y = f(); g(y); });", ["f", "g"]),
    ("MAX(({ f(); }), 1);", ["MAX", "f"]),
    ("x = sizeof(f());", []),
    ("x = sizeof f();", []),
    ("typeof(f(x)) y = g();", ["g"]),
    ("auto y = f();", ["f"]),
    ("const auto y = (int)f(x);", ["f"]),
    ("auto const y = f();", ["f"]),
    ("for (auto y = f(); g(y); y--) h();", ["f", "g", "h"]),
    ("auto int y = f();", ["f"]),
    ("x = __alignof__(f());", []),
    ("return f(x);", ["f"]),
    ("int y = f(), z = g();", ["f", "g"]),
    ("struct ops o = { .setup = make_one(x) };", ["make_one"]),
    ("x = (int)f(x);", ["f"]),
    ("x = (u32)(x + 1) > (u32)f();", ["f"]),
    ("x = c ? f() : g();", ["f", "g"]),
    ("f(), g();", ["f", "g"]),
    ("out: f();", ["f"]),
    ('asm goto("x" : : "r" (f(x)) : : out);', ["f"]),
    ('asm volatile("a " EXPAND(NAME) " b");', ["EXPAND"]),
    ("MACRO(struct ops, f(x));", ["MACRO", "f"]),
    ("release(container_of(x, struct ops, own));", ["release", "container_of"]),
    ("return x & ~(max_t(unsigned long, A, B) - 1);", ["max_t"]),
    ("else_less f(x);", ["f"]),
    ("BUG_ON(!f(x))\n\tg();", ["BUG_ON", "f", "g"]),
    ("struct leaf *uninitialized_var(l); f(l);", ["uninitialized_var", "f"]),
    ("extern int proto(int number); f();", ["f"]),
    ("int (*pointer)(struct leaf *) = f;", []),
    ("DEFINE_WAIT_FUNC(wait, wake);", ["DEFINE_WAIT_FUNC"]),
    ("guard(mutex)(&lock); f();", ["guard", "f"]),
    ("/* f(); */ // g();\nh();", ["h"]),
    ('h("f()");', ["h"]),
    ("if (a) f();\n#ifdef CONFIG_A\n\telse if (g()) h();\n#endif\n", ["f", "g", "h"]),
    ("\n#if 0\nf();\n#else\ng();\n#endif\n", ["g"]),
    ("\n#ifdef A\n\tif (f()) {\n#else\n\tif (g()) {\n#endif\n\th(); }", ["f", "g", "h"]),
    ("x = a +;\n f(x);\n y = ) g(x);", ["f", "g"]),
    ("switch (x) { case LOW(0)...HIGH(1): f(); }", ["LOW", "HIGH", "f"]),
    ("return _Generic(x, int: f)(x);", ["f"]),
]


@pytest.mark.parametrize(("statements", "names"), CALLS, ids=[text for text, _ in CALLS])
def test_calls(statements: str, names: list[str]) -> None:
    assert called(inside(statements)) == names


RECEIVERS = [
    # statement, form, name, receiver, receiver_tag, root, path, root_tag
    ("ops->setup();", "member", "setup", "ops", "ops", "ops", (), "ops"),
    ("(*ops->setup)();", "member", "setup", "ops", "ops", "ops", (), "ops"),
    ("(ops->setup)();", "member", "setup", "ops", "ops", "ops", (), "ops"),
    ("table->setup();", "member", "setup", "table", "ops", "table", (), "ops"),
    ("ops->leaf->run(x);", "member", "run", "ops->leaf", "leaf", "ops", ("leaf",), "ops"),
    ("ops -> own . run(x);", "member", "run", "ops->own", "leaf", "ops", ("own",), "ops"),
    ("boxes[x].own.run(x);", "member", "run", "boxes[x].own", "leaf", "boxes", ("own",), "ops"),
    ("boxes[x].setup();", "member", "setup", "boxes[x]", "ops", "boxes", (), "ops"),
    ("(*ops).setup();", "member", "setup", "(*ops)", "ops", "ops", (), "ops"),
    ("handlers[x](x);", "array", "handlers", "", "", "", (), ""),
    ("handlers[x][1](x);", "array", "handlers", "", "", "", (), ""),
    ("ops->many[x](x);", "array", "many", "ops", "ops", "ops", (), "ops"),
    ("((struct leaf *)x)->run(x);", "member", "run", None, "leaf", "x", (), "leaf"),
    ("((struct ops *)x)->leaf->run(x);", "member", "run", None, "leaf", "x", ("leaf",), "ops"),
    ("((struct leaf *)ops->leaf)->run(x);", "member", "run", None, "leaf", "", (), "leaf"),
    ("this_cpu_ptr(&percpu)->setup();", "member", "setup", None, "ops", "percpu", (), "ops"),
    ("per_cpu(percpu, x).own.run(x);", "member", "run", None, "leaf", "percpu", ("own",), "ops"),
    ("container_of(x, struct ops, own)->setup();", "member", "setup", None, "ops", "", (), "ops"),
    ("make()->setup();", "member", "setup", "make()", "ops", "make", (), "ops"),
    ("other()->setup();", "member", "setup", "other()", "", "other", (), ""),
    ("who->where.run(x);", "member", "run", "who->where", "", "who", ("where",), ""),
    ("struct leaf *l; l->run(x);", "member", "run", "l", "leaf", "l", (), "leaf"),
    ("struct leaf *const *l; (*l)->run(x);", "member", "run", "(*l)", "leaf", "l", (), "leaf"),
]


@pytest.mark.parametrize("case", RECEIVERS, ids=[case[0] for case in RECEIVERS])
def test_receivers(case: tuple[str, str, str, str | None, str, str, tuple[str, ...], str]) -> None:
    statement, form, name, receiver, tag, root, path, root_tag = case
    call = next(call for call in inside(statement).calls if call.name == name)
    assert call.form == form
    assert receiver is None or call.receiver == receiver
    assert (call.receiver_tag, call.receiver_root) == (tag, root)
    assert (call.receiver_path, call.root_tag) == (path, root_tag)


DISPATCHED = [
    ("static_call(kvm_run)(x);", "kvm_run", "static_call"),
    ("x = static_call_cond(kvm_run)(f(x), g);", "kvm_run", "static_call_cond"),
    ("if (kvm_x86_call(run)(x)) ;", "run", "kvm_x86_call"),
]


@pytest.mark.parametrize(("statement", "name", "macro"), DISPATCHED)
def test_dispatch_macros(statement: str, name: str, macro: str) -> None:
    [call] = [call for call in inside(statement).calls if call.form is CallForm.DISPATCH]
    assert (call.name, call.macro) == (name, macro)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"void f(void)\n{\n\tFNAME(walk)(x);\n}\n", "walk"),
        (b"#define OWN(name) lamp_##name\nvoid f(void)\n{\n\tOWN(walk)(x);\n}\n", "lamp_walk"),
        (b"#define f() FNAME(walk)(x)\n", "walk"),
    ],
)
def test_a_macro_that_names_functions_is_called_as_that_function(text: bytes, name: str) -> None:
    calls = body_of("f", text).calls
    assert {call.form for call in calls} == {CallForm.DIRECT}
    assert name in [call.name for call in calls]


def test_a_site_can_name_its_own_dispatch_macros() -> None:
    text = b"void fn(void) { hook(1, my_run)(x); }\n#define m() hook(2, my_stop)()\n"
    code = read_code("a.c", text, {"hook": DispatchMacro(position=1, prefix="my_")})
    found = [call for each in code.facts.definitions for call in code.body(each).calls]
    assert [(call.form, call.name, call.macro) for call in found] == [
        (CallForm.DISPATCH, "run", "hook"),
        (CallForm.DISPATCH, "stop", "hook"),
    ]


def test_guard_is_no_dispatch() -> None:
    body = inside("guard(mutex)(&lock);")
    assert [(call.form, call.name) for call in body.calls] == [(CallForm.DIRECT, "guard")]
    assert role(body, "lock") == [Role.ARGUMENT]


def test_arguments_that_are_handed_over_whole() -> None:
    [call] = inside(
        "f(a, &b, &c.d, &e->g.h, (cb_t)i, x ? k : l, *m, n(), o + 1, p.q, &r[2], (s), "
        "&(struct leaf){ .run = t }, !u, ({ v; }));"
    ).calls[:1]
    handed = [
        [("&" if each.address else "") + ".".join(filter(None, (each.name, each.member)))
         for each in argument]
        for argument in call.arguments
    ]  # fmt: skip
    assert handed == [
        ["a"], ["&b"], ["&c.d"], ["&e.g.h"], ["i"], ["k", "l"], [], [], [], [], ["&r"], ["s"],
        ["t"], [], [],
    ]  # fmt: skip


def test_arguments_of_a_masked_loop() -> None:
    [call] = inside("list_for_each_entry(pos, &queue, link) ;").calls
    assert [[each.name for each in argument] for argument in call.arguments] == [
        ["pos"],
        ["queue"],
        [],
    ]


ROLES = [
    ("f(x);", Role.CALLED),
    ("g(f);", Role.ARGUMENT),
    ("g(&f);", Role.ARGUMENT),
    ("g((cb_t)f);", Role.ARGUMENT),
    ("g(x ? f : 0);", Role.ARGUMENT),
    ("ops->setup(f);", Role.ARGUMENT),
    ("ops->setup = f;", Role.ASSIGNED),
    ("x = (f);", Role.ASSIGNED),
    ("x += f;", Role.OTHER),
    ("cb_t y = f;", Role.INITIALISER),
    ("struct ops o = { .setup = f };", Role.INITIALISER),
    ("cb_t y[] = { f };", Role.INITIALISER),
    ("g(&(struct ops){ .setup = f });", Role.INITIALISER),
    ("return f;", Role.RETURNED),
    ("return x ? f : 0;", Role.RETURNED),
    ("if (ops->setup != f) x = 1;", Role.OTHER),
    ("g(x == f);", Role.OTHER),
    ("g(!f);", Role.OTHER),
    ("g(f + 1);", Role.OTHER),
    ("x = a[f];", Role.OTHER),
    ("f = x;", Role.OTHER),
    ("x = sizeof(f());", Role.OTHER),
    ("typeof(f()) y;", Role.OTHER),
    ("x = ops->f;", Role.FIELD),
    ("x = boxes[0].f;", Role.FIELD),
    ("struct ops o = { .f = 0 };", Role.FIELD),
    ("struct ops o = { f: 0 };", Role.FIELD),
    ("x = offsetof(struct ops, f);", Role.FIELD),
    ("y = container_of(x, struct ops, f);", Role.FIELD),
    ("y = container_of(x, struct f, own);", Role.TAG),
    ("struct f *y;", Role.TAG),
    ("x = sizeof(struct f);", Role.TAG),
    ("enum f y;", Role.TAG),
    ("f *y = 0;", Role.TYPE),
    ("x = (f)(x);", Role.TYPE),
    ("f y;", Role.TYPE),
    ("int f; f = x;", Role.LOCAL),
    ("for (int f = 0; f < 3; f++) ;", Role.LOCAL),
    ("int f = 0; g(f, &f);", Role.LOCAL),
    ("int (*f)(int); f(x);", Role.LOCAL),
    ("DEFINE_SPINLOCK(f); g(&f);", Role.LOCAL),
    ("goto f; f: ;", None),
    ('asm("" : [f] "=r" (x));', None),
    ('x = 1; /* f */ g("f"); // f', None),
    ("\n#if 0\ng(f);\n#endif\n", None),
]


@pytest.mark.parametrize(("statement", "expected"), ROLES, ids=[text for text, _ in ROLES])
def test_roles(statement: str, expected: Role | None) -> None:
    assert set(role(inside(statement), "f")) == ({expected} if expected else set())


def test_a_parameter_is_local() -> None:
    body = inside("g(f); f(x);", "void fn(int (*f)(int), struct leaf *x)")
    assert role(body, "f") == [Role.LOCAL] * 3
    assert [(call.name, call.form) for call in body.calls] == [("g", "direct"), ("f", "direct")]


def test_a_local_hides_a_name_only_in_its_block() -> None:
    body = inside("{ int f = 1; g(f); }\ng(f);\n{ struct leaf f; }")
    assert role(body, "f") == [Role.LOCAL, Role.LOCAL, Role.ARGUMENT, Role.LOCAL]


def test_what_a_mention_tells() -> None:
    body = inside("g(&f, ops->own.run);\ny = container_of(x, struct ops, leaf);")
    told = {each.name: each for each in body.mentions}
    assert (told["f"].callee, told["f"].address) == ("g", True)
    assert (told["own"].tag, told["run"].tag) == ("ops", "leaf")
    assert told["leaf"].tag == "ops"
    tags = [each.tag for each in body.mentions if each.role is Role.TAG]
    assert tags == ["struct", "struct"]


def test_the_defined_name_is_no_mention_and_recursion_is() -> None:
    assert role(inside("x = 1;"), "fn") == []
    assert role(inside("fn(ops, x);"), "fn") == [Role.CALLED]


def test_lines_and_columns() -> None:
    body = body_of("fn", b"int fn(void)\n{\n\treturn f() +\n\t       g();\n}\n")
    assert [(call.line, call.column) for call in body.calls] == [(3, 9), (4, 9)]


def test_a_condition_is_told_from_inside_only() -> None:
    body = body_of(
        "fn",
        b"#ifdef OUTER\nint fn(void)\n{\n\tf();\n"
        b"#ifdef INNER\n\tg();\n#else\n\th();\n#endif\n}\n#endif\n",
    )
    assert [(call.name, call.condition) for call in body.calls] == [
        ("f", ""),
        ("g", "INNER"),
        ("h", "!INNER"),
    ]


def test_parameters_and_types() -> None:
    body = inside(
        "struct ops *const *many, one; u32 number; int plain; cb_t call; int (*pointer)(int);",
        "int fn(struct leaf *const *l, foo_t *t, int (*f)(struct ops *o), unsigned n, int a[3])",
    )
    assert body.parameters == ("l", "t", "f", "n", "a")
    assert body.types == {
        "l": "leaf", "t": "foo_t", "f": "", "n": "", "a": "", "many": "ops", "one": "ops",
        "number": "u32", "plain": "", "call": "cb_t", "pointer": "",
    }  # fmt: skip


def test_an_old_style_head() -> None:
    body = inside("f(a); b->run(1);", "int fn(a, b) int a; struct leaf *b;")
    assert body.parameters == ("a", "b")
    assert body.types == {"a": "", "b": "leaf"}
    assert [(call.name, call.receiver_tag) for call in body.calls] == [("f", ""), ("run", "leaf")]


def test_a_system_call() -> None:
    text = (
        b"struct a { int (*m)(int); };\n"
        b"SYSCALL_DEFINE2(read, int, fd, struct a *, p)\n{\n\treturn p->m(fd);\n}\n"
    )
    body = body_of("sys_read", text)
    assert body.parameters == ("fd", "p")
    assert [(call.name, call.receiver_tag) for call in body.calls] == [("m", "a")]


MACROS = [
    ("#define m(a) f(a)", ["f"], []),
    ("#define m f", [], []),
    ("#define m (f(1))", ["f"], []),
    ("#define m(a) do { f(a); g(&h); } while (0)", ["f", "g"], []),
    ("#define m(a) ({ typeof(f(a)) x = sizeof(g(a)); })", [], []),
    ("#define m(a, b) a##b(1) f##a(2) #b(3) g()", ["g"], []),
    ("#define m(a) f(\"g(1)\" /* h(2) */, 'x')", ["f"], []),
    ("#define m(a) ops->own.run(a)", ["run"], [("ops->own", "ops", ("own",))]),
    ("#define m(a) (a)->run(1)", ["run"], [("", "", ())]),
    ("#define m(a) static_call(a##x)(1), static_call(y)(2)", ["static_call", "y"], []),
    ("#define m(x...) f(x, ## __VA_ARGS__)", ["f"], []),
]


@pytest.mark.parametrize(("text", "names", "receivers"), MACROS, ids=[each[0] for each in MACROS])
def test_macro_calls(text: str, names: list[str], receivers: list[tuple[object, ...]]) -> None:
    body = body_of("m", text.encode() + b"\n")
    assert body.text
    assert called(body) == names
    told = [
        (call.receiver, call.receiver_root, call.receiver_path)
        for call in body.calls
        if call.form is CallForm.MEMBER
    ]
    assert told == receivers


def test_macro_mentions() -> None:
    text = b"#define m(a, ...) \\\n\tf(a, &g)->h + \\\n\tsizeof(struct k) + a##l\n"
    body = body_of("m", text)
    assert [(each.name, each.role, each.line, each.column) for each in body.mentions] == [
        ("f", Role.CALLED, 2, 2),
        ("a", Role.LOCAL, 2, 4),
        ("g", Role.OTHER, 2, 8),
        ("h", Role.FIELD, 2, 12),
        ("k", Role.TAG, 3, 16),
    ]
    assert body.parameters == ("a", "__VA_ARGS__")
    assert [[each.name for each in argument] for argument in body.calls[0].arguments] == [
        ["a"],
        ["g"],
    ]


def test_a_bracket_after_a_space_is_replacement_text() -> None:
    body = body_of("m", b"#define m (a) + f(b)\n")
    assert body.parameters == ()
    assert [each.name for each in body.mentions] == ["a", "f", "b"]


def test_types_have_mentions_only() -> None:
    text = (
        b"struct s { struct other *o; int (*f)(u32 n); };\n"
        b"typedef struct s alias;\nenum e { A = B };\n"
    )
    struct = body_of("s", text)
    assert [(each.name, each.role) for each in struct.mentions] == [
        ("other", Role.TAG),
        ("o", Role.FIELD),
        ("f", Role.FIELD),
        ("u32", Role.TYPE),
        ("n", Role.LOCAL),
    ]
    assert not struct.calls
    assert [each.name for each in body_of("alias", text).mentions] == ["s"]
    assert [each.name for each in body_of("e", text).mentions] == ["A", "B"]
    assert body_of("A", text) == Body()


def test_each_variable_of_a_declaration_has_its_own_inside() -> None:
    text = b"static struct s a = { .f = one }, b = { .f = two };\n"
    assert [each.name for each in body_of("a", text).mentions] == ["s", "f", "one"]
    assert [each.target for each in body_of("b", text).bindings] == ["two"]
