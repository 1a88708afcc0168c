"""`make screenshots` takes a picture of every kind of page in every look."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from built_site import BuiltSite
from page_kinds import KINDS
from runs import ROOT, environment

pytestmark = pytest.mark.browser

_SIZES = {"light": (1400, 875), "dark": (1400, 875), "phone": (390, 844)}
_README = {"note-light.png", "note-phone.png"}
_MOST = 300_000
"""Bytes of a picture that is kept in the repository."""


@pytest.mark.usefixtures("chromium")
def test_every_kind_of_page_has_its_picture(notebook: BuiltSite, tmp_path: Path) -> None:
    program = [sys.executable, ROOT / "scripts/screenshots.py", "--site", notebook.root]
    folders = ["--all", tmp_path / "all", "--kept", tmp_path / "kept"]
    done = subprocess.run(
        [*program, *folders], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    taken = {path.stem: _size(path) for path in (tmp_path / "all").iterdir()}
    assert taken == {f"{kind}-{look}": _SIZES[look] for kind in KINDS for look in _SIZES}
    kept = {path.name: path.stat().st_size for path in (tmp_path / "kept").iterdir()}
    assert set(kept) == _README
    assert max(kept.values()) <= _MOST


def test_the_readmes_show_the_pictures_that_are_kept() -> None:
    kept = ROOT / "docs" / "screenshots"
    assert {path.name for path in kept.iterdir()} == _README
    for readme in ("README.md", "README.zh.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert [name for name in sorted(_README) if f"](docs/screenshots/{name})" not in text] == []
    assert all(path.stat().st_size <= _MOST for path in kept.iterdir())


def _size(picture: Path) -> tuple[int, int]:
    """Width and height, from the head of a PNG."""
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", head[16:24])
    return width, height
