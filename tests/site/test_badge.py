"""Badges: words and colours that agree, texts that fit, files that stand alone."""

import unicodedata

import pytest
from lxml import etree

from callpath.site.exports.files import badge_svg
from callpath.site.strings import strings_for

_SVG = "{http://www.w3.org/2000/svg}"
GREEN, AMBER, RED = "#1a7f37", "#8f5c00", "#c0212b"


def badge(steps: int, proved: int, faults: int, language: str = "en", version: str = "v3.7") -> str:
    return badge_svg(strings_for(language), version, steps, proved, faults)


@pytest.mark.parametrize(
    ("counts", "said", "colour"),
    [
        ((78, 78, 0), "verified against v3.7 · 78/78", GREEN),
        ((78, 70, 0), "verified against v3.7 · 70/78 · 8 unproved", AMBER),
        ((78, 70, 8), "verified against v3.7 · 70/78 · 8 unproved", AMBER),
        ((78, 78, 2), "verified against v3.7 · 78/78 · problems: 2", AMBER),
        ((78, 0, 0), "verified against v3.7 · 0/78 · 78 unproved", RED),
        ((0, 0, 0), "verified against v3.7 · 0/0", RED),
    ],
    ids=str,
)
def test_what_is_not_proved_is_said_in_words_too(
    counts: tuple[int, int, int], said: str, colour: str
) -> None:
    root = etree.fromstring(badge(*counts).encode())
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{_SVG}title") == said
    assert [rect.get("fill") for rect in root.iter(f"{_SVG}rect")][-1] == colour


def test_a_chinese_site_has_chinese_badges() -> None:
    assert "已对照 v3.7 验证 · 70/78 · 8 处未证实" in badge(78, 70, 0, "zh")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("version", ["v3.7", "v6.12-rc1", "一个很长的版本名", "<&\"'\x01>"])
def test_every_text_fits_into_its_box(language: str, version: str) -> None:
    root = etree.fromstring(badge(78, 70, 0, language, version).encode())
    boxes = [rect for rect in root.iter(f"{_SVG}rect") if rect.get("fill")]
    texts = list(root.iter(f"{_SVG}text"))
    assert len(boxes) == len(texts) == 2
    end = 0.0
    for box, text in zip(boxes, texts, strict=True):
        left, width = float(box.get("x", "")), float(box.get("width", ""))
        middle, length = float(text.get("x", "")), float(text.get("textLength", ""))
        assert left == pytest.approx(end)
        assert left + 5 <= middle - length / 2
        assert middle + length / 2 <= left + width - 5
        wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text.text or "")
        assert length >= 11 * (wide + 0.6 * (len(text.text or "") - wide))
        end = left + width
    assert float(root.get("width", "")) == pytest.approx(end)


def test_it_asks_for_nothing_else() -> None:
    text = badge(1, 1, 0)
    assert "href" not in text
    assert "@import" not in text
    assert "url(http" not in text
