"""Which names are put into which members. All C here is made up for the purpose."""

import pytest

from callpath.c.facts import Binding
from callpath.c.file import read_code

TYPES = """
struct leaf { int (*run)(int); int (*stop)(int); };
struct ops {
	int (*setup)(void);
	const struct leaf *leaf;
	union { int number; struct leaf *other; };
	struct leaf own;
	struct { int (*deep)(void); } in;
	struct leaf many[2];
	int (*list[4])(int);
};
typedef struct { int (*run)(int); } box_t;
typedef struct leaf leaf_t;
static struct ops table;
static struct ops boxes[4];
static int (*handlers[8])(int);
"""
START = TYPES.count("\n") + 1


def told(binding: Binding) -> str:
    """A binding on one line: owner, struct, where, target."""
    where = ".".join((*binding.path, binding.member)) if binding.member else "/".join(binding.path)
    index = f"[{binding.index}]" if binding.index else ""
    position = f"#{binding.position}" if binding.position >= 0 else ""
    address = "&" if binding.address else ""
    return (
        f"{binding.owner}<{binding.owner_tag}>{index}{position}.{where}={address}{binding.target}"
    )


FILE_LEVEL = [
    ("struct ops a = { .setup = f };", ["a<ops>.setup=f"]),
    ("struct ops a = { setup: f };", ["a<ops>.setup=f"]),
    ("struct ops a = { .setup = &f, .own = { .run = g } };",
     ["a<ops>.setup=&f", "a<leaf>.own.run=g"]),
    ("struct ops a = { .own.run = f };", ["a<leaf>.own.run=f"]),
    ("struct ops a = { .in.deep = f };", ["a<ops.in>.in.deep=f"]),
    ("struct ops a = { .many[1].run = f };", ["a<leaf>[1].many.run=f"]),
    ("struct ops a = { .many = { { f }, { .stop = g } } };",
     ["a<leaf>#0.many=f", "a<leaf>.many.stop=g"]),
    ("struct ops a = { .list = { f, [2] = g } };", ["a<>#0.list=f", "a<>[2].list=g"]),
    ("struct ops a = { f, &g, 0, { h, k } };",
     ["a<ops>#0.=f", "a<ops>#1.=&g", "a<leaf>#0.=h", "a<leaf>#1.=k"]),
    ("struct ops a = { .leaf = &g, f };", ["a<ops>.leaf=&g", "a<ops>#2.=f"]),
    ("struct ops a[] = { { .setup = f }, [X] = { .setup = g } };",
     ["a<ops>.setup=f", "a<ops>[X].setup=g"]),
    ("struct ops *a[] = { &f, [X] = &g };", ["a<>#0.=&f", "a<>[X].=&g"]),
    ("int (*a[])(int) = { [X] = f, [Y ... Z] = g, h };",
     ["a<>[X].=f", "a<>[Y...Z].=g", "a<>#2.=h"]),
    ("int (*a)(int) = f;", ["a<>.=f"]),
    ("box_t a = { .run = f };", ["a<box_t>.run=f"]),
    ("leaf_t a = { .run = f };", ["a<leaf>.run=f"]),
    ("struct { int (*go)(void); } a = { .go = f };", ["a<a>.go=f"]),
    ("struct ops a = { .setup = (void *)f };", ["a<ops>.setup=f"]),
    ("struct ops a = { .setup = (f) };", ["a<ops>.setup=f"]),
    ("struct ops a = { .setup = X ? f : g };", ["a<ops>.setup=f", "a<ops>.setup=g"]),
    ("struct ops a = { .setup = MACRO(f) };", []),
    ("struct ops a = { .setup = f + 1, .leaf = 0 };", []),
    ("struct ops a = { .leaf = &(struct leaf){ .run = f } };", ["a<leaf>.leaf.run=f"]),
    ("struct ops a = { .leaf = (struct leaf[]){ { .run = f } } };", ["a<leaf>.leaf.run=f"]),
    ("struct ops a = { .leaf = &boxes[1].own };", ["a<ops>.leaf=&boxes"]),
    ("struct far a = { .x = { .y = f }, { g } };", ["a<>.x.y=f", "a<>#0.1=g"]),
    ("static DEFINE_PER_CPU(struct ops, a) = { .setup = f };", ["a<ops>.setup=f"]),
    ("struct ops a = { .setup = f }, b = { .setup = g };", ["a<ops>.setup=f", "b<ops>.setup=g"]),
    ("struct ops a = {\n/* .setup = f */\n};", []),
    ("struct ops a = {\n#if 0\n.setup = f\n#endif\n};", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FILE_LEVEL, ids=[text for text, _ in FILE_LEVEL])
def test_initialisers_at_file_level(text: str, expected: list[str]) -> None:
    found = read_code("a.c", (TYPES + text + "\n").encode()).bindings
    assert [told(each) for each in found] == expected


IN_BODIES = [
    ("table.setup = f;", ["table<ops>.setup=f"]),
    ("p->setup = f;", ["p<ops>.setup=f"]),
    ("(*p).setup = f;", ["p<ops>.setup=f"]),
    ("p->own.run = (cb_t)f;", ["p<leaf>.own.run=f"]),
    ("p->leaf->run = x ? f : g;", ["p<leaf>.leaf.run=f", "p<leaf>.leaf.run=g"]),
    ("boxes[x].own.run = f;", ["boxes<leaf>.own.run=f"]),
    ("handlers[X] = f;", ["handlers<>[X].=f"]),
    ("p->list[x + 1] = f;", ["p<ops>[x+1].list=f"]),
    ("p->leaf = &f;", ["p<ops>.leaf=&f"]),
    ("*p = f;", ["p<>.=f"]),
    ("pointer = f;", ["pointer<>.=f"]),
    ("p->setup = table.setup = f;", ["p<ops>.setup=f"]),
    ("per_cpu(percpu, x).setup = f;", ["percpu<>.setup=f"]),
    ("((struct leaf *)q)->run = f;", ["q<leaf>.run=f"]),
    ("make(x)->setup = f;", ["<>.setup=f"]),
    ("*p = (struct ops){ .setup = f };", ["p<ops>.setup=f"]),
    ("call(&(struct ops){ .setup = f, });", ["<ops>.setup=f"]),
    ("struct leaf l = { .run = f };", ["l<leaf>.run=f"]),
    ("static const struct leaf l[] = { { f, g } };", ["l<leaf>#0.=f", "l<leaf>#1.=g"]),
    ("cb_t c = f;", ["c<>.=f"]),
    ("struct ops *r = p; r = p;", []),
    ("p->setup = q;", ["p<ops>.setup=q"]),
    ("table.setup += f; x = 1; p->setup = f(); p->setup = f + 1;", []),
    ("if (p->setup == f) x = 0;", []),
]


@pytest.mark.parametrize(("text", "expected"), IN_BODIES, ids=[text for text, _ in IN_BODIES])
def test_bindings_in_bodies(text: str, expected: list[str]) -> None:
    source = TYPES + "void fn(struct ops *p, void *q, int x)\n{\n" + text + "\n}\n"
    code = read_code("a.c", source.encode())
    assert [told(each) for each in code.bindings] == expected
    assert {(each.function, each.line) for each in code.bindings} <= {("fn", START + 2)}
    [function] = [each for each in code.facts.definitions if each.name == "fn"]
    assert code.body(function).bindings == code.bindings


def test_lines_and_conditions_in_source_order() -> None:
    source = (
        b"#ifdef A\nvoid fn(void)\n{\n#ifdef B\n\tt.m =\n\t\tf;\n#endif\n}\n#endif\n"
        b"struct s v = {\n\t.a = g,\n#ifndef C\n\t.b = h,\n#endif\n};\n"
    )
    found = read_code("a.c", source).bindings
    assert [(each.target, each.line, each.function, each.condition) for each in found] == [
        ("f", 6, "fn", "A && B"),
        ("g", 11, "", ""),
        ("h", 13, "", "!C"),
    ]


def test_both_branches_of_a_split_initialiser() -> None:
    source = b"struct s v = {\n#ifdef A\n\t.a = f\n#else\n\t.a = g\n#endif\n};\n"
    code = read_code("a.c", source)
    assert [(each.target, each.condition) for each in code.bindings] == [("f", "A"), ("g", "!A")]
    [variable] = code.facts.definitions
    assert code.body(variable).bindings == code.bindings


def test_bindings_in_a_function_whose_name_is_made_by_a_macro() -> None:
    source = b"static void FNAME(init)(struct s *s)\n{\n\ts->m = f;\n}\n"
    [binding] = read_code("a.c", source).bindings
    assert (binding.owner_tag, binding.member, binding.target) == ("s", "m", "f")


def test_a_chain_of_assignments_binds_what_comes_first() -> None:
    chains = b"".join(b"    a->p%d = b->q%d = x%d;\n" % (n, n, n) for n in range(200))
    file = read_code("a.c", b"void f(void)\n{\n" + chains + b"}\n")
    assert [each.member for each in file.bindings] == [f"p{n}" for n in range(200)]


MADE = [
    ("#define keep(p) (p)\nstruct ops a = { .setup = keep(f) };", ["a<ops>.setup=f"]),
    ("struct ops a = { .setup = pm_ptr(f), .own = { .run = of_match_ptr(&g) } };",
     ["a<ops>.setup=f", "a<leaf>.own.run=&g"]),
    ("#define pm_ptr(p) other\nstruct ops a = { .setup = pm_ptr(f) };", ["a<ops>.setup=other"]),
    ("#define ENTRY(f) { .run = f }\nstruct leaf a[] = { ENTRY(g), [X] = ENTRY(h) };",
     ["a<leaf>.run=g", "a<leaf>[X].run=h"]),
    ("#define ENTRY(f, g) .run = f, .stop = g\nstruct leaf a = { ENTRY(h, k), };",
     ["a<leaf>.run=h", "a<leaf>.stop=k"]),
    ("#define BOTH(f) .run = f, .stop = f\nstruct leaf a = { BOTH(h) };",
     ["a<leaf>.run=h", "a<leaf>.stop=h"]),
    ("#define MADE(n) [n] = n##_run\nint (*a[])(int) = { MADE(x), MADE(y), };",
     ["a<>[x].=x_run", "a<>[y].=y_run"]),
    ("#define EACH(X) X(run) X(stop)\n#define ONE(n) .n = lamp_##n,\n"
     "struct leaf a = { EACH(ONE) };",
     ["a<leaf>.run=lamp_run", "a<leaf>.stop=lamp_stop"]),
    ("#define REST(...) { __VA_ARGS__ }\nstruct leaf a = REST(f, g);",
     ["a<leaf>#0.=f", "a<leaf>#1.=g"]),
    ("#define COMMON .run = f\nstruct leaf a = { COMMON, .stop = g };",
     ["a<leaf>.run=f", "a<leaf>.stop=g"]),
    ("#define alias real\nstruct leaf a = { .run = alias };", ["a<leaf>.run=real"]),
    ("#define NAMED(f) { .name = #f }\nstruct ops a = NAMED(g);", []),
    ("#ifdef X\n#define maybe(p) (p)\n#else\n#define maybe(p) 0\n#endif\n"
     "struct leaf a = { .run = maybe(f) };", ["a<leaf>.run=f"]),
    ("#define LEAF(n, f) struct leaf n = { .run = f }\nstatic LEAF(a, g);", ["a<leaf>.run=g"]),
    ("#define self(p) self(p)\nstruct leaf a = { .run = self(f) };", []),
    ("static DECLARE_WORK(a, f);", ["a<work_struct>.func=f"]),
    ("DECLARE_DELAYED_WORK(a, f);", ["a<work_struct>.work.func=f"]),
    ("static DEFINE_TIMER(a, f);", ["a<timer_list>.function=f"]),
    ("static DEFINE_TIMER(a, f, 0, 0);", ["a<timer_list>.function=f"]),
    ("static struct irq_work a = IRQ_WORK_INIT(f);", ["a<irq_work>.func=f"]),
    ("static DECLARE_TASKLET(a, f);", ["a<tasklet_struct>.callback=f"]),
    ("static DEVICE_ATTR_RW(a);",
     ["dev_attr_a<device_attribute>.show=a_show", "dev_attr_a<device_attribute>.store=a_store"]),
    ("static DEVICE_ATTR(a, 0644, f, NULL);",
     ["dev_attr_a<device_attribute>.show=f"]),
    ("struct security_hook_list a[] = { LSM_HOOK_INIT(open, f), LSM_HOOK_INIT(close, g) };",
     ["a<security_list_options>.hook.open=f", "a<security_list_options>.hook.close=g"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MADE, ids=[text for text, _ in MADE])
def test_bindings_by_macros(text: str, expected: list[str]) -> None:
    found = read_code("a.c", (TYPES + text + "\n").encode()).bindings
    assert sorted(told(binding) for binding in found) == sorted(expected)


MADE_INSIDE = [
    ("INIT_WORK(&o->work, f);", ["<work_struct>.func=f"]),
    ("timer_setup(&o->timer, f, 0);", ["<timer_list>.function=f"]),
    ("rcu_assign_pointer(o->leaf, &g);", ["o<ops>.leaf=&g"]),
    ("WRITE_ONCE(o->setup, f);", ["o<ops>.setup=f"]),
    ("static DECLARE_WORK(w, f);", ["w<work_struct>.func=f"]),
    ("o->setup = pm_ptr(f);", ["o<ops>.setup=f"]),
    ("struct leaf l = { .run = pm_ptr(f) };", ["l<leaf>.run=f"]),
    ("o->setup = make(f);", []),
]


@pytest.mark.parametrize(("text", "expected"), MADE_INSIDE, ids=[text for text, _ in MADE_INSIDE])
def test_bindings_by_macros_inside_a_function(text: str, expected: list[str]) -> None:
    source = TYPES + f"void fn(struct ops *o)\n{{\n\t{text}\n}}\n"
    assert [told(binding) for binding in read_code("a.c", source.encode()).bindings] == expected


def test_a_made_name_is_found_by_its_word() -> None:
    macro = "#define MADE(n) { .run = n##_run }\n"
    text = TYPES + macro + "static int a_run(int x) { return x; }\nstruct leaf t = MADE(a);\n"
    file = read_code("a.c", text.encode())
    assert [told(binding) for binding in file.bindings_beside("a_run")] == ["t<leaf>.run=a_run"]


def test_hostile_macros_end() -> None:
    lines = [f"#define m{n}(x) m{n + 1}(x) m{n + 1}(x)" for n in range(200)]
    nested = "keep(" * 5000 + "f" + ")" * 5000
    text = "\n".join(
        [
            *lines,
            "#define keep(p) (p)",
            "struct leaf a = { .run = m0(f) };",
            f"struct leaf b = {{ .run = {nested} }};",
        ]
    )
    read_code("a.c", (TYPES + text).encode()).bindings  # noqa: B018
