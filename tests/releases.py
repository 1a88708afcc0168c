"""A git repository with releases of a driver, made on the spot, and a notebook about it.

In the driver `lamp_dim` appears in v2.6.10, moves away in v3.0 and is back in v3.1; `lamp_init`
calls `lamp_reset` by name up to v3.0 and through a table from v3.1 on; `fan.c` never changes.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from kernel import write_files, write_site

LAMP, DIM, FAN = "drivers/lamp/lamp.c", "drivers/lamp/dim.c", "drivers/fan/fan.c"

_RESET = "static int lamp_reset(void)\n{\n\treturn 0;\n}\n"
_DIM = "int lamp_dim(int level)\n{\n\treturn level / 2;\n}\n"
_DIRECT = "int lamp_init(void)\n{\n\treturn lamp_reset();\n}\n"
_OPS = (
    "struct lamp_ops { int (*reset)(void); };\n"
    "static struct lamp_ops desk_ops = { .reset = lamp_reset };\n"
)
_POINTER = (
    "static int lamp_start(struct lamp_ops *ops)\n{\n\treturn ops->reset();\n}\n"
    "int lamp_init(void)\n{\n\tstruct lamp_ops *ops = &desk_ops;\n\treturn ops->reset();\n}\n"
)
_FAN = "int fan_start(void)\n{\n\treturn 0;\n}\n"

RELEASES: dict[str, dict[str, str]] = {
    "v2.6.9": {LAMP: _RESET + _DIRECT, FAN: _FAN},
    "v2.6.10": {LAMP: _RESET + _DIM + _DIRECT, FAN: _FAN},
    "v3.0-rc1": {LAMP: _RESET + _DIM + _DIRECT, FAN: _FAN},
    "v3.0": {LAMP: _RESET + _DIRECT, DIM: _DIM, FAN: _FAN},
    "v3.1": {LAMP: _RESET + _DIM + _OPS + _POINTER, FAN: _FAN},
    "v3.2": {LAMP: _RESET + _DIM + _OPS + _POINTER, FAN: _FAN},
}
"""Tag → path → text."""

BLOBS = 5
"""Different files over all releases but the candidate: three of lamp.c, one comes back."""

NOTE = """\
title: Lamps
steps:
  - function: lamp_init
    file: drivers/lamp/lamp.c
    steps:
      - function: lamp_reset
        file: drivers/lamp/lamp.c
  - function: lamp_dim
    file: drivers/lamp/lamp.c
    commentary: It was [here](src:drivers/lamp/dim.c#lamp_dim) once.
  - function: fan_start
    file: drivers/fan/fan.c
"""

_SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def git(folder: Path, *words: str) -> str:
    """Run git in a folder, apart from the user's settings."""
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env=os.environ | _SETTINGS,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    return done.stdout.strip()


def makefile(tag: str) -> str:
    """A kernel's top Makefile at a tag."""
    numbers, _, candidate = tag.removeprefix("v").partition("-")
    version, patchlevel, *sublevel = numbers.split(".")
    extra = f"-{candidate}" if candidate else ""
    return (
        f"VERSION = {version}\nPATCHLEVEL = {patchlevel}\n"
        f"SUBLEVEL = {(sublevel or ['0'])[0]}\nEXTRAVERSION = {extra}\n"
    )


def release(folder: Path, tag: str, files: Mapping[str, str]) -> None:
    """Commit files, and nothing else, as a release."""
    git(folder, "rm", "-r", "--quiet", "--ignore-unmatch", ".")
    write_files(folder, {"Makefile": makefile(tag), **files})
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", tag)
    git(folder, "tag", tag)


def write_releases(folder: Path, releases: Mapping[str, Mapping[str, str]] = RELEASES) -> str:
    """A repository with these releases; its SPEC."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for tag, files in releases.items():
        release(folder, tag, files)
    return f"git:{folder}"


def write_notebook(folder: Path, note: str = NOTE) -> Path:
    """A site with one note, not locked."""
    return write_site(folder, {"lamp.yml": note, "index.md": "# Lamps\n"}).root
