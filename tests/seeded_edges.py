"""Errors in edges: a wrong or skipped caller, a wrong pointer, a wrong order, a mere mention."""

import copy

from seeded_making import Maker, Seeder
from seeded_notes import Seeded, Stop
from seeded_texts import names_in

UNPROVED = frozenset({"unproved-edge", "half-proved-edge"})


def _wrong_caller(seeder: Seeder, stop: Stop) -> Seeded | None:
    if stop.above is None:
        return None
    others = [
        other
        for other in seeder.stops
        if other.note is stop.note
        and other.kind in ("function", "macro")
        and other.way != stop.way[:-1]
        and other.way[: len(stop.way)] != stop.way
        and other.name != stop.name
    ]
    seeder.random.shuffle(others)
    for other in others[:20]:
        if not seeder.may_reach(other, stop):
            return _moved(seeder, stop, other, "wrong caller")
    return None


def _moved(seeder: Seeder, stop: Stop, under: Stop, kind: str) -> Seeded:
    """A step, without those below it, as the last one below another step."""

    def change(mine: Stop) -> tuple[int, ...]:
        note = mine.note
        step = copy.deepcopy(mine.data)
        step.pop("steps", None)
        target = Stop(note, under.way).data
        target.setdefault("steps", []).append(step)
        return (*under.way, len(target["steps"]) - 1)

    return seeder.changed(stop, kind, UNPROVED, change)


def _callee_of_callee(seeder: Seeder, stop: Stop) -> Seeded | None:
    middle = stop.above
    top = middle.above if middle else None
    if middle is None or top is None or stop.kind != "function":
        return None
    if top.kind not in ("function", "macro") or seeder.may_reach(top, stop):
        return None
    return _moved(seeder, stop, top, "callee of a callee")


def _other_member(seeder: Seeder, stop: Stop) -> Seeded | None:
    via, above = str(stop.data.get("via", "")), stop.above
    if not via or above is None:
        return None
    owner, member = _split(via)
    members = seeder.texts.members_beside(member, stop.word, [*seeder.files])
    inside = names_in("".join(seeder.texts.inside(above.path, above.name)))
    wrong = [each for each in members if each not in inside and each != member]
    if not wrong:
        return None
    chosen = seeder.random.choice(sorted(wrong))

    def change(mine: Stop) -> None:
        mine.data["via"] = f"{owner}{chosen}"

    return seeder.changed(stop, "via another member", frozenset({"wrong-via"}), change)


def _other_struct(seeder: Seeder, stop: Stop) -> Seeded | None:
    via = str(stop.data.get("via", ""))
    if not via:
        return None
    _, member = _split(via)
    wrong = seeder.random.choice(["file_operations", "notifier_block", "smp_ops", "my_ops->"])
    if wrong.rstrip("->") in via:
        return None

    def change(mine: Stop) -> None:
        mine.data["via"] = wrong + member if wrong.endswith("->") else f"{wrong}.{member}"

    return seeder.changed(stop, "via another struct", frozenset({"wrong-via"}), change)


def _needless_via(seeder: Seeder, stop: Stop) -> Seeded | None:
    above = stop.above
    if above is None or above.kind != "function" or stop.kind != "function" or "via" in stop.data:
        return None
    if stop.data.get("when") or not seeder.texts.calls(above.path, above.name, stop.name):
        return None
    wrong = seeder.random.choice(["kvm_x86_ops->", "ops->", "file_operations."]) + stop.name

    def change(mine: Stop) -> None:
        mine.data["via"] = wrong

    return seeder.changed(stop, "via, but called by name", frozenset({"wrong-via"}), change)


def _split(via: str) -> tuple[str, str]:
    at = max(via.rfind("->") + 2 if "->" in via else 0, via.rfind(".") + 1)
    return via[:at], via[at:]


def _swapped(seeder: Seeder, stop: Stop) -> Seeded | None:
    above = stop.above
    if above is None or above.kind not in ("function", "macro"):
        return None
    siblings = above.below
    number = stop.way[-1] + 1
    if number >= len(siblings):
        return None
    after = siblings[number]
    inside = seeder.texts.bodies(above.path, above.name)
    if len(inside) != 1 or any("via" in each.data for each in (stop, after)):
        return None
    first = seeder.texts.lines_of(inside[0], stop.word)
    second = seeder.texts.lines_of(inside[0], after.word)
    if not first or not second or first[-1] >= second[0]:
        return None

    def change(mine: Stop) -> tuple[int, ...]:
        steps = Stop(mine.note, above.way).data["steps"]
        steps[number - 1], steps[number] = steps[number], steps[number - 1]
        return (*above.way, number)

    return seeder.changed(stop, "order of siblings", frozenset({"out-of-order"}), change)


# --- planted in the source -------------------------------------------------------------------


def _planter(kind: str, form: str) -> Maker:
    """An error that consists of a name which is only mentioned: in a comment, a text, `#if 0`."""

    def make(seeder: Seeder, stop: Stop) -> Seeded | None:
        others = [
            other
            for other in seeder.stops
            if other.note is stop.note
            and other.kind == "function"
            and len(seeder.texts.bodies(other.path, other.name)) == 1
            and other.way[: len(stop.way)] != stop.way
            and other.name != stop.name
        ]
        if stop.kind not in ("function", "macro", "variable") or not others:
            return None
        for other in seeder.random.sample(others, min(12, len(others))):
            if not seeder.may_reach(other, stop):
                error = _moved(seeder, stop, other, kind)
                line = seeder.texts.bodies(other.path, other.name)[0].opening
                planted = {other.path: (line, form.format(name=stop.name))}
                return Seeded(**{**vars(error), "planted": planted})
        return None

    return make


def _static_twin(seeder: Seeder, stop: Stop) -> Seeded | None:
    above = stop.above
    if above is None or stop.kind != "function" or above.kind != "function":
        return None
    if "via" in stop.data or not seeder.texts.calls(above.path, above.name, stop.name):
        return None
    path = seeder.somewhere_else(stop)
    if path is None or not path.endswith(".c") or path == above.path:
        return None

    def change(mine: Stop) -> None:
        mine.data["file"] = path
        mine.data.pop("occurrence", None)
        mine.data.pop("steps", None)

    text = f"\nstatic int {stop.name}(void)\n{{\n\treturn 0;\n}}\n"
    return seeder.changed(stop, "static twin", UNPROVED, change, {path: (0, text)})


EDGE_MAKERS: tuple[Maker, ...] = (
    _wrong_caller,
    _callee_of_callee,
    _other_member,
    _other_struct,
    _needless_via,
    _swapped,
    _planter("only in a comment", "\t/* {name}(x); */\n\t// {name}\n"),
    _planter("only in a text", '\tprintk("{name}(%d)\\n", 1);\n'),
    _planter("only under #if 0", "#if 0\n\t{name}(1);\n#endif\n"),
    _static_twin,
)
