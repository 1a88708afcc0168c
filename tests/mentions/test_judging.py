"""Paths, names and floating links: what the facts of a tree say of each."""

import pytest
from msgspec.structs import replace

from callpath.facts.mentions import LineFact, LineNature, MentionFacts, PathNature, WordNature
from callpath.findings import Location, Severity
from callpath.mentions.judging.judge import (
    findings_of,
    floating_finding,
    judge,
    judge_all,
    malformed_finding,
    needed,
    questions,
    reference_of,
    tree_of,
)
from callpath.mentions.model import (
    Address,
    AddressKind,
    Malformed,
    NameForm,
    PlacedMention,
    SourceLink,
    Verdict,
)
from callpath.model import Pin, Symbol, SymbolKind
from judged import (
    FACTS,
    HEADER,
    LAMP,
    OTHER,
    PIN,
    TREE,
    citation,
    line,
    link,
    name,
    page_of,
    path,
    placed,
    word,
)

ADDRESS = "https://elixir.bootlin.com/linux"


def facts(*given, **values):
    return MentionFacts(given, asked=[PIN], **values)


def rule_of(judgement):
    return judgement.finding.rule if judgement.finding else ""


# Trees


def test_the_tree_of_a_mention():
    assert tree_of(citation()) == PIN
    assert tree_of(link()) == PIN
    assert tree_of(link(revision="")) == PIN
    assert tree_of(link(revision="v2.6.30")) == Pin("linux", "v2.6.30")
    commit = "0123456789abcdef0123456789abcdef01234567"
    pinned = replace(PIN, commit=commit)
    assert tree_of(link(revision=commit, pin=pinned)) == pinned
    assert tree_of(link(revision=commit[:12], pin=pinned)) == pinned
    assert tree_of(link(revision="0123", pin=pinned)) == Pin("linux", "0123")
    tagged = Pin("linux", "v3.7", tag="release-3.7")
    assert tree_of(link(revision="release-3.7", pin=tagged)) is tagged
    assert tree_of(link(revision="v6.12", others=(replace(OTHER, tag="x"),))).tag == "x"


def test_a_floating_link_of_another_project_is_read_against_nothing():
    at_qemu = link(revision="", pin=Pin("qemu", "v8.0"))
    assert tree_of(at_qemu) is None
    assert questions([at_qemu]) == {}
    found = judge(at_qemu, FACTS)
    assert (found.verdict, rule_of(found)) == (Verdict.NOT_CHECKED, "floating-link")
    assert found.finding.hint == "name a tag or a commit"


def test_a_revision_that_is_called_otherwise_in_the_repository():
    mention = link(revision="v4.18", pin=Pin("xen", "v4.17", tag="RELEASE-4.17"))
    mention = replace(
        mention,
        mention=replace(mention.mention, address=replace(mention.mention.address, project="xen")),
    )
    assert tree_of(mention).tag_name == "RELEASE-4.18"


# Questions


def test_questions_are_sorted_and_asked_once():
    asked = questions(
        [
            link(LAMP, 12, 19, named=("lamp_set", "lamp_reset"), near=("lamp",)),
            link(LAMP, 12),
            citation("kvm/a.c", 3, near=("lamp",)),
            citation(HEADER, near=("lamp",)),
            link(LAMP, revision="v6.12"),
            name("lamp", "level"),
        ]
    )
    assert list(asked) == [PIN, OTHER]
    own = asked[PIN]
    assert own.paths == ("drivers", LAMP, HEADER, "kvm", "kvm/a.c")
    assert own.whole == (LAMP,)
    assert own.lines == ((LAMP, 12), (LAMP, 19), ("kvm/a.c", 3))
    assert own.places == ((LAMP, "lamp_reset"), (LAMP, "lamp_set"), ("kvm/a.c", "lamp"))
    assert own.words == ("lamp", "level")


def test_other_versions_are_asked_for_names_that_are_left_open():
    names = [name("here", others=(OTHER,)), name("gone", others=(OTHER,))]
    assert questions(names)[OTHER].words == ("gone", "here")
    known = facts(word("here"), word("gone", WordNature.ABSENT))
    assert questions(names, known)[OTHER].words == ("gone",)


@pytest.mark.parametrize("bad", ["../../etc/passwd", "a\0b", "a/../b", "a" * 600, "a//b", "\udc80"])
def test_paths_that_no_tree_has_are_not_asked_for(bad):
    assert not any(one.paths for one in questions([link(bad), citation(bad)]).values())
    assert judge(link(bad, 3), FACTS).verdict is Verdict.NOT_CHECKED
    assert judge(citation(bad, 3), FACTS).verdict is Verdict.RIGHT


def test_a_pattern_is_no_path():
    assert judge(citation("arch/*/kvm/x.c"), FACTS).verdict is Verdict.RIGHT


# Paths


def test_paths_that_are_there():
    for mention in (link(), citation(), link("drivers"), citation("drivers/"), citation("lamp.c")):
        assert judge(mention, FACTS).verdict is Verdict.RIGHT


def test_a_link_needs_the_whole_path():
    found = judge(link("lamp.c"), FACTS)
    assert (found.verdict, rule_of(found)) == (Verdict.MOVED, "missing-file")
    assert found.finding.message == "v3.7 has no file `lamp.c`"
    assert found.replacement == f"{ADDRESS}/v3.7/source/{LAMP}"
    several = facts(path("lamp.c", PathNature.SEVERAL, ("a/lamp.c", "b/lamp.c")))
    found = judge(link("lamp.c"), several)
    assert (found.verdict, found.replacement) == (Verdict.WRONG, "")
    assert found.finding.hint == "did you mean `a/lamp.c` or `b/lamp.c`?"


@pytest.mark.parametrize(
    ("written", "found", "certain"),
    [
        ("arch/x86/kvm/vmx.c", ("arch/x86/kvm/vmx/vmx.c", "tools/kvm/vmx.c"), True),
        ("arch/x86/kvm/vmx/vmx.c", ("arch/x86/kvm/vmx.c",), True),
        ("arch/x86/entry/call.sh", ("tools/perf/arch/x86/entry/call.sh",), False),
        ("Documentation/kasan.txt", ("Documentation/arch/powerpc/kasan.txt",), False),
        ("drivers/gpio/core.c", ("drivers/gpio/lamp/core.c",), False),
        ("Documentation/locking.txt", ("Documentation/locking.rst",), True),
        ("drivers/Lamp.c", ("drivers/lamp.c",), True),
        ("virt/kvm/assigned-dev.c", ("arch/x86/kvm/assigned-dev.c",), False),
        ("virt/kvm/core.c", ("arch/x86/kvm/core.c",), False),
        ("drivers/lamp.c", ("drivers/lamp.h",), False),
        ("drivers/lamp", ("drivers/old/lamp",), True),
        ("drivers/lamp", ("drivers/old/small/lamp",), False),
        ("drivers/lamp_set.c", ("drivers/a/b/c/d/lamp_set.c",), False),
        ("drivers/lmap.c", ("drivers/lamp.c",), False),
        ("drivers/lamp.c", ("drivers/a/lamp.c", "drivers/b/lamp.c"), False),
        ("drivers/lamp.c", (), False),
    ],
)
def test_where_an_absent_file_is(written, found, certain):
    known = facts(path(written, PathNature.ABSENT, found))
    judged = judge(link(written), known)
    assert rule_of(judged) == "missing-file"
    assert judged.verdict is (Verdict.MOVED if certain else Verdict.WRONG)
    assert judged.replacement == (f"{ADDRESS}/v3.7/source/{found[0]}" if certain else "")
    assert all(one in judged.finding.hint for one in found[:1])
    # On which line of the other file the thing is, nobody knows.
    assert judge(link(written, 12), known).replacement == ""


def test_a_path_of_another_revision_is_not_rewritten():
    known = MentionFacts(
        [replace(path("lamp.c", PathNature.ENDING, (LAMP,)), version="v6.12")], asked=[OTHER]
    )
    found = judge(link("lamp.c", revision="v6.12"), known)
    assert (found.verdict, found.replacement) == (Verdict.MOVED, "")
    assert found.finding.message == "v6.12 has no file `lamp.c`"


ABSENT = PathNature.ABSENT


@pytest.mark.parametrize(
    ("written", "found", "verdict"),
    [
        ("lmap.c", ("drivers/lamp.c",), Verdict.RIGHT),  # a bare name may be anybody's
        ("kvm/main.c", (), Verdict.RIGHT),  # no top folder of this tree
        ("kvm/main.c", ("init/main.c",), Verdict.RIGHT),
        ("kvm/lamp.c", ("virt/kvm/arm/lamp.c",), Verdict.WRONG),
        ("drivers/lamp_old.c", (), Verdict.WRONG),
        ("drivers/lamp_old", (), Verdict.RIGHT),  # perhaps a name of sysctl
        ("drivers/lamp_old", ("drivers/misc/lamp_old",), Verdict.MOVED),
        ("drivers/generated/x.h", (), Verdict.RIGHT),
        ("drivers/foo/init.c", (), Verdict.RIGHT),  # made up
        ("drivers/subsys.h", (), Verdict.RIGHT),
        ("drivers/asm-XXX/init.c", (), Verdict.RIGHT),
        ("drivers/board-xyz.c", (), Verdict.RIGHT),
        ("drivers/file_lamp.c", (), Verdict.WRONG),
        ("drivers/lamp.o", ("drivers/lamp.c",), Verdict.RIGHT),
    ],
)
def test_paths_as_text_that_the_tree_does_not_have(written, found, verdict):
    known = facts(
        path("drivers", PathNature.FOLDER),
        path("kvm", ABSENT),
        path(written, ABSENT, found),
    )
    judged = judge(citation(written), known)
    assert judged.verdict is verdict
    assert rule_of(judged) == ("" if verdict is Verdict.RIGHT else "missing-file")


def test_the_end_of_several_paths_is_wrong_only_if_it_is_wrong_in_each():
    ends = path("lamp.c", PathNature.SEVERAL, ("a/lamp.c", "b/lamp.c"))
    long, short = line(70, of="a/lamp.c"), line(70, LineNature.ABSENT, of="b/lamp.c")
    assert judge(citation("lamp.c", 70), facts(ends, long, short)).verdict is Verdict.RIGHT
    assert judge(citation("lamp.c", 70), facts(ends, short)).verdict is Verdict.RIGHT
    assert judge(citation("lamp.c"), facts(ends)).verdict is Verdict.RIGHT
    both = facts(ends, replace(short, path="a/lamp.c"), short)
    found = judge(citation("lamp.c", 70), both)
    assert (found.verdict, rule_of(found)) == (Verdict.WRONG, "missing-line")
    assert found.finding.message == "no file `lamp.c` of v3.7 has line 70"


# Links to other things


def test_a_malformed_link():
    address = Malformed("github", "the link names no revision", "write `blob/v3.7/…`")
    mention = placed(SourceLink(0, 3, address), "abc")
    found = judge(mention, FACTS)
    assert found.verdict is Verdict.WRONG
    assert found.finding == malformed_finding(mention)
    assert rule_of(found) == "malformed-link"
    assert malformed_finding(link()) is None
    assert questions([mention]) == {}


@pytest.mark.parametrize("kind", [AddressKind.TREE, AddressKind.COMMIT])
def test_a_whole_tree_is_right_if_it_is_known(kind):
    address = Address("github", kind, "linux", "v6.12")
    mention = placed(SourceLink(0, 3, address), "abc")
    assert judge(mention, FACTS).verdict is Verdict.NOT_CHECKED
    assert judge(mention, MentionFacts(asked=[OTHER])).verdict is Verdict.RIGHT
    here = replace(mention, mention=SourceLink(0, 3, replace(address, revision="v3.7")))
    assert judge(here, MentionFacts(is_locked=True)).verdict is Verdict.RIGHT


def test_a_page_about_a_name():
    known = facts(
        word("lamp_set"),
        word("lamp_st", WordNature.ABSENT, ("lamp_set",), "v3.0 has it"),
        word("lamp_off", WordNature.ABSENT),
        word("sys_lamp", WordNature.ABSENT),
        word("lamp_old", WordNature.TEXT),
    )
    verdicts = {
        "lamp_set": Verdict.RIGHT,
        "lamp_st": Verdict.WRONG,
        "lamp_off": Verdict.SUSPECT,
        "sys_lamp": Verdict.RIGHT,
        "lamp_old": Verdict.SUSPECT,
        "lamp_new": Verdict.NOT_CHECKED,
    }
    for each, verdict in verdicts.items():
        assert judge(page_of(each), known).verdict is verdict, each
    assert judge(page_of("qcom%2Clamp", family="B"), known).verdict is Verdict.NOT_CHECKED
    floating = judge(page_of("lamp_set", revision=""), known)
    assert floating.replacement == f"{ADDRESS}/v3.7/ident/lamp_set"
    assert rule_of(judge(page_of("lamp_st", revision=""), known)) == "unknown-name"


# Names


def test_a_name_that_the_tree_has():
    for nature in (WordNature.CODE, WordNature.CONFIG):
        assert judge(name("lamp"), facts(word("lamp", nature))).verdict is Verdict.RIGHT


def test_a_name_is_wrong_only_with_a_sign():
    plain = word("lamp_st", WordNature.ABSENT, ("lamp_set", "lamp_get", "lamp_let"))
    assert judge(name("lamp_st"), facts(plain)).verdict is Verdict.UNSURE
    found = judge(name("lamp_st"), facts(replace(plain, sign="v3.0 has it")))
    assert (found.verdict, rule_of(found)) == (Verdict.WRONG, "unknown-name")
    assert found.finding.message == "no file of v3.7 has the word `lamp_st`"
    assert found.finding.hint == "v3.0 has it; did you mean `lamp_set` or `lamp_get`?"


def test_a_guess_counts_where_only_a_name_in_code_is_written_so():
    plain = word("lamp_burn_out", WordNature.ABSENT)
    known = facts(replace(plain, guess="200 others begin with `lamp_`"))
    verdicts = {form: judge(name("lamp_burn_out", form=form), known).verdict for form in NameForm}
    assert {form for form, verdict in verdicts.items() if verdict is Verdict.WRONG} == {
        *(NameForm.CALL, NameForm.TAG, NameForm.CONFIG)
    }
    found = judge(name("lamp_burn_out", form=NameForm.CALL), known)
    assert found.finding.hint == "200 others begin with `lamp_`"


def on_page(first: PlacedMention, known: int, *absent: str, **values: str) -> Verdict:
    """The verdict on a name of a page that has others, of which the tree has some."""
    others = [f"tree_name{number}" for number in range(known)]
    there = [word(each) for each in others]
    gone = [word(each, WordNature.ABSENT) for each in absent]
    own = replace(word(first.mention.words[0], WordNature.ABSENT), **values)
    placed = [first, *map(name, (*others, *absent))]
    return judge_all(placed, facts(own, *there, *gone))[0][0].verdict


def test_a_function_is_wrong_on_a_page_whose_names_the_tree_has():
    called = name("wick_burn", form=NameForm.CALL)
    assert judge(called, facts(word("wick_burn", WordNature.ABSENT))).verdict is Verdict.UNSURE
    assert on_page(called, 2) is Verdict.WRONG
    assert on_page(called, 1) is Verdict.UNSURE
    assert on_page(called, 4, "lamp_gone") is Verdict.WRONG
    assert on_page(called, 3, "lamp_gone") is Verdict.UNSURE
    assert on_page(called, 9, "wick_cut", "wick_trim") is Verdict.UNSURE  # of something else
    assert on_page(called, 9, doubt="it is the end of `a_wick_burn`") is Verdict.UNSURE
    assert on_page(name("wick_burn", form=NameForm.IDENTIFIER), 9) is Verdict.UNSURE


def test_a_name_is_wrong_that_a_page_of_the_tree_calls_a_thing_of_a_source():
    plain = name("WICK_BURN", form=NameForm.IDENTIFIER)
    said = replace(plain, mention=replace(plain.mention, called="macro"))
    assert on_page(said, 2) is Verdict.WRONG
    assert on_page(said, 1) is Verdict.UNSURE


@pytest.mark.parametrize(
    ("nature", "verdict"),
    [
        (WordNature.CODE, Verdict.RIGHT),
        (WordNature.CONFIG, Verdict.RIGHT),
        (WordNature.TEXT, Verdict.RIGHT),
        (WordNature.ABSENT, Verdict.WRONG),
        (None, Verdict.NOT_CHECKED),
    ],
)
def test_a_tracked_version_may_have_the_name(nature, verdict):
    known = facts(word("lamp_st", WordNature.ABSENT, sign="v3.0 has it"))
    if nature is not None:
        known = known.merged(MentionFacts([word("lamp_st", nature, version="v6.12")]))
    assert judge(name("lamp_st", others=(OTHER,)), known).verdict is verdict


@pytest.mark.parametrize(
    ("form", "verdict"),
    [
        (NameForm.CALL, Verdict.SUSPECT),
        (NameForm.TAG, Verdict.SUSPECT),
        (NameForm.CONFIG, Verdict.SUSPECT),
        (NameForm.IDENTIFIER, Verdict.RIGHT),
        (NameForm.MEMBER, Verdict.RIGHT),
    ],
)
def test_a_name_that_only_comments_have(form, verdict):
    known = facts(word("lamp_old", WordNature.TEXT))
    found = judge(name("lamp_old", form=form), known)
    assert found.verdict is verdict
    assert rule_of(found) == ("suspect-name" if verdict is Verdict.SUSPECT else "")
    in_other = known.merged(MentionFacts([word("lamp_old", version="v6.12")]))
    assert judge(name("lamp_old", form=form, others=(OTHER,)), in_other).verdict is Verdict.RIGHT
    open_other = judge(name("lamp_old", form=form, others=(OTHER,)), known)
    assert open_other.verdict is Verdict.RIGHT


def test_what_only_documentation_has_needs_a_sign():
    call = name("lamp_old", form=NameForm.CALL)
    plain = word("lamp_old", WordNature.PROSE)
    assert judge(call, facts(plain)).verdict is Verdict.RIGHT
    known = facts(replace(plain, sign="7 others begin with `lamp_`"))
    assert rule_of(judge(call, known)) == "suspect-name"
    assert judge(name("lamp_old"), known).verdict is Verdict.RIGHT
    assert judge(page_of("lamp_old"), facts(plain)).verdict is Verdict.SUSPECT


@pytest.mark.parametrize("called", ["lamps", "GET_LAMP"])
def test_a_comment_has_plain_words_and_those_of_standards(called):
    known = facts(word(called, WordNature.TEXT))
    assert judge(name(called, form=NameForm.CALL), known).verdict is Verdict.RIGHT
    assert judge(name(called, form=NameForm.TAG), known).verdict is Verdict.SUSPECT


def test_the_wrong_word_of_several_is_named():
    known = facts(word("lamp"), word("lck", WordNature.ABSENT, sign="v3.0 has it"))
    found = judge(name("lamp", "lck", form=NameForm.MEMBER), known)
    assert "`lck`" in found.finding.message
    assert judge(name("lamp", "other"), known).verdict is Verdict.NOT_CHECKED


def test_one_word_is_one_finding_of_a_page():
    known = facts(word("lamp_st", WordNature.ABSENT, sign="v3.0 has it"))
    places = [Location("docs/page.md", line, 3) for line in (9, 4, 4)]
    elsewhere = Location("docs/other.md", 1)
    judged = [judge(name("lamp_st", location=at), known) for at in (*places, elsewhere)]
    found = findings_of(judged)
    assert [one.location for one in found] == [elsewhere, places[1]]
    assert [one.related for one in found] == [(), (places[0],)]
    links = findings_of(judge(link("lamp.c", location=at), FACTS) for at in places[:2])
    assert len(links) == 2


# Floating links


def test_a_floating_link_is_pinned_where_that_is_certain():
    for target in (LAMP, "drivers"):
        found = judge(link(target, revision=""), FACTS)
        assert (found.verdict, rule_of(found)) == (Verdict.RIGHT, "floating-link")
        assert found.replacement == f"{ADDRESS}/v3.7/source/{target}"
        assert found.replacement in found.finding.hint
        assert found.finding.severity is Severity.WARNING
    assert judge(link(revision="", in_note=True), FACTS).finding.severity is Severity.ERROR


def test_a_floating_line_is_pinned_only_by_its_symbol():
    for first in (12, 30):
        proved = judge(link(LAMP, first, named=("lamp_reset",), revision=""), FACTS)
        assert proved.replacement == f"{ADDRESS}/v3.7/source/{LAMP}#L{first}"
    # Where in the function the line was that somebody saw, the pin does not say.
    inside = judge(link(LAMP, 14, named=("lamp_reset",), revision=""), FACTS)
    assert (inside.verdict, inside.replacement) == (Verdict.RIGHT, "")
    moved = judge(link(LAMP, 38, named=("lamp_reset",), revision=""), FACTS)
    assert (moved.verdict, rule_of(moved)) == (Verdict.RIGHT, "floating-link")
    assert moved.replacement == f"{ADDRESS}/v3.7/source/{LAMP}#L12"
    for first, near in ((14, ()), (14, ("lamp_reset",)), (9999, ()), (20, ())):
        found = judge(link(LAMP, first, near=near, revision=""), FACTS)
        assert (found.verdict, rule_of(found)) == (Verdict.RIGHT, "floating-link")
        assert found.replacement == ""
    away = judge(link(LAMP, 50, named=("lamp_level",), revision=""), FACTS)
    assert away.replacement == ""


def test_a_floating_link_to_a_file_that_the_pin_does_not_have():
    known = facts(path("drivers/a.c", ABSENT, ("drivers/b/a.c",)))
    found = judge(link("drivers/a.c", revision=""), known)
    assert (found.verdict, rule_of(found)) == (Verdict.MOVED, "missing-file")
    assert found.replacement == f"{ADDRESS}/v3.7/source/drivers/b/a.c"
    assert [one.rule for one in findings_of([found])] == ["floating-link", "missing-file"]


def test_a_floating_link_needs_no_facts_to_be_found():
    mention = link(LAMP, 12, revision="")
    found = judge(mention, MentionFacts())
    assert (found.verdict, found.replacement) == (Verdict.NOT_CHECKED, "")
    assert found.finding == floating_finding(mention)
    assert found.finding.message == "the link has no fixed version: `latest` moves"
    assert found.finding.hint == f"write `{ADDRESS}/v3.7/source/{LAMP}#L12`, with the line in v3.7"
    assert findings_of([found]) == (found.finding,)
    assert floating_finding(link()) is None
    assert floating_finding(citation()) is None


def test_an_escaped_address_is_not_rewritten():
    mention = replace(link("lamp.c"), written=r"https://elixir.bootlin.com/lamp\_x.c")
    assert judge(mention, FACTS).replacement == ""


# What is not known


def test_what_a_lockfile_does_not_say_is_not_locked():
    mentions = [link("drivers/new.c"), citation("drivers/new.c"), name("new_name")]
    for mention in mentions:
        assert judge(mention, MentionFacts()).verdict is Verdict.NOT_CHECKED
        assert judge(mention, FACTS).verdict is Verdict.NOT_CHECKED
        locked = MentionFacts(FACTS, is_locked=True)
        found = judge(mention, locked)
        assert (found.verdict, found.finding) == (Verdict.NOT_LOCKED, None)
        asked = locked.merged(MentionFacts(asked=[PIN]))
        assert judge(mention, asked).verdict is Verdict.NOT_CHECKED


def test_another_tree_of_which_nothing_is_locked_had_no_source():
    locked = MentionFacts(FACTS, is_locked=True)
    assert judge(link(revision="v2.6.11"), locked).verdict is Verdict.NOT_CHECKED
    some = locked.merged(MentionFacts([word("lamp", version="v2.6.11")]))
    assert judge(link(revision="v2.6.11"), some).verdict is Verdict.NOT_LOCKED


def test_a_lockfile_keeps_what_judging_needs_and_no_more():
    mentions = [
        link(LAMP, 38, named=("lamp_reset",)),
        citation("kvm/x.c", 3),
        name("lamp", "lck", others=(OTHER,)),
    ]
    known = FACTS.merged(
        facts(word("lamp"), word("lck", WordNature.ABSENT, sign="v3.0 has it")),
        MentionFacts([word("lck", WordNature.ABSENT, version="v6.12"), word("other")]),
        facts(path("kvm/x.c", PathNature.ABSENT)),
    )
    kept = needed(mentions, known)
    assert [fact.path for fact in kept.paths] == [LAMP, "kvm", "kvm/x.c"]
    assert [fact.line for fact in kept.lines] == [38]
    assert [fact.name for fact in kept.places] == ["lamp_reset"]
    assert [(fact.word, fact.version) for fact in kept.words] == [
        ("lamp", "v3.7"),
        ("lck", "v3.7"),
        ("lck", "v6.12"),
    ]
    assert kept.is_locked
    assert [judge(one, kept) for one in mentions] == [judge(one, known) for one in mentions]
    assert list(needed(mentions, kept)) == list(kept)


def test_a_tracked_version_without_a_source_is_locked_as_unsaid():
    mention = name("lck", others=(OTHER,))
    known = facts(word("lck", WordNature.ABSENT, sign="v3.0 has it"))
    kept = needed([mention], known)
    assert judge(mention, known).verdict is Verdict.NOT_CHECKED
    assert judge(mention, kept).verdict is Verdict.NOT_CHECKED


def test_what_no_source_can_say_is_locked_as_that():
    mentions = [link("drivers/big.c", 3, named=("x",)), citation("big.c", 3), name("unread")]
    kept = needed(mentions, FACTS)
    assert len(kept) == 3
    for mention in mentions:
        assert judge(mention, kept).verdict is Verdict.NOT_CHECKED
    assert judge(citation("big.c", 4), kept).verdict is Verdict.NOT_LOCKED
    assert list(needed(mentions, kept)) == list(kept)
    # What no source was asked for is not kept.
    assert len(needed([citation("big.c", pin=OTHER)], FACTS)) == 0


# Definitions


def test_a_right_line_in_a_definition_is_a_reference_to_it():
    found = reference_of(link(LAMP, 14, step="s"), FACTS)
    assert found.symbol == Symbol(LAMP, "lamp_reset", SymbolKind.FUNCTION)
    assert (found.pin, found.occurrence, found.note, found.step) == (PIN, 1, "page.md", "s")
    assert (found.link, found.fixed) == (True, False)
    assert reference_of(citation("lamp.c", 12), FACTS).symbol.path == LAMP


def test_what_is_no_reference():
    for mention in (
        link(LAMP),
        link(LAMP, 8),
        link(LAMP, 9999),
        link(LAMP, 38, named=("lamp_reset",)),
        link(LAMP, 15),
        link(LAMP, 14, revision=""),
        link("lamp.c", 14),
        link(HEADER, 3),
        name("lamp"),
        page_of("lamp"),
    ):
        assert reference_of(mention, FACTS) is None


def test_a_link_to_another_version_is_a_fixed_reference():
    known = MentionFacts(
        [replace(path(LAMP, lines=60), version="v6.12")],
        [LineFact("linux", "v6.12", LAMP, 3, LineNature.CODE, "", "f", SymbolKind.FUNCTION, 2)],
    )
    found = reference_of(link(LAMP, 3, revision="v6.12"), known)
    assert (found.pin, found.fixed, found.occurrence) == (OTHER, True, 2)


# Facts


def test_facts_are_found_by_their_keys_and_the_last_counts():
    first, last = word("lamp", WordNature.TEXT), word("lamp")
    both = MentionFacts([first]).merged(MentionFacts([last], is_locked=True, asked=[OTHER]))
    assert both.word(PIN, "lamp") == last
    assert both.word(OTHER, "lamp") is None
    assert (len(both), both.is_locked, both.was_asked(OTHER), both.knows(PIN)) == (
        1,
        True,
        True,
        True,
    )
    assert list(MentionFacts(reversed(list(FACTS)))) == list(FACTS)
    assert FACTS.path(PIN, LAMP).key == (*TREE, LAMP)


# Hostile mentions


@pytest.mark.parametrize(
    "bad",
    ["", "/", "\0", "\udc80", "a" * 100_000, "a/" * 50_000, "../" * 9, "%2e%2e/x", "[" * 9999, "*"],
)
def test_strange_paths_names_and_texts_are_no_traceback(bad):
    mentions = [
        link(bad, 3, named=(bad,), near=(bad,)),
        link(bad, revision=bad),
        citation(bad, 3, named=(bad,)),
        name(bad),
        page_of(bad),
        replace(citation(LAMP, 38, named=("lamp_reset",)), written=bad),
        replace(link(LAMP, 38, named=("lamp_reset",)), written=bad),
        link(LAMP, 10**18, 5, named=("lamp_reset",) * 99),
    ]
    questions(mentions, FACTS)
    judgements = [judge(one, FACTS) for one in mentions]
    assert len(findings_of(judgements)) < 9
    assert not any(one.replacement for one in judgements[:-1])
    needed(mentions, FACTS)


def test_ten_thousand_links():
    mentions = [link(f"drivers/{number}.c", number + 1) for number in range(10_000)]
    assert len(questions(mentions)[PIN].paths) == 10_000
    known = facts(*(path(f"drivers/{number}.c", lines=3) for number in range(10_000)))
    found = findings_of(judge(one, known) for one in mentions)
    assert {one.rule for one in found} == {"missing-line"}
    assert len(found) == 9_997


@pytest.mark.parametrize(
    "made_up", ["arch/ARCH/kernel/lamp.c", "drivers/VENDOR/lamp.c", "drivers/lamp/x.c"]
)
def test_a_path_that_stands_for_others_is_not_wrong(made_up):
    known = FACTS.merged(
        MentionFacts([path("arch", PathNature.FOLDER), path(made_up, PathNature.ABSENT)])
    )
    assert judge(citation(made_up), known).verdict is Verdict.RIGHT
