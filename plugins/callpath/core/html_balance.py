"""Whether a piece of HTML closes what it opens, as a browser would see it. Knows no Markdown."""

from html.parser import HTMLParser

_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
# HTML lets these be closed by what follows them, or by the end of the element around them.
_CLOSED_BY_OTHERS = frozenset(
    "p li dt dd tr td th thead tbody tfoot caption colgroup option optgroup".split()  # noqa: SIM905
)
_FOREIGN = frozenset({"svg", "math"})


def imbalance(html: str) -> str:
    """The first tag that breaks the balance: `<div>` or `</div>`; empty when there is none."""
    parser = _Balance(convert_charrefs=True)
    parser.feed(html)
    parser.close()
    return parser.fault or parser.still_open()


class _Balance(HTMLParser):
    """Keeps the elements that are open.

    Attributes:
        fault: The first tag that closes what is not open, or is closed over.
    """

    fault = ""

    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element starts."""
        del attrs
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<path/>` is an element without content in SVG; in HTML the slash counts for nothing."""
        if not _FOREIGN.intersection(self._open):
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """An element ends, and with it those inside it."""
        if tag not in self._open:
            if tag not in _VOID:
                self.fault = self.fault or f"</{tag}>"
            return
        while (inner := self._open.pop()) != tag:
            if inner not in _CLOSED_BY_OTHERS:
                self.fault = self.fault or f"<{inner}>"

    def still_open(self) -> str:
        """The outermost element that is open at the end, or nothing."""
        left = [tag for tag in self._open if tag not in _CLOSED_BY_OTHERS]
        return f"<{left[0]}>" if left else ""
