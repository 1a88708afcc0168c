"""What notes said in earlier runs: it counts only for the same text, pin and place."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from callpath.model import Pin
from callpath.notes import kept
from callpath.notes.kept import KeptNotes
from callpath.notes.parser import parse_note
from callpath.notes.references import Mentions
from callpath.store import STORE, Store

PIN = Pin("linux", "v6.12")
NOTE = b"title: Lamp\nsteps:\n- function: on\n  file: lamp.c\n  commentary: |\n    It is `on`.\n"
WRONG = b"title: Lamp\nsteps:\n- function: on\n  file: /lamp.c\n  colour: red\n"
FILES = {"lamp.yml": NOTE, "wrong.yaml": WRONG, "data.yml": b"colour: red\n", "a.md": b"# A\n"}


def read(files: dict[str, bytes], folder: Path | None, pin: Pin = PIN) -> dict[str, kept.ReadNote]:
    with Store(folder) as store:
        return KeptNotes(store, "notes/", pin).notes(files)


def test_what_is_kept_is_what_was_read(tmp_path: Path) -> None:
    first, again, never = read(FILES, tmp_path), read(FILES, tmp_path), read(FILES, None)
    assert first == again == never
    assert list(first) == ["lamp.yml", "wrong.yaml"]
    parsed = parse_note("notes/lamp.yml", NOTE, note_id="lamp", default_pin=PIN)
    assert again["lamp.yml"] == (parsed.note, parsed.findings)
    assert repr(again) == repr(never)  # of the same classes too


def test_a_file_that_is_unchanged_is_not_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = list[str]()
    inner = KeptNotes._read

    def counted(self: KeptNotes, path: str, data: bytes) -> kept.ReadNote | None:
        parsed.append(path)
        return inner(self, path, data)

    monkeypatch.setattr(KeptNotes, "_read", counted)
    read(FILES, tmp_path)
    assert parsed == ["data.yml", "lamp.yml", "wrong.yaml"]
    parsed.clear()
    read(FILES, tmp_path)
    assert parsed == []
    read(FILES | {"lamp.yml": NOTE + b"# more\n", "moved.yml": WRONG}, tmp_path)
    assert parsed == ["lamp.yml", "moved.yml"]


def test_another_pin_is_another_note(tmp_path: Path) -> None:
    read(FILES, tmp_path)
    note, _ = read(FILES, tmp_path, Pin("linux", "v3.7"))["lamp.yml"]
    assert note is not None
    assert note.pin == Pin("linux", "v3.7")


def mentions(files: dict[str, bytes], folder: Path | None) -> list[Mentions]:
    with Store(folder) as store:
        known = KeptNotes(store, "notes/", PIN)
        notes = {path: note for path, (note, _) in known.notes(files).items() if note}
        pages = {path: data.decode() for path, data in files.items() if path.endswith(".md")}
        return known.mentions(notes, pages)


def test_what_they_refer_to_is_kept_too(tmp_path: Path) -> None:
    files = {
        "lamp.yml": NOTE.replace(b"`on`", b"[it](src:lamp.c#off) and [more](a.md#x)"),
        "a.md": b"# A\n\nSee [on](src:lamp.c#on), [the note](lamp.yml#on), [x](src:nothing).\n",
        "b.md": b"# B\n",
    }
    first, again = mentions(files, tmp_path), mentions(files, tmp_path)
    assert first == again == mentions(files, None)
    assert repr(first) == repr(again)
    assert [len(each.references) for each in again] == [1, 0, 2]
    changed = files | {"a.md": files["a.md"].replace(b"#on)", b"#dim)")}
    assert mentions(changed, tmp_path) == mentions(changed, None) != again


def test_half_of_a_character_is_read_each_time(tmp_path: Path) -> None:
    note, _ = read(FILES, None)["lamp.yml"]
    assert note is not None
    odd = replace(note, title="\ud800")
    for _ in range(2):
        with Store(tmp_path) as store:
            (found, page) = KeptNotes(store, "notes/", PIN).mentions(
                {"lamp.yml": odd}, {"z.md": "[\ud800](src:a.c#\ud800)"}
            )
        assert len(found.references) == 1
        assert page.findings


@pytest.mark.parametrize("value", [b"", b"\x93", b"\xc3", b'"text"'])
def test_a_damaged_entry_is_read_anew(tmp_path: Path, value: bytes) -> None:
    class Damaging(Store):
        def put_many(self, kind: str, maker: str, values: Mapping[str, bytes]) -> None:
            is_ours = kind in ("notes", "mentions")
            super().put_many(kind, maker, dict.fromkeys(values, value) if is_ours else values)

    with Damaging(tmp_path) as store:
        whole = KeptNotes(store, "notes/", PIN).notes(FILES)
    assert read(FILES, tmp_path) == whole == read(FILES, None)


def test_a_damaged_store_is_no_hindrance(tmp_path: Path) -> None:
    whole = read(FILES, tmp_path)
    (tmp_path / STORE).write_bytes(b"no database")
    assert read(FILES, tmp_path) == whole
