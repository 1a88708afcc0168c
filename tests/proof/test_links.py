"""Which files are linked with which, by the table of a project."""

import pytest

from callpath.model import Definition, SymbolKind
from callpath.projects import LINUX, LinkUnit
from callpath.proof.links import LinkTable, link_table

KERNEL = link_table(LINUX.link_units)
REDIS = LinkTable(
    (
        LinkUnit("deps/*"),
        LinkUnit("deps/lua", reaches=("deps/fpconv",)),
        LinkUnit("utils/{tool}", reaches=("deps/{tool}", "."), apart=True),
    )
)


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("mm/slub.c", ""),
        ("Makefile", ""),
        ("arch/x86/kvm/x86.c", "arch/x86"),
        ("arch/x86/um/tls_64.c", "arch/x86/um"),
        ("arch/x86/boot/main.c", "arch/x86/boot"),
        ("arch/x86/boot/compressed/misc.c", "arch/x86/boot/compressed"),
        ("tools/lib/slab.c", "tools/lib"),
        ("tools/testing/selftests/kvm/lib/x86.c", "tools/testing/selftests/kvm"),
        ("scripts/mod/modpost.c", "scripts/mod"),
        ("scripts/kallsyms.c", "scripts"),
    ],
)
def test_the_unit_of_a_kernel_file(path: str, unit: str) -> None:
    assert KERNEL.unit_of(path) == unit


@pytest.mark.parametrize(
    ("path", "other", "linked"),
    [
        ("src/server.c", "deps/lua/lapi.c", True),  # what is in no unit reaches all but those apart
        ("deps/lua/lapi.c", "src/server.c", False),
        ("deps/lua/lapi.c", "src/sds.h", True),
        ("deps/lua/lapi.c", "deps/fpconv/f.c", True),
        ("deps/fpconv/f.c", "deps/lua/lapi.c", False),
        ("deps/lua/a/b.c", "deps/lua/lapi.c", True),
        ("src/server.c", "utils/lua/u.c", False),
        ("src/server.c", "utils/lua/u.h", False),
        ("utils/lua/u.c", "deps/lua/lapi.c", True),
        ("utils/lua/u.c", "deps/fpconv/f.c", False),
        ("utils/lua/u.c", "deps/fpconv/f.h", True),  # apart: made with the headers of the rest
        ("utils/lua/u.c", "src/server.c", True),
    ],
)
def test_a_table_of_a_site(path: str, other: str, *, linked: bool) -> None:
    assert REDIS.links(path, other) is linked


def test_without_a_table_everything_is_linked() -> None:
    assert LinkTable().links("arch/arm/a.c", "arch/x86/b.c")


def test_what_a_site_adds_counts_before_what_is_known() -> None:
    table = link_table(LINUX.link_units, [LinkUnit("tools/*", reaches=(".",), apart=True)])
    assert table.links("tools/perf/a.c", "mm/slub.c")
    assert not KERNEL.links("tools/perf/a.c", "mm/slub.c")


def test_candidates_of_the_own_architecture_come_first_and_stubs_last() -> None:
    def defined(path: str, signature: str = "int f(void)", condition: str = "") -> Definition:
        return Definition(path, "f", SymbolKind.FUNCTION, 1, 1, 1, signature, "", condition)

    stub = defined("arch/x86/include/asm/f.h", "static inline int f(void)", "!CONFIG_F")
    paths = ["arch/arm/f.c", "arch/x86/kernel/f.c", "lib/f.c", "tools/lib/f.c"]
    found = sorted(
        [stub, *map(defined, paths)],
        key=lambda each: KERNEL.candidate_order(each, "arch/x86/kvm/a.c"),
    )
    assert [each.path for each in found] == [
        "arch/x86/kernel/f.c",
        "lib/f.c",
        "arch/arm/f.c",
        "tools/lib/f.c",
        "arch/x86/include/asm/f.h",
    ]
