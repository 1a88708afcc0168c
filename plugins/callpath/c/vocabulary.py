"""What kernel C's own macros mean to a parser: annotations to skip, macros that define names.

Sources: include/linux/{compiler*,init,linkage,percpu-defs,spinlock_types,mutex,list,jump_label,
syscalls}.h and include/linux/filter.h of Linux 3.7 to 6.12.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VariableMacro:
    """A macro whose call defines a variable or a member.

    `name` and `type` say which argument is the name and which the type (0-based, -1: none),
    `minimum` how many arguments a call has at least.
    """

    name: int = 0
    type: int = -1
    minimum: int = 1


ANNOTATIONS = frozenset(
    b"""
    __init __exit __initdata __exitdata __initconst __initrodata __exitused __init_or_module
    __initdata_or_module __initconst_or_module __devinit __devexit __devinitdata __devinitconst
    __devexitdata __devexitconst __cpuinit __cpuexit __cpuinitdata __cpuinitconst __cpuexitdata
    __meminit __memexit __meminitdata __meminitconst __memexitdata __init_memblock
    __initdata_memblock __init_refok __initdata_refok __exit_refok __ref __refdata __refconst
    __net_init __net_exit __net_initdata __net_initconst __paginginit __initdata_or_meminfo
    __head __startup __ro_after_init __read_mostly __write_once __pcpu_read_mostly
    __user __kernel __iomem __percpu __rcu __force __nocast __safe __private __bitwise __bitwise__
    __always_inline __inline __inline__ __no_inline __always_inline__ __noinline noinline
    __forceinline noinline_for_stack noinline_for_kasan noinline_for_tracing __flatten
    inline_for_loop_tracking __noinline_for_stack asmlinkage fastcall notrace noinstr __visible
    __weak __used __unused __maybe_unused __always_unused __mayday_unused __cold __hot __pure
    __attribute_const__ __attribute_pure__ __must_check __deprecated __noreturn __malloc
    __packed __aligned_largest __noclone __naked __optimize __externally_visible
    __kprobes nokprobe_inline __sched __lockfunc __irq_entry __softirq_entry __exception_irq_entry
    __cpuidle __entry_text __entry __noendbr __nocfi __cficanonical __no_kcsan
    __no_sanitize_or_inline
    __no_kasan_or_inline __no_kcsan_or_inline __no_sanitize_address __no_sanitize_thread
    __no_sanitize_undefined __no_sanitize_coverage __no_profile __no_stack_protector
    __no_caller_saved_registers __no_randomize_layout __no_kstack_erase
    __disable_sanitizer_instrumentation
    __no_sanitize_memory __no_kmsan_checks __nomsan __nostackprotector
    __randomize_layout __designated_init __latent_entropy __nonstring __mode __gnu_inline
    ____cacheline_aligned ____cacheline_aligned_in_smp __cacheline_aligned
    __cacheline_aligned_in_smp ____cacheline_internodealigned_in_smp __page_aligned_data
    __page_aligned_bss __page_aligned_rodata __nosavedata __vdso __vsyscall_fn __vsyscall_init
    __bss_decrypted __sev_es_data __ksym __uprobe_bpf __bpf_kfunc __bpf_hook_start
    __cpu_read_mostly __lsm_ro_after_init __mmio __ref_ok __trace_return __uninitialized
    __jump_table_relative __visible_default __kcsan_or_inline __nohwasan
    asmregparm FASTCALL_ATTRIBUTE KERN_FUNC __init_task_data __init_thread_info
    __cpumask_var_read_mostly __INIT_OR_MODULE __INITDATA_OR_MODULE __INITRODATA_OR_MODULE
    __extension__ __syscall_slow __ipipe_text __compat_text __realmode __wakeup_text
    VISIBLE_IF_KUNIT __rseq_percpu __in_region __counted_by_none _Noreturn
    randomized_struct_fields_start randomized_struct_fields_end __no_fgcse __noscs
    __no_sanitize __nofree __assume_unused __overloadable __diagnose_as_needed
    """.split()
)
"""Words that say something to the compiler, the linker or sparse, and nothing about names."""

ANNOTATION_CALLS = frozenset(
    b"""
    __attribute__ __attribute __declspec __acquires __releases __must_hold __acquire_shared
    __acquires_shared __releases_shared __must_hold_shared __cond_acquires __cond_releases
    __guarded_by __pt_guarded_by __aligned __section __section__ __printf __scanf __alloc_size
    __assume_aligned __alias __copy __compiletime_error __compiletime_warning __warning __error
    __counted_by __counted_by_le __counted_by_be __counted_by_ptr __sized_by __nonnull __no_sanitize
    __malloc __realloc_size __cleanup __deprecated_for_modules __deprecated __bpf_fastcall
    __ADDRESSABLE_ATTRIBUTE __diagnose_as __nonstring_array __mode __element_count __target
    __force_order __tainted_args __cold_section __weak_alias __init_alias __regparm
    _Alignas __nocapture __copy_attribute __access __designated __capability
    """.split()
)
"""The same with arguments: blank up to the closing bracket."""

TYPE_CALLS = frozenset(
    {b"typeof", b"__typeof__", b"__typeof", b"typeof_unqual", b"__unqual_scalar_typeof"}
)
"""Calls that stand for a type."""

_NAME_FIRST = b"""
    DEFINE_SPINLOCK DEFINE_RAW_SPINLOCK DEFINE_RWLOCK DEFINE_MUTEX DEFINE_RT_MUTEX DEFINE_WW_MUTEX
    DEFINE_SEMAPHORE DECLARE_MUTEX DECLARE_RWSEM DEFINE_SEQLOCK DEFINE_IDA DEFINE_IDR DEFINE_XARRAY
    DEFINE_XARRAY_FLAGS DEFINE_XARRAY_ALLOC DEFINE_XARRAY_ALLOC1 DEFINE_LLIST_HEAD LIST_HEAD
    HLIST_HEAD LLIST_HEAD PLIST_HEAD DEFINE_WAIT DEFINE_WAIT_BIT DEFINE_WAIT_FUNC
    DECLARE_WAIT_QUEUE_HEAD DECLARE_WAIT_QUEUE_HEAD_ONSTACK DECLARE_WAITQUEUE
    DECLARE_SWAIT_QUEUE_HEAD DECLARE_SWAITQUEUE DECLARE_COMPLETION DECLARE_COMPLETION_ONSTACK
    DECLARE_WORK DECLARE_DELAYED_WORK DECLARE_DEFERRABLE_WORK DECLARE_TASKLET DECLARE_TASKLET_OLD
    DECLARE_TASKLET_DISABLED DEFINE_TIMER ATOMIC_NOTIFIER_HEAD BLOCKING_NOTIFIER_HEAD
    RAW_NOTIFIER_HEAD SRCU_NOTIFIER_HEAD DEFINE_SRCU DEFINE_STATIC_SRCU
    DEFINE_STATIC_KEY_TRUE DEFINE_STATIC_KEY_FALSE DEFINE_STATIC_KEY_TRUE_RO
    DEFINE_STATIC_KEY_FALSE_RO DEFINE_STATIC_KEY_DEFERRED_TRUE DEFINE_STATIC_KEY_DEFERRED_FALSE
    DEFINE_RATELIMIT_STATE DEFINE_HASHTABLE DEFINE_READ_MOSTLY_HASHTABLE DECLARE_HASHTABLE
    DECLARE_BITMAP DEFINE_STATIC_PERCPU_RWSEM DEFINE_PERCPU_RWSEM DEFINE_KTHREAD_WORKER
    DEFINE_KTHREAD_WORK DEFINE_KTHREAD_DELAYED_WORK DEFINE_LOCAL_IRQ_LOCK DEFINE_IRQ_WORK
    DECLARE_KFIFO_PTR DEFINE_STATIC_LOCKDEP_MAP DECLARE_BLOCKING_NOTIFIER DEFINE_MAPLE_TREE
    DEFINE_MTREE DEFINE_SIMPLE_DEV_PM_OPS SIMPLE_DEV_PM_OPS UNIVERSAL_DEV_PM_OPS
    DEFINE_RUNTIME_DEV_PM_OPS DEFINE_NOARGS_PM_OPS EVENT_ATTR_STR_FUNC RADIX_TREE
    DECLARE_RWSEM_ONSTACK DEFINE_STATIC_SRCU_FAST DEFINE_SRCU_FAST JUMP_LABEL_HEAD
    """.split()
_PER_CPU = b"""
    DEFINE_PER_CPU DEFINE_PER_CPU_SHARED_ALIGNED DEFINE_PER_CPU_ALIGNED DEFINE_PER_CPU_READ_MOSTLY
    DEFINE_PER_CPU_PAGE_ALIGNED DEFINE_PER_CPU_FIRST DEFINE_PER_CPU_DECRYPTED DEFINE_PER_CPU_SECTION
    DEFINE_PER_CPU_CACHE_HOT DEFINE_PER_CPU_USER_MAPPED DEFINE_PER_CPU_SHARED_ALIGNED_USER_MAPPED
    DEFINE_PER_CPU_ALIGNED_USER_MAPPED DEFINE_PER_CPU_PAGE_ALIGNED_USER_MAPPED
    DEFINE_EARLY_PER_CPU_READ_MOSTLY DEFINE_EARLY_PER_CPU DECLARE_FLEX_ARRAY DEFINE_FLEX
    """.split()
VARIABLE_MACROS: dict[bytes, VariableMacro] = {
    **dict.fromkeys(_NAME_FIRST, VariableMacro()),
    **dict.fromkeys(_PER_CPU, VariableMacro(name=1, type=0, minimum=2)),
    b"DECLARE_KFIFO": VariableMacro(name=0, type=1, minimum=3),
    b"DEFINE_KFIFO": VariableMacro(name=0, type=1, minimum=3),
}
"""Calls that define one variable (at file level or in a body) or one member."""

EXTERN_VARIABLE_MACROS: dict[bytes, VariableMacro] = {
    **dict.fromkeys(
        b"""
        DECLARE_PER_CPU DECLARE_PER_CPU_SHARED_ALIGNED DECLARE_PER_CPU_ALIGNED
        DECLARE_PER_CPU_READ_MOSTLY DECLARE_PER_CPU_PAGE_ALIGNED DECLARE_PER_CPU_FIRST
        DECLARE_PER_CPU_DECRYPTED DECLARE_PER_CPU_SECTION DECLARE_PER_CPU_CACHE_HOT
        DECLARE_PER_CPU_USER_MAPPED DECLARE_EARLY_PER_CPU DECLARE_EARLY_PER_CPU_READ_MOSTLY
        """.split(),
        VariableMacro(name=1, type=0, minimum=2),
    ),
    **dict.fromkeys(b"DECLARE_STATIC_KEY_TRUE DECLARE_STATIC_KEY_FALSE".split(), VariableMacro()),
}
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


@dataclass(frozen=True, slots=True)
class DispatchMacro:
    """A macro whose call stands for the function that one of its arguments names."""

    position: int = 0  # which argument is the name, 0-based
    prefix: str = ""  # what to strip from the front of the name, if it is there


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

DECLARING = frozenset({"uninitialized_var"})  # macros around the name that a declaration declares

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
