"""How much room a text takes."""

import pytest

from callpath.site.notes import text_size


@pytest.mark.parametrize(
    ("html", "size"),
    [
        ("", 0),
        ("<p></p>", 16),
        ("<p>四个汉字</p>", 16 + 4),
        ("<p>six <code>ab</code></p>", 16 + 3),
        ("<p>&lt;a&gt;</p>", 16 + 1),
        ("<ul><li>一</li><li>二</li></ul>", 32 + 2),
        ("<table><tr><td>一</td></tr></table>", 16 + 1),
        ("<pre>ab</pre>", 16 + 1),
        ("<param><link>", 0),
    ],
)
def test_letters_count_by_their_width_and_blocks_by_their_margins(html: str, size: int) -> None:
    assert text_size(html) == size


def test_several_texts_take_the_room_of_all() -> None:
    texts = ("<p>一</p>", "<p>一二</p>")
    assert text_size(*texts) == sum(map(text_size, texts))
