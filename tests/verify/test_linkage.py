"""Names with several homes against a real source: what is proved, and what hints name first."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from callpath.checks import check_notebook
from callpath.notebook import read_notebook
from callpath.workspace import open_workspace
from kernel import CONFIG, sources, write_files, write_repository, write_tree

ON = "int lamp_on(void) { return 1; }\n"
CALLER = "int lamp_setup(void) { return lamp_on(); }\n"
NOTE = """\
title: t
steps:
  - function: lamp_setup
    file: {}
    steps:
      - function: lamp_on
        file: {}
"""
Writer = Callable[[Path, Mapping[str, str | bytes]], str]


@pytest.fixture(params=[write_tree, write_repository], ids=["tree", "git"])
def writer(request: pytest.FixtureRequest) -> Writer:
    found: Writer = request.param
    return found


def findings(
    folder: Path,
    files: Mapping[str, str | bytes],
    caller: str,
    callee: str,
    *,
    settings: str = "",
    writer: Writer = write_tree,
) -> list[str]:
    """Rule, message and hint of what is wrong with a step to `lamp_on` below `lamp_setup`."""
    makefile = "VERSION = 3\nPATCHLEVEL = 7\nSUBLEVEL = 0\n"
    spec = writer(folder / "tree", {"Makefile": makefile, "drivers/lamp/lamp.c": "", **files})
    site = {"mkdocs.yml": CONFIG + settings, "notes/n.yml": NOTE.format(caller, callee)}
    write_files(folder / "site", site)
    notebook = read_notebook(open_workspace(folder / "site" / "mkdocs.yml"))
    found = check_notebook(notebook, sources(linux=spec))
    wrong = [each for each in found if each.rule != "not-locked"]
    return [f"{each.rule}: {each.message}; {each.hint}" for each in wrong]


X86, ARM = "arch/x86/kernel/lamp.c", "arch/arm/kernel/lamp.c"


def test_another_architecture_is_refused_and_the_own_one_named(
    tmp_path: Path, writer: Writer
) -> None:
    files = {"arch/x86/kvm/a.c": CALLER, X86: ON, ARM: ON, "tools/lamp/on.c": ON}
    (finding,) = findings(tmp_path, files, "arch/x86/kvm/a.c", ARM, writer=writer)
    assert finding == (
        "unproved-edge: `lamp_setup` does not call `lamp_on`; "
        f"`{ARM}` is not linked with `arch/x86/kvm/a.c`; arch/x86/kvm/a.c:1 means "
        f"the one of `{X86}`, at line 1"
    )


@pytest.mark.parametrize("callee", [X86, ARM])
def test_generic_code_reaches_each_architecture(tmp_path: Path, callee: str) -> None:
    assert findings(tmp_path, {"init/a.c": CALLER, X86: ON, ARM: ON}, "init/a.c", callee) == []


def test_a_macro_of_an_included_header_is_named(tmp_path: Path, writer: Writer) -> None:
    files = {
        "kernel/a.c": "#include <linux/lamp.h>\n" + CALLER,
        "include/linux/lamp.h": "#ifndef L\n#define L\n#include <asm/on.h>\n#endif\n",
        "arch/x86/include/asm/on.h": "#define lamp_on() 1\n",
        "lib/on.c": ON,
    }
    (finding,) = findings(tmp_path, files, "kernel/a.c", "lib/on.c", writer=writer)
    assert finding.endswith(
        "`lamp_on` at kernel/a.c:2 is the macro of `arch/x86/include/asm/on.h`, at line 1"
    )


def test_what_a_third_file_includes_is_one_unit(tmp_path: Path, writer: Writer) -> None:
    files = {
        "kernel/policy.c": '#include "on.c"\n#include "setup.c"\n',
        "kernel/on.c": "static " + ON,
        "kernel/setup.c": CALLER,
    }
    assert findings(tmp_path, files, "kernel/setup.c", "kernel/on.c", writer=writer) == []


def test_an_include_of_another_ending_is_read(tmp_path: Path, writer: Writer) -> None:
    files = {"kernel/a.c": '#include "on.inc"\n' + CALLER, "kernel/on.inc": "static " + ON}
    assert findings(tmp_path, files, "kernel/a.c", "kernel/on.inc", writer=writer) == []


TABLE = "      link_units:\n        - {paths: 'deps/*', reaches: [.], apart: true}\n"
WRONG = "      link_units: [deps/../src]\n"


def test_a_site_names_its_link_units(tmp_path: Path) -> None:
    files = {"src/a.c": CALLER, "deps/lamp/on.c": ON}
    assert findings(tmp_path / "1", files, "src/a.c", "deps/lamp/on.c") == []
    (finding,) = findings(tmp_path / "2", files, "src/a.c", "deps/lamp/on.c", settings=TABLE)
    assert "`deps/lamp/on.c` is not linked with `src/a.c`" in finding


def test_a_unit_that_is_no_folder_is_a_finding(tmp_path: Path) -> None:
    files = {"src/a.c": CALLER, "deps/lamp/on.c": ON}
    found = findings(tmp_path, files, "src/a.c", "deps/lamp/on.c", settings=WRONG)
    assert any(each.startswith("invalid-value: `deps/../src` is no path") for each in found)


def homes(*paths: str) -> dict[str, str | bytes]:
    """Files that define the callee, and one that lacks it."""
    return {"arch/x86/kvm/a.c": CALLER, "arch/x86/kvm/b.c": "int x;\n", **dict.fromkeys(paths, ON)}


STUB = """\
#ifdef CONFIG_LAMP
int lamp_on(void);
#else
static inline int lamp_on(void) { return 0; }
#endif
"""


@pytest.mark.parametrize(
    ("files", "named"),
    [
        (homes(ARM, X86), f"{X86}:1"),
        (homes(ARM, "lib/deep/er/on.c"), "lib/deep/er/on.c:1"),
        (homes("tools/lamp/on.c", "lib/deep/er/on.c"), "lib/deep/er/on.c:1"),
        (homes(ARM, "tools/lamp/on.c"), f"{ARM}:1"),
        ({**homes("lib/on.c"), "arch/x86/kvm/on.h": STUB}, "lib/on.c:1"),
    ],
)
def test_the_own_architecture_is_named_first_and_stubs_last(
    tmp_path: Path, files: Mapping[str, str | bytes], named: str
) -> None:
    first, *_ = findings(tmp_path, files, "arch/x86/kvm/a.c", "arch/x86/kvm/b.c")
    assert first.startswith(
        f"defined-elsewhere: `arch/x86/kvm/b.c` does not define `lamp_on`; `{named}` does"
    )


@pytest.mark.parametrize(
    ("files", "callee", "message"),
    [
        (
            {"a.c": CALLER, "on.S": "/* on */\nENTRY(lamp_on)\n\tret\n"},
            "on.S",
            "`lamp_on` stands at on.S:2, in an assembly file, which is not read",
        ),
        (
            {"a.c": CALLER, "b.c": "int x;\n", "arch/x86/on.S": "ENTRY(lamp_on)\n"},
            "b.c",
            "`b.c` has no function `lamp_on`; it stands at arch/x86/on.S:1, "
            "in an assembly file, which is not read",
        ),
        (
            {"a.c": CALLER, "b.c": "int x;\n", "c.c": "\nMAKE_LAMP(lamp_on, 3);\n"},
            "b.c",
            "`b.c` has no function `lamp_on`; it stands at c.c:2, "
            "in an argument of `MAKE_LAMP`, which may make a symbol that no parser sees",
        ),
        (
            {"a.c": "int lamp_setup(void) { return 0; }\n", "b.c": "int x;\n"}
            | {"c.h": "#define MAKE(n) \\\n\tint lamp_on(void) { return lamp_##n(); }\n"},
            "b.c",
            "`b.c` has no function `lamp_on`; it stands at c.h:2, "
            "in the macro `MAKE`, which may make a symbol that no parser sees",
        ),
    ],
)
def test_where_a_name_stands_that_nothing_defines(
    tmp_path: Path, writer: Writer, files: Mapping[str, str | bytes], callee: str, message: str
) -> None:
    first, *_ = findings(tmp_path, files, "a.c", callee, writer=writer)
    assert first.startswith(f"undefined-symbol: {message}; ")


def test_a_name_that_stands_nowhere_is_nowhere(tmp_path: Path) -> None:
    files = {"a.c": CALLER, "b.c": "int x;\n", "on.S": "ENTRY(lamp_one)\n"}
    first, *_ = findings(tmp_path, files, "a.c", "b.c")
    assert "`b.c` has no function `lamp_on`, nor has any other file" in first
