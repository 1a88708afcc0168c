"""Which version a kernel tree says it is. Takes the text of its top Makefile, reads no file."""

import re

_ASSIGNMENT = re.compile(
    rb"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*:?=[ \t]*([\w.+-]*)[ \t]*$", re.MULTILINE
)


def kernel_version(makefile: bytes) -> str | None:
    """The tag that a kernel's top Makefile stands for.

    Parameters:
        makefile: Its text; Linux assigns the four parts of the version in its first lines.

    Returns:
        `v3.7`, `v3.7-rc1`, `v2.6.25`; nothing when a part is missing or no number.
    """
    parts: dict[str, str] = {}
    for match in _ASSIGNMENT.finditer(makefile.replace(b"\r\n", b"\n")):
        parts.setdefault(match[1].decode(), match[2].decode())
    major, minor, patch = (parts.get(name, "") for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL"))
    if not (major.isdecimal() and minor.isdecimal() and (patch or "0").isdecimal()):
        return None
    extra = parts.get("EXTRAVERSION", "")
    # From 3.0 on Linus's own releases are tagged without the third number: v3.7, not v3.7.0.
    shown = "" if not patch or (int(major) >= 3 and int(patch) == 0) else f".{patch}"
    return f"v{major}.{minor}{shown}{extra}"
