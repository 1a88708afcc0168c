"""Whether what is said of an error is true, told from the source as plain text.

Each form of words that a hint can have is listed here with what must then be so; a hint in words
that are not listed is no truth.
"""

import re
from collections.abc import Callable, Collection, Iterator

from seeded_notes import Seeded
from seeded_texts import Texts

_PLACE = r"(?P<path>[\w./+-]+\.[chS]):(?P<line>\d+)"
_DOES = (
    r"(?:`(?P<who>[\w.]+)`|definition \d+ of `(?P<one>[\w.]+)`|(?P<that>and that)) "
    r"(?P<verb>calls|names|hands) (?:`(?P<what>[\w.]+)`|it)(?: over(?: in `(?P<object>\w+)`)?)?"
    rf"(?: through `(?P<member>\w+)`)? at {_PLACE}"
)
_BINDS = (
    rf"`(?P<owner>[\w.]+)` (?:binds|holds) (?:it|the callee)(?: to `(?P<slot>[^`]+)`)? at {_PLACE}"
)


class Truth:
    """Judges hints.

    Parameters:
        texts: The source, with what was planted in it.
        files: The files that the notebook speaks of.
    """

    def __init__(self, texts: Texts, files: Collection[str]) -> None:
        self._texts = texts
        self._files = files

    def fault(self, error: Seeded, rule: str, message: str, hint: str) -> str:
        """What is not true of a finding; empty when all is."""
        if rule in _REFERENCES:
            return next(_REFERENCES[rule](self, error, message, hint), "")
        if rule == "out-of-order":
            return next(self._order(error, hint), "")
        return next(self._edge(error, hint), "")

    # --- references --------------------------------------------------------------------------

    def _places(self, error: Seeded, text: str) -> Iterator[str]:
        """Every place in a text has the callee's name."""
        for path, line in re.findall(r"`([\w./+-]+):(\d+)`", text):
            if not self._has(path, int(line), _word(error.callee)):
                yield f"{path}:{line} does not have `{error.callee}`"

    def _elsewhere(self, error: Seeded, message: str, hint: str) -> Iterator[str]:
        yield from self._places(error, message)
        yield from self._writes(error, hint)

    def _writes(self, error: Seeded, hint: str) -> Iterator[str]:
        """It says the file of the correct note, or another that the notebook speaks of."""
        wanted = {f"write `{path}`" for path in (error.true_path, *self._files)}
        if hint not in wanted and error.kind != "renamed symbol":
            yield f"it does not say `{error.true_path}`"

    def _missing(self, error: Seeded, message: str, hint: str) -> Iterator[str]:
        del message
        yield from self._places(error, hint)
        if not hint:
            yield "it says nothing"
        for path in re.findall(r"did you mean `([^`]+)`|or `([^`]+)`", hint):
            if self._texts.read("".join(path)) is None:
                yield f"there is no {path}"

    def _undefined(self, error: Seeded, message: str, hint: str) -> Iterator[str]:
        del message
        if f"`{error.callee}`" not in hint:
            yield f"it does not offer `{error.callee}`"
        for name in re.findall(r"`([^`]+)`", hint):
            if not self._texts.is_defined(error.true_path, _word(name)):
                yield f"{error.true_path} has no {name}"

    def _kind(self, error: Seeded, message: str, hint: str) -> Iterator[str]:
        yield from self._places(error, message)
        kind = error.kind.split()[0]
        if hint != f"write `{kind}: {error.callee}`":
            yield "it does not name the right kind"
        if not self._texts.is_kind(error.true_path, error.callee, kind):
            yield "it is not of that kind"

    def _declared(self, error: Seeded, message: str, hint: str) -> Iterator[str]:
        yield from self._places(error, message)
        yield from self._writes(error, hint)

    # --- edges -------------------------------------------------------------------------------

    def _order(self, error: Seeded, hint: str) -> Iterator[str]:
        found = re.fullmatch(r"`(.+)` is at line (\d+), `(.+)` at line (\d+) of (.+)", hint)
        if found is None:
            yield "not in the words of an order"
            return
        name, line, before, other, path = found.groups()
        if int(line) >= int(other):
            yield "they are in order"
        for word, number in ((name, line), (before, other)):
            if not self._has(path, int(number), _word(word)):
                yield f"{path}:{number} does not have `{word}`"

    def _edge(self, error: Seeded, hint: str) -> Iterator[str]:
        word = _word(error.callee)
        if not hint:
            if self._is_reached(error):
                yield "it says nothing, and the text has a caller"
            return
        forms: tuple[tuple[str, Callable[[re.Match[str]], Iterator[str]]], ...] = (
            (_DOES, lambda found: self._does(error, found)),
            (_BINDS, lambda found: self._at(found, word)),
            (rf"`(?P<owner>\w+)` registers it at {_PLACE}", lambda found: self._at(found, word)),
            (rf"through `(?P<member>\w+)`(?: of [^,]+)?, at {_PLACE}", self._through),
            (rf"{_PLACE} (?:calls|goes) through `(?P<member>\w+)`", self._through),
            (rf"bound at {_PLACE}", lambda found: self._at(found, word)),
            (rf"reached by a \w+, at {_PLACE}", lambda found: self._at(found, word)),
            (rf"at {_PLACE} fills one of", lambda found: self._at(found, word)),
            (rf"only names it, at {_PLACE}", lambda found: self._at(found, word)),
            (rf"`\S+` at {_PLACE} is the \w+ of ", lambda found: self._at(found, word)),
            (rf"is not linked with `[^`]+`; {_PLACE} means", lambda found: self._at(found, word)),
            (rf"`[^`]+` keeps its `\w+` to itself; {_PLACE}", lambda f: self._at(f, word)),
            (r"`(?P<who>\w+)` has no call through `(?P<member>\w+)`", self._no_call),
        )
        told = 0
        for pattern, judge in forms:
            for found in re.finditer(pattern, hint):
                told += 1
                yield from judge(found)
        if not told:
            yield "in words that are not known"

    def _does(self, error: Seeded, found: re.Match[str]) -> Iterator[str]:
        """`who` calls `what` there."""
        word = found["member"] or found["object"] or _word(found["what"] or error.callee)
        if "the other way round" in found.string:
            word = _word(error.caller)
        yield from self._at(found, word)
        who = found["who"] or found["one"]
        if found["that"]:
            earlier = re.search(r"`[\w.]+` \w+ `([\w.]+)`", found.string)
            who = earlier[1] if earlier else ""
        line = int(found["line"])
        bodies = self._texts.bodies(found["path"], who)
        if not any(body.start <= line <= body.end for body in bodies):
            yield f"{found['path']}:{line} is not inside of `{who}`"

    def _at(self, found: re.Match[str], word: str) -> Iterator[str]:
        if not self._has(found["path"], int(found["line"]), word):
            yield f"{found['path']}:{found['line']} does not have `{word}`"

    def _through(self, found: re.Match[str]) -> Iterator[str]:
        yield from self._at(found, found["member"])

    def _no_call(self, found: re.Match[str]) -> Iterator[str]:
        """No file that has a function of that name has the member called in it."""
        for path in self._texts.paths():
            for text in self._texts.inside(path, found["who"]):
                if re.search(rf"(?:->|\.){found['member']}\s*\(", text):
                    yield f"`{found['who']}` has one, in {path}"

    def _is_reached(self, error: Seeded) -> bool:
        """Whether the file that defines a function has a call of it."""
        text = "\n".join(self._texts.code(error.true_path))
        calls = re.findall(rf"(?m)^[ \t].*\b{re.escape(_word(error.callee))}\s*\(", text)
        return bool(calls) and not error.planted

    def _has(self, path: str, line: int, word: str) -> bool:
        return re.search(rf"\b{re.escape(word)}\b", self._texts.line(path, line)) is not None


def _word(name: str) -> str:
    return name.rpartition(".")[2]


_REFERENCES = {
    "defined-elsewhere": Truth._elsewhere,
    "missing-file": Truth._missing,
    "undefined-symbol": Truth._undefined,
    "wrong-kind": Truth._kind,
    "not-a-definition": Truth._declared,
}
