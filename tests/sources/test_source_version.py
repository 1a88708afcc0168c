"""The version that a kernel's Makefile states."""

import pytest

from callpath.projects import LINUX


def makefile(*values: str) -> bytes:
    names = ("VERSION", "PATCHLEVEL", "SUBLEVEL", "EXTRAVERSION")
    return "".join(
        f"{name} = {value}\n" for name, value in zip(names, values, strict=False)
    ).encode()


@pytest.mark.parametrize(
    ("values", "version"),
    [
        (("3", "7", "0", ""), "v3.7"),
        (("3", "7", "0", "-rc1"), "v3.7-rc1"),
        (("3", "7", "10", ""), "v3.7.10"),
        (("2", "6", "25", ""), "v2.6.25"),
        (("2", "6", "25", ".20"), "v2.6.25.20"),
        (("2", "6", "0", "-test1"), "v2.6.0-test1"),
        (("6", "12", "0", ""), "v6.12"),
        (("3", "7"), "v3.7"),
        (("3",), None),
        ((), None),
        (("x", "7", "0"), None),
        (("3", "", "0"), None),
    ],
)
def test_the_parts_make_a_tag(values: tuple[str, ...], version: str | None) -> None:
    text = b"# SPDX-License-Identifier: GPL-2.0\n" + makefile(*values) + b"NAME = X\n"
    assert LINUX.read_version(text) == version
    assert LINUX.read_version(text.replace(b"\n", b"\r\n")) == version


def test_only_the_first_assignment_counts() -> None:
    assert LINUX.read_version(makefile("3", "7", "0") + b"VERSION = 9\n") == "v3.7"


def test_what_is_computed_is_not_told() -> None:
    assert LINUX.read_version(b"VERSION = $(shell cat version)\nPATCHLEVEL = 1\n") is None
