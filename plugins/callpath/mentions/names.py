"""Identifiers as people write them in code spans: `kvm_init()`, `struct kvm`, `CONFIG_KVM`.

Says which words of a code span claim to be names of a C source tree. What is no such claim, by
its looks alone, is left out: patterns, placeholders, settings, names of other languages and of
libraries of user space, plain words.
"""

import re
from functools import lru_cache

from msgspec import Struct

from callpath.mentions.model import NameForm

_ID = r"[A-Za-z_]\w*"
_TAG = re.compile(
    rf"(?:const\s)?(?:struct|union|enum)\s(?P<tag>{_ID})"
    rf"(?:(?:\.|->|::)(?P<member>{_ID})(?:\(\))?|(?:\s?\*+\s?|\s){_ID}(?:\[\w*\])?|\s?\*+|\[\w*\]|\s?\{{.*\}})?;?",
    re.ASCII | re.DOTALL,
)
_CALL = re.compile(rf"[&*!]?(?P<name>{_ID})\s?\((?P<arguments>.*)\);?", re.ASCII | re.DOTALL)
_PROTOTYPE = re.compile(
    rf"(?:{_ID}[\s*]+){{1,6}}(?P<name>{_ID})\s?\((?P<arguments>[^()]*)\);?", re.ASCII
)
_MEMBER = re.compile(
    rf"[&*!(]*(?P<head>{_ID})\)?(?:\[[^][]*\])?"
    rf"(?P<members>(?:(?:\.|->|::){_ID}(?:\[[^][]*\])?)+)(?P<call>\([^()]*\))?;?",
    re.ASCII,
)
_CONFIG = re.compile(r"(?P<name>CONFIG_[A-Z0-9]\w*)(?:\s?=\s?(?:[ymn]|\d+|\"[^\"]*\"))?", re.ASCII)
_PLAIN = re.compile(rf"[&*!]?(?P<name>{_ID})(?:\[\w*\]|\s\*+)?;?", re.ASCII)
_LONE_MEMBER = re.compile(rf"(?:\.(?P<dotted>{_ID})\(\)|->(?P<pointed>{_ID})(?:\(\))?)", re.ASCII)
_ERROR = re.compile(r"-(?P<name>E[A-Z0-9_]{2,}|MAX_ERRNO)", re.ASCII)
# `kvm_init() → kvm_arch_init()`
_CHAIN = re.compile(rf"{_ID}\(\)(?:\s?(?:→|->|=>|/|,)\s?{_ID}\(\))+", re.ASCII)
_INITIALISER = re.compile(rf"\.(?P<member>{_ID})\s?=\s?&?(?P<value>{_ID}),?", re.ASCII)
# Flags and comparisons: `flags & FOLL_WRITE`, `GFP_KERNEL | __GFP_ZERO`.
_EXPRESSION = re.compile(
    r"[\w()!~.>-]+(?:\s(?:\|\|?|&&?|==|!=|=|\|=|&=|\+|-|<=?)\s[\w()!~.>-]+)+", re.ASCII
)
_CONSTANT = re.compile(r"(?<![\w.>])_*[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9](?![\w(])", re.ASCII)
_STRUCTURE = re.compile(rf"(?:struct|union|enum)\s({_ID})", re.ASCII)
_COMMIT = re.compile(r"(?=[a-f]*[0-9])[0-9a-f]{7,40}")
_WORD = re.compile(_ID, re.ASCII)
_LONGEST = 160  # characters of a code span that is read

# Calls whose argument is a name of the tree, not a local one.
_TAKES_NAME = re.compile(
    r"(?:EXPORT|DECLARE)_\w+|module_(?:init|exit)|\w+_initcall|KVM_X86_OP\w*|IS_ENABLED"
)

# Words, and parts of words, that stand for others.
_PLACEHOLDERS = frozenset(("abc", "bar", "example", "name", "some_name", "something", "xyz"))
_PLACEHOLDER_PARTS = frozenset(
    (
        "baz",
        "blah",
        "boardname",
        "eventname",
        "foo",
        "foobar",
        "funcname",
        "hello",
        "mine",
        "my",
        "qux",
        "xxx",
        "xxxx",
        "xyzzy",
        "your",
        "yyy",
        "zzz",
    )
)
# Last parts of names that are made up, and parts of names with bars of their own.
_EXAMPLES = frozenset(("bar", "example", "something", "whatever"))
_OF_BARS = frozenset(("dw", "epf", "map", "msix", "ntb", "pci", "pcie", "resize", "vfio"))
# Parts in capitals that stand for others in a name that has small letters.
_CAPITALS = frozenset(
    (
        *("ARCH", "CLASS", "DEVICE", "DRIVER", "EVENT", "FIELD", "FILE", "FUNC", "ID", "NAME"),
        *("OP", "SIZE", "SUBSYS", "SYSCALL", "TYPE", "WORD"),
    )
)
_LETTERS = frozenset(("N", "NN", "XX"))
_MACHINES = frozenset(("i386", "x86_32", "x86_64"))
_OWN_PART = re.compile(r"(?:foo|baz|foobar|example)\d+|my[a-z]{3,}\d*")
_NUMBERED = re.compile(r"\w*[A-Z]{2}n")  # `SYSCALL_DEFINEn` is for each number
_MADE_UP = re.compile(r"(?:do_something_|some_)\w*|\w*sys(?:tem_)?_?call_name")
# Names that no text of a tree has whole, since macros paste or builds generate them.
_PASTED = (
    r"__(?:x64|ia32|x32|arm64|riscv|s390x?|se|do|ia32_compat|arm64_compat|se_compat|do_compat)_sys_\w+",
    r"compat_sys_\w+|SYS_[a-z]\w*|__NR_\w+|__ksymtab\w*|__kstrtab\w*|__kcrctab\w*|__crc_\w+",
    r"__tracepoint_\w+|__traceiter_\w+|__SC[KT]__\w+|__initcall_\w+|__pfx_\w+|__cfi_\w+|__param_\w+",
    r"dev_attr_\w+|param_ops_\w+|BPF_FUNC_\w+|class_\w+_(?:con|de)structor|event_\w+_call",
    r"(?:__)?(?:Set|Clear|TestSet|TestClear)?Page[A-Z]\w*|(?:__)?folio_(?:test|set|clear)_\w+",
    r"init_per_cpu__\w+|trace_event_\w+|bpf_trace_run\d+|__bpf_trace_\w+|__event_\w+|__export_symbol_\w+",
)
_IS_PASTED = re.compile("|".join(_PASTED))
# Registers, and names that processor manuals give.
_IS_REGISTER = re.compile(
    r"[A-Z0-9]\w*_EL[0-3x]\d?|IA32_\w+|[CD]R\d_\w+|(?:VM|VMCS)_?ENTRY_\w+Controls"
)
# Functions of user space whose families a kernel has too, and families that it has not.
_LIBRARIES = (
    r"pthread_\w+|PTHREAD_\w+|malloc_(?:trim|usable_size|stats|info)|M_(?:MMAP|TRIM)_THRESHOLD|aio_(?:read|write)",
    r"TPM2_[A-Z][a-z]\w*|VK_\w+|vk[A-Z]\w+|E?GL_\w+|e?gl[A-Z]\w+|drmMode\w+|drm[A-Z]\w+|Py\w+|rte_\w+|spdk_\w+",
    r"io_uring_(?:prep|wait|peek|unregister|sqe_set|cqe_get)_\w+|io_uring_queue_(?:init|exit)\w*",
    r"io_uring_(?:get_sqe|submit\w*|cqe_seen|for_each_cqe|(?:free|get)_probe\w*|ring_dontfork)",
    r"io_uring_(?:setup|free)_buf_ring|io_uring_buf_ring_(?:add|advance|mask|init|cq_advance)",
    r"io_uring_register_(?:buffers|files|ring_fd|eventfd|buf_ring|iowq)\w*",
    r"numa_(?:alloc|available|bind|free|run_on_node|tonode_memory)\w*|mq_(?:open|send|receive|close|[gs]etattr|timed\w+)",
    r"fuse_(?:main|session|reply|lowlevel|opt)\w*|libusb_\w+|ibv_\w+|shm_(?:open|unlink)|sd_notify",
    r"seccomp_(?:init|rule|load|release)\w*|cap_[gs]et_(?:proc|flag|file|fd|pid)|cap_(?:clear|free)",
    r"cap_(?:net|sys|dac|kill|chown|fowner|audit|mac|ipc|mknod|bpf|perfmon)(?:_\w+)?|cap_set[a-z]+",
    r"posix_(?:memalign|fadvise|fallocate|madvise|openpt|spawn\w*)|timer_(?:create|settime|gettime)",
    r"clock_(?:getres|gettime|settime|nanosleep)|sem_(?:open|close|wait|post|init|destroy|unlink)",
)
_PLAIN_LIBRARY = """
    abort atexit calloc cfsetispeed cfsetospeed closedir dlopen dlsym errno fclose fflush fopen
    forkpty fread free fwrite getaddrinfo getenv getopt getpagesize grantpt isatty longjmp malloc
    mallopt opendir openpty perror popen printf ptsname raise readdir realloc scanf setenv setjmp
    sigtimedwait sigwait sigwaitinfo sleep strerror sysconf system tcdrain tcflow tcflush tcgetattr
    tcsendbreak tcsetattr unlockpt usleep
"""
_IS_LIBRARY = re.compile("|".join((*_LIBRARIES, *_PLAIN_LIBRARY.split())))
# Services of firmware and other systems (`ExitBootServices()`): no C of a kernel is written so.
_CAMEL_CASE = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z0-9]*)+")
# Counters and requests with a remark: `Active(file)`, `GET_DESCRIPTOR(Report)`.
_REMARK = re.compile(r"[A-Z][a-z]+\((?:anon|file)\)|\w+\([A-Z][a-z]+\)", re.ASCII)


class WrittenName(Struct, frozen=True):
    """A name as it is written."""

    form: NameForm
    words: tuple[str, ...]  # those that claim to exist
    symbols: tuple[str, ...]  # what a line can be of: the function, the type, not its member


@lru_cache(maxsize=16384)
def name_in_code(code: str) -> WrittenName | None:
    """What a code span names; None if it is not written like an identifier of C."""
    code = code.strip()
    if not 1 < len(code) <= _LONGEST or code[0] in "/%$@#\"'<":
        return None
    for read in _READERS:
        if (found := read(code)) is not None:
            return found
    return None


def _claims(*words: str) -> tuple[str, ...]:
    """The words that can claim to exist, each once."""
    found = (word for word in words if not is_pattern(word) and not _is_example(word))
    return tuple(dict.fromkeys(found))


def _is_example(word: str) -> bool:
    """Whether a word ends like one that is made up; of PCI, `_bar` is a register."""
    *others, last = word.lower().strip("_").split("_")
    return last in _EXAMPLES and not (last == "bar" and _OF_BARS.intersection(others))


def is_pattern(word: str) -> bool:
    """Whether a word stands for others, is only a part of one, or is no word of a source's text."""
    if word.endswith("_") or len(word) < 2 or (word[0] == "_" and not word.startswith("__")):
        return True
    if word in _MACHINES or word in _PLACEHOLDERS or _is_placeholder(word):
        return True
    return bool(
        _IS_PASTED.fullmatch(word) or _IS_REGISTER.fullmatch(word) or _IS_LIBRARY.fullmatch(word)
    )


def _is_placeholder(word: str) -> bool:
    """Whether a part of a word says that it is made up."""
    parts = word.strip("_").split("_")
    lower = [part.lower() for part in parts]
    if not word.isupper() and not _CAPITALS.isdisjoint(parts):
        return True
    is_named_so = any(part in _PLACEHOLDER_PARTS or _OWN_PART.fullmatch(part) for part in lower)
    is_many = parts[-1] in _LETTERS or bool(_NUMBERED.fullmatch(word))
    return is_named_so or is_many or bool(_MADE_UP.fullmatch(word))


def is_compound(word: str) -> bool:
    """Whether a word has parts: no plain word of any language has."""
    return "_" in word.strip("_")


def _config(code: str) -> WrittenName | None:
    if not (match := _CONFIG.fullmatch(code)):
        return None
    return WrittenName(NameForm.CONFIG, _claims(match["name"]), (match["name"],))


def _tag(code: str) -> WrittenName | None:
    if not (match := _TAG.fullmatch(code)):
        return None
    words = [match["tag"], *([match["member"]] if match["member"] else [])]
    return WrittenName(NameForm.TAG, _claims(*words), (match["tag"],))


def _plain(code: str) -> WrittenName | None:
    if not (match := _PLAIN.fullmatch(code)):
        return None
    name = match["name"]
    if _COMMIT.fullmatch(name):
        return None
    words = _claims(name) if is_compound(name) else ()
    return WrittenName(NameForm.IDENTIFIER, words, (name,))


def _call(code: str) -> WrittenName | None:
    match = _CALL.fullmatch(code)
    if not match or not _is_balanced(match["arguments"]):
        return None
    name, arguments = match["name"], match["arguments"].strip()
    if arguments.isdigit() and len(arguments) == 1 and name.islower():
        return WrittenName(NameForm.CALL, (), ())  # a page of the manual: `mmap(2)`
    if _IS_LIBRARY.fullmatch(name) or _CAMEL_CASE.fullmatch(name) or _REMARK.fullmatch(code):
        return WrittenName(NameForm.CALL, (), ())
    words = _claims(name, *_constants(arguments), *_STRUCTURE.findall(arguments))
    if _TAKES_NAME.fullmatch(name) and _PLAIN.fullmatch(arguments) and is_compound(arguments):
        return WrittenName(NameForm.CALL, _claims(*words, arguments), (arguments,))
    return WrittenName(NameForm.CALL, words, (name,))


def _is_balanced(arguments: str) -> bool:
    depth = 0
    for character in arguments:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0 and "`" not in arguments


def _constants(text: str) -> tuple[str, ...]:
    return tuple(match[0] for match in _CONSTANT.finditer(text) if match[0] != "CONFIG_")


def _member(code: str) -> WrittenName | None:
    if not (match := _MEMBER.fullmatch(code)):
        return None
    head, is_call = match["head"], match["call"] is not None
    members = _WORD.findall(re.sub(r"\[[^][]*\]", "", match["members"]))
    if "->" not in match["members"] and not code.startswith("&"):
        # `net.core.somaxconn` and `memory.high` are settings, `kvm_intel.nested` a parameter.
        if not is_call and not (
            is_compound(head) and len(members) == 1 and is_compound(members[0])
        ):
            return None
        if "::" in match["members"]:
            return None  # a path of C++ or Rust
    heads = (head,) if is_compound(head) else ()
    return WrittenName(NameForm.MEMBER, _claims(*heads, *members), heads)


def _prototype(code: str) -> WrittenName | None:
    if not (match := _PROTOTYPE.fullmatch(code)):
        return None
    words = _claims(match["name"], *_STRUCTURE.findall(code))
    return WrittenName(NameForm.CALL, words, (match["name"],))


def _lone_member(code: str) -> WrittenName | None:
    if not (match := _LONE_MEMBER.fullmatch(code)):
        return None
    return WrittenName(NameForm.MEMBER, _claims(match["dotted"] or match["pointed"]), ())


def _initialiser(code: str) -> WrittenName | None:
    if not (match := _INITIALISER.fullmatch(code)):
        return None
    words = [word for word in (match["member"], match["value"]) if is_compound(word)]
    return WrittenName(NameForm.MEMBER, _claims(*words), ())


def _error(code: str) -> WrittenName | None:
    if not (match := _ERROR.fullmatch(code)):
        return None
    return WrittenName(NameForm.IDENTIFIER, _claims(match["name"]), ())


def _chain(code: str) -> WrittenName | None:
    if not _CHAIN.fullmatch(code):
        return None
    words = tuple(_WORD.findall(code))
    return WrittenName(NameForm.CALL, _claims(*words), words)


def _expression(code: str) -> WrittenName | None:
    if not _EXPRESSION.fullmatch(code):
        return None
    words = _claims(*_constants(code))
    return WrittenName(NameForm.IDENTIFIER, words, ()) if words else None


# The first that knows a form decides.
_READERS = (
    _config,
    _tag,
    _plain,
    _call,
    _member,
    _prototype,
    _chain,
    _lone_member,
    _error,
    _initialiser,
    _expression,
)
