"""Whether search would find a word: as Material's search splits pages and queries."""

from typing import Any

import pytest

from callpath.plugin.search_index import words_without_page

SEPARATOR = r'[\s\u200b\-_,.:!=\[\]()"`/]+'


def index(*texts: str, separator: str | None = SEPARATOR) -> dict[str, Any]:
    docs = [{"location": "a/", "title": "", "text": text} for text in texts]
    return {"config": {"separator": separator} if separator else {}, "docs": docs}


def finds(word: str, *texts: str, separator: str | None = SEPARATOR) -> bool:
    return words_without_page(index(*texts, separator=separator), [word]) == ()


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("lamp", "a lamp is on", True),
        ("LAMP", "a Lamp is on", True),
        ("lam", "a lamp is on", True),
        ("amp", "a lamp is on", False),
        ("lamp_reset", "<code>lamp_reset</code> resets", True),
        ("hardware_setup", "svm_hardware_setup", True),
        ("lamp.c", "drivers/lamp/lamp.c", True),
        ("lamp fan", "lamp and fan", True),
        ("a &lt; b", "a", False),
        ("<b>", "a &lt;b&gt;", True),
        ("code", "<code>x</code>", False),
        ("初始化", "内核\u200b初始化\u200b路径", True),
        ("内核初始化", "内核\u200b初始化", True),
        ("始化", "内核\u200b初始化", False),
        ("初始化", "初\u200b始\u200b化", True),
        ("初", "初始化", True),
        ("", "anything", False),
        ("_", "anything", False),
    ],
)
def test_what_is_found(word: str, text: str, found: bool) -> None:
    assert finds(word, text) is found


def test_all_parts_of_a_word_must_be_on_one_page() -> None:
    assert finds("lamp reset", "lamp reset", "x")
    assert not finds("lamp reset", "lamp", "reset")


def test_titles_count() -> None:
    page = {"location": "", "title": "Lamps", "text": ""}
    assert words_without_page({"config": {}, "docs": [page]}, ["lamps"]) == ()


def test_without_a_separator_words_end_at_spaces_and_hyphens() -> None:
    assert finds("reset", "lamp-reset", separator=None)
    assert not finds("reset", "lamp_reset", separator=None)


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [("初始化", "内核的初始化路径", True), ("初始", "内核", False), ("amp", "a lamp", False)],
)
def test_a_site_of_mkdocs_own_theme_needs_no_parted_chinese(
    word: str, text: str, found: bool
) -> None:
    said = {"separator": SEPARATOR, "lang": ["zh"], "min_search_length": 2}
    docs = [{"location": "", "title": "", "text": text}]
    assert (words_without_page({"config": said, "docs": docs}, [word]) == ()) is found


def test_words_come_back_in_their_order() -> None:
    assert words_without_page(index("lamp"), ["z", "lamp", "a"]) == ("z", "a")


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"docs": 1},
        {"docs": [1]},
        {"config": [], "docs": []},
        {"config": {"separator": "("}, "docs": []},
        {"config": {"separator": 1}, "docs": []},
        {"docs": [{"title": None}]},
    ],
)
def test_another_form_of_index_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="the search index cannot be read"):
        words_without_page(broken, ["x"])
