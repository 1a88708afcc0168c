"""Addresses of source viewers: what they name, and how they are rewritten."""

import pytest
from msgspec.structs import replace

from callpath.mentions.model import Address, AddressKind, Malformed
from callpath.mentions.viewers import VIEWERS, read_address, repository_viewers, rewritten

ELIXIR = "https://elixir.bootlin.com/linux"
GITHUB = "https://github.com/torvalds/linux"
CGIT = "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git"
GITILES = "https://kernel.googlesource.com/pub/scm/linux/kernel/git/torvalds/linux"
QEMU = "https://gitlab.com/qemu-project/qemu"
LXR = "http://lxr.free-electrons.com"
CREGIT = "https://cregit.linuxsources.org/code"
CODEBROWSER = "https://codebrowser.dev/linux/linux"
SOURCEGRAPH = "https://sourcegraph.com/github.com/torvalds/linux"
FREEBSD = "https://elixir.bootlin.com/freebsd"
FREEBSD_SRC = "https://github.com/freebsd/freebsd-src"
COMMIT = "0a07b238e5f488b459b6113a62e06b6aab017f71"

FILES = {
    f"{ELIXIR}/v3.7/source/virt/kvm/kvm_main.c": ("v3.7", "virt/kvm/kvm_main.c", 0, 0),
    f"{ELIXIR}/v3.7/source/virt/kvm/kvm_main.c#L9": ("v3.7", "virt/kvm/kvm_main.c", 9, 9),
    f"{ELIXIR}/v3.7/source/virt/kvm/#L9-L12": ("v3.7", "virt/kvm", 9, 12),
    f"{ELIXIR}/latest/source/mm/slub.c#L9": ("latest~", "mm/slub.c", 9, 9),
    f"{ELIXIR}/latest-rc/source/mm/slub.c": ("latest-rc~", "mm/slub.c", 0, 0),
    f"{ELIXIR}/v6.12.58/source/mm/slub.c#:~:text=x": ("v6.12.58", "mm/slub.c", 0, 0),
    "http://elixir.free-electrons.com/linux/v4.9/source/mm/slub.c": ("v4.9", "mm/slub.c", 0, 0),
    "HTTPS://ELIXIR.bootlin.com/linux/v4.9/source/a.c#L2": ("v4.9", "a.c", 2, 2),
    "//elixir.bootlin.com:443/linux/v4.9/source/a.c#L2": ("v4.9", "a.c", 2, 2),
    "http://lxr.free-electrons.com/source/mm/slub.c?v=3.18#L9": ("v3.18", "mm/slub.c", 9, 9),
    "http://lxr.free-electrons.com/source/mm/slub.c#L9": ("~", "mm/slub.c", 9, 9),
    "http://lxr.free-electrons.com/source/mm/slub.c#009": ("~", "mm/slub.c", 9, 9),
    "http://lxr.linux.no/linux+v3.7.1/mm/slub.c#L9": ("v3.7.1", "mm/slub.c", 9, 9),
    "http://lxr.linux.no/linux-old+v2.4.31/mm/slab.c": ("v2.4.31", "mm/slab.c", 0, 0),
    "http://lxr.linux.no/linux/mm/slub.c": ("~", "mm/slub.c", 0, 0),
    f"{GITHUB}/blob/master/mm/slub.c": ("master~", "mm/slub.c", 0, 0),
    f"{GITHUB}/blob/HEAD/mm/slub.c#L9": ("HEAD~", "mm/slub.c", 9, 9),
    f"{GITHUB}/blob/{COMMIT}/mm/slub.c#L9-L12": (COMMIT, "mm/slub.c", 9, 12),
    f"{GITHUB}/blob/{COMMIT[:7]}//mm/slub.c": (COMMIT[:7], "mm/slub.c", 0, 0),
    f"{GITHUB}/blob/v4.16/mm/slub.c?plain=1#L9C1-L12C30": ("v4.16", "mm/slub.c", 9, 12),
    f"{GITHUB}/blob/v4.16-rc1/mm/slub.c#L9C7": ("v4.16-rc1", "mm/slub.c", 9, 9),
    f"{GITHUB}/blame/master/mm/slub.c": ("master~", "mm/slub.c", 0, 0),
    f"{GITHUB}/tree/v4.16/mm": ("v4.16", "mm", 0, 0),
    f"{GITHUB}/raw/refs/heads/master/mm/slub.c#L9": ("master~", "mm/slub.c", 9, 9),
    f"{GITHUB}/raw/refs/tags/v4.16/mm/slub.c": ("v4.16", "mm/slub.c", 0, 0),
    f"{GITHUB}/edit/master/mm/slub.c": ("master~", "mm/slub.c", 0, 0),
    f"{GITHUB}/commits/master/mm/slub.c": ("", "mm/slub.c", 0, 0),
    f"{GITHUB}/commits/v4.16/mm/slub.c": ("v4.16", "mm/slub.c", 0, 0),
    f"{GITHUB}/blob/v4.16/Makefile": ("v4.16", "Makefile", 0, 0),
    f"{GITHUB}/blob/v4.16/a%2Bb.c": ("v4.16", "a+b.c", 0, 0),
    "https://www.github.com/Torvalds/Linux/blob/v4.16/a.c": ("v4.16", "a.c", 0, 0),
    "https://github.com/gregkh/linux/blob/linux-6.12.y/a.c": ("linux-6.12.y~", "a.c", 0, 0),
    "https://raw.githubusercontent.com/torvalds/linux/v6.1/a.c": ("v6.1", "a.c", 0, 0),
    f"{CGIT}/tree/mm/slub.c?h=v6.0#n950": ("v6.0", "mm/slub.c", 950, 950),
    f"{CGIT}/tree/mm/slub.c": ("~", "mm/slub.c", 0, 0),
    f"{CGIT}/tree/mm/slub.c?h=master": ("master~", "mm/slub.c", 0, 0),
    f"{CGIT}/tree/mm/slub.c?h=refs/tags/v6.0": ("v6.0", "mm/slub.c", 0, 0),
    f"{CGIT}/tree/mm/slub.c?id={COMMIT}#n2": (COMMIT, "mm/slub.c", 2, 2),
    f"{CGIT}/tree/mm/slub.c?h=master&id={COMMIT}": (COMMIT, "mm/slub.c", 0, 0),
    f"{CGIT}/plain/mm/slub.c?h=v6.0": ("v6.0", "mm/slub.c", 0, 0),
    f"{CGIT}/blame/mm/slub.c?h=v6.0": ("v6.0", "mm/slub.c", 0, 0),
    f"{CGIT}/log/mm/slub.c": ("", "mm/slub.c", 0, 0),
    f"{CGIT.removesuffix('.git')}/tree/mm": ("~", "mm", 0, 0),
    "http://git.kernel.org/cgit/linux/kernel/git/stable/linux.git/tree/a.c?h=linux-6.1.y": (
        "linux-6.1.y~",
        *("a.c", 0, 0),
    ),
    f"{GITILES}/+/refs/tags/v6.12/mm/slub.c#12": ("v6.12", "mm/slub.c", 12, 12),
    f"{GITILES}.git/+/refs/heads/master/mm/slub.c": ("master~", "mm/slub.c", 0, 0),
    f"{GITILES}/+/{COMMIT}/mm/slub.c": (COMMIT, "mm/slub.c", 0, 0),
    f"{GITILES}/+/master/mm": ("master~", "mm", 0, 0),
    f"{GITILES}/+log/master/mm": ("", "mm", 0, 0),
    "https://codebrowser.dev/linux/linux/kernel/fork.c.html#123": ("~", "kernel/fork.c", 123, 123),
    "https://cregit.linuxsources.org/code/4.19/mm/slub.c.html#L5": ("v4.19", "mm/slub.c", 5, 5),
    "https://livegrep.com/view/torvalds/linux/mm/slub.c#L5": ("~", "mm/slub.c", 5, 5),
    "https://sourcegraph.com/github.com/torvalds/linux@v6.1/-/blob/mm/slub.c?L3-5": (
        "v6.1",
        *("mm/slub.c", 3, 5),
    ),
    "https://sourcegraph.com/github.com/torvalds/linux/-/blob/mm/slub.c": ("~", "mm/slub.c", 0, 0),
}
"""Links to files of Linux: revision (`~` after one that floats), path, first and last line."""

OTHERS = {
    f"{QEMU}/-/blob/master/hw/core/qdev.c#L10-20": ("qemu", "master~", "hw/core/qdev.c", 10, 20),
    f"{QEMU}/blob/v9.0.0/hw/core/qdev.c": ("qemu", "v9.0.0", "hw/core/qdev.c", 0, 0),
    f"{QEMU}/-/blob/stable-9.0/hw/a.c?ref_type=heads#L3": (
        *("qemu", "stable-9.0~", "hw/a.c", 3, 3),
    ),
    "https://elixir.bootlin.com/qemu/v9.0.0/source/hw/a.c#L3": ("qemu", "v9.0.0", "hw/a.c", 3, 3),
    "https://elixir.bootlin.com/busybox/1.36.1/source/a.c": ("busybox", "1.36.1", "a.c", 0, 0),
    "https://github.com/redis/redis/blob/7.2.4/src/server.c": (
        *("redis", "7.2.4", "src/server.c", 0, 0),
    ),
    "https://github.com/redis/redis/blob/unstable/src/server.c": (
        *("redis", "unstable~", "src/server.c", 0, 0),
    ),
    "https://github.com/freebsd/freebsd-src/blob/release/14.2.0/sys/a.c": (
        *("freebsd", "release/14.2.0", "sys/a.c", 0, 0),
    ),
    "https://github.com/freebsd/freebsd-src/tree/releng/14.2/sys/kern": (
        *("freebsd", "releng/14.2~", "sys/kern", 0, 0),
    ),
    "https://github.com/xen-project/xen/blob/RELEASE-4.19.0/xen/a.c": (
        *("xen", "RELEASE-4.19.0", "xen/a.c", 0, 0),
    ),
    "https://github.com/llvm/llvm-project/blob/llvmorg-18.1.0/a.c": (
        *("llvm", "llvmorg-18.1.0", "a.c", 0, 0),
    ),
    "https://github.com/llvm/llvm-project/blob/release/18.x/a.c": (
        *("llvm", "release/18.x~", "a.c", 0, 0),
    ),
}
"""The same of other projects."""


@pytest.mark.parametrize(
    ("href", "project", "revision", "path", "first", "last"),
    [
        *((href, "linux", *parts) for href, parts in FILES.items()),
        *((href, *parts) for href, parts in OTHERS.items()),
    ],
)
def test_a_link_to_a_file_is_read(  # a row
    href: str, project: str, revision: str, path: str, first: int, last: int
) -> None:
    found = read_address(href)
    assert isinstance(found, Address)
    shown = found.revision + "~" * found.floating
    assert (found.kind, found.project, shown) == (AddressKind.PATH, project, revision)
    assert (found.path, found.first, found.last) == (path, first, last)


@pytest.mark.parametrize(
    ("href", "revision", "name", "family"),
    [
        (f"{ELIXIR}/v3.7/ident/kvm_init", "v3.7", "kvm_init", ""),
        (f"{ELIXIR}/v3.7/A/ident/kvm_init", "v3.7", "kvm_init", "A"),
        (f"{ELIXIR}/latest/K/ident/CONFIG_KVM", "latest~", "CONFIG_KVM", "K"),
        ("http://lxr.free-electrons.com/ident?i=memblock", "~", "memblock", ""),
        ("http://lxr.free-electrons.com/ident?v=3.18;i=memblock", "v3.18", "memblock", ""),
        ("http://lxr.linux.no/linux+v3.7/+code=kvm_init", "v3.7", "kvm_init", ""),
    ],
)
def test_a_link_to_a_name_is_read(href: str, revision: str, name: str, family: str) -> None:
    found = read_address(href)
    assert isinstance(found, Address)
    shown = found.revision + "~" * found.floating
    assert (found.kind, shown, found.name, found.family) == (
        AddressKind.NAME,
        revision,
        name,
        family,
    )


@pytest.mark.parametrize(
    "href",
    [
        f"{GITHUB}/commit/{COMMIT}",
        f"{GITHUB}/commit/{COMMIT}.patch",
        f"{GITHUB}/commit/{COMMIT}#diff-0",
        f"{CGIT}/commit/?id={COMMIT}",
        f"{CGIT}/commit/?h=master&id={COMMIT}",
        f"https://git.kernel.org/linus/{COMMIT}",
        f"https://git.kernel.org/torvalds/c/{COMMIT}",
        f"https://git.kernel.org/stable/c/{COMMIT}",
        f"{GITILES}/+/{COMMIT}",
    ],
)
def test_a_link_to_a_commit_is_read(href: str) -> None:
    found = read_address(href)
    assert isinstance(found, Address)
    assert (found.kind, found.revision, found.floating) == (AddressKind.COMMIT, COMMIT, False)


@pytest.mark.parametrize(
    ("href", "revision"),
    [
        (f"{ELIXIR}/v3.7", "v3.7"),
        (f"{ELIXIR}/latest/source", "latest~"),
        (f"{GITHUB}/tree/v4.16", "v4.16"),
        (f"{GITHUB}/blob/master/", "master~"),
        (f"{GITHUB}/releases/tag/v4.16", "v4.16"),
        (f"{CGIT}/tree/", "~"),
        (f"{CGIT}/tag/?h=v6.13", "v6.13"),
        ("https://git.kernel.org/torvalds/h/master", "master~"),
        (f"{GITILES}/+/refs/tags/v6.12", "v6.12"),
        # Where the name of this branch ends, only the repository can say.
        (f"{QEMU}/-/blob/feature/one/hw/a.c", "feature~"),
    ],
)
def test_a_link_to_a_tree_is_read(href: str, revision: str) -> None:
    found = read_address(href)
    assert isinstance(found, Address)
    shown = found.revision + "~" * found.floating
    assert (found.kind, shown, found.path) == (AddressKind.TREE, revision, "")


@pytest.mark.parametrize(
    ("href", "message", "hint"),
    [
        (f"{GITHUB}/blob/mm/slub.c", "`mm` is no branch, tag or commit", "`blob/TAG/mm/slub.c`"),
        (f"{GITHUB}/master/mm/slub.c", "before `master`", "write `blob/master/mm/slub.c`"),
        (f"{GITHUB}/v4.16/mm/slub.c", "before `v4.16`", "write `blob/v4.16/mm/slub.c`"),
        (f"{GITHUB}/blob/4.16/mm/slub.c", "`4.16` is no branch", "`blob/TAG/"),
        (f"{GITHUB}/blob/v4.16/a.c#12", "names no line at github", "write `#L12`"),
        (f"{GITHUB}/blob/v4.16/a.c#n12", "names no line at github", "write `#L12`"),
        (f"{GITHUB}/blob/v4.16/a.c#L0", "names line 0", "lines count from 1"),
        (f"{GITHUB}/blob/v4.16/a.c#L1000000000", "names a line that no file has", ""),
        (f"{ELIXIR}/v6.12/source/a.c#L1-L999999999999", "names a line that no file has", ""),
        (f"{GITHUB}/blob/v4.16/a.c#L20-L10", "ends before it begins", "write `#L10-L20`"),
        (f"{ELIXIR}/v6.12/mm/slub.c", "no `source`", "`/linux/v6.12/source/mm/slub.c`"),
        (f"{ELIXIR}/6.12/source/mm/slub.c", "has no version `6.12`", "`v` before it"),
        (f"{ELIXIR}/master/source/mm/slub.c", "has no version `master`", "write a tag"),
        (f"{ELIXIR}/v6.12/source/mm/slub.c#L10-20", "names no line", "write `#L10-L20`"),
        (f"{CGIT}/tree/a.c?h=v6.0#L12", "names no line at cgit", "write `#n12`"),
        (f"{CGIT}/tree/a.c?h=v6.0#L12-L15", "names no line at cgit", "write `#n12`"),
        (f"{GITILES}/+/master/a.c#L12", "names no line at gitiles", "write `#12`"),
    ],
)
def test_an_address_that_leads_nowhere_is_malformed(href: str, message: str, hint: str) -> None:
    found = read_address(href)
    assert isinstance(found, Malformed)
    assert message in found.message
    assert hint in found.hint


NOT_READ = [
    "",
    "#section",
    "mm/slub.c",
    "src:mm/slub.c#kmalloc",
    "javascript:alert(1)//github.com/torvalds/linux/blob/v4.16/a.c",
    "mailto:a@github.com",
    "ftp://github.com/torvalds/linux/blob/v4.16/a.c",
    "https://[github.com/torvalds/linux/blob/master/a.c",
    "https://github.com:8443/torvalds/linux/blob/master/a.c",
    "https://github.com@example.com/torvalds/linux/blob/master/a.c",
    "https://github.com.example.com/torvalds/linux/blob/master/a.c",
    "https://gіthub.com/torvalds/linux/blob/master/a.c",
    "https://xn--gthub-n4a.com/torvalds/linux/blob/master/a.c",
    f"{GITHUB}/blob/v4.16/../../../../other/blob/a.c",
    f"{GITHUB}/blob/v4.16/%2e%2e/%2E%2e/a.c",
    f"{GITHUB}/blob/v4.16/mm%2fslub.c",
    f"{GITHUB}/blob/v4.16/a%00.c",
    f"{GITHUB}/blob/v4.16/a\x00.c",
    f"{GITHUB}/blob/v4.16/a%ff.c",
    f"{GITHUB}/blob/v4.16/\udc80.c",
    f"{GITHUB}/blob/v4.16/mm\\slub.c",
    f"{GITHUB}/blob/v4.16/{'a/' * 500_000}b.c",
    f"{GITHUB}/blob/" + "%2e" * 400_000,
    GITHUB,
    f"{GITHUB}.git",
    f"{GITHUB}-insides/blob/master/a.md",
    f"{GITHUB}/issues/12",
    f"{GITHUB}/pull/17#issuecomment-5654674",
    f"{GITHUB}/compare/v6.1...v6.2",
    f"{GITHUB}/commit/{{rev}}",
    f"{GITHUB}/blob/REVISION/mm/slub.c",
    "https://github.com/0xAX/linux/blob/master/mm/slub.c",
    "https://elixir.bootlin.com/",
    "https://elixir.bootlin.com/linux",
    f"{ELIXIR}/VERSION/source/mm/slub.c",
    f"{ELIXIR}/<version>/source/mm/slub.c",
    f"{ELIXIR}/{{version}}/source/mm/slub.c",
    "https://elixir.bootlin.com/lamps/v1.0/source/a.c",
    CGIT,
    f"{CGIT}/",
    f"{CGIT}/log/",
    f"{CGIT}/refs/",
    "https://git.kernel.org/pub/scm/linux/kernel/git/djwong/xfs-linux.git/log/?h=scrub",
    "https://git.kernel.org/torvalds/c/{rev}",
    f"{GITILES}/",
]


@pytest.mark.parametrize("href", NOT_READ, ids=lambda href: repr(href[:60]))
def test_what_is_no_address_of_a_known_viewer_is_left_alone(href: str) -> None:
    assert read_address(href) is None


ALL = sorted({*FILES, *OTHERS})


@pytest.mark.parametrize("href", ALL)
def test_an_address_with_the_same_parts_is_the_same(href: str) -> None:
    found = read_address(href)
    assert isinstance(found, Address)
    same = {
        "revision": found.revision,
        "path": found.path,
        "first": found.first,
        "last": found.last,
    }
    assert rewritten(href, found) == rewritten(href, found, **same) == href  # type: ignore[arg-type]


CHANGES = [
    {"path": "drivers/a+b/c.h"},
    {"first": 77},
    {"first": 77, "last": 99},
    {"first": 0, "last": 0},
    {"path": "x.c", "first": 5, "last": 5},
    {"revision": "v5.4"},
    {"revision": COMMIT},
    {"revision": "v5.4", "path": "x.c", "first": 5, "last": 5},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
@pytest.mark.parametrize("href", ALL)
def test_a_rewritten_address_says_what_was_asked_or_is_empty(
    href: str, change: dict[str, object]
) -> None:
    found = read_address(href)
    assert isinstance(found, Address)
    text = rewritten(href, found, **change)  # type: ignore[arg-type]
    if not text:
        return
    now = read_address(text)
    assert isinstance(now, Address)
    wanted = replace(found, **{"last": change.get("first", found.last), **change})  # type: ignore[arg-type]
    assert replace(now, floating=False, revision="") == replace(wanted, floating=False, revision="")
    if "revision" not in change:
        assert now.revision == found.revision


REWRITTEN = [
    (ELIXIR, "/latest/source/a.c#L9-L12", {"revision": "v6.12"}, "/v6.12/source/a.c#L9-L12"),
    (ELIXIR, "/latest/A/ident/b", {"revision": "v6.12"}, "/v6.12/A/ident/b"),
    (GITHUB, "/blob/master/a.c?plain=1#L9C1", {"revision": "v6.1"}, "/blob/v6.1/a.c?plain=1#L9C1"),
    (GITHUB, "/raw/refs/heads/master/a.c#L9", {"revision": "v6.12"}, "/raw/v6.12/a.c#L9"),
    (GITHUB, "/blob/v6.12/a.c#L9C1-L12C3", {"first": 7, "last": 9}, "/blob/v6.12/a.c#L7-L9"),
    (GITHUB, "/commit/0123456789ab", {"revision": "v6.12"}, None),
    (GITHUB, "/blob/v6.12/a.c", {"revision": "mm"}, None),
    (QEMU, "/blob/master/a.c?ref_type=heads#L9-12", {"revision": "v9.0"}, "/blob/v9.0/a.c#L9-12"),
    (QEMU, "/-/blob/feature/one/hw/a.c", {"revision": "v9.0.0"}, None),
    (CGIT, "/tree/a.c", {"revision": "v6.12"}, "/tree/a.c?h=v6.12"),
    (CGIT, "/tree/a.c#n9", {"revision": "v6.12", "first": 10}, "/tree/a.c?h=v6.12#n10"),
    (CGIT, f"/tree/a.c?h=master&id={COMMIT}", {"revision": "v6.12"}, "/tree/a.c?h=v6.12"),
    (CGIT, "/tree/a.c", {"revision": COMMIT}, f"/tree/a.c?id={COMMIT}"),
    (CGIT, "/tree/a.c#n9", {"first": 10, "last": 13}, None),
    (CGIT, "/tree/mm/", {"revision": "v6.12"}, "/tree/mm/?h=v6.12"),
    (CGIT, "/tree/", {"revision": "v6.12"}, "/tree/?h=v6.12"),
    (ELIXIR, "/latest/source/mm/", {"revision": "v6.12"}, "/v6.12/source/mm/"),
    # Which versions such a site has nobody knows.
    (LXR, "/source/a.c#L9", {"revision": "v3.7"}, None),
    (LXR, "/ident?i=b", {"revision": "v3.7"}, None),
    (LXR, "/linux+v3.2/a.c#L9", {"revision": "v3.7"}, None),
    (LXR, "/linux+v3.2/a.c#L9", {"path": "b.c", "first": 12}, "/linux+v3.2/b.c#L12"),
    (LXR, "/source/a.c?v=3.2#L9", {"first": 12}, "/source/a.c?v=3.2#L12"),
    (CREGIT, "/4.19/a.c.html#L9", {"revision": "v6.12"}, None),
    (CREGIT, "/4.19/a.c.html#L9", {"first": 12}, "/4.19/a.c.html#L12"),
    (GITILES, "/+/refs/heads/master/a.c#9", {"revision": "v6.12"}, "/+/v6.12/a.c#9"),
    (CODEBROWSER, "/a.c.html#9", {"revision": "v6.12"}, None),
    (CODEBROWSER, "/a.c.html#9", {"path": "b.h", "first": 3}, "/b.h.html#3"),
    (SOURCEGRAPH, "/-/blob/a.c?L3-5", {"revision": "v6.1"}, "@v6.1/-/blob/a.c?L3-5"),
    (FREEBSD, "/v14.1/source/a.c", {"revision": "release/14.2.0"}, "/v14.2/source/a.c"),
    (FREEBSD_SRC, "/blob/main/a.c", {"revision": "v14.2"}, "/blob/release/14.2.0/a.c"),
]


@pytest.mark.parametrize(("base", "old", "change", "new"), REWRITTEN)
def test_an_address_is_rewritten_as_its_viewer_writes_it(
    base: str, old: str, change: dict[str, object], new: str | None
) -> None:
    found = read_address(base + old)
    assert isinstance(found, Address)
    wanted = "" if new is None else base + new
    assert rewritten(base + old, found, **change) == wanted  # type: ignore[arg-type]


def test_a_table_can_be_extended() -> None:
    fork = "https://github.com/0xAX/linux/blob/v3.18/a.c#L3"
    table = (*VIEWERS, *repository_viewers("github.com/0xAX/linux", "linux"))
    found = read_address(fork, table)
    assert isinstance(found, Address)
    assert (found.project, found.revision, found.path, found.first) == ("linux", "v3.18", "a.c", 3)
    assert rewritten(fork, found, first=4, viewers=table) == fork.replace("#L3", "#L4")
    assert rewritten(fork, found, first=4) == ""


def test_the_last_of_two_rows_for_a_place_counts() -> None:
    table = (*VIEWERS, *repository_viewers("github.com/torvalds/linux", "lamps"))
    found = read_address(f"{GITHUB}/blob/v3.18/a.c", table)
    assert isinstance(found, Address)
    assert found.project == "lamps"
