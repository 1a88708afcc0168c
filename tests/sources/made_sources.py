"""Trees, repositories and archives for the tests, all made on the spot."""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Literal, cast

from callpath.model import Pin

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIN = Pin("linux", "v3.7")

MAKEFILE = b"VERSION = 3\nPATCHLEVEL = 7\nSUBLEVEL = 0\nEXTRAVERSION =\nNAME = Test\n"

FILES = {
    "Makefile": MAKEFILE,
    "lamp/lamp.c": b'#include "lamp.h"\nint lamp_on(void)\n{\n\treturn lamp_set(1);\n}\n',
    "lamp/lamp.h": b"int lamp_on(void);\nint lamp_set(int state);\n",
    "lamp/set.c": "/* 调用lamp_set点灯 */\nint not_lamp_set_at_all;\n".encode(),
    "lamp/near.c": b"int lamp_setting, my_lamp_set;\n",
    "lamp/start.S": b"\tcall lamp_set\n",
    "lamp/notes.txt": b"lamp_set\n",
    "lamp/binary.c": b"lamp_set\0\1\2\n",
    "lamp/odd name.c": b"int odd;\n",
    "lamp/empty.c": b"",
    "lamp/large.c": b"/* lamp_set */\n" * (9 * 1024 * 1024 // 15),
}
LINKS = {
    "lamp/same.c": "lamp.c",
    "headers": "lamp",
    "lamp/up.h": "../headers/lamp.h",
    "lamp/out.c": "../../elsewhere.c",
    "lamp/absolute.c": "/etc/passwd",
    "lamp/nowhere.c": "gone.c",
    "loop.c": "other.c",
    "other.c": "loop.c",
}


def write_tree(root: Path) -> Path:
    for path, data in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    for path, target in LINKS.items():
        (root / path).symlink_to(target)
    return root


def run_git(directory: Path, *arguments: str) -> str:
    settings = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=settings, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


def commit_all(directory: Path, *tags: str) -> str:
    run_git(directory, "add", "--all")
    run_git(directory, "commit", "--quiet", "--allow-empty", "--message=change")
    for tag in tags:
        run_git(directory, "tag", tag)
    return run_git(directory, "rev-parse", "HEAD")


def write_archive(
    file: Path, mode: str, names: dict[str, bytes | str], top: str = "x-3.7/"
) -> Path:
    """A value of bytes is a file, a text is a link's target."""
    if mode == "zst":
        plain = write_archive(file.with_suffix(".plain"), "", names, top)
        file.write_bytes(zstd.compress(plain.read_bytes()))
        return file
    with tarfile.open(file, cast(Literal["w:gz"], f"w:{mode}")) as archive:
        for name, value in names.items():
            header = tarfile.TarInfo(top + name)
            if isinstance(value, str):
                header.type, header.linkname = tarfile.SYMTYPE, value
                archive.addfile(header)
            else:
                header.size = len(value)
                archive.addfile(header, io.BytesIO(value))
    return file
