"""A picture in the form for pages: half of the elements, a quarter of the weight.

It is made from the full form of `picture`, so that a graph is drawn once. What the page's style
sheet sets is left out: paint, fonts, corners, where a box has its frame and its lines; what is
alike in many shapes is said once.
"""

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from callpath.render.graph.paths import Shift, short_number, short_path
from callpath.render.graph.picture import HREF, SVG, add

_TRANSLATE = re.compile(r"translate\((\S+) (\S+)\)")
_CALLS, _OTHERS, _FAULTS = "head", "vee", "fault"
_FAULT_CLASS = "callpath-unproved"
# From the line's end on, along the line. The open head has a stem; both are shapes to fill.
_HEADS = {
    _CALLS: "M0-2.1 6 0 0 2.1z",
    _OTHERS: "M0-.3H3.9L-.3-2.7 5.7 0-.3 2.7 3.9.3H0z",
    _FAULTS: "M0-2.1 6 0 0 2.1z",
}
_OPEN_HEADS = {
    "callpath-callback",
    "callpath-registration",
    "callpath-table",
    "callpath-macro",
    "callpath-use",
}


def to_compact_svg(picture: str, *, titles: bool, opens: Mapping[str, str] | None = None) -> str:
    """The SVG for a page from that of `to_inline_svg`.

    A box is `a.callpath-node` (`g` where it leads nowhere), moved to the middle of its upper edge.
    `data-node` is the graph's own id, and left out where it is the fragment that the box links to.
    An arrow is `path.callpath-edge`; `data-ends` are the boxes that it comes from and goes to, by
    their number in the picture from 0. The label of an arrow is the `text` behind it.

    Parameters:
        picture: What `to_inline_svg` gave.
        titles: Whether arrows keep their tooltips.
        opens: Values of `data-opens`, by the ids of the boxes that have it.
    """
    drawn = ElementTree.fromstring(picture)  # noqa: S314 - we wrote it
    name = drawn.get("id", "")
    whole = drawn.find(f"{{{SVG}}}g")
    groups = list(whole) if whole is not None else []
    shift = _shift(whole)
    root = _root(drawn)
    edges = [group for group in groups if group.get("class", "").startswith("callpath-edge")]
    nodes = [group for group in groups if group.get("class", "").startswith("callpath-node")]
    numbers = {node.get("data-node", ""): number for number, node in enumerate(nodes)}
    for head, same in _by_head(edges):
        _add_head(root, name, head)
        attributes = {"class": "callpath-edges", "marker-end": f"url(#{name}--{head})"}
        holder = add(root, "g", attributes | {"fill": "none", "stroke": "currentColor"})
        for edge in same:
            _add_edge(holder, edge, numbers, shift, titles=titles)
    for node in nodes:
        _add_node(root, node, f"{name}-", shift, opens or {})
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")


def _shift(whole: ElementTree.Element | None) -> Shift:
    """How far the engine's group moves what it holds."""
    found = _TRANSLATE.search("" if whole is None else whole.get("transform", ""))
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


def _root(drawn: ElementTree.Element) -> ElementTree.Element:
    """The outer element with its title and description, without a font."""
    kept = {key: value for key, value in drawn.attrib.items() if key != "font-family"}
    box = " ".join(short_number(float(part)) for part in drawn.get("viewBox", "").split())
    root = ElementTree.Element(drawn.tag, kept | {"viewBox": box})
    root.extend(each for each in drawn if each.tag in {f"{{{SVG}}}title", f"{{{SVG}}}desc"})
    return root


def _by_head(
    edges: list[ElementTree.Element],
) -> Iterator[tuple[str, list[ElementTree.Element]]]:
    """The arrows by the kind of their heads, in their own order."""
    for head in _HEADS:
        same = [edge for edge in edges if _head(edge) == head]
        if same:
            yield head, same


def _head(edge: ElementTree.Element) -> str:
    classes = set(edge.get("class", "").split())
    if _FAULT_CLASS in classes:
        return _FAULTS
    return _OTHERS if classes & _OPEN_HEADS else _CALLS


def _add_head(root: ElementTree.Element, name: str, head: str) -> None:
    """The head that all arrows of a kind share. `context-stroke` gives it the line's own colour.

    Safari does not know that value (2026): there the style sheet's colour of lines holds.
    """
    marker = add(
        root,
        "marker",
        {
            "id": f"{name}--{head}",
            "orient": "auto",
            "markerUnits": "userSpaceOnUse",
            "overflow": "visible",
        },
    )
    fault = f" {_FAULT_CLASS}" if head == _FAULTS else ""
    add(marker, "path", {"class": f"callpath-head{fault}", "d": _HEADS[head]})


def _add_edge(
    holder: ElementTree.Element,
    group: ElementTree.Element,
    numbers: Mapping[str, int],
    shift: Shift,
    *,
    titles: bool,
) -> None:
    line = next(each for each in group.iter() if each.get("class") == "callpath-line")
    found = add(holder, "path", {"class": group.get("class", "")})
    ends = (numbers[group.get(end, "")] for end in ("data-source", "data-target"))
    found.set("data-ends", " ".join(map(str, ends)))
    found.set("d", short_path(line.get("d", ""), shift))
    said = next(group.iter(f"{{{SVG}}}title"), None)
    if titles and said is not None and said.text:
        add(found, "title").text = said.text
    for label in group.iter(f"{{{SVG}}}text"):
        add(holder, "text", _at(label, shift)).text = label.text


def _add_node(
    root: ElementTree.Element,
    group: ElementTree.Element,
    prefix: str,
    shift: Shift,
    opens: Mapping[str, str],
) -> None:
    link = group.find(f"{{{SVG}}}a")
    href = "" if link is None else link.get(HREF, "")
    node = group.get("data-node", "").removeprefix(prefix)
    attributes = {"class": group.get("class", "")}
    if href != f"#{node}":
        attributes["data-node"] = node
    if node in opens:
        attributes["data-opens"] = opens[node]
    if link is not None:
        # Checkers that read `href` alone take a link of SVG for one that leads nowhere.
        attributes |= {HREF: href, "role": "link"}
    box = add(root, "g" if link is None else "a", attributes)
    for shape in group.iter():
        if shape.tag == f"{{{SVG}}}rect":
            left, top, width, height = (
                float(shape.get(key, "0")) for key in ("x", "y", "width", "height")
            )
            middle = short_number(left + width / 2 + shift[0])
            box.set("transform", f"translate({middle} {short_number(top + shift[1])})")
            size = {"width": short_number(width), "height": short_number(height)}
            add(box, "rect", size)
        elif shape.tag == f"{{{SVG}}}text":
            add(box, "text").text = shape.text


def _at(shape: ElementTree.Element, shift: Shift) -> dict[str, str]:
    return {
        "x": short_number(float(shape.get("x", "0")) + shift[0]),
        "y": short_number(float(shape.get("y", "0")) + shift[1]),
    }
