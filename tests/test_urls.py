"""Addresses at the link providers, in the forms that these document."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given, strategies as st

from callpath.addresses import link_provider
from callpath.findings import SettingsError
from callpath.model import Pin
from kernel import PIN

PROVIDERS = ("elixir", "github", "kernel.org")
COMMIT = "29594404d7fe73cd80eaa4ee8c43dcc53970c60e"
ELIXIR = "https://elixir.bootlin.com/linux/v3.7/source/virt/kvm/kvm_main.c"
GITHUB = "https://github.com/torvalds/linux/blob"
CGIT = "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree"


@pytest.mark.parametrize(
    ("provider", "commit", "end", "address"),
    [
        ("elixir", "", 0, f"{ELIXIR}#L10"),
        ("elixir", "", 20, f"{ELIXIR}#L10-L20"),
        ("elixir", "", 10, f"{ELIXIR}#L10"),
        ("elixir", COMMIT, 0, f"{ELIXIR}#L10"),
        ("github", "", 0, f"{GITHUB}/v3.7/virt/kvm/kvm_main.c#L10"),
        ("github", "", 20, f"{GITHUB}/v3.7/virt/kvm/kvm_main.c#L10-L20"),
        ("github", COMMIT, 20, f"{GITHUB}/{COMMIT}/virt/kvm/kvm_main.c#L10-L20"),
        ("kernel.org", "", 20, f"{CGIT}/virt/kvm/kvm_main.c?h=v3.7#n10"),
        ("kernel.org", COMMIT, 0, f"{CGIT}/virt/kvm/kvm_main.c?id={COMMIT}#n10"),
    ],
)
def test_the_address_of_lines(provider: str, commit: str, end: int, address: str) -> None:
    pin = Pin("linux", "v3.7", commit)
    assert link_provider(provider).line(pin, "virt/kvm/kvm_main.c", 10, end) == address


@pytest.mark.parametrize(
    ("provider", "address"),
    [
        ("elixir", ELIXIR),
        ("github", f"{GITHUB}/v3.7/virt/kvm/kvm_main.c"),
        ("kernel.org", f"{CGIT}/virt/kvm/kvm_main.c?h=v3.7"),
    ],
)
def test_the_address_of_a_file(provider: str, address: str) -> None:
    assert link_provider(provider).file(PIN, "virt/kvm/kvm_main.c") == address


def test_another_project_and_another_base() -> None:
    pin = Pin("qemu", "v8.2.0")
    assert link_provider("elixir", "https://elixir.example.org/x/").line(pin, "a.c", 1) == (
        "https://elixir.example.org/x/qemu/v8.2.0/source/a.c#L1"
    )
    assert link_provider("github", "https://github.com/qemu/qemu").file(pin, "a.c") == (
        "https://github.com/qemu/qemu/blob/v8.2.0/a.c"
    )


def test_readers_are_told_a_name() -> None:
    labels = {name: link_provider(name).label for name in PROVIDERS}
    assert labels == {
        "elixir": "elixir.bootlin.com",
        "github": "GitHub",
        "kernel.org": "git.kernel.org",
    }


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        link_provider("lxr")
    assert caught.value.message == "unknown link provider `lxr`"
    assert caught.value.hint == "use one of `elixir`, `github`, `kernel.org`"


@pytest.mark.parametrize("provider", PROVIDERS)
@given(path=st.text(min_size=1, max_size=20), line=st.integers(1, 10**6))
def test_no_character_of_a_path_gets_out_of_the_path(provider: str, path: str, line: int) -> None:
    path = path.encode("utf-8", "replace").decode()
    address = link_provider(provider).line(PIN, path, line, line + 3)
    parts = urlsplit(address)
    assert address.isascii()
    assert not set(address) & set(" <>\"'\\")
    assert parts.fragment in (f"L{line}-L{line + 3}", f"n{line}")
    assert parts.query in ("", "h=v3.7")
    assert "latest" not in address.replace(path, "")
    assert PIN.version in address


def test_characters_of_kernel_paths_stay_readable() -> None:
    address = link_provider("elixir").file(PIN, "tools/c++/a_b-c.d=e,f:g.h")
    assert address.endswith("/source/tools/c++/a_b-c.d=e,f:g.h")
    assert link_provider("elixir").file(PIN, "a b#c?d%.c").endswith("/a%20b%23c%3Fd%25.c")
