"""Git repositories: which one, which revision, and what a clone may lack."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from made_sources import FILES, PIN, commit_all, run_git

from callpath.findings import (
    SourceError,
    UsageError,
)
from callpath.model import Pin
from callpath.sources.base import (
    FileText,
    Missing,
    Unreadable,
)
from callpath.sources.spec import open_source, parse_spec


@pytest.fixture
def small(tmp_path: Path) -> Path:
    directory = tmp_path / "small"
    directory.mkdir()
    run_git(directory, "init", "--quiet", "--initial-branch=main")
    run_git(directory, "config", "uploadpack.allowFilter", "true")
    (directory / "a.c").write_bytes(b"int a;\n")
    (directory / "sub").mkdir()
    (directory / "sub" / "b.c").write_bytes(b"int b;\n")
    commit_all(directory, "v3.7")
    return directory


def header(spec: str, pin: Pin = PIN) -> bytes:
    with open_source(parse_spec(spec), pin) as source:
        (result,) = source.read(["lamp/lamp.h"])
    assert isinstance(result, FileText)
    return result.data


def test_the_tag_of_the_pin_is_read(repository: Path) -> None:
    assert header(f"git:{repository}") == FILES["lamp/lamp.h"]
    assert header(f"git:{repository}", Pin("linux", "v3.8")) == b"int lamp_on(int level);\n"


@pytest.mark.parametrize("revision", ["v3.8", "main", "HEAD", "main~0", "HEAD@{0}", "v3.8^{}"])
def test_a_revision_is_read(repository: Path, revision: str) -> None:
    assert header(f"git:{repository}@{revision}") == b"int lamp_on(int level);\n"


def test_a_directory_may_have_an_at_sign(small: Path, tmp_path: Path) -> None:
    (tmp_path / "me@host").mkdir()
    place = small.rename(tmp_path / "me@host" / "s")
    for spec in (f"git:{place}", f"git:{place}@main"):
        with open_source(parse_spec(spec), PIN) as source:
            assert source.paths() == ("a.c", "sub/b.c")


def test_the_git_directory_and_a_worktree_are_the_repository(small: Path, tmp_path: Path) -> None:
    run_git(small, "worktree", "add", "--quiet", str(tmp_path / "other"), "v3.7")
    for place in (small / ".git", tmp_path / "other"):
        with open_source(parse_spec(f"git:{place}"), PIN) as source:
            assert source.find_words(["a"]) == {"a": ("a.c",)}


def test_only_the_directory_itself_is_looked_at(small: Path) -> None:
    with pytest.raises(SourceError, match="is not a git repository") as caught:
        open_source(parse_spec(f"git:{small}/sub"), PIN)
    assert "tree:" in caught.value.hint


def test_a_pinned_commit_must_be_the_tags(repository: Path) -> None:
    commit = run_git(repository, "rev-parse", "v3.8^{commit}")
    assert header(f"git:{repository}", Pin("linux", "v3.8", commit)) == b"int lamp_on(int level);\n"
    with pytest.raises(SourceError) as caught:
        open_source(parse_spec(f"git:{repository}"), Pin("linux", "v3.7", commit))
    assert commit in caught.value.message
    assert run_git(repository, "rev-parse", "v3.7") in caught.value.message


def test_a_branch_is_not_taken_for_the_tag(small: Path) -> None:
    run_git(small, "branch", "v3.9")
    with pytest.raises(SourceError, match=r"has no tag `v3\.9`"):
        open_source(parse_spec(f"git:{small}"), Pin("linux", "v3.9"))


def test_a_tag_may_name_a_tree(small: Path) -> None:
    run_git(small, "tag", "v2.6.11-tree", "HEAD^{tree}")
    with open_source(parse_spec(f"git:{small}"), Pin("linux", "v2.6.11-tree")) as source:
        assert source.paths() == ("a.c", "sub/b.c")


def test_a_missing_tag_offers_the_nearest(repository: Path) -> None:
    with pytest.raises(SourceError, match=r"has no tag `v3\.77`") as caught:
        open_source(parse_spec(f"git:{repository}"), Pin("linux", "v3.77"))
    assert "`v3.7`" in caught.value.hint
    assert "fetch --tags" in caught.value.hint


def test_a_repository_without_tags_says_so(small: Path) -> None:
    run_git(small, "tag", "--delete", "v3.7")
    with pytest.raises(SourceError) as caught:
        open_source(parse_spec(f"git:{small}"), PIN)
    assert "no tags at all" in caught.value.hint


def test_a_missing_revision_is_an_error(small: Path) -> None:
    with pytest.raises(SourceError, match="has no revision `nope`"):
        open_source(parse_spec(f"git:{small}@nope"), PIN)


@pytest.mark.parametrize("revision", ["", "--help", "-x"])
def test_a_revision_is_never_an_option(small: Path, revision: str) -> None:
    with pytest.raises(UsageError, match="does not name a revision"):
        open_source(parse_spec(f"git:{small}@{revision}"), PIN)


def test_a_shallow_clone_without_the_tag_says_how_to_get_it(
    repository: Path, tmp_path: Path
) -> None:
    run_git(tmp_path, "clone", "--quiet", "--depth=1", "--no-tags", f"file://{repository}", "s")
    with pytest.raises(SourceError) as caught:
        open_source(parse_spec(f"git:{tmp_path}/s"), PIN)
    assert "shallow clone" in caught.value.hint
    assert "tag v3.7" in caught.value.hint


@pytest.mark.parametrize(
    "place", ["https://example.org/x.git", "git@example.org:x.git", "/no/such"]
)
def test_no_directory_is_an_error(place: str) -> None:
    with pytest.raises(SourceError, match=r"there is no directory `") as caught:
        open_source(parse_spec(f"git:{place}"), PIN)
    assert ("clone" in caught.value.hint) == ("example" in place)


def test_git_must_be_installed(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SourceError, match="git is not installed"):
        open_source(parse_spec(f"git:{small}"), PIN)


def test_the_callers_git_settings_do_not_lead_astray(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path / "nonsense"))
    settings = tmp_path / "settings"
    settings.write_text(
        "[color]\nui = always\n[grep]\nfullName = true\nlineNumber = true\n"
        "[submodule]\nrecurse = true\n[safe]\nbareRepository = explicit\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    with open_source(parse_spec(f"git:{small}"), PIN) as source:
        assert source.find_words(["b"]) == {"b": ("sub/b.c",)}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_another_users_repository_is_refused_by_name(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for place in (small, small / ".git"):
        os.chown(place, 12345, 12345)
    with pytest.raises(SourceError, match="belongs to another user") as caught:
        open_source(parse_spec(f"git:{small}"), PIN)
    assert "safe.directory" in caught.value.hint


def test_a_file_in_a_submodule_says_so(small: Path) -> None:
    commit = run_git(small, "rev-parse", "HEAD")
    run_git(small, "update-index", "--add", "--cacheinfo", f"160000,{commit},module")
    run_git(small, "commit", "--quiet", "--message=module")
    with open_source(parse_spec(f"git:{small}@HEAD"), PIN) as source:
        results = list(source.read(["module", "module/x.c"]))
        assert source.paths() == ("a.c", "sub/b.c")
    assert results == [
        Unreadable("module", "is in a submodule"),
        Unreadable("module/x.c", "is in a submodule"),
    ]


@pytest.fixture
def partial(small: Path, tmp_path: Path) -> Path:
    (small / "a.c").write_bytes(b"int newer;\n")
    (small / "link.c").symlink_to("a.c")
    commit_all(small, "v3.8")
    url = f"file://{small}"
    run_git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", url, "partial.git")
    return tmp_path / "partial.git"


def objects(place: Path) -> list[str]:
    return sorted(str(path) for path in (place / "objects").rglob("*"))


def test_a_partial_clone_fetches_nothing(partial: Path) -> None:
    before = objects(partial)
    with open_source(parse_spec(f"git:{partial}"), Pin("linux", "v3.8")) as source:
        assert not source.searchable
        assert source.paths() == ()
        assert source.find_words(["a"]) == {"a": ()}
        assert source.version() is None
        results = list(source.read(["a.c", "gone.c", "link.c", "sub"]))
    assert results == [
        Unreadable("a.c", "is not in this partial clone"),
        Missing("gone.c"),
        Unreadable("link.c", "is not in this partial clone"),
        Unreadable("sub", "is a directory"),
    ]
    assert objects(partial) == before


def test_a_partial_clone_gives_what_it_has(partial: Path) -> None:
    blob = run_git(partial, "rev-parse", "v3.7:sub/b.c")
    run_git(partial, "cat-file", "blob", blob)  # this fetches it
    with open_source(parse_spec(f"git:{partial}"), PIN) as source:
        here, lacking = sorted(source.read(["sub/b.c", "a.c"]), key=lambda result: result.path)[
            ::-1
        ]
    assert here == FileText("sub/b.c", b"int b;\n", blob)
    assert lacking == Unreadable("a.c", "is not in this partial clone")


def test_a_clone_without_trees_is_an_error(small: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "--quiet", "--bare", "--filter=tree:0", f"file://{small}", "t.git")
    before = objects(tmp_path / "t.git")
    with pytest.raises(SourceError, match="but not its files"):
        open_source(parse_spec(f"git:{tmp_path}/t.git"), PIN)
    assert objects(tmp_path / "t.git") == before


@pytest.mark.parametrize(
    "damage", [Path.unlink, lambda file: file.write_bytes(b"no object")], ids=["lost", "broken"]
)
def test_a_damaged_repository_is_an_error(small: Path, damage: Callable[[Path], object]) -> None:
    blob = run_git(small, "rev-parse", "v3.7:a.c")
    file = small / ".git" / "objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    damage(file)
    message = f"lacks blob `{blob}`, which its tree names: it is damaged, or a copy of a part"
    with (
        open_source(parse_spec(f"git:{small}"), PIN) as source,
        pytest.raises(SourceError) as caught,
    ):
        list(source.read(["a.c"]))
    assert message in caught.value.message
    assert "fsck" in caught.value.hint


def test_the_process_ends_with_the_source(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    original = subprocess.Popen

    def start(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        process = original(*arguments, **options)  # type: ignore[call-overload]
        started.append(process)
        return process  # type: ignore[no-any-return]

    with open_source(parse_spec(f"git:{small}"), PIN) as source:
        source.paths()
        monkeypatch.setattr("callpath.sources.git.subprocess.Popen", start)
        list(source.read(["a.c"]))
        list(source.read(["a.c", "sub/b.c"]))
        assert len(started) == 1
        assert started[0].poll() is None
    assert started[0].poll() == 0


def test_many_files_pass_through_one_process(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet")
    for number in range(500):
        (tmp_path / f"f{number:03}.c").write_bytes(b"int word;\n" * (number * 20))
    commit_all(tmp_path, "v3.7")
    with open_source(parse_spec(f"git:{tmp_path}"), PIN) as source:
        sizes = [
            len(result.data)
            for result in source.read(source.paths())
            if isinstance(result, FileText)
        ]
        assert sizes == [number * 200 for number in range(500)]
        assert len(source.find_words(["word"])["word"]) == 499
