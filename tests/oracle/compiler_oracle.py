"""The prover against a compiler: builds a project of Debian's with gcc and compares what both know.

    python tests/oracle/compiler_oracle.py PROJECT… [--folder DIR] [--list FILE]

prints a table of figures. What they mean is in docs/truth.md.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from compiler_comparison import FIGURES, Comparison, Question, compare
from compiler_facts import read_facts

from callpath.model import Pin
from callpath.projects import LINUX

HERE = Path(__file__).resolve().parent
PLUGIN_SOURCE = HERE / "calls_plugin.cc"
WRAPPER = HERE / "cc-wrapper.sh"
PACKAGES = ("gcc-12-plugin-dev", "universal-ctags")
SOURCES = Path("/etc/apt/sources.list.d")


@dataclass(frozen=True, slots=True)
class Project:
    """A C project of Debian's, and how it is built."""

    package: str  # a source package, or the path of an archive that a binary package brings
    steps: tuple[str, ...]  # shell commands in the tree; `{jobs}` is how many may run at once
    before: tuple[str, ...] = ()  # commands whose compilations do not count
    needs: tuple[str, ...] = ()  # Debian packages, beside gcc and make
    plain: str = ""  # the project's name in a pin, if it is not the package's


_GIT = " ".join(
    f"NO_{each}=1"
    for each in ("CURL", "EXPAT", "OPENSSL", "GETTEXT", "TCLTK", "PERL", "PYTHON", "ICONV")
)
PROJECTS = {
    "lua": Project("lua5.4", ("make -C src -j{jobs} linux CC=$CC",)),
    "zlib": Project("zlib", ("./configure", "make -j{jobs}")),
    "redis": Project("redis", ("make -C src -j{jobs} MALLOC=libc CC=$CC",)),
    "git": Project("git", (f"make -j{{jobs}} CC=$CC {_GIT}",), needs=("zlib1g-dev",)),
    "kvm": Project(
        "/usr/src/linux-source-6.12.tar.xz",
        ("make -j{jobs} CC=$CC arch/x86/kvm/ virt/kvm/",),
        before=(
            "make defconfig kvm_guest.config",
            "scripts/config -d MODULES -e KVM -e KVM_INTEL -e KVM_AMD",
            "make olddefconfig",
            "make -j{jobs} prepare",
        ),
        needs=("linux-source-6.12", "flex", "bison", "bc", "libelf-dev"),
        plain="linux",
    ),
}


class OracleError(Exception):
    """Something that the oracle needs is not there, or a project does not build."""


def run(name: str, folder: Path) -> Comparison:
    """Fetch, build and compare a project in a folder; what is there already is not made again."""
    project = PROJECTS[name]
    tree, out = folder / name, folder / f"{name}.facts"
    if not (folder / f"{name}.built").exists():
        shutil.rmtree(tree, ignore_errors=True)
        shutil.rmtree(out, ignore_errors=True)
        archive = _archive(project, folder)
        _unpack(archive, tree)
        out.mkdir()
        _build(project, tree, out, _plugin(folder))
        (folder / f"{name}.built").touch()
    return compare(read_facts(out, tree), tree, _pin(name, project, tree))


def _pin(name: str, project: Project, tree: Path) -> Pin:
    version = LINUX.read_version((tree / "Makefile").read_bytes()) if project.plain else None
    return Pin(project.plain or name, version or "v1")


def missing() -> str:
    """What has to be installed before `run` can work, or empty."""
    programs = [each for each in ("gcc-12", "g++-12", "make", "ctags") if not shutil.which(each)]
    if programs:
        return f"no {', no '.join(programs)}"
    return "" if (_plugin_headers() / "gcc-plugin.h").exists() else f"no {PACKAGES[0]}"


def _plugin_headers() -> Path:
    command = ["gcc-12", "-print-file-name=plugin"]
    return Path(subprocess.check_output(command, text=True).strip()) / "include"


def _plugin(folder: Path) -> Path:
    made = folder / "calls_plugin.so"
    if not made.exists():
        flags = ["-O1", "-shared", "-fPIC", "-fno-rtti", "-std=c++17", "-w"]
        _run(["g++-12", *flags, f"-I{_plugin_headers()}", PLUGIN_SOURCE, "-o", made], folder)
    return made


def _archive(project: Project, folder: Path) -> Path:
    """The archive of a project's source; a source package is downloaded."""
    if project.package.startswith("/"):
        if not Path(project.package).exists():
            raise OracleError(f"no {project.package}: install {project.needs[0]}")
        return Path(project.package)
    downloads = folder / f"{project.package}.source"
    if not any(downloads.glob("*.orig.tar.*")):
        downloads.mkdir(exist_ok=True)
        config = _apt_config(folder)
        environment = {**os.environ, "APT_CONFIG": str(config)}
        command = ["apt-get", "source", "--download-only", "-q", project.package]
        _run(command, downloads, environment)
    return next(iter(sorted(downloads.glob("*.orig.tar.*"))))


def _apt_config(folder: Path) -> Path:
    """A configuration of apt that has the machine's own places of packages, for their sources."""
    config, parts, lists = folder / "apt.conf", folder / "apt.parts", folder / "apt.lists"
    if config.exists():
        return config
    parts.mkdir(exist_ok=True)
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    for path in [SOURCES.parent / "sources.list", *sorted(SOURCES.glob("*"))]:
        if path.suffix in (".list", ".sources") and path.is_file():
            (parts / path.name).write_text(_of_sources(path.read_text("utf-8")), "utf-8")
    text = (
        f'Dir::Etc::sourcelist "/dev/null";\nDir::Etc::sourceparts "{parts}";\n'
        f'Dir::State::lists "{lists}";\nDir::Cache::srcpkgcache "";\nDir::Cache::pkgcache "";\n'
        'APT::Sandbox::User "root";\n'
    )
    trial = folder / "apt.trial"
    trial.write_text(text, "utf-8")
    _run(["apt-get", "update", "-q"], folder, {**os.environ, "APT_CONFIG": str(trial)})
    return trial.rename(config)


def _of_sources(text: str) -> str:
    """The lines of a list of package sources, each `deb` as `deb-src`."""
    lines = []
    for line in text.splitlines():
        if line.startswith("deb "):
            line = "deb-src " + line.removeprefix("deb ")
        elif line.startswith("Types:"):
            line = "Types: deb-src"
        lines.append(line + "\n")
    return "".join(lines)


def _unpack(archive: Path, tree: Path) -> None:
    """Unpack an archive's only folder."""
    tree.mkdir()
    if archive.suffix == ".xz" and shutil.which("xz"):
        _run(["tar", "-xf", archive, "--strip-components=1", "-C", tree], tree)
        return
    with tarfile.open(archive) as opened:
        opened.extractall(tree, filter="data")
    inner = list(tree.iterdir())
    if len(inner) == 1 and inner[0].is_dir():
        for each in inner[0].iterdir():
            each.rename(tree / each.name)


def _build(project: Project, tree: Path, out: Path, plugin: Path) -> None:
    jobs = os.cpu_count() or 1
    environment = {**os.environ, "ORACLE_PLUGIN": str(plugin), "ORACLE_OUT": str(out)}
    for command in project.before:
        _shell(command.format(jobs=jobs), tree, dict(os.environ))
    environment["CC"] = str(WRAPPER)
    for command in project.steps:
        _shell(command.format(jobs=jobs), tree, environment)


def _shell(command: str, folder: Path, environment: dict[str, str]) -> None:
    _run(["sh", "-c", command], folder, environment)


def _run(
    command: Sequence[str | Path], folder: Path, environment: dict[str, str] | None = None
) -> None:
    done = subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-20:])
        raise OracleError(f"{shlex.join(map(str, command))} failed:\n{last}")


# --- the command line ---


def rows(name: str, found: Comparison) -> Iterable[str]:
    """The figures of a project as rows of a Markdown table."""
    for figure, is_true in FIGURES.items():
        asked, wrong = found.asked[figure], len(found.wrong[figure])
        right = asked - wrong if is_true else wrong
        yield f"| {name} | {figure} | {asked} | {right} | {_share(right, asked)} |"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "–"


def told(question: Question) -> str:
    """A wrong answer on one line."""
    pair = question.pair
    word = "missed" if question.is_true else "false"
    site = next(iter(question.verdict.sites), None)
    by = f" by {question.verdict.proof} at {site.path}:{site.line}" if site else ""
    return (
        f"{word} [{question.figure}] {pair.caller.name} ({pair.caller.file}:{pair.line}) → "
        f"{pair.callee.name} ({pair.callee.file}:{pair.callee.line}) {pair.why}{by}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of the projects that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("projects", nargs="+", choices=list(PROJECTS), metavar="PROJECT")
    parser.add_argument("--folder", type=Path, help="keep what is fetched and built here")
    parser.add_argument("--list", type=Path, help="write every wrong answer into this file")
    options = parser.parse_args(arguments)
    if reason := missing():
        sys.stderr.write(f"{reason}: install {' '.join(PACKAGES)}\n")
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        sys.stdout.write(
            "| project | figure | pairs | proved | share |\n|---|---|---:|---:|---:|\n"
        )
        lines: list[str] = []
        for name in options.projects:
            found = run(name, folder)
            sys.stdout.write("".join(f"{row}\n" for row in rows(name, found)))
            sys.stdout.flush()
            lines += (f"{name}: {told(one)}" for all_of in found.wrong.values() for one in all_of)
        if options.list:
            options.list.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
