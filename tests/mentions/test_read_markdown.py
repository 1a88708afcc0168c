"""What a Markdown text says, with the place of each part in the text as it is written."""

import pytest

from callpath.mentions.markup.markdown import read_markdown
from callpath.mentions.model import Document, PassageKind


def links(text: str) -> list[tuple[str, str, str]]:
    """Of each link: its target, how that is written, and its words."""
    return [
        (link.href, text[link.start : link.end], text[link.text_start : link.text_end])
        for link in read_markdown(text).links
    ]


def written(text: str, kind: PassageKind) -> list[str]:
    """The passages of a kind, as they are written."""
    document = read_markdown(text)
    return [text[each.start : each.end] for each in document.passages if each.kind is kind]


def codes(text: str) -> list[str]:
    return written(text, PassageKind.CODE)


def prose(text: str) -> str:
    return " ".join(" ".join(written(text, PassageKind.PROSE)).split())


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see [init](a.md) here", ("a.md", "a.md", "init")),
        ('[init](  <a b.md>  "why")', ("a b.md", "a b.md", "init")),
        ("[**bold** and `code`](x#L1)", ("x#L1", "x#L1", "**bold** and `code`")),
        ("[](x)", ("x", "x", "")),
        ("[a](x\\_y&amp;z)", ("x_y&z", "x\\_y&amp;z", "a")),
        ("[a](x_(y)_z)", ("x_(y)_z", "x_(y)_z", "a")),
        ("[![picture](p.png)](x)", ("x", "x", "![picture](p.png)")),
        ("[words][Label]\n\n[label]: <x> 'title'\n", ("x", "x", "words")),
        ("[Label][]\n\n[label]:\n  x\n", ("x", "x", "Label")),
        ("> [label]\n>\n> [label]: x\n", ("x", "x", "label")),
        ("<https://a.example/x>", ("https://a.example/x",) * 3),
        ("词 [内核](内核.md)。", ("内核.md", "内核.md", "内核")),
        ("| a | b |\n|---|---|\n| [x](y) | `z` |\n", ("y", "y", "x")),
        ("# [x](y) {#id}\n", ("y", "y", "x")),
        ("a[^1]\n\n[^1]: see\n\n    [x](y)\n", ("y", "y", "x")),
        ("text <a class=c href='x?a&amp;b'>words</a> on", ("x?a&b", "x?a&amp;b", "words")),
        ('<div>\n<p><a title="href=no" HREF="x">w</a></p>\n</div>', ("x", "x", "w")),
        ("<a href=x>w</a>", ("x", "x", "w")),
        ("<div markdown>\n[x](y)\n</div>\n", ("y", "y", "x")),
        ("[x](y){ target=_blank }", ("y", "y", "x")),
        ("\ufeff[x](y)", ("y", "y", "x")),
        ("a\r\n\r\n[x](y)\r\n", ("y", "y", "x")),
    ],
)
def test_a_link_is_found_where_its_target_is_written(text: str, link: tuple[str, str, str]) -> None:
    assert links(text) == [link]


@pytest.mark.parametrize(
    "text",
    [
        "`[a](x)` and `https://a.example`",
        "```\n[a](x) https://a.example\n```\n",
        "    [a](x)\n",
        "<pre>\n[a](x)\n\n<a href=x>y</a></pre>\n",
        "<!-- [a](x) https://a.example -->",
        "![a](x)",
        "\\[a](x)",
        "[a]\n\n[b]: x\n",
        "---\nurl: https://a.example\n---\n",
        "[a](https://{{ host }}/x) and https://{{ host }}/y",
        '<a name="x">w</a>',
        "[ ] task, [x] done, [^1]",
    ],
)
def test_code_comments_pictures_and_templates_have_no_links(text: str) -> None:
    assert links(text) == []


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("See https://a.example/x_y, then.", "https://a.example/x_y"),
        ("(https://a.example/x_(y))", "https://a.example/x_(y)"),
        ("**https://a.example/x**", "https://a.example/x"),
        ("见https://a.example/x#L1。下", "https://a.example/x#L1"),
        ("（https://a.example/x）", "https://a.example/x"),
        ("https://a.example/x中文", "https://a.example/x"),
        ("http://a.example/?a=1&amp;b=2;", "http://a.example/?a=1&b=2"),
        ("&lt;https://a.example/x&gt;", "https://a.example/x"),
        ("https://a.example/kvm\\_main.c", "https://a.example/kvm_main.c"),
        ("HTTPS://a.example/x", "HTTPS://a.example/x"),
        ("<p>https://a.example/x</p>", "https://a.example/x"),
    ],
)
def test_an_address_in_plain_words_is_a_link_without_the_sentence_around_it(
    text: str, href: str
) -> None:
    assert [link.href for link in read_markdown(text).links] == [href]


def test_an_address_that_is_the_words_of_a_link_is_one_link() -> None:
    assert links("[https://a.example/x](https://a.example/y)") == [
        ("https://a.example/y", "https://a.example/y", "https://a.example/x")
    ]


def test_links_stand_in_the_order_of_their_words() -> None:
    text = "[one][a], https://two.example, <a href=three>x</a>, [four](four)\n\n[a]: one\n"
    assert [link[0] for link in links(text)] == ["one", "https://two.example", "three", "four"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("`a_b`", ["a_b"]),
        ("`` a`b ``", ["a`b"]),
        ("词`甲` and `乙`", ["甲", "乙"]),
        ("<code>a &lt; b</code>, <tt>c</tt>", ["a &lt; b", "c"]),
        ("<table><tr><td><code>x</code></td></tr></table>", ["x"]),
        ("| a | b |\n|---|---|\n| `x|y` | `z` |\n", ["x|y", "z"]),
        ("`#!c int x`", ["int x"]),
        ("[`x`](y)", ["x"]),
        ("```c\n`x`\n```\n", []),
        ("```c\nint x;\n```\t\n\n`y`\n", ["y"]),
        ("    `x`\n", []),
        ("<pre><code>x</code></pre>\n", []),
        ("a `{{ version }}` b", []),
        ("- a\n    - `b`\n        - `c`\n\n            `d`\n", ["b", "c", "d"]),
        ("1. a\n\n    `b`\n", ["b"]),
    ],
)
def test_code_spans_are_found_without_their_marks(text: str, code: list[str]) -> None:
    assert codes(text) == code


@pytest.mark.parametrize(
    "opening",
    [
        "!!! note",
        '!!! note "A title"',
        "??? tip",
        '???+ tip "A title"',
        '=== "A tab"',
        '===! "A tab"',
        "term\n:   definition",
        "[^1]: footnote",
    ],
)
@pytest.mark.parametrize("outer", ["", "!!! outer\n\n", "1. item\n\n", "-   item\n\n"])
def test_what_mkdocs_indents_is_text(opening: str, outer: str) -> None:
    inside = f"{opening}\n\n    `code` and [a link](x)\n\n        int fenced;\n"
    indent = "    " if outer else ""
    text = outer + "".join(f"{indent}{line}\n" if line else "\n" for line in inside.split("\n"))
    assert codes(text) == ["code"]
    assert links(text) == [("x", "x", "a link")]
    assert [each.strip() for each in written(text, PassageKind.FENCE)] == ["int fenced;"]


def test_titles_are_words_and_kinds_are_not() -> None:
    assert prose('!!! note inline "Why `x`"\n    Words.\n') == 'Why " Words.'
    assert codes('!!! note inline "Why `x`"\n    Words.\n') == ["x"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Title {#kvm_init}\n", "Title"),
        ("Words.\n{: .kvm_init }\n", "Words."),
        ("[a](b){ data-x=kvm_init } c", "a c"),
        ('One.\n\n--8<-- "kvm/kvm_main.c"\n\nTwo.\n', "One. Two."),
        ("/// note | Title\nWords.\n///\n", "Words."),
        ("See virt/{{ arch }}/kvm_main.c now.", "See now."),
        ("A {% if kvm_init %}b{% endif %} c", "A c"),
        ("---\ntitle: kvm_init\n---\n\nWords.\n", "Words."),
        ("[TOC]\n\nWords.", "Words."),
        ("![kvm_init](x) Words.", "Words."),
    ],
)
def test_what_readers_do_not_see_is_no_prose(text: str, words: str) -> None:
    assert prose(text) == words


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert prose("---\n\nOne.\n\n---\n\nTwo.\n") == "One. Two."


def test_an_initialiser_in_code_is_no_template_without_an_end() -> None:
    assert codes("`x = {{0}, {1}}` and `{.ops = &y}`") == ["{.ops = &y}"]
    assert codes("`{{0` and `y`") == ["{{0", "y"]


def test_comments_are_passages_of_their_own() -> None:
    text = "A <!-- one --> b.\n\n<!-- two\n\nlines -->\n\nC.\n"
    assert written(text, PassageKind.COMMENT) == ["<!-- one -->", "<!-- two\n\nlines -->"]
    assert prose(text) == "A b. C."


def test_blocks_are_paragraphs_headings_cells_and_the_items_own_words() -> None:
    text = "# A\n\nb\nc\n\n- d `e`\n    - f\n\n| g | h |\n|---|---|\n| i | j |\n\n> k\n"
    blocks = [text[start:end] for start, end in read_markdown(text).blocks]
    assert blocks == ["A", "b\nc", "d `e`", "f", "g", "h", "i", "j", "k"]


def test_a_passage_and_a_link_know_their_block() -> None:
    text = "One `a`.\n\nTwo [b](c) `d`.\n"
    document = read_markdown(text)
    of_code = [each.block for each in document.passages if each.kind is PassageKind.CODE]
    assert (of_code, document.links[0].block) == ([0, 1], 1)


def test_plain_words_go_on_over_the_end_of_a_line() -> None:
    assert written("in kvm\\_main.c\nline 12\n", PassageKind.PROSE) == ["in kvm\\_main.c\nline 12"]


def test_an_element_that_is_not_closed_hides_nothing() -> None:
    assert codes("The tag <pre> and `a`.\n\n`b` <code>c\n\n`d`\n") == ["a", "b", "c", "d"]


MANY = 50_000


@pytest.mark.parametrize(
    "text",
    [
        "`" * MANY,
        " ".join("`" * count for count in range(1, 600)),
        "[" * MANY + "]" * MANY,
        "[a](" * MANY,
        "[![" * MANY,
        "> " * MANY,
        "<a href='" * MANY,
        "<!--" * MANY,
        "<div>\n<!--\n" * MANY,
        "<b><pre>a</b></pre>" * (MANY // 10),
        "".join("    " * depth + '!!! note "x"\n' for depth in range(400)),
        "!!!" + " " * MANY + "\x01",
        "!!! " + '"a' * MANY,
        "{{" * MANY,
        "a{{b}}" * MANY,
        "{:" * MANY,
        "[a]:" * MANY,
        "*a_" * MANY,
        "|`a" * MANY + "\n" + "|-" * MANY,
        "https://a.example/" + ")" * MANY,
        "https://a.example/" + "(" * MANY,
        "http://" * MANY,
        "&#" * MANY,
        "\0\ud800中" * MANY,
        "<div markdown " + "markdown " * MANY,
        "\r" * MANY,
        "word `kvm_init()` [x](https://a.example/x) 词 " * 20_000,
    ],
    ids=range(27),
)
def test_a_hostile_text_is_read_in_linear_time_and_its_places_are_in_it(text: str) -> None:
    document = read_markdown(text)
    assert in_order(document)


def in_order(document: Document) -> bool:
    """Whether all places are in the text, and passages do not overlap."""
    end = 0
    for passage in document.passages:
        assert end <= passage.start < passage.end
        end = passage.end
    for link in document.links:
        assert 0 <= link.start <= link.end <= len(document.text)
        assert 0 <= link.text_start <= link.text_end <= len(document.text)
    return end <= len(document.text)
