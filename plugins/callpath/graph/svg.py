"""An engine's SVG as a part of a page: small, styled by class, open to keyboard and screen reader.

Knows nothing of nodes and edges but what the engine's text says of them.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree

from callpath.findings import EngineError
from callpath.graph.dot import DETAIL_SIZE, NAME_SIZE, to_dot, to_json, to_mermaid
from callpath.graph.engine import AUTO, TIME_LIMIT, Engine, find_engines
from callpath.graph.model import Graph

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


Shift = tuple[float, float]
"""How far everything is moved: right, down."""
_Point = tuple[float, float]
_Place = tuple[int, int]  # whole points, so that steps add up to what they should

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_STRAIGHT = 0.5  # points that the handles of a straight line may be beside it


def short_number(value: float) -> str:
    """A number rounded to a whole one."""
    return str(round(value))


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
        here, *others = places[number : number + 4]
        if _is_straight(*points[number : number + 4]):
            parts.append(_line(here, others[-1]))
        else:
            parts.append("c" + _joined(*(_from(here, place) for place in others)))
    return "".join(parts)


def _line(start: _Place, end: _Place) -> str:
    across, down = _from(start, end)
    return f"l{_joined((across, down))}" if down else f"h{across}"


def _is_straight(start: _Point, first: _Point, second: _Point, end: _Point) -> bool:
    """Whether both handles are beside the straight line from start to end by next to nothing."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = (across * across + down * down) ** 0.5
    return all(
        abs(across * (handle[1] - start[1]) - down * (handle[0] - start[0])) <= _STRAIGHT * length
        for handle in (first, second)
    )


def _from(start: _Place, end: _Place) -> _Place:
    return end[0] - start[0], end[1] - start[1]


def _joined(*places: _Place) -> str:
    """Numbers one after the other, with a space only where two would run together."""
    numbers = [number for place in places for number in place]
    return "".join(
        f" {number}" if at and number >= 0 else str(number) for at, number in enumerate(numbers)
    )


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
    root = _root_compact(drawn)
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


def _root_compact(drawn: ElementTree.Element) -> ElementTree.Element:
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


_FORM = "1"  # of the SVG that is made from an engine's; another one makes old entries unknown


def draw(dot: str, *, engine: str = AUTO, time_limit: float = TIME_LIMIT) -> str:
    """The SVG of one graph.

    Parameters:
        dot: One graph as DOT text.
        engine: `auto`, `graphviz-pure`, `dot` or `none`; `auto` asks the environment variable
            `CALLPATH_GRAPH_ENGINE`, then takes what there is in this order.
        time_limit: Seconds that an engine may take.

    Raises:
        EngineError: No engine could draw.
    """
    return GraphCache(engine, time_limit=time_limit).draw(dot)


class GraphCache:
    """Draws each distinct graph once: in this process, and with a directory ever.

    Parameters:
        engine: As for `draw`.
        directory: Where pictures are kept; it is made when needed. A picture that cannot be
            kept is no fault, one that is damaged is drawn again.
        time_limit: Seconds that an engine may take for one graph.

    Attributes:
        drawn: How many graphs an engine has drawn.
        reused: How many were there already, in memory or in the directory.
    """

    def __init__(
        self, engine: str = AUTO, directory: Path | None = None, *, time_limit: float = TIME_LIMIT
    ) -> None:
        self.drawn = 0
        self.reused = 0
        self._setting = engine
        self._directory = directory
        self._time_limit = time_limit
        self._engines: tuple[Engine, ...] | None = None
        self._pictures: dict[str, str] = {}

    def draw(self, dot: str) -> str:
        """The SVG of one graph, from the first engine that can draw it.

        Raises:
            EngineError: None could; the message is that of the last.
        """
        if self._engines is None:
            self._engines = find_engines(self._setting)
        for engine in self._engines[:-1]:
            with contextlib.suppress(EngineError):
                return self._drawn_by(engine, dot)
        return self._drawn_by(self._engines[-1], dot)

    def _drawn_by(self, engine: Engine, dot: str) -> str:
        key = _digest("\n".join((_FORM, engine.name, engine.version, dot)))
        picture = self._pictures.get(key) or self._read(key)
        if picture:
            self.reused += 1
        else:
            picture = to_inline_svg(engine.run(dot, self._time_limit))
            self.drawn += 1
            self._write(key, picture)
        self._pictures[key] = picture
        return picture

    def _read(self, key: str) -> str:
        """The kept picture, or nothing when there is none or its digest does not fit."""
        if self._directory is None:
            return ""
        try:
            digest, _, picture = (self._directory / key).read_bytes().decode().partition("\n")
        except (OSError, UnicodeDecodeError):
            return ""
        return picture if digest == _digest(picture) else ""

    def _write(self, key: str, picture: str) -> None:
        """Keep a picture behind its digest; another process sees all of it or nothing."""
        if self._directory is None:
            return
        with contextlib.suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._directory)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(f"{_digest(picture)}\n{picture}".encode())
                Path(name).replace(self._directory / key)
            except OSError:
                Path(name).unlink(missing_ok=True)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


GRAPH_FORMATS: dict[str, Callable[[Graph, str], str]] = {
    "svg": lambda graph, engine: draw(to_dot(graph), engine=engine),
    "dot": lambda graph, _: to_dot(graph),
    "mermaid": lambda graph, _: to_mermaid(graph),
    "json": lambda graph, _: to_json(graph),
}
"""By the name that `--format` takes; each is given the graph and the site's graph engine."""
