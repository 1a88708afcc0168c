"""The use cases: check, lock, graph, on a site on disk."""

from pathlib import Path
from typing import Any

import pytest

from callpath import rules
from callpath.api import OpenNotebook
from callpath.checks import (
    check_notebook,
    make_new_lock,
    only_at,
)
from callpath.findings import (
    Location,
    LockfileError,
    SettingsError,
    SourceError,
    UsageError,
)
from callpath.mentions.judging.judge import judge_all
from callpath.model import Pin
from callpath.notebook import Notebook, find_note, read_notebook
from callpath.sources.base import SourceSpec
from callpath.sources.spec import parse_source_arguments
from callpath.workspace import Workspace, is_written, links_of, write_lock
from kernel import (
    CONFIG,
    FAN_NOTE,
    NOTES,
    PIN,
    TREE,
    lock_site,
    numbered,
    sources,
    write_site,
    write_tree,
)

LAMP_C = "drivers/lamp/lamp.c"
QEMU = FAN_NOTE.replace("title:", "pin: {project: qemu, version: v8.2.0}\ntitle:", 1)


# --- opening ----------------------------------------------------------------------------------


def test_a_notebook_is_read_from_its_folder(workspace: Workspace) -> None:
    notebook = read_notebook(workspace)
    assert list(notebook.notes) == ["fan.yml", "lamp.yml"]
    assert notebook.prefix == "notes/"
    assert notebook.lockfile == "notes/notes.lock"
    assert notebook.lock is not None
    assert notebook.findings == ()


def test_links_may_lead_to_any_file_of_the_folder(tmp_path: Path) -> None:
    notes = {
        "lamp.yml": "title: t\nsteps:\n  - function: f\n    file: a.c\n"
        "    commentary: '[a](pictures/a.svg) [b](pictures/b.svg)'\n",
        "pictures/a.svg": "<svg/>",
    }
    (found,) = read_notebook(write_site(tmp_path, notes)).findings
    assert found.message == "there is no `pictures/b.svg` in the notebook"


def test_a_site_without_pin_is_told_to_name_one(tmp_path: Path) -> None:
    workspace = write_site(tmp_path, NOTES, "site_name: x\ndocs_dir: notes\nplugins: [callpath]\n")
    with pytest.raises(SettingsError) as caught:
        read_notebook(workspace)
    assert caught.value.message == "the site has no `pin`"
    assert "`pin: v3.7`" in caught.value.hint


def test_a_site_without_notes_folder_is_told_so(tmp_path: Path) -> None:
    workspace = write_site(tmp_path, {}, CONFIG.replace("docs_dir: notes", "docs_dir: nowhere"))
    with pytest.raises(SettingsError, match="there is no folder `nowhere`"):
        read_notebook(workspace)


def test_a_damaged_lockfile_stops_everything(workspace: Workspace) -> None:
    workspace.lockfile.write_text("<<<<<<< HEAD\n", encoding="utf-8")
    with pytest.raises(LockfileError, match=r"`notes/notes\.lock` is not a Callpath lockfile"):
        read_notebook(workspace)


def test_the_links_of_a_site(tmp_path: Path) -> None:
    config = CONFIG + "      links: {provider: github, base: https://github.com/a/b}\n"
    links = links_of(write_site(tmp_path, NOTES, config))
    assert links.file(PIN, "a.c") == "https://github.com/a/b/blob/v3.7/a.c"


# --- sources -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "specs"),
    [
        ([], {}),
        (["tree:../linux"], {"linux": "tree:../linux"}),
        (["tree:../a=b"], {"linux": "tree:../a=b"}),
        (
            ["tree:../linux", "qemu=git:../qemu@v8"],
            {"linux": "tree:../linux", "qemu": "git:../qemu@v8"},
        ),
        (["linux=tree:x"], {"linux": "tree:x"}),
    ],
)
def test_sources_are_named_by_project(given: list[str], specs: dict[str, str]) -> None:
    found = parse_source_arguments(given, PIN).by_project
    assert {name: str(spec) for name, spec in found.items()} == specs


def test_what_is_no_source_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="`nonsense` is not a source"):
        parse_source_arguments(["linux=nonsense"], PIN)


def test_a_project_has_one_source() -> None:
    with pytest.raises(UsageError) as caught:
        parse_source_arguments(["tree:a", "linux=tree:b"], PIN)
    assert caught.value.message == "there are two sources for `linux`"


# --- checking ----------------------------------------------------------------------------------


def test_a_locked_notebook_is_clean(workspace: Workspace, tree: str) -> None:
    notebook = read_notebook(workspace)
    assert check_notebook(notebook) == ()
    assert check_notebook(notebook, sources(linux=tree)) == ()
    assert all(place.proved for places in notebook.index.places.values() for place in places)


def test_mentions_are_judged_once_where_the_lockfile_says_what_the_source_says(
    workspace: Workspace, tree: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = []

    def judging(*given: Any) -> Any:
        judged.append(given)
        return judge_all(*given)

    monkeypatch.setattr("callpath.mentions.judging.judge.judge_all", judging)
    assert read_notebook(workspace).mentions
    for given in (None, sources(linux=tree)):
        judged.clear()
        assert check_notebook(read_notebook(workspace), given) == ()
        assert len(judged) == 1
    lines = workspace.lockfile.read_text(encoding="utf-8").splitlines(keepends=True)
    left = [line for line in lines if not line.startswith('{"word"')]
    assert left != lines
    workspace.lockfile.write_text("".join(left), encoding="utf-8")
    judged.clear()
    found = check_notebook(read_notebook(workspace), sources(linux=tree))
    assert {each.rule for each in found} == {"not-locked"}
    assert len(judged) == 2


def test_a_check_tells_all_that_is_wrong_in_order(workspace: Workspace, tree: str) -> None:
    (workspace.notes_folder / "bad.yml").write_text("steps: [\n", encoding="utf-8")
    (workspace.notes_folder / "new.yml").write_text(
        "title: t\nsteps:\n  - function: lamp_rest\n    file: drivers/lamp/lamp.c\n"
        "    commentary: '[x](none.md)'\n",
        encoding="utf-8",
    )
    found = check_notebook(read_notebook(workspace), sources(linux=tree))
    assert [(each.location.file, each.rule) for each in found] == [
        ("notes/bad.yml", "invalid-yaml"),
        ("notes/new.yml", "undefined-symbol"),
        ("notes/new.yml", "broken-link"),
    ]


def test_an_edited_tree_disagrees_with_the_lockfile(workspace: Workspace, tree: str) -> None:
    file = Path(tree.removeprefix("tree:")) / LAMP_C
    file.write_text("\n\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    found = check_notebook(read_notebook(workspace), sources(linux=tree))
    moved = [each for each in found if each.rule == "lock-mismatch"]
    assert {str(each.location) for each in moved} >= {
        "notes/lamp.yml:5:15",
        f"notes/index.md:{numbered(NOTES, 'index.md', 'src:')}",
    }
    assert any("line 27 there, 29 here" in each.message for each in moved)
    assert all("callpath lock --source SPEC" in each.hint for each in moved)


def test_every_project_needs_a_source(tmp_path: Path, tree: str) -> None:
    workspace = write_site(tmp_path / "two", {"fan.yml": FAN_NOTE, "qemu.yml": QEMU})
    with pytest.raises(UsageError, match=r"there is no source for `qemu` v8\.2\.0"):
        check_notebook(read_notebook(workspace), sources(linux=tree))


def test_a_source_of_another_version_is_refused(tmp_path: Path, tree: str) -> None:
    workspace = write_site(tmp_path / "other", NOTES, CONFIG.replace("v3.7", "v3.8"))
    with pytest.raises(SourceError, match=r"is v3\.7, but the notes are pinned to v3\.8"):
        check_notebook(read_notebook(workspace), sources(linux=tree))


@pytest.mark.parametrize(
    ("paths", "files"),
    [
        ([], ["notes/a.yml", "notes/kvm/b.yml", "notes/kvm2/c.yml"]),
        (["."], ["notes/a.yml", "notes/kvm/b.yml", "notes/kvm2/c.yml"]),
        (["notes"], ["notes/a.yml", "notes/kvm/b.yml", "notes/kvm2/c.yml"]),
        (["notes/kvm"], ["notes/kvm/b.yml"]),
        (["notes/kvm/"], ["notes/kvm/b.yml"]),
        (["notes/a.yml", "notes/kvm2"], ["notes/a.yml", "notes/kvm2/c.yml"]),
        (["notes/a"], []),
    ],
)
def test_findings_at_some_paths(paths: list[str], files: list[str]) -> None:
    every = ["notes/a.yml", "notes/kvm/b.yml", "notes/kvm2/c.yml"]
    found = [rules.BROKEN_LINK.at(Location(file), "gone") for file in every]
    assert [each.location.file for each in only_at(found, paths)] == files


def test_an_edge_that_is_not_there_is_told_and_not_locked(tmp_path: Path, tree: str) -> None:
    note = FAN_NOTE.replace("function: fan_start", "function: lamp_reset", 1).replace(
        "      - function: lamp_reset", "      - function: fan_start"
    )
    workspace = write_site(tmp_path / "site", {"fan.yml": note})
    locked = lock_site(workspace, linux=tree)
    assert locked.lock is not None
    assert locked.lock.edges == ()
    found = next(
        each for each in check_notebook(locked, sources(linux=tree)) if each.rule != "not-locked"
    )
    assert (found.rule, str(found.location)) == ("unproved-edge", "notes/fan.yml:7:19")
    assert found.message == "`lamp_reset` does not call `fan_start`"


# --- locking ------------------------------------------------------------------------------------


def test_locking_writes_what_was_found(tmp_path: Path, tree: str) -> None:
    workspace = write_site(tmp_path / "site")
    new = make_new_lock(read_notebook(workspace), sources(linux=tree))
    assert not is_written(workspace, new.text)
    assert (new.definitions, new.files) == (9, 3)
    write_lock(workspace, new.text)
    again = make_new_lock(read_notebook(workspace), sources(linux=tree))
    assert is_written(workspace, again.text)
    assert again.text == new.text == workspace.lockfile.read_text(encoding="utf-8")


def test_the_same_facts_in_another_order_are_another_text(workspace: Workspace, tree: str) -> None:
    lock_site(workspace, linux=tree)
    text = workspace.lockfile.read_text(encoding="utf-8")
    head, *facts = text.splitlines(keepends=True)
    workspace.lockfile.write_text("".join([head, *reversed(facts)]), encoding="utf-8")
    assert [each.rule for each in check_notebook(read_notebook(workspace))] == []
    new = make_new_lock(read_notebook(workspace), sources(linux=tree))
    assert new.text == text
    assert not is_written(workspace, text)
    workspace.lockfile.write_bytes(text.replace("\n", "\r\n").encode())
    assert is_written(workspace, text)


def test_what_cannot_be_resolved_is_not_locked_and_told(tmp_path: Path, tree: str) -> None:
    notes = {**NOTES, "more.yml": "title: t\nsteps:\n  - function: none\n    file: none.c\n"}
    new = make_new_lock(read_notebook(write_site(tmp_path / "site", notes)), sources(linux=tree))
    assert new.definitions == 9
    assert [each.rule for each in new.findings] == ["missing-file"]


def test_a_step_that_is_gone_leaves_the_lockfile(workspace: Workspace, tree: str) -> None:
    (workspace.notes_folder / "fan.yml").unlink()
    assert "stale-lock" in {each.rule for each in check_notebook(read_notebook(workspace))}
    locked = lock_site(workspace, linux=tree)
    assert locked.lock is not None
    assert "stale-lock" not in {each.rule for each in check_notebook(locked)}
    assert "fan_start" not in {each.definition.name for each in locked.lock.definitions}
    assert {file.path for file in locked.lock.files} == {LAMP_C, "include/linux/lamp.h"}


def test_the_facts_of_a_project_without_source_are_kept(tmp_path: Path, tree: str) -> None:
    files = {path: data for path, data in TREE.items() if path != "Makefile"}
    qemu = write_tree(tmp_path / "qemu", files)
    workspace = write_site(tmp_path / "two", {"fan.yml": FAN_NOTE, "qemu.yml": QEMU})
    both = lock_site(workspace, linux=tree, qemu=qemu)
    assert both.lock is not None
    assert {each.project for each in both.lock.definitions} == {"linux", "qemu"}
    new = make_new_lock(both, sources(linux=tree))
    assert is_written(workspace, new.text)
    assert [each.rule for each in new.findings] == []

    (workspace.notes_folder / "qemu.yml").write_text(
        QEMU.replace("function: lamp_reset", "function: lamp_other"), encoding="utf-8"
    )
    kept = lock_site(workspace, linux=tree).lock
    assert kept is not None
    assert [each.definition.name for each in kept.definitions if each.project == "qemu"] == [
        "fan_start"
    ]
    assert [file.path for file in kept.files if file.project == "qemu"] == ["drivers/fan/fan.c"]


def test_a_lockfile_that_cannot_be_written_is_named(workspace: Workspace) -> None:
    workspace.lockfile.unlink()
    workspace.lockfile.mkdir()
    with pytest.raises(SettingsError, match=r"cannot write `notes/notes\.lock`: is a directory"):
        write_lock(workspace, "x")


# --- graphs -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lamp", "notes/lamp.yml"])
def test_a_note_is_found_by_id_or_file(locked: Notebook, name: str) -> None:
    assert find_note(locked, name).title == "How a lamp starts"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("lmap", "did you mean `lamp`?"), ("zzzzzz", "the notes are `fan`, `lamp`")],
)
def test_an_unknown_note_is_told_which_there_are(locked: Notebook, name: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_note(locked, name)
    assert (caught.value.message, caught.value.hint) == (f"there is no note `{name}`", hint)


def test_the_graph_of_a_note_speaks_the_sites_language(tmp_path: Path) -> None:
    workspace = write_site(tmp_path, NOTES, CONFIG.replace("language: en", "language: zh"))
    graph = OpenNotebook(workspace).note("lamp").graph().content
    assert graph.description.startswith("6 个步骤")
    english = write_site(tmp_path / "en")
    assert OpenNotebook(english).note("lamp").graph().content.description.startswith("6 steps")


def test_a_pin_of_ones_own_is_looked_up_there() -> None:
    found = parse_source_arguments(["tree:x"], Pin("qemu", "v8"))
    assert found.by_project == {"qemu": SourceSpec("tree", "x")}
