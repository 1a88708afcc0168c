"""An engine's SVG as a part of a page: small, styled by class, open to keyboard and screen reader.

Knows nothing of nodes and edges but what the engine's text says of them.
"""

from collections.abc import Iterator
from xml.etree import ElementTree

from callpath.core.errors import EngineError
from callpath.render.graph.dot import DETAIL_SIZE, NAME_SIZE

SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
HREF, _TOOLTIP = f"{{{_XLINK}}}href", f"{{{_XLINK}}}title"
_SHAPES = {f"{{{SVG}}}{name}" for name in ("path", "polygon", "polyline", "ellipse", "text")}
_LEFT_OUT = {"font-family", "text-anchor", "{http://www.w3.org/XML/1998/namespace}space"}
_CORNER = "4"  # radius of a box's corners, points
_HIT_WIDTH = "12"  # width of the band beside an edge that can be clicked, points
_LABEL_GAP = 2.0  # points more between an edge and its label than engines leave

ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", _XLINK)


def to_inline_svg(text: bytes) -> str:
    """The SVG for a page: no prolog, no fixed size, no fonts, one element per shape.

    Every box is a `g.callpath-node` with `data-node`, every arrow a `g.callpath-edge` with
    `data-source` and `data-target`, the values being ids in the page.

    Raises:
        EngineError: The text is not what a graph engine writes.
    """
    try:
        drawn = ElementTree.fromstring(text)  # noqa: S314 - our own engine wrote it
    except ElementTree.ParseError as error:
        raise EngineError(f"the graph engine wrote SVG that cannot be read: {error}") from error
    graph = drawn.find(f"{{{SVG}}}g")
    if drawn.tag != f"{{{SVG}}}svg" or graph is None:
        raise EngineError("the graph engine wrote something else than SVG")
    root = _root(drawn, graph)
    ids = {_name(group): group.get("id", "") for group in _groups(graph, "node")}
    root[-1].extend(_edge(group, ids) for group in _groups(graph, "edge"))
    root[-1].extend(_node(group) for group in _groups(graph, "node"))
    return ElementTree.tostring(root, encoding="unicode")


def _root(drawn: ElementTree.Element, graph: ElementTree.Element) -> ElementTree.Element:
    """The outer element with title, description and an empty group that shifts what it holds."""
    name = graph.get("id", "")
    root = ElementTree.Element(f"{{{SVG}}}svg", {"id": name, "class": "callpath-graph"})
    root.set("viewBox", drawn.get("viewBox", ""))
    # An image has no parts for a screen reader: with `img` the links inside would take the focus
    # and say nothing (ARIA: children presentational). `group` keeps them, and unlike
    # `graphics-document` every screen reader knows it. A picture without links is an image.
    linked = any(HREF in anchor.attrib for anchor in graph.iter(f"{{{SVG}}}a"))
    root.set("role", "group" if linked else "img")
    root.set("aria-labelledby", f"{name}--title")
    root.set("font-family", "ui-monospace, monospace")
    root.set("text-anchor", "middle")
    words = _said_of(graph).partition("\n")
    add(root, "title", {"id": f"{name}--title"}).text = words[0]
    if words[2]:
        root.set("aria-describedby", f"{name}--description")
        add(root, "desc", {"id": f"{name}--description"}).text = words[2]
    add(root, "g", {"transform": graph.get("transform", "")}).text = "\n"
    return root


def _groups(graph: ElementTree.Element, kind: str) -> Iterator[ElementTree.Element]:
    """The engine's groups of a kind, `node` or `edge`, in its order."""
    for group in graph.findall(f"{{{SVG}}}g"):
        if group.get("class", "").partition(" ")[0] == kind:
            yield group


def _node(group: ElementTree.Element) -> ElementTree.Element:
    """A box: its tooltip, and in a link or not its frame and one or two lines of text."""
    found = _group(group, "callpath-node")
    found.set("data-node", group.get("id", ""))
    add(found, "title").text = _said_of(group)
    holder = _link(found, group)
    shapes = list(_shapes(group))
    left, top, width, height = _frame(shapes[0])
    paint = {key: shapes[0].get(key, "") for key in ("fill", "stroke", "stroke-width")}
    numbers = {"x": left, "y": top, "width": width, "height": height}
    add(holder, "rect", {key: f"{value:g}" for key, value in numbers.items()} | paint)
    holder[-1].set("rx", _CORNER)
    lines = [shape for shape in shapes[1:] if shape.tag == f"{{{SVG}}}text"]
    for place, size, base, line in zip(*_LINES[len(lines) > 1], lines, strict=False):
        line.set("class", f"callpath-{place}")
        line.set("font-size", f"{size:g}")
        line.set("x", f"{left + width / 2:g}")
        line.set("y", f"{top + base:g}")
        holder.append(line)
    return found


# What a line is, its size and its base line below the box's upper edge: of one line, of two.
_LINES = (
    (("name",), (NAME_SIZE,), (14.8,)),
    (("name", "detail"), (NAME_SIZE, DETAIL_SIZE), (13.0, 24.4)),
)


def _edge(group: ElementTree.Element, ids: dict[str, str]) -> ElementTree.Element:
    """An arrow: in a link or not its tooltip, a wide invisible twin to click, line, head, label."""
    found = _group(group, "callpath-edge")
    source, _, target = _name(group).partition("->")
    found.set("data-source", ids[source.partition(":")[0]])  # `:` and the side of the box
    found.set("data-target", ids[target.partition(":")[0]])
    holder = _link(found, group)
    # The link itself is named: an arrow has no text that could name it.
    add(holder, "title").text = _said_of(group)
    shapes = list(_shapes(group))
    if holder is not found:
        holder.set("tabindex", "-1")  # the boxes are the stops; an arrow repeats one of them
        twin = {"class": "callpath-hit", "d": shapes[0].get("d", ""), "fill": "none"}
        twin |= {"stroke": "none", "stroke-width": _HIT_WIDTH, "pointer-events": "stroke"}
        add(holder, "path", twin)
    for shape in shapes:
        if shape.tag == f"{{{SVG}}}text":
            shape.set("y", f"{float(shape.get('y', '0')) - _LABEL_GAP:g}")
        else:
            shape.set("class", "callpath-line" if shape is shapes[0] else "callpath-head")
    holder.extend(shapes)
    return found


def _group(group: ElementTree.Element, kind: str) -> ElementTree.Element:
    """An empty group with the id and the classes of the engine's, on a line of its own."""
    classes = " ".join([kind, *group.get("class", "").split()[1:]])
    found = ElementTree.Element(f"{{{SVG}}}g", {"id": group.get("id", ""), "class": classes})
    found.tail = "\n"
    return found


def _link(found: ElementTree.Element, group: ElementTree.Element) -> ElementTree.Element:
    """The link in the new group, or the group itself when the engine's group has no address."""
    for anchor in group.iter(f"{{{SVG}}}a"):
        if HREF in anchor.attrib:
            # `xlink:href`, though deprecated: Material's script reads `href` of a link as text,
            # and that of an SVG link is an object.
            return add(found, "a", {HREF: anchor.get(HREF, "")})
    return found


def _shapes(group: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """The shapes of an engine's group in drawing order, without what is said once for all."""
    for shape in group.iter():
        if shape.tag in _SHAPES:
            shape.attrib = {k: v for k, v in shape.attrib.items() if k not in _LEFT_OUT}
            shape.tail = None
            yield shape


def _frame(polygon: ElementTree.Element) -> tuple[float, float, float, float]:
    """Left, top, width and height of an upright rectangle."""
    corners = [pair.split(",") for pair in polygon.get("points", "").split()]
    across, down = [float(pair[0]) for pair in corners], [float(pair[1]) for pair in corners]
    left, top = min(across), min(down)
    return left, top, round(max(across) - left, 2), round(max(down) - top, 2)


def _name(group: ElementTree.Element) -> str:
    """What the engine calls a group: a node's name, or `source->target`."""
    return group.findtext(f"{{{SVG}}}title", "")


def _said_of(group: ElementTree.Element) -> str:
    """The tooltip of a group, which engines put on a link."""
    anchor = group.find(f"{{{SVG}}}g/{{{SVG}}}a")
    return "" if anchor is None else anchor.get(_TOOLTIP, "")


def add(
    parent: ElementTree.Element, tag: str, attributes: dict[str, str] | None = None
) -> ElementTree.Element:
    """Add an element of SVG as the last child, and give it."""
    return ElementTree.SubElement(parent, f"{{{SVG}}}{tag}", attributes or {})
