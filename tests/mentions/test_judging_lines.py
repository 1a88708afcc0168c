"""Lines of links and citations: what is right, wrong, moved or meant by nobody."""

import pytest
from msgspec.structs import replace

from callpath.facts.mentions import LineNature, MentionFacts, PlaceFact
from callpath.mentions.judging.judge import judge
from callpath.mentions.model import Verdict
from judged import AWAY, FACTS, HEADER, LAMP, LINES, PIN, SET, TREE, citation, line, link, path

RESET_NAMED = {"named": ("lamp_reset",)}


def rule_of(judgement):
    return judgement.finding.rule if judgement.finding else ""


@pytest.mark.parametrize(
    ("first", "last", "named", "near"),
    [
        (8, 0, (), ()),  # code, and nothing is named
        (12, 0, ("lamp_reset",), ()),  # the name's own line
        (14, 0, ("lamp_reset",), ()),  # inside
        (16, 0, ("lamp_reset",), ()),  # a comment inside
        (9, 0, ("lamp_reset",), ()),  # the comment above
        (30, 0, ("lamp_reset",), ()),  # a use of it
        (30, 0, ("lamp_set", "lamp_reset"), ()),  # one of two
        (11, 19, ("lamp_reset",), ()),  # all of it
        (8, 12, ("lamp_reset",), ()),  # its beginning
        (2, 20, ("lamp_reset",), ()),  # around it
        (50, 0, ("lamp_gone",), ()),  # what is defined nowhere says nothing
        (30, 0, (), ("lamp_set",)),
        (30, 0, (), ("lamp_reset",)),  # a use of the symbol of the sentence
        (50, 0, (), ("lamp_set", "lamp_reset")),  # either may be meant, or neither
        (50, 0, (), ("lamp_gone",)),
        (2, 20, (), ()),  # a range from a comment to a blank line
        (20, 0, ("lamp",), ()),  # hardly below a use
    ],
)
@pytest.mark.parametrize("kind", [link, citation])
def test_right_lines(kind, first, last, named, near):
    found = judge(kind(LAMP, first, last, named=named, near=near), FACTS)
    if first == 20 and named:  # but it is blank
        assert found.verdict is Verdict.SUSPECT
        return
    assert (found.verdict, found.finding, found.replacement) == (Verdict.RIGHT, None, "")


@pytest.mark.parametrize("kind", [link, citation])
def test_a_line_past_the_end(kind):
    found = judge(kind(LAMP, 9999), FACTS)
    assert found.verdict is Verdict.WRONG
    assert rule_of(found) == "missing-line"
    assert found.finding.message == "`drivers/lamp.c` of v3.7 has no line 9999"
    assert found.finding.hint == "it has 60 lines"
    assert found.replacement == ""


def test_the_last_line_is_there_and_the_next_is_not():
    facts = FACTS.merged(MentionFacts([line(60)]))
    assert judge(link(LAMP, 60), facts).verdict is Verdict.RIGHT
    assert rule_of(judge(link(LAMP, 61), facts)) == "missing-line"
    assert rule_of(judge(link(LAMP, 50, 61), facts)) == "missing-line"


def test_a_line_past_the_end_that_names_a_symbol_has_its_line():
    found = judge(link(LAMP, 9999, named=("lamp_reset",)), FACTS)
    assert found.verdict is Verdict.MOVED
    assert found.finding.hint == "it has 60 lines; `lamp_reset` is at line 12"
    assert found.replacement.endswith("/drivers/lamp.c#L12")


@pytest.mark.parametrize("kind", [link, citation])
def test_a_line_of_another_function(kind):
    found = judge(kind(LAMP, 38, named=("lamp_reset",)), FACTS)
    assert found.verdict is Verdict.MOVED
    assert rule_of(found) == "wrong-line"
    message = "line 38 of `drivers/lamp.c` in v3.7 is not in `lamp_reset`"
    assert found.finding.message == message
    assert found.finding.hint == "`lamp_reset` is at line 12"
    assert found.replacement.endswith(("#L12", "drivers/lamp.c:12"))


@pytest.mark.parametrize("kind", [link, citation])
def test_a_range_keeps_its_meaning(kind):
    whole = judge(kind(LAMP, 50, 58, **RESET_NAMED), FACTS)
    assert whole.verdict is Verdict.MOVED
    assert whole.replacement.endswith(("#L11-L19", "drivers/lamp.c:11-19"))
    part = judge(kind(LAMP, 50, 51, **RESET_NAMED), FACTS)
    assert (part.verdict, part.replacement) == (Verdict.MOVED, "")
    assert part.finding.hint == "`lamp_reset` is at line 12"


def test_a_symbol_with_two_definitions_has_no_certain_line():
    twice = PlaceFact(*TREE, LAMP, "twin", ((3, 3, 4), (6, 6, 7)), (3, 6))
    found = judge(link(LAMP, 50, named=("twin",)), FACTS.merged(MentionFacts([twice])))
    assert (found.verdict, found.replacement) == (Verdict.WRONG, "")
    assert found.finding.hint == "`twin` is at lines 3 and 6"


def test_a_symbol_that_only_another_file_has():
    found = judge(link(LAMP, 50, named=("lamp_level",)), FACTS)
    assert (found.verdict, rule_of(found)) == (Verdict.MOVED, "wrong-line")
    assert found.finding.hint == f"`lamp_level` is at `{HEADER}:9`"
    assert found.replacement == f"https://elixir.bootlin.com/linux/v3.7/source/{HEADER}#L9"
    cited = judge(citation(LAMP, 50, named=("lamp_level",)), FACTS)
    assert (cited.verdict, cited.replacement) == (Verdict.MOVED, "")


def test_of_several_files_that_define_it_none_is_certain():
    several = PlaceFact(*AWAY.key, (), (), ((HEADER, 9), ("drivers/torch.h", 4)))
    found = judge(link(LAMP, 50, named=("lamp_level",)), FACTS.merged(MentionFacts([several])))
    assert (found.verdict, found.replacement) == (Verdict.WRONG, "")


def test_a_line_far_from_all_uses_is_suspect():
    found = judge(link(LAMP, 50, named=("lamp",)), FACTS)
    assert (found.verdict, rule_of(found)) == (Verdict.SUSPECT, "suspect-line")
    assert found.finding.hint == f"line 25 has it; `lamp` is at `{HEADER}:5`"
    assert judge(link(LAMP, 30, named=("lamp",)), FACTS).verdict is Verdict.RIGHT


def test_a_name_with_more_uses_than_are_listed_proves_nothing():
    common = PlaceFact(*TREE, LAMP, "lock", ((1, 1, 1),), tuple(range(1000, 1050)))
    assert judge(link(LAMP, 50, named=("lock",)), FACTS.merged(MentionFacts([common]))).verdict is (
        Verdict.RIGHT
    )


def test_the_one_symbol_of_the_sentence_makes_a_line_suspect_not_wrong():
    found = judge(link(LAMP, 50, near=("lamp_set",)), FACTS)
    assert (found.verdict, rule_of(found)) == (Verdict.SUSPECT, "suspect-line")
    assert "`lamp_set`, which the sentence names" in found.finding.message
    assert found.finding.hint == "`lamp_set` is at line 25"
    assert found.replacement == ""


@pytest.mark.parametrize(
    ("number", "named", "what", "hint"),
    [
        (20, (), "blank", "name the line that is meant"),
        (15, (), "blank", "it is in `lamp_reset`"),
        (15, ("lamp_reset",), "blank", "`lamp_reset` is at line 12"),
        (19, (), "a lone brace", "it is in `lamp_reset`"),
        (19, ("lamp_reset",), "a lone brace", "`lamp_reset` is at line 12"),
        (2, (), "in the middle of a comment", "name the line that is meant"),
        (16, (), "in the middle of a comment", "it is in `lamp_reset`"),
    ],
)
@pytest.mark.parametrize("kind", [link, citation])
def test_lines_that_nobody_means(kind, number, named, what, hint):
    found = judge(kind(LAMP, number, named=named), FACTS)
    assert (found.verdict, rule_of(found)) == (Verdict.SUSPECT, "suspect-line")
    assert found.finding.message == f"line {number} of `drivers/lamp.c` in v3.7 is {what}"
    assert found.finding.hint == hint


def test_a_comment_that_has_the_name_may_be_a_line_above_its_function():
    facts = MentionFacts(
        [path(LAMP, lines=60)],
        [next(one for one in LINES if one.line == 2)],
        [PlaceFact(*TREE, LAMP, "lamp_reset", ((12, 11, 19),), (4, 12))],
        [PlaceFact(*TREE, LAMP, "lamp_set", ((25, 25, 40),), (25,))],
        asked=[PIN],
    )
    assert judge(link(LAMP, 2, named=("lamp_reset",)), facts).verdict is Verdict.RIGHT
    assert judge(link(LAMP, 2, named=("lamp_set",)), facts).verdict is Verdict.MOVED


def test_a_file_that_lacks_the_named_symbol_is_suspect():
    found = judge(link(LAMP, named=("lamp_level",)), FACTS)
    assert (found.verdict, rule_of(found)) == (Verdict.SUSPECT, "suspect-line")
    assert found.finding.hint == f"`lamp_level` is at `{HEADER}:9`"
    for named in ("lamp_reset", "lamp", "lamp_gone"):
        assert judge(citation(LAMP, named=(named,)), FACTS).verdict is Verdict.RIGHT


def test_facts_that_are_missing_make_no_verdict():
    facts = MentionFacts([path(LAMP, lines=60)], [SET], asked=[PIN])
    for named in ((), ("lamp_reset",)):
        found = judge(link(LAMP, 38, named=named), facts)
        assert (found.verdict, found.finding) == (Verdict.NOT_CHECKED, None)


@pytest.mark.parametrize("kind", [link, citation])
@pytest.mark.parametrize("nature", [LineNature.COMMENT, LineNature.CODE])
def test_the_comment_directly_above_a_definition_is_its_own(kind, nature):
    above = replace(line(22, nature), above=25)
    facts = FACTS.merged(MentionFacts([above]))
    assert judge(kind(LAMP, 22, named=("lamp_set",)), facts).verdict is Verdict.RIGHT
    found = judge(kind(LAMP, 22, named=("lamp_reset",)), facts)
    assert rule_of(found) == "wrong-line"


def test_a_citation_may_be_of_what_is_around_a_use():
    facts = FACTS.merged(MentionFacts([line(44), line(46)]))
    assert judge(citation(LAMP, 44, named=("lamp_set",)), facts).verdict is Verdict.RIGHT
    found = judge(citation(LAMP, 46, named=("lamp_set",)), facts)
    assert (rule_of(found), found.verdict) == ("wrong-line", Verdict.MOVED)


def test_the_place_of_another_symbol_than_the_first_is_not_certain():
    found = judge(citation(LAMP, 50, named=("lamp_gone", "lamp_set")), FACTS)
    assert (found.verdict, found.replacement) == (Verdict.WRONG, "")
