"""Which words of a code span claim to be names of the source, and which do not."""

import pytest

from callpath.mentions.markup.markdown import read_markdown
from callpath.mentions.model import Name, NameForm
from callpath.mentions.reading import read_mentions


def names(text: str, words: tuple[str, ...] = ()) -> list[Name]:
    found = read_mentions(read_markdown(text), words=words)
    return [each for each in found if isinstance(each, Name)]


def claimed(code: str) -> tuple[str, ...]:
    return tuple(word for each in names(f"Here `{code}` is") for word in each.words)


@pytest.mark.parametrize(
    "text",
    [
        "`kvm_reset()` used to stop it.",
        "It used to call `kvm_reset()`.",
        "The old `kvm_reset()` stopped it.",
        "~~`kvm_reset()`~~",
        "<del>`kvm_reset()`</del>",
        "The kernel has no `kvm_reset()`.",
        "There is no public function `kvm_reset()`.",
        "There isn't a `kvm_reset()`.",
        "内核没有`kvm_reset()`。",
        "Commit 1da177e4c3f4 has `kvm_reset()`.",
        "The commit renames nothing but `kvm_reset()`.",
    ],
)
def test_what_is_said_to_be_gone_claims_nothing(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The flag is used to reset what `kvm_reset()` sets.",
        "The journal commit block is written by `kvm_reset()`.",
        "Linux 5.11+ resets it by `kvm_reset()`.",
        "There is no hierarchy. Thus `kvm_reset()` is short.",
        "`kvm_reset()` is quick; there is no walk at that time.",
        "The legacy interrupts are those that `kvm_reset()` counts.",
        "As the previous function, `kvm_reset()` is short.",
        "# Resets from user-space\n\n`kvm_reset()` does it.",
        "A ~~ B and `kvm_reset()`.",
    ],
)
def test_what_only_sounds_like_another_time_is_a_name(text: str) -> None:
    assert [each.words for each in names(text)] == [("kvm_reset",)]


@pytest.mark.parametrize("code", ["kvm_bar", "kvm_example()", "kvm_NAME_show", "kvm_set_something"])
def test_a_part_that_stands_for_others_makes_no_name(code: str) -> None:
    assert claimed(code) == ()


@pytest.mark.parametrize("code", ["pci_resize_bar", "KVM_EVENT_TYPE", "kvm_bar_set"])
def test_a_word_that_can_be_a_part_of_its_own_is_a_name(code: str) -> None:
    assert claimed(code) == (code,)


@pytest.mark.parametrize(
    ("code", "form", "words"),
    [
        ("kvm_init", NameForm.IDENTIFIER, ("kvm_init",)),
        ("GFP_KERNEL", NameForm.IDENTIFIER, ("GFP_KERNEL",)),
        ("&kvm_lock", NameForm.IDENTIFIER, ("kvm_lock",)),
        ("*kvm_ptr", NameForm.IDENTIFIER, ("kvm_ptr",)),
        ("super_block *", NameForm.IDENTIFIER, ("super_block",)),
        ("mem_map[]", NameForm.IDENTIFIER, ("mem_map",)),
        ("-EPROBE_DEFER", NameForm.IDENTIFIER, ("EPROBE_DEFER",)),
        ("-EINVAL", NameForm.IDENTIFIER, ("EINVAL",)),
        ("flags & FOLL_WRITE", NameForm.IDENTIFIER, ("FOLL_WRITE",)),
        ("GFP_KERNEL | __GFP_ZERO", NameForm.IDENTIFIER, ("GFP_KERNEL", "__GFP_ZERO")),
        ("kvm_init()", NameForm.CALL, ("kvm_init",)),
        ("kvm_init();", NameForm.CALL, ("kvm_init",)),
        ("kvm_init(vcpu, size)", NameForm.CALL, ("kvm_init",)),
        ("kzalloc(sizeof(*p), GFP_KERNEL)", NameForm.CALL, ("kzalloc", "GFP_KERNEL")),
        ("schedule()", NameForm.CALL, ("schedule",)),
        ("EXPORT_SYMBOL_GPL(kvm_init)", NameForm.CALL, ("EXPORT_SYMBOL_GPL", "kvm_init")),
        ("IS_ENABLED(CONFIG_KVM)", NameForm.CALL, ("IS_ENABLED", "CONFIG_KVM")),
        ("void kvm_put(struct kvm *kvm)", NameForm.CALL, ("kvm_put", "kvm")),
        ("kvm_init() → kvm_irq_init()", NameForm.CALL, ("kvm_init", "kvm_irq_init")),
        ("struct kvm", NameForm.TAG, ("kvm",)),
        ("struct kvm *", NameForm.TAG, ("kvm",)),
        ("struct kvm_vcpu *vcpu", NameForm.TAG, ("kvm_vcpu",)),
        ("enum kvm_mode", NameForm.TAG, ("kvm_mode",)),
        ("union futex_key", NameForm.TAG, ("futex_key",)),
        ("struct iovec[]", NameForm.TAG, ("iovec",)),
        ("struct kvm.lock", NameForm.TAG, ("kvm", "lock")),
        ("kvm->lock", NameForm.MEMBER, ("lock",)),
        ("&kvm->mmu_lock", NameForm.MEMBER, ("mmu_lock",)),
        ("vcpu->arch.apic_base", NameForm.MEMBER, ("arch", "apic_base")),
        ("mm_struct->mm_users", NameForm.MEMBER, ("mm_struct", "mm_users")),
        ("kvm_x86_ops.vcpu_run", NameForm.MEMBER, ("kvm_x86_ops", "vcpu_run")),
        ("kvm_x86_ops.init()", NameForm.MEMBER, ("kvm_x86_ops", "init")),
        ("->read_folio()", NameForm.MEMBER, ("read_folio",)),
        (".read_iter = kvm_read_iter", NameForm.MEMBER, ("read_iter", "kvm_read_iter")),
        ("CONFIG_KVM", NameForm.CONFIG, ("CONFIG_KVM",)),
        ("CONFIG_KVM=y", NameForm.CONFIG, ("CONFIG_KVM",)),
    ],
)
def test_a_code_span_is_a_name(code: str, form: NameForm, words: tuple[str, ...]) -> None:
    (found,) = names(f"Here `{code}` is")
    assert (found.form, found.words, found.written) == (form, words, code)


@pytest.mark.parametrize(
    "code",
    [
        # Plain words, and what has no form of an identifier.
        "lock",
        "page",
        "Linux",
        "u8",
        "x86",
        "int",
        "static inline",
        "0x10",
        "12",
        "%d\\n",
        '"kvm_init"',
        "a + b",
        # Patterns and placeholders.
        "cpu_has_vmx_*",
        "CONFIG_KVM_*",
        "foo_init",
        "sys_XXX",
        "__foo",
        "my_driver_probe()",
        "kvm_",
        "_nested",
        "MSR_N",
        "kvm_<arch>_init()",
        "kvm_{get,put}",
        # Processors: features, instructions, registers.
        "VMLAUNCH",
        "EPT",
        "rax",
        "%cr3",
        "CR4.VMXE",
        "ESR_EL2",
        "TTBR0_EL1",
        "IA32_EFER",
        # Commands, settings and what a running system shows.
        "make menuconfig",
        "perf kvm stat",
        "git log --oneline",
        "--no_color",
        "$HOME_DIR",
        "kvm-intel.nested",
        "kvm_intel.nested=1",
        "net.core.rmem_max",
        "memory.swap.max",
        "kvm:kvm_exit",
        "init_on_alloc=1",
        "/proc/sys/kernel/panic_on_oops",
        # Manual pages, libraries of user space, other languages.
        "mmap(2)",
        "time_namespaces(7)",
        "pthread_mutex_lock()",
        "pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT)",
        "tcdrain()",
        "ExitBootServices()",
        "Active(file)",
        "GET_DESCRIPTOR(Report)",
        "io_uring_prep_read()",
        "os.path.join()"[:12],
        "std::mem_replace",
        # What macros paste together.
        "__x64_sys_read",
        "SetPageDirty()",
        "folio_test_dirty()",
        "dev_attr_size",
    ],
)
def test_a_code_span_claims_nothing(code: str) -> None:
    assert claimed(code) == ()


def test_a_name_has_the_place_of_the_code_span() -> None:
    text = "先看 `kvm_init()`。"
    (found,) = names(text)
    assert text[found.start : found.end] == "kvm_init()"


def test_names_outside_of_code_spans_are_not_read() -> None:
    assert names("kvm_init() and struct kvm and CONFIG_KVM") == []


def test_a_path_is_no_name_and_what_stands_beside_it_is_one() -> None:
    assert names("`virt/kvm/kvm_main.c`") == []
    for text in ("`virt/kvm/kvm_main.c:kvm_init()`", "`kvm_init(vcpu) (kvm_main.c:12)`"):
        (found,) = names(text)
        assert found.words == ("kvm_init",)
        assert text[found.start : found.end] == found.written
        assert found.written.startswith("kvm_init(")


def test_words_that_the_site_gives_are_left_alone() -> None:
    assert names("`hvm_init()` and `kvm_init()`", ("hvm_init",))[0].words == ("kvm_init",)


OWN = """\
`{name}` is ours.

```c
#define RING_SIZE 8
enum ring_mode {{ RING_PLAIN, RING_FAST }};
struct ring_buf {{
	int head_pos;
}};
typedef struct ring_buf ring_t_type;
static struct ring_buf *the_ring;

static int ring_put(struct ring_buf *target_ring, int new_value)
{{
	int old_head = target_ring->head_pos;

	return kvm_init(old_head);
}}
```
"""


@pytest.mark.parametrize(
    "name",
    [
        "RING_SIZE",
        "enum ring_mode",
        "RING_FAST",
        "struct ring_buf",
        "ring_t_type",
        "the_ring",
        "ring_put()",
        "target_ring",
        "new_value",
        "old_head",
        "head_pos",
    ],
)
def test_what_a_code_block_of_the_page_defines_is_its_own(name: str) -> None:
    assert names(OWN.format(name=name)) == []


def test_what_a_code_block_only_calls_is_not_its_own() -> None:
    assert len(names(OWN.format(name="kvm_init()"))) == 1


@pytest.mark.parametrize(
    "head", ["```c\n/* virt/kvm/kvm_main.c */", '```c title="virt/kvm/kvm_main.c"']
)
def test_a_code_block_that_is_of_the_tree_defines_nothing_of_the_pages_own(head: str) -> None:
    text = f"`kvm_init()` is\n\n{head}\nint kvm_init(void)\n{{\n}}\n```\n"
    assert len(names(text)) == 1


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("the `lamp_dim` function", "function"),
        ("the macro `LAMP_DIM`", "macro"),
        ("`lamp_lit` and `lamp_dim` handlers", "handlers"),
        ("it calls `lamp_dim`", "calls"),
        ("`lamp_dim` from the [kernel/lamp.c](lamp.md)", "from the"),
        ("`lamp_dim` 函数", "函数"),
        ("在这里调用 `lamp_dim`", "调用"),
        ("the `lamp_dim` function. Then `lamp_dim`", "function"),
        ("`lamp_dim` is bright", ""),
        ("a function. `lamp_dim` is bright", ""),
        ("see [a](https://example.org/wick/wick.c): the `lamp_dim` function", ""),
        ("# A\n\n[a](https://example.org/wick.c)\n\n# B\n\nthe `lamp_dim` function", "function"),
    ],
)
def test_what_a_text_calls_a_name(text: str, called: str) -> None:
    assert names(text)[-1].called == called


def test_what_a_text_calls_a_parameter_is_none_of_the_tree() -> None:
    assert names("`fail_fn` is the second parameter of it. Then the `fail_fn` function runs") == []


def test_what_a_replacement_of_the_page_replaces_is_its_own() -> None:
    block = "```c\nint patched_lamp_dim(void)\n{\n}\n```\n"
    assert names(f"`lamp_dim()` is slow\n\n{block}") == []


def test_functions_of_other_languages_are_the_pages_own() -> None:
    blocks = "```python\ndef read_ring():\n```\n\n```sh\nrun_all() {\n```\n"
    text = f"`read_ring()` and `run_all`\n\n{blocks}"
    assert names(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "`kvm_old_init()` was removed",
        "没有名为 `kvm_old_init` 的成员",
        "全树已无 `kvm_old_init`",
        "`kvm_init_all()` was renamed to `kvm_init()`",
        "It was called `kvm_init_all()`",
        "`kvm_init_all()` no longer exists",
        "It is replaced by `kvm_init_all()`",
        "The old code had `kvm_init_all()`",
        "Before v5.8 it was `kvm_init_all()`",
        "`kvm_init_all()` came in with others (v6.19)",
        "It came in 2019 with `kvm_init_all()`",
        "旧的 `kvm_init_all()` 函数",
        "`kvm_init_all()` 已删除",
        "`kvm_init_all()` 被重命名了",
        "QEMU calls `kvm_init_vcpu_all()` first",
        "# A CVE-2020-1234 story\n\nThen `kvm_init_all()` ran.",
        "## 历史\n\n那时有 `kvm_init_all()`。",
        "### Bugs\n\n#### One of them\n\n`kvm_init_all()` ran twice.",
    ],
)
def test_names_of_another_time_or_project_claim_nothing(text: str) -> None:
    assert names(text) == []


def test_the_sentence_after_one_about_the_past_claims_again() -> None:
    assert [each.words for each in names("`kvm_a_b()` was removed. Now `kvm_c_d()` runs.")] == [
        ("kvm_c_d",)
    ]
    assert [each.words for each in names("`kvm_a_b()` 已删除。现在 `kvm_c_d()` 运行。")] == [
        ("kvm_c_d",)
    ]


def test_the_section_after_one_about_the_past_claims_again() -> None:
    text = "## History\n\n`kvm_a_b()`\n\n## Today\n\n`kvm_c_d()`\n"
    assert [each.words for each in names(text)] == [("kvm_c_d",)]


@pytest.mark.parametrize(
    "text",
    [
        "`/proc/vmstat` shows `pgscan_kswapd_all`",
        "the sysctl `dirty_all_ratio`",
        "the counter `pgscan_all`",
        "计数器 `pgscan_all`",
        "| Field | Meaning |\n|---|---|\n| `pgscan_all` | pages |",
        "the `p2v_offset` argument is",
        "the config option `KVM_INTEL_ALL`",
    ],
)
def test_what_a_running_system_shows_claims_nothing(text: str) -> None:
    assert names(text) == []


def test_functions_beside_what_a_running_system_shows_claim() -> None:
    assert len(names("`/proc/vmstat` is printed by `vmstat_show_all()`")) == 1


def test_constants_beside_counters_claim() -> None:
    assert len(names("the kernel's counter is `PGSCAN_ALL_KINDS`")) == 1


def test_a_page_that_begins_as_a_story_claims_nothing() -> None:
    assert names("# Dirty deeds\n\n*One of our war stories.*\n\n## Today\n\n`kvm_a_b()`\n") == []


@pytest.mark.parametrize(
    "repeated",
    [
        "`kvm_init()` ",
        "`a->",
        "kernel/fork.c ",
        "x.c:1",
        "linux/",
        "| - ",
        "enum a {",
        "typedef ",
        "in jan ",
        "第12行",
        "(",
        "\0",
        "\ud800",
    ],
)
def test_a_long_text_of_whatever_is_read(repeated: str) -> None:
    text = repeated * (100_000 // len(repeated))
    read_mentions(read_markdown(text))
    read_mentions(read_markdown(f"```c\n{text}\n```\n`{text[:900]}`"))
