"""What macros mean to a parser: annotations to skip, macros that define names, C's own keywords.

The macros of kernel C are in `kernel.toml`; this module gives them their meaning.
"""

import tomllib
from collections.abc import Mapping
from pkgutil import get_data
from typing import Any

from msgspec import Struct

KERNEL_MACROS = get_data("callpath.c", "kernel.toml") or b""
_KERNEL: dict[str, Any] = tomllib.loads(KERNEL_MACROS.decode())


def _words(*keys: str) -> list[str]:
    found = _KERNEL
    for key in keys:
        found = found[key]
    return str(found).split()


def _bytes(*keys: str) -> list[bytes]:
    return [word.encode() for word in _words(*keys)]


def _partition(word: str) -> tuple[str, str, str]:
    return word.partition(".")


_SECTION = ("macros", "runners", "types", "members")


class VariableMacro(Struct, frozen=True):
    """A macro whose call defines a variable or a member."""

    name: int = 0  # which argument is the name, 0-based
    type: int = -1  # which argument is the type, 0-based; -1: none
    minimum: int = 1  # how many arguments a call has at least


def _variables(table: str) -> dict[bytes, VariableMacro]:
    forms = {
        "name_first": VariableMacro(),
        "type_first": VariableMacro(name=1, type=0, minimum=2),
        "type_second": VariableMacro(name=0, type=1, minimum=3),
    }
    return {word: forms[key] for key in _KERNEL[table] for word in _bytes(table, key)}


ANNOTATIONS = frozenset(_bytes("annotations"))
"""Words that say something to the compiler, the linker or sparse, and nothing about names."""
ANNOTATION_CALLS = frozenset(_bytes("annotation_calls"))
"""The same with arguments: blank up to the closing bracket."""
TYPE_CALLS = frozenset(
    {b"typeof", b"__typeof__", b"__typeof", b"typeof_unqual", b"__unqual_scalar_typeof"}
)
"""Calls that stand for a type."""
VARIABLE_MACROS = _variables("variables")
"""Calls that define one variable (at file level or in a body) or one member."""
EXTERN_VARIABLE_MACROS = _variables("extern_variables")
"""Calls that announce a variable that another file defines."""
FUNCTION_MACROS: dict[bytes, str] = {
    **{b"SYSCALL_DEFINE%d" % count: "sys_" for count in range(7)},
    **{b"COMPAT_SYSCALL_DEFINE%d" % count: "compat_sys_" for count in range(7)},
    **{b"BPF_CALL_%d" % count: "" for count in range(6)},
    b"SYSCALL_DEFINE": "sys_",
    b"COMPAT_SYSCALL_DEFINE": "compat_sys_",
}
"""Calls that head a function: the prefix that the macro gives its name.

The first argument is the name; type and name of each parameter follow as arguments of their own,
or (without a number, before 3.8) as a usual parameter list after the call.
"""

LOOP_WORD = b"for_each"  # what a macro that heads a loop has in its name

LOOP_END = b"while_"  # how a macro begins that ends a loop: `do { … } while_each_thread(g, p);`


class DefiningMacro(Struct, frozen=True):
    """A macro whose call heads a function that one of its arguments names."""

    position: int = 0  # which argument is the name, 0-based
    prefix: str = ""  # what the macro puts before that name


class DispatchMacro(Struct, frozen=True):
    """A macro whose call stands for the function that one of its arguments names."""

    position: int = 0  # which argument is the name, or what is called, 0-based
    prefix: str = ""  # what to strip from the front of the name, if it is there
    operations: int = -1  # which argument is the member that holds the operations; -1: none
    tag: str = ""  # the struct or union that has the named member, or empty if it is not known
    compared: int = 0  # how many functions follow that it calls by name if they are the same
    # What it defines where a body follows its call; a call of it calls just that function.
    defining: DefiningMacro | None = None
    calls: bool = True  # whether it may make the call itself: `M(name, x)` beside `M(name)(x)`


DISPATCH: Mapping[str, DispatchMacro] = {
    **dict.fromkeys(_words("dispatch"), DispatchMacro(calls=False)),
    "FNAME": DispatchMacro(defining=DefiningMacro(), calls=False),
    **{
        word: DispatchMacro(compared=int(count))
        for count, words in _KERNEL["indirect_calls"].items()
        for word in words.split()
    },
    **{
        word: DispatchMacro(tag=tag)
        for tag, words in _KERNEL["member_calls"].items()
        for word in words.split()
    },
}
"""`static_call(kvm_x86_run)(vcpu)`; `guard(mutex)(&lock)` looks the same and is a declaration."""

CLEANUPS = frozenset({"cleanup", "__cleanup__"})
"""The attribute that names the function that runs when a scope is left."""
DROPPING = frozenset(_words("dropping"))
"""Macros that do not evaluate what they are given."""
RUNNERS: Mapping[str, frozenset[tuple[str, str]]] = {
    runner: frozenset((tag, member) for tag, _, member in map(_partition, members.split()))
    for runner, members in _KERNEL["runners"].items()
}
"""For each function the struct and the member of what it runs, where its text does not say so."""


class Section(Struct, frozen=True):
    """A section of pointers to functions that some functions walk over."""

    macros: frozenset[str]  # those that put a function into it at file level
    runners: frozenset[str]  # the functions that walk over it
    types: frozenset[str]  # of the pointers that they call
    members: frozenset[str]  # by which they call


SECTIONS = tuple(
    Section(*(frozenset(section.get(key, "").split()) for key in _SECTION))
    for section in _KERNEL["sections"].values()
)
DEFINITIONS = str(_KERNEL["definitions"]).encode()
"""Macros as C defines them, for the files that do not: as much as says what they bind to what."""
CLASSES = frozenset(word.encode() for word in _KERNEL["classes"])
"""Macros that say by the name of a class what happens when a scope is left: `__free(kfree)`."""
CLASS_MAKERS: Mapping[str, frozenset[str]] = {
    macro: frozenset(words.split()) for macro, words in _KERNEL["classes"].items()
}
"""For each of them the macros that make such a class at file level, with its name first."""

DEFINING: Mapping[bytes, DefiningMacro] = {
    word: DefiningMacro(position)
    for position, key in enumerate(("name_first", "name_second"))
    for word in _bytes("functions", key)
}
"""`DEFINE_IDTENTRY(exc_debug) { … }`; others that are in capitals have their name first too."""

_UNEVALUATED_KEYWORDS = """
    sizeof typeof __typeof__ __typeof typeof_unqual __unqual_scalar_typeof _Alignof __alignof__
    __alignof __attribute__ __attribute
"""
_KEYWORDS = """
    auto break case char const continue default do double else enum extern float for goto if inline
    int long register restrict return short signed static struct switch typedef union unsigned void
    volatile while _Alignas _Atomic _Bool _Complex _Generic _Imaginary _Noreturn _Static_assert
    _Thread_local __asm__ __asm asm __inline__ __inline __const __const__ __volatile__ __volatile
    __signed__ __restrict __restrict__ __extension__ __label__ __auto_type __thread __int128
"""
UNEVALUATED = frozenset(
    (*_UNEVALUATED_KEYWORDS.split(), "__builtin_types_compatible_p", "__same_type")
)
"""What does not evaluate the expressions in its brackets: a call in there never happens."""

KEYWORDS = frozenset((*_KEYWORDS.split(), *_UNEVALUATED_KEYWORDS.split()))
"""Words that name nothing."""

DECLARING = frozenset({"uninitialized_var"})  # macros around the name that a declaration declares

TRANSPARENT: Mapping[str, int] = dict.fromkeys(_words("transparent"), 0)
"""Macros whose value is that of an argument, or what it points to: which one, 0-based."""
CONTAINING: Mapping[str, int] = dict.fromkeys((*_words("members", "containing"), "va_arg"), 1)
"""Macros that give a pointer to a type: which argument is the type, 0-based."""
MEMBERS: Mapping[str, int] = {
    **dict.fromkeys(_words("members", "second"), 1),
    **dict.fromkeys((*_words("members", "containing"), *_words("members", "third")), 2),
    **dict.fromkeys(_words("members", "fourth"), 3),
}
"""Macros that take the name of a member: which argument it is, 0-based."""
