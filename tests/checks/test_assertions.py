"""Edges that are asserted or half proved: locked, checked with and without a source, hinted at."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from callpath.checks import check_notebook
from callpath.cli import main
from callpath.facts.lock import format_lock
from callpath.facts.proof import EdgeStatus
from callpath.notebook import Notebook, read_notebook
from callpath.workspace import Workspace
from kernel import MAKEFILE, lock_site, said, sources, write_files, write_site, write_tree

KETTLE = """\
struct ops { int (*boil)(void); };
int kettle_boil(void) { return 0; }
int kettle_whistle(void) { return 0; }
int kettle_start(struct ops *ops)
{
	return ops->boil() + kettle_whistle();
}
int kettle_stop(void)
{
	return 0;
}
"""
NOTE = """\
title: Tea
steps:
  - function: {caller}
    file: kettle.c
    steps:
      - function: {callee}
        file: kettle.c
"""
VOUCHED = "        asserted: the table is filled while the machine starts\n"
HALF = NOTE.format(caller="kettle_start", callee="kettle_boil") + "        via: ops->boil\n"
UNPROVED = NOTE.format(caller="kettle_stop", callee="kettle_whistle")
PROVED = NOTE.format(caller="kettle_start", callee="kettle_whistle")
HERE = "notes/tea.yml:6:19"


@pytest.fixture
def spec(tmp_path: Path) -> str:
    return write_tree(tmp_path / "kitchen", {"Makefile": MAKEFILE, "kettle.c": KETTLE})


def locked(tmp_path: Path, spec: str, note: str) -> tuple[Workspace, Notebook]:
    site = write_site(tmp_path / "site", {"tea.yml": note})
    return site, lock_site(site, linux=spec)


def rewritten(site: Workspace, note: str) -> Notebook:
    write_files(site.notes_folder, {"tea.yml": note})
    return read_notebook(site)


@pytest.mark.parametrize("note", [HALF + VOUCHED, UNPROVED + VOUCHED])
def test_an_asserted_edge_is_locked_once_and_stays_clean(
    tmp_path: Path, spec: str, note: str
) -> None:
    site, book = locked(tmp_path, spec, note)
    assert book.lock is not None
    assert [edge.verdict.status for edge in book.lock.edges] == [EdgeStatus.ASSERTED]
    assert check_notebook(book) == check_notebook(book, sources(linux=spec)) == ()
    text = site.lockfile.read_text(encoding="utf-8")
    assert format_lock(book.lock) == text
    assert "while the machine starts" not in text


def test_another_reason_for_an_assertion_is_no_difference(tmp_path: Path, spec: str) -> None:
    site, _ = locked(tmp_path, spec, UNPROVED + VOUCHED)
    book = rewritten(site, UNPROVED + "        asserted: a macro pastes the name\n")
    assert check_notebook(book, sources(linux=spec)) == ()


def test_a_half_proved_edge_is_one_finding_with_a_source_and_without(
    tmp_path: Path, spec: str
) -> None:
    _, book = locked(tmp_path, spec, HALF)
    assert book.lock is not None
    (edge,) = book.lock.edges
    assert edge.verdict.status is EdgeStatus.HALF
    assert [(site.path, site.line) for site in edge.verdict.sites] == [("kettle.c", 6)]
    (alone,) = check_notebook(book)
    assert said(alone) == (
        f"{HERE} half-proved-edge: `kettle_start` → `kettle_boil` was only half proved when it was "
        "locked\n  `callpath check --source SPEC` says which half is missing; if it is true all "
        "the same, say why: `asserted: REASON`"
    )
    (asked,) = check_notebook(book, sources(linux=spec))
    assert (asked.rule, str(asked.location)) == ("half-proved-edge", HERE)
    assert asked.message == "only one half of `kettle_start` → `kettle_boil` is found"
    assert "`asserted: REASON`" in asked.hint


def test_what_became_whole_in_the_source_is_another_finding(tmp_path: Path, spec: str) -> None:
    _, book = locked(tmp_path, spec, HALF)
    whole = KETTLE + "static struct ops iron = { .boil = kettle_boil };\n"
    write_files(Path(spec.removeprefix("tree:")), {"kettle.c": whole})
    (found,) = check_notebook(book, sources(linux=spec))
    assert found.rule == "lock-mismatch"
    assert "half at kettle.c:6 there, pointer at kettle.c:6, kettle.c:12 here" in found.message


@pytest.mark.parametrize(
    ("before", "after", "rule", "message"),
    [
        (HALF, HALF + VOUCHED, "not-locked", "locked as half proved, but the note asserts it"),
        (
            UNPROVED + VOUCHED,
            UNPROVED,
            "not-locked",
            "is locked as asserted, but the note does not assert it",
        ),
        (
            PROVED,
            PROVED + VOUCHED,
            "needless-assertion",
            "is asserted, but the lockfile has a proof of it",
        ),
    ],
)
def test_a_note_and_a_lockfile_of_two_minds_are_a_finding(
    tmp_path: Path, spec: str, before: str, after: str, rule: str, message: str
) -> None:
    site, _ = locked(tmp_path, spec, before)
    book = rewritten(site, after)
    (found,) = check_notebook(book)
    assert (found.rule, str(found.location)) == (rule, HERE)
    assert found.message.endswith(message)
    assert len(check_notebook(book, sources(linux=spec))) == 1


def test_where_nothing_true_is_near_the_hint_is_to_vouch(tmp_path: Path, spec: str) -> None:
    note = NOTE.format(caller="kettle_whistle", callee="kettle_stop")
    _, book = locked(tmp_path, spec, note)
    (found,) = check_notebook(book, sources(linux=spec))
    assert found.rule == "unproved-edge"
    assert found.hint == "if it is true all the same, say why: `asserted: REASON`"


@pytest.mark.parametrize("rule", ["unproved-edge", "half-proved-edge"])
def test_the_rules_name_the_way_out(rule: str) -> None:
    assert "`asserted`" in CliRunner().invoke(main, ["rule", rule]).stdout
