"""Whether two files of a kernel tree can hold the same code: sides of the tree, architectures."""

import re

_COPIES = ("tools/", "samples/", "scripts/", "usr/", "Documentation/")
"""Folders whose code runs outside of the kernel and repeats its headers."""

_ARCHITECTURE = re.compile(r"(?:arch/|include/asm-)([^/]+)/")
_FAMILIES = {
    "i386": "x86",
    "x86_64": "x86",
    "ppc": "powerpc",
    "ppc64": "powerpc",
    "sparc64": "sparc",
    "sh64": "sh",
    "m68knommu": "m68k",
    "generic": "",
}
"""Architectures that were merged into others, by the folders of Linux 2.6 to 6."""


def apart(path: str, origin: str) -> str:
    """Why code cannot have gone from one file to another, in words; empty when it can."""
    if path.startswith(_COPIES) != origin.startswith(_COPIES):
        return "not a part of the kernel itself"
    there, here = _architecture(path), _architecture(origin)
    return "of another architecture" if there and here and there != here else ""


def _architecture(path: str) -> str:
    found = _ARCHITECTURE.match(path)
    return _FAMILIES.get(found[1], found[1]) if found else ""
