"""Proofs in one place: a call by name, another use, a table's initialiser, a registration."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

from msgspec.structs import replace

from callpath.c.facts import Binding, Body, Call, CallForm, Mention, Role
from callpath.c.vocabulary import SECTIONS, Section
from callpath.facts.proof import Proof, ProofSite, SiteRole, Verdict
from callpath.model import Definition, Edge, SymbolKind
from callpath.proof.arguments import at_scope_end, is_dropped
from callpath.proof.code import Code, Target, proved, site_of
from callpath.proof.linkage import Cause, Hidden
from callpath.proof.pointer import slot

_TAG = frozenset({Role.TAG})
_VALUE = frozenset(
    {Role.CALLED, Role.ARGUMENT, Role.ASSIGNED, Role.INITIALISER, Role.RETURNED, Role.OTHER}
)
_ROLES: Mapping[str, frozenset[Role]] = {
    SymbolKind.STRUCT: _TAG,
    SymbolKind.UNION: _TAG,
    SymbolKind.ENUM: _TAG,
    SymbolKind.TYPEDEF: frozenset({Role.TYPE, Role.OTHER}),
    SymbolKind.FIELD: frozenset({Role.FIELD}),
    SymbolKind.VARIABLE: _VALUE,
    SymbolKind.ENUMERATOR: _VALUE,
    SymbolKind.MACRO: _VALUE | {Role.TYPE},
    SymbolKind.FUNCTION: frozenset({Role.CALLED, Role.OTHER}),
}
"""The roles in which a name means a symbol of a kind."""


def prove_direct(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """A call by name, a macro use or another use in the caller's body."""
    bodies = list(code.bodies(caller))
    proof = Proof.CALL if callee.kind is SymbolKind.FUNCTION else Proof.USE
    in_macro = proof is Proof.CALL and any(body.text for body in bodies)
    if callee.kind is SymbolKind.MACRO or in_macro:
        proof = Proof.MACRO
    sites = sorted({site for body in bodies for site in _sites(code, body, caller, callee)})
    if not sites and proof is Proof.CALL:
        ends = (each for body in bodies for each in at_scope_end(code, caller, body, callee.name))
        sites = list(dict.fromkeys(ends))
    return proved(proof, sites)


def _sites(code: Code, body: Body, caller: Target, callee: Target) -> Iterator[ProofSite]:
    if callee.kind is SymbolKind.FUNCTION and not body.text:
        for call in _called_by_name(body, callee.name):
            is_hidden = hidden_by(code, callee, caller.path, call)
            if not is_hidden and not is_dropped(code, caller.path, body, call):
                yield _with_twin(code, callee, site_of(caller.path, call, SiteRole.CALL))
        return
    word = callee.name.rpartition(".")[2]
    for mention in body.mentions:
        if mention.name != word or not _names(mention, caller, callee):
            continue
        if callee.kind is SymbolKind.FUNCTION and is_dropped(code, caller.path, body, mention):
            continue
        # A macro's text gets its meaning where the macro is used.
        if not hidden_by(code, callee, caller.path, None if body.text else mention):
            role = SiteRole.CALL if mention.role is Role.CALLED else SiteRole.USE
            yield site_of(caller.path, mention, role)


def _with_twin(code: Code, callee: Target, site: ProofSite) -> ProofSite:
    """A site with the condition that the caller's file has no such function itself."""
    twin = code.files.linkage.meaning(site.path, callee).condition
    if not twin or twin in site.condition:
        return site
    denied = f"!{twin}" if twin.isidentifier() else f"!({twin})"
    if twin[:1] == "!" and twin[1:].isidentifier():
        denied = twin[1:]
    return replace(site, condition=" && ".join(filter(None, (site.condition, denied))))


def prove_renamed(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """A call of a macro that is no more than a call of the callee."""
    bodies = list(code.bodies(caller)) if callee.kind is SymbolKind.FUNCTION else []
    called = [call for body in bodies if not body.text for call in functions_called(body)]
    sites = {
        site_of(caller.path, call, SiteRole.CALL)
        for macro in (code.files.linkage.renames(caller.path, callee) if called else ())
        for call in called
        if call.name == macro.name and _may_mean(code, macro, caller.path, call)
    }
    is_hidden = bool(sites) and hidden_by(code, callee, caller.path) is not None
    return None if is_hidden else proved(Proof.CALL, sorted(sites))


def _may_mean(code: Code, macro: Definition, path: str, call: Call) -> bool:
    """Whether a call may be one of a macro."""
    target = Target(macro.path, macro.name, SymbolKind.MACRO, (macro,))
    return code.files.linkage.meaning(path, target).may_be(macro, call.line)


def _names(mention: Mention, caller: Target, callee: Target) -> bool:
    """Whether a mention of the callee's name, or a field's member, is one of it as its kind."""
    if mention.role not in _ROLES[callee.kind]:
        return False
    if callee.kind is SymbolKind.FIELD:
        tag = callee.name.rpartition(".")[0]
        return mention.tag in ("", tag) or caller.name == tag
    return mention.role is not Role.TAG or mention.tag in ("", callee.kind)


def hidden_by(
    code: Code, callee: Target, path: str, use: Call | Mention | Binding | None = None
) -> Hidden | None:
    """What a callee's name means in a file, if that is something else; None if it means it.

    At a use of the name if one is given, else wherever it is called. What another file keeps to
    itself is not seen, unless both are compiled as one. What stands under a condition (`#ifndef
    NAME`) hides nothing.
    """
    linkage = code.files.linkage
    line = use.line if use else 0
    found = linkage.meaning(path, callee).hidden(line, called=_is_called(use))
    if found is None:
        return None
    if found.cause is Cause.OTHER:
        return None if linkage.is_renamed(callee, found) else found
    return None if linkage.are_joined(path, callee) else found


def _is_called(use: Call | Mention | Binding | None) -> bool:
    """Whether a macro with arguments is expanded at a use of its name."""
    match use:
        case Call():
            return not use.wrapped
        case Mention():
            return use.role is Role.CALLED
        case _:
            return use is None


def functions_called(body: Body) -> Iterator[Call]:
    """The calls by name in a body, without those of parameters and locals."""
    return (call for call in _direct(body) if not call.maybe_cast)


def _called_by_name(body: Body, name: str) -> Iterator[Call]:
    """The calls of a function, also one that may be a cast: the name of a function is no type."""
    return (call for call in _direct(body) if call.name == name)


def _direct(body: Body) -> Iterator[Call]:
    return (call for call in body.calls if call.form is CallForm.DIRECT and not call.local)


def calls_in(body: Body) -> tuple[tuple[str, int], ...]:
    """What a body calls by name, each name once with its first line (1-based), in line order.

    Names in capitals are macros, by the kernel's coding style, and left out.
    """
    first: dict[str, int] = {}
    for call in functions_called(body):
        if call.name != call.name.upper():
            first.setdefault(call.name, call.line)
    return tuple(sorted(first.items(), key=itemgetter(1)))


def prove_table(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """The initialiser of a variable binds the callee."""
    if caller.kind is not SymbolKind.VARIABLE:
        return None
    bindings = (binding for body in code.bodies(caller) for binding in body.bindings)
    named = (binding for binding in bindings if binding.target == callee.name)
    found = [each for each in named if not hidden_by(code, callee, caller.path, each)]
    sites = {site_of(caller.path, each, SiteRole.BINDING, caller.name) for each in found}
    members = (slot(code, caller.path, binding) for binding in found)
    return proved(Proof.TABLE, sorted(sites), member=next(filter(None, members), ""))


def prove_registration(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """A macro call at file level names the callee, in the callee's file.

    The caller is that macro, or a function that walks over the section that the macro fills.
    """
    if caller.kind is SymbolKind.FUNCTION and callee.kind is SymbolKind.FUNCTION:
        sections = [each for each in SECTIONS if caller.name in each.runners]
        return _prove_section(code, caller, callee, sections) if sections else None
    file = code.file(callee.path) if caller.kind is SymbolKind.MACRO else None
    sites = {
        site_of(callee.path, use, SiteRole.USE)
        for use in (file.uses if file else ())
        if use.macro == caller.name and callee.name in use.names
    }
    return proved(Proof.REGISTRATION, sorted(sites))


def _prove_section(
    code: Code, caller: Target, callee: Target, sections: Sequence[Section]
) -> Verdict | None:
    file = code.file(callee.path)
    for section in sections:
        uses = {
            site_of(callee.path, use, SiteRole.USE, use.macro)
            for use in (file.uses if file else ())
            if use.macro in section.macros and use.names[-1:] == (callee.name,)
        }
        walks = {
            site_of(caller.path, call, SiteRole.CALL)
            for body in code.bodies(caller)
            for call in body.calls
            if uses and _walks(body, call, section)
        }
        if walks:
            return proved(Proof.REGISTRATION, (*sorted(walks), *sorted(uses)))
    return None


def _walks(body: Body, call: Call, section: Section) -> bool:
    """Whether a call is one of what stands in a section, or hands it to another that calls it."""
    if call.form is CallForm.MEMBER:
        return call.name in section.members
    if call.form is not CallForm.DIRECT:
        return False
    has_pointer = any(tag in section.types for tag in body.types.values())
    return body.types.get(call.name) in section.types or (
        has_pointer and call.name in section.runners
    )


def out_of_order(
    siblings: Sequence[tuple[Edge, Verdict]], bodies: Sequence[Definition]
) -> Iterator[tuple[Edge, ProofSite, Edge, ProofSite]]:
    """The siblings that stand after one whose sites all come later.

    `siblings` are the edges below one step in the notes' order, each with its verdict, `bodies`
    the definitions of that step: only the sites inside of one have an order. Yields the edge, its
    last site, and the earlier sibling with the site that it must not precede.
    """
    reached: dict[Definition, tuple[Edge, ProofSite]] = {}
    for edge, verdict in siblings:
        before: list[tuple[Edge, ProofSite, Edge, ProofSite]] = []
        fits = False
        for body in bodies:
            lines = range(body.start, body.end + 1)
            own = (site for site in verdict.sites if site.path == body.path)
            sites = sorted(site for site in own if site.line in lines)
            earlier = reached.get(body)
            later = [site for site in sites if not earlier or site.line >= earlier[1].line]
            if later:
                reached[body] = (edge, later[0])
                fits = True
            elif sites and earlier:
                before = [(edge, sites[-1], *earlier)]
        if not fits:
            yield from before
