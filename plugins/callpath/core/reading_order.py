"""The order in which readers meet the notes: that of the site's navigation. Knows no MkDocs."""

from collections.abc import Collection, Iterator


def in_reading_order(navigation: object, notes: Collection[str]) -> tuple[str, ...]:
    """The paths of notes as the navigation has them, then those that it has not, sorted.

    Parameters:
        navigation: `nav` as the site's configuration has it: paths, in lists and mappings.
        notes: The notes' paths below the notes' folder.
    """
    known = set(notes)
    listed = dict.fromkeys(path for path in _paths(navigation) if path in known)
    return (*listed, *sorted(known - set(listed)))


def _paths(navigation: object) -> Iterator[str]:
    if isinstance(navigation, str):
        yield navigation
    elif isinstance(navigation, dict):
        for entry in navigation.values():
            yield from _paths(entry)
    elif isinstance(navigation, list | tuple):
        for entry in navigation:
            yield from _paths(entry)
