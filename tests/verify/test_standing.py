"""Whether a word stands in the code of a text."""

import pytest

from callpath.languages import Writing
from callpath.verify.standing import stands_in_code


@pytest.mark.parametrize(
    ("writing", "text"),
    [
        (Writing.CODE, "int word;"),
        (Writing.CODE, "/* a */ word(1);"),
        (Writing.CODE, "/* a\n word */\n#ifdef word\n"),
        (Writing.CODE, 'f("lamps/*.c", word);'),
        (Writing.CODE, 'g("lamps/*.c");\nint word;'),
        (Writing.CODE, "char c = '\"'; word();"),
        (Writing.CODE, 'f("a\\"b", word)'),
        (Writing.CODE, 'f("word")'),
        (Writing.CODE, 'f("word=%d")'),
        (Writing.CODE, 'f("word:   ")'),
        (Writing.CODE, "passwords /* word */ + word"),
        (Writing.SCRIPT, "run word # lamp"),
        (Writing.SCRIPT, "# word\nword\n"),
    ],
)
def test_code(writing: Writing, text: str) -> None:
    assert stands_in_code(text.encode(), b"word", writing)


@pytest.mark.parametrize(
    ("writing", "text"),
    [
        (Writing.CODE, "/* word */"),
        (Writing.CODE, "/* a\n * word\n */"),
        (Writing.CODE, "/* never closed word"),
        (Writing.CODE, "int a; // word"),
        (Writing.CODE, 'f("the word is")'),
        (Writing.CODE, "passwords wordy my_word"),
        (Writing.CODE, ""),
        (Writing.SCRIPT, "run # word"),
        (Writing.PROSE, "word"),
        (Writing.OPTIONS, "depends on word"),
    ],
)
def test_no_code(writing: Writing, text: str) -> None:
    assert not stands_in_code(text.encode(), b"word", writing)
