"""Code in memory, notes in short, and what the prover says of them: the form of golden cases.

The steps of a case are lines, nested by two spaces each: `[KIND] NAME FILE [KEY=VALUE]…`; the kind
is `function` unless it is named, and `_` stands for a space in an assertion.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from callpath.c.announce import announces, defines_type, may_bind
from callpath.c.facts import Glance, Include
from callpath.c.file import (
    CodeFile,
    read_code,
)
from callpath.c.preprocessor.includes import glance, read_includes
from callpath.facts.proof import (
    ProofSite,
    Verdict,
)
from callpath.model import (
    Edge,
    Pin,
    SymbolKind,
    note_edges,
)
from callpath.notes.parser import parse_note
from callpath.projects import LINUX
from callpath.proof.code import Code
from callpath.proof.direct import out_of_order
from callpath.proof.includes import IncludeGraph
from callpath.proof.linkage import Linkage
from callpath.proof.links import distance, link_table
from callpath.proof.prove import prove

PIN = Pin("linux", "v3.7")


class MemoryFiles:
    """Files in memory; each is parsed once.

    Parameters:
        texts: Path → text.
        searchable: Whether the whole tree can be looked through.
    """

    def __init__(self, texts: Mapping[str, str], *, searchable: bool = True) -> None:
        self._texts = texts
        self._parsed: dict[str, CodeFile] = {}
        self._searchable = searchable
        links = link_table(LINUX.link_units)
        self.linkage = Linkage(self, links, IncludeGraph(self, links))

    def file(self, path: str) -> CodeFile | None:
        if path not in self._texts:
            return None
        if path not in self._parsed:
            self._parsed[path] = read_code(path, self._texts[path].encode())
        return self._parsed[path]

    @property
    def searchable(self) -> bool:
        return self._searchable

    def is_searched(self, word: str) -> bool:
        return self._searchable

    def holding(self, word: str) -> Sequence[str]:
        if not self._searchable:
            return ()
        return sorted(path for path in self._texts if self.has(path, word))

    def has(self, path: str, word: str) -> bool:
        return re.search(rf"\b{re.escape(word)}\b", self._texts.get(path, "")) is not None

    def includes(self, path: str) -> Sequence[Include]:
        return read_includes(self._texts.get(path, "").encode())

    def located(self, spelled: str) -> Sequence[str]:
        return [path for path in sorted(self._texts) if f"/{path}".endswith(f"/{spelled}")]

    def including(self, path: str) -> Sequence[str]:
        return self.holding(path.rpartition("/")[2].partition(".")[0])

    def holders(self, word: str, among: Collection[str]) -> Sequence[str]:
        return [path for path in among if self.has(path, word)]

    def glance(self, path: str, word: str) -> Glance:
        return glance(self._texts.get(path, "").encode(), word)

    def defining(self, word: str, near: str) -> Sequence[str]:
        headers = [path for path in self.holding(word) if path.endswith(".h")]
        found = [path for path in headers if self.announces(path, word)]
        return sorted(found, key=partial(distance, origin=near))

    def defines_type(self, path: str, word: str) -> bool:
        return defines_type(self._texts.get(path, "").encode(), word)

    def announces(self, path: str, word: str) -> bool:
        return announces(self._texts.get(path, "").encode(), word)

    def may_bind(self, path: str, word: str) -> bool:
        return may_bind(self._texts.get(path, "").encode(), word)


def edges_of(steps: str) -> tuple[Edge, ...]:
    """The edges that steps in short state."""
    text = "title: t\nsteps:\n" + "\n".join(_as_yaml(steps)) + "\n"
    parsed = parse_note("notes/a.yml", text.encode(), note_id="a", default_pin=PIN)
    assert parsed.note is not None, text
    assert parsed.findings == (), parsed.findings
    return tuple(note_edges(parsed.note))


def _as_yaml(steps: str) -> Iterator[str]:
    deepest = 0
    for line in steps.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        words = line.split()
        has_kind = words[0] in list(SymbolKind) and "=" not in "".join(words[2:3] or ["="])
        kind = words.pop(0) if has_kind else "function"
        name, file, *others = words
        indent = "    " * depth + "  "
        if depth > deepest:
            yield indent[:-2] + "steps:"
        deepest = depth
        yield f"{indent}- {kind}: {name}"
        yield f"{indent}  file: {file}"
        for other in others:
            key, _, value = other.partition("=")
            yield f"{indent}  {key}: {_value(key, value)}"


def _value(key: str, value: str) -> str:
    if key == "occurrence":
        return value
    return repr(value.replace("_", " ") if key == "asserted" else value)


def verdicts(
    files: Mapping[str, str], steps: str, *, searchable: bool = True
) -> list[tuple[Edge, Verdict]]:
    """The verdict on each edge, in reading order."""
    edges = edges_of(steps)
    paths = dict.fromkeys(
        step.symbol.path for edge in edges for step in (*edge.ancestors, edge.caller, edge.callee)
    )
    code = Code(MemoryFiles(files, searchable=searchable), tuple(paths))
    return [(edge, prove(edge, code)) for edge in edges]


def told(case: Mapping[str, Any]) -> dict[str, list[str]]:
    """What the prover says of a golden case, in words."""
    found = verdicts(case["files"], case["steps"], searchable=case.get("searchable", True))
    code = Code(MemoryFiles(case["files"]))
    return {
        "edges": [_edge_told(edge, verdict) for edge, verdict in found],
        "order": list(_order_told(found, code)),
    }


def _edge_told(edge: Edge, verdict: Verdict) -> str:
    kind = f" {verdict.proof}" if verdict.proof else ""
    parts = [f"{edge.caller.symbol.name} → {edge.callee.symbol.name}: {verdict.status}{kind}"]
    parts += [_site_told(site) for site in verdict.sites]
    if verdict.member:
        parts.append(f"member {verdict.member}")
    if verdict.others:
        parts.append(f"{verdict.others} others")
    if verdict.above:
        parts.append(f"above {verdict.above}")
    parts += [
        word
        for word, is_said in (
            ("wrong via", verdict.wrong_via),
            ("type mismatch", verdict.type_mismatch),
        )
        if is_said
    ]
    if verdict.reason:
        parts.append(f"hint: {verdict.reason}")
    return " | ".join(parts)


def _site_told(site: ProofSite) -> str:
    name = f" {site.name}" if site.name else ""
    condition = f" if {site.condition}" if site.condition else ""
    return f"{site.path}:{site.line} {site.role}{name}{condition}"


def _order_told(found: Sequence[tuple[Edge, Verdict]], code: Code) -> Iterator[str]:
    families: dict[str, list[tuple[Edge, Verdict]]] = {}
    for edge, verdict in found:
        families.setdefault(edge.caller.id, []).append((edge, verdict))
    for siblings in families.values():
        siblings.sort(key=lambda each: each[0].callee.ordinal)
        bodies = code.target(siblings[0][0].caller).definitions
        for edge, site, earlier, before in out_of_order(siblings, bodies):
            yield (
                f"{edge.callee.symbol.name} at {site.line} "
                f"after {earlier.callee.symbol.name} at {before.line}"
            )
