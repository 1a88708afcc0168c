"""How files of the notebook changed, as git tells it: which, when, and what is no history."""

import os
import subprocess
from pathlib import Path

import pytest

from callpath.findings import SourceError
from callpath.sources import git
from callpath.sources.changelog import (
    FileCommit,
    newest_changes,
    read_history,
)

FIRST, STEP = 1_700_000_000, 100


class Clone:
    """A git repository whose commits are 100 seconds apart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.commits = 0
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        when = f"{FIRST + self.commits * STEP} +0800"
        dates = {"GIT_AUTHOR_DATE": "1000000000 +0000", "GIT_COMMITTER_DATE": when}
        names = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        done = subprocess.run(
            ["git", *names, *words],
            cwd=self.folder,
            check=True,
            capture_output=True,
            env=os.environ | dates,
        )
        return done.stdout.decode().strip()

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def commit(self, subject: str, **files: str) -> str:
        """Commit these files of `docs/` (`a` is `a.yml`); the commit's id."""
        for name, text in files.items():
            self.write(f"docs/{name}.yml", text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty-message", "-m", subject)
        self.commits += 1
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "clone")


def told(history: tuple[FileCommit, ...]) -> list[tuple[str, str, bool]]:
    return [(change.path, change.subject, change.is_new) for change in history]


def test_the_newest_change_comes_first(clone: Clone) -> None:
    first = clone.commit("Begin é 笔记", a="1", b="1")
    second = clone.commit("Mend a", a="2")
    clone.commit("Something else", other="x")
    history = read_history(clone.folder / "docs", ["a.yml", "b.yml"], 30)
    assert history == (
        FileCommit("a.yml", second, FIRST + STEP, "Mend a", is_new=False),
        FileCommit("a.yml", first, FIRST, "Begin é 笔记", is_new=True),
        FileCommit("b.yml", first, FIRST, "Begin é 笔记", is_new=True),
    )
    assert read_history(clone.folder / "docs", ["a.yml", "b.yml"], 2) == history[:2]


def test_a_note_that_moved_is_new_where_it_is(clone: Clone) -> None:
    clone.commit("Begin", a="1")
    clone.git("mv", "docs/a.yml", "docs/b.yml")
    clone.commit("Move")
    assert told(read_history(clone.folder / "docs", ["b.yml"], 30)) == [("b.yml", "Move", True)]


def test_names_and_subjects_may_be_anything(clone: Clone) -> None:
    names = ["笔记", "with space", "[a]*", "-x", "a:b"]
    clone.commit("", **dict.fromkeys(names, "1"))
    clone.commit("\x01 <b> & \"'", **{"[a]*": "2"})
    paths = [f"{name}.yml" for name in names]
    history = read_history(clone.folder / "docs", [*paths, "not\nthere.yml"], 30)
    assert told(history) == [
        ("[a]*.yml", "\x01 <b> & \"'", False),
        *((path, "", True) for path in sorted(paths)),
    ]


def test_notes_that_no_commit_has_are_without_history(clone: Clone) -> None:
    clone.commit("Begin", a="1")
    clone.write("docs/new.yml", "1")
    assert read_history(clone.folder / "docs", ["new.yml"], 30) == ()


def test_settings_of_the_user_change_nothing(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    clone.commit("Begin", a="1")
    clone.commit("Mend", a="2")
    before = read_history(clone.folder / "docs", ["a.yml"], 30)
    settings = {
        "log.showRoot": "false",
        "log.showSignature": "true",
        "log.follow": "true",
        "log.date": "relative",
        "diff.relative": "true",
        "diff.renames": "copies",
        "color.ui": "always",
        "format.pretty": "fuller",
        "core.quotePath": "true",
        "i18n.logOutputEncoding": "latin-1",
    }
    for name, value in settings.items():
        clone.git("config", name, value)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert read_history(clone.folder / "docs", ["a.yml"], 30) == before
    assert len(before) == 2


def test_a_shallow_clone_has_no_history_and_says_so(clone: Clone, tmp_path: Path) -> None:
    clone.commit("Begin", a="1")
    clone.commit("Mend", a="2")
    clone.git("clone", "-q", "--depth", "1", clone.folder.as_uri(), str(tmp_path / "shallow"))
    docs = tmp_path / "shallow" / "docs"
    assert newest_changes(docs, ["a.yml"]) == (
        (),
        "there is no feed: the git repository is a shallow clone, without its older commits "
        "(fetch them with `git fetch --unshallow`, in GitHub Actions with `fetch-depth: 0`)",
    )


def test_a_work_tree_has_the_history_of_its_repository(clone: Clone, tmp_path: Path) -> None:
    clone.commit("Begin", a="1")
    clone.git("worktree", "add", "-q", str(tmp_path / "tree"))
    assert told(read_history(tmp_path / "tree/docs", ["a.yml"], 30)) == [("a.yml", "Begin", True)]


def test_where_no_git_is_there_is_silence(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plain").mkdir()
    clone.write("docs/a.yml", "1")  # a repository without a commit
    for folder in (tmp_path / "plain", tmp_path / "none", clone.folder / "docs"):
        assert newest_changes(folder, ["a.yml"]) == ((), "")
    clone.commit("Begin", a="1")
    assert newest_changes(clone.folder / "docs", []) == ((), "")
    monkeypatch.setattr(git.shutil, "which", lambda _: None)
    assert newest_changes(clone.folder / "docs", ["a.yml"]) == ((), "")


def test_a_repository_that_git_cannot_read_is_told(clone: Clone) -> None:
    clone.commit("Begin", a="1")
    clone.commit("Mend", a="2")
    tree = clone.git("rev-parse", "HEAD^{tree}")
    (clone.folder / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(SourceError, match="git cannot read the history"):
        read_history(clone.folder / "docs", ["a.yml"], 30)
    assert newest_changes(clone.folder / "docs", ["a.yml"])[1].startswith("there is no feed: git")
