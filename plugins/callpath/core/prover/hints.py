"""What is true when an edge is not: the function between, the other caller, the table, the twin."""

from collections.abc import Iterator

from callpath.core.c_parser import CodeFile
from callpath.core.c_parser.body_facts import Role
from callpath.core.model import Definition, Symbol, SymbolKind
from callpath.core.prover.code import Code, Target
from callpath.core.prover.direct import calls_by_name, functions_called, hidden_by, prove_direct
from callpath.core.prover.edges import Edge

_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO)


def nearest_truth(code: Code, edge: Edge, caller: Target, callee: Target) -> str:
    """The nearest true statement about a callee that the caller does not reach; empty when none."""
    for hint in (_twin, _reversed, _between, _other_caller, _table, _only_named):
        if found := hint(code, edge, caller, callee):
            return found
    return ""


def _twin(code: Code, edge: Edge, caller: Target, callee: Target) -> str:
    """The caller calls another function of that name."""
    del edge
    for _, body in code.bodies(caller):
        for call in calls_by_name(body, callee.name):
            other = hidden_by(code, callee, caller.path)
            if other is not None and other.path == caller.path:
                return (
                    f"the call at {caller.path}:{call.line} is of the `{callee.name}` "
                    f"in its own file, at line {other.line}"
                )
            if other is not None:
                return (
                    f"`{callee.name}` is static in `{callee.path}`; "
                    f"the call at {caller.path}:{call.line} is of another one"
                )
    return ""


def _reversed(code: Code, edge: Edge, caller: Target, callee: Target) -> str:
    """It is the other way round."""
    del edge
    if caller.kind not in _CALLABLE or callee.kind not in _CALLABLE:
        return ""
    found = prove_direct(code, callee, caller)
    if found is None:
        return ""
    site = found.sites[0]
    return f"it is the other way round: `{callee.name}` calls it at {site.path}:{site.line}"


def _between(code: Code, edge: Edge, caller: Target, callee: Target) -> str:
    """The caller calls a function that calls the callee."""
    del edge
    for _, body in code.bodies(caller):
        for call in functions_called(body):
            for middle in _defined(code, call.name, caller.path):
                found = prove_direct(code, middle, callee)
                if found is not None and middle.name != callee.name:
                    site = found.sites[0]
                    return (
                        f"`{caller.name}` calls `{middle.name}` at {caller.path}:{call.line}, "
                        f"and that reaches it at {site.path}:{site.line}"
                    )
    return ""


def _defined(code: Code, name: str, path: str) -> Iterator[Target]:
    """The function or macro of a name, in a file or in those nearby."""
    for candidate in dict.fromkeys((path, *code.nearby)):
        for kind in _CALLABLE:
            target = code.symbol(Symbol(candidate, name, kind))
            if target.definitions and (candidate == path or not target.is_static):
                yield target
                return


def _other_caller(code: Code, edge: Edge, caller: Target, callee: Target) -> str:
    """Another function reaches the callee; those above the caller in the note are tried first."""
    for step in edge.ancestors:
        above = code.target(step)
        found = prove_direct(code, above, callee)
        if found is not None:
            return f"`{above.name}` does, at {found.sites[0].path}:{found.sites[0].line}"
    for file in code.searched(callee.name, callee.path, caller.path):
        if hidden_by(code, callee, file.facts.path) is not None:
            continue
        for definition, line in _callers_in(file, callee):
            if definition.name != caller.name:
                return f"`{definition.name}` does, at {file.facts.path}:{line}"
    return ""


def _callers_in(file: CodeFile, callee: Target) -> Iterator[tuple[Definition, int]]:
    wanted = (Role.CALLED,) if callee.kind is SymbolKind.FUNCTION else tuple(Role)
    name = callee.name.rpartition(".")[2]
    for definition in file.facts.definitions:
        if definition.kind is SymbolKind.FUNCTION:
            for mention in file.body(definition).mentions:
                if mention.name == name and mention.role in wanted and mention.role != Role.LOCAL:
                    yield definition, mention.line
                    break


def _table(code: Code, edge: Edge, caller: Target, callee: Target) -> str:
    """A table binds the callee."""
    del edge
    if callee.kind is not SymbolKind.FUNCTION:
        return ""
    for file in code.searched(callee.name, callee.path, caller.path):
        for binding in file.bindings:
            if binding.target == callee.name and hidden_by(code, callee, file.facts.path) is None:
                where = f"{file.facts.path}:{binding.line}"
                slot = code.slot(binding)
                owner = binding.owner or code.owner_tag(binding) or "a table"
                return f"`{owner}` binds it to `{slot or binding.index or 'an element'}` at {where}"
    return ""


def _only_named(code: Code, edge: Edge, caller: Target, callee: Target) -> str:
    """The caller names it, but neither calls it nor hands it over."""
    del edge
    for _, body in code.bodies(caller):
        for mention in body.mentions:
            if mention.name == callee.name and mention.role is not Role.LOCAL:
                return f"`{caller.name}` only names it, at {caller.path}:{mention.line}"
    return ""
