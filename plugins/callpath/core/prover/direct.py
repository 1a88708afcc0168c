"""Proofs inside one body: a call by name, a macro used, a variable, field or type named."""

from collections.abc import Iterator, Sequence

from callpath.core.c_parser.body_facts import Body, Call, CallForm, Mention, Role
from callpath.core.model import Definition, SymbolKind
from callpath.core.proof import EdgeStatus, Proof, Site, SiteRole, Verdict
from callpath.core.prover.code import Code, Target

_VALUE_ROLES = frozenset(
    {
        Role.CALLED,
        Role.ARGUMENT,
        Role.ASSIGNED,
        Role.INITIALISER,
        Role.RETURNED,
        Role.OTHER,
    }
)
_ROLES = {
    SymbolKind.STRUCT: frozenset({Role.TAG}),
    SymbolKind.UNION: frozenset({Role.TAG}),
    SymbolKind.ENUM: frozenset({Role.TAG}),
    SymbolKind.TYPEDEF: frozenset({Role.TYPE, Role.OTHER}),
    SymbolKind.FIELD: frozenset({Role.FIELD}),
    SymbolKind.VARIABLE: _VALUE_ROLES,
    SymbolKind.ENUMERATOR: _VALUE_ROLES,
    SymbolKind.MACRO: _VALUE_ROLES | {Role.TYPE},
    SymbolKind.FUNCTION: frozenset({Role.CALLED, Role.OTHER}),
}
_LINKED = frozenset({SymbolKind.FUNCTION, SymbolKind.VARIABLE})
_TAGS = frozenset({SymbolKind.STRUCT, SymbolKind.UNION, SymbolKind.ENUM})


def prove_direct(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """A call by name, a macro use or another use in the caller's body."""
    if hidden_by(code, callee, caller.path) is not None:
        return None
    sites: list[Site] = []
    in_macro = False
    for _, body in code.bodies(caller):
        sites += _sites(body, caller, callee)
        in_macro = in_macro or body.text
    if not sites:
        return None
    return Verdict(EdgeStatus.PROVED, _proof(callee, in_macro=in_macro), tuple(sorted(set(sites))))


def _proof(callee: Target, *, in_macro: bool) -> Proof:
    if callee.kind is SymbolKind.MACRO or (in_macro and callee.kind is SymbolKind.FUNCTION):
        return Proof.MACRO
    return Proof.CALL if callee.kind is SymbolKind.FUNCTION else Proof.USE


def _sites(body: Body, caller: Target, callee: Target) -> Iterator[Site]:
    if callee.kind is SymbolKind.FUNCTION and not body.text:
        for call in calls_by_name(body, callee.name):
            yield Site(caller.path, call.line, SiteRole.CALL, call.condition)
        return
    word = callee.name.rpartition(".")[2]
    for mention in body.mentions:
        if mention.name == word and _names(mention, caller, callee):
            role = SiteRole.CALL if mention.role is Role.CALLED else SiteRole.USE
            yield Site(caller.path, mention.line, role, mention.condition)


def calls_by_name(body: Body, name: str) -> Iterator[Call]:
    """The calls in a body of a function by its name, not of a parameter or local of that name."""
    if name in body.parameters or name in body.types:
        return
    for call in body.calls:
        if call.form is CallForm.DIRECT and call.name == name:
            yield call


def _names(mention: Mention, caller: Target, callee: Target) -> bool:
    """Whether a mention of the callee's name, or a field's member, is one of it as its kind."""
    if mention.role not in _ROLES[callee.kind]:
        return False
    if callee.kind is not SymbolKind.FIELD:
        return mention.name == callee.name and _right_tag(mention, callee)
    tag = callee.name.rpartition(".")[0]
    return mention.tag in ("", tag) or caller.name == tag


def _right_tag(mention: Mention, callee: Target) -> bool:
    return mention.role is not Role.TAG or mention.tag in ("", callee.kind.value)


def hidden_by(code: Code, callee: Target, path: str) -> Definition | None:
    """What a callee's name means in another file, when that is something else: a twin there.

    What another `.c` file keeps to itself is not seen: a `static` function or variable, a macro, a
    typedef, an enumerator. Then the callee's own definition is returned, unless the file has a
    twin. A twin under a condition (`#ifndef NAME`) hides nothing; a tag (`struct lamp`) can be
    named without being seen.
    """
    if callee.path == path or callee.kind is SymbolKind.FIELD:
        return None
    twin = code.twin(callee.name, path, (callee.kind,))
    if twin is not None and not twin.condition:
        return twin
    is_seen = callee.kind in _TAGS or not callee.path.endswith(".c")
    if callee.kind in _LINKED:
        is_seen = not callee.is_static
    return None if is_seen or not callee.definitions else callee.definitions[0]


def functions_called(body: Body) -> Sequence[Call]:
    """The calls by name in a body, without those of parameters and locals."""
    return [
        call
        for call in body.calls
        if call.form is CallForm.DIRECT
        and call.name not in body.parameters
        and call.name not in body.types
    ]
