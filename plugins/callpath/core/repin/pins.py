"""Rewrites the version where it stands: in a note, or in the plugin's options."""

from callpath.core.errors import UsageError
from callpath.core.note_parser import nodes
from callpath.core.note_parser.characters import Characters, decode
from callpath.core.note_parser.loose import followed
from callpath.core.note_parser.reader import is_text, read_yaml
from callpath.core.repin.edits import Edit, apply, not_in_place
from callpath.core.repin.scalars import replace_scalar
from callpath.core.settings import plugin_options


def pin_edits(
    characters: Characters, pin: nodes.Node, version: str, commit: str, *, quoted: bool = False
) -> list[Edit]:
    """The edits of a pin that is written out.

    Parameters:
        characters: The file's text.
        pin: The pin: a version, or a mapping.
        version: The new version.
        commit: The commit that it names; needed where the pin says one.
        quoted: Whether the version needs quotes.

    Raises:
        UsageError: It cannot be rewritten in place, or the commit is not known.
    """
    text = characters.text
    if isinstance(pin, nodes.Scalar):
        return [replace_scalar(text, pin, version, quoted=quoted)]
    if not isinstance(pin, nodes.Mapping):
        raise not_in_place(pin.place, "the pin")
    edits = []
    for pair in pin.pairs:
        if not isinstance(pair.value, nodes.Scalar):
            if pair.name in ("version", "commit"):
                raise not_in_place(pair.value.place, "the pin")
        elif pair.name == "version":
            edits.append(replace_scalar(text, pair.value, version, quoted=quoted))
        elif pair.name == "commit":
            if not commit:
                raise UsageError(
                    f"{pair.value.place}: the pin names a commit, and this source does not tell "
                    f"that of {version}",
                    "name a git repository, or take the commit out of the pin",
                )
            edits.append(replace_scalar(text, pair.value, commit))
    return edits


def new_pin_edit(characters: Characters, note: nodes.Mapping, version: str) -> Edit:
    """The edit that gives a note a pin of its own, behind its title.

    Raises:
        UsageError: There is no place for it.
    """
    text, start = characters.text, note.span[0]
    if text[start : start + 1] == "{":
        return Edit(start + 1, start + 1, f"pin: {version}, ")
    if not note.pairs:
        raise not_in_place(note.place, "the note")
    first = note.pairs[0]
    indent = " " * (first.key.place.column - 1)
    title = note.pair("title")
    if title is None or not isinstance(title.value, nodes.Scalar):
        at = characters.line_start(start)
    else:
        end = title.value.span[1]
        at = end if end == characters.line_start(end) else characters.line_end(end)
    ending = "\r\n" if "\r\n" in text else "\n"
    if at and not text[:at].endswith(("\n", "\r")):
        return Edit(at, at, f"{ending}{indent}pin: {version}")
    return Edit(at, at, f"{indent}pin: {version}{ending}")


def repin_site(file: str, data: bytes, version: str, commit: str) -> bytes | None:
    """The site's configuration with another pin; nothing when it says none.

    Parameters:
        file: Its path, for messages.
        data: Its bytes.
        version: The new version.
        commit: The commit that it names; needed where the pin says one.

    Raises:
        UsageError: The pin cannot be rewritten in place.
    """
    document = read_yaml(file, data)
    characters, _ = decode(file, data)
    root = followed(document.root) if document.root else None
    if characters is None or not isinstance(root, nodes.Mapping):
        return None
    plugins = root.get("plugins")
    options = plugin_options(plugins) if plugins is not None else None
    pin = options.get("pin") if isinstance(options, nodes.Mapping) else None
    if pin is None or (isinstance(pin, nodes.Scalar) and pin.is_null):
        return None
    edits = pin_edits(characters, pin, version, commit, quoted=not is_text(version))
    return encoded(data, apply(file, characters.text, edits))


def encoded(old: bytes, text: str) -> bytes:
    """A text as the bytes of a file, with the byte order mark that it had."""
    mark = b"\xef\xbb\xbf"
    return (mark if old.startswith(mark) else b"") + text.encode()
