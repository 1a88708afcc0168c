"""Which paths may be written in a note."""

import pytest
from hypothesis import given, strategies as st

from callpath.model import (
    path_fault,
    shown,
)


@pytest.mark.parametrize(
    "path", ["Makefile", "virt/kvm/kvm_main.c", "a/.b/c", "a-b/c+d=e,f.h", "..a/b..", "a/...", "1"]
)
def test_plain_paths(path: str) -> None:
    assert path_fault(path, "the source tree") is None


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "the path is empty"),
        ("  ", "the path is empty"),
        ("/etc/passwd", "`/etc/passwd` is an absolute path"),
        ("../a.c", "`../a.c` leads upwards with `..`"),
        ("a/../../b.c", "`a/../../b.c` leads upwards with `..`"),
        ("a/..", "`a/..` leads upwards with `..`"),
        ("./a.c", "`./a.c` is not written plainly"),
        ("a//b.c", "`a//b.c` is not written plainly"),
        ("a/", "`a/` names a directory"),
        ("a\\b.c", "`a\\b.c` has a backslash"),
        (" a.c", "` a.c` has spaces around it"),
        ("a b.c", "`a b.c` has characters that a path cannot have"),
        ("a.c?x", "`a.c?x` has characters that a path cannot have"),
        ("文件.c", "`文件.c` has characters that a path cannot have"),
        ("a\nb", "`a\\nb` has characters that a path cannot have"),
        ("https://example.org/a.c", "`https://example.org/a.c` is a web address"),
    ],
)
def test_what_is_wrong_with_a_path(path: str, message: str) -> None:
    fault = path_fault(path, "the source tree")
    assert fault is not None
    assert fault[0] == message
    assert fault[1]


@given(st.text(alphabet="ab./\\~: C", max_size=10))
def test_a_path_without_fault_stays_where_it_is(path: str) -> None:
    if path_fault(path, "the source tree") is None:
        parts = path.split("/")
        assert ".." not in parts
        assert "." not in parts
        assert "" not in parts


def test_what_is_shown_of_a_text_is_one_short_line() -> None:
    assert shown("a\nb") == "`a\\nb`"
    assert shown("") == '`""`'
    assert len(shown("x" * 500)) < 70
