"""What a reStructuredText says, in the style of the kernel's documentation."""

import pytest

from callpath.mentions.markup.rst import read_rst
from callpath.mentions.model import PassageKind


def links(text: str) -> list[tuple[str, str, str]]:
    """Of each link: its target, how that is written, and its words."""
    return [
        (link.href, text[link.start : link.end], text[link.text_start : link.text_end])
        for link in read_rst(text).links
    ]


def written(text: str, kind: PassageKind) -> list[str]:
    return [text[each.start : each.end] for each in read_rst(text).passages if each.kind is kind]


def codes(text: str) -> list[str]:
    return written(text, PassageKind.CODE)


def prose(text: str) -> str:
    return " ".join(" ".join(written(text, PassageKind.PROSE)).split())


URL = "https://a.example/x_y"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"See `the words <{URL}>`_ here.", "the words"),
        (f"See `the words <{URL}>`__ here.", "the words"),
        (f"See `the\nwords\n<{URL}>`_ here.", "the\nwords"),
        (f":Author: `the\n   words <{URL}>`_\n", "the\n   words"),
        (f".. note:: `the\n   words <{URL}>`_\n", "the\n   words"),
        (f"See `the words`_ here.\n\n.. _the words: {URL}\n", "the words"),
        (f"See `The  Words`_ here.\n\n.. _`the words`: {URL}\n", "The  Words"),
        (f"See words_ here.\n\n.. _words: {URL}\n", "words"),
        (f"See `words <other_>`_.\n\n.. _other: {URL}\n", "words"),
        (f"See `words`__.\n\n__ {URL}\n", "words"),
        (f"See {URL}.", URL),
        (f"(<{URL}>)", URL),
        (f"- item\n\n  .. note::\n\n     {URL}\n", URL),
        (f"====  ====\na     {URL}\n====  ====\n", URL),
        (f"+---+---+\n| a | {URL} |\n+---+---+\n", URL),
        (f"参见 {URL}。", URL),
        (f".. [1] {URL}\n", URL),
        (f".. [#f1]\n\n  {URL}\n", URL),
    ],
)
def test_a_link_is_found_where_its_target_is_written(text: str, words: str) -> None:
    assert links(text) == [(URL, URL, words)]


@pytest.mark.parametrize(
    "text",
    [
        f"``{URL}``",
        f"Code::\n\n  {URL}\n\n",
        f".. code-block:: sh\n\n   {URL}\n",
        f".. {URL}\n",
        ".. _label:\n\nSee label_.\n",
        "See `words`_.\n",
        ":ref:`words <label>`",
        f".. figure:: {URL}\n",
    ],
)
def test_code_comments_and_other_targets_are_no_links(text: str) -> None:
    assert links(text) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The ``kvm_init`` and ``a b``.", ["kvm_init", "a b"]),
        (":c:func:`kvm_init()`, :c:type:`struct kvm <kvm>`", ["kvm_init()", "kvm"]),
        (":c:func:`!kvm_init`, :file:`virt/kvm/kvm_main.c`", ["kvm_init", "virt/kvm/kvm_main.c"]),
        (":file:`virt/{arch}/x.c` and :ref:`kvm_init`", []),
        ("It calls kvm_init() and (kvm_exit()).", ["kvm_init()", "kvm_exit()"]),
        ("``a`` and\n``b\nc``", ["a", "b\nc"]),
        ("- ``a``\n- b\n\n  ``c``\n", ["a", "c"]),
        ("1. ``a``\n\n   a. ``b``\n", ["a", "b"]),
        (".. note:: ``a``\n\n   ``b``\n", ["a", "b"]),
        (".. unknown:: x\n   :option: ``y``\n\n   ``a``\n", ["a"]),
        (".. kernel-doc:: virt/kvm/kvm_main.c\n   :internal:\n", ["virt/kvm/kvm_main.c"]),
        ("term\n  ``a``\n", ["a"]),
        ("=====  =====\n``a``  ``b``\n=====  =====\n", ["a", "b"]),
        ("=====  =====\n``a long b``  c\n=====  =====\n", ["a long b"]),
        ("+---+---+\n| ``a`` | ``b`` |\n+---+---+\n", ["a", "b"]),
        ("``a``\n=====\n\n:Author: ``b``\n", ["a", "b"]),
        ("``not closed", []),
        ("a.b() x->y()", []),
    ],
)
def test_literals_roles_and_calls_are_code(text: str, code: list[str]) -> None:
    assert codes(text) == code


def test_a_literal_block_ends_where_the_indentation_does() -> None:
    text = "- As in::\n\n    ``x``\n\n      ``y``\n\n  ``a``\n\n"
    text += ".. code-block:: c\n\n   ``z``\n\n``b``\n"
    assert codes(text) == ["a", "b"]
    assert written(text, PassageKind.FENCE) == ["``x``\n\n      ``y``", "``z``"]


def test_comments_reach_over_what_is_indented() -> None:
    text = ".. SPDX-License-Identifier: GPL-2.0\n\n.. one\n   two\n\n   three\n\nWords.\n\n"
    text += "..\n\n  Quoted.\n"
    assert written(text, PassageKind.COMMENT) == [
        ".. SPDX-License-Identifier: GPL-2.0",
        ".. one\n   two\n\n   three",
    ]
    assert prose(text) == "Words. Quoted."


def test_rules_names_of_directives_and_targets_are_no_prose() -> None:
    text = (
        "=====\nTitle\n=====\n\n.. _label:\n\n.. c:function:: int f(int x)\n\n   Words.\n\n----\n"
    )
    assert prose(text) == "Title Words."


def test_blocks_are_paragraphs_items_and_cells() -> None:
    text = "One\ntwo.\n\n- three\n  four\n- five\n\n===  ===\nsix  seven\n===  ===\n"
    assert [text[start:end] for start, end in read_rst(text).blocks] == [
        *("One\ntwo.", "three\n  four", "five", "six", "seven")
    ]


MANY = 50_000


@pytest.mark.parametrize(
    "text",
    [
        "`" * MANY,
        "``a " * MANY,
        "`a <b" * MANY,
        ":a" * MANY + "`b`",
        ":a:`b` " * MANY,
        "a_ " * MANY + "\n\n.. _a: https://a.example\n",
        "a.b-" * MANY + "_\n\n.. _a: https://a.example\n",
        "- " * MANY,
        "".join(" " * depth + "a\n\n" for depth in range(600)),
        "a::\n\n b\n" * MANY,
        ".. a::\n" * MANY,
        ".. " * MANY,
        "|" * MANY,
        "= " * MANY + "\n" + "a " * MANY,
        "(1) " * MANY,
        "\0\ud800中" * MANY,
        "word ``kvm_init()`` `x <https://a.example>`_ call() " * (MANY // 5),
    ],
    ids=range(17),
)
def test_a_hostile_text_is_read_in_linear_time_and_its_places_are_in_it(text: str) -> None:
    document = read_rst(text)
    end = 0
    for passage in document.passages:
        assert end <= passage.start < passage.end <= len(text)
        end = passage.end
    for link in document.links:
        assert 0 <= link.start <= link.end <= len(text)
