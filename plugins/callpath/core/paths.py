"""Paths below a folder: what may be written in a note, and put into an address.

The characters are those that elixir allows in a path (its address patterns).
"""

import re

_PATH_CHARACTERS = re.compile(r"[A-Za-z0-9_/.,+=-]*")


def shown(text: str) -> str:
    """A text of the user's as it stands in a message: one line, not too long, in backticks."""
    line = "\\n".join(text.splitlines()) or '""'
    return f"`{line[:57]}…`" if len(line) > 60 else f"`{line}`"


def path_fault(path: str, folder: str) -> tuple[str, str] | None:
    """What is wrong with a path below a folder: the fact and the remedy; or nothing."""
    parts = path.split("/")
    if not path.strip():
        return "the path is empty", f"write the file's path below {folder}"
    if "://" in path:
        return f"{shown(path)} is a web address", f"write only the path below {folder}"
    if path != path.strip():
        return f"{shown(path)} has spaces around it", f"write `{path.strip()}`"
    if "\\" in path:
        return f"{shown(path)} has a backslash", "write `/` between the parts of a path"
    if path.startswith("/"):
        return (
            f"{shown(path)} is an absolute path",
            f"start at the top of {folder}, without `/`",
        )
    if ".." in parts:
        return f"{shown(path)} leads upwards with `..`", f"start at the top of {folder}"
    if "." in parts or "" in parts[:-1]:
        plain = "/".join(part for part in parts if part not in ("", "."))
        return f"{shown(path)} is not written plainly", f"write `{plain}`"
    if path.endswith("/"):
        return f"{shown(path)} names a directory", "name a file"
    if not _PATH_CHARACTERS.fullmatch(path):
        hint = "a path may have letters `A`–`z`, digits and `_/.,+=-`"
        return f"{shown(path)} has characters that a path cannot have", hint
    return None
