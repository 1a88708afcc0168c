"""What a link to a source viewer says: which symbols its words name, and which stand beside it."""

import pytest

from callpath.mentions.markup.markdown import read_markdown
from callpath.mentions.model import Address, Citation, Name, SourceLink
from callpath.mentions.placing import page_text
from callpath.mentions.reading import read_mentions
from callpath.model import Pin

PINNED = "https://elixir.bootlin.com/linux/v6.12/source/virt/kvm/kvm_main.c#L10"
FLOATING = "https://elixir.bootlin.com/linux/latest/source/virt/kvm/kvm_main.c#L10"


def links(text: str) -> list[SourceLink]:
    return [each for each in read_mentions(read_markdown(text)) if isinstance(each, SourceLink)]


def link(text: str) -> SourceLink:
    (found,) = links(text)
    return found


def test_a_link_has_the_place_of_its_target() -> None:
    text = f"See [the file]({PINNED})."
    found = link(text)
    assert text[found.start : found.end] == PINNED
    assert isinstance(found.address, Address)
    assert (found.address.path, found.address.first) == ("virt/kvm/kvm_main.c", 10)


def test_a_link_to_another_site_is_none() -> None:
    assert links("[`kvm_init()`](https://lwn.net/Articles/1/) [x](other.md)") == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("kvm_init()", ("kvm_init",)),
        ("`kvm_init`", ("kvm_init",)),
        ("the function kvm_init", ("kvm_init",)),
        ("`schedule`", ("schedule",)),
        ("schedule()", ("schedule",)),
        ("`struct kvm`", ("kvm",)),
        ("struct kvm", ("kvm",)),
        ("`kvm_init()` calls `kvm_arch_init()`", ("kvm_init", "kvm_arch_init")),
        (r"kvm\_init", ("kvm_init",)),
        ("函数 kvm_init() 的定义", ("kvm_init",)),
        ("`kvm_x86_ops.vcpu_run`", ("kvm_x86_ops",)),
        # Words, files and patterns are no symbols.
        ("the source", ()),
        ("kvm_main.c", ()),
        ("`virt/kvm/kvm_main.c`", ()),
        ("kvm_main.c:10", ()),
        ("virt/kvm/kvm_main.c#L10", ()),
        ("`cpu_has_vmx_*`", ()),
        ("the entry of x86_64", ()),
        ("`b89f625e28d4`", ()),
        ("源码", ()),
    ],
)
def test_the_words_of_a_link_name_symbols(words: str, named: tuple[str, ...]) -> None:
    assert link(f"[{words}]({PINNED})").named == named


def test_a_bare_address_names_nothing() -> None:
    assert link("<https://elixir.bootlin.com/linux/v6.12/A/ident/kvm_init>").named == ()


def test_symbols_of_the_sentence_are_near_the_nearest_first() -> None:
    text = f"Then `kvm_arch_init` and kvm_irqfd_init() run ([here]({PINNED})), before `kvm_dev`."
    assert link(text).near == ("kvm_irqfd_init", "kvm_arch_init", "kvm_dev")


@pytest.mark.parametrize(
    "text",
    [
        f"First `kvm_arch_init` runs. See [here]({PINNED}).",
        f"先运行 `kvm_arch_init`。见[这里]({PINNED})。",
        f"`kvm_arch_init` runs.\n\nSee [here]({PINNED}).",
        f"- `kvm_arch_init` runs\n- see [here]({PINNED})",
        f"| function | where |\n|---|---|\n| `kvm_arch_init` | [here]({PINNED}) |",
    ],
)
def test_symbols_of_another_sentence_are_not_near(text: str) -> None:
    assert link(text).near == ()


def test_a_point_within_a_sentence_does_not_end_it() -> None:
    text = f"`kvm_arch_init`, e.g. on x86 (see `svm.c`), is [here]({PINNED})."
    assert link(text).near == ("kvm_arch_init",)


def test_plain_words_in_code_spans_are_not_near() -> None:
    assert link(f"The `page` and the `lock` are [here]({PINNED}).").near == ()


def test_what_one_link_names_is_not_near_another() -> None:
    first, second = links(f"[`kvm_init`]({PINNED}) calls [`kvm_arch_init`]({PINNED}).")
    assert (first.named, first.near) == (("kvm_init",), ())
    assert (second.named, second.near) == (("kvm_arch_init",), ())


def test_mentions_come_in_the_order_of_the_text() -> None:
    text = f"`kvm_init` in `kernel/fork.c` is [here]({PINNED}), `kvm_exit` is not."
    found = read_mentions(read_markdown(text))
    assert [type(each) for each in found] == [Name, Citation, SourceLink, Name]
    assert [each.start for each in found] == sorted(each.start for each in found)


@pytest.mark.parametrize("words", ["virt/kvm/kvm_main.c", "`kvm_main.c`", "`kvm_main.c:10`"])
def test_a_citation_that_repeats_its_link_is_none(words: str) -> None:
    assert len(read_mentions(read_markdown(f"[{words}]({FLOATING})"))) == 1


def test_a_citation_with_another_line_than_its_link_is_one() -> None:
    _, citation = sorted(
        read_mentions(read_markdown(f"[`kvm_main.c:12`]({PINNED})")), key=lambda each: -each.start
    )
    assert isinstance(citation, Citation)
    assert citation.first == 12


def test_names_in_the_words_of_a_link_to_a_tree_are_of_that_tree() -> None:
    name, link = read_mentions(read_markdown(f"[`kvm_init()`]({PINNED})"))
    assert isinstance(name, Name)
    assert isinstance(link, SourceLink)
    assert name.address == link.address


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("here", ("kvm_init",)),
        ("the source code", ("kvm_init",)),
        ("virt/kvm/kvm_main.c", ("kvm_init",)),
        ("`kvm_main.c`, line 10", ("kvm_init",)),
        ("源代码", ("kvm_init",)),
        ("the probe", ()),
        ("what it calls", ()),
        ("探测函数", ()),
    ],
)
def test_words_that_only_point_are_of_the_symbols_around(words: str, near: tuple[str, ...]) -> None:
    assert link(f"After `kvm_init()` see [{words}]({PINNED}).").near == near


@pytest.mark.parametrize(("version", "count"), [("v6.12", 2), ("v3.7", 1)])
def test_a_page_claims_only_the_names_of_links_to_its_own_version(version: str, count: int) -> None:
    text, pin = f"[`kvm_init()`]({PINNED})", Pin("linux", version)
    assert len(page_text("a.md", "a.md", text, pin, (), read_mentions).mentions) == count


def test_names_in_the_words_of_a_floating_link_are_of_the_page() -> None:
    name, link = read_mentions(read_markdown(f"[`kvm_init()`]({FLOATING})"))
    assert isinstance(link, SourceLink)
    assert isinstance(name, Name)
    assert name.address is None


def test_nothing_in_a_code_block_is_a_mention() -> None:
    text = f"```c\n/* {PINNED} kernel/fork.c:12 */\n```\n\n    {PINNED}\n"
    assert read_mentions(read_markdown(text)) == ()
