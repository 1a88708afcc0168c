"""Texts with tens of thousands of names that a tree does not have."""

import re
from unittest.mock import patch

import pytest

from callpath.facts.mentions import WordNature
from callpath.model import Pin
from callpath.sources.spec import open_source, parse_spec
from callpath.verify import word_signs, words
from callpath.verify.word_signs import Vocabulary, kin_of
from callpath.verify.words import find_words

CORE = frozenset(f"lamp_desk_{number}".encode() for number in range(50))


def vocabulary(absent: list[str]) -> Vocabulary:
    return Vocabulary(CORE, kin_of(CORE, absent), (), absent, re.compile("(?!)"))


def compared(count: int) -> int:
    """How often words are compared with others for so many absent ones."""
    absent = [f"lamp_desk_no{number:05}" for number in range(count)]
    asked = vocabulary(absent)
    with (
        patch.object(word_signs.process, "extract", return_value=[]) as extract,
        patch.object(word_signs, "_one_slip", return_value=set()) as slips,
    ):
        for word in absent:
            asked.near(word)
            asked.sign(word)
    return int(extract.call_count + slips.call_count)


def test_of_a_crowd_of_absent_words_none_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_signs, "_CROWD", 20)
    assert compared(20) == 40
    assert compared(21) == 0


def test_a_crowd_has_signs_that_need_no_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_signs, "_CROWD", 1)
    asked = vocabulary(["lamp_desk_on", "lamp_desk_off"])
    assert asked.near("lamp_desk_on") == ()
    assert asked.sign("lamp_desk_on") == "50 others begin with `lamp_desk_`"


def test_a_crowd_of_words_is_found_where_a_few_are(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = tmp_path_factory.mktemp("tree")
    for number in range(6):
        file = tree / f"drivers/lamp{number}.c"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"int desk_lamp_{number}(void) {{ return {number}; }}\n")
    asked = [*(f"desk_lamp_{number}" for number in range(5)), "desk_lamp_x9", "no_such_word"]
    with open_source(parse_spec(f"tree:{tree}"), Pin("linux", "v3.7")) as source:
        few = find_words(asked, source, Pin("linux", "v3.7"))
        monkeypatch.setattr(words, "_CROWD", 1)
        with patch.object(words, "WordFinder") as finder:
            many = find_words(asked, source, Pin("linux", "v3.7"))
    assert many == few
    assert not finder.called
    natures = {fact.word: fact.nature for fact in many}
    assert natures["desk_lamp_3"] is WordNature.CODE
    assert natures["no_such_word"] is WordNature.ABSENT
