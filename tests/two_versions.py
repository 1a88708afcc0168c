"""Two versions of a small tree in one git repository, a site about the first, and the command."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner

from callpath.cli import main
from kernel import write_files

OLD, NEW = "v3.7", "v3.8"
CONFIG = f"site_name: Lamps\ndocs_dir: notes\nplugins:\n  - callpath:\n      pin: {OLD}\n"


def makefile(version: str) -> str:
    """The top Makefile of a kernel of that version."""
    major, _, minor = version.removeprefix("v").partition(".")
    return f"VERSION = {major}\nPATCHLEVEL = {minor}\nSUBLEVEL = 0\nEXTRAVERSION =\n"


def git(folder: Path, *words: str, given: str = "") -> str:
    """Run git in a folder, with a text on its standard input."""
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "gc.auto=0")
    done = subprocess.run(
        ["git", *settings, *words],
        cwd=folder,
        check=True,
        capture_output=True,
        input=given.encode(),
    )
    return done.stdout.decode().strip()


def write_versions(folder: Path, **versions: Mapping[str, str]) -> Path:
    """A repository with a tag for each version (`v3_7=files`); whole trees, none checked out."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    stream = ""
    for name, files in versions.items():
        version = name.replace("_", ".")
        stream += "commit refs/heads/main\ncommitter a <a@example.org> 0 +0000\n"
        stream += f"{_data(version)}deleteall\n"
        for path, text in {"Makefile": makefile(version), **files}.items():
            stream += f"M 100644 inline {path}\n{_data(text)}"
        stream += f"reset refs/tags/{version}\nfrom refs/heads/main\n"
    git(folder, "fast-import", "--quiet", given=stream)
    return folder


def _data(text: str) -> str:
    """A text as `git fast-import` takes it."""
    return f"data {len(text.encode())}\n{text}\n"


def write_notebook(folder: Path, notes: Mapping[str, str | bytes], config: str = CONFIG) -> Path:
    """A site with these files in its notes' folder."""
    write_files(folder, {"mkdocs.yml": config})
    write_files(folder / "notes", notes)
    return folder


def invoke(site: Path, *words: str | Path) -> tuple[int, str, str]:
    """Run the command in a folder: exit status, output, messages."""
    status, told, messages = invoke_bytes(site, *words)
    return status, told.decode(), messages


def invoke_bytes(site: Path, *words: str | Path) -> tuple[int, bytes, str]:
    """The same, with the bytes of the output."""
    here = Path.cwd()
    os.chdir(site)
    try:
        done = CliRunner().invoke(main, [str(word) for word in words])
    finally:
        os.chdir(here)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout_bytes, done.stderr


def contents(site: Path) -> dict[str, bytes]:
    """Every file of a site but what is kept for the next run, by its path."""
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file() and not {".git", ".cache"} & {*path.parts}
    }


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def cases(test: str, folder: str) -> list[Path]:
    """The golden files of a folder beside a test module."""
    return sorted((Path(test).parent / folder).glob("*.yml"))


def read_case(path: Path) -> dict[str, Any]:
    """A golden file."""
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def write_case(path: Path, case: Mapping[str, Any]) -> None:
    """Write a golden file."""
    text = yaml.dump(dict(case), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
    path.write_text(text, encoding="utf-8")
