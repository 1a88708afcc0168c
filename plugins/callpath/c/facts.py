"""What a C file says: its names, and in each definition calls, uses of names, and bindings.

Values only. Lines and columns are 1-based, columns count bytes. A `condition` is the `#if`
condition that something stands under, or empty: of a call and a mention that inside its
definition, of all others the whole one, as `Definition.condition` is. A tag is that of the struct
behind pointers and arrays, or a typedef's name; empty if this file does not say it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callpath.model import Definition, SymbolKind


class CallForm(StrEnum):
    """How a call names what it calls."""

    DIRECT = "direct"  # `f(x)`; `f` may also be a macro, a parameter or a local pointer
    MEMBER = "member"  # `ops->setup(x)`, `(*ops->setup)(x)`, `vcpu->arch.mmu.page_fault(x)`
    ARRAY = "array"  # `handlers[i](x)`, `ops->handlers[i](x)`
    DISPATCH = "dispatch"
    """`static_call(kvm_x86_run)(x)`, `kvm_x86_call(run)(x)`: of what a macro makes of a name."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A name that is handed over whole: `f`, `&f`, `(type)f`, `cond ? f : g`, also in `{ … }`.

    Attributes:
        address: Whether its address is taken with `&`.
        member: The member that is taken of it (`&x.a.b` gives `a.b`), or empty.
    """

    name: str
    address: bool = False
    member: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call in a body.

    Attributes:
        name: The function's name; the member; the array's name; the argument of the dispatch macro.
        line: The line of that name.
        receiver: For MEMBER and ARRAY in a struct: the expression before the member, without spaces
            (`kvm_x86_ops`, `vcpu->arch.mmu`); else empty.
        receiver_tag: The tag of what the receiver is or points to.
        receiver_root: The identifier that the receiver starts with, else empty.
        receiver_path: The members between the root and the called member.
        macro: The dispatch macro's name, else empty.
        arguments: For each argument the names that are handed over whole in it.
    """

    form: CallForm
    name: str
    line: int
    column: int = 1
    receiver: str = ""
    receiver_tag: str = ""
    receiver_root: str = ""
    receiver_path: tuple[str, ...] = ()
    root_tag: str = ""
    macro: str = ""
    arguments: tuple[tuple[Handed, ...], ...] = ()
    condition: str = ""


class Role(StrEnum):
    """How a body uses a name."""

    CALLED = "called"
    ARGUMENT = "argument"  # handed over whole as an argument
    ASSIGNED = "assigned"  # the whole right-hand side of an assignment
    INITIALISER = "initialiser"  # a whole value in an initialiser
    RETURNED = "returned"
    FIELD = "field"  # behind `.` or `->`, or in a designator or `offsetof`
    TAG = "tag"  # behind `struct`, `union` or `enum`
    TYPE = "type"  # a type's name (a typedef)
    OTHER = "other"  # any other use as a value: compared, computed with, assigned to, an index
    LOCAL = "local"
    """It names a local variable or a parameter of this body, not a symbol of the file."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One occurrence of a name in a body.

    Attributes:
        callee: For ARGUMENT: the name of the function or macro that it is handed to (the member for
            a call through a pointer).
        tag: For TAG: `struct`, `union` or `enum`; for FIELD: the tag of the member's struct.
        address: Whether its address is taken.
    """

    name: str
    role: Role
    line: int
    column: int = 1
    callee: str = ""
    tag: str = ""
    address: bool = False
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Binding:
    """A name that is put into a member or an element: by an initialiser or an assignment.

    Attributes:
        target: The name that is put there (a function, or an object whose address is).
        line: The line of that name.
        owner: The variable that is initialised or assigned to, or empty if it is not known.
        owner_tag: The tag of the struct that directly holds the member.
        member: The member (`.setup = f`, `ops.setup = f`); empty for an element without designator.
        position: 0-based place of an element without a member's name in its braces; -1 otherwise.
        index: The text of an array designator (`[SVM_EXIT_READ_CR0]`), else empty.
        function: The function whose body does it, or empty for an initialiser at file level.
        address: Whether the address of the target is taken.
        path: The members between the owner and the member (`.a.b = f` and `x.a.b = f` give `a`).
    """

    target: str
    line: int
    owner: str = ""
    owner_tag: str = ""
    member: str = ""
    position: int = -1
    index: str = ""
    function: str = ""
    address: bool = False
    condition: str = ""
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """The inside of one definition.

    Attributes:
        calls: In source order.
        mentions: In source order; one for every identifier, also in a function's head, but for
            keywords, labels and the defined name itself.
        bindings: Assignments to members, and initialisers of local objects, in source order; for a
            variable those of its initialiser.
        parameters: Names of the parameters in order.
        types: The tag of each parameter and local variable.
        text: Whether it was read as mere tokens (a macro's replacement text), so that roles are
            only CALLED, FIELD, TAG, LOCAL and OTHER.
    """

    calls: tuple[Call, ...] = ()
    mentions: tuple[Mention, ...] = ()
    bindings: tuple[Binding, ...] = ()
    parameters: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    text: bool = False


@dataclass(frozen=True, slots=True)
class FileTypes:
    """The tags that a file says.

    Attributes:
        variables: Of each file-level variable, also an extern one.
        members: For each struct those of its members; empty for any other type.
        order: For each struct its members in the order of an initialiser without names.
        typedefs: For each typedef of a struct or of another typedef what it stands for.
    """

    variables: Mapping[str, str]
    members: Mapping[str, Mapping[str, str]]
    order: Mapping[str, tuple[str, ...]]
    typedefs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FileUse:
    """A macro call at file level: `module_init(svm_init)`, `static DEFINE_PER_CPU(int, x)`.

    `names` is every identifier among its arguments, in order.
    """

    macro: str
    line: int
    names: tuple[str, ...]
    condition: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Declaration:
    """A name that a file announces without defining it.

    A prototype, an `extern` variable, a tentative definition that the same file completes, or the
    forward declaration of a struct, union or enum.
    """

    path: str
    name: str
    kind: SymbolKind
    line: int


@dataclass(frozen=True, slots=True, order=True)
class MacroUse:
    """A macro call at file level, which may generate names that no parser sees.

    `arguments` are those that are one identifier, perhaps behind `&`, in order.
    """

    line: int
    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The facts of one C file.

    Attributes:
        definitions: Sorted by start line, then name.
        declarations: Sorted by line, then name.
        pasted: Macro calls at file level, sorted by line.
    """

    path: str
    definitions: tuple[Definition, ...]
    declarations: tuple[Declaration, ...]
    pasted: tuple[MacroUse, ...]
