"""A small source tree in C, a notebook about it, and both of them as files.

The tree is a driver of a lamp: a table of function pointers, a per-CPU variable, macros, a header
with twins under `#if`, a static twin in another file, prototypes in a header.
"""

import io
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

from callpath.checks import (
    make_new_lock,
)
from callpath.findings import Finding
from callpath.model import Pin
from callpath.notebook import Notebook, read_notebook
from callpath.sources.spec import Sources, parse_spec
from callpath.workspace import Workspace, open_workspace, write_lock

PIN = Pin("linux", "v3.7")

MAKEFILE = "VERSION = 3\nPATCHLEVEL = 7\nSUBLEVEL = 0\nEXTRAVERSION =\n"

LAMP_C = """\
#include <linux/lamp.h>

DEFINE_PER_CPU(struct lamp_state, lamp_state);

static int lamp_reset(struct lamp *lamp)
{
	lamp->level = LAMP_OFF;
	return 0;
}

static int lamp_set(struct lamp *lamp, int level)
{
	lamp->level = lamp_clamp(level);
	return 0;
}

static struct lamp_ops desk_lamp_ops = {
	.reset = lamp_reset,
	.set = lamp_set,
};

int lamp_register(struct lamp *lamp)
{
	return lamp->ops->reset(lamp);
}

static int lamp_init(void)
{
	static struct lamp lamp = { .ops = &desk_lamp_ops };

	return lamp_register(&lamp);
}
module_init(lamp_init);
"""

LAMP_H = """\
#ifndef LAMP_H
#define LAMP_H

enum lamp_level { LAMP_OFF, LAMP_DIM, LAMP_FULL };

struct lamp_ops {
	int (*reset)(struct lamp *lamp);
	int (*set)(struct lamp *lamp, int level);
};

struct lamp {
	struct lamp_ops *ops;
	int level;
};

union lamp_word {
	int level;
	char byte[4];
};

typedef int lamp_level_t;

#ifdef CONFIG_DIMMER
#define lamp_clamp(level) ((level) > LAMP_FULL ? LAMP_FULL : (level))
#else
#define lamp_clamp(level) ((level) ? LAMP_FULL : LAMP_OFF)
#endif

#define LAMP_NAME "lamp"

int lamp_register(struct lamp *lamp);
extern int lamp_count;

#endif
"""

FAN_C = """\
#include <linux/lamp.h>

int lamp_count;

static int lamp_reset(struct lamp *lamp)
{
	return -1;
}

int fan_start(struct lamp *lamp)
{
	return lamp_reset(lamp) + LAMP_DIM;
}
"""

TREE: dict[str, bytes] = {
    "Makefile": MAKEFILE.encode(),
    "drivers/lamp/lamp.c": LAMP_C.encode(),
    "drivers/fan/fan.c": FAN_C.encode(),
    "include/linux/lamp.h": LAMP_H.encode(),
    "drivers/lamp/logo.c": b"\0\1\2 a picture",
}

CONFIG = """\
site_name: Lamps
docs_dir: notes
theme: {name: material, language: en}
plugins:
  - callpath:
      pin: v3.7
"""

LAMP_NOTE = """\
title: How a lamp starts
description: |
  From loading the driver to the first light. See [fans](fan.yml#fan_start).
steps:
  - function: lamp_init
    file: drivers/lamp/lamp.c
    commentary: |
      It hands its lamp to `lamp_register()`.
      Its name is [LAMP_NAME](src:include/linux/lamp.h#LAMP_NAME).
    steps:
      - function: lamp_register
        file: drivers/lamp/lamp.c
        commentary: It resets the lamp. That is all.
        errata:
          - said: It switches the lamp on
            is: It only resets it, see [`lamp_set`](src:drivers/lamp/lamp.c#lamp_set)
        steps:
          - function: lamp_reset
            file: drivers/lamp/lamp.c
            via: lamp_ops.reset
            commentary: The level becomes `LAMP_OFF`.
  - function: lamp_set
    file: drivers/lamp/lamp.c
    commentary: Called by whoever turns the knob.
    steps:
      - macro: lamp_clamp
        file: include/linux/lamp.h
        occurrence: 2
        commentary: Without a dimmer.
  - struct: lamp
    file: include/linux/lamp.h
    commentary: The whole lamp.
"""

FAN_NOTE = """\
title: How a fan starts
steps:
  - function: fan_start
    file: drivers/fan/fan.c
    commentary: It calls `lamp_reset()` of its own.
    steps:
      - function: lamp_reset
        file: drivers/fan/fan.c
        commentary: Always fails.
"""

PAGE = """\
# Lamps

Start [here](lamp.yml#lamp_init); [lamp_set](src:drivers/lamp/lamp.c#lamp_set) comes later.
"""

NOTES: dict[str, str] = {"lamp.yml": LAMP_NOTE, "fan.yml": FAN_NOTE, "index.md": PAGE}


def line_of(path: str, text: str) -> int:
    """The line of the tree's file that starts with a text, 1-based."""
    lines = TREE[path].decode().splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(text))


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder: path → content."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def write_tree(folder: Path, files: Mapping[str, str | bytes] = TREE) -> str:
    """The tree as a folder; its SPEC."""
    return f"tree:{write_files(folder, files)}"


def write_repository(folder: Path, files: Mapping[str, str | bytes] = TREE) -> str:
    """The tree as a git repository whose tag `v3.7` it is, and whose HEAD is another; its SPEC."""
    write_files(folder, files)
    _git(folder, "init", "-q")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "first")
    _git(folder, "tag", "v3.7")
    (folder / "drivers/lamp/lamp.c").write_text("int rewritten;\n", encoding="utf-8")
    _git(folder, "commit", "-qam", "second")
    return f"git:{folder}"


def _git(folder: Path, *words: str) -> None:
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "gc.auto=0")
    subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True)


def write_archive(file: Path, files: Mapping[str, bytes] = TREE) -> str:
    """The tree as a tar archive with the one folder around it that releases have; its SPEC."""
    with tarfile.open(file, "w:xz") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(f"linux-3.7/{path}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return f"archive:{file}"


def write_site(
    folder: Path, notes: Mapping[str, str | bytes] = NOTES, config: str = CONFIG
) -> Workspace:
    """A site with these files in its notes' folder."""
    write_files(folder, {"mkdocs.yml": config})
    write_files(folder / "notes", notes)
    (folder / "notes").mkdir(exist_ok=True)
    return open_workspace(folder / "mkdocs.yml")


def lock_site(workspace: Workspace, **specs: str) -> Notebook:
    """Lock a site with these sources (project → SPEC), and read it again."""
    new = make_new_lock(read_notebook(workspace), sources(**specs))
    write_lock(workspace, new.text)
    return read_notebook(workspace)


def sources(**specs: str) -> Sources:
    """Sources by project."""
    return Sources(PIN.project, {name: parse_spec(spec) for name, spec in specs.items()})


def said(found: Finding) -> str:
    """A finding on two lines at most, to compare whole."""
    hint = f"\n  {found.hint}" if found.hint else ""
    return f"{found.location} {found.rule}: {found.message}{hint}"


def numbered(notes: Mapping[str, str], path: str, text: str) -> str:
    """`line:column` of a text's first occurrence in a note."""
    line, column = next(
        (number, line.index(text) + 1)
        for number, line in enumerate(notes[path].splitlines(), 1)
        if text in line
    )
    return f"{line}:{column}"
