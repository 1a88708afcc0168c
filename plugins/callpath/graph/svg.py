"""An engine's SVG in two forms: compact for pages, full for files of their own.

Both are styled by class and open to keyboard and screen reader. Boxes and arrows are what the
engine's text says of them; does not depend on the graph that was drawn.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from msgspec import Struct

from callpath.findings import EngineError
from callpath.graph.dot import DETAIL_SIZE, NAME_SIZE
from callpath.graph.model import EdgeStyle

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
# `xlink:href`, though deprecated: Material's script reads `href` of a link as text, and that of an
# SVG link is an object. Checkers that read `href` alone take it for a link that leads nowhere.
_HREF, _TOOLTIP = f"{_XLINK}href", f"{_XLINK}title"
_SHAPES = {f"{_SVG}{name}" for name in ("path", "polygon", "polyline", "ellipse", "text")}
_TEXT = f"{_SVG}text"
_LEFT_OUT = {"font-family", "text-anchor", "{http://www.w3.org/XML/1998/namespace}space"}
_CORNER = "4"  # radius of a box's corners, points
_HIT_WIDTH = "12"  # width of the band along an edge that can be clicked, points
_LABEL_GAP = 2.0  # points more between an edge and its label than engines leave
# Class, size and base line below the box's upper edge of a box's only line, and of its two lines.
_ONE_LINE = (("name", NAME_SIZE, 14.8),)
_TWO_LINES = (("name", NAME_SIZE, 13.0), ("detail", DETAIL_SIZE, 24.4))

# The heads of arrows in the compact form, from the line's end on, along the line: shapes to fill.
# The open one has a stem.
HEADS = {
    "head": "M0-2.1 6 0 0 2.1z",
    "vee": "M0-.3H3.9L-.3-2.7 5.7 0-.3 2.7 3.9.3H0z",
    "hollow": "M0-2.4 6.5 0 0 2.4zM.9-1V1L3.7 0z",
    "half": "M0-2.6 6 0 0 .3z",
    "fault": "M0-2.1 6 0 0 2.1z",
}
_LINES = {f"callpath-edge callpath-{style}": style.line for style in EdgeStyle}

Shift = tuple[float, float]  # how far everything is moved: right, down
_Point = tuple[float, float]
_Place = tuple[int, int]  # whole points, so that steps add up to what they should

ElementTree.register_namespace("", _SVG[1:-1])
ElementTree.register_namespace("xlink", _XLINK[1:-1])


class DrawnPart(Struct, frozen=True):
    """A box or an arrow: its `g` in the full form, and what is in it."""

    id: str
    classes: str
    tooltip: str
    href: str  # may be empty
    shapes: tuple[Element, ...]  # a rectangle and its lines, or a line, its heads, and its label
    ends: tuple[str, ...] = ()  # ids of the boxes that an arrow comes from and goes to


class Drawing(Struct, frozen=True):
    """What an engine has drawn. `transform` moves all shapes."""

    name: str
    title: str
    description: str
    view_box: str
    transform: str
    arrows: tuple[DrawnPart, ...]
    boxes: tuple[DrawnPart, ...]


def read_drawing(text: bytes) -> Drawing:
    """Read the SVG of an engine; raises EngineError if the text is not what one writes."""
    try:
        drawn = ElementTree.fromstring(text)  # noqa: S314 - our own engine wrote it
    except ElementTree.ParseError as error:
        raise EngineError(f"the graph engine wrote SVG that cannot be read: {error}") from error
    graph = drawn.find(f"{_SVG}g")
    if drawn.tag != f"{_SVG}svg" or graph is None:
        raise EngineError("the graph engine wrote something else than SVG")
    title, _, description = _said_of(graph).partition("\n")
    groups = [(group.get("class", "").split()[:1], group) for group in graph.iterfind(f"{_SVG}g")]
    boxes = [group for kind, group in groups if kind == ["node"]]
    ids = {_name(box): box.get("id", "") for box in boxes}
    return Drawing(
        graph.get("id", ""),
        title,
        description,
        drawn.get("viewBox", ""),
        graph.get("transform", ""),
        tuple(_arrow(group, ids) for kind, group in groups if kind == ["edge"]),
        tuple(_part(box, "node", _box_shapes(box)) for box in boxes),
    )


def _part(
    group: Element, kind: str, shapes: tuple[Element, ...], ends: tuple[str, ...] = ()
) -> DrawnPart:
    classes = " ".join([f"callpath-{kind}", *group.get("class", "").split()[1:]])
    addresses = (anchor.get(_HREF, "") for anchor in group.iter(f"{_SVG}a"))
    href = next(filter(None, addresses), "")
    return DrawnPart(group.get("id", ""), classes, _said_of(group), href, shapes, ends)


def _box_shapes(group: Element) -> tuple[Element, ...]:
    polygon, *others = _shapes(group)
    corners = (map(float, pair.split(",")) for pair in polygon.get("points", "").split())
    across, down = zip(*corners, strict=True)
    left, top = min(across), min(down)
    width, height = round(max(across) - left, 2), round(max(down) - top, 2)
    numbers = {"x": left, "y": top, "width": width, "height": height}
    paint = {key: polygon.get(key, "") for key in ("fill", "stroke", "stroke-width")}
    frame = Element(f"{_SVG}rect", {key: f"{value:g}" for key, value in numbers.items()} | paint)
    frame.set("rx", _CORNER)
    lines = [shape for shape in others if shape.tag == _TEXT][:2]
    form = _TWO_LINES if len(lines) > 1 else _ONE_LINE
    for (name, size, base), line in zip(form, lines, strict=False):
        line.set("class", f"callpath-{name}")
        line.set("font-size", f"{size:g}")
        line.set("x", f"{left + width / 2:g}")
        line.set("y", f"{top + base:g}")
    return frame, *lines


def _arrow(group: Element, ids: Mapping[str, str]) -> DrawnPart:
    shapes = tuple(_shapes(group))
    for shape in shapes:
        if shape.tag == _TEXT:
            shape.set("y", f"{float(shape.get('y', '0')) - _LABEL_GAP:g}")
        else:
            shape.set("class", "callpath-line" if shape is shapes[0] else "callpath-head")
    ends = _name(group).split("->")
    part = _part(group, "edge", shapes, tuple(ids[end.partition(":")[0]] for end in ends))
    line = _LINES.get(part.classes)
    if line and line.dash and shapes:
        shapes[0].set("stroke-dasharray", line.dash)
    return part


def _shapes(group: Element) -> Iterator[Element]:
    """The shapes of an engine's group in drawing order, without what is said once for all."""
    for shape in group.iter():
        if shape.tag in _SHAPES:
            shape.attrib = {k: v for k, v in shape.attrib.items() if k not in _LEFT_OUT}
            shape.tail = None
            yield shape


def _name(group: Element) -> str:
    """A node's name, or `source->target`, where the side of a box may be behind its name (`:w`)."""
    return group.findtext(f"{_SVG}title", "")


def _said_of(group: Element) -> str:
    """The tooltip of a group, which engines put on a link."""
    anchor = group.find(f"{_SVG}g/{_SVG}a")
    return "" if anchor is None else anchor.get(_TOOLTIP, "")


def _root(drawing: Drawing, view_box: str, font: Mapping[str, str]) -> Element:
    name = drawing.name
    # An image has no parts for a screen reader: with `img` the links inside would take the focus
    # and say nothing (ARIA: children presentational). `group` keeps them, and unlike
    # `graphics-document` every screen reader knows it. A picture without links is an image.
    linked = any(part.href for part in (*drawing.arrows, *drawing.boxes))
    attributes = {"id": name, "class": "callpath-graph", "viewBox": view_box}
    attributes |= {"role": "group" if linked else "img", "aria-labelledby": f"{name}--title"}
    root = Element(f"{_SVG}svg", {**attributes, **font, "text-anchor": "middle"})
    _add(root, "title", {"id": f"{name}--title"}, drawing.title)
    if drawing.description:
        root.set("aria-describedby", f"{name}--description")
        _add(root, "desc", {"id": f"{name}--description"}, drawing.description)
    return root


def _add(
    parent: Element, tag: str, attributes: Mapping[str, str] | None = None, text: str | None = None
) -> Element:
    found = SubElement(parent, f"{_SVG}{tag}", dict(attributes or {}))
    found.text = text
    return found


def full_svg(drawing: Drawing) -> str:
    """The picture with all that pages do without: no fixed size, but every colour and size.

    Every box is a `g.callpath-node` with `data-node`, every arrow a `g.callpath-edge` with
    `data-source` and `data-target`, the values being ids in the page.
    """
    return ElementTree.tostring(_full(drawing), encoding="unicode")


def svg_file(drawing: Drawing, lead: Callable[[str], str]) -> str:
    """The picture as an SVG file; `lead` gives the address that a page's link has from there."""
    root = _full(drawing)
    width, height = (f"{float(side):g}pt" for side in drawing.view_box.split()[2:])
    root.attrib = {"width": width, "height": height, **root.attrib}
    for anchor in root.iter(f"{_SVG}a"):
        anchor.set(_HREF, lead(anchor.get(_HREF, "")))
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _full(drawing: Drawing) -> Element:
    root = _root(drawing, drawing.view_box, {"font-family": "ui-monospace, monospace"})
    whole = _add(root, "g", {"transform": drawing.transform}, "\n")
    for arrow in drawing.arrows:
        source, target = arrow.ends
        group = _add_part(whole, arrow, {"data-source": source, "data-target": target})
        holder = _add_link(group, arrow)
        # The link itself is named: an arrow has no text that could name it.
        _add(holder, "title", text=arrow.tooltip)
        if arrow.href:
            holder.set("tabindex", "-1")  # the boxes are the stops; an arrow repeats one of them
            twin = {"class": "callpath-hit", "d": arrow.shapes[0].get("d", ""), "fill": "none"}
            twin |= {"stroke": "none", "stroke-width": _HIT_WIDTH, "pointer-events": "stroke"}
            _add(holder, "path", twin)
        holder.extend(arrow.shapes)
    for box in drawing.boxes:
        group = _add_part(whole, box, {"data-node": box.id})
        _add(group, "title", text=box.tooltip)
        _add_link(group, box).extend(box.shapes)
    return root


def _add_part(whole: Element, part: DrawnPart, more: Mapping[str, str]) -> Element:
    """The group of a box or an arrow, on a line of its own."""
    group = _add(whole, "g", {"id": part.id, "class": part.classes, **more})
    group.tail = "\n"
    return group


def _add_link(group: Element, part: DrawnPart) -> Element:
    """The link in a group, or the group itself if it leads nowhere."""
    return _add(group, "a", {_HREF: part.href}) if part.href else group


def compact_svg(drawing: Drawing, *, titles: bool, opens: Mapping[str, str] | None = None) -> str:
    """The picture for a page, in whole points: the page's style sheet has colours and sizes.

    A box is `a.callpath-node` (`g` where it leads nowhere), moved to the middle of its upper edge.
    `data-node` is the graph's own id, and left out where it is the fragment that the box links to.
    An arrow is `path.callpath-edge`; `data-ends` are the boxes that it comes from and goes to, by
    their number in the picture from 0. The label of an arrow is the `text` behind it.

    Arrows keep their tooltips if `titles` is set. `opens` are values of `data-opens`, by the ids of
    the boxes that have it.
    """
    view_box = " ".join(str(round(float(side))) for side in drawing.view_box.split())
    root = _root(drawing, view_box, {})
    moved = _TRANSLATE.search(drawing.transform)
    shift = (float(moved[1]), float(moved[2])) if moved else (0.0, 0.0)
    numbers = {box.id: str(number) for number, box in enumerate(drawing.boxes)}
    for head, path in HEADS.items():
        arrows = [arrow for arrow in drawing.arrows if _head_of(arrow) == head]
        if arrows:
            holder = _add_head(root, f"{drawing.name}--{head}", path, is_fault=head == "fault")
            for arrow in arrows:
                _add_arrow(holder, arrow, numbers, shift, titles=titles)
    for box in drawing.boxes:
        _add_box(root, box, box.id.removeprefix(f"{drawing.name}-"), shift, opens or {})
    return ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")


def _head_of(arrow: DrawnPart) -> str:
    line = _LINES.get(arrow.classes)
    return line.head if line else "head"


def _add_head(root: Element, name: str, path: str, *, is_fault: bool) -> Element:
    """Add a head and the group of all arrows that share it; return the group.

    `context-stroke` gives the head its line's own colour. Safari does not support that value
    (2026): there the style sheet's colour of lines holds.
    """
    units = {"markerUnits": "userSpaceOnUse", "overflow": "visible"}
    marker = _add(root, "marker", {"id": name, "orient": "auto", **units})
    fault = f" callpath-{EdgeStyle.UNPROVED}" if is_fault else ""
    _add(marker, "path", {"class": f"callpath-head{fault}", "d": path})
    stroke = {"fill": "none", "stroke": "currentColor"}
    return _add(root, "g", {"class": "callpath-edges", "marker-end": f"url(#{name})", **stroke})


def _add_arrow(
    holder: Element, arrow: DrawnPart, numbers: Mapping[str, str], shift: Shift, *, titles: bool
) -> None:
    ends = " ".join(numbers[end] for end in arrow.ends)
    path = short_path(arrow.shapes[0].get("d", ""), shift)
    line = _add(holder, "path", {"class": arrow.classes, "data-ends": ends, "d": path})
    if style := _LINES.get(arrow.classes):
        line.attrib |= style.attributes
    if titles and arrow.tooltip:
        _add(line, "title", text=arrow.tooltip)
    for label in arrow.shapes:
        if label.tag == _TEXT:
            across, down = (float(label.get(key, "0")) for key in ("x", "y"))
            place = {"x": str(round(across + shift[0])), "y": str(round(down + shift[1]))}
            _add(holder, "text", place, label.text)


def _add_box(
    root: Element, box: DrawnPart, node: str, shift: Shift, opens: Mapping[str, str]
) -> None:
    attributes = {"class": box.classes}
    if box.href != f"#{node}":
        attributes["data-node"] = node
    if node in opens:
        attributes["data-opens"] = opens[node]
    if box.href:
        attributes |= {_HREF: box.href, "role": "link"}
    frame, *lines = box.shapes
    left, top, width, height = (float(frame.get(key, "0")) for key in ("x", "y", "width", "height"))
    middle = round(left + width / 2 + shift[0])
    attributes["transform"] = f"translate({middle} {round(top + shift[1])})"
    found = _add(root, "a" if box.href else "g", attributes)
    _add(found, "rect", {"width": str(round(width)), "height": str(round(height))})
    for line in lines:
        _add(found, "text", text=line.text)


_TRANSLATE = re.compile(r"translate\((\S+) (\S+)\)")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_STRAIGHT = 0.5  # points by which the handles of a straight line may be off it


def short_path(path: str, shift: Shift) -> str:
    """A path of one `M` and any number of `C`, as graph engines write it, moved.

    A curve that is a straight line becomes one.
    """
    numbers = [float(found) for found in _NUMBER.findall(path)]
    points = [
        (across + shift[0], down + shift[1])
        for across, down in zip(numbers[::2], numbers[1::2], strict=True)
    ]
    if not points:
        return ""
    places = [(round(across), round(down)) for across, down in points]
    parts = ["M" + _joined(places[0])]
    for number in range(0, len(points) - 3, 3):
        (left, top), *others = places[number : number + 4]
        steps = [(across - left, down - top) for across, down in others]
        if not _is_straight(*points[number : number + 4]):
            parts.append("c" + _joined(*steps))
        elif steps[-1][1]:
            parts.append("l" + _joined(steps[-1]))
        else:
            parts.append(f"h{steps[-1][0]}")
    return "".join(parts)


def _is_straight(start: _Point, first: _Point, second: _Point, end: _Point) -> bool:
    """Whether both handles are on the straight line from start to end, or all but on it."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = (across * across + down * down) ** 0.5
    return all(
        abs(across * (handle[1] - start[1]) - down * (handle[0] - start[0])) <= _STRAIGHT * length
        for handle in (first, second)
    )


def _joined(*places: _Place) -> str:
    """Numbers one after the other, with a space only where two would run together."""
    numbers = [number for place in places for number in place]
    return "".join(
        f" {number}" if at and number >= 0 else str(number) for at, number in enumerate(numbers)
    )
