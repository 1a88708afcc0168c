"""Decides on one edge: tries the proofs in turn, and says what is true when none holds."""

from callpath.core.model import SymbolKind
from callpath.core.proof import NOT_FOUND, EdgeStatus, Proof, Verdict
from callpath.core.prover.callback import prove_callback
from callpath.core.prover.code import Code, Target
from callpath.core.prover.direct import prove_direct
from callpath.core.prover.edges import Edge
from callpath.core.prover.hints import nearest_truth
from callpath.core.prover.later import prove_later
from callpath.core.prover.pointer import prove_pointer
from callpath.core.prover.pointer_halves import bindings_of
from callpath.core.prover.tables import prove_registration, prove_table
from callpath.core.prover.via import read_via


def prove(edge: Edge, code: Code) -> Verdict:
    """What the source says of an edge.

    Parameters:
        edge: The edge.
        code: The code of the source at the edge's pin.

    Returns:
        A verdict. What is `half` or `unproved` has a `reason` when something nearby is true.
    """
    caller, callee = code.target(edge.caller), code.target(edge.callee)
    if not caller.definitions or not callee.definitions:
        return NOT_FOUND  # the reference itself is the finding
    found = _found(edge, code, caller, callee)
    if found is not None and found.status is EdgeStatus.PROVED:
        return found
    if edge.callee.asserted:
        return Verdict(EdgeStatus.ASSERTED, reason=edge.callee.asserted)
    if found is not None and (found.status is not EdgeStatus.UNPROVED or found.wrong_via):
        return found
    if not code.brief and edge.ancestors and not code.target(edge.ancestors[0]).definitions:
        return NOT_FOUND  # who may hand it over is not found, and that is the finding
    if _may_be_elsewhere(edge, code, caller, callee):
        return Verdict(EdgeStatus.NOT_SEARCHED)
    if code.brief:
        return Verdict(EdgeStatus.UNPROVED)
    reason = nearest_truth(code, edge, caller, callee, found.reason if found else "")
    return Verdict(EdgeStatus.UNPROVED, reason=reason)


def _found(edge: Edge, code: Code, caller: Target, callee: Target) -> Verdict | None:
    via = read_via(edge.callee.via)
    if via is None:
        return _without_via(edge, code, caller, callee)
    found = prove_pointer(code, caller, callee, via)
    if found is not None and found.status is EdgeStatus.PROVED:
        return found
    return _wrong_via(edge, code, caller, callee) or found


def _wrong_via(edge: Edge, code: Code, caller: Target, callee: Target) -> Verdict | None:
    """The edge holds, but not through the pointer that the author names."""
    true = prove_pointer(code, caller, callee, None)
    if true is None or true.status is not EdgeStatus.PROVED:
        true = _without_via(edge, code, caller, callee)
    if true is None or true.status is not EdgeStatus.PROVED or true.proof is None:
        return None
    site = true.sites[0]
    way = f"through `{true.member}`" if true.member else f"by a {true.proof.value}"
    reason = f"it is reached {way}, at {site.path}:{site.line}"
    if true.proof is Proof.POINTER:
        reason += f", bound at {true.sites[-1].path}:{true.sites[-1].line}"
    return Verdict(EdgeStatus.UNPROVED, reason=reason, wrong_via=True)


def _without_via(edge: Edge, code: Code, caller: Target, callee: Target) -> Verdict | None:
    found = (
        _later(edge, code, caller, callee)
        if edge.callee.when
        else (
            prove_direct(code, caller, callee)
            or prove_table(code, caller, callee)
            or prove_registration(code, caller, callee)
            or prove_callback(code, caller, callee, edge.ancestors)
        )
    )
    return found or prove_pointer(code, caller, callee, None)


def _later(edge: Edge, code: Code, caller: Target, callee: Target) -> Verdict | None:
    """A callback handed over here that runs elsewhere."""
    found = (
        prove_table(code, caller, callee)
        or prove_registration(code, caller, callee)
        or prove_callback(code, caller, callee, edge.ancestors)
    )
    if found is None or not edge.callee.by:
        return found
    return prove_later(code, found, caller, callee, edge.callee.by)


def _may_be_elsewhere(edge: Edge, code: Code, caller: Target, callee: Target) -> bool:
    """Whether a pointer's table may lie in a part of the source that cannot be searched."""
    if code.can_search() or edge.callee.symbol.kind != SymbolKind.FUNCTION:
        return False
    if callee.is_static and not any(bindings_of(code, callee)):
        return False  # its own file is at hand, and nothing else can name it
    return any(call.form != "direct" for _, body in code.bodies(caller) for call in body.calls)
