"""Tracked versions: what `lock` finds in them, what `check` says, and that nothing is lost."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kernel import write_files, write_tree
from two_versions import (
    CONFIG,
    NEW,
    OLD,
    contents,
    invoke,
    makefile,
    write_notebook,
    write_versions,
)

LAMP, SET = "drivers/lamp/lamp.c", "drivers/lamp/set.c"
START = "int lamp_start(void)\n{\n\treturn lamp_probe();\n}\n"
PROBE = "static int lamp_probe(void)\n{\n\treturn lamp_level;\n}\n"
BODY = "\n{\n\tint now = level * LAMP_STEPS;\n\tlamp_write(now, lamp_clock());\n\treturn now;\n}\n"
DIM = f"int lamp_dim(int level){BODY}"
GLOW = f"int lamp_glow(int level){BODY}"
OLD_TREE = {LAMP: "int lamp_level;\n" + PROBE + START + DIM}
NEW_TREE = {
    LAMP: "/* Later. */\nint lamp_level;\n" + START.replace("probe()", "check()") + GLOW,
    "drivers/lamp/check.c": "int lamp_check(void) { return 0; }\n",
}
NOTE = """\
title: Lamp
counterparts: [later.yml]
steps:
  - function: lamp_start
    file: drivers/lamp/lamp.c
    commentary: Starts.
    remarks:
      - version: v3.8
        remark: |
          Asks [another](src:drivers/lamp/check.c#lamp_check).
    steps:
      - function: lamp_probe
        file: drivers/lamp/lamp.c
        steps:
          - variable: lamp_level
            file: drivers/lamp/lamp.c
  - function: lamp_dim
    file: drivers/lamp/lamp.c
"""
LATER = """\
title: Later
pin: v3.8
steps:
  - function: lamp_start
    file: drivers/lamp/lamp.c
    steps:
      - function: lamp_check
        file: drivers/lamp/check.c
  - function: lamp_glow
    file: drivers/lamp/lamp.c
"""
TRACKING = CONFIG + f"      versions: [{OLD}, {NEW}]\n"
NOTES = {"lamp.yml": NOTE, "later.yml": LATER}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("linux")
    return f"git:{write_versions(folder, v3_7=OLD_TREE, v3_8=NEW_TREE)}"


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory, source: str) -> Path:
    site = write_notebook(tmp_path_factory.mktemp("locked"), NOTES, TRACKING)
    status, _, messages = invoke(site, "lock", "--source", source)
    assert status == 0, messages
    return site


@pytest.fixture
def site(tmp_path: Path, locked: Path) -> Path:
    return Path(shutil.copytree(locked, tmp_path / "site"))


def facts(site: Path) -> list[dict[str, Any]]:
    lines = (site / "notes/notes.lock").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


def tracks(site: Path) -> dict[tuple[str, str], Mapping[str, Any]]:
    """What became of definitions, by name and tracked version."""
    return {(fact["track"], fact["at"]): fact for fact in facts(site) if "track" in fact}


def test_one_lockfile_holds_what_became_of_everything(site: Path) -> None:
    found = tracks(site)
    said = {key: fact["status"] for key, fact in found.items()}
    assert said == {
        ("lamp_start", NEW): "changed",
        ("lamp_probe", NEW): "gone",
        ("lamp_level", NEW): "moved",
        ("lamp_dim", NEW): "renamed",
        ("lamp_start", OLD): "changed",
        ("lamp_check", OLD): "gone",
        ("lamp_glow", OLD): "renamed",
    }
    assert found["lamp_dim", NEW]["to"][1] == "lamp_glow"
    defined = {
        (fact["name"], fact["version"]): fact["line"] for fact in facts(site) if "name" in fact
    }
    assert defined["lamp_level", NEW] == 2
    assert defined["lamp_dim", OLD] > defined["lamp_start", OLD]
    edges = {
        (fact["caller"], fact["callee"], fact["at"]): fact["change"]
        for fact in facts(site)
        if "change" in fact
    }
    assert edges == {
        ("lamp_start", "lamp_probe", NEW): "gone",
        ("lamp_probe", "lamp_level", NEW): "gone",
        ("lamp_start", "lamp_check", OLD): "gone",
    }


def test_a_tracked_notebook_is_clean_and_locks_to_the_same_bytes(site: Path, source: str) -> None:
    before = contents(site)
    assert invoke(site, "check")[:2] == (0, "")
    assert invoke(site, "check", "--source", source)[:2] == (0, "")
    assert invoke(site, "lock", "--source", source)[0] == 0
    assert contents(site) == before


def test_a_version_that_is_not_locked_yet_is_told_once(site: Path) -> None:
    config = CONFIG + f"      versions: [{OLD}, {NEW}, v3.9]\n"
    write_files(site, {"mkdocs.yml": config})
    status, told, _ = invoke(site, "check")
    assert status == 1
    assert told.count("[not-locked]") == 1
    assert "what became of `lamp_start`" in told
    assert "in the tracked v3.9" in told
    assert "with a source that has v3.9" in told


def test_a_version_that_is_tracked_no_more_is_one_finding(site: Path) -> None:
    write_files(site, {"mkdocs.yml": CONFIG})
    _, told, _ = invoke(site, "check")
    assert "version `v3.8` is not tracked by this site" in told  # a remark speaks of it
    assert told.endswith("\n1 error\n")
    remark = NOTE[
        NOTE.index("    remarks:") : NOTE.index("    steps:\n      - function: lamp_probe")
    ]
    write_files(site, {"notes/lamp.yml": NOTE.replace(remark, "")})
    _, told, _ = invoke(site, "check")
    assert (
        "nothing asks what became of `lamp_dim` between v3.7 and v3.8; 9 more facts are stale"
        in told
    )
    assert told.endswith("\n1 error\n")


def test_a_source_without_a_tracked_version_keeps_what_is_known(site: Path) -> None:
    before = contents(site)
    old = write_tree(site.parent / "old", {"Makefile": makefile(OLD), **OLD_TREE})
    status, told, _ = invoke(site, "lock", "--source", f"{OLD}={old}")
    assert status == 0
    assert "the tracked version v3.8 could not be asked" in told
    assert "add `--source v3.8=SPEC`" in told
    assert contents(site) == before


def test_what_changed_at_the_pin_is_not_kept(site: Path) -> None:
    changed = OLD_TREE[LAMP].replace("level * LAMP_STEPS", "level")
    old = write_tree(site.parent / "old", {"Makefile": makefile(OLD), LAMP: changed})
    invoke(site, "lock", "--source", f"{OLD}={old}")
    assert ("lamp_dim", NEW) not in tracks(site)
    assert ("lamp_start", NEW) in tracks(site)
    status, told, _ = invoke(site, "check")
    assert status == 1
    assert "what became of `lamp_dim` in the tracked v3.8 [not-locked]" in told


def test_each_version_may_have_a_source_of_its_own(site: Path, source: str) -> None:
    trees = {
        version: write_tree(site.parent / version, {"Makefile": makefile(version), **files})
        for version, files in ((OLD, OLD_TREE), (NEW, NEW_TREE))
    }
    given = [word for version, spec in trees.items() for word in ("--source", f"{version}={spec}")]
    before = contents(site)
    assert invoke(site, "check", *given)[:2] == (0, "")
    assert invoke(site, "lock", *given)[0] == 0
    assert contents(site) == before
    twice = ("--source", f"{OLD}={source}", "--source", f"{OLD}={source}")
    status, _, messages = invoke(site, "check", *twice)
    assert status == 2
    assert f"there are two sources for `{OLD}`" in messages


def test_a_wrong_fact_of_a_tracked_version_is_found(site: Path, source: str) -> None:
    lockfile = site / "notes/notes.lock"
    text = lockfile.read_text("utf-8")
    lines = []
    for line in text.splitlines():
        fact = json.loads(line)
        if fact.get("track") == "lamp_level":
            fact["status"] = "same"
        lines.append(json.dumps(fact, ensure_ascii=False))
    lockfile.write_text("\n".join(lines) + "\n", "utf-8")
    status, told, _ = invoke(site, "check", "--source", source)
    assert status == 1
    assert told.count("[lock-mismatch]") == 1
    assert (
        "notes/lamp.yml:15:23: error: the lockfile does not agree with v3.8 on what became of "
        "`lamp_level`: same there, moved here" in told
    )


@pytest.mark.parametrize(
    "damage",
    [
        {"status": "gone"},
        {"status": "nowhere"},
        {"to": ["a.c", "x", "function", 0]},
        {"to": ["a.c", "x"]},
        {"from": None},
    ],
)
def test_a_damaged_track_is_no_fact(site: Path, damage: Mapping[str, Any]) -> None:
    lockfile = site / "notes/notes.lock"
    lines = lockfile.read_text("utf-8").splitlines()
    number = next(n for n, line in enumerate(lines) if '"track": "lamp_level"' in line)
    lines[number] = json.dumps(json.loads(lines[number]) | dict(damage))
    lockfile.write_text("\n".join(lines) + "\n", "utf-8")
    status, _, messages = invoke(site, "check")
    assert status == 2
    assert f"`notes/notes.lock:{number + 1}:1` holds no fact that can be read" in messages


def test_a_remark_speaks_of_a_tracked_version(site: Path) -> None:
    write_files(site / "notes", {"lamp.yml": NOTE.replace("version: v3.8", "version: v3.81")})
    status, told, _ = invoke(site, "check")
    assert status == 1
    assert (
        "notes/lamp.yml:8:18: error: version `v3.81` is not tracked by this site [invalid-value]"
        in told
    )
    assert "did you mean `v3.8`?" in told


def test_the_links_of_a_remark_are_read_against_its_version(site: Path, source: str) -> None:
    wrong = NOTE.replace("check.c#lamp_check", "lamp.c#lamp_probe")
    write_files(site / "notes", {"lamp.yml": wrong})
    status, told, _ = invoke(site, "check", "--source", source)
    assert status == 1
    assert "notes/lamp.yml:10:26: error:" in told
    assert "`lamp_probe`" in told


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nowhere.yml", "`nowhere.yml` is no counterpart: there is no such note"),
        ("latr.yml", "`latr.yml` is no counterpart: there is no such note"),
        ("https://a.example", "`https://a.example` is no counterpart: there is no such note"),
        ("symbols.md", "`symbols.md` is no counterpart: there is no such note"),
        ("lamp.yml", "`lamp.yml` is no counterpart: it is the note itself"),
        ("same.yml", "`same.yml` is no counterpart: it is about v3.7 too"),
    ],
)
def test_a_counterpart_is_a_note_of_another_version(site: Path, name: str, why: str) -> None:
    notes = {"lamp.yml": NOTE.replace("[later.yml]", f"[{name}]"), "same.yml": NOTE}
    write_files(site / "notes", notes)
    _, told, _ = invoke(site, "check")
    assert f"notes/lamp.yml:2:16: error: {why}" in told


@pytest.mark.parametrize(
    ("versions", "why"),
    [("[v3.7, v3.7]", "names v3.7 twice"), ("[latest]", "latest"), ("v3.7", "list")],
)
def test_versions_of_a_site_are_tags_each_once(site: Path, versions: str, why: str) -> None:
    write_files(site, {"mkdocs.yml": CONFIG + f"      versions: {versions}\n"})
    status, told, messages = invoke(site, "check")
    assert status in (1, 2)
    assert why in told + messages


@pytest.mark.parametrize(
    ("project", "hint"),
    [("linxu", "did you mean `linux`?"), ("u-boot", "the notes are about linux")],
)
def test_a_tracked_project_is_one_that_notes_are_about(site: Path, project: str, hint: str) -> None:
    versions = f"      versions: [v3.8, {{project: {project}, version: v3.8}}]\n"
    write_files(site, {"mkdocs.yml": CONFIG + versions})
    status, told, _ = invoke(site, "check")
    assert status == 1
    assert f"names v3.8 of `{project}`, but no note is pinned to that project" in told
    assert hint in told


PLAIN = """\
title: Lamp
steps:
  - variable: lamp_level
    file: drivers/lamp/lamp.c
    remarks:
      - version: v3.8
        remark: Asks [another](src:drivers/lamp/check.c#lamp_check).
"""


def test_repinning_there_and_back_gives_the_same_bytes(tmp_path: Path, source: str) -> None:
    """The notes, the site and the lockfile, with what became of everything."""
    site = write_notebook(tmp_path / "site", {"lamp.yml": PLAIN}, TRACKING)
    assert invoke(site, "lock", "--source", source)[0] == 0
    before = contents(site)
    assert invoke(site, "repin", NEW, "--source", source)[0] == 0
    assert set(tracks(site)) == {("lamp_level", OLD)}
    assert b"version: v3.8\n        remark: Asks" in contents(site)["notes/lamp.yml"]
    assert invoke(site, "check")[:2] == (0, "")
    assert invoke(site, "repin", OLD, "--source", source)[0] == 0
    assert contents(site) == before


def test_pages_for_other_generators_have_the_versions_too(site: Path) -> None:
    assert invoke(site, "pages", "--out", "out")[0] == 0
    matrix = (site / "out/docs/versions.md").read_text("utf-8")
    assert 'href="versions/lamp/v3.8.md"' in matrix
    compared = (site / "out/docs/versions/lamp/v3.8.md").read_text("utf-8")
    assert 'href="../../source/linux/drivers/lamp/check.c/lamp_check.md"' in compared
    assert 'href="../../later.md#lamp_start"' in compared
    note = (site / "out/docs/lamp.md").read_text("utf-8")
    assert 'href="versions/lamp/v3.8.md"' in note
    assert 'href="source/linux/drivers/lamp/check.c/lamp_check.md"' in note


def test_a_cache_is_enough_to_check_a_notebook_that_tracks_versions(
    site: Path, source: str
) -> None:
    """It cannot be searched for where things went, so of other versions it tells nothing."""
    remote = Path(source.removeprefix("git:")).as_uri()
    assert invoke(site, "fetch", "--remote", remote)[0] == 0
    assert invoke(site, "check", "--source", "cache")[:2] == (0, "")
    before = contents(site)
    assert invoke(site, "lock", "--source", "cache")[0] == 0
    assert contents(site) == before


def test_what_was_read_anew_is_not_replaced_by_what_was_known(site: Path) -> None:
    changed = {LAMP: "/* New. */\n" + OLD_TREE[LAMP]}
    old = write_tree(site.parent / "old", {"Makefile": makefile(OLD), **changed})
    invoke(site, "lock", "--source", f"{OLD}={old}")
    lines = {fact["line"] for fact in facts(site) if fact.get("name") == "lamp_dim"}
    assert lines == {OLD_TREE[LAMP].splitlines().index(DIM.splitlines()[0]) + 2}
    files = [(fact["file"], fact["version"]) for fact in facts(site) if "file" in fact]
    assert len(files) == len(set(files))


def test_one_tree_of_another_project_is_one_version(tmp_path: Path) -> None:
    """A kernel says which version it is; of other code nobody can tell."""
    tree = write_tree(tmp_path / "lamps", {LAMP: DIM})
    pins = "{project: lamps, version: v1}"
    config = CONFIG.replace(f"pin: {OLD}", f"pin: {pins}\n      versions: [v1, v2]")
    note = PLAIN[: PLAIN.index("    remarks")].replace("variable: lamp_level", "function: lamp_dim")
    site = write_notebook(tmp_path / "site", {"lamp.yml": note}, config)
    _, told, _ = invoke(site, "lock", "--source", tree)
    assert "is one tree, and cannot be v1 and v2" in told
    assert tracks(site) == {}


def test_the_version_of_a_remark_need_not_be_at_hand(tmp_path: Path, source: str) -> None:
    site = write_notebook(tmp_path / "site", {"lamp.yml": PLAIN}, TRACKING)
    assert invoke(site, "lock", "--source", source)[0] == 0
    before = contents(site)
    old = write_tree(tmp_path / "old", {"Makefile": makefile(OLD), **OLD_TREE})
    for words in (("check", "--source", old), ("lock", "--source", f"{OLD}={old}")):
        status, told, messages = invoke(site, *words)
        assert status == 0, messages
        assert told.count("the tracked version v3.8 could not be asked") == 1
    assert contents(site) == before


def test_a_source_for_nothing_is_refused(site: Path, source: str) -> None:
    status, _, messages = invoke(site, "lock", "--source", f"v3.77={source}")
    assert status == 2
    assert "`v3.77` is neither a version nor a project of the notebook" in messages
    assert "did you mean `v3.7`?" in messages


def test_a_track_without_its_definition_is_not_locked(site: Path) -> None:
    lockfile = site / "notes/notes.lock"
    lines = lockfile.read_text("utf-8").splitlines(keepends=True)
    lost = [
        line
        for line in lines
        if '"name": "lamp_level"' not in line or f'"version": "{NEW}"' not in line
    ]
    assert len(lost) == len(lines) - 1
    lockfile.write_text("".join(lost), "utf-8")
    status, told, _ = invoke(site, "check")
    assert status == 1
    assert "what became of `lamp_level` in the tracked v3.8 [not-locked]" in told


def test_what_a_remote_lacks_of_other_versions_is_told_and_not_fatal(tmp_path: Path) -> None:
    both = write_versions(tmp_path / "both", v3_7=OLD_TREE, v3_8=NEW_TREE)
    site = write_notebook(tmp_path / "site", {"lamp.yml": PLAIN}, TRACKING)
    assert invoke(site, "lock", "--source", f"git:{both}")[0] == 0
    old = write_versions(tmp_path / "old", v3_7=OLD_TREE)
    status, _, messages = invoke(site, "fetch", "--remote", old.as_uri())
    assert status == 0, messages
    assert "nothing of the tracked version v3.8 was fetched" in messages
    assert (site / f".cache/callpath/source/linux/{OLD}/{LAMP}").is_file()
    assert invoke(site, "check", "--source", "cache")[0] == 0


def test_another_kind_under_the_same_name_is_told_as_such(tmp_path: Path) -> None:
    macro = "#define lamp_dim(level) ((level) * LAMP_STEPS)\n"
    repository = write_versions(tmp_path / "l", v3_7={LAMP: DIM}, v3_8={LAMP: macro})
    note = PLAIN[: PLAIN.index("    remarks")].replace("variable: lamp_level", "function: lamp_dim")
    site = write_notebook(tmp_path / "site", {"lamp.yml": note}, TRACKING)
    invoke(site, "lock", "--source", f"git:{repository}")
    assert invoke(site, "pages", "--out", "out")[0] == 0
    value = json.loads((site / "out/docs/notebook.json").read_text("utf-8"))
    ((version,),) = ([step["versions"] for step in value["notes"][0]["steps"]],)
    assert [version[0][key] for key in ("status", "symbol", "kind")] == [
        "renamed",
        "lamp_dim",
        "macro",
    ]


def test_a_repin_tells_of_a_counterpart_that_is_none_then(site: Path, source: str) -> None:
    write_files(site / "notes", {"lamp.yml": NOTE.replace("lamp_dim", "lamp_start")})
    _, _, messages = invoke(site, "repin", NEW, "lamp", "--source", source, "--diff")
    assert "`later.yml` is no counterpart: it is about v3.8 too" in messages


def test_a_note_may_not_stand_where_a_comparison_does(site: Path) -> None:
    write_files(site / "notes", {"versions/lamp/v3.8.yml": PLAIN})
    _, told, _ = invoke(site, "check")
    assert "[page-collision]" in told


@pytest.mark.parametrize("name", ["lamp_dim", "lamp_probe", "lamp_start"])
def test_a_misspelt_step_is_one_finding_in_all_versions(site: Path, source: str, name: str) -> None:
    wrong = NOTE.replace(f"function: {name}", f"function: {name[:-2]}{name[-1]}{name[-2]}")
    write_files(site, {"notes/lamp.yml": wrong})
    _, told, _ = invoke(site, "check", "--source", source)
    assert told.endswith("\n1 error\n")
    assert "[undefined-symbol]" in told
    _, told, _ = invoke(site, "check")
    assert told.endswith("\n1 error\n")
    assert f"did you mean `{name}`?" in told
