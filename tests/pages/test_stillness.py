"""Nothing moves while a page loads, in whatever pieces a browser draws it."""

import re

import pytest
from web_server import Served

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1350, "height": 940}, {"width": 360, "height": 740}
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
_WATCH = """
window.shifts = [];
const told = ({ node, previousRect, currentRect }) => [
  (node?.outerHTML ?? node?.parentNode?.outerHTML ?? "something that is gone").slice(0, 200),
  ...[previousRect, currentRect].map(({ x, y, width, height }) => `${x},${y} ${width}x${height}`),
];
const element = (node) => (node?.nodeType === 1 ? node : node?.parentNode);
const ours = ({ node }) => element(node)?.closest?.(".md-content");
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    if (!window.onlyOurs || sources.some(ours)) shifts.push([value, ...sources.map(told)]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
_PIECE = re.compile(rb"<noscript>.*?</noscript>|>", re.DOTALL)


def moves(page, address, script=_WATCH):
    """What moves while a page loads: how much, and what from where to where."""
    page.add_init_script(script)
    page.goto(address, timeout=120_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    return page.evaluate("shifts")


def _slowed(page, slower):
    page.wait_for_load_state("networkidle")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})


@SIZES
@pytest.mark.parametrize("slower", [1, 4], ids=["as-is", "slow"])
def test_nothing_of_a_note_moves(opened, served, kinds, size, slower):
    """A slow device shows the page in more pieces while it still reads it."""
    page = opened("404.html", size)
    _slowed(page, slower)
    assert moves(page, served.address + kinds["note"]) == []


@SIZES
@pytest.mark.parametrize("kind", ["home", "symbol"])
def test_a_picture_does_not_move_what_is_below_it(opened, served, kinds, size, kind):
    """The theme's own navigation may."""
    page = opened("404.html", size)
    _slowed(page, 4)
    script = f"window.onlyOurs = true; {_WATCH}"
    assert moves(page, served.address + kinds[kind], script) == []


def test_a_table_of_the_commentary_does_not_move_what_is_below_it(opened, served, notebook):
    """The theme's script wraps it, and gives it margins."""
    table = '//*[has-class("callpath-note")]//table[not(@class)]'
    paths = [path for path, page in notebook.pages.items() if page.tree.xpath(table)]
    assert paths
    page = opened("404.html", WIDE)
    _slowed(page, 4)
    for path in paths:
        assert moves(page, served.address + path.removesuffix("index.html")) == []


@SIZES
def test_nothing_of_a_note_moves_that_comes_piece_by_piece(opened, notebook, kinds, size):
    """Every tag of what is in sight is drawn before the next: the path, and the first steps."""
    file = notebook.root / kinds["note"] / "index.html"
    data = file.read_bytes()
    rail, state = data.index(b"callpath-rail"), data.index(b"callpath-path-state")
    steps = [found.start() for found in re.finditer(rb"<section", data)]
    seen = [range(rail, rail + 2_000), range(state - 300, steps[2])]
    ends = [found.end() for found in _PIECE.finditer(data)]
    with Served(notebook.root) as server:
        server.cuts[file] = [end for end in ends if any(end in part for part in seen)]
        page = opened("404.html", size)
        page.wait_for_load_state("networkidle")
        assert moves(page, server.address + kinds["note"]) == []


@SIZES
def test_the_mark_of_a_drift_does_not_move_when_its_words_come(opened, notebook, kinds, size):
    """It is drawn with and without them."""
    file = notebook.root / kinds["symbol"] / "index.html"
    data = file.read_bytes()
    mark = data.index(b'class="callpath-drift"')
    cuts = [found.end() for found in _PIECE.finditer(data, mark - 1_500, mark + 1_500)]
    with Served(notebook.root) as server:
        server.cuts[file] = cuts
        page = opened("404.html", size)
        page.wait_for_load_state("networkidle")
        shifts = moves(page, server.address + kinds["symbol"])
        moved = [name for _, *elements in shifts for name, *_ in elements]
        assert [name for name in moved if name.startswith('<span class="callpath-drift"')] == []


@pytest.mark.parametrize("width", [360, 412, 700, 1000, 1400, 1920])
def test_steps_that_wait_take_about_the_room_that_they_will_take(opened, notebook, width):
    """Else the bar at the side would tell a wrong place, and jump while the reader scrolls."""
    height = "document.querySelector('.callpath-steps').offsetHeight"
    for path in sorted(notebook.pages):
        if not notebook.pages[path].tree.xpath('//*[has-class("callpath-steps")]'):
            continue
        page = opened(path.removesuffix("index.html"), {"width": width, "height": 800})
        page.wait_for_load_state("networkidle")
        guessed = page.evaluate(height)
        page.add_style_tag(
            content=".callpath-step, .callpath-far { content-visibility: visible !important }"
        )
        laid = page.evaluate(height)
        assert laid * 0.87 < guessed < laid * 1.13, path
        assert guessed != laid
        page.close()
