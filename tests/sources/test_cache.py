"""The cache as a source, and its files on disk."""

import json
import os
from pathlib import Path

import pytest

from callpath.cache import CACHE
from callpath.findings import (
    SourceError,
    UsageError,
)
from callpath.model import Pin
from callpath.sources.base import (
    FileText,
    Missing,
    Unreadable,
    blob_id,
)
from callpath.sources.cache import (
    CacheFiles,
    Manifest,
)
from callpath.sources.spec import open_source, parse_spec

PIN = Pin("linux", "v3.7")
COMMIT = "c" * 40
LAMP = b"int lamp;\n"
NOT_CACHED = "is not in the cache; run `callpath fetch`"
NOT_AS_FETCHED = "is not in the cache as it was fetched; run `callpath fetch` again"


def manifest(commit: str = COMMIT, **files: bytes) -> tuple[Manifest, dict[str, bytes]]:
    contents = {f"{name}.c": data for name, data in files.items()}
    return Manifest(commit, {path: blob_id(data) for path, data in contents.items()}), contents


@pytest.fixture
def cache(tmp_path: Path) -> CacheFiles:
    files = CacheFiles(tmp_path / "cache")
    contents = {"a/lamp.c": LAMP, "logo.c": b"\0\1"}
    known = Manifest(
        COMMIT,
        {path: blob_id(data) for path, data in contents.items()},
        frozenset({"gone.c"}),
        {"a": "is a directory"},
    )
    files.keep(PIN, known, contents)
    return files


def read(cache: CacheFiles, *paths: str) -> list[object]:
    with open_source(parse_spec(f"cache:{cache.folder}"), PIN) as source:
        return list(source.read(paths))


def test_files_are_read_as_they_were_fetched(cache: CacheFiles) -> None:
    assert read(cache, "a/lamp.c") == [FileText("a/lamp.c", LAMP, blob_id(LAMP))]
    assert (cache.folder / "source/linux/v3.7/a/lamp.c").read_bytes() == LAMP


def test_only_what_the_tree_lacks_is_missing(cache: CacheFiles) -> None:
    assert read(cache, "gone.c", "unasked.c", "a", "logo.c", "a/../a/lamp.c", "x\0") == [
        Unreadable("a", "is a directory"),
        Unreadable("a/../a/lamp.c", "leaves the tree"),
        Missing("gone.c"),
        Unreadable("logo.c", "is a binary file"),
        Unreadable("unasked.c", NOT_CACHED),
        Unreadable("x\0", "leaves the tree"),
    ]


def test_it_cannot_be_searched(cache: CacheFiles) -> None:
    with open_source(parse_spec(f"cache:{cache.folder}"), PIN) as source:
        assert not source.searchable
        assert source.paths() == ()
        assert source.find_words(["lamp"]) == {"lamp": ()}
        assert source.version() is None


@pytest.mark.parametrize("content", [b"int other;\n", b"", None])
def test_a_file_that_is_not_what_was_fetched_is_not_used(
    cache: CacheFiles, content: bytes | None
) -> None:
    file = cache.folder / "source/linux/v3.7/a/lamp.c"
    file.unlink() if content is None else file.write_bytes(content)
    assert read(cache, "a/lamp.c") == [Unreadable("a/lamp.c", NOT_AS_FETCHED)]
    assert not cache.holds(PIN, ["a/lamp.c"])


def test_what_is_no_regular_file_is_not_opened(cache: CacheFiles) -> None:
    file = cache.folder / "source/linux/v3.7/a/lamp.c"
    file.unlink()
    os.mkfifo(file)
    assert read(cache, "a/lamp.c") == [Unreadable("a/lamp.c", NOT_AS_FETCHED)]


def test_a_pinned_commit_must_be_the_fetched_one(cache: CacheFiles) -> None:
    spec = f"cache:{cache.folder}"
    open_source(parse_spec(spec), Pin("linux", "v3.7", COMMIT)).close()
    with pytest.raises(SourceError) as caught:
        open_source(parse_spec(spec), Pin("linux", "v3.7", "d" * 40))
    assert caught.value.message == (f"the cache has nothing of `linux` v3.7 at commit `{'d' * 40}`")
    assert caught.value.hint == "bring the files with `callpath fetch`"


@pytest.mark.parametrize("pin", [Pin("linux", "v3.8"), Pin("qemu", "v3.7")])
def test_another_version_is_not_there(cache: CacheFiles, pin: Pin) -> None:
    with pytest.raises(SourceError, match="has nothing of"):
        open_source(parse_spec(f"cache:{cache.folder}"), pin)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        '{"callpath-source": 2, "commit": "c", "files": {}, "missing": [], "unreadable": {}}',
        '{"callpath-source": 1, "commit": "c", "files": [], "missing": [], "unreadable": {}}',
        '{"callpath-source": 1, "commit": "c", "files": {}, "missing": "ab", "unreadable": {}}',
    ],
    ids=range(7),
)
def test_a_damaged_manifest_is_none(cache: CacheFiles, text: str) -> None:
    (cache.folder / "manifests/linux/v3.7.json").write_text(text)
    assert cache.manifest(PIN) is None
    assert not cache.holds(PIN, [])
    with pytest.raises(SourceError, match="has nothing of"):
        open_source(parse_spec(f"cache:{cache.folder}"), PIN)


def test_what_becomes_known_later_is_added(cache: CacheFiles) -> None:
    newer, contents = manifest(gone=b"int gone;\n", new=b"int new;\n")
    cache.keep(PIN, newer, contents)
    known = cache.manifest(PIN)
    assert known is not None
    assert sorted(known.files) == ["a/lamp.c", "gone.c", "logo.c", "new.c"]
    assert known.missing == frozenset()
    assert cache.holds(PIN, ["a/lamp.c", "gone.c", "a"])


def test_another_commit_begins_anew(cache: CacheFiles) -> None:
    cache.keep(PIN, *manifest("d" * 40, new=b"int new;\n"))
    assert read(cache, "a/lamp.c") == [Unreadable("a/lamp.c", NOT_CACHED)]
    assert not (cache.folder / "source/linux/v3.7/a").exists()


def test_the_manifest_is_written_last(cache: CacheFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced: list[str] = []
    original = Path.replace

    def replace(self: Path, target: Path) -> Path:
        replaced.append(Path(target).name)
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    cache.keep(PIN, *manifest(b=b"int b;\n", c=b"int c;\n"))
    assert replaced == ["b.c", "c.c", "v3.7.json"]


def test_the_manifest_says_what_it_is(cache: CacheFiles) -> None:
    data = json.loads((cache.folder / "manifests/linux/v3.7.json").read_text())
    assert list(data) == [
        "callpath-source",
        "project",
        "version",
        "commit",
        "files",
        "missing",
        "unreadable",
    ]


def test_a_link_is_no_way_out_of_the_cache(cache: CacheFiles, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (cache.folder / "source/linux/v3.7/out").symlink_to(outside)
    data = b"int x;\n"
    with pytest.raises(OSError, match="out of the cache"):
        cache.keep(PIN, Manifest(COMMIT, {"out/x.c": blob_id(data)}), {"out/x.c": data})
    assert list(outside.iterdir()) == []


def test_a_tag_with_a_slash_has_one_folder(cache: CacheFiles) -> None:
    pin = Pin("linux", "release/3.7")
    cache.keep(pin, *manifest(a=LAMP))
    assert (cache.folder / "source/linux/release%2F3.7/a.c").is_file()
    assert cache.holds(pin, ["a.c"])


def test_the_cache_of_a_site_is_below_its_root(
    cache: CacheFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "site"
    for text, spec in {
        "cache": f"cache:{root}/{CACHE}",
        "cache:other": f"cache:{root}/other",
        f"cache:{tmp_path}": f"cache:{tmp_path}",
        "tree:x": "tree:x",
        "elixir": "elixir",
    }.items():
        assert str(parse_spec(text, root)) == spec
    (root / CACHE).parent.mkdir(parents=True)
    cache.folder.rename(root / CACHE)
    monkeypatch.chdir(root)
    open_source(parse_spec("cache"), PIN).close()
    with pytest.raises(UsageError, match="does not say where"):
        open_source(parse_spec("cache:"), PIN)
