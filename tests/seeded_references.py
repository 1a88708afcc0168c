"""Errors in references: another file, no such file, a misspelt name, another kind, a prototype."""

from seeded_making import Maker, Seeder
from seeded_notes import Seeded, Stop


def _wrong_file(seeder: Seeder, stop: Stop) -> Seeded | None:
    path = seeder.somewhere_else(stop)
    if path is None or not seeder.texts.is_defined(stop.path, stop.word):
        return None

    def change(mine: Stop) -> None:
        mine.data["file"] = path
        mine.data.pop("occurrence", None)

    return seeder.changed(stop, "wrong file", frozenset({"defined-elsewhere"}), change)


def _missing_file(seeder: Seeder, stop: Stop) -> Seeded | None:
    folder, _, name = stop.path.rpartition("/")
    stem, _, ending = name.rpartition(".")
    wrong = seeder.random.choice(
        [f"{folder}/{_typo(seeder, stem)}.{ending}", f"{folder}s/{name}", f"{folder}/old/{name}"]
    )
    if seeder.texts.read(wrong) is not None:
        return None

    def change(mine: Stop) -> None:
        mine.data["file"] = wrong

    return seeder.changed(stop, "missing file", frozenset({"missing-file"}), change)


def _renamed(seeder: Seeder, stop: Stop) -> Seeded | None:
    struct, dot, word = stop.name.rpartition(".")
    wrong = _typo(seeder, word)
    text = seeder.texts.read(stop.path)
    if len(word) < 4 or text is None or wrong in seeder.texts.names(stop.path):
        return None

    def change(mine: Stop) -> None:
        mine.data[mine.kind] = f"{struct}{dot}{wrong}"
        mine.data.pop("occurrence", None)

    rules = frozenset({"undefined-symbol", "defined-elsewhere"})
    return seeder.changed(stop, "renamed symbol", rules, change)


def _typo(seeder: Seeder, word: str) -> str:
    place = seeder.random.randrange(1, max(2, len(word) - 1))
    left, right = word[:place], word[place:]
    return seeder.random.choice(
        [
            left + right[1:],
            left + right[:1] + right,
            left + right[1:2] + right[:1] + right[2:],
            left + seeder.random.choice("aeioxz") + right,
        ]
    )


def _other_kind(seeder: Seeder, stop: Stop) -> Seeded | None:
    wrong = {"macro": "function", "function": "macro"}.get(stop.kind)
    if wrong is None or seeder.texts.is_kind(stop.path, stop.name, wrong):
        return None

    def change(mine: Stop) -> None:
        mine.data[wrong] = mine.data.pop(mine.kind)
        mine.data.pop("occurrence", None)

    return seeder.changed(stop, f"{stop.kind} taken for {wrong}", _WRONG_KIND, change)


_WRONG_KIND = frozenset({"wrong-kind"})


def _prototype(seeder: Seeder, stop: Stop) -> Seeded | None:
    if stop.kind != "function" or not stop.path.endswith(".c"):
        return None
    header = seeder.texts.prototype_of(stop.name)
    if header is None:
        return None

    def change(mine: Stop) -> None:
        mine.data["file"] = header
        mine.data.pop("occurrence", None)

    return seeder.changed(stop, "prototype", frozenset({"not-a-definition"}), change)


REFERENCE_MAKERS: tuple[Maker, ...] = (
    _wrong_file,
    _missing_file,
    _renamed,
    _other_kind,
    _prototype,
)
