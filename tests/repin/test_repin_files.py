"""`callpath repin` and the files on disk: bytes, failures, conflicts, where the pin stands."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest

from callpath import files as file_changes
from callpath.files import FileChange, write_all
from callpath.findings import SettingsError, UsageError
from callpath.notes.yaml import read_yaml
from callpath.repin.rewrite import scalars_of
from two_versions import (
    CONFIG,
    NEW,
    OLD,
    contents,
    git,
    invoke,
    invoke_bytes,
    write_notebook,
    write_versions,
)

LAMP = "drivers/lamp/lamp.c"
BODY = "\n{\n\tlamp->level = 1;\n\treturn lamp_write(lamp, lamp->level);\n}\n"
SET, GET = f"int lamp_set(struct lamp *lamp){BODY}", "int lamp_get(void)\n{\n\treturn 1;\n}\n"
OTHER = GET.replace("1", "2")
NOTE = (
    "title: 灯\r\nsteps:\r\n  - function: lamp_set\r\n    file: drivers/lamp/lamp.c\r\n"
    "    commentary: |\r\n      一行\r\n      [set](src:drivers/lamp/lamp.c#lamp_set) 与"
    " [get](src:drivers/lamp/lamp.c#lamp_get)\r\n"
    "  - function: lamp_get\r\n    file: drivers/lamp/lamp.c"
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    repository = write_versions(
        tmp_path_factory.mktemp("linux"),
        v3_7={LAMP: SET + GET},
        v3_8={LAMP: OTHER, "drivers/lamp/set.c": SET},
        v3_9={LAMP: SET + GET},
        v3_10={LAMP: SET + GET.replace("1", "3")},
    )
    return ("--source", f"git:{repository}")


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory, source: tuple[str, str]) -> Path:
    site = write_notebook(tmp_path_factory.mktemp("locked"), {"a.yml": NOTE.encode()})
    assert invoke(site, "lock", *source)[0] == 0
    return site


@pytest.fixture
def site(tmp_path: Path, locked: Path) -> Path:
    return Path(shutil.copytree(locked, tmp_path / "site"))


def test_line_ends_and_a_missing_last_one_are_kept(site: Path, source: tuple[str, str]) -> None:
    before = contents(site)
    assert invoke(site, "repin", NEW, *source)[0] == 0
    note = contents(site)["notes/a.yml"]
    mark = "# callpath: review ({}changed since v3.7)\r\n"
    expected = NOTE.replace("    file: drivers/lamp/lamp.c\r\n", "    file: drivers/lamp/set.c\r\n")
    expected = expected.replace("lamp.c#lamp_set", "set.c#lamp_set")
    for at, name in (("  - function: lamp_set", "`lamp_get` "), ("  - function: lamp_get", "")):
        expected = expected.replace(at, f"  {mark.format(name)}{at}")
    assert note == expected.encode()
    invoke(site, "repin", OLD, *source)
    assert contents(site) == before


def test_a_byte_order_mark_is_kept(site: Path, source: tuple[str, str]) -> None:
    path = site / "notes/a.yml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    invoke(site, "repin", NEW, *source)
    assert path.read_bytes().startswith(b"\xef\xbb\xbftitle")
    assert b"set.c#lamp_set" in path.read_bytes()


def test_the_patch_of_such_a_note_applies(
    site: Path, source: tuple[str, str], tmp_path: Path
) -> None:
    git(site, "init", "-q")
    _, patch, messages = invoke_bytes(site, "repin", NEW, *source, "--diff")
    assert messages.splitlines()[-1] == "would rewrite 3 files for v3.8"
    invoke(site, "repin", NEW, *source)
    after = contents(site)
    invoke(site, "repin", OLD, *source)
    (tmp_path / "patch").write_bytes(patch)
    git(site, "apply", str(tmp_path / "patch"))
    assert contents(site) == after


def test_a_mark_tells_the_version_that_was_read_last(site: Path, source: tuple[str, str]) -> None:
    invoke(site, "repin", NEW, *source)
    invoke(site, "repin", "v3.10", *source)
    note = contents(site)["notes/a.yml"].decode()
    assert note.count("changed since v3.7") == 2
    assert "v3.8" not in note


def test_a_mark_that_was_removed_is_not_made_again(site: Path, source: tuple[str, str]) -> None:
    invoke(site, "repin", NEW, *source)
    path = site / "notes/a.yml"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b"callpath: review" not in line))
    before = contents(site)
    assert invoke(site, "repin", NEW, *source)[0] == 0
    assert contents(site) == before


def test_json_tells_files_reviews_and_what_remains(site: Path, source: tuple[str, str]) -> None:
    _, told, _ = invoke(site, "repin", NEW, *source, "--format", "json")
    value = json.loads(told)
    assert (value["schema"], value["to"]) == (1, NEW)
    assert value["files"] == ["mkdocs.yml", "notes/a.yml", "notes/notes.lock"]
    (review,) = value["reviews"]
    assert review["from"] == {"version": OLD, "path": LAMP, "line": 6}
    assert len(review["at"]) == 2
    assert "-\treturn 1;\n+\treturn 2;\n" in review["diff"]
    assert value["remains"] == []


def test_the_pin_of_a_parent_configuration(site: Path, source: tuple[str, str]) -> None:
    (site / "base.yml").write_text(CONFIG, encoding="utf-8")
    (site / "mkdocs.yml").write_text("INHERIT: base.yml\nsite_name: x\n", encoding="utf-8")
    assert invoke(site, "repin", NEW, *source)[0] == 0
    assert (site / "base.yml").read_text(encoding="utf-8") == CONFIG.replace(OLD, NEW)


def test_a_commit_in_the_pin_follows(site: Path, source: tuple[str, str]) -> None:
    repository = Path(source[1].removeprefix("git:"))
    old, new = (git(repository, "rev-parse", f"{tag}^{{commit}}") for tag in (OLD, NEW))
    pin = f"pin: {{version: {OLD}, commit: {old}}}"
    (site / "mkdocs.yml").write_text(CONFIG.replace(f"pin: {OLD}", pin), encoding="utf-8")
    before = contents(site)
    assert invoke(site, "repin", NEW, *source)[0] == 0
    assert f"pin: {{version: {NEW}, commit: {new}}}" in contents(site)["mkdocs.yml"].decode()
    invoke(site, "repin", OLD, *source)
    assert contents(site) == before


def untouched(site: Path, *words: str) -> str:
    """The first line of what is said of a run that could not be made, and changed nothing."""
    before = contents(site)
    status, told, messages = invoke(site, *words)
    assert (status, told) == (2, "")
    assert contents(site) == before
    return messages.splitlines()[0]


def test_what_cannot_be_rewritten_changes_nothing(site: Path, source: tuple[str, str]) -> None:
    note = site / "notes/a.yml"
    whole = note.read_bytes()
    asked = ("repin", NEW, *source)

    note.write_bytes(
        whole.replace(
            b"    file: drivers/lamp/lamp.c\r\n", b"    file: |-\r\n      drivers/lamp/lamp.c\r\n"
        )
    )
    assert untouched(site, *asked) == (
        "error: notes/a.yml:4:11: `drivers/lamp/lamp.c` cannot be rewritten in place"
    )
    escaped = b'commentary: "[x](src:drivers/lamp\\x2Flamp.c#lamp_set)"\r\n'
    note.write_bytes(
        b"title: t\r\nsteps:\r\n- function: lamp_get\r\n  file: drivers/lamp/lamp.c\r\n  " + escaped
    )
    assert "the link `src:drivers/lamp/lamp.c#lamp_set` cannot be rewritten" in untouched(
        site, *asked
    )
    note.write_bytes(whole + b"\r\n    fiel: x\r\n")
    assert "has findings, and cannot be rewritten" in untouched(site, *asked)
    note.write_bytes(whole)

    (site / "mkdocs.yml").write_text(
        CONFIG.replace(f"pin: {OLD}", f"pin: &pin {OLD}"), encoding="utf-8"
    )
    assert "mkdocs.yml:5:12: `v3.7` cannot be rewritten in place" in untouched(site, *asked)


def test_a_note_that_is_edited_meanwhile(
    site: Path, source: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    check = file_changes._check
    edited = b"title: mine\nsteps: []\n"

    def edit_and_check(change: FileChange) -> None:
        if change.path.name == "a.yml":
            change.path.write_bytes(edited)
        check(change)

    monkeypatch.setattr(file_changes, "_check", edit_and_check)
    before = contents(site)
    status, _, messages = invoke(site, "repin", NEW, *source)
    assert status == 2
    assert "`notes/a.yml` was changed while it was being rewritten" in messages
    assert contents(site) == {**before, "notes/a.yml": edited}


def changes(folder: Path) -> list[FileChange]:
    for name in ("a", "b", "c"):
        (folder / name).write_bytes(name.encode())
    return [FileChange(folder / name, name, name.encode(), b"new") for name in ("a", "b", "c")] + [
        FileChange(folder / "d", "d", None, b"new")
    ]


def test_all_files_are_written_with_their_modes(tmp_path: Path) -> None:
    planned = changes(tmp_path)
    (tmp_path / "a").chmod(0o640)
    (tmp_path / "real").write_bytes(b"b")
    (tmp_path / "b").unlink()
    (tmp_path / "b").symlink_to("real")
    write_all(planned)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys(
        ("a", "b", "c", "d", "real"), b"new"
    )
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "b").is_symlink()


@pytest.mark.parametrize("failing", ["a", "b", "c", "d"])
def test_a_failure_puts_every_file_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    planned = changes(tmp_path)
    before = contents(tmp_path)
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if target == tmp_path / failing and self.read_bytes() == b"new":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(SettingsError, match=f"cannot write `{failing}`: no space left.*as it was"):
        write_all(planned)
    assert contents(tmp_path) == before


def test_a_conflict_behind_a_written_file_puts_it_back(tmp_path: Path) -> None:
    planned = changes(tmp_path)
    (tmp_path / "c").write_bytes(b"mine")
    before = contents(tmp_path)
    with pytest.raises(UsageError, match="`c` was changed"):
        write_all(planned)
    assert contents(tmp_path) == before


def test_a_folder_that_cannot_be_written_to(
    site: Path, source: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    mkstemp = tempfile.mkstemp

    def refuse(*, dir: Path, prefix: str) -> tuple[int, str]:
        if dir.name == "notes":  # root may write everywhere, so that no mode would do
            raise PermissionError(13, "Permission denied")
        return mkstemp(dir=dir, prefix=prefix)

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    told = untouched(site, "repin", NEW, *source)
    assert told.endswith(": permission denied; every file is as it was")


def test_a_note_of_another_version_stays(site: Path, source: tuple[str, str]) -> None:
    lines = "title: Later\npin: v3.9\nsteps:\n  - {function: lamp_get, file: drivers/lamp/lamp.c}\n"
    own = lines.replace("v3.9", OLD).replace("Later", "Own")
    write_notebook(site, {"later.yml": lines, "own.yml": own})
    assert invoke(site, "lock", *source)[0] == 0
    before = contents(site)
    status, _, messages = invoke(site, "repin", "v3.10", *source)
    assert status == 0, messages
    assert "notes/later.yml stays at v3.9\n" in messages
    after = contents(site)
    assert after["notes/later.yml"] == before["notes/later.yml"]
    assert after["notes/own.yml"] == before["notes/own.yml"].replace(b"v3.7", b"v3.10").replace(
        b"steps:\n", b"steps:\n  # callpath: review (changed since v3.7)\n"
    )
    assert invoke(site, "check", *source)[0] == 0
    assert invoke(site, "repin", "v3.8", "later", *source)[0] == 0
    assert b"pin: v3.8\n" in contents(site)["notes/later.yml"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_spans_hold_what_is_written(ending: str) -> None:
    text = ending.join(
        [
            "标题: 'it''s'",
            'b: "x\\n"',
            "c: plain text # no",
            "d: |",
            "  block",
            "e: {f: g, h: 一}",
            "",
        ]
    )
    root = read_yaml("a.yml", text.encode()).root
    assert root is not None
    written = {
        scalar.text.value: text[scalar.span[0] : scalar.span[1]] for scalar in scalars_of(root)
    }
    assert written["it's"] == "'it''s'"
    assert written["x\n"] == '"x\\n"'
    assert written["plain text"] == "plain text"
    assert written["block\n"] == f"|{ending}  block{ending}"
    assert (written["g"], written["一"], written["标题"]) == ("g", "一", "标题")
