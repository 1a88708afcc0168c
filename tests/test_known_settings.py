"""Settings that were read in an earlier run: they count only for the same files and environment."""

import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import msgpack

from callpath import workspace
from callpath.cache import CACHE
from callpath.model import Pin
from callpath.store import STORE, Store
from callpath.workspace import Workspace, open_workspace
from kernel import write_files

CHILD = """\
INHERIT: ../base.yml
plugins:
  - callpath:
      pin: !ENV [LAMP_PIN, v3.7]
      words: [lamp]
      online: {delay: "3", retries: 1}
      remotes: {linux: [https://example.org/linux.git]}
      ignore:
        - text: lamp_*
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("LAMP_PIN", raising=False)
    files = {"site/mkdocs.yml": CHILD, "base.yml": "site_name: Lamps\n", "site/docs/a.md": "# A\n"}
    write_files(tmp_path, files)
    return tmp_path / "site" / "mkdocs.yml"


@pytest.fixture
def read_anew(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The settings files that were read and not known."""
    found = list[Path]()
    inner = workspace._read_workspace

    def counted(config: Path) -> tuple[Workspace, workspace._KnownSite]:
        found.append(config)
        return inner(config)

    monkeypatch.setattr(workspace, "_read_workspace", counted)
    return found


def test_what_is_known_is_what_was_read(config: Path, read_anew: list[Path]) -> None:
    first, again = open_workspace(config), open_workspace(config)
    assert read_anew == [config]
    assert first == again
    assert repr(first) == repr(again)  # places and classes too
    assert again.site.callpath.pin == Pin("linux", "v3.7")
    assert again.site.places["ignore.0"].line == 9


def test_a_changed_file_is_read_anew(config: Path, read_anew: list[Path]) -> None:
    open_workspace(config)
    config.write_text(CHILD.replace("v3.7", "v6.12"), encoding="utf-8")
    assert open_workspace(config).site.callpath.pin == Pin("linux", "v6.12")
    parent = config.parent.parent / "base.yml"
    parent.write_text("site_name: Other lamps\n", encoding="utf-8")
    assert open_workspace(config).site.site_name == "Other lamps"
    assert len(read_anew) == 3


def test_another_environment_is_noticed(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_workspace(config)
    monkeypatch.setenv("LAMP_PIN", "v6.12")
    assert open_workspace(config).site.callpath.pin == Pin("linux", "v6.12")
    monkeypatch.delenv("LAMP_PIN")
    assert open_workspace(config).site.callpath.pin == Pin("linux", "v3.7")


def test_a_parent_that_is_gone_is_noticed(config: Path) -> None:
    open_workspace(config)
    (config.parent.parent / "base.yml").unlink()
    with pytest.raises(workspace.SettingsError, match="cannot read"):
        open_workspace(config)


def test_findings_are_found_each_time(config: Path, read_anew: list[Path]) -> None:
    config.write_text(CHILD + "      lamps: 3\n", encoding="utf-8")
    first, again = open_workspace(config), open_workspace(config)
    assert len(read_anew) == 2
    assert first.findings == again.findings != ()


@pytest.mark.parametrize("value", [b"", b"\x93", msgpack.encode(None), msgpack.encode([{}, 3])])
def test_a_damaged_entry_is_read_anew(
    config: Path, value: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Damaging(Store):
        def put(self, kind: str, maker: str, key: str, whole: bytes) -> None:
            super().put(kind, maker, key, value if kind == workspace._SETTINGS else whole)

    with monkeypatch.context() as patched:
        patched.setattr(workspace, "Store", Damaging)
        whole = open_workspace(config)
    assert open_workspace(config) == whole


def test_a_damaged_store_is_no_hindrance(config: Path) -> None:
    whole = open_workspace(config)
    (config.parent / CACHE / STORE).write_bytes(b"no database")
    assert open_workspace(config) == whole


UNUSED = {"yaml", "pydantic", "pydantic_core", "importlib.metadata", "jinja2", "tree_sitter"}
HOOK = """
import sys
from callpath.cli import main
main(["check", "--changed", "docs/a.md"], standalone_mode=False)
print(*sorted({*sys.modules} & set(sys.argv[1:])))
"""


def test_a_hook_imports_only_what_it_needs(config: Path) -> None:
    command = [sys.executable, "-c", HOOK, *UNUSED]
    subprocess.run(command, cwd=config.parent, check=True)  # the first one reads the settings
    done = subprocess.run(command, cwd=config.parent, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
