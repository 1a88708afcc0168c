"""What a C file says: its names, and in each definition calls, uses of names, and bindings.

Values only. Lines and columns are 1-based, columns count bytes. A `condition` is the `#if`
condition that something stands under, or empty: of a call and a mention that inside its
definition, of all others the whole one, as `Definition.condition` is. A tag is that of the struct
behind pointers and arrays, or a typedef's name; empty if this file does not say it.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from callpath.model import Compared, Definition, SymbolKind


class CallForm(StrEnum):
    """How a call names what it calls."""

    DIRECT = "direct"  # `f(x)`; `f` may also be a macro, a parameter or a local pointer
    MEMBER = "member"  # `ops->setup(x)`, `(*ops->setup)(x)`, `vcpu->arch.mmu.page_fault(x)`
    ARRAY = "array"  # `handlers[i](x)`, `ops->handlers[i](x)`
    DISPATCH = "dispatch"
    """`static_call(kvm_x86_run)(x)`, `kvm_x86_call(run)(x)`: of what a macro makes of a name."""


class Handed(Compared, frozen=True, gc=False):
    """A name that is handed over whole: `f`, `&f`, `(type)f`, `cond ? f : g`, also in `{ … }`."""

    name: str
    address: bool = False  # whether its address is taken with `&`
    member: str = ""  # the member that is taken of it (`&x.a.b` gives `a.b`), or empty
    # Whether it is that of a parameter or local where it stands.
    local: bool = False


class Call(Compared, frozen=True, gc=False):
    """A call in a body."""

    apart = 2

    form: CallForm
    # The function's name; the member; the array's name; the argument of the dispatch macro.
    name: str
    line: int  # the line of that name
    column: int = 1
    # For MEMBER and ARRAY in a struct: the expression before the member, without spaces
    # (`kvm_x86_ops`, `vcpu->arch.mmu`); else empty.
    receiver: str = ""
    receiver_tag: str = ""  # the tag of what the receiver is or points to
    # The identifier that the receiver starts with, also a called function's; else empty.
    receiver_root: str = ""
    # The members between the root and the called member; of a dispatch macro the one that holds the
    # operations.
    receiver_path: tuple[str, ...] = ()
    root_tag: str = ""
    # The dispatch macro's name; in a macro's text the attribute (`cleanup`); else empty.
    macro: str = ""
    # For each argument the names that are handed over whole in it.
    arguments: tuple[tuple[Handed, ...], ...] = ()
    condition: str = ""
    # Of a call by name with arguments: line and column of its brackets and of the commas between.
    places: tuple[tuple[int, int], ...] = ()
    maybe_cast: bool = False  # `(name)(x)`, where the name may as well be a type
    # Of a DIRECT call, whether the name is that of a parameter or local where it stands.
    local: bool = False
    # Of a DIRECT call, whether the name is in brackets (`(f)(x)`), so that no macro is expanded.
    wrapped: bool = False


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
    CLASS = "class"  # what happens when a scope is left, by name: `__free(kfree)`
    LOCAL = "local"
    """It names a local variable or a parameter of this body, not a symbol of the file."""


class Mention(Struct, frozen=True, gc=False):
    """One occurrence of a name in a body."""

    name: str
    role: Role
    line: int
    column: int = 1
    # For ARGUMENT: the name of the function or macro that it is handed to (the member for a call
    # through a pointer); for CLASS: the macro that names it.
    callee: str = ""
    tag: str = ""  # for TAG: `struct`, `union` or `enum`; for FIELD: the tag of the member's struct
    address: bool = False  # whether its address is taken
    condition: str = ""
    measured: bool = False  # in a macro's text: whether it stands in `sizeof` and the like


class Binding(Compared, frozen=True, gc=False):
    """A name that is put into a member or an element: by an initialiser or an assignment."""

    target: str  # the name that is put there (a function, or an object whose address is)
    line: int  # the line of that name
    owner: str = ""  # the variable that is initialised or assigned to, or empty if it is not known
    owner_tag: str = ""  # the tag of the struct that directly holds the member
    # The member (`.setup = f`, `ops.setup = f`); empty for an element without designator.
    member: str = ""
    # 0-based place of an element without a member's name in its braces; -1 otherwise.
    position: int = -1
    index: str = ""  # the text of an array designator (`[SVM_EXIT_READ_CR0]`), else empty
    function: str = ""  # the function whose body does it, or empty for an initialiser at file level
    address: bool = False  # whether the address of the target is taken
    condition: str = ""
    # The members between the owner and the member (`.a.b = f` and `x.a.b = f` give `a`); a number
    # is the 0-based position of one that this file does not name.
    path: tuple[str, ...] = ()
    # Whether the target is a parameter or local where it stands.
    local: bool = False


class PlaceForm(StrEnum):
    """What kind of place holds a pointer to a function."""

    LOCAL = "local"  # a parameter or a local variable
    NAME = "name"  # a function or a variable of file level
    MEMBER = "member"
    ELEMENT = "element"  # of an array, which may be a member or a local
    RESULT = "result"  # what a function returns
    ARGUMENT = "argument"  # what a function is given
    CALLED = "called"  # none: the pointer is called


class Place(Struct, frozen=True, gc=False):
    """Where a pointer to a function is taken from or put into."""

    form: PlaceForm
    name: str = ""  # of the variable, the member, the array or the function
    # For a local, what tells it from others of its name in other blocks; else 0.
    scope: int = 0
    position: int = -1  # which argument, or which parameter a local is, 0-based; else -1
    # For members and their elements: as in `Call`.
    receiver: str = ""
    receiver_tag: str = ""
    receiver_root: str = ""
    receiver_path: tuple[str, ...] = ()
    root_tag: str = ""


class Copy(Struct, frozen=True, gc=False):
    """A pointer that is put from one place into another, or called."""

    source: Place
    target: Place
    line: int  # of the name of the source
    function: str  # the function whose body does it
    condition: str = ""  # inside of its definition


class Body(Struct, frozen=True):
    """The inside of one definition."""

    calls: tuple[Call, ...] = ()  # in source order
    # In source order; one for every identifier, also in a function's head, but for keywords, labels
    # and the defined name itself.
    mentions: tuple[Mention, ...] = ()
    # Assignments to members, and initialisers of local objects, in source order; for a variable
    # those of its initialiser.
    bindings: tuple[Binding, ...] = ()
    parameters: tuple[str, ...] = ()  # names of the parameters in order
    # The tag of each parameter and local variable.
    types: Mapping[str, str] = field(default_factory=dict)
    # Whether it was read as mere tokens (a macro's replacement text), so that roles are only
    # CALLED, FIELD, TAG, LOCAL and OTHER.
    text: bool = False


class FileTypes(Struct, frozen=True):
    """The tags that a file says."""

    variables: Mapping[str, str]  # of each file-level variable, also an extern one
    # For each struct those of its members; empty for any other type.
    members: Mapping[str, Mapping[str, str]]
    # For each struct its members in the order of an initialiser without names.
    order: Mapping[str, tuple[str, ...]]
    # For each typedef of a struct or of another typedef what it stands for.
    typedefs: Mapping[str, str]
    # Those of what functions return, also announced ones.
    functions: Mapping[str, str] = field(default_factory=dict)
    # For each struct those of its members that are arrays, with their dimensions.
    arrays: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class FileUse(Struct, frozen=True):
    """A macro call at file level: `module_init(svm_init)`, `static DEFINE_PER_CPU(int, x)`.

    `names` is every identifier among its arguments, in order.
    """

    macro: str
    line: int
    names: tuple[str, ...]
    condition: str = ""
    called: tuple[str, ...] = ()  # those names that brackets follow


class Declaration(Compared, frozen=True, gc=False, order=True):
    """A name that a file announces without defining it.

    A prototype, an `extern` variable, a tentative definition that the same file completes, or the
    forward declaration of a struct, union or enum.
    """

    path: str
    name: str
    kind: SymbolKind
    line: int
    condition: str = ""


class Removal(Struct, frozen=True, order=True):
    """An `#undef`."""

    name: str
    line: int
    condition: str = ""


class Include(Struct, frozen=True):
    """An `#include`: the file as it is written, without quotes or angle brackets."""

    spelled: str
    line: int
    quoted: bool = False  # whether it is in quotes
    condition: str = ""  # the `#if` condition that it stands under, or empty


class Glance(Struct, frozen=True):
    """What a file's text may make of a word, at a glance.

    What is false here is surely so; what is true is worth a parse.
    """

    defines: bool = False  # whether the file may define, declare as a variable, or undefine it
    renamed: tuple[str, ...] = ()  # the macros whose replacement begins with it, in order


class MacroUse(Struct, frozen=True, order=True):
    """A macro call at file level, which may generate names that no parser sees.

    `arguments` are those that are one identifier, perhaps behind `&`, in order.
    """

    line: int
    name: str
    arguments: tuple[str, ...]


class SourceFile(Struct, frozen=True):
    """The facts of one C file."""

    path: str
    definitions: tuple[Definition, ...]  # sorted by start line, then name
    declarations: tuple[Declaration, ...]  # sorted by line, then name
    pasted: tuple[MacroUse, ...]  # macro calls at file level, sorted by line
    removals: tuple[Removal, ...] = ()  # in line order
    # The functions that `#pragma weak` or a prototype says to be weak, sorted.
    weak: tuple[str, ...] = ()
    # Those that a prototype, or the macro that makes them, says to be `static`, sorted.
    static: tuple[str, ...] = ()
