"""The words of the pages: every language has them all, with the same places for values."""

import string
from dataclasses import fields
from pathlib import Path

import pytest

from callpath.facts.proof import (
    EdgeStatus,
    Proof,
)
from callpath.model import SymbolKind
from callpath.site.strings import (
    Strings,
    strings_for,
)
from callpath.site.templates import ASSETS, templates_folder

ENGLISH, CHINESE = strings_for("en"), strings_for("zh")
TEXTS = [field.name for field in fields(Strings) if field.type in (str, "str")]


def slots(text: str) -> list[str]:
    """The places of values in a text, in the order of the values."""
    found = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    return sorted(name or str(number) for number, name in enumerate(found))


@pytest.mark.parametrize("name", TEXTS)
def test_both_languages_take_the_same_values(name: str) -> None:
    english, chinese = getattr(ENGLISH, name), getattr(CHINESE, name)
    assert english.strip()
    assert chinese.strip()
    assert slots(english) == slots(chinese)


@pytest.mark.parametrize("strings", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_kind_proof_and_status_has_a_word(strings: Strings) -> None:
    assert set(strings.kinds) == {kind.value for kind in SymbolKind}
    assert set(strings.proofs) >= {proof.value for proof in Proof}
    assert set(strings.statuses) >= {
        status.value for status in EdgeStatus if status is not EdgeStatus.PROVED
    }


@pytest.mark.parametrize(
    ("language", "strings"),
    [
        ("zh", CHINESE),
        ("zh-TW", CHINESE),
        ("zh_Hans", CHINESE),
        ("ZH", CHINESE),
        ("en", ENGLISH),
        ("de", ENGLISH),
        ("", ENGLISH),
        ("zhuang", ENGLISH),
    ],
)
def test_the_language_of_the_site_chooses(language: str, strings: Strings) -> None:
    assert strings_for(language) is strings


def test_every_word_is_on_some_page() -> None:
    folder: Path = templates_folder() / "callpath"
    package = Path(strings_for.__code__.co_filename).parents[1]
    used = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.*"))
    for script in (templates_folder() / ASSETS).glob("*.js"):
        used += script.read_text(encoding="utf-8")
    used += "".join(
        path.read_text(encoding="utf-8")
        for path in package.rglob("*.py")
        if path.name != "strings.py"
    )
    unused = [
        field.name
        for field in fields(Strings)
        if f"s.{field.name}" not in used and f"strings.{field.name}" not in used
    ]
    assert unused == []
