"""The lines of a file, whatever its bytes are."""

import pytest

from callpath.site.code import file_lines


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"a\nb\n", ("a", "b")),
        (b"a\nb", ("a", "b")),
        (b"a\r\nb\r\n", ("a", "b")),
        (b"a\n\n", ("a", "")),
        (b"\ta\n", ("\ta",)),
        # No line ends but at a line feed: the line numbers are git's.
        (b"a\fb\vc\x1cd\n", ("a\ufffdb\ufffdc\ufffdd",)),
        ("a\u2028b\x85c\n".encode(), ("a\ufffdb\ufffdc",)),
        (b"Andr\xe9\n", ("Andr\ufffd",)),
        ("作者\n".encode(), ("作者",)),
        # What would show the text in another order than it has.
        ("a \u202e b\u2066\n".encode(), ("a \ufffd b\ufffd",)),
        (b"a\0b\x1b[31m\n", ("a\ufffdb\ufffd[31m",)),
        (b"\xed\xa0\x80\n", ("\ufffd\ufffd\ufffd",)),
        ("\U0001ffff\ufdd0\n".encode(), ("\ufffd\ufffd",)),
    ],
)
def test_lines(data: bytes, lines: tuple[str, ...]) -> None:
    assert file_lines(data) == lines
