"""Words inside of kernel functions: keywords, macros that dispatch, pass on, take a member.

Sources: include/linux/{compiler,kernel,list,percpu,rcupdate,static_call,stddef}.h and
arch/x86/kvm of Linux 3.7 to 6.12.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DispatchMacro:
    """A macro whose call stands for the function that one of its arguments names.

    Attributes:
        position: Which argument is the name, 0-based.
        prefix: What to strip from the front of the name, if it is there.
    """

    position: int = 0
    prefix: str = ""


_DISPATCH = """
    static_call static_call_cond static_call_mod __static_call kvm_x86_call kvm_pmu_call FNAME
"""
DISPATCH: Mapping[str, DispatchMacro] = dict.fromkeys(_DISPATCH.split(), DispatchMacro())
"""`static_call(kvm_x86_run)(vcpu)`; `guard(mutex)(&lock)` looks the same and is a declaration."""

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

DECLARING = frozenset({"uninitialized_var"})
"""Macros around the name that a declaration declares."""

_TRANSPARENT = """
    this_cpu_ptr raw_cpu_ptr __this_cpu_ptr per_cpu_ptr per_cpu get_cpu_ptr get_cpu_var
    __get_cpu_var __raw_get_cpu_var per_cpu_var early_per_cpu this_cpu_read __this_cpu_read
    raw_cpu_read READ_ONCE ACCESS_ONCE smp_load_acquire rcu_dereference rcu_dereference_bh
    rcu_dereference_sched rcu_dereference_raw rcu_dereference_check rcu_dereference_protected
    rcu_access_pointer srcu_dereference srcu_dereference_check lockless_dereference unrcu_pointer
"""
TRANSPARENT: Mapping[str, int] = dict.fromkeys(_TRANSPARENT.split(), 0)
"""Macros whose value is that of an argument, or what it points to: which one, 0-based."""

_CONTAINING = """
    container_of container_of_const list_entry list_entry_rcu hlist_entry rb_entry list_first_entry
    list_last_entry list_first_entry_or_null hlist_entry_safe rb_entry_safe
"""
CONTAINING: Mapping[str, int] = {**dict.fromkeys(_CONTAINING.split(), 1), "va_arg": 1}
"""Macros that give a pointer to a type: which argument is the type, 0-based."""

_MEMBER_SECOND = """
    offsetof offsetofend FIELD_SIZEOF sizeof_field typeof_member list_next_entry list_prev_entry
    list_prepare_entry struct_size flex_array_size
"""
_MEMBER_THIRD = """
    list_for_each_entry list_for_each_entry_rcu list_for_each_entry_reverse
    list_for_each_entry_continue list_for_each_entry_continue_reverse list_for_each_entry_from
    list_for_each_entry_srcu list_for_each_entry_lockless hlist_for_each_entry
    hlist_for_each_entry_rcu hlist_for_each_entry_srcu
"""
_MEMBER_FOURTH = """
    list_for_each_entry_safe list_for_each_entry_safe_reverse list_for_each_entry_safe_continue
    list_for_each_entry_safe_from hlist_for_each_entry_safe
"""
MEMBERS: Mapping[str, int] = {
    **dict.fromkeys(_MEMBER_SECOND.split(), 1),
    **dict.fromkeys((*_CONTAINING.split(), *_MEMBER_THIRD.split()), 2),
    **dict.fromkeys(_MEMBER_FOURTH.split(), 3),
}
"""Macros that take the name of a member: which argument it is, 0-based."""
