"""Eras in the views of notes and symbols: each step its own, each edge that leads to a symbol."""

from typing import Any

from made_sites import context_of, views_of
from markupsafe import Markup

from callpath.facts.eras import Eras, ReleaseStatus, Statement, make_eras
from callpath.facts.lock import stated_edge, stated_symbol
from callpath.model import (
    Pin,
    SymbolKind,
)
from callpath.notebook import Notebook, SymbolKey
from callpath.site.eras import EraView, SymbolEras
from callpath.site.notes import note_parts

LAMP_C, LAMP_H = "drivers/lamp/lamp.c", "include/linux/lamp.h"
TAGS = ("v3.6", "v3.7", "v3.8")
H, A, U = ReleaseStatus.HOLDS, ReleaseStatus.ABSENT, ReleaseStatus.UNKNOWN


def eras_of(notebook: Notebook, **changes: list[ReleaseStatus]) -> Eras:
    """Eras in which all holds, but for symbols (`lamp_set`) and edges (`to_lamp_clamp`)."""
    symbols = {
        stated_symbol(each): changes.get(each.symbol.name, [H, H, H])
        for each in notebook.references
    }
    edges = {
        stated_edge(edge): changes.get(f"to_{edge.callee.symbol.name}", [H, H, H])
        for edge in notebook.edges
    }
    return make_eras("linux", TAGS, symbols | edges)


def note_view(notebook: Notebook, eras: Eras) -> dict[str, Any]:
    note = notebook.notes["lamp.yml"]
    parts = [Markup()] * len(note_parts(note))
    return views_of(context_of(notebook, eras=eras)).note(note, parts, Markup())


def eras_of_steps(view: dict[str, Any]) -> dict[str, EraView | None]:
    return {step.place.step.id: step.era for step in view["steps"]}


def symbol_eras(notebook: Notebook, eras: Eras, name: str, path: str = LAMP_C) -> SymbolEras | None:
    kind = SymbolKind.MACRO if path == LAMP_H else SymbolKind.FUNCTION
    key = SymbolKey("linux", path, name, kind)
    return views_of(context_of(notebook, eras=eras)).symbol(key)["eras"]


def test_each_step_has_its_own(locked: Notebook) -> None:
    eras = eras_of(locked, lamp_set=[A, H, H], to_lamp_clamp=[A, H, A])
    view = note_view(locked, eras)
    found = {step: era for step, era in eras_of_steps(view).items() if era}
    assert found["lamp_init"].ranges.holds == ("…v3.6–v3.8…",)
    assert found["lamp_set"].ranges.holds == ("v3.7–v3.8…",)
    clamp = found["lamp_clamp"]
    assert (clamp.ranges.holds, clamp.edge and clamp.edge.holds) == (("…v3.6–v3.8…",), ("v3.7",))
    assert view["axis"] is not None
    assert (view["axis"].tags, view["axis"].pin) == (TAGS, "50")
    assert view["axis"].kinds == ("holds", "defined")


def test_what_nobody_looked_for_has_none(locked: Notebook) -> None:
    eras = eras_of(locked)
    key = next(key for key in eras.symbols if key[1] == "lamp_set" and key[2])
    without = Eras("linux", TAGS, {k: v for k, v in eras.symbols.items() if k != key}, eras.edges)
    found = eras_of_steps(note_view(locked, without))
    assert [step for step, era in found.items() if not era] == ["lamp_set"]
    nothing = Eras("qemu", TAGS, eras.symbols, eras.edges)
    view = note_view(locked, nothing)
    assert view["axis"] is None
    assert not any(step.era for step in view["steps"])
    assert symbol_eras(locked, nothing, "lamp_set") is None


def test_a_symbol_has_its_own_eras_and_those_of_the_edges_to_it(locked: Notebook) -> None:
    eras = eras_of(locked, to_lamp_reset=[U, H, H])
    shown = symbol_eras(locked, eras, "lamp_reset")
    assert shown is not None
    own, edge = shown.rows
    assert (own.caller, own.named, own.era.ranges.holds) == (None, False, ("…v3.6–v3.8…",))
    assert edge.caller == SymbolKey("linux", LAMP_C, "lamp_register", SymbolKind.FUNCTION)
    assert edge.via == "lamp_ops.reset"
    assert edge.era.ranges.unknown == ("…v3.6",)
    assert shown.axis.pin == "50"


def test_a_symbol_that_is_named_in_two_ways_tells_them_apart_where_they_differ(
    locked: Notebook,
) -> None:
    same = symbol_eras(locked, eras_of(locked), "lamp_set")
    assert same is not None
    assert [(row.kind, row.named) for row in same.rows] == [("function", False)]
    eras = eras_of(locked)
    linked = next(key for key in eras.symbols if key[1] == "lamp_set" and not key[2])
    differing = Eras(
        "linux", TAGS, {**eras.symbols, linked: Statement((("v3.7", "v3.7"),))}, eras.edges
    )
    shown = symbol_eras(locked, differing, "lamp_set")
    assert shown is not None
    assert [(row.kind, row.named, row.era.ranges.holds) for row in shown.rows] == [
        ("function", True, ("…v3.6–v3.8…",)),
        ("", True, ("v3.7",)),
    ]


def test_a_version_that_nobody_looked_at_is_not_marked(locked: Notebook) -> None:
    eras = Eras("linux", ("v9",), eras_of(locked).symbols, {})
    held = {key: Statement((("v9", "v9"),)) for key in eras.symbols}
    view = note_view(locked, Eras("linux", ("v9",), held, {}))
    assert view["axis"] is not None
    assert view["axis"].pin == ""
    assert locked.pin == Pin("linux", "v3.7")
