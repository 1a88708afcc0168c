"""What pages and notes mention: against a source, by the lockfile, with exceptions."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from callpath.checks import check_all, make_new_lock
from callpath.facts.lock import format_lock, make_lock
from callpath.findings import Finding
from callpath.notebook import read_notebook
from callpath.workspace import Workspace, open_workspace, write_lock
from kernel import CONFIG, FAN_NOTE, LAMP_NOTE, TREE, lock_site, sources, write_site, write_tree

AT = "https://elixir.bootlin.com/linux"
LAMP = "drivers/lamp/lamp.c"
PAGE = f"""\
# Lamps

A lamp is lit by [`lamp_init()`]({AT}/v3.7/source/{LAMP}#L27).
Its [level]({AT}/v3.7/source/{LAMP}#L99999) is in [no file]({AT}/v3.7/source/drivers/lamp/lmap.c).
"""
NOTE = f"""\
title: How a fan starts
description: |
  It is in [this file]({AT}/latest/source/drivers/fan/fan.c).
steps:
  - function: fan_start
    file: drivers/fan/fan.c
    commentary: |
      See [it]({AT}/v3.7/source/drivers/fan/fan.c#L999).
    errata:
      - said: It is in [another]({AT}/v3.7/source/drivers/fan/none.c)
        is: "It is in [none]({AT}/v3.7/source/drivers/fan/gone.c)"
"""
FOUND = [
    "notes/fan.yml:3:24 floating-link",
    "notes/fan.yml:8:16 missing-line",
    "notes/fan.yml:11:30 missing-file",
    "notes/guide.md:4:13 missing-line",
    "notes/guide.md:4:102 missing-file",
]


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    """A site with a note and a page that are wrong, not locked."""
    return write_site(tmp_path / "site", {"fan.yml": NOTE, "guide.md": PAGE, "lamp.yml": LAMP_NOTE})


def shown(found: Sequence[Finding]) -> list[str]:
    return [f"{each.location} {each.rule}" for each in found if each.rule != "not-locked"]


def check(site: Workspace, spec: str = "", *paths: str) -> Sequence[Finding]:
    given = sources(linux=spec) if spec else None
    return check_all(read_notebook(site), given, paths=paths).findings


def lock(site: Workspace, spec: str) -> None:
    write_lock(site, make_new_lock(read_notebook(site), sources(linux=spec)).text)


def test_notes_and_pages_are_judged_by_the_source(site: Workspace, tree: str) -> None:
    assert shown(check(site, tree)) == FOUND


def test_a_lockfile_says_the_same_without_a_source(site: Workspace, tree: str) -> None:
    lock(site, tree)
    assert shown(check(site)) == shown(check(site, tree)) == FOUND
    assert [one.rule for one in check(site)].count("not-locked") == 0
    assert make_new_lock(read_notebook(site), sources(linux=tree)).text == site.lockfile.read_text(
        encoding="utf-8"
    )


def test_what_is_new_on_a_locked_page_is_not_locked(site: Workspace, tree: str) -> None:
    lock(site, tree)
    page = site.notes_folder / "guide.md"
    page.write_text(PAGE + f"\nNew: [x]({AT}/v3.7/source/{LAMP}#L3).\n", encoding="utf-8")
    (finding,) = (one for one in check(site) if one.rule == "not-locked")
    assert str(finding.location) == "notes/guide.md:6:10"
    lock(site, tree)
    page.write_text("# Nothing\n", encoding="utf-8")
    stale = [one for one in check(site) if one.rule == "stale-lock"]
    assert [str(one.location) for one in stale] == ["notes/notes.lock:1:1"]
    assert "nothing mentions" in stale[0].message or "no note refers to" in stale[0].message


def test_a_lockfile_that_disagrees_is_a_finding(site: Workspace, tree: str) -> None:
    lock(site, tree)
    old = read_notebook(site).lock
    assert old is not None
    other = [replace(one, lines=7) if hasattr(one, "lines") else one for one in old.mentions]
    parts = (old.files, old.definitions, old.edges, old.tracks, old.edge_tracks)
    write_lock(site, format_lock(make_lock(*parts, other)))
    assert "lock-mismatch" in {one.rule for one in check(site, tree)}
    assert "lock-mismatch" not in {one.rule for one in check(site)}


def test_a_slip_in_a_reference_hides_what_follows_from_it(tmp_path: Path, tree: str) -> None:
    site = write_site(tmp_path / "lamps", {"fan.yml": FAN_NOTE})
    lock_site(site, linux=tree)
    note = site.notes_folder / "fan.yml"
    note.write_text(FAN_NOTE.replace("function: fan_start", "function: fan_strat"), "utf-8")
    assert [one.rule for one in check(site)] == ["not-locked"]


def test_a_version_without_a_source_keeps_its_facts(tree: str, tmp_path: Path) -> None:
    site = write_site(tmp_path / "pages", {"guide.md": PAGE})
    lock(site, tree)
    before = site.lockfile.read_text(encoding="utf-8")
    (site.notes_folder / "guide.md").write_text("Not a word.\n\n" + PAGE, encoding="utf-8")
    assert make_new_lock(read_notebook(site), sources(other=tree)).text == before


def test_only_the_pages_that_are_asked_for_are_read(site: Workspace) -> None:
    notebook = read_notebook(site)
    result = check_all(notebook, None, paths=["notes/guide.md"])
    assert {one.placed.location.file for one in result.judgements} == {"notes/guide.md"}
    assert result.counts.startswith("0 links, 0 citations, 0 names: checked; ")


# --- exceptions ---------------------------------------------------------------------------------


def test_a_comment_leaves_a_finding_out(site: Workspace, tree: str) -> None:
    page = site.notes_folder / "guide.md"
    above = "<!-- callpath: ignore missing-line missing-file -->\n"
    page.write_text(PAGE.replace("A lamp is", above + "A lamp is"), encoding="utf-8")
    assert shown(check(site, tree)) == FOUND[:3]


def test_an_exception_without_a_finding_is_needless(site: Workspace, tree: str) -> None:
    page = site.notes_folder / "guide.md"
    page.write_text("<!-- callpath: ignore-page missing-file -->\n# Lamps\n", encoding="utf-8")
    assert shown(check(site, tree)) == [*FOUND[:3], "notes/guide.md:1:1 needless-exception"]


def test_an_exception_for_what_nobody_could_judge_is_not_needless(site: Workspace) -> None:
    page = site.notes_folder / "guide.md"
    page.write_text(f"<!-- callpath: ignore-page missing-file missing-line -->\n{PAGE}", "utf-8")
    assert "needless-exception" not in {one.rule for one in check(site)}


def test_the_settings_leave_findings_out(tmp_path: Path, tree: str) -> None:
    ignore = "      ignore:\n        - {rule: missing-file, path: 'notes/g*'}\n"
    files = {"fan.yml": NOTE, "guide.md": PAGE, "lamp.yml": LAMP_NOTE}
    site = write_site(tmp_path / "site", files, CONFIG + ignore)
    assert shown(check(site, tree)) == FOUND[:4]
    write_site(tmp_path / "site", {"guide.md": "# Nothing\n"})
    needless = [one for one in check(site, tree) if one.rule == "needless-exception"]
    assert [one.location.file for one in needless] == ["mkdocs.yml"]
    assert "needless-exception" not in {one.rule for one in check(site, tree, "notes/fan.yml")}


def test_every_needless_entry_of_the_settings_is_told_where_it_is(
    tmp_path: Path, tree: str
) -> None:
    ignore = "      ignore:\n        - {rule: missing-file, path: 'notes/g*'}\n"
    ignore += "        - text: lamp_none\n        - text: lamp_never\n"
    site = write_site(tmp_path / "site", {"guide.md": PAGE}, CONFIG + ignore)
    lines = (site.root / "mkdocs.yml").read_text(encoding="utf-8").splitlines()
    needless = [one for one in check(site, tree) if one.rule == "needless-exception"]
    assert [lines[one.location.line - 1].strip() for one in needless] == [
        "- text: lamp_none",
        "- text: lamp_never",
    ]


def test_a_rule_weighs_what_the_site_says(tmp_path: Path, tree: str) -> None:
    weights = "      rules: {missing-file: off, missing-line: warning}\n"
    site = write_site(tmp_path / "site", {"guide.md": PAGE}, CONFIG + weights)
    assert [(one.rule, one.severity.value) for one in check(site, tree)] == [
        ("missing-line", "warning")
    ]


def test_a_tree_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", {"guide.md": PAGE})
    newer = {**TREE, "Makefile": TREE["Makefile"].replace(b"= 7", b"= 8")}
    with pytest.raises(Exception, match=r"is v3\.8, but"):
        check(open_workspace(site.config), write_tree(tmp_path / "newer", newer))
