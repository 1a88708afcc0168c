"""The small parts of drift: a look at a text, places that are apart, places in a caller."""

from pathlib import Path

import pytest

from callpath.drift.compare import compare
from callpath.drift.find import may_define, searched_words
from callpath.drift.match import Drift, EdgeDrift, why_apart
from callpath.drift.renames import names_in_place
from callpath.facts.proof import EdgeStatus, Proof, ProofSite, SiteRole, Verdict
from callpath.model import Definition, Pin, SymbolKind
from callpath.notebook import read_notebook
from kernel import write_site


@pytest.mark.parametrize(
    "text",
    [
        "int lamp(void)\n{",
        "static inline struct a *\nlamp(int a,\n\tint b) {",
        "static int __init lamp(void) __acquires(x)\n{",
        "SYSCALL_DEFINE2(lamp, int, a)\n{",
        "#define lamp(x) x",
        "# define lamp 1",
        "struct lamp {",
        "struct __packed lamp\n{",
        "union lamp {",
        "enum lamp { A };",
        "typedef int lamp;",
        "typedef struct {\n\tint a;\n} lamp;",
        "typedef int (*lamp)(int a);",
        "int lamp;",
        "static struct a lamp = {",
        "int other, lamp[3];",
        "struct {\n\tint a;\n} lamp;",
        "DEFINE_PER_CPU(int, lamp);",
        "static DEFINE_MUTEX(lamp);",
        "enum a {\n\tlamp,\n};",
        "enum a {\n\tlamp = 1,\n};",
        "enum a {\n\tB, lamp\n};",
        "enum a { B, lamp };",
    ],
)
def test_what_may_define_a_name(text: str) -> None:
    assert may_define("lamp", f"int before;\n{text}\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        "int lamp(void);",
        "extern int lamp;",
        "\tlamp(a);",
        "\tif (lamp(a)) {",
        "\treturn a + lamp;",
        "struct lamp;",
        "void f(struct lamp *a);",
        "\tstruct lamp *a;",
        "int lamps(void)\n{",
        "/* lamp */",
    ],
)
def test_what_only_names_it(text: str) -> None:
    assert not may_define("lamp", f"int before;\n{text}\n".encode())


def test_what_a_tree_is_searched_for() -> None:
    def words(name: str, kind: SymbolKind) -> tuple[str, ...]:
        return searched_words(Definition("a.c", name, kind, 1, 1, 1, "", ""))

    assert words("lamp.level", SymbolKind.FIELD) == ("lamp",)
    assert words("sys_read", SymbolKind.FUNCTION) == ("sys_read", "read")
    assert words("sys_read", SymbolKind.MACRO) == ("sys_read",)


@pytest.mark.parametrize(
    ("path", "origin", "are"),
    [
        ("arch/x86/a.c", "arch/x86/kvm/a.c", False),
        ("arch/mips/a.c", "arch/x86/a.c", True),
        ("arch/x86/a.c", "arch/i386/a.c", False),
        ("arch/x86/include/asm/a.h", "include/asm-x86_64/a.h", False),
        ("include/asm-generic/a.h", "arch/x86/include/asm/a.h", False),
        ("virt/a.c", "arch/x86/a.c", False),
        ("tools/include/a.h", "include/a.h", True),
        ("tools/a.c", "tools/b.c", False),
    ],
)
def test_places_that_are_apart(path: str, origin: str, are: bool) -> None:
    assert bool(why_apart(path, origin)) is are


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("a X b", "a Y b", {"Y": True}),
        ("a X b", "a X b", {}),
        ("a X b", "a b", {}),
        ("a X b", "a Y Z b", {"Y": False, "Z": False}),
        ("a X Q b", "a Y Z b", {"Y": True, "Z": False}),
        ("a X b", "a b b", {}),  # what was called before already replaces nothing
        ("a X b", "Y a b", {}),
        ("X a X b", "Y a Y b", {"Y": True}),
    ],
)
def test_what_stands_in_a_names_place(before: str, after: str, found: dict[str, bool]) -> None:
    assert names_in_place("X", before.split(), after.split()) == found


def _proved(proof: Proof, *roles: SiteRole, line: int = 1) -> Verdict:
    sites = tuple(ProofSite("a.c", line, role) for role in roles)
    return Verdict(EdgeStatus.PROVED, proof, sites)


def test_edges_are_compared_by_nature_not_by_line() -> None:
    call = _proved(Proof.CALL, SiteRole.CALL)
    unproved = Verdict(EdgeStatus.UNPROVED)
    half, asserted = Verdict(EdgeStatus.HALF), Verdict(EdgeStatus.ASSERTED)
    assert compare(call, _proved(Proof.CALL, SiteRole.CALL, line=9)) == "proved"
    assert compare(call, _proved(Proof.CALLBACK, SiteRole.HAND_OVER)) == "proved-otherwise"
    assert compare(call, Verdict(EdgeStatus.UNPROVED, wrong_via=True)) == "proved-otherwise"
    assert compare(call, unproved) == compare(call, half) == "gone"
    assert compare(half, half) == "half"
    assert compare(half, unproved) == "gone"
    assert compare(call, asserted) == compare(asserted, asserted) == "asserted"
    assert compare(asserted, call) == "proved-otherwise"
    assert compare(call, Verdict(EdgeStatus.NOT_SEARCHED)) == "not-searched"


@pytest.mark.parametrize(
    ("before", "after", "clean"),
    [
        (EdgeStatus.PROVED, EdgeStatus.ASSERTED, False),
        (EdgeStatus.ASSERTED, EdgeStatus.ASSERTED, True),
        (EdgeStatus.PROVED, EdgeStatus.UNPROVED, False),
        (EdgeStatus.HALF, EdgeStatus.HALF, True),
    ],
)
def test_an_edge_that_is_only_asserted_where_it_was_proved_is_drift(
    tmp_path: Path, before: EdgeStatus, after: EdgeStatus, clean: bool
) -> None:
    edge, old, new = read_notebook(write_site(tmp_path)).edges[0], Verdict(before), Verdict(after)
    edges = (EdgeDrift(edge, compare(old, new), old, new),)
    assert Drift(edge.pin, Pin("linux", "v3.8"), (), edges).is_clean is clean
