"""The words of the pages: every language has them all, with the same places for values."""

import re
import string
from pathlib import Path
from typing import Any

import pytest

from callpath.facts.proof import EdgeStatus, Proof
from callpath.model import SymbolKind
from callpath.site import strings as words
from callpath.site.eras import KINDS
from callpath.site.strings import Strings, languages, names_in, read_language, strings_for
from callpath.site.templates import ASSETS, templates_folder

ENGLISH, CHINESE = strings_for("en"), strings_for("zh")
OTHERS = [language for language in languages() if language != "en"]


FILES = {language: read_language(language) for language in languages()}


def value(language: str, path: str) -> Any:
    """What stands in a language's file under a dotted name."""
    found: Any = FILES[language]
    for name in path.split("."):
        found = found[name]
    return found


NAMES = list(names_in(FILES["en"]))
TEXTS = [name for name in NAMES if isinstance(value("en", name), str)]


def slots(text: str) -> list[str]:
    """The places of values in a text, in the order of the values."""
    found = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    return sorted(name or str(number) for number, name in enumerate(found))


def test_there_are_at_least_two_languages() -> None:
    assert {"en", "zh"} <= set(languages())


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_names_in_the_same_order(language: str) -> None:
    assert list(names_in(FILES[language])) == NAMES


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", TEXTS)
def test_every_language_takes_the_same_values(language: str, name: str) -> None:
    english, other = value("en", name), value(language, name)
    assert english.strip()
    assert other.strip()
    assert slots(english) == slots(other)


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_explains_the_same_keys(language: str) -> None:
    keys, meanings = zip(*value(language, "home.key_meanings"), strict=True)
    assert list(keys) == [each for each, _ in value("en", "home.key_meanings")]
    assert all(map(str.strip, meanings))
    assert len(value(language, "zoom_words")) == len(value("en", "zoom_words"))


@pytest.mark.parametrize("strings", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_every_kind_proof_and_status_has_a_word(strings: Strings) -> None:
    proofs = [proof.value for proof in Proof]
    assert set(strings.kinds) == {kind.value for kind in SymbolKind}
    assert set(strings.proofs) >= set(proofs)
    assert set(strings.statuses) >= {
        status.value for status in EdgeStatus if status is not EdgeStatus.PROVED
    }
    assert set(strings.home.proof_lines) == set(strings.home.proof_meanings) == set(proofs)
    assert tuple(strings.eras.drawn) == KINDS


@pytest.mark.parametrize(
    ("language", "strings"),
    [
        ("zh", CHINESE),
        ("zh-TW", CHINESE),
        ("zh_Hans", CHINESE),
        ("ZH", CHINESE),
        ("en", ENGLISH),
        ("xx", ENGLISH),
        ("", ENGLISH),
        ("zhuang", ENGLISH),
        ("../locale/zh", ENGLISH),
    ],
)
def test_the_language_of_the_site_chooses(language: str, strings: Strings) -> None:
    assert strings_for(language) is strings


def test_a_new_language_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy_languages(tmp_path, monkeypatch)
    english = (tmp_path / "en.toml").read_text(encoding="utf-8")
    (tmp_path / "fr.toml").write_text(english.replace('"Call graph"', '"Graphe d’appels"'))
    assert strings_for("fr-CA").call_graph == "Graphe d’appels"


def test_a_language_that_lacks_a_word_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy_languages(tmp_path, monkeypatch)
    english = (tmp_path / "en.toml").read_text(encoding="utf-8")
    (tmp_path / "xx.toml").write_text(english.replace("call_graph =", "call_grpah ="))
    with pytest.raises(ValueError, match=r"`xx\.toml` .* differ in `call_graph`, `call_grpah`"):
        strings_for("xx")


def copy_languages(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in (templates_folder() / "locale").glob("*.toml"):
        (folder / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(words, "_folder", lambda: folder)


def test_an_unknown_word_is_an_error() -> None:
    with pytest.raises(AttributeError):
        _ = ENGLISH.call_grpah


# What the groups are called where their words are used.
ALIASES = {"home": "words", "versions": "v|_?words", "eras": "eras"}


def test_every_word_is_on_some_page() -> None:
    package = Path(words.__file__).parents[1]
    used = "".join(
        path.read_text(encoding="utf-8")
        for path in (
            *(templates_folder() / "callpath").glob("*.*"),
            *(templates_folder() / ASSETS).glob("*.js"),
            *(path for path in package.rglob("*.py") if path.name != "strings.py"),
        )
    )

    def is_used(name: str) -> bool:
        group, _, rest = name.partition(".")
        word = rest.partition(".")[0] if group in ALIASES else group
        owner = f"{group}|{ALIASES[group]}" if group in ALIASES else "s|strings|words"
        return re.search(rf"(?<![a-z])(?:{owner})\.{word}\b", used) is not None

    assert [name for name in NAMES if not is_used(name)] == []
