"""What trees said in earlier runs."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from callpath.c.vocabulary import DISPATCH
from callpath.facts.mentions import (
    LineFact,
    LineNature,
    PathFact,
    PathNature,
    PlaceFact,
    Questions,
    WordFact,
    WordNature,
)
from callpath.model import Pin
from callpath.store import STORE, Store
from callpath.verify.kept_facts import KeptTree, TreeFact, facts_maker

PIN = Pin("linux", "v3.7")
TREE = "1" * 40

ASKED = Questions(
    paths=("kernel/lamp.c", "lamp.h", "lamp/"),
    lines=(("kernel/lamp.c", 3), ("lamp.h", 1)),
    places=(("lamp.h", "lamp_on"),),
    words=("lamp_gone", "lamp_on"),
    whole=("kernel/lamp.c",),
)
FACTS: tuple[TreeFact, ...] = (
    PathFact("linux", "v3.7", "kernel/lamp.c", PathNature.FILE, (), 9),
    PathFact("linux", "v3.7", "lamp.h", PathNature.ENDING, ("include/lamp.h",), 4),
    LineFact("linux", "v3.7", "include/lamp.h", 1, LineNature.BLANK),
    LineFact("linux", "v3.7", "kernel/lamp.c", 3, LineNature.CODE, "0" * 16, "lamp_on", "function"),
    PlaceFact("linux", "v3.7", "include/lamp.h", "lamp_on", ((2, 2, 2),), (2,)),
    WordFact("linux", "v3.7", "lamp_gone", WordNature.ABSENT, ("lamp_on",), "it is a slip"),
    WordFact("linux", "v3.7", "lamp_on", WordNature.CODE),
)


def tree(folder: Path, name: str = TREE, pin: Pin = PIN, maker: str = "a") -> KeptTree:
    return KeptTree(Store(folder), name, pin, maker)


def fill(folder: Path) -> None:
    kept = tree(folder)
    kept.add(ASKED, FACTS)
    kept.keep(ASKED)


def test_a_second_run_knows_all_that_the_first_one_asked(tmp_path: Path) -> None:
    assert tree(tmp_path).left(ASKED) == ASKED
    fill(tmp_path)
    kept = tree(tmp_path)
    assert kept.left(ASKED) == Questions()
    assert kept.facts(ASKED) == FACTS


def test_only_what_is_new_is_left(tmp_path: Path) -> None:
    fill(tmp_path)
    more = replace(ASKED, lines=(*ASKED.lines, ("lamp.h", 2)), words=(*ASKED.words, "shade"))
    assert tree(tmp_path).left(more) == Questions(lines=(("lamp.h", 2),), words=("shade",))


def test_facts_that_were_not_asked_for_are_not_given(tmp_path: Path) -> None:
    fill(tmp_path)
    kept = tree(tmp_path)
    assert kept.facts(Questions(words=("lamp_on",))) == FACTS[-1:]
    found = kept.facts(Questions(lines=(("lamp.h", 1),)))
    assert found == (FACTS[1], FACTS[2])


def test_the_end_of_a_path_is_another_question_than_a_whole_one(tmp_path: Path) -> None:
    fill(tmp_path)
    asked = Questions(paths=("lamp.h",), whole=("lamp.h",))
    assert tree(tmp_path).left(asked) == asked


def test_facts_of_earlier_runs_stay(tmp_path: Path) -> None:
    fill(tmp_path)
    kept = tree(tmp_path)
    more = Questions(words=("shade",))
    kept.add(more, [WordFact("linux", "v3.7", "shade", WordNature.CODE)])
    kept.keep(more)
    assert tree(tmp_path).left(ASKED) == Questions()
    assert tree(tmp_path).left(more) == Questions()


@pytest.mark.parametrize(
    ("name", "pin", "maker"),
    [
        ("2" * 40, PIN, "a"),
        (TREE, Pin("linux", "v3.8"), "a"),
        (TREE, Pin("xen", "v3.7"), "a"),
        (TREE, PIN, "b"),
        ("", PIN, "a"),
    ],
)
def test_facts_of_another_tree_or_maker_are_not_known(
    name: str, pin: Pin, maker: str, tmp_path: Path
) -> None:
    fill(tmp_path)
    assert tree(tmp_path, name, pin, maker).left(ASKED) == ASKED


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b", b"{}", b"\0" * 1000])
def test_a_damaged_file_counts_as_absent(damage: bytes, tmp_path: Path) -> None:
    fill(tmp_path)
    file = tmp_path / STORE
    whole = file.read_bytes()
    for text in (damage, whole[: len(whole) // 2], whole[:-1], whole + damage[:1]):
        file.write_bytes(text)
        assert tree(tmp_path).left(ASKED) in {ASKED, Questions()}
    file.write_bytes(damage)
    assert tree(tmp_path).left(ASKED) == ASKED


def test_without_a_cache_nothing_is_kept() -> None:
    kept = KeptTree(Store(), TREE, PIN, "a")
    kept.add(ASKED, FACTS)
    kept.keep(ASKED)
    assert kept.facts(ASKED) == FACTS


def test_names_that_are_no_text_are_asked_again(tmp_path: Path) -> None:
    asked = Questions(paths=("lamp\udcff.c",), words=("lämp", "lamp$"))
    kept = tree(tmp_path)
    kept.add(asked, ())
    kept.keep(asked)
    assert tree(tmp_path).left(asked) == Questions(paths=("lamp\udcff.c",))


def test_the_maker_depends_on_what_a_site_says_of_macros() -> None:
    name = next(iter(DISPATCH))
    fewer = {key: macro for key, macro in DISPATCH.items() if key != name}
    assert facts_maker(Store(), DISPATCH) == facts_maker(Store(), dict(DISPATCH))
    assert facts_maker(Store(), DISPATCH) != facts_maker(Store(), fewer)
