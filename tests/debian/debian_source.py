"""Debian's source of Linux 6.12, as far as these tests read it, unpacked once for all processes."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from callpath.model import Pin
from callpath.projects import LINUX

TARBALL = Path("/usr/src/linux-source-6.12.tar.xz")
PACKAGE = "linux-source-6.12"
PARTS = (
    "Makefile",
    "arch/x86/*.[ch]",
    "virt/*.[ch]",
    "kernel/*.[ch]",
    "include/*.h",
    "fs/*.[ch]",
    "mm/*.[ch]",
    "init/*.[ch]",
    "net/core/*.[ch]",
    "net/ipv4/*.[ch]",
    "security/*.[ch]",
    "drivers/char/misc.c",
    "*/Kconfig*",
)
NOTE = Path(__file__).with_name("kvm-6.12.yml")
PATHS = Path(__file__).with_name("paths-6.12.yml")


def unpacked(shared: Path) -> Path:
    """The tree; made by the first process that asks while the others wait.

    Parameters:
        shared: A folder that all processes of one test run have in common.
    """
    missing = [str(TARBALL)] if not TARBALL.is_file() else []
    missing += [program for program in ("tar", "xz") if shutil.which(program) is None]
    if missing:
        reason = f"no {' and no '.join(missing)}: install the Debian packages {PACKAGE}, xz-utils"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder, done = shared / "linux-6.12", shared / "linux-6.12.done"
    with (shared / "linux-6.12.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            folder.mkdir()
            options = ["--strip-components=1", "--wildcards"]
            parts = [f"{PACKAGE}/{part}" for part in PARTS]
            command = ["tar", "-xJf", TARBALL, "-C", folder, *options, *parts]
            subprocess.run(command, check=True)
            done.touch()
    return folder


def pin_of(folder: Path) -> Pin:
    """The version that a tree says it is: Debian's changes with every update."""
    version = LINUX.read_version((folder / "Makefile").read_bytes())
    assert version is not None
    assert version.startswith("v6.12")
    return Pin("linux", version)
