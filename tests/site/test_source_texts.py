"""The texts out of the cache: shown only when cache, manifest and lockfile agree."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from callpath.cache import CACHE
from callpath.facts.lock import (
    Lock,
    LockedDefinition,
    make_lock,
)
from callpath.model import Pin
from callpath.notebook import read_notebook
from callpath.site.code import SourceTexts
from callpath.sources.cache import (
    CacheFiles,
)
from callpath.verify.fetch import fetch_sources
from callpath.workspace import Workspace
from git_server import make_repository, need_git
from kernel import LAMP_C, TREE, lock_site, write_site, write_tree

LAMP = "drivers/lamp/lamp.c"


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_git()
    folder = tmp_path_factory.mktemp("repositories")
    make_repository(folder / "linux.git", {"v3.7": TREE})
    moved = TREE | {LAMP: LAMP_C.replace("return 0", "return 1").encode()}
    make_repository(folder / "moved.git", {"v3.7": moved})
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    site = write_site(tmp_path / "site")
    lock_site(site, linux=write_tree(tmp_path / "linux"))
    return site


def fetch(site: Workspace, repository: Path) -> None:
    fetch_sources(
        site,
        read_notebook(site),
        remotes=[repository.as_uri()],
        tell=lambda text: None,
    )


def lock_of(site: Workspace) -> Lock:
    lock = read_notebook(site).lock
    assert lock is not None
    return lock


def locked(lock: Lock, name: str) -> LockedDefinition:
    (found,) = (
        each
        for each in lock.definitions
        if each.definition.name == name and each.definition.path == LAMP
    )
    return found


def texts(site: Workspace) -> tuple[SourceTexts, LockedDefinition]:
    lock = lock_of(site)
    return SourceTexts(CacheFiles(site.root / CACHE), lock), locked(lock, "lamp_register")


@pytest.fixture
def cached(site: Workspace, repositories: Path) -> Workspace:
    fetch(site, repositories / "linux.git")
    return site


def test_the_text_is_the_definition(cached: Workspace) -> None:
    found, register = texts(cached)
    text = found.text(register)
    assert text is not None
    assert text.lines == (
        "int lamp_register(struct lamp *lamp)",
        "{",
        "\treturn lamp->ops->reset(lamp);",
        "}",
    )
    assert (text.start, text.end) == (register.definition.start, register.definition.end)
    assert found.complaint == ""


@pytest.mark.parametrize(("start", "end"), [(0, 1), (1, 10_000), (3, 2)])
def test_lines_that_the_file_does_not_have_are_no_text(
    cached: Workspace, start: int, end: int
) -> None:
    found, register = texts(cached)
    definition = replace(register.definition, start=start, end=end)
    assert found.text(replace(register, definition=definition)) is None


def test_every_definition_of_the_lockfile_has_a_text(cached: Workspace) -> None:
    lock = lock_of(cached)
    found = SourceTexts(CacheFiles(cached.root / CACHE), lock)
    for each in lock.definitions:
        text = found.text(each)
        assert text is not None, each
        name = each.definition.name.rpartition(".")[2]
        assert name in text.lines[each.definition.line - each.definition.start]
    assert found.complaint == ""


def test_without_a_cache_there_is_no_text_and_no_word(site: Workspace) -> None:
    found, register = texts(site)
    assert found.text(register) is None
    assert found.complaint == ""
    assert not (site.root / CACHE / "manifests").exists()


def write(site: Workspace, data: bytes) -> None:
    (site.root / CACHE / "source/linux/v3.7" / LAMP).write_bytes(data)


def tampered(site: Workspace) -> None:
    write(site, LAMP_C.replace("reset", "reboot").encode())


def gone(site: Workspace) -> None:
    (site.root / CACHE / "source/linux/v3.7" / LAMP).unlink()


def manifest_without(site: Workspace) -> None:
    file = site.root / CACHE / "manifests/linux/v3.7.json"
    data = json.loads(file.read_text())
    del data["files"][LAMP]
    file.write_text(json.dumps(data))


def manifest_of_another(site: Workspace) -> None:
    """File and manifest agree with each other, and not with the lockfile."""
    shutil.rmtree(site.root / CACHE)
    fetch(site, site.root.parent / "moved.git")


def lockfile_of_another(site: Workspace) -> None:
    lock = site.lockfile
    lines = lock.read_text().splitlines(keepends=True)
    (number,) = (n for n, line in enumerate(lines) if line.startswith(f'{{"file": "{LAMP}"'))
    fact = json.loads(lines[number])
    lines[number] = json.dumps(fact | {"blob": "d" * 40}) + "\n"
    lock.write_text("".join(lines))


def linked_away(site: Workspace) -> None:
    file = site.root / CACHE / "source/linux/v3.7" / LAMP
    (site.root / "elsewhere.c").write_bytes(file.read_bytes())
    file.unlink()
    file.symlink_to(site.root / "elsewhere.c")


@pytest.mark.parametrize(
    "spoil",
    [
        tampered,
        gone,
        manifest_without,
        manifest_of_another,
        lockfile_of_another,
        linked_away,
    ],
)
def test_what_disagrees_is_not_shown(
    cached: Workspace, repositories: Path, spoil: Callable[[Workspace], None]
) -> None:
    (cached.root.parent / "moved.git").symlink_to(repositories / "moved.git")
    spoil(cached)
    found, register = texts(cached)
    assert found.text(register) is None
    assert found.complaint == (
        f"the cache lacks `{LAMP}` as the lockfile names it; pages show no source text of theirs "
        "(hint: run `callpath fetch`)"
    )
    others = [each for each in lock_of(cached).definitions if each.definition.path != LAMP]
    assert all(found.text(each) is not None for each in others)


@pytest.mark.parametrize(("start", "end"), [(30, 99), (0, 3), (9, 8)])
def test_lines_that_the_file_has_not_are_no_text(cached: Workspace, start: int, end: int) -> None:
    found, register = texts(cached)
    definition = replace(register.definition, start=start, end=end)
    assert found.text(replace(register, definition=definition)) is None
    assert LAMP in found.complaint


def test_another_version_and_an_unknown_file_have_no_text(cached: Workspace) -> None:
    found, register = texts(cached)
    assert found.text(replace(register, version="v3.8")) is None
    unknown = replace(register.definition, path="drivers/lamp/other.c")
    assert found.text(replace(register, definition=unknown)) is None


def test_a_commit_that_the_pin_names_does_not_matter_beside_the_blob(
    cached: Workspace,
) -> None:
    """The blob is the proof: the same file of another commit is the same text."""
    files = CacheFiles(cached.root / CACHE)
    assert files.manifest(Pin("linux", "v3.7", "d" * 40)) is None
    found, register = texts(cached)
    assert found.text(register) is not None


def test_a_file_is_read_once(cached: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    content = CacheFiles.content

    def counted(self: CacheFiles, pin: Pin, path: str, blob: str) -> bytes | None:
        read.append(path)
        return content(self, pin, path, blob)

    monkeypatch.setattr(CacheFiles, "content", counted)
    lock = lock_of(cached)
    found = SourceTexts(CacheFiles(cached.root / CACHE), lock)
    for each in [*lock.definitions, *lock.definitions]:
        found.text(each)
    assert sorted(read) == sorted({each.definition.path for each in lock.definitions})


def test_many_files_are_named_in_one_line(cached: Workspace) -> None:
    lock = lock_of(cached)
    (register,) = (each for each in lock.definitions if each.definition.name == "lamp_register")
    many = [
        replace(register, definition=replace(register.definition, path=f"{letter}.c"))
        for letter in "edcba"
    ]
    found = SourceTexts(CacheFiles(cached.root / CACHE), make_lock(lock.files, many))
    assert [found.text(each) for each in many] == [None] * 5
    assert found.complaint.startswith(
        "the cache lacks `a.c`, `b.c`, `c.c` and 2 more as the lockfile names them; "
    )
