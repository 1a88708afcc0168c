"""The projects that need no settings: what is known of Linux. Any other project works as well.

One `Project` holds all that a project's name decides; no other module compares names of projects.
"""

import re
from collections.abc import Callable, Mapping

from msgspec import Struct, field


class LinkUnit(Struct, frozen=True):
    """Folders whose files are linked into programs, or parts of one, of their own."""

    # The folders: parts between slashes, where `*` is any one name, and `{arch}` one that
    # `reaches` repeats. Each folder is a unit, without those in it that are units themselves.
    paths: str
    # The other folders and files that its files may call, without the units in them, written as
    # `paths`; `.` is all that is in no unit.
    reaches: tuple[str, ...] = ()
    apart: bool = False  # whether only those may call it that name it, and not what is in no unit


class Project(Struct, frozen=True):
    """A code base."""

    name: str  # its name in notes and settings
    elixir: str  # its name at elixir.bootlin.com
    title: str  # what messages call it
    version_file: str = ""  # the file of a tree that gives the tree's version, or empty
    # Reads the version's tag from the bytes of that file; None if it has none.
    read_version: Callable[[bytes], str | None] = lambda _: None
    # Where it is fetched from if a site does not say it, in the order of trying.
    remotes: tuple[str, ...] = ()
    licence: str = ""  # what its licence is called, best as its SPDX identifier, or empty
    licence_file: str = ""  # path of the licence's text in a tree, or empty
    # For each link provider the address at which the source is shown.
    web: Mapping[str, str] = field(default_factory=dict)
    # A file that only its trees have: what is not the project's must not be taken for it.
    own_file: str = ""
    # What every version of it begins like, as a pattern, or empty.
    version_form: str = ""
    # The tag in its repository of a version, and its version at elixir of a tag or version.
    tag_of: Callable[[str], str] = lambda version: version
    elixir_version: Callable[[str], str] = lambda version: version
    # What is linked by itself; what is in no unit is one more, which may call all but those apart.
    link_units: tuple[LinkUnit, ...] = ()
    # Whether a path is in the part of the tree that most texts speak of, and whose words others
    # use. A misspelt name is recognised by the words of this part.
    is_core: Callable[[str], bool] = lambda _: True
    # Names of other programs that begin like its own (`io_uring_prep_read`), as a pattern.
    foreign: str = r"(?!)"
    # Names that its macros make in several steps, as a pattern: group 1 is the name they are of.
    made: str = r"(?!)"


_ASSIGNMENT = re.compile(
    rb"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*:?=[ \t]*([\w.+-]*)[ \t]*$", re.MULTILINE
)


def _kernel_version(makefile: bytes) -> str | None:
    """The tag that a kernel's top Makefile stands for: `v3.7`, `v3.7-rc1`, `v2.6.25`.

    Linux assigns the four parts of the version in the first lines of that file.
    """
    parts: dict[str, str] = {}
    for match in _ASSIGNMENT.finditer(makefile.replace(b"\r\n", b"\n")):
        parts.setdefault(match[1].decode(), match[2].decode())
    major, minor, patch = (parts.get(name, "") for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL"))
    if not (major.isdecimal() and minor.isdecimal() and (patch or "0").isdecimal()):
        return None
    extra = parts.get("EXTRAVERSION", "")
    # From 3.0 on Linus's own releases are tagged without the third number: v3.7, not v3.7.0.
    shown = "" if not patch or (int(major) >= 3 and int(patch) == 0) else f".{patch}"
    return f"v{major}.{minor}{shown}{extra}"


_STUB = "drivers/firmware/efi/libstub"
_TOOLS = ("tools/arch", "tools/include", "tools/lib")
_LINUX_UNITS = (
    LinkUnit("arch/*", reaches=(".",)),
    # User mode Linux is an architecture that takes parts of x86.
    LinkUnit("arch/um", reaches=(".", "arch/x86", "arch/x86/um")),
    LinkUnit("arch/x86/um", reaches=(".", "arch/um", "arch/x86")),
    # What runs before the kernel, or between two kernels, with the objects that its Makefile adds.
    LinkUnit("arch/{arch}/boot", reaches=("lib/zlib_inflate",), apart=True),
    LinkUnit("arch/{arch}/boot/compressed", reaches=("arch/{arch}/boot", _STUB), apart=True),
    LinkUnit(
        "arch/{arch}/purgatory", reaches=("arch/{arch}/boot/compressed", "lib/crypto"), apart=True
    ),
    LinkUnit(
        "arch/riscv/purgatory", reaches=("lib/crypto", "lib/ctype.c", "lib/string.c"), apart=True
    ),
    LinkUnit(_STUB, reaches=(".", "arch/*", "arch/*/boot/compressed")),
    # Programs of the build and for users, each folder by itself.
    LinkUnit("scripts", apart=True),
    LinkUnit("scripts/*", reaches=("scripts", "scripts/include"), apart=True),
    LinkUnit("tools", apart=True),
    LinkUnit("tools/*", reaches=_TOOLS, apart=True),
    LinkUnit("tools/testing/selftests/*", reaches=("tools/testing", *_TOOLS), apart=True),
    LinkUnit("usr", apart=True),
    # Examples: modules of the kernel, and programs beside them.
    LinkUnit("samples", reaches=(".", "arch/*", *_TOOLS), apart=True),
    LinkUnit("samples/*", reaches=(".", "arch/*", "samples", *_TOOLS), apart=True),
)


_OUTSKIRTS = ("Documentation/", "arch/", "drivers/", "samples/", "sound/", "tools/")
_CORE = (
    "arch/x86/",
    *(f"drivers/{name}/" for name in ("base", "block", "iommu", "nvme", "pci", "vfio", "virtio")),
)


_FOREIGN = (
    # liburing, libbpf, alsa-lib, libdrm, librdmacm, libseccomp, libnl, QEMU, compilers
    r"io_uring_(?:prep|peek|wait|submit|queue|get|set|setup|buf_ring|register|unregister|enable"
    r"|free|close|for_each|cqe?|sqe?|opcode|ring)_\w+",
    r"(?:bpf_(?:program|object|map|link|prog|btf|tc|xdp)|btf|perf_buffer|ring_buffer|xsk_\w+?)__\w+",
    r"snd_(?:pcm|ctl|seq|mixer|rawmidi|card|hwdep|timer|config|use_case)_\w+",
    r"(?:drmMode|drm_intel_|rdma_|ibv_|seccomp_|nl_|nla_|genl_|fuse_session_|fuse_lowlevel_)\w+",
    r"(?:fdctrl_|FD_CMD_|kvm_cpu_|kvm_vm_|virtio_blk_|vhost_user_)\w+",
    r"__(?:builtin|sync|atomic)_\w+",
)
_MADE = r"(?:__(?:x64|ia32|x32|arm64|riscv|s390x?|powerpc|se|do)_(?=(?:compat_)?sys_)|trace_)(\w+)"


def _is_core_of_linux(path: str) -> bool:
    return not path.startswith(_OUTSKIRTS) or path.startswith(_CORE)


LINUX = Project(
    name="linux",
    elixir="linux",
    title="Linux kernel",
    version_file="Makefile",
    own_file="kernel/fork.c",
    version_form=r"v\d",
    read_version=_kernel_version,
    # Linus's tree has the releases (`v3.7`), the stable tree also those after them (`v3.7.1`).
    remotes=(
        "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git",
        "https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git",
        "https://kernel.googlesource.com/pub/scm/linux/kernel/git/torvalds/linux.git",
        "https://kernel.googlesource.com/pub/scm/linux/kernel/git/stable/linux.git",
        "https://github.com/torvalds/linux.git",
        "https://github.com/gregkh/linux.git",
    ),
    licence="GPL-2.0 WITH Linux-syscall-note",
    licence_file="COPYING",
    web={
        "github": "https://github.com/torvalds/linux",
        "kernel.org": "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git",
    },
    link_units=_LINUX_UNITS,
    is_core=_is_core_of_linux,
    foreign="|".join(_FOREIGN),
    made=_MADE,
)


def _freebsd_tag(version: str) -> str:
    """`v14.2` and `14.2.0` are `release/14.2.0`; a branch (`releng/14.2`) is itself."""
    number = version.removeprefix("v")
    if not re.fullmatch(r"\d+(\.\d+)+", number):
        return version
    return f"release/{number}{'.0' if number.count('.') == 1 else ''}"


def _freebsd_at_elixir(version: str) -> str:
    number = version.removeprefix("release/").removeprefix("v")
    is_release = re.fullmatch(r"\d+(\.\d+)+", number)
    return (
        f"v{number.removesuffix('.0') if number.count('.') > 1 else number}"
        if is_release
        else version
    )


# Their tags are shown otherwise at elixir (bootlin/elixir 90a4399, projects/*.sh).
_BUSYBOX = Project(
    name="busybox",
    elixir="busybox",
    title="BusyBox",
    tag_of=lambda version: version.replace(".", "_"),
    elixir_version=lambda version: version.replace("_", "."),
)
_FREEBSD = Project(
    name="freebsd",
    elixir="freebsd",
    title="FreeBSD",
    tag_of=_freebsd_tag,
    elixir_version=_freebsd_at_elixir,
)
_XEN = Project(
    name="xen",
    elixir="xen",
    title="Xen",
    tag_of=lambda version: re.sub(r"^v(?=\d)", "RELEASE-", version),
    elixir_version=lambda version: re.sub(r"^RELEASE-", "v", version),
)

PROJECTS: Mapping[str, Project] = {
    project.name: project for project in (LINUX, _BUSYBOX, _FREEBSD, _XEN)
}

AT_ELIXIR = frozenset(
    (
        *("amazon-freertos", "arm-trusted-firmware", "barebox", "bluez", "busybox", "coreboot"),
        *("dpdk", "freebsd", "glibc", "grub", "linux", "llvm", "mesa", "musl", "ofono", "op-tee"),
        *("qemu", "toybox", "u-boot", "uclibc-ng", "xen", "zephyr"),
    )
)
"""The projects that elixir.bootlin.com has (bootlin/elixir 90a4399, projects/*.sh)."""

_KERNEL_ORG = "linux/kernel/git"
REPOSITORIES: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("github.com/torvalds/linux", "github.com/gregkh/linux", "git.kernel.org/linus"),
            *("git.kernel.org/torvalds", "git.kernel.org/stable", "kernel.googlesource.com/linux"),
            *(
                f"{host}/{_KERNEL_ORG}/{repository}"
                for host in (
                    *("git.kernel.org/pub/scm", "git.kernel.org/cgit", "git.kernel.org"),
                    "kernel.googlesource.com/pub/scm",
                )
                for repository in ("torvalds/linux", "stable/linux", "stable/linux-stable")
            ),
            *("gitlab.com/linux-kernel/linux", "gitlab.com/linux-kernel/stable"),
        ),
        LINUX.name,
    ),
    "github.com/mirror/busybox": _BUSYBOX.name,
    "github.com/freebsd/freebsd-src": _FREEBSD.name,
    "github.com/xen-project/xen": _XEN.name,
    "gitlab.com/xen-project/xen": _XEN.name,
    "github.com/ARM-software/arm-trusted-firmware": "arm-trusted-firmware",
    "github.com/bluez/bluez": "bluez",
    "github.com/coreboot/coreboot": "coreboot",
    "github.com/DPDK/dpdk": "dpdk",
    "github.com/bminor/glibc": "glibc",
    "github.com/llvm/llvm-project": "llvm",
    "gitlab.freedesktop.org/mesa/mesa": "mesa",
    "github.com/OP-TEE/optee_os": "op-tee",
    "github.com/qemu/qemu": "qemu",
    "gitlab.com/qemu-project/qemu": "qemu",
    "github.com/redis/redis": "redis",
    "github.com/u-boot/u-boot": "u-boot",
    "github.com/zephyrproject-rtos/zephyr": "zephyr",
}
"""Which project a repository at a source viewer is of, by its host and path without `.git`."""

BRANCHES: Mapping[str, str] = {LINUX.name: r"master|linux-(rolling-\w+|[\d.]+y)|v[\d.]+-?y"}
"""What the branches of those repositories are called, as a pattern, where that is known."""

DEFAULT_PROJECT = LINUX.name  # the project of notes that name none


def project_named(name: str) -> Project:
    """What is known of a project; only its name if it is none of `PROJECTS`."""
    return PROJECTS.get(name) or Project(name, elixir=name, title=name)
