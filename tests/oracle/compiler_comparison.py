"""Asks the prover for what a compiler knows, and counts what it misses and what it invents."""

import json
import multiprocessing
import os
import subprocess
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from compiler_facts import Facts, Function, Pair, Texts

from callpath.facts.proof import NOT_FOUND, EdgeStatus, Verdict
from callpath.findings import Location
from callpath.model import Edge, Pin, Step, Symbol, SymbolKind, Text
from callpath.proof.code import Code
from callpath.proof.prove import prove
from callpath.sources.spec import open_source, parse_spec
from callpath.verify.code import SourceCode

_ROUNDS = 4  # a search may show that another word has to be searched for
_NEAR, _FAR = 20, 5  # how many denied pointers are tried for one caller: of a like name, of any
_OTHER_UNITS = ("tools/", "scripts/", "samples/", "usr/")  # programs beside the kernel
_OTHER_PROGRAMS = ("/boot/", "purgatory/", "/realmode/")


@dataclass(frozen=True, slots=True)
class Question:
    """A pair, whether it is true, and what the prover answered."""

    figure: str
    pair: Pair
    is_true: bool
    verdict: Verdict = NOT_FOUND

    @property
    def is_proved(self) -> bool:
        """Whether the prover proves it."""
        return self.verdict.status is EdgeStatus.PROVED


@dataclass(slots=True)
class Comparison:
    """The answers by figure, and by whether they are wrong."""

    asked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    wrong: dict[str, list[Question]] = field(default_factory=lambda: defaultdict(list))


WRITTEN = "written calls"
MADE = "calls of what a macro makes"
HANDED = "hand-overs"
TABLES = "pointers bound by tables"
BY_MACRO = "the same, the call being a macro's"
NAMED = "denied by name"
POINTERS = "denied pointers"
FIGURES = {
    WRITTEN: True,
    MADE: True,
    HANDED: True,
    TABLES: True,
    BY_MACRO: True,
    NAMED: False,
    POINTERS: False,
}
"""Every figure, and whether its pairs are true."""


def compare(facts: Facts, root: Path, pin: Pin) -> Comparison:
    """Ask everything, on all processors."""
    questions = list(questions_of(facts, root))
    count = max(1, min(os.cpu_count() or 1, len(questions) // 50))
    # Of one caller's file all are asked by one process, which then parses that file once.
    parts: list[list[Question]] = [[] for _ in range(count)]
    for file in sorted(by_file := _by_file(questions)):
        min(parts, key=len).extend(by_file[file])
    work = [(part, root, pin) for part in parts]
    with multiprocessing.get_context("fork").Pool(count) as pool:
        answers = [one for part in pool.starmap(_answer, work) for one in part]
    found = Comparison()
    for answer in sorted(answers, key=lambda each: (each.figure, each.pair)):
        found.asked[answer.figure] += 1
        if answer.is_proved is not answer.is_true:
            found.wrong[answer.figure].append(answer)
    return found


def _by_file(questions: Iterable[Question]) -> dict[str, list[Question]]:
    found: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        found[question.pair.caller.file].append(question)
    return found


# --- what is asked ---

_Words = Mapping[Function, Mapping[str, int]]


def questions_of(facts: Facts, root: Path) -> Iterator[Question]:
    """Every pair that is true or denied for certain."""
    texts = Texts(root, facts.active)
    words = _words_of_bodies(facts, texts)
    yield from _by_name(facts, words, texts)
    pointers = _Pointers(facts, words)
    yield from pointers.questions()
    twins = _definitions(facts, root, {word for each in words.values() for word in each})
    for caller, named in words.items():
        for name, line in named.items():
            for other in twins.get(name, ()):
                why = _denied(facts, caller, other)
                if why and not pointers.may_call(caller, other):
                    yield Question(NAMED, Pair(caller, other, line, why), False)


def _words_of_bodies(facts: Facts, texts: Texts) -> dict[Function, dict[str, int]]:
    """The words that stand in each body, with their first line."""
    words: dict[Function, dict[str, int]] = {}
    for caller, last in facts.bodies.items():
        found = words.setdefault(caller, {})
        for line, word in texts.words(caller.file, caller.line, last):
            found.setdefault(word, line)
    return words


def _by_name(facts: Facts, words: _Words, texts: Texts) -> Iterator[Question]:
    written = {each for each, last in facts.bodies.items() if texts.has_body(each, last)}
    for (caller, callee), line in facts.calls.items():
        if callee.name in words.get(caller, ()) and caller != callee:
            figure = WRITTEN if {caller, callee} <= written else MADE
            yield Question(figure, Pair(caller, callee, line), True)
    for (caller, callee), line in facts.handed.items():
        if callee.name in words.get(caller, ()) and (caller, callee) not in facts.calls:
            figure = HANDED if {caller, callee} <= written else MADE
            yield Question(figure, Pair(caller, callee, line), True)


def _definitions(facts: Facts, root: Path, words: set[str]) -> dict[str, set[Function]]:
    """The functions of some names: those that were compiled, and those that ctags sees."""
    found: dict[str, set[Function]] = defaultdict(set)
    for function in facts.bodies:
        if function.name in words:
            found[function.name].add(function)
    command = [
        "ctags",
        "--languages=C",
        "--langmap=C:.c.h",
        "--kinds-C=f",
        "--fields=n",
        "--sort=no",
    ]
    command += ["--output-format=json", "-R", "-o", "-", "."]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as ctags:
        assert ctags.stdout is not None
        for line in ctags.stdout:
            tag = json.loads(line)
            if tag.get("name") in words:
                path = tag["path"].removeprefix("./")
                if path not in {function.file for function in found[tag["name"]]}:
                    found[tag["name"]].add(Function(path, tag["line"], tag["name"]))
    return found


def _denied(facts: Facts, caller: Function, callee: Function) -> str:
    """Why a caller certainly does not mean a function that its text has the name of, or empty."""
    if caller == callee or caller.name == callee.name:
        return ""
    meant = facts.means.get((caller, callee.name), set())
    is_static = facts.is_static.get(callee)
    if callee in meant or callee.file in facts.included.get(caller, ()):
        return ""
    if callee.name not in facts.refs.get(caller, ()):
        return "names something else" if caller in facts.refs else ""
    if is_static and callee.file.endswith(".c"):
        return "another file's own"
    if any(facts.is_static.get(each) and each.file.endswith(".c") for each in meant):
        return "the caller's file has its own"
    if _is_elsewhere(callee.file) and not _is_elsewhere(caller.file):
        return "another program or architecture"
    return ""


def _is_elsewhere(file: str) -> bool:
    """Whether a file of the kernel's tree is of another link unit than x86's kernel."""
    is_other = file.startswith("arch/") and not file.startswith("arch/x86/")
    return (
        is_other
        or file.startswith(_OTHER_UNITS)
        or (file.startswith("arch/x86/") and any(each in file for each in _OTHER_PROGRAMS))
    )


class _Pointers:
    """Who may call what through members: true by a table, or denied."""

    def __init__(self, facts: Facts, words: _Words) -> None:
        self._facts, self._words = facts, words
        self._bound: dict[Function, set[str]] = defaultdict(set)
        for member, functions in (*facts.tables.items(), *facts.stored.items()):
            for function in functions:
                self._bound[function].add(member)
        # In an order that is always the same and follows no name.
        self._all = sorted(
            self._bound, key=lambda f: (zlib.crc32(f"{f.file} {f.name}".encode()), f)
        )
        self._like: dict[str, set[Function]] = defaultdict(set)
        for function, members in self._bound.items():
            for word in chain.from_iterable(map(_words_of, members)):
                self._like[word].add(function)

    def questions(self) -> Iterator[Question]:
        """All of them."""
        for caller, members in self._facts.through.items():
            if caller.file:
                yield from self._true(caller, members)
                yield from self._denied(caller, members)

    def may_call(self, caller: Function, callee: Function) -> bool:
        """Whether a pointer that a caller calls may be a function, as far as is known."""
        members = self._facts.through.get(caller, ())
        if any("@" not in member or member.startswith("param ") for member in members):
            return True
        reached = _closure(self._facts, members)
        return bool(self._bound.get(callee, set()) & reached)

    def _true(self, caller: Function, members: Mapping[str, int]) -> Iterator[Question]:
        names = self._words.get(caller, ())
        for member, line in members.items():
            written = member.partition("@")[0].partition(".")[2] or member.partition("[")[0]
            figure = TABLES if written in names else BY_MACRO
            for callee in self._facts.tables.get(member, ()):
                if callee != caller:
                    yield Question(figure, Pair(caller, callee, line, member), True)

    def _denied(self, caller: Function, members: Mapping[str, int]) -> Iterator[Question]:
        reached = _closure(self._facts, members)
        if reached & {"other", "var"}:
            return  # what it may call is not known
        like = {one for each in members for word in _words_of(each) for one in self._like[word]}
        free = [each for each in self._all if not self._bound[each] & reached]
        chosen = [each for each in free if each in like][:_NEAR] + free[:_FAR]
        names = self._words.get(caller, ())
        handed = {each for name in names for each in self._facts.objects.get(name, ())}
        for callee in dict.fromkeys(chosen):
            is_named = callee.name in self._facts.refs.get(caller, ())
            if not is_named and callee != caller and callee not in handed:
                yield Question(POINTERS, Pair(caller, callee, min(members.values())), False)


def _words_of(member: str) -> set[str]:
    """The tag and the name of a member."""
    tag, _, name = member.partition("@")[0].partition(".")
    return {f"{tag}.", f".{name}"} if name else {member.partition("@")[0]}


def _closure(facts: Facts, members: Iterable[str]) -> set[str]:
    """The members, and those whose pointers are copied into them."""
    reached: set[str] = set()
    open_ones = list(members)
    while open_ones:
        member = open_ones.pop()
        if member not in reached:
            reached.add(member)
            open_ones += facts.flows.get(member, ())
    return reached


# --- what is answered ---


def _answer(questions: Sequence[Question], root: Path, pin: Pin) -> list[Question]:
    with open_source(parse_spec(f"tree:{root}"), pin) as source:
        code = SourceCode(source)
        edges = [_edge(question.pair, code, pin) for question in questions]
        verdicts = [NOT_FOUND] * len(edges)
        pending = list(range(len(edges)))
        for _ in range(_ROUNDS):
            waiting: list[int] = []
            wanted: set[str] = set()
            for number in pending:
                edge = edges[number]
                code.wanted.clear()
                files = (edge.caller.symbol.path, edge.callee.symbol.path)
                verdicts[number] = prove(edge, Code(code, files, brief=True))
                if code.wanted and verdicts[number].status is not EdgeStatus.PROVED:
                    waiting.append(number)
                    wanted |= code.wanted
            if not waiting:
                break
            code.wanted |= wanted
            code.search(edges[waiting[0]].callee.symbol.path)
            pending = waiting
    answers = zip(questions, verdicts, strict=True)
    return [replace(question, verdict=verdict) for question, verdict in answers]


def _edge(pair: Pair, code: SourceCode, pin: Pin) -> Edge:
    caller, callee = _step(pair.caller, code), _step(pair.callee, code)
    return Edge(pin, pair.caller.name, caller, callee)


_NOWHERE = Location("notes/oracle.yml", 1, 1)


def _step(function: Function, code: SourceCode) -> Step:
    file = code.file(function.file)
    named = [
        each
        for each in (file.named(function.name) if file else ())
        if each.kind is SymbolKind.FUNCTION
    ]
    occurrence = 0
    if len(named) > 1:
        holding = (each.start <= function.line <= each.end for each in named)
        occurrence = next((n for n, holds in enumerate(holding, start=1) if holds), 0)
    symbol = Symbol(function.file, function.name, SymbolKind.FUNCTION)
    text = Text("", _NOWHERE)
    return Step(function.name, symbol, text, _NOWHERE, _NOWHERE, 1, occurrence=occurrence)
