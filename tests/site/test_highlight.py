"""C text in runs: nothing is lost, few are needed, and names know what stands around them."""

import pytest
from hypothesis import given, strategies as st

from callpath.site.highlight import highlighted
from callpath.site.views import CodePiece

FUNCTION = """\
static int f(struct lamp *lamp)
{
	/* calls reset()
	twice */
	reset(lamp);
	lamp->reset (lamp); lamp . reset(lamp);
	return reset /* why */
		(0x10) + other.reset;
#ifdef CONFIG_X
	printk("reset(%d)\\n", 1); // reset(
#endif
}
"""
MACRO = "#define each(lamp) \\\n\tfor (reset(lamp); lamp->set; ) \\\n\t\tnext(lamp)"


def runs_of(text: str, kind: str = "function") -> list[list[CodePiece]]:
    return [list(line) for line in highlighted(tuple(text.split("\n")), kind)]


def names(text: str, name: str, kind: str = "function") -> list[tuple[int, bool, bool]]:
    """Each place of a name: its line, whether it is called, whether it is a member."""
    return [
        (number, run.called, run.member)
        for number, line in enumerate(runs_of(text, kind), 1)
        for run in line
        if run.name and run.text == name
    ]


@pytest.mark.parametrize(("text", "kind"), [(FUNCTION, "function"), (MACRO, "macro")])
def test_the_runs_are_the_text(text: str, kind: str) -> None:
    assert "\n".join("".join(run.text for run in line) for line in runs_of(text, kind)) == text


LINES = st.lists(
    st.text(
        st.sampled_from("abf_ 09\t(){}[];,*&#\"'\\/<>=-.+!?:%é界\ufffd"),
        max_size=30,
    ),
    min_size=1,
    max_size=8,
)


@given(lines=LINES, kind=st.sampled_from(["function", "macro", "struct"]))
def test_no_character_is_lost_whatever_the_text(lines: list[str], kind: str) -> None:
    found = highlighted(tuple(lines), kind)
    assert ["".join(run.text for run in line) for line in found] == lines


def test_a_name_knows_whether_it_is_called_and_whether_it_is_a_member() -> None:
    assert names(FUNCTION, "reset") == [
        (5, True, False),
        (6, True, True),
        (6, True, True),
        (7, True, False),
        (8, False, True),
    ]


def test_the_text_of_a_macro_is_c() -> None:
    assert names(MACRO, "reset", "macro") == [(2, True, False)]
    assert names(MACRO, "next", "macro") == [(3, True, False)]
    assert names(MACRO, "set", "macro") == [(2, False, True)]
    assert runs_of(MACRO, "macro")[0][0] == CodePiece("#define", "cp")


def test_names_operators_and_space_have_no_class() -> None:
    (line,) = runs_of("\ta = b->c + (d & 0x1f);")
    assert [run.text for run in line if run.style] == ["0x1f"]


def test_classes_are_those_that_themes_colour() -> None:
    styles = {run.text.strip(): run.style for line in runs_of(FUNCTION) for run in line}
    assert (styles["static"], styles["int"], styles["f"]) == ("k", "kt", "nf")
    assert (styles["/* calls reset()"], styles["twice */"]) == ("cm", "cm")
    assert styles["// reset("] == "c1"
    assert styles["0x10"] == "mh"
