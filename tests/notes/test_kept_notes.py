"""What notes said in earlier runs: it counts only for the same text, pin and place."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from callpath.model import Pin
from callpath.notes import kept
from callpath.notes.kept import read_notes
from callpath.notes.parser import parse_note
from callpath.store import STORE, Store

PIN = Pin("linux", "v6.12")
NOTE = b"title: Lamp\nsteps:\n- function: on\n  file: lamp.c\n  commentary: |\n    It is `on`.\n"
WRONG = b"title: Lamp\nsteps:\n- function: on\n  file: /lamp.c\n  colour: red\n"
FILES = {"lamp.yml": NOTE, "wrong.yaml": WRONG, "data.yml": b"colour: red\n", "a.md": b"# A\n"}


def read(files: dict[str, bytes], folder: Path | None, pin: Pin = PIN) -> dict[str, kept.ReadNote]:
    with Store(folder) as store:
        return read_notes(files, "notes/", pin, store)


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
    inner = kept._read

    def counted(file: str, *given: object) -> kept.ReadNote | None:
        parsed.append(file)
        return inner(file, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(kept, "_read", counted)
    read(FILES, tmp_path)
    assert parsed == ["notes/data.yml", "notes/lamp.yml", "notes/wrong.yaml"]
    parsed.clear()
    read(FILES, tmp_path)
    assert parsed == []
    read(FILES | {"lamp.yml": NOTE + b"# more\n", "moved.yml": WRONG}, tmp_path)
    assert parsed == ["notes/lamp.yml", "notes/moved.yml"]


def test_another_pin_is_another_note(tmp_path: Path) -> None:
    read(FILES, tmp_path)
    note, _ = read(FILES, tmp_path, Pin("linux", "v3.7"))["lamp.yml"]
    assert note is not None
    assert note.pin == Pin("linux", "v3.7")


@pytest.mark.parametrize("value", [b"", b"\x93", b"\xc3", b'"text"'])
def test_a_damaged_entry_is_read_anew(tmp_path: Path, value: bytes) -> None:
    class Damaging(Store):
        def put_many(self, kind: str, maker: str, values: Mapping[str, bytes]) -> None:
            is_ours = kind == kept._KIND
            super().put_many(kind, maker, dict.fromkeys(values, value) if is_ours else values)

    with Damaging(tmp_path) as store:
        whole = read_notes(FILES, "notes/", PIN, store)
    assert read(FILES, tmp_path) == whole == read(FILES, None)


def test_a_damaged_store_is_no_hindrance(tmp_path: Path) -> None:
    whole = read(FILES, tmp_path)
    (tmp_path / STORE).write_bytes(b"no database")
    assert read(FILES, tmp_path) == whole
