"""Seeds errors into a notebook, checks all of them in one run, and judges what is said of each."""

import os
from collections import Counter
from collections.abc import Sequence

from callpath.findings import (
    Finding,
    Location,
)
from callpath.model import (
    Note,
    Pin,
)
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.sources.base import Source
from callpath.verify.examine import examine
from overlay import OverlaySource
from seeded_errors import seeded_errors
from seeded_notes import Seeded
from seeded_texts import Texts
from seeded_truths import Truth

SEED = int(os.environ.get("CALLPATH_SEED", "20121210"))


def read_notebook(notes: Sequence[str], pin: Pin) -> Notebook:
    files = {f"n{number:04}.yml": text.encode() for number, text in enumerate(notes)}
    return Notebook.load(files, PluginConfig(pin=pin))


def findings(book: Notebook, source: Source) -> list[list[Finding]]:
    """What is said of each of the notes, all checked in one run.

    A link that names another version is left to the sources of that.
    """
    assert book.faulty == ()
    asked = [reference for reference in book.references if reference.pin == source.pin]
    found = examine(asked, book.edges, lambda pin: source)
    by_note: dict[str, list[Finding]] = {file: [] for file in book.notes}
    for each in found.findings:
        by_note[each.location.file].append(each)
    return list(by_note.values())


def texts_of(source: Source, headers: Sequence[str]) -> Texts:
    def read(path: str) -> str | None:
        data = getattr(next(iter(source.read([path]))), "data", None)
        return None if data is None else data.decode("utf-8", "replace")

    return Texts(read, headers)


def place_of(note: Note, way: Sequence[int]) -> Location:
    step = note.steps[way[0]]
    for number in way[1:]:
        step = step.steps[number]
    return step.location


def faults_of(errors: Sequence[Seeded], source: Source, headers: Sequence[str]) -> list[str]:
    """What is wrong with what is said of errors."""
    faults = []
    book = read_notebook([error.text for error in errors], source.pin)
    files = {reference.symbol.path for reference in book.references}
    truth, notes = Truth(texts_of(source, headers), files), book.notes
    said = findings(book, source)
    for error, note, found in zip(errors, notes.values(), said, strict=True):
        fault = _fault(error, place_of(note, error.way), found, truth)
        if fault:
            shown = "\n    ".join(f"{d.location} {d.rule}: {d.message} | {d.hint}" for d in found)
            edge = f"{error.caller} → {error.callee}"
            faults.append(f"{error.kind}: {edge} ({error.true_path}): {fault}\n    {shown}")
    return faults


def _fault(error: Seeded, place: Location, found: Sequence[Finding], truth: Truth) -> str:
    if not found:
        return "not found"
    if len(found) > 1:
        return "more than one finding"
    only = found[0]
    if only.rule not in error.rules:
        return f"not one of {sorted(error.rules)}"
    if only.location != place:
        return f"not at {place}"
    return truth.fault(error, only.rule, only.message, only.hint)


def check_all(notes: Sequence[str], source: Source, most: int) -> Counter[str]:
    """Seed errors, see that each is found, and count them by kind."""
    headers = [path for path in _header_candidates(notes, source) if path.endswith(".h")]
    errors = seeded_errors(notes, texts_of(source, headers), SEED, most)
    plain = [error for error in errors if not error.planted]
    planted = [error for error in errors if error.planted]
    faults = faults_of(plain, source, headers)
    overlay = OverlaySource(source, [dict(error.planted) for error in planted])
    faults += faults_of(planted, overlay, headers)
    assert not faults, f"seed {SEED}: {len(faults)} of {len(errors)}\n" + "\n".join(faults)
    return Counter(error.kind for error in errors)


def _header_candidates(notes: Sequence[str], source: Source) -> list[str]:
    """The headers in the folders of a notebook's headers, and what lies beside its files."""
    book = read_notebook(notes, source.pin)
    folders = {reference.symbol.path.rpartition("/")[0] for reference in book.references}
    folders |= {"include/linux", "arch/x86/include/asm"}
    return [path for path in source.paths() if path.rpartition("/")[0] in folders]
