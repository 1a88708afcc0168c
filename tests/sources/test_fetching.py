"""Fetching files of tags into the cache, from real git servers on the loopback interface."""

import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from callpath.findings import SourceError
from callpath.model import Pin
from callpath.settings import shown_remote
from callpath.sources.base import FileText
from callpath.sources.cache import CacheFiles
from callpath.sources.fetch import Fetch, _reason, locked
from callpath.sources.spec import open_source, parse_spec
from git_server import (
    GitServer,
    Reaction,
    commit_of,
    daemon,
    free_port,
    git,
    make_repository,
    need_git,
    serving,
)

V7, V8 = Pin("linux", "v3.7"), Pin("linux", "v3.8")
MANY = [f"drivers/d{number % 7}/f{number}.c" for number in range(40)]
TREE: dict[str, str | bytes] = {path: f"int f_{path[-5:-2]};\n" for path in MANY} | {
    "Makefile": "all:\n",
    "headers": "-> include",
    "include/real.h": "int real;\n",
    "include/link.h": "-> ../headers/real.h",
    "include/out.h": "-> ../../out.h",
}
PATHS = [*MANY[:30], "include/real.h"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `linux.git`; tests do not change it."""
    need_git()
    folder = tmp_path_factory.mktemp("served")
    newer = TREE | {MANY[0]: "int new;\n"}
    large = {"large.c": b"/* large */\n" * 800_000}
    make_repository(folder / "linux.git", {"v3.6": large, "v3.7": TREE, "v3.8": newer})
    return folder


@pytest.fixture
def server(served: Path) -> Iterator[GitServer]:
    with serving(served) as server:
        yield server


@dataclass
class Cache:
    """A cache, and what was told while it was filled."""

    folder: Path
    told: list[str] = field(default_factory=list)
    steps: set[str] = field(default_factory=set)

    def bring(self, *remotes: str, refresh: bool = False, **paths: list[str] | str) -> None:
        """Fetch the usual paths at v3.7, or these (`v3_8=[…]`)."""
        pins = {Pin("linux", name.replace("_", ".")): got for name, got in paths.items()}
        self.bring_at(pins or {V7: PATHS}, *remotes, refresh=refresh)

    def bring_at(self, wanted: dict, *remotes: str, refresh: bool = False) -> None:  # type: ignore[type-arg]
        self.told.clear()
        advance = lambda task, done, total: self.steps.add(task)  # noqa: E731
        Fetch(self.folder, remotes, refresh, self.told.append, advance).bring(wanted)

    def text(self, path: str, pin: Pin = V7) -> bytes | str:
        with open_source(parse_spec(f"cache:{self.folder}"), pin) as source:
            (result,) = source.read([path])
        return result.data if isinstance(result, FileText) else type(result).__name__

    @property
    def store(self) -> Path:
        return self.folder / "git" / "linux.git"

    def blobs(self) -> int:
        """How many files the cache's repository holds."""
        kinds = git(self.store, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)")
        return kinds.split().count("blob")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def failure(cache: Cache, *remotes: str) -> str:
    with pytest.raises(SourceError) as caught:
        cache.bring(*remotes)
    return caught.value.message


# --- what is asked for ------------------------------------------------------------------------


def test_all_files_come_in_one_request(cache: Cache, server: GitServer) -> None:
    cache.bring(server.url("linux.git"))
    assert all(cache.text(path) == str(TREE[path]).encode() for path in PATHS)
    assert [server.count(kind) for kind in ("tags", "files")] == [1, 1]
    assert cache.blobs() == len(set(map(TREE.get, PATHS)))
    assert "receiving objects" in cache.steps
    assert cache.told == []


def test_several_versions_come_together(cache: Cache, server: GitServer) -> None:
    cache.bring(server.url("linux.git"), v3_7=PATHS, v3_8=PATHS)
    assert cache.text(MANY[0], V8) == b"int new;\n"
    assert cache.text(MANY[0]) != cache.text(MANY[0], V8)
    assert [server.count(kind) for kind in ("tags", "files")] == [1, 1]


def test_what_is_there_is_not_asked_for(cache: Cache, server: GitServer) -> None:
    cache.bring(server.url("linux.git"), v3_7=[*PATHS, "gone.c", "include"])
    asked = len(server.requests)
    cache.bring(server.url("linux.git"), v3_7=[*PATHS, "gone.c", "include"])
    assert len(server.requests) == asked
    cache.bring(server.url("linux.git"), v3_7=[*PATHS, "gone2.c"])
    assert len(server.requests) == asked, "the tree is known"


def test_a_further_file_is_all_that_is_fetched(cache: Cache, server: GitServer) -> None:
    cache.bring(server.url("linux.git"))
    server.requests.clear()
    cache.bring(server.url("linux.git"), v3_7=[*PATHS, "Makefile"])
    assert [server.count(kind) for kind in ("tags", "files")] == [0, 1]
    assert cache.text("Makefile") == b"all:\n"
    assert cache.text(PATHS[0]) == str(TREE[PATHS[0]]).encode()


def test_links_are_followed_to_files(cache: Cache, server: GitServer) -> None:
    cache.bring(server.url("linux.git"), v3_7=["include/link.h", "headers/real.h", "include/out.h"])
    assert cache.text("include/link.h") == cache.text("headers/real.h") == b"int real;\n"
    assert cache.text("include/out.h") == "Unreadable"


def test_what_is_no_file_is_known_too(cache: Cache, server: GitServer) -> None:
    cache.bring(server.url("linux.git"), v3_7=["gone.c", "include", "../x.c"], v3_6=["large.c"])
    known = CacheFiles(cache.folder).manifest(V7)
    assert known is not None
    assert known.missing == {"gone.c"}
    assert known.unreadable == {"../x.c": "leaves the tree", "include": "is a directory"}
    older = CacheFiles(cache.folder).manifest(Pin("linux", "v3.6"))
    assert older is not None
    assert older.unreadable == {"large.c": "is larger than 8 MiB"}


def test_refreshing_asks_but_fetches_nothing_twice(cache: Cache, server: GitServer) -> None:
    cache.bring(server.url("linux.git"))
    server.requests.clear()
    cache.bring(server.url("linux.git"), refresh=True)
    assert {request.kind for request in server.requests} == {"info", "refs"}


# --- kinds of servers -------------------------------------------------------------------------


def test_a_daemon_and_a_folder_serve_too(tmp_path: Path, served: Path) -> None:
    with daemon(served) as address:
        for number, remote in enumerate((f"{address}/linux.git", f"file://{served}/linux.git")):
            cache = Cache(tmp_path / str(number))
            cache.bring(remote)
            assert cache.text(PATHS[0]) == str(TREE[PATHS[0]]).encode()
        assert failure(Cache(tmp_path / "x"), f"{address}/qemu.git") == (
            "no remote has given `linux` v3.7"
        )


def test_a_server_without_filter_sends_everything(tmp_path: Path, cache: Cache) -> None:
    need_git()
    make_repository(tmp_path / "served" / "linux.git", {"v3.7": TREE}, settings={})
    with serving(tmp_path / "served") as server:
        cache.bring(server.url("linux.git"))
        assert server.count("files") == 0
        assert cache.told == [
            f"`{server.url('linux.git')}`: it does not hand out single files; "
            "it has sent all files of v3.7"
        ]
    assert cache.text(PATHS[0]) == str(TREE[PATHS[0]]).encode()


def test_a_server_that_refuses_single_files_is_asked_for_all(tmp_path: Path, cache: Cache) -> None:
    need_git()
    settings = {"uploadpack.allowFilter": "true"}
    make_repository(tmp_path / "served" / "linux.git", {"v3.7": TREE}, settings)
    with serving(tmp_path / "served") as server:
        server.old = True
        cache.bring(server.url("linux.git"))
        assert cache.told == [
            f"`{server.url('linux.git')}`: it does not hand out single files; "
            "fetching all files of v3.7"
        ]
    assert cache.text(PATHS[0]) == str(TREE[PATHS[0]]).encode()


# --- remotes that fail ------------------------------------------------------------------------


def test_the_next_remote_is_tried(cache: Cache, server: GitServer) -> None:
    server.reactions["info"] = Reaction(status=503, times=1)
    dead = f"http://127.0.0.1:{free_port()}/linux.git"
    good = server.url("linux.git")
    cache.bring(dead, good, server.url("none.git"), good)
    assert cache.told == [
        f"`{dead}`: no connection",
        f"`{good}`: it answered with status 503",
        f"`{server.url('none.git')}`: it has no repository",
    ]
    assert cache.text(PATHS[0]) == str(TREE[PATHS[0]]).encode()


def test_when_no_remote_works_it_is_said_once(cache: Cache, server: GitServer) -> None:
    server.reactions["info"] = Reaction(status=500)
    assert failure(cache, server.url("linux.git")) == "no remote has given `linux` v3.7"
    assert len(cache.told) == 1


def test_without_a_remote_the_setting_is_named(cache: Cache) -> None:
    need_git()
    with pytest.raises(SourceError, match="not known where `qemu`") as caught:
        cache.bring_at({Pin("qemu", "v8.2.0"): ["a.c"]})
    assert "`remotes: {qemu: [URL]}`" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "after"),
    [("info", 0.5), ("refs", 0.5), ("tags", 0), ("tags", 0.9), ("files", 0), ("files", 0.9)],
)
def test_a_server_that_breaks_off_leaves_a_cache_that_can_be_filled(
    cache: Cache, server: GitServer, kind: str, after: float
) -> None:
    server.reactions[kind] = Reaction(after=after)
    assert failure(cache, server.url("linux.git")) == "no remote has given `linux` v3.7"
    assert len(cache.told) == 1
    server.reactions.clear()
    server.requests.clear()
    cache.bring(server.url("linux.git"))
    assert all(cache.text(path) == str(TREE[path]).encode() for path in PATHS)
    assert server.count("tags") == (0 if kind == "files" else 1)


def test_what_one_remote_has_begun_another_ends(cache: Cache, server: GitServer) -> None:
    server.reactions["files"] = Reaction(times=1)
    cache.bring(server.url("linux.git"), server.url("linux.git"))
    assert len(cache.told) == 1
    assert server.count("tags") == 1


# --- tags and commits -------------------------------------------------------------------------


def test_a_tag_that_is_not_there(cache: Cache, server: GitServer) -> None:
    with pytest.raises(SourceError, match=r"no remote has given `linux` v9\.9"):
        cache.bring(server.url("linux.git"), v9_9=PATHS, v3_7=PATHS)
    assert cache.told == [f"`{server.url('linux.git')}`: it has no tag `v9.9`"]
    assert cache.text(PATHS[0]) == str(TREE[PATHS[0]]).encode(), "the other one was fetched"


def test_a_pinned_commit_must_be_the_tags(cache: Cache, server: GitServer, served: Path) -> None:
    right, wrong = commit_of(served / "linux.git", "v3.7"), "d" * 40
    remote = server.url("linux.git")
    with pytest.raises(SourceError):
        cache.bring_at({Pin("linux", "v3.7", wrong): PATHS}, remote)
    assert cache.told == [
        f"`{remote}`: its tag `v3.7` is commit `{right}`, but the pin says `{wrong}`"
    ]
    assert server.count("tags") == 0
    cache.bring_at({Pin("linux", "v3.7", right): PATHS}, remote)
    assert cache.text(PATHS[0], Pin("linux", "v3.7", right)) == str(TREE[PATHS[0]]).encode()


def test_a_tag_that_moves_is_followed_only_when_asked(tmp_path: Path, cache: Cache) -> None:
    need_git()
    first = make_repository(tmp_path / "first", {"v3.7": {"a.c": "int a;\n", "b.c": "int b;\n"}})
    other = make_repository(tmp_path / "other", {"v3.7": {"a.c": "int z;\n", "b.c": "int b;\n"}})
    cache.bring(f"file://{first}", v3_7=["a.c"])
    with pytest.raises(SourceError):
        cache.bring(f"file://{other}", v3_7=["a.c", "b.c"])
    assert cache.told == [
        f"`file://{other}`: its tag `v3.7` is commit `{commit_of(other, 'v3.7')}`, "
        f"but what was fetched before is `{commit_of(first, 'v3.7')}`"
    ]
    assert cache.text("a.c") == b"int a;\n"
    cache.bring(f"file://{other}", v3_7=["a.c", "b.c"], refresh=True)
    assert cache.text("a.c") == b"int z;\n"


def test_a_tag_need_not_be_annotated(tmp_path: Path, cache: Cache) -> None:
    need_git()
    remote = make_repository(tmp_path / "r", {"x": {"a.c": "int a;\n"}})
    git(remote, "tag", "release/3.7")
    pin = Pin("linux", "release/3.7", commit_of(remote, "x"))
    cache.bring_at({pin: ["a.c"]}, f"file://{remote}")
    assert cache.text("a.c", pin) == b"int a;\n"


# --- damage and hygiene -----------------------------------------------------------------------


def test_a_damaged_file_is_mended_without_a_request(cache: Cache, server: GitServer) -> None:
    cache.bring(server.url("linux.git"))
    server.requests.clear()
    (cache.folder / "source/linux/v3.7" / PATHS[0]).write_bytes(b"")
    (cache.folder / "source/linux/v3.7" / PATHS[1]).unlink()
    cache.bring(server.url("linux.git"))
    (cache.folder / "manifests/linux/v3.7.json").write_text("{")
    cache.bring(server.url("linux.git"))
    assert server.requests == []
    assert all(cache.text(path) == str(TREE[path]).encode() for path in PATHS)


@pytest.mark.parametrize("damage", ["packs", "cut", "HEAD", "objects"])
def test_a_damaged_repository_is_fetched_anew(cache: Cache, server: GitServer, damage: str) -> None:
    cache.bring(server.url("linux.git"))
    packs = list((cache.store / "objects" / "pack").iterdir())
    for pack in packs:
        pack.chmod(0o644)
    if damage == "packs":
        for pack in packs:
            pack.unlink()
    elif damage == "cut":
        for pack in packs:
            os.truncate(pack, pack.stat().st_size // 2)
    else:
        (cache.store / damage).rename(cache.folder / "away")
    cache.bring(server.url("linux.git"), v3_7=[*PATHS, "Makefile"])
    assert cache.text("Makefile") == b"all:\n"


def test_locks_and_drafts_of_a_killed_run_are_no_hindrance(cache: Cache, server: GitServer) -> None:
    cache.bring(server.url("linux.git"))
    for left in ("shallow.lock", "config.lock", "refs/tags/v3.8.lock", "objects/pack/tmp_pack_a"):
        (cache.store / left).write_text("left")
    (cache.store / "config").write_text("[core")
    cache.bring(server.url("linux.git"), v3_8=PATHS)
    assert cache.text(MANY[0], V8) == b"int new;\n"
    assert not list(cache.store.rglob("*.lock"))
    assert not list(cache.store.rglob("tmp_*"))


def test_neither_the_users_nor_the_caches_settings_get_in_the_way(
    cache: Cache, server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = tmp_path / "hooks" / "reference-transaction"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    config = tmp_path / "config"
    config.write_text(
        f"[core]\n hooksPath = {hook.parent}\n askPass = {hook}\n[protocol]\n version = 0\n"
        "[fetch]\n prune = true\n pruneTags = true\n fsckObjects = true\n"
        "[transfer]\n unpackLimit = 100000\n[init]\n defaultBranch = x\n templateDir = /nowhere\n"
        '[remote "callpath"]\n tagOpt = --tags\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))
    cache.bring(server.url("linux.git"))
    evil = cache.store / "hooks"
    evil.mkdir()
    hook.rename(evil / hook.name)
    with (cache.store / "config").open("a") as settings:
        settings.write(f"[core]\n hooksPath = hooks\n sshCommand = touch {tmp_path}/ran\n")
    cache.bring(server.url("linux.git"), v3_8=PATHS)
    assert not (tmp_path / "ran").exists()
    assert git(cache.store, "tag").split() == ["v3.7", "v3.8"]


def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path: Path) -> None:
    need_git()
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError) as caught:
        Cache(tmp_path / "file" / "cache").bring("file:///nowhere")
    assert caught.value.message == f"cannot write to `{tmp_path}/file/cache`: not a directory"


@pytest.mark.parametrize("text", [b"fatal: write error: No space left on device", b""])
def test_a_full_disk_is_one_sentence(
    cache: Cache, served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes
) -> None:
    if text:  # git finds the disk full
        fake_git(
            tmp_path, monkeypatch, f"case $* in *fetch*) echo '{text.decode()}' >&2; exit 1;; esac"
        )
    else:  # Callpath does
        original = Path.replace

        def replace(self: Path, target: Path) -> Path:
            if "source" in str(target):
                raise OSError(28, "No space left on device")
            return original(self, target)

        monkeypatch.setattr(Path, "replace", replace)
    message = failure(cache, f"file://{served}/linux.git")
    assert message.startswith(f"cannot write to `{cache.folder}")
    assert message.endswith("`: no space left on device")


def fake_git(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a git first on PATH that runs these lines before the real one."""
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True)
    program = folder / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n{script}\nexec {real.stdout.strip()} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_an_old_git_is_refused(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_git()
    fake_git(tmp_path, monkeypatch, 'test "$1" = version && echo git version 2.30.2 && exit')
    assert failure(cache, "file:///nowhere") == (
        "`callpath fetch` needs git 2.39 or newer; this is git version 2.30.2"
    )


def test_git_must_be_installed(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert failure(cache, "file:///nowhere") == "git is not installed"


def test_a_second_one_waits_for_the_first(cache: Cache, server: GitServer) -> None:
    cache.folder.mkdir()
    with locked(cache.folder / "fetch.lock", pytest.fail):
        second = threading.Thread(target=cache.bring, args=(server.url("linux.git"),))
        second.start()
        second.join(0.5)
        assert second.is_alive()
        assert server.requests == []
    second.join(300)
    assert cache.told == ["another `callpath fetch` is at work here; waiting for it to end"]
    assert cache.text(PATHS[0]) == str(TREE[PATHS[0]]).encode()


# --- messages ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("fatal: unable to access 'x': Could not resolve host: x", "its host is unknown"),
        (
            "fatal: could not read Username for 'x': terminal prompts disabled",
            "it wants a password",
        ),
        ("git@x: Permission denied (publickey).\nfatal: Could not read", "it wants a password"),
        ("fatal: unable to access 'x': SSL certificate problem", "its certificate is not trusted"),
        ("fatal: unable to access 'x': Operation too slow.", "it gives no answer"),
        ("fatal: transport 'file' not allowed", "git does not allow this kind of address"),
        ("warning: w\nfatal: something new", "something new"),
        ("odd", "odd"),
        ("", "git failed"),
    ],
)
def test_what_git_says_becomes_a_reason(said: str, reason: str) -> None:
    assert _reason(said) == reason


def test_a_password_is_not_told() -> None:
    assert shown_remote("https://me:secret@example.org/x.git") == "https://example.org/x.git"
    assert shown_remote("git@example.org:x.git") == "git@example.org:x.git"
