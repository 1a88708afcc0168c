"""SPEC: its forms, and what is offered for what is none of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from made_sources import FILES, PIN, run_git
from zip_source import install, write_zip

from callpath.extensions import extensions
from callpath.findings import UsageError
from callpath.model import Pin
from callpath.sources.base import SourceSpec
from callpath.sources.spec import KINDS, Sources, open_source, parse_release_arguments, parse_spec


@pytest.mark.parametrize("spec", ["", "tree", "zip:x.zip", ":x", "/etc", "a\0b", "TREE:", "C:\\x"])
def test_a_bad_spec_lists_the_forms(spec: str) -> None:
    with pytest.raises(UsageError, match="is not a source") as caught:
        parse_spec(spec)
    forms = "`tree:DIR`, `git:REPO[@REVISION]`, `archive:FILE`, `cache` or `elixir[:URL]`"
    assert caught.value.hint.startswith(f"write {forms}")


@pytest.mark.parametrize("spec", ["tree:", "git:", "archive:", "cache:", "elixir:", "tree:a\0b"])
def test_a_spec_must_say_where(spec: str) -> None:
    with pytest.raises(UsageError, match="does not say where"):
        parse_spec(spec)


@pytest.mark.parametrize(
    ("spec", "meant"), [("tre:x", "tree:x"), ("archiv:y.tar", "archive:y.tar"), ("gti:z", "git:z")]
)
def test_a_misspelt_kind_is_offered(spec: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_spec(spec)
    assert f"did you mean `{meant}`" in caught.value.hint


def test_a_place_alone_gets_its_kind(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "x.tar").write_bytes(b"")
    run_git(tmp_path, "init", "--quiet", "--bare", "bare.git")
    for name, kind in (("tree", "tree"), ("x.tar", "archive"), ("bare.git", "git")):
        with pytest.raises(UsageError) as caught:
            parse_spec(str(tmp_path / name))
        assert f"did you mean `{kind}:{tmp_path / name}`" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("git:x", SourceSpec("git", "x")),
        ("git:x@v3.7", SourceSpec("git", "x", "v3.7")),
        ("git:a@b@v3.7", SourceSpec("git", "a@b", "v3.7")),
        ("git:git@example.org:x", SourceSpec("git", "git@example.org:x")),
        ("tree:x@y", SourceSpec("tree", "x@y")),
        ("elixir", SourceSpec("elixir", "")),
        ("elixir:http://x:1", SourceSpec("elixir", "http://x:1")),
    ],
)
def test_a_spec_is_a_value_and_is_written_as_it_was(text: str, spec: SourceSpec) -> None:
    assert parse_spec(text) == spec
    assert str(spec) == text


def test_only_a_tree_without_a_version_is_one_tree() -> None:
    old, new = Pin("qemu", "v8"), Pin("qemu", "v9")
    one = {
        text: Sources("qemu", {"qemu": parse_spec(text)}).one_tree(old, new) is not None
        for text in ("tree:x", "archive:x", "git:x@main", "git:x", "cache", "elixir")
    }
    assert [text for text, is_one in one.items() if is_one] == ["tree:x", "archive:x", "git:x@main"]
    linux = Sources("linux", {"linux": parse_spec("tree:x")})
    assert linux.one_tree(Pin("linux", "v3.7"), Pin("linux", "v3.8")) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("qemu=git:x", "`qemu=git:x` is a source of `qemu`, but the releases of `linux` are"),
        ("linux=tree:x", "`tree:x` has no releases to look through"),
        ("git:x@v3.7", "`git:x@v3.7` names one revision, but releases are looked through"),
    ],
)
def test_releases_are_in_whole_repositories(text: str, message: str) -> None:
    assert parse_release_arguments(["git:x", "linux=git:y"], "linux") == [
        SourceSpec("git", "x"),
        SourceSpec("git", "y"),
    ]
    with pytest.raises(UsageError, match=message):
        parse_release_arguments([text], "linux")


def test_every_kind_is_documented() -> None:
    table = (Path(__file__).parents[2] / "docs/cli.md").read_text(encoding="utf-8")
    for name, kind in KINDS.items():
        assert f"\n| `{kind.form.partition('[')[0]}` |" in table, name


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    install(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    extensions.cache_clear()
    yield tmp_path
    extensions.cache_clear()


def test_a_source_of_another_package_is_opened(installed: Path) -> None:
    file = write_zip(installed / "x.zip", {"Makefile": FILES["Makefile"]})
    with open_source(parse_spec(f"zip:{file}"), PIN) as source:
        assert str(source.spec) == f"zip:{file}"
        assert source.version() == "v3.7"
    with pytest.raises(UsageError, match="does not say where"):
        parse_spec("zip:")
    with pytest.raises(UsageError, match="is not a source"):
        parse_spec("zip")


def test_a_source_that_cannot_be_loaded_is_an_error(installed: Path) -> None:
    with pytest.raises(UsageError, match="cannot load `broken`"):
        open_source(parse_spec("broken:x"), PIN)


def test_other_packages_are_looked_up_only_for_an_unknown_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("callpath.sources.spec.extensions", lambda group: asked.append(group) or {})
    for text in ("tree:x", "git:x", "archive:x", "cache", "elixir"):
        parse_spec(text)
    assert asked == []
    with pytest.raises(UsageError, match="is not a source"):
        parse_spec("zip:x")
    assert asked == ["sources"]
