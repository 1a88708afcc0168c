"""Source text as HTML and as a script: reviewed fragments, links, hostile text, what is kept."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from msgspec.structs import replace

from callpath.site.code import file_lines
from callpath.site.highlight import (
    CodeCache,
    as_script,
)
from callpath.site.strings import Strings, strings_for
from callpath.site.views import (
    CodeRequest,
    CodeTarget,
    CodeText,
    LicenceView,
)

GOLDENS = Path(__file__).parent / "code_goldens"
ENGLISH = strings_for("en")
LINUX = LicenceView("linux", "GPL-2.0 WITH Linux-syscall-note", "https://x.test/v3.7/COPYING")
SHORT = """\
int lamp_register(struct lamp *lamp)
{
	/* reset() comes first */
	if (lamp->reset && reset(lamp) < 0)
		return -EIO;

	return lamp->ops->set(lamp, "on", 1) + reset (lamp);
}
"""
LONG = (
    "static void lamp_walk(void)\n{\n"
    + "".join(f"\tstep({number});\n" for number in range(1, 60))
    + "}\n"
)
MACRO = "#define lamp_each(lamp) \\\n\tfor (lamp = first(); lamp; \\\n\t     lamp = next(lamp))\n"
HOSTILE = (
    b'int f(void)\n{\n\tputs("</script><!--&amp;<b>\xff\x00");\n\t// ]]> </pre></details> '
    + "\u2028\u202e".encode()
    + b"\n\tg('\"');\n}\n"
)


def text_of(source: str | bytes, start: int = 101) -> CodeText:
    data = source if isinstance(source, bytes) else source.encode()
    return CodeText("0" * 40, start, file_lines(data))


def request(*targets: CodeTarget, kind: str = "function", licence: Any = LINUX) -> CodeRequest:
    return CodeRequest("f", kind, "a/b.c", 101, "https://x.test/a.c#L101-L108", targets, licence)


def step(line: int, names: tuple[str, ...], number: int) -> CodeTarget:
    return CodeTarget(line, names, f"#s{number}", names[0], number=number)


CASES: dict[str, tuple[CodeText, CodeRequest]] = {
    "short": (
        text_of(SHORT),
        request(
            step(104, ("reset",), 2),
            step(107, ("lamp_set", "set"), 3),
            CodeTarget(0, ("reset",), "../reset/", "reset", path="a/c.c"),
        ),
    ),
    "long": (text_of(LONG), request(step(120, ("step",), 7))),
    "macro": (
        text_of(MACRO),
        request(step(103, ("next",), 2), kind="macro", licence=LicenceView("xen")),
    ),
    "hostile": (
        text_of(HOSTILE),
        request(
            CodeTarget(105, ("g",), "#\"'><i>", "<g>", path="&"),
            licence=LicenceView("<i>", "\"'<i>", "https://x.test/\"'<i>"),
        ),
    ),
}


def rendered(case: str, strings: Strings = ENGLISH) -> str:
    return CodeCache().html(*CASES[case], strings)


def parsed(case: str) -> Any:
    return lxml_html.fromstring(rendered(case))


@pytest.mark.parametrize("case", CASES)
def test_fragment_is_as_reviewed(case: str, update_goldens: bool) -> None:
    golden = GOLDENS / f"{case}.html"
    if update_goldens:
        golden.write_text(rendered(case) + "\n", encoding="utf-8", newline="\n")
    assert rendered(case) + "\n" == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_the_text_is_all_there_in_its_lines(case: str) -> None:
    text = CASES[case][0]
    lines = parsed(case).xpath("//pre/span[contains(@class, 'callpath-line')]")
    assert [line.text_content() for line in lines] == [f"{line}\n" for line in text.lines]


def test_every_block_counts_from_its_own_line() -> None:
    blocks = parsed("long").xpath("//pre")
    starts = [re.search(r"callpath-line (\d+)$", block.get("style"))[1] for block in blocks]
    assert starts == ["100", "103", "117", "122", "159"]
    folds = parsed("long").xpath("//details")
    assert [fold.xpath("string(summary)") for fold in folds] == ["… 14 lines", "… 37 lines"]
    assert not parsed("long").xpath("//pre//code")


def test_names_lead_where_the_lockfile_says() -> None:
    links = parsed("short").xpath("//pre//a")
    assert [(link.text, link.get("href"), link.get("title")) for link in links] == [
        ("reset", "#s2", "Step 2"),  # not the member before it, nor the comment
        ("set", "#s3", "Step 3 · lamp_set"),
        ("reset", "../reset/", "a/c.c"),
    ]
    marked = parsed("short").xpath("//span[contains(@class, 'callpath-site')]/@data-line")
    assert marked == ["104", "107"]


def test_a_line_without_the_name_is_marked_only() -> None:
    asked = request(step(105, ("absent",), 9), CodeTarget(106, (), "", ""))
    page = lxml_html.fromstring(CodeCache().html(text_of(SHORT), asked, ENGLISH))
    assert page.xpath("//pre//a") == []
    assert page.xpath("//span[@data-line]/@data-line") == ["105", "106"]


def test_the_scrolled_region_has_a_name_and_a_tab_stop() -> None:
    (region,) = parsed("long").xpath("//*[@tabindex]")
    assert region.get("role") == "group"
    assert region.get("aria-label") == "Source of f, a/b.c:101–162"
    assert region.xpath(".//pre")


@pytest.mark.parametrize(
    ("licence", "notice"),
    [
        (
            LINUX,
            "Source text of the Linux kernel, © its authors, "
            "licence: GPL-2.0 WITH Linux-syscall-note",
        ),
        (LicenceView("qemu", "GPL-2.0"), "Source text of qemu, © its authors, licence: GPL-2.0"),
        (
            LicenceView("xen"),
            "Source text of xen, © its authors, licence: that of the project",
        ),
    ],
)
def test_every_text_says_whose_it_is(licence: LicenceView, notice: str) -> None:
    page = lxml_html.fromstring(CodeCache().html(text_of(SHORT), request(licence=licence), ENGLISH))
    (found,) = page.xpath("//*[@class='callpath-licence']")
    assert found.text_content() == notice
    assert found.xpath("a/@href") == ([licence.url] if licence.url else [])


def test_a_very_long_text_ends_with_a_link() -> None:
    lines = tuple(f"\tint field_{number};" for number in range(450))
    text = CodeText("0" * 40, 1, lines)
    asked = replace(request(kind="struct"), line=1)
    page = lxml_html.fromstring(CodeCache().html(text, asked, ENGLISH))
    assert len(page.xpath("//pre/span")) == 400
    (link,) = page.xpath("//p[@class='callpath-left-out']/a")
    assert (link.text, link.get("href")) == (
        "Lines 401–450 are to be read at the source",
        asked.url,
    )


def test_nothing_in_the_text_is_markup() -> None:
    page = parsed("hostile")
    assert {element.tag for element in page.iter()} <= {"div", "p", "a", "small", "pre", "span"}
    assert len(page.xpath("//pre")) == 1
    assert "\ufffd" in page.text_content()
    assert not {"\u2028", "\u202e", "\0"} & set(page.text_content())


def test_a_script_gives_the_html_back_and_ends_nothing() -> None:
    html = rendered("hostile") + "</script><!--\u2028\u2029\\"
    script = as_script('a"b#</script>', html)
    assert script.count("\n") == 1
    assert not re.search("</|<!--|[\u2028\u2029]", script)
    found = re.fullmatch(r"\(window\.callpathCode \?\?= \{\}\)\[(\".*?\")\] = (\".*\");\n", script)
    assert found is not None
    assert [json.loads(word) for word in found.groups()] == ['a"b#</script>', html]


def test_what_did_not_change_is_not_made_again() -> None:
    cache = CodeCache()
    text, asked = CASES["short"]
    first = cache.html(text, asked, ENGLISH)
    assert cache.html(text, asked, ENGLISH) == first
    assert (cache.made, cache.highlighted) == (1, 1)
    cache.html(text, request(), ENGLISH)  # other links, the same colours
    assert (cache.made, cache.highlighted) == (2, 1)
    cache.html(replace(text, blob="1" * 40), asked, ENGLISH)
    assert (cache.made, cache.highlighted) == (3, 2)


def test_another_language_is_made_anew() -> None:
    cache = CodeCache()
    text, asked = CASES["long"]
    assert "… 14 lines" in cache.html(text, asked, ENGLISH)
    chinese = cache.html(text, asked, strings_for("zh"))
    assert "… 14 行" in chinese
    assert "Linux 内核源码，版权归其作者所有" in chinese
    assert cache.highlighted == 1
