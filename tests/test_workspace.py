"""Where a notebook is on disk, and writing without ever leaving half a file."""

import os
from pathlib import Path

import pytest

from callpath.files import write_atomically
from callpath.findings import (
    LockfileError,
    SettingsError,
)
from callpath.workspace import (
    Workspace,
    notebook_files,
    open_workspace,
    prefix_of,
    read_lock,
)
from kernel import CONFIG, write_files, write_site

PLUGIN = "plugins: {callpath: {pin: v3.7}}\n"


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def open_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(folder)
    return open_workspace()


# --- the site's configuration -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["mkdocs.yml"], "mkdocs.yml"),
        (["mkdocs.yaml"], "mkdocs.yaml"),
        (["properdocs.yml"], "properdocs.yml"),
        (["properdocs.yaml", "mkdocs.yaml", "mkdocs.yml"], "mkdocs.yml"),
    ],
)
def test_the_configuration_of_the_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], name: str
) -> None:
    write_files(tmp_path, {file: f"site_name: {file}\n{PLUGIN}" for file in files})
    workspace = open_here(tmp_path, monkeypatch)
    assert workspace.site.site_name == name
    assert workspace.root == tmp_path.resolve()


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (["mkdocs.yml", "properdocs.yml"], ["properdocs.yml"]),
        (["mkdocs.yaml", "properdocs.yaml"], ["properdocs.yaml"]),
        (["mkdocs.yml", "mkdocs.yaml"], []),
        (["properdocs.yml"], []),
    ],
)
def test_settings_of_the_other_name_that_nobody_reads_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[str], told: list[str]
) -> None:
    write_files(tmp_path, {file: f"site_name: {file}\n{PLUGIN}" for file in files})
    for _ in range(2):  # also when the settings are known
        found = open_here(tmp_path, monkeypatch).findings
        assert [(each.rule, each.location.file) for each in found] == [
            ("two-settings", file) for file in told
        ]
        assert open_workspace(tmp_path / files[0]).findings == ()


def test_a_folder_without_configuration_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError) as caught:
        open_here(tmp_path, monkeypatch)
    assert caught.value.message == "there is no `mkdocs.yml` in this folder"
    assert "`--config`" in caught.value.hint


def test_a_configuration_elsewhere_makes_its_folder_the_root(tmp_path: Path) -> None:
    write_files(tmp_path, {"deep/site/mkdocs.yml": CONFIG})
    workspace = open_workspace(tmp_path / "deep" / "site" / "mkdocs.yml")
    assert workspace.root == (tmp_path / "deep" / "site").resolve()
    assert workspace.notes_folder == workspace.root / "notes"
    assert workspace.notes_prefix == "notes/"
    assert workspace.lockfile == workspace.root / "notes" / "notes.lock"


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read `.*none\.yml`: no such file"):
        open_workspace(tmp_path / "none.yml")


def test_a_configuration_that_cannot_be_read_is_told_with_its_place(tmp_path: Path) -> None:
    write_files(tmp_path, {"mkdocs.yml": "site_name: [a\n"})
    with pytest.raises(SettingsError, match=r"mkdocs\.yml:\d+:\d+: "):
        open_workspace(tmp_path / "mkdocs.yml")


def test_what_a_parent_file_says_is_inherited(tmp_path: Path) -> None:
    files = {
        "site/mkdocs.yml": "INHERIT: ../middle.yml\nsite_name: Child\n",
        "middle.yml": "INHERIT: base/base.yml\nsite_name: Middle\ndocs_dir: notes\n",
        "base/base.yml": f"site_name: Base\ndocs_dir: docs\nuse_directory_urls: false\n{PLUGIN}",
    }
    workspace = open_workspace(write_files(tmp_path, files) / "site" / "mkdocs.yml")
    assert workspace.site.site_name == "Child"
    assert workspace.site.docs_dir == "notes"
    assert workspace.site.use_directory_urls is False
    assert workspace.site.callpath.pin is not None
    assert workspace.root == (tmp_path / "site").resolve()


def test_a_loop_of_parents_is_refused(tmp_path: Path) -> None:
    files = {"mkdocs.yml": "INHERIT: base.yml\n", "base.yml": "INHERIT: mkdocs.yml\n"}
    with pytest.raises(SettingsError, match="inherits from itself"):
        open_workspace(write_files(tmp_path, files) / "mkdocs.yml")


def test_a_parent_that_is_not_there_is_named(tmp_path: Path) -> None:
    write_files(tmp_path, {"mkdocs.yml": "INHERIT: gone.yml\n"})
    with pytest.raises(SettingsError, match=r"cannot read `.*gone\.yml`"):
        open_workspace(tmp_path / "mkdocs.yml")


# --- the notes' folder ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "prefix"),
    [("notes", "notes/"), ("a/b", "a/b/"), (".", ""), ("../notes", "../notes/")],
)
def test_places_start_at_the_root(tmp_path: Path, folder: str, prefix: str) -> None:
    assert prefix_of(tmp_path, tmp_path / folder) == prefix


def test_the_files_of_a_notebook(tmp_path: Path) -> None:
    names = ["b.yml", "a/c.yaml", "a/d.MD", "a/e.markdown", "z.md"]
    others = ["notes.lock", "a/picture.svg", ".hidden.yml", ".git/x.yml", "a/.obsidian/y.md"]
    write_files(tmp_path, dict.fromkeys([*names, *others], ""))
    assert list(notebook_files(tmp_path)) == sorted(names)


def test_a_notes_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        list(notebook_files(tmp_path / "notes"))
    assert caught.value.message == "there is no folder `notes`"
    assert "`docs_dir`" in caught.value.hint


# --- the lockfile -----------------------------------------------------------------------------


def test_a_lockfile_is_there_or_not(tmp_path: Path) -> None:
    workspace = write_site(tmp_path, {})
    assert read_lock(workspace) is None
    workspace.lockfile.write_text('{"callpath-lock": 1}\n', encoding="utf-8")
    lock = read_lock(workspace)
    assert lock is not None
    assert lock.definitions == ()


def test_a_lockfile_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    workspace = write_site(tmp_path, {})
    file = workspace.lockfile
    file.mkdir()
    with pytest.raises(LockfileError, match=r"cannot read `notes/notes\.lock`: is a directory"):
        read_lock(workspace)
    file.rmdir()
    file.write_bytes(b'{"callpath-lock": 1}\n\xff\xfe')
    with pytest.raises(LockfileError, match=r"cannot read `notes/notes\.lock`: it is not UTF-8"):
        read_lock(workspace)


# --- writing ----------------------------------------------------------------------------------


def test_a_file_is_written_whole_with_its_folders(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / "notes.lock"
    write_atomically(file, "第一行\n")
    assert file.read_bytes() == "第一行\n".encode()
    assert names_in(file.parent) == ["notes.lock"]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
def test_a_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "notes.lock"
    file.write_text("old", encoding="utf-8")
    file.chmod(mode)
    write_atomically(file, "new")
    assert file.read_text(encoding="utf-8") == "new"
    assert file.stat().st_mode & 0o777 == mode


def test_a_new_file_has_the_mode_that_the_user_wants(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "notes.lock", "new")
    finally:
        assert os.umask(before) == 0o027
    assert (tmp_path / "notes.lock").stat().st_mode & 0o777 == 0o640


def test_a_failed_write_leaves_the_old_text_and_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "notes.lock"
    file.write_text("old", encoding="utf-8")

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(file, "new")
    assert file.read_text(encoding="utf-8") == "old"
    assert names_in(tmp_path) == ["notes.lock"]


def test_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.gz", b"\x1f\x8b\r\n\0")
    assert (tmp_path / "a.gz").read_bytes() == b"\x1f\x8b\r\n\0"


def test_the_unfinished_file_can_lie_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "drafts").mkdir()
    file = tmp_path / ("x" * 255)

    def fail(self: Path, target: Path) -> Path:
        assert (self.parent.name, target) == ("drafts", file)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(OSError, match="No space left"):
            write_atomically(file, "new", drafts=tmp_path / "drafts")
    assert names_in(tmp_path) == ["drafts"]
    assert names_in(tmp_path / "drafts") == []
    write_atomically(file, "new", durable=False, drafts=tmp_path / "drafts")
    assert file.read_text(encoding="utf-8") == "new"


def test_a_text_that_cannot_be_encoded_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "notes.lock"
    file.write_text("old", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(file, "half \ud800 a pair")
    assert file.read_text(encoding="utf-8") == "old"
    assert names_in(tmp_path) == ["notes.lock"]


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.lock").mkdir()
    with pytest.raises(OSError, match=r"notes\.lock"):
        write_atomically(tmp_path / "notes.lock", "new")
    assert names_in(tmp_path) == ["notes.lock"]
