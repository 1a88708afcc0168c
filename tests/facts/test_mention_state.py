"""Whether a lockfile has the facts that the mentions of a notebook ask for, and no others."""

from callpath.facts.lock import Lock, make_lock
from callpath.facts.mentions import MentionFacts, WordNature
from callpath.findings import Location
from callpath.lock_state import mention_state
from callpath.mentions.judging.judge import needed
from judged import FACTS, HEADER, LAMP, OTHER, citation, link, name, word

MENTIONS = [
    link(LAMP, 12, named=("lamp_reset",)),
    citation("lamp.c", 38, named=("lamp_reset",)),
    name("lamp", others=(OTHER,)),
    citation("unreadable.c", 3),
]


def locked(mentions=MENTIONS) -> Lock:
    known = FACTS.merged(MentionFacts([word("lamp"), word("lamp", version="v6.12")]))
    return make_lock([], [], mentions=needed(mentions, known))


def state(lock, mentions, complete=True):
    return mention_state(lock, "notes/notes.lock", mentions, complete=complete)


def test_a_lockfile_that_is_current_has_no_finding():
    assert state(locked(), MENTIONS) == ()


def test_what_is_not_locked_is_one_finding_of_each_page():
    more = [
        link(HEADER, location=Location("docs/b.md", 9, 1)),
        link("drivers/new.c", location=Location("docs/b.md", 5, 1)),
        citation("drivers/new.c", 12, location=Location("docs/b.md", 7, 2)),
        name("lamp_new", location=Location("docs/c.md", 2, 3)),
    ]
    found = state(locked(), [*MENTIONS, *more])
    assert [one.rule for one in found] == ["not-locked", "not-locked"]
    assert [one.location for one in found] == [more[1].location, more[3].location]
    assert found[0].message.endswith(" and 2 more are not locked at v3.7")
    assert found[1].message == "`lamp_new` is not locked at v3.7"
    assert found[0].hint == "run `callpath lock --source SPEC`"


def test_a_site_that_never_locked_mentions_is_only_asked_for_those_of_notes():
    assert state(Lock(), MENTIONS) == ()
    found = state(Lock(), [*MENTIONS, name("lamp", in_note=True)])
    assert [one.message for one in found] == ["`lamp` is not locked at v3.7"]


def test_what_nothing_mentions_is_stale():
    found = state(locked(), MENTIONS[:1])
    assert [one.rule for one in found] == ["stale-lock"]
    assert found[0].location == Location("notes/notes.lock")
    assert found[0].message == "nothing mentions `lamp.c` at v3.7; 3 more facts are stale"
    assert state(locked(), MENTIONS[:1], complete=False) == ()
    words = make_lock([], [], mentions=[word("lamp"), word("gone", WordNature.ABSENT)])
    assert state(words, [name("lamp")])[0].message == "nothing mentions `gone` at v3.7"


def test_a_changed_mention_is_not_stale_besides():
    found = state(locked(), [*MENTIONS[:3], citation("unreadable.c", 4)])
    assert [one.rule for one in found] == ["not-locked"]


def test_a_link_to_a_tree_that_no_source_had_is_no_finding():
    assert state(locked(), [*MENTIONS, link(LAMP, 3, revision="v2.6.11")]) == ()
