"""The search index says the same words in fewer characters."""

import re

import pytest
from hypothesis import given, strategies as st

from callpath.plugin.search_index import shortened

_ENGLISH = re.compile(r"[\s\-]+")
_OURS = re.compile(
    r'[\s\u200b\u3000\-、。，．？！；：_,:!=()"`/.>]+|(?!\b)(?=[A-Z][a-z])'  # as in mkdocs.yml
)
_LONG = "of the clock that is set up before the first driver is bound, and not after " * 2


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("<p>function</p> <p>drivers/lamp.c:12 </p>", "function drivers/lamp.c:12"),
        ("<code>drivers/lamp.c</code>", "drivers/lamp.c"),
        (f"<p><code>lamp()</code> is {_LONG}</p> <p>b</p>", f"<p>lamp() is {_LONG}</p><p>b</p>"),
        (f"<p>a<code>b</code> {_LONG}</p>", f"<p>a<code>b</code> {_LONG}</p>"),  # two words
        (f"<p><code>a</code>, {_LONG}</p>", f"<p><code>a</code>, {_LONG}</p>"),  # `a` and `,`
        (f"<p>{_LONG}</p><code>a</code>", f"<p>{_LONG}</p><code>a</code>"),  # no paragraph
        ("<pre><code>a\n  b</code></pre>", "<pre><code>a\n  b</code></pre>"),
        ("x<sup>2</sup>", "x<sup>2</sup>"),
        ("a &lt;b&gt; &amp; c", "a &lt;b&gt; &amp; c"),
        ("", ""),
    ],
)
def test_a_text_keeps_its_words_and_its_paragraphs(text, shorter):
    assert shortened(text, _ENGLISH) == shorter.replace(" </p>", "</p>")


def test_a_title_has_no_mark_of_code():
    assert shortened("<code>lamp_on</code>", _OURS, is_title=True) == "lamp_on"
    assert shortened("a<code>b</code>", _OURS, is_title=True) == "a<code>b</code>"


def test_words_of_chinese_are_parted_once():
    text = "\u200b内核\u200b初始化\u200b, <code>x</code> \u200b路径\u200b"
    assert shortened(text, _OURS) == "内核\u200b初始化, x 路径"
    assert shortened(text, re.compile(r"\u200b+")) == text


def _words(text, separator):
    """As the worker of Material's search parts a text."""
    return [word for part in re.split("<[^>]*>", text) for word in separator.split(part) if word]


_PIECES = ["a", "lampOn", "中文", "\u200b", " ", "\n", "-", "_", "&lt;", "<p>", "</p>", "<code>"]
_MORE = ["</code>", "<li>", "</li>", "<pre>", "</pre>", "<sub>", "</sub>", "word " * 30, "，", "."]


@given(
    st.lists(st.sampled_from([*_PIECES, *_MORE]), max_size=20).map("".join),
    st.sampled_from([_ENGLISH, _OURS, re.compile(",")]),
    st.booleans(),
)
def test_no_text_loses_a_word_or_grows(text, separator, is_title):
    short = shortened(text, separator, is_title=is_title)
    assert _words(short, separator) == _words(text, separator)
    assert len(short) <= len(text)
    assert shortened(short, separator, is_title=is_title) == short
