"""The proof of a callback: the callee is handed over, itself or in an object."""

from collections.abc import Iterator, Sequence

from callpath.core.c_parser.body_facts import CallForm, Handed, Mention, Role
from callpath.core.model import Step, SymbolKind
from callpath.core.proof import EdgeStatus, Proof, Site, SiteRole, Verdict
from callpath.core.prover.code import Code, Target
from callpath.core.prover.direct import hidden_by
from callpath.core.prover.objects import object_path

HANDING = frozenset({Role.ARGUMENT, Role.ASSIGNED, Role.INITIALISER, Role.RETURNED})
"""The uses of a name that hand it over whole."""


def prove_callback(
    code: Code, caller: Target, callee: Target, above: Sequence[Step]
) -> Verdict | None:
    """The callee is handed over in the caller's body, or in the body of the caller's own caller.

    Parameters:
        code: The code.
        caller: The caller.
        callee: A function.
        above: The steps above the caller, nearest first.
    """
    if callee.kind is not SymbolKind.FUNCTION:
        return None
    found = _handed_in(code, caller, callee) or _handed_in_object(code, caller, callee)
    if found is None and above and caller.kind in (SymbolKind.FUNCTION, SymbolKind.MACRO):
        found = _handed_by(code, code.target(above[0]), caller, callee)
    return found


def _handed_in(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """By its own name."""
    if hidden_by(code, callee, caller.path) is not None:
        return None
    sites = {
        Site(caller.path, mention.line, SiteRole.HAND_OVER, mention.condition)
        for mention in _handed(code, caller)
        if mention.name == callee.name
    }
    return Verdict(EdgeStatus.PROVED, Proof.CALLBACK, tuple(sorted(sites))) if sites else None


def _handed_in_object(code: Code, caller: Target, callee: Target) -> Verdict | None:
    """In an object that is handed over."""
    for mention in _handed(code, caller):
        rest = object_path(code, mention.name, caller.path, callee)
        if rest:
            first = Site(
                caller.path, mention.line, SiteRole.HAND_OVER, mention.condition, mention.name
            )
            return Verdict(EdgeStatus.PROVED, Proof.CALLBACK, (first, *rest))
    return None


def _handed(code: Code, caller: Target) -> Iterator[Mention]:
    for _, body in code.bodies(caller):
        yield from (mention for mention in body.mentions if mention.role in HANDING)


def _handed_by(code: Code, above: Target, caller: Target, callee: Target) -> Verdict | None:
    """The caller's own caller hands the callee over in its call of the caller."""
    hidden = hidden_by(code, callee, above.path) is not None
    for _, body in code.bodies(above):
        for call in body.calls:
            if call.form is not CallForm.DIRECT or call.name != caller.name:
                continue
            for handed in (name for argument in call.arguments for name in argument):
                rest = _reaches(code, handed, above.path, callee, hidden=hidden)
                if rest is not None:
                    first = Site(above.path, call.line, SiteRole.HAND_OVER, call.condition)
                    return Verdict(
                        EdgeStatus.PROVED, Proof.CALLBACK, (first, *rest), above=above.name
                    )
    return None


def _reaches(
    code: Code, handed: Handed, path: str, callee: Target, *, hidden: bool
) -> tuple[Site, ...] | None:
    if handed.name == callee.name and not hidden:
        return ()
    return object_path(code, handed.name, path, callee) or None
