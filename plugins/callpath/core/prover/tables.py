"""Proofs outside of bodies: what a variable's initialiser binds, what a macro registers."""

from callpath.core.model import SymbolKind
from callpath.core.proof import EdgeStatus, Proof, Site, SiteRole, Verdict
from callpath.core.prover.code import Code, Target
from callpath.core.prover.direct import hidden_by
from callpath.core.prover.struct_types import slot


def prove_table(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """The initialiser of a variable binds the callee."""
    if caller.kind is not SymbolKind.VARIABLE or hidden_by(code, callee, caller.path):
        return None
    found = [
        (binding, slot(code, caller.path, binding))
        for _, body in code.bodies(caller)
        for binding in body.bindings
        if binding.target == callee.name
    ]
    if not found:
        return None
    sites = {
        Site(caller.path, binding.line, SiteRole.BINDING, binding.condition, caller.name)
        for binding, _ in found
    }
    member = next((slot for _, slot in found if slot), "")
    return Verdict(EdgeStatus.PROVED, Proof.TABLE, tuple(sorted(sites)), member=member)


def prove_registration(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """A call of the caller macro at file level names the callee, in the callee's file."""
    if caller.kind is not SymbolKind.MACRO:
        return None
    file = code.file(callee.path)
    sites = {
        Site(callee.path, use.line, SiteRole.USE, use.condition)
        for use in (file.uses if file else ())
        if use.macro == caller.name and callee.name in use.names
    }
    if not sites:
        return None
    return Verdict(EdgeStatus.PROVED, Proof.REGISTRATION, tuple(sorted(sites)))
