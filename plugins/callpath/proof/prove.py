"""Decides on one edge: tries the proofs in turn, and says what is true if none holds."""

from collections.abc import Collection, Iterator
from functools import partial

from msgspec.structs import replace

from callpath.c.facts import CallForm, Mention, Role
from callpath.facts.proof import NOT_FOUND, EdgeStatus, Proof, SiteRole, Verdict, read_via
from callpath.model import Edge, SymbolKind
from callpath.proof.callback import prove_callback, prove_later, prove_runner
from callpath.proof.code import Code, Target
from callpath.proof.copies import prove_copied
from callpath.proof.direct import (
    functions_called,
    hidden_by,
    prove_direct,
    prove_registration,
    prove_renamed,
    prove_table,
)
from callpath.proof.linkage import Cause
from callpath.proof.pointer import bindings_of, prove_in_macro, prove_pointer


def prove(edge: Edge, code: Code) -> Verdict:
    """What the source at the edge's pin says of an edge.

    What is half proved or unproved has a reason if something nearby is true.
    """
    caller, callee = code.target(edge.caller), code.target(edge.callee)
    if not caller.definitions or not callee.definitions:
        return NOT_FOUND  # the reference itself is the finding
    found = _found(edge, code, caller, callee)
    if proof := _if_proved(found):
        return proof
    if edge.callee.asserted:
        return Verdict(EdgeStatus.ASSERTED, reason=edge.callee.asserted)
    if found and (found.status is not EdgeStatus.UNPROVED or found.wrong_via):
        return found
    if not code.brief and edge.ancestors and not code.target(edge.ancestors[0]).definitions:
        return NOT_FOUND  # who may hand it over is not found, and that is the finding
    if _may_be_elsewhere(edge, code, caller, callee):
        return Verdict(EdgeStatus.NOT_SEARCHED)
    if code.brief or not code.hints:
        return Verdict(EdgeStatus.UNPROVED)
    truths = _nearest_truths(code, edge, caller, callee, found.reason if found else "")
    return Verdict(EdgeStatus.UNPROVED, reason=next(truths, ""))


def _found(edge: Edge, code: Code, caller: Target, callee: Target) -> Verdict | None:
    if _are_apart(code, caller, callee):
        return None
    via = read_via(edge.callee.via)
    if via is None:
        return _without_via(edge, code, caller, callee)
    if proof := _if_proved(prove_runner(code, caller, callee, via)):
        return proof
    found = prove_pointer(code, caller, callee, via)
    if proof := _if_proved(found):
        return proof
    copied = prove_copied(code, caller, callee, via)
    made = None if _if_proved(copied) else prove_in_macro(code, caller, callee, via)
    return (
        _if_proved(copied)
        or _if_proved(made)
        or _wrong_via(edge, code, caller, callee)
        or found
        or copied
    )


def _are_apart(code: Code, caller: Target, callee: Target) -> bool:
    """Whether neither file can be linked with the other, so that no pointer leads there either."""
    linkage = code.files.linkage
    ends = (caller.path, callee.path)
    if linkage.links.links(*ends) or linkage.links.links(*reversed(ends)):
        return False
    return not linkage.are_joined(caller.path, callee)


def _if_proved(found: Verdict | None) -> Verdict | None:
    return found if found and found.status is EdgeStatus.PROVED else None


def _wrong_via(edge: Edge, code: Code, caller: Target, callee: Target) -> Verdict | None:
    """The edge holds, but not through the pointer that the author names."""
    true = _if_proved(prove_pointer(code, caller, callee, None))
    true = true or _if_proved(prove_copied(code, caller, callee, None, near=True))
    true = true or _if_proved(_without_via(edge, code, caller, callee))
    if true is None:
        return None
    site = true.sites[0]
    way = f"through `{true.member}`" if true.member else f"by a {true.proof}"
    reason = f"it is reached {way}, at {site.path}:{site.line}"
    if true.proof is Proof.POINTER:
        reason += f", bound at {true.sites[-1].path}:{true.sites[-1].line}"
    return Verdict(EdgeStatus.UNPROVED, reason=reason, wrong_via=True)


def _without_via(edge: Edge, code: Code, caller: Target, callee: Target) -> Verdict | None:
    step = edge.callee
    found = (
        (None if step.when else prove_direct(code, caller, callee))
        or prove_table(code, caller, callee)
        or prove_registration(code, caller, callee)
        or prove_callback(code, caller, callee, edge.ancestors)
    )
    if found and step.when and step.by:
        return prove_later(code, found, caller, callee, step.by)
    if found and found.proof is not Proof.CALLBACK:
        return found
    if found:
        return found if step.when else _as_pointer(code, caller, callee, found)
    if proof := prove_runner(code, caller, callee):
        return proof
    pointer = prove_pointer(code, caller, callee, None)
    copied = None if _if_proved(pointer) else prove_copied(code, caller, callee, None)
    found = _if_proved(copied) or pointer or copied
    if _if_proved(found):
        return found
    renamed = None if step.when else prove_renamed(code, caller, callee)
    return renamed or _if_proved(prove_in_macro(code, caller, callee, None)) or found


def _as_pointer(code: Code, caller: Target, callee: Target, handed: Verdict) -> Verdict:
    """What seems to be a hand-over may put the callee into a pointer that is called there."""
    hands = (site for site in handed.sites if site.role is SiteRole.HAND_OVER)
    places = {(site.path, site.line) for site in hands}
    for prove_it in (prove_pointer, partial(prove_copied, near=True)):
        found = _if_proved(prove_it(code, caller, callee, None))
        sites = found.sites if found else ()
        put = (site for site in sites if site.role in (SiteRole.BINDING, SiteRole.COPY))
        if found and any((site.path, site.line) in places for site in put):
            return found
    return handed


def _may_be_elsewhere(edge: Edge, code: Code, caller: Target, callee: Target) -> bool:
    """Whether a pointer's table may lie in a part of the source that cannot be searched."""
    if code.files.searchable or edge.callee.symbol.kind != SymbolKind.FUNCTION:
        return False
    if callee.is_static and not any(bindings_of(code, callee)):
        return False  # its own file is at hand, and nothing else can name it
    calls = (call for body in code.bodies(caller) for call in body.calls)
    return any(call.form is not CallForm.DIRECT for call in calls)


_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO)
_VERBS = {Proof.CALL: "calls", Proof.CALLBACK: "hands", Proof.POINTER: "calls"}


def _nearest_truths(
    code: Code, edge: Edge, caller: Target, callee: Target, doubt: str
) -> Iterator[str]:
    """True statements, the nearest first.

    `doubt` is what kept a call through a pointer from being the proof, or empty.
    """
    yield from _twins(code, caller, callee)
    if _are_apart(code, caller, callee):
        yield f"`{callee.path}` is not linked with `{caller.path}`"
    if edge.callee.when and (found := prove_direct(code, caller, callee)):
        yield f"`{caller.name}` {_does(found)}: remove `when`"
    if edge.caller.occurrence:
        yield from _other_definitions(code, caller, callee)
    may_call = {caller.kind, callee.kind}.issubset(_CALLABLE) and caller.name != callee.name
    if may_call and (found := prove_direct(code, callee, caller)):
        yield f"it is the other way round: `{callee.name}` {_does(found)}"
    yield from _between(code, caller, callee)
    if doubt:
        yield doubt
    yield from _other_callers(code, edge, caller, callee)
    if callee.kind is SymbolKind.FUNCTION:
        yield from (each.clause("it") for each in bindings_of(code, callee, caller.path))
    file = code.file(callee.path)
    for use in file.uses if file else ():
        if callee.name in use.names:
            yield f"`{use.macro}` registers it at {callee.path}:{use.line}"
    for mention in _namings(code, caller, callee):
        yield f"`{caller.name}` only names it, at {caller.path}:{mention.line}"


def _twins(code: Code, caller: Target, callee: Target) -> Iterator[str]:
    """The caller calls or names another symbol of that name."""
    for mention in _namings(code, caller, callee):
        other = hidden_by(code, callee, caller.path, mention)
        if other is None:
            continue
        name, where = f"`{callee.name}`", f"{caller.path}:{mention.line}"
        means = _meant(code, caller, callee) if other.cause is not Cause.OTHER else ""
        means = means or "another one"
        if other.cause is Cause.STATIC:
            yield f"`{callee.path}` keeps its {name} to itself; {where} means {means}"
        elif other.cause is Cause.APART:
            yield f"`{callee.path}` is not linked with `{caller.path}`; {where} means {means}"
        else:
            what = "one" if other.kind is callee.kind else other.kind
            of = (
                "its own file, at line" if other.path == caller.path else f"`{other.path}`, at line"
            )
            yield f"{name} at {where} is the {what} of {of} {other.line}"


def _meant(code: Code, caller: Target, callee: Target) -> str:
    """Which symbol of a name a file can reach in another file, the nearest; empty if none is."""
    if callee.kind not in (SymbolKind.FUNCTION, SymbolKind.VARIABLE):
        return ""
    links = code.files.linkage.links
    paths = [
        path
        for path in code.searched(callee.name)
        if path != callee.path and links.links(caller.path, path)
    ]
    targets = (code.symbol(path, callee.name, callee.kind) for path in paths)
    found = [
        definition
        for target in targets
        if not target.is_static
        for definition in target.definitions
    ]
    if not found:
        return ""
    nearest = min(found, key=partial(links.candidate_order, origin=caller.path))
    return f"the one of `{nearest.path}`, at line {nearest.line}"


def _namings(code: Code, caller: Target, callee: Target) -> Iterator[Mention]:
    """Where a caller has the callee's name as that of a symbol."""
    for body in code.bodies(caller):
        for mention in body.mentions:
            if mention.name == callee.name and mention.role not in (Role.LOCAL, Role.FIELD):
                yield mention


def _other_definitions(code: Code, caller: Target, callee: Target) -> Iterator[str]:
    every = code.symbol(caller.path, caller.name, caller.kind)
    for number, definition in enumerate(every.definitions, start=1):
        if found := _reach(code, replace(every, definitions=(definition,)), callee):
            yield f"definition {number} of `{caller.name}` {_does(found)}"


def _between(code: Code, caller: Target, callee: Target) -> Iterator[str]:
    """The caller calls a function that reaches the callee."""
    for middle, found in _middles(code, caller, callee):
        first = prove_direct(code, caller, middle)
        if first and middle.name not in (caller.name, callee.name):
            yield f"`{caller.name}` {_does(first, middle.name)}, and that {_does(found)}"


def _middles(code: Code, caller: Target, callee: Target) -> Iterator[tuple[Target, Verdict]]:
    """What a caller names and what reaches a callee: in the files at hand, then in the tree."""
    names = {call.name for body in code.bodies(caller) for call in functions_called(body)}
    for path in code.at_hand(caller.path):
        for name in sorted(names):
            for kind in _CALLABLE if code.files.has(path, name) else ():
                middle = code.symbol(path, name, kind)
                if found := _reach(code, middle, callee):
                    yield middle, found
    yield from _callers(code, caller, callee, names)


def _other_callers(code: Code, edge: Edge, caller: Target, callee: Target) -> Iterator[str]:
    """Other functions reach the callee; those above the caller in the note are tried first."""
    for step in edge.ancestors:
        if found := _reach(code, code.target(step), callee):
            yield f"`{step.symbol.name}` {_does(found)}"
    for other, found in _callers(code, caller, callee):
        if other.name != caller.name:
            yield f"`{other.name}` {_does(found)}"


def _does(found: Verdict, name: str = "it") -> str:
    """What a function does to a callee, as the rest of a clause."""
    site = found.sites[0]
    what = name if name == "it" else f"`{name}`"
    verb = _VERBS.get(found.proof or Proof.USE, "names")
    over = ""
    if found.proof is Proof.CALLBACK:
        over = f" over in `{site.name}`" if site.name else " over"
    through = f" through `{found.member}`" if found.member else ""
    return f"{verb} {what}{over}{through} at {site.path}:{site.line}"


def _reach(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """How a symbol reaches a callee by name, by a pointer of known type or by handing it over."""
    found = prove_direct(code, caller, callee)
    if found is None and caller.kind is SymbolKind.FUNCTION:
        found = prove_pointer(code, caller, callee, None) or prove_callback(code, caller, callee)
    return _if_proved(found)


def _callers(
    code: Code, caller: Target, callee: Target, names: Collection[str] = ()
) -> Iterator[tuple[Target, Verdict]]:
    """The functions and macros, perhaps only those of some names, that name a callee."""
    word = callee.name.rpartition(".")[2]
    for path in code.searched(word, callee.path, caller.path, near=caller.path):
        file = code.file(path)
        if file is None or not code.files.linkage.is_reached(path, callee):
            continue
        if names and not any(map(file.named, names)):  # then most files need no parse
            continue
        for definition in file.facts.definitions:
            if definition.kind not in _CALLABLE or (names and definition.name not in names):
                continue
            if any(mention.name == word for mention in file.body(definition).mentions):
                target = Target(path, definition.name, definition.kind, (definition,))
                found = prove_direct(code, target, callee) or prove_callback(code, target, callee)
                if found:
                    yield target, found
