"""Which struct a pointer leads to: types of variables and members, across the files of a source.

A type that the file at hand does not tell is looked up in headers, those at hand first: what other
`.c` files define, it does not see.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto

from callpath.core.c_parser import CodeFile
from callpath.core.c_parser.body_facts import Binding, Call
from callpath.core.model import Symbol, SymbolKind
from callpath.core.prover.code import Code

_MOST_ALIASES = 8


def receiver_tag(code: Code, path: str, call: Call) -> str:
    """The tag of the struct that a called member belongs to, or empty.

    Parameters:
        code: The code.
        path: The file that the call stands in.
        call: The call.
    """
    if call.receiver_tag:
        return call.receiver_tag
    tag = call.root_tag or _variable_tag(code, path, call.receiver_root)
    return _follow(code, path, tag, call.receiver_path)


def owner_tag(code: Code, path: str, binding: Binding) -> str:
    """The tag of the struct that a binding fills a member of, or empty."""
    if binding.owner_tag:
        return binding.owner_tag
    if not binding.member:
        return ""
    tag = _local_tag(code, path, binding) or _variable_tag(code, path, binding.owner)
    return _follow(code, path, tag, binding.path)


def slot(code: Code, path: str, binding: Binding) -> str:
    """The member that a binding fills, also one that is filled by its position; or empty."""
    if binding.member or binding.position < 0 or not binding.owner_tag:
        return binding.member
    for file in _telling(code, path, binding.owner_tag):
        order = file.member_order.get(binding.owner_tag, ())
        if order:
            return order[binding.position] if binding.position < len(order) else ""
    return ""


class Fit(Enum):
    """How the struct that is called through and the struct that is filled compare."""

    SAME = auto()
    UNKNOWN = auto()
    DIFFERENT = auto()


def compare(code: Code, path: str, receiver: str, owner: str) -> Fit:
    """Whether two tags, as they are written in a file, are those of one struct.

    Typedefs are looked through. They differ only when something defines the receiver's: a name
    that nothing defines may be a typedef of anything.
    """
    if not receiver or not owner:
        return Fit.UNKNOWN
    if receiver == owner:
        return Fit.SAME
    struct = _resolved(code, path, receiver)
    if not struct:
        return Fit.UNKNOWN
    same = struct in (owner, _resolved(code, path, owner))
    return Fit.SAME if same else Fit.DIFFERENT


def _resolved(code: Code, path: str, tag: str) -> str:
    """The struct that a tag or a typedef stands for; empty when nothing defines it."""
    for _ in range(_MOST_ALIASES):
        following = ""
        for file in _telling(code, path, tag):
            if tag in file.member_tags:
                return tag
            if following := file.typedef_tags.get(tag, ""):
                break
        if not following:
            break
        tag = following
    return ""


def _follow(code: Code, path: str, tag: str, members: Sequence[str]) -> str:
    for member in members:
        if not tag:
            break
        tag = _member_tag(code, path, tag, member)
    return tag


def _member_tag(code: Code, path: str, tag: str, member: str) -> str:
    struct = _resolved(code, path, tag)
    return _first(code, path, struct, lambda file: file.member_tags.get(struct, {}).get(member, ""))


def _variable_tag(code: Code, path: str, name: str) -> str:
    return _first(code, path, name, lambda file: file.variable_tags.get(name, ""))


def _local_tag(code: Code, path: str, binding: Binding) -> str:
    """The tag of what a parameter or local is, in the function that binds."""
    function = code.symbol(Symbol(path, binding.function, SymbolKind.FUNCTION))
    found = (body.types.get(binding.owner, "") for _, body in code.bodies(function))
    return next((tag for tag in found if tag), "")


def _first(code: Code, path: str, word: str, tell: Callable[[CodeFile], str]) -> str:
    found = (tell(file) for file in (_telling(code, path, word) if word else ()))
    return next((tag for tag in found if tag), "")


def _telling(code: Code, path: str, word: str) -> Iterator[CodeFile]:
    """The files that may tell what a name is in a file: that file, then headers.

    The tag of an unnamed struct is `outer.member`, and it is told where the outer one is.
    """
    word = word.partition(".")[0]
    own = code.file(path)
    if own is not None:
        yield own
    at_hand = [each for each in code.at_hand() if each.endswith(".h") and each != path]
    for each in (*at_hand, *code.files.defining(word, path)):
        file = code.file(each)
        if file is not None:
            yield file
