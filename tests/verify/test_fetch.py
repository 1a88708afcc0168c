"""`callpath fetch`: what a notebook needs, from the command line, also killed and twice at once."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callpath.cache import CACHE
from callpath.cli import main
from callpath.findings import (
    Finding,
    SourceError,
    UsageError,
)
from callpath.model import Pin
from callpath.notebook import read_notebook
from callpath.options import read_site_file, site_settings
from callpath.projects import project_named
from callpath.settings import (
    SiteSettings,
    remotes_of,
)
from callpath.sources.cache import (
    CacheFiles,
)
from callpath.verify.fetch import (
    Fetched,
    fetch_sources,
)
from callpath.workspace import Workspace
from git_server import (
    GitServer,
    Reaction,
    commit_of,
    free_port,
    git,
    make_repository,
    need_git,
    serving,
)
from kernel import CONFIG, LAMP_C, NOTES, PIN, TREE, lock_site, write_site, write_tree

# The table of the driver's functions is in a file of its own, which no note speaks of.
TABLE = LAMP_C[LAMP_C.index("static struct lamp_ops") : LAMP_C.index("int lamp_register")]
SPLIT = {
    **TREE,
    "drivers/lamp/lamp.c": LAMP_C.replace(TABLE, "")
    .replace("static int lamp_reset", "int lamp_reset")
    .replace("static int lamp_set", "int lamp_set")
    .encode(),
    "drivers/lamp/table.c": f"#include <linux/lamp.h>\n\n{TABLE}".encode(),
}
FILES = ["drivers/fan/fan.c", "drivers/lamp/lamp.c", "drivers/lamp/table.c", "include/linux/lamp.h"]
QEMU = "title: t\npin: {project: qemu, version: v8}\nsteps:\n  - function: f\n    file: a.c\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_git()
    folder = tmp_path_factory.mktemp("served")
    make_repository(folder / "linux.git", {"v3.7": SPLIT})
    make_repository(folder / "qemu.git", {"v8": {"a.c": "int f(void)\n{\n\treturn 0;\n}\n"}})
    return folder


@pytest.fixture
def server(served: Path) -> Iterator[GitServer]:
    with serving(served) as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, server: GitServer) -> Workspace:
    """The small notebook, locked from the tree that the server has; fetched from the server."""
    remotes = f"      remotes:\n        linux: [{server.url('linux.git')}]\n"
    site = write_site(tmp_path / "site", NOTES, CONFIG + remotes)
    lock_site(site, linux=write_tree(tmp_path / "linux", SPLIT))
    return site


def fetch(
    site: Workspace, *remotes: str, told: list[str] | None = None, **options: bool
) -> Fetched:
    told = [] if told is None else told
    return fetch_sources(site, read_notebook(site), remotes=remotes, tell=told.append, **options)


def callpath(site: Workspace, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(site.root / "mkdocs.yml"), *words])


def cached(site: Workspace) -> list[str]:
    folder = site.root / CACHE / "source" / "linux" / "v3.7"
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


# --- what is fetched --------------------------------------------------------------------------


def test_files_of_steps_links_and_proofs_are_fetched(site: Workspace, server: GitServer) -> None:
    done = callpath(site, "fetch")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "the cache has 4 files of `linux` v3.7\n"
    assert cached(site) == FILES
    assert [server.count(kind) for kind in ("tags", "files")] == [1, 1]


def test_a_check_against_the_cache_is_clean(
    site: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callpath(site, "check", "--source", "cache").exit_code == 2
    fetch(site)
    monkeypatch.setenv("PATH", "")
    done = callpath(site, "check", "--source", "cache")
    assert done.exit_code == 0, done.output


def test_a_check_says_what_the_cache_lacks(site: Workspace) -> None:
    fetch(site)
    (site.root / CACHE / "source/linux/v3.7/drivers/fan/fan.c").write_text("int x;\n")
    done = callpath(site, "check", "--source", "cache")
    assert done.exit_code == 1
    assert "`drivers/fan/fan.c` is not in the cache as it was fetched; run `callpath fetch`" in (
        done.stdout
    )


def test_a_second_run_makes_no_request(site: Workspace, server: GitServer) -> None:
    fetch(site)
    server.requests.clear()
    assert fetch(site).files == {PIN: 4}
    assert server.requests == []
    assert callpath(site, "fetch", "--refresh").exit_code == 0
    assert {request.kind for request in server.requests} == {"info", "refs"}


def test_files_that_the_tag_lacks_are_findings(tmp_path: Path, server: GitServer) -> None:
    note = (
        "title: t\nsteps:\n  - function: f\n    file: no/such.c\n"
        "  - function: g\n    file: drivers\n"
    )
    site = write_site(
        tmp_path / "odd", {"odd.yml": note + "    commentary: '[x](src:Makefile#x)'\n"}
    )
    for _ in range(2):
        done = callpath(site, "fetch", "--remote", server.url("linux.git"))
        assert done.exit_code == 1
        assert (
            "notes/odd.yml:3:15: error: v3.7 has no file `no/such.c` [missing-file]" in done.stdout
        )
        assert "`drivers` is a directory [unreadable-file]" in done.stdout
        assert done.stderr == "the cache has 1 file of `linux` v3.7\n"
    assert server.count("files") == 1


def test_a_file_that_only_the_lockfile_names(site: Workspace, tmp_path: Path) -> None:
    lock = site.lockfile
    lock.write_text(lock.read_text().replace("drivers/lamp/table.c", "drivers/../table.c"))
    done = callpath(site, "fetch")
    assert done.exit_code == 1
    assert "notes/notes.lock:1:1: error: `drivers/../table.c` leaves the tree" in done.stdout
    assert not list(tmp_path.rglob("table.c.*"))


def test_a_notebook_without_references_needs_nothing(tmp_path: Path) -> None:
    done = callpath(write_site(tmp_path / "empty", {"index.md": "# x\n"}), "fetch")
    assert (done.exit_code, done.stderr.strip()) == (0, "the notes refer to no file")


def test_the_cache_is_not_committed(site: Workspace) -> None:
    fetch(site)
    git(site.root, "init", "--quiet")
    git(site.root, "add", "--all")
    assert ".cache" not in git(site.root, "status", "--porcelain", "--ignored=no")


# --- projects and remotes ---------------------------------------------------------------------


def test_another_project_has_a_remote_of_its_own(
    site: Workspace, server: GitServer, tmp_path: Path
) -> None:
    (site.notes_folder / "qemu.yml").write_text(QEMU)
    told: list[str] = []
    with pytest.raises(SourceError, match="not known where `qemu` can be fetched from"):
        fetch(site, told=told)
    assert cached(site) == FILES, "the other project was fetched"
    with pytest.raises(UsageError, match="which of `linux`, `qemu` is at `--remote`"):
        fetch(site, "https://example.org/x.git")
    done = callpath(site, "fetch", "--project", "qemu", "--remote", server.url("qemu.git"))
    assert (done.exit_code, done.stderr) == (0, "the cache has 1 file of `qemu` v8\n")
    assert callpath(site, "fetch").exit_code == 0
    done = callpath(site, "fetch", "--project", "qemo")
    assert done.stderr.startswith("error: the notes do not speak of `qemo`\n")


@pytest.mark.parametrize(
    "remote", ["--upload-pack=x", "ext::sh -c x", "../linux", "a b", "x::y@z:p"]
)
def test_a_remote_must_be_an_address(site: Workspace, remote: str) -> None:
    done = callpath(site, "fetch", f"--remote={remote}")
    assert done.exit_code == 2
    assert f"error: `{remote}` is no address of a git repository" in done.stderr


def test_what_failed_is_told_and_the_status_says_it(site: Workspace, server: GitServer) -> None:
    dead = f"http://127.0.0.1:{free_port()}/linux.git"
    done = callpath(site, "fetch", "--remote", dead)
    assert done.exit_code == 2
    assert done.stderr == (
        f"`{dead}`: no connection\n"
        "error: no remote has given `linux` v3.7\n"
        "hint: name one that does with `--remote URL`\n"
    )
    done = callpath(site, "fetch", "--remote", dead, "--remote", server.url("linux.git"))
    assert done.exit_code == 0


def test_pins_of_one_version_must_agree(site: Workspace, served: Path) -> None:
    note = "title: t\npin: {{version: v3.7, commit: {}}}\nsteps:\n  - function: f\n    file: a.c\n"
    commit = commit_of(served / "linux.git", "v3.7")
    (site.notes_folder / "a.yml").write_text(note.format(commit))
    assert fetch(site).files == {Pin("linux", "v3.7", commit): 4}
    (site.notes_folder / "b.yml").write_text(note.format("d" * 40))
    with pytest.raises(UsageError, match="name different commits"):
        fetch(site)


def settings_of(text: str) -> tuple[SiteSettings, list[Finding]]:
    return site_settings(read_site_file("mkdocs.yml", text.encode(), {}))


def test_remotes_are_a_setting() -> None:
    text = "plugins:\n  - callpath:\n      remotes:\n        qemu: [https://x.org/q.git, {}]\n"
    site, findings = settings_of(text.format("git@x.org:q.git"))
    assert findings == []
    remotes = site.callpath.remotes
    assert remotes_of("qemu", remotes) == ["https://x.org/q.git", "git@x.org:q.git"]
    assert remotes_of("linux", remotes) == project_named("linux").remotes
    assert remotes_of("xen", remotes) == ()
    _, findings = settings_of(text.format("../q"))
    assert [finding.message for finding in findings] == ["`../q` is no address of a git repository"]


def test_the_kernel_comes_from_kernel_org_first() -> None:
    first, second, *mirrors = project_named("linux").remotes
    assert first == "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git"
    assert second == "https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git"
    assert any("github.com" in mirror for mirror in mirrors)


# --- killed, and twice at once ----------------------------------------------------------------


def start(site: Workspace) -> subprocess.Popen[bytes]:
    program = Path(sys.executable).with_name("callpath")
    return subprocess.Popen(
        [program, "fetch"], cwd=site.root, stderr=subprocess.PIPE, start_new_session=True
    )


def assert_usable(site: Workspace) -> None:
    """The cache holds nothing false: what it has is right, the rest is not there."""
    files = CacheFiles(site.root / CACHE)
    manifest = files.manifest(PIN)
    for path, blob in manifest.files.items() if manifest else ():
        assert files.content(PIN, path, blob) == SPLIT[path]


@pytest.mark.parametrize(
    ("kind", "whole_group"),
    [("refs", True), ("tags", True), ("files", True), ("tags", False), ("files", False)],
)
def test_a_run_that_is_killed_can_be_repeated(
    site: Workspace, server: GitServer, kind: str, whole_group: bool
) -> None:
    reaction = server.reactions[kind] = Reaction(wait=True, times=1)
    with start(site) as process:
        assert reaction.reached.wait(300)
        if whole_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:  # git goes on alone for a while, and keeps the cache locked
            process.kill()
        process.wait()
        assert_usable(site)
        reaction.go.set()
    assert fetch(site).files == {PIN: 4}
    assert cached(site) == FILES
    assert callpath(site, "check", "--source", "cache").exit_code == 0


def test_a_run_that_is_killed_while_it_writes(site: Workspace) -> None:
    for number in range(4):
        with start(site) as process:
            while not (site.root / CACHE / "source").exists():
                assert process.poll() is None
                time.sleep(0.001)
            time.sleep(0.002 * number)
            os.killpg(process.pid, signal.SIGKILL)
        assert_usable(site)
        shutil.rmtree(site.root / CACHE / "source")
        shutil.rmtree(site.root / CACHE / "manifests", ignore_errors=True)
    assert fetch(site).files == {PIN: 4}


def test_two_runs_at_once(site: Workspace, server: GitServer) -> None:
    reaction = server.reactions["tags"] = Reaction(wait=True, times=1)
    with start(site) as first:
        assert reaction.reached.wait(300)
        with start(site) as second:
            assert second.stderr is not None
            assert second.stderr.readline() == (
                b"another `callpath fetch` is at work here; waiting for it to end\n"
            )
            reaction.go.set()
            assert (first.wait(300), second.wait(300)) == (0, 0)
    assert [server.count(kind) for kind in ("tags", "files")] == [1, 1]
    assert cached(site) == FILES
