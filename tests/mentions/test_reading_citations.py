"""What is written like a path of source code, with its lines and the symbols that it names."""

import pytest

from callpath.mentions.markup.markdown import read_markdown
from callpath.mentions.model import Citation
from callpath.mentions.reading import read_mentions


def citations(text: str) -> list[Citation]:
    return [each for each in read_mentions(read_markdown(text)) if isinstance(each, Citation)]


def citation(text: str) -> Citation:
    (found,) = citations(text)
    return found


@pytest.mark.parametrize(
    ("code", "path", "lines"),
    [
        ("kernel/fork.c", "kernel/fork.c", (0, 0)),
        ("kernel/fork.c:12", "kernel/fork.c", (12, 12)),
        ("kernel/fork.c:12:5", "kernel/fork.c", (12, 12)),
        ("kernel/fork.c:12-20", "kernel/fork.c", (12, 20)),
        ("kernel/fork.c:12–20", "kernel/fork.c", (12, 20)),
        ("kernel/fork.c#L12", "kernel/fork.c", (12, 12)),
        ("kernel/fork.c#L12-L20", "kernel/fork.c", (12, 20)),
        ("kernel/fork.c, line 12", "kernel/fork.c", (12, 12)),
        ("kernel/fork.c(12)", "kernel/fork.c", (12, 12)),
        ("./kernel/fork.c", "kernel/fork.c", (0, 0)),
        ("linux/kernel/fork.c", "kernel/fork.c", (0, 0)),
        ("linux-6.12/kernel/fork.c:3", "kernel/fork.c", (3, 3)),
        ("kvm_main.c", "kvm_main.c", (0, 0)),
        ("entry_64.S", "entry_64.S", (0, 0)),
        ("kvm_main.c:9999", "kvm_main.c", (9999, 9999)),
        ("a.c:9999", "a.c", (9999, 9999)),
        ("arch/x86/kvm/", "arch/x86/kvm/", (0, 0)),
        ("arch/x86/kvm", "arch/x86/kvm", (0, 0)),
        ("drivers/", "drivers/", (0, 0)),
        ("<linux/kvm_host.h>", "linux/kvm_host.h", (0, 0)),
        ("#include <linux/kvm_host.h>", "linux/kvm_host.h", (0, 0)),
        ("linux/kvm_host.h", "linux/kvm_host.h", (0, 0)),
        ("include/asm/byteorder.h", "asm/byteorder.h", (0, 0)),
        ("arch/x86/Kconfig", "arch/x86/Kconfig", (0, 0)),
        ("Documentation/virt/kvm/api.rst", "Documentation/virt/kvm/api.rst", (0, 0)),
        ("arch/arm/boot/dts/nxp/imx/imx6q.dtsi", "arch/arm/boot/dts/nxp/imx/imx6q.dtsi", (0, 0)),
        ("scripts/checkpatch.pl", "scripts/checkpatch.pl", (0, 0)),
        ("rust/kernel/lib.rs", "rust/kernel/lib.rs", (0, 0)),
        ("arch/x86/kernel/vmlinux.lds.S", "arch/x86/kernel/vmlinux.lds.S", (0, 0)),
    ],
)
def test_a_code_span_is_a_citation(code: str, path: str, lines: tuple[int, int]) -> None:
    found = citation(f"It is in `{code}` today")
    assert (found.path, (found.first, found.last), found.is_code) == (path, lines, True)


@pytest.mark.parametrize(
    "code",
    [
        # Files and folders of a running system, of a build, of the reader.
        "/proc/cpuinfo",
        "/sys/module/kvm/",
        "/dev/kvm",
        "/etc/modprobe.d/kvm.conf",
        "/usr/include/linux/kvm.h",
        "/usr/src/linux/kernel/fork.c",
        "~/linux/kernel/fork.c",
        "../kernel/fork.c",
        "./a.out",
        "tools/perf/perf",
        "net/core/somaxconn",
        "arch/x86/boot/bzImage",
        "include/generated/autoconf.h",
        "vmlinux.h",
        "main.o",
        "kvm.ko",
        # Patterns and placeholders.
        "kernel/*.c",
        "arch/<arch>/",
        "arch/$ARCH/kernel/setup.c",
        "drivers/foo/foo.c",
        "path/to/file.c",
        "include/asm-XXX/topology.h",
        "Documentation/output",
        "foo.c",
        "file.c",
        "test.c",
        "main.c",
        "hello.c",
        "my_driver.c",
        # No paths at all.
        "v6.12",
        "6.12",
        "a.b",
        "kvm.nested",
        "README.md",
        "https://github.com/torvalds/linux/blob/master/kernel/fork.c",
        "github.com/torvalds/linux/kernel/fork.c",
        "git grep fork kernel/fork.c",
        "<stdio.h>",
        "<sys/types.h>",
    ],
)
def test_a_code_span_is_no_citation(code: str) -> None:
    assert citations(f"It is `{code}` today") == []


@pytest.mark.parametrize(
    ("text", "path", "lines"),
    [
        ("It is in kernel/fork.c today", "kernel/fork.c", (0, 0)),
        ("It is in kernel/fork.c.", "kernel/fork.c", (0, 0)),
        ("(kernel/fork.c:12)", "kernel/fork.c", (12, 12)),
        ("(kernel/fork.c, line 12)", "kernel/fork.c", (12, 12)),
        ("see kernel/fork.c, lines 12-20.", "kernel/fork.c", (12, 20)),
        ("see kernel/fork.c lines 12 to 20", "kernel/fork.c", (12, 20)),
        ("see line 12 of kernel/fork.c", "kernel/fork.c", (12, 12)),
        ("crashes at fork.c:12.", "fork.c", (12, 12)),
        ("crashes in fork.c, line 12.", "fork.c", (12, 12)),
        ("see lines 12-20 of fork.c", "fork.c", (12, 20)),
        ("见 fork.c 第 12 行", "fork.c", (12, 12)),
        ("**kernel/fork.c**, line 12", "kernel/fork.c", (12, 12)),
        (r"see virt/kvm/kvm\_main.c", "virt/kvm/kvm_main.c", (0, 0)),
        ("below arch/x86/kvm/ it is", "arch/x86/kvm/", (0, 0)),
        ("`kernel/fork.c` line 12", "kernel/fork.c", (12, 12)),
        ("`kernel/fork.c`, lines 12–20", "kernel/fork.c", (12, 20)),
        ("`kernel/fork.c` (line 12)", "kernel/fork.c", (12, 12)),
        ("at line 12 in `kernel/fork.c`", "kernel/fork.c", (12, 12)),
        ("`kernel/fork.c` 第 12 行", "kernel/fork.c", (12, 12)),
        ("`kernel/fork.c` 的第 12-20 行", "kernel/fork.c", (12, 20)),
        ("位于kernel/fork.c第12行。", "kernel/fork.c", (12, 12)),
        ("定义在kernel/fork.c中", "kernel/fork.c", (0, 0)),
    ],
)
def test_prose_cites(text: str, path: str, lines: tuple[int, int]) -> None:
    found = citation(text)
    assert (found.path, (found.first, found.last)) == (path, lines)


@pytest.mark.parametrize(
    "text",
    [
        "a file fork.c without a folder",
        "and/or",
        "read/write.",
        "someone@example.c",
        "https://example.org/kernel/fork.c",
        "www.example.org/kernel/fork.c",
        "/usr/src/linux/kernel/fork.c",
        "$SRC/kernel/fork.c",
        "kernel/*.c and drivers/*/core.c",
        "version 6.12/7.0",
        "the input/output.c of tutorial/step1.c",
        "drivers/ is large",
        "see include/ARCH/ioctl.h",
        "Documentation/networking/netlink_spec/index.rst",
        "[words](kernel/fork.c)",
        "[kernel/fork.c](https://example.org/other/kernel/fork.c)",
    ],
)
def test_prose_does_not_cite(text: str) -> None:
    assert citations(text) == []


def test_a_number_that_is_no_line_is_left_alone() -> None:
    for text in (
        "`kernel/fork.c` has 3000 lines",
        "`kernel/fork.c` line 12% of it",
        "`mm/slub.c`, 5",
    ):
        assert citation(text).first == 0


def test_the_place_of_a_citation_and_of_its_lines_is_told() -> None:
    text = "See `kernel/fork.c:12-20`, it is short."
    found = citation(text)
    assert text[found.start : found.end] == "kernel/fork.c:12-20"
    assert text[found.lines_start : found.lines_end] == "12-20"


def test_the_place_of_lines_outside_of_the_code_span_is_told() -> None:
    text = "See `kernel/fork.c`, line 12."
    found = citation(text)
    assert text[found.start : found.end] == "kernel/fork.c`, line 12"
    assert text[found.lines_start : found.lines_end] == "12"


def test_a_citation_begins_after_the_name_of_the_trees_folder() -> None:
    text = "See `linux-6.12/kernel/fork.c`."
    found = citation(text)
    assert text[found.start : found.end] == "kernel/fork.c"


@pytest.mark.parametrize(
    "code",
    [
        "virt/kvm/kvm_main.c:kvm_init()",
        "virt/kvm/kvm_main.c:kvm_init",
        "virt/kvm/kvm_main.c::kvm_init()",
        "virt/kvm/kvm_main.c kvm_init()",
        "kvm_init() in virt/kvm/kvm_main.c",
        "kvm_init@virt/kvm/kvm_main.c",
    ],
)
def test_a_citation_names_a_symbol(code: str) -> None:
    found = citation(f"`{code}`")
    assert (found.path, found.named) == ("virt/kvm/kvm_main.c", ("kvm_init",))


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("virt/kvm/kvm_main.c:12:kvm_init()", (12, 12)),
        ("virt/kvm/kvm_main.c:12-20: kvm_init", (12, 20)),
        ("kvm_init() at virt/kvm/kvm_main.c:12", (12, 12)),
        ("kvm_init() in virt/kvm/kvm_main.c, line 12", (12, 12)),
        ("kvm_init (virt/kvm/kvm_main.c:12)", (12, 12)),
    ],
)
def test_a_citation_has_a_symbol_and_lines_in_one_span(code: str, lines: tuple[int, int]) -> None:
    [found] = citations(f"It is `{code}`.")
    assert (found.path, found.named) == ("virt/kvm/kvm_main.c", ("kvm_init",))
    assert (found.first, found.last) == lines


def test_symbols_of_the_sentence_are_near_a_citation() -> None:
    found = citation("`kvm_init()` runs virt/kvm/kvm_main.c:12; `kvm_exit()` does not. `kvm_x`.")
    assert (found.named, found.near) == ((), ("kvm_exit", "kvm_init"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("`kvm_init()` (`kvm_main.c:12`) is first.", ("kvm_init",)),
        ("**`kvm_init()`** in `kvm_main.c:12` is first.", ("kvm_init",)),
        ("`kvm_init()` is defined at kvm_main.c:12.", ("kvm_init",)),
        ("`kvm_main.c:12` (`kvm_init()`)", ("kvm_init",)),
        ("- `kvm_main.c:12`: `kvm_init()` begins", ("kvm_init",)),
        ("- `struct kvm_vcpu` — `kvm_host.h:12`", ("kvm_vcpu",)),
        ("函数`kvm_init()`定义在`kvm_main.c:12`里。", ("kvm_init",)),
        # The line of a call may be in either.
        ("`kvm_init()` calls `kvm_irq_init()` (`kvm_main.c:12`).", ("kvm_irq_init", "kvm_init")),
        # Words between them may say something else.
        ("`kvm_init()` is called by what `kvm_main.c:12` registers.", ()),
        ("See `kvm_main.c:12` (not `kvm_init()` of old times).", ()),
        ("`kvm_main.c:12` (where `kvm_init()` is called)", ()),
    ],
)
def test_a_symbol_directly_beside_a_citation_is_what_its_line_is_of(
    text: str, named: tuple[str, ...]
) -> None:
    assert citation(text).named == named


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("| `kvm_init()` | `kvm_main.c:12` |", ("kvm_init",)),
        ("| `kvm_main.c:12` | `kvm_init()` |", ("kvm_init",)),
        ("| `kvm_init()`, `kvm_exit()` | starts it | `kvm_main.c:12` |", ("kvm_init", "kvm_exit")),
        ("| `kvm_init()` is called | `kvm_main.c:12` |", ()),
        ("| `kvm_init()` | called at `kvm_main.c:12` |", ()),
    ],
)
def test_a_cell_of_symbols_names_those_of_a_citation_in_its_row(
    row: str, named: tuple[str, ...]
) -> None:
    columns = "|---" * (row.count("|") - 1) + "|"
    head = "| a " * (row.count("|") - 1) + "|"
    assert citation(f"{head}\n{columns}\n{row}\n").named == named


@pytest.mark.parametrize(
    "patch",
    [
        "--- /dev/null\n+++ b/kernel/lamp.c\n@@ -0,0 +1 @@\n+int x;",
        "--- a/kernel/lamp.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int x;",
        "rename from kernel/lamp.c\nrename to kernel/light.c",
    ],
)
def test_a_file_that_a_patch_of_the_page_makes_or_removes_is_no_citation(patch: str) -> None:
    assert citations(f"`kernel/lamp.c`, `kernel/lamp.c:1`\n\n```diff\n{patch}\n```\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "Up to v6.1 that was in `kernel/lamp.c`.",
        "Up to and including Linux 6.1 `kernel/lamp.c` had it.",
        "文件`kernel/lamp.c`已被删除。",
        "这个版本没有`kernel/lamp.c`。",
        "The kernel has no file `kernel/lamp.c`.",
    ],
)
def test_a_path_of_another_time_is_no_citation(text: str) -> None:
    assert citations(text) == []


def test_braces_are_several_citations() -> None:
    found = citations("Both `kernel/sched/core.{c,h}`")
    assert [each.path for each in found] == ["kernel/sched/core.c", "kernel/sched/core.h"]


@pytest.mark.parametrize(
    "text",
    [
        "`mm/slab.c` was removed in favour of another",
        "This used to be in `mm/slab.c`",
        "It moved from `mm/slab.c` to a new home",
        "Linux 2.6.22 added `mm/slob.c`",
        "该文件（`mm/slab.c`）已删除",
        "旧的 `mm/slab.c`",
        "## History\n\nIt began in `mm/slab.c`.",
        "QEMU has that in `accel/kvm/kvm-all.c`",
        "kernel BUG at mm/filemap.c:240!",
        "It does not have `mm/slab.c`",
        "Add a new file arch/sh/boards/lamp/setup.c",
        "then create the header `include/linux/lamp.h`",
    ],
)
def test_what_a_text_gives_to_another_time_or_project_is_not_cited(text: str) -> None:
    assert citations(text) == []


def test_a_sentence_may_deny_something_else_than_the_path() -> None:
    text = "The entries do not provide ways to set it, which mm/slab.c does"
    assert citation(text).path == "mm/slab.c"


def test_files_that_the_page_builds_are_its_own() -> None:
    text = "Edit `ring_reader.c`.\n\n```sh\ngcc -o reader ring_reader.c\n```\n"
    assert citations(text) == []


def test_a_long_code_span_is_not_read() -> None:
    assert citations(f"`{'a' * 300}/fork.c`") == []
