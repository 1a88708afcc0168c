"""Which words a tree has, where they stand, and which absent ones are surely wrong."""

import subprocess
import tarfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest

from callpath.facts.mentions import WordFact, WordNature
from callpath.model import Pin
from callpath.sources.search import WordScan
from callpath.sources.spec import open_source, parse_spec
from callpath.verify import words as words_module
from callpath.verify.words import find_words

PIN = Pin("linux", "v3.7")

LAMP = """\
/* Comments speak of lamp_history and of "drivers/lamp/". */
#include "lamp.h"
#define LAMP_SLOTS 4
#define lamp_flag(name) static int test_lamp_##name##_flag(void)

lamp_flag(bright);

int lamp_set_level(struct lamp *lamp, int level) // not lamp_set_volume
{
	static const char *const globs[] = { "lamps/*.c" };
	printk("the lamp_fault is here", globs);
	option("lamp_quiet", "lamp_delay=", "Lamps: %d");
	return lamp->lit_level;
}
"""
HEADER = """\
struct lamp { int lit_level; };
int lamp_set_colour(int), lamp_set_shade(int), lamp_set_power(int), lamp_set_name(int);
enum { LAMP_STATE_ON, LAMP_STATE_OFF, LAMP_STATE_DIM, LAMP_STATE_LOST };
void register_lampshade(void);
"""
KCONFIG = """\
config LAMP
\tbool "Lamps"
\thelp
\t  With CONFIG_LAMP_TURBO lamps are faster than a lamp_horse.

menuconfig LAMPS_OLD
\ttristate "Old lamps"
"""
FILES: Mapping[str, str | bytes] = {
    "Makefile": "VERSION = 3\nPATCHLEVEL = 7\nSUBLEVEL = 0\nobj-y += lamp_object.o # lamp_remark\n",
    "kernel/lamp.c": LAMP,
    "include/lamp.h": HEADER,
    "kernel/Kconfig": KCONFIG,
    "kernel/dead.c": "#ifdef CONFIG_LAMP_DEAD\n#endif\n#define CONFIG_LAMP 1\n",
    "kernel/fast.h": "/* #define CONFIG_LAMP_FAST */\n#ifdef CONFIG_LAMP_FAST\n#endif\n",
    "kernel/lamp.S": "\tcall lamp_assembly\n",
    "kernel/lamp.rs": "pub fn lamp_oxide() {} // lamp_rusty\n",
    "kernel/lamp.tbl": "1 common lamp sys_lamp # sys_remark\n",
    "drivers/lamp/far.c": "int lamp_far_one; /* lamp_farther */\n",
    "drivers/lamp/led.c": "int led_ring_a1, led_ring_b1, led_ring_c1, led_ring_d1, led_ring_e1;\n",
    "tools/lampstat": "#!/bin/sh\n",
    "Documentation/lamp.rst": "Call ``lamp_manual()`` first, then ``lamp_set_flavour()``.\n",
    "kernel/binary.c": b"int lamp_binary;\0\1\2",
    "kernel/large.c": b"int lamp_large;\n" * (9 * 1024 * 1024 // 16),
}


def write(root: Path, files: Mapping[str, str | bytes] = FILES) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def as_tree(root: Path) -> str:
    return f"tree:{root}"


def as_git(root: Path) -> str:
    name = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (
        ["init", "--quiet"],
        ["add", "--all", "--force"],
        [*name, "commit", "--quiet", "--message=all"],
        ["tag", "v3.7"],
    ):
        subprocess.run(["git", *command], cwd=root, check=True)
    return f"git:{root}"


def as_archive(root: Path) -> str:
    with tarfile.open(root.parent / "lamp.tar", "w") as archive:
        archive.add(root, "lamp-3.7")
    return f"archive:{root.parent / 'lamp.tar'}"


def facts(words: Collection[str], spec: str, pin: Pin = PIN) -> dict[str, WordFact]:
    with open_source(parse_spec(spec), pin) as source:
        return {fact.word: fact for fact in find_words(words, source, pin)}


NATURES = {
    WordNature.CODE: (
        *("lamp_set_level", "lit_level", "LAMP_SLOTS", "lamp_assembly", "lamp_oxide", "sys_lamp"),
        *("lamp_quiet", "lamp_delay", "Lamps", "lamp_object", "lamp_far_one", "led_ring_a1"),
        # A macro pastes it, a file has its name, and a definition is a definition.
        *("test_lamp_bright_flag", "lampstat", "CONFIG_LAMP", "CONFIG_LAMP_FAST"),
    ),
    WordNature.CONFIG: (
        "CONFIG_LAMPS_OLD",
        "CONFIG_LAMPS_OLD_MODULE",
        "LAMPS_OLD",
        "LAMP",
    ),
    WordNature.TEXT: (
        *("lamp_history", "lamp_set_volume", "lamp_fault", "lamp_remark", "lamp_rusty"),
        *("sys_remark", "lamp_farther", "CONFIG_LAMP_DEAD"),
    ),
    WordNature.PROSE: ("lamp_manual", "lamp_horse", "CONFIG_LAMP_TURBO"),
    WordNature.ABSENT: (
        *("lamp_binary", "lamp_large", "lamp_nowhere", "lamp_", "CONFIG_LAMP_GONE"),
        *("lamp$set", "lämp", "", "a b", "x" * 100_000),
    ),
}


@pytest.mark.parametrize("make", [as_tree, as_git, as_archive])
def test_where_words_stand(make: Callable[[Path], str], tmp_path: Path) -> None:
    spec = make(write(tmp_path / "lamp"))
    found = facts([word for words in NATURES.values() for word in words], spec)
    for nature, words in NATURES.items():
        assert {word: found[word].nature for word in words} == dict.fromkeys(words, nature)


@pytest.mark.parametrize("make", [as_tree, as_git, as_archive])
@pytest.mark.parametrize("most", [12_000, 0])
def test_another_search_needs_no_pass_of_its_own(
    most: int, make: Callable[[Path], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words_module, "_CROWD", most)
    asked = [
        "lamp_set_level",
        "lamp_horse",
        "lamp_remark",
        "LAMP_SLOTS",
        "lamp_binary",
        "int",
        "a$",
    ]
    held = WordScan(asked)
    with open_source(parse_spec(make(write(tmp_path / "lamp"))), PIN) as source:
        find_words(["lamp_set_level", "lamp_nowhere"], source, PIN, scans=[held])
        scanned = source.find_words(asked)
    assert held.result() == scanned
    assert scanned["lamp_set_level"]


def test_what_was_learnt_is_not_searched_for(tmp_path: Path) -> None:
    with open_source(parse_spec(as_tree(write(tmp_path))), PIN) as source:
        source.expect(["lamp_quiet", "lamp_set_level"])
        source.learn({"lamp_quiet": ("a.c",)})
        assert source.expected == {"lamp_set_level"}
        assert source.find_words(["lamp_quiet"]) == {"lamp_quiet": ("a.c",)}


def test_what_only_documentation_has_may_have_a_sign(tmp_path: Path) -> None:
    found = facts(["lamp_manual", "lamp_set_flavour"], as_tree(write(tmp_path / "lamp")))
    assert {fact.nature for fact in found.values()} == {WordNature.PROSE}
    assert not found["lamp_manual"].sign
    assert found["lamp_set_flavour"].sign


@pytest.mark.parametrize("make", [as_tree, as_git, as_archive])
def test_a_fact_does_not_depend_on_the_other_words(
    make: Callable[[Path], str], tmp_path: Path
) -> None:
    spec = make(write(tmp_path / "lamp"))
    asked = ("led_ring_f1", "lamp_set_levle", "LAMP_STATE_GONE", "lamp_history", "lamp_far_two")
    together = facts(asked, spec)
    assert all(facts([word], spec)[word] == together[word] for word in asked)


def test_each_word_has_one_fact_in_order(tmp_path: Path) -> None:
    with open_source(parse_spec(as_tree(write(tmp_path))), PIN) as source:
        found = find_words(["lamp_b", "lamp_a", "lamp_b"], source, PIN)
    assert [(fact.project, fact.version, fact.word) for fact in found] == [
        ("linux", "v3.7", "lamp_a"),
        ("linux", "v3.7", "lamp_b"),
    ]


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("lamp_set_levl", "lamp_set_level"),  # dropped
        ("lamp_set_leevel", "lamp_set_level"),  # doubled
        ("lamp_ste_level", "lamp_set_level"),  # swapped
        ("lamp_set_lexel", "lamp_set_level"),  # changed
        ("lit_levle", "lit_level"),
        ("register_lampshadde", "register_lampshade"),
        ("LAMP_STATE_LSOT", "LAMP_STATE_LOST"),
    ],
)
def test_a_misspelt_name_has_a_sign_and_what_is_meant(word: str, near: str, tmp_path: Path) -> None:
    found = facts([word], as_tree(write(tmp_path)))[word]
    assert found.nature is WordNature.ABSENT
    assert found.sign
    assert found.near[0] == near


@pytest.mark.parametrize(
    "word", ["lamp_set_humour", "LAMP_STATE_BROKEN", "led_ring_z9", "CONFIG_LAMP_GONE"]
)
def test_a_name_of_a_known_family_has_a_sign(word: str, tmp_path: Path) -> None:
    assert facts([word], as_tree(write(tmp_path)))[word].sign


def test_a_name_of_a_large_subsystem_has_a_guess(tmp_path: Path) -> None:
    many = {"kernel/many.c": "".join(f"int wick_trim{number};\n" for number in range(100))}
    found = facts(
        ["wick_burn_out", "wick_out", "WICK_BURN_OUT", "wick_trim7", "lamp_burn_out"],
        as_tree(write(tmp_path, {**FILES, **many})),
    )
    assert found["wick_burn_out"].sign == ""
    assert {word: fact.guess for word, fact in found.items() if fact.guess} == {
        "wick_burn_out": "100 others begin with `wick_`"
    }


def test_a_macro_that_adds_only_a_common_part_makes_no_name_of_another_file(
    tmp_path: Path,
) -> None:
    macros = "#define SET(x) int x##_setup\n#define FLAG(x) int test_lamp_##x\n"
    files = {"include/macros.h": macros, "kernel/words.c": "int readonly, bright;\n"}
    found = facts(["readonly_setup", "test_lamp_bright"], as_tree(write(tmp_path, files)))
    natures = {word: fact.nature for word, fact in found.items()}
    assert natures == {
        "readonly_setup": WordNature.ABSENT,
        "test_lamp_bright": WordNature.CODE,
    }


def test_an_absent_word_may_be_right(tmp_path: Path) -> None:
    words = ["STATE_DIM", "my_lamp", "state_dim", "io_uring_prep_lamp"]
    found = facts(words, as_tree(write(tmp_path)))
    assert found["STATE_DIM"].doubt == "it is the end of `LAMP_STATE_DIM`"
    assert found["state_dim"].doubt == ""
    assert found["my_lamp"].doubt == found["io_uring_prep_lamp"].doubt != ""


@pytest.mark.parametrize(
    ("word", "meant"),
    [("dim_lamp", "dim_lump"), ("snuff_ike", "snuff_ice"), ("snuff_icy", ""), ("snuff_ices", "")],
)
def test_a_slip_within_a_short_part_is_a_guess(word: str, meant: str, tmp_path: Path) -> None:
    files = {**FILES, "kernel/snuff.c": "int snuff_ice, dim_lump;\n"}
    found = facts([word], as_tree(write(tmp_path, files)))[word]
    assert found.sign == ""
    assert found.guess == (f"`{meant}` is one slip away" if meant else "")


def test_an_option_that_only_kconfig_names_may_be_meant(tmp_path: Path) -> None:
    found = facts(["CONFIG_LAMPS_ODL"], as_tree(write(tmp_path)))
    assert found["CONFIG_LAMPS_ODL"].near == ("CONFIG_LAMPS_OLD",)


@pytest.mark.parametrize(
    "word",
    [
        *("my_driver_probe", "foo_init", "lamp_horses_of_old", "handle_request", "strncpy_mine"),
        *("lamp_set_N", "lamp_set_x", "LAMP_STATE_XX"),  # they stand for several
        *("lit_levels", "lamp_quieter"),  # names of their own
    ],
)
def test_a_name_that_a_text_makes_up_has_no_sign(word: str, tmp_path: Path) -> None:
    found = facts([word], as_tree(write(tmp_path)))[word]
    assert (found.nature, found.sign) == (WordNature.ABSENT, "")


def test_names_of_other_programs_have_no_sign(tmp_path: Path) -> None:
    names = ", ".join(f"io_uring_prep_{letter}" for letter in "abcdef")
    spec = as_tree(write(tmp_path, {"io_uring/a.c": f"int {names};\n"}))
    assert facts(["io_uring_prep_read"], spec)["io_uring_prep_read"].sign == ""
    spec = as_tree(write(tmp_path, {"io_uring/a.c": f"int {names.replace('uring', 'ring')};\n"}))
    assert facts(["io_ring_prep_read"], spec)["io_ring_prep_read"].sign


def test_what_macros_make_of_system_calls_is_there(tmp_path: Path) -> None:
    text = "long sys_lamp(void);\n"
    spec = as_tree(write(tmp_path, {"kernel/a.c": text}))
    words = ("__x64_sys_lamp", "__x64_sys_lump")
    found = facts(words, spec)
    assert [found[word].nature for word in words] == [WordNature.CODE, WordNature.ABSENT]


def test_a_name_of_another_version_has_a_sign(tmp_path: Path) -> None:
    new = write(tmp_path / "new", {"kernel/a.c": "int lamp;\n"})
    old = write(tmp_path / "old", {"kernel/a.c": "int lamp_gone; /* lamp_said */\n"})
    pin = Pin("linux", "v3.6")
    with (
        open_source(parse_spec(f"tree:{new}"), PIN) as source,
        open_source(parse_spec(f"tree:{old}"), pin) as other,
    ):
        found = find_words(["lamp_gone", "lamp_said"], source, PIN, others=[other])
    assert [(fact.word, bool(fact.sign)) for fact in found] == [
        ("lamp_gone", True),
        ("lamp_said", False),
    ]
    assert "v3.6" in found[0].sign


def test_a_project_without_kconfig(tmp_path: Path) -> None:
    pin = Pin("lamps", "1.0")
    text = "#if CONFIG_FAST\n#endif\nint lamp_a_1, lamp_a_2, lamp_a_3, lamp_a_4, lamp_a_5;\n"
    spec = as_tree(write(tmp_path, {"src/a.c": text, "drivers/b.c": "int far_away;\n"}))
    found = facts(["CONFIG_FAST", "CONFIG_SLOW", "lamp_a_6", "far_away"], spec, pin)
    assert found["CONFIG_FAST"].nature is WordNature.CODE
    assert (found["CONFIG_SLOW"].nature, found["CONFIG_SLOW"].sign) == (WordNature.ABSENT, "")
    assert found["lamp_a_6"].sign
    assert found["far_away"].nature is WordNature.CODE


def test_a_source_that_cannot_be_searched_says_nothing(tmp_path: Path) -> None:
    with open_source(parse_spec("elixir"), PIN) as source:
        assert find_words(["lamp"], source, PIN) == ()


@pytest.mark.parametrize(
    "text",
    [
        b"lamp_word " * 100_000,
        b'"' * 1_000_000 + b" lamp_word",
        b"/*" * 500_000 + b" lamp_word",
        b'"/*' * 300_000 + b" lamp_word",
        b"#define a(b) " + b"a##b" * 200_000 + b" lamp_word",
        b"#define a(b) " + b"a##\\\n" * 200_000 + b" lamp_word",
        b"a_" * 500_000 + b" lamp_word",
        b"config " * 150_000 + b" lamp_word",
        b"\xff\xfe\x80" * 300_000 + b" lamp_word",
        b"\r\n" * 500_000 + b" lamp_word",
    ],
)
@pytest.mark.parametrize("name", ["kernel/a.c", "drivers/a.c", "kernel/Kconfig"])
def test_strange_texts_of_a_megabyte(text: bytes, name: str, tmp_path: Path) -> None:
    found = facts(["lamp_word", "lamp_other"], as_tree(write(tmp_path, {name: text})))
    assert found["lamp_word"].nature in {WordNature.CODE, WordNature.TEXT, WordNature.PROSE}
    assert found["lamp_other"].nature is WordNature.ABSENT


def test_very_many_words(tmp_path: Path) -> None:
    words = [f"lamp_number_{number}" for number in range(6_000)]
    text = "".join(f"int {word};\n" for word in words[::2])
    spec = as_tree(write(tmp_path, {"drivers/a.c": text, "drivers/b.c": "int none;\n"}))
    found = facts(words, spec)
    assert sum(fact.nature is WordNature.CODE for fact in found.values()) == 3_000


@pytest.mark.parametrize(
    ("name", "nature"),
    [
        ("led_glow_show", WordNature.CODE),
        ("led_blink_show", WordNature.CODE),
        ("led_dark_show", WordNature.ABSENT),
    ],
)
def test_what_a_macro_makes_of_words_of_its_own_file(
    name: str, nature: WordNature, tmp_path: Path
) -> None:
    text = "#define LED(name) int led_##name##_show(void)\nLED(glow);\nLED(blink);\n"
    write(tmp_path, {**FILES, "drivers/lamp/shown.c": text})
    assert facts([name], as_tree(tmp_path))[name].nature is nature


def test_the_option_that_is_one_slip_away_is_offered(tmp_path: Path) -> None:
    write(tmp_path)
    found = facts(["CONFIG_LAMPS_ODL", "CONFIG_LAMPS_NEW"], as_tree(tmp_path))
    assert found["CONFIG_LAMPS_ODL"].near == ("CONFIG_LAMPS_OLD",)
    assert "CONFIG_LAMPS_OLD" not in found["CONFIG_LAMPS_NEW"].near
