"""The picture of a page as a file that stands alone: with a size, its links led elsewhere."""

from collections.abc import Callable
from xml.etree import ElementTree

_SVG = "{http://www.w3.org/2000/svg}"
_HREFS = ("{http://www.w3.org/1999/xlink}href", "href")


def standalone(picture: str, lead: Callable[[str], str]) -> str:
    """The picture as an SVG file.

    Parameters:
        picture: SVG for a page, with its colours inside.
        lead: The address that a link of the page has, seen from the file.
    """
    root = ElementTree.fromstring(picture)  # noqa: S314 - our own engine wrote it
    width, height = root.get("viewBox", "0 0 0 0").split()[2:]
    root.attrib = {
        "width": f"{float(width):g}pt",
        "height": f"{float(height):g}pt",
        **root.attrib,
    }
    for anchor in root.iter(f"{_SVG}a"):
        for name in _HREFS:
            if name in anchor.attrib:
                anchor.set(name, lead(anchor.attrib[name]))
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'
