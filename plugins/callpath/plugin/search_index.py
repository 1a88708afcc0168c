"""The search index of the built site: made shorter without a word lost, and asked for words."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shutil import copyfile
from typing import Any

from mkdocs.config.defaults import MkDocsConfig

from callpath import rules
from callpath.findings import Finding, Location
from callpath.site.templates import templates_folder

_DEFAULT_SEPARATOR = r"[\s\-]+"
_TAG = re.compile(r"<[^>]*>")


def words_without_page(index: Mapping[str, Any], words: Sequence[str]) -> tuple[str, ...]:
    """The words for which a search would find no page, given the loaded `search_index.json`.

    Raises ValueError if the index has another form, or its separator is no regular expression.
    """
    try:
        separator = re.compile(index.get("config", {}).get("separator") or _DEFAULT_SEPARATOR)
        pages = [frozenset(_tokens(page, separator)) for page in index["docs"]]
    except (KeyError, TypeError, AttributeError, re.error) as error:
        raise ValueError(f"the search index cannot be read: {error}") from error
    said = index.get("config", {})
    if "min_search_length" in said and "zh" in said.get("lang", ()):  # MkDocs' own search
        texts = [page.get("text", "") + page.get("title", "") for page in index["docs"]]
        words = [word for word in words if word.isascii() or not any(word in it for it in texts)]
    return tuple(word for word in words if not _found(word, pages, separator))


def _tokens(page: Mapping[str, Any], separator: re.Pattern[str]) -> Iterator[str]:
    for text in (page.get("title", ""), page.get("text", "")):
        plain = html.unescape(_TAG.sub(" ", text)).lower()
        yield from (token for token in separator.split(plain) if token)


def _found(word: str, pages: Sequence[frozenset[str]], separator: re.Pattern[str]) -> bool:
    parts = [part for part in separator.split(word.lower()) if part]
    return bool(parts) and any(all(_in(part, page) for part in parts) for page in pages)


def _in(part: str, page: frozenset[str]) -> bool:
    """Whether a page has a token that starts with the part, or all that the part is made of."""
    if part in page or any(token.startswith(part) for token in page):
        return True
    if part.isascii():
        return False
    reachable = [True] + [False] * len(part)
    for end in range(1, len(part) + 1):
        reachable[end] = any(reachable[start] and part[start:end] in page for start in range(end))
    return reachable[-1]


_CHINESE_SCRIPT = Path("search", "lunr.zh.js")
_CHINESE_LENGTH = 2  # characters of most words


def _replace_script_for_chinese(site: Path) -> bool:
    """Put ours in the place of the script for Chinese of MkDocs' own search, if it is there.

    lunr-languages' `lunr.zh.js`, in MkDocs 1.6.1 and ProperDocs 1.6.7, cuts words by a package of
    Node that a page cannot load: the search finds nothing, English words neither.
    """
    if is_there := (site / _CHINESE_SCRIPT).is_file():
        copyfile(templates_folder() / _CHINESE_SCRIPT, site / _CHINESE_SCRIPT)
    return is_there


_CODE = re.compile("(?:(?<=(.))|^)<code>([^<>]*)</code>(?=(.?))", re.DOTALL)
_PARAGRAPH = re.compile("<(p|li)>.*?</\\1>", re.DOTALL)
_PARAGRAPH_TAG = re.compile("</?p>")
_AROUND_BLOCKS = re.compile(r"\s*(</?(?:p|li|ul|ol)>)\s*")
_ONE_LINE = 120  # characters of a text that is shown whole for each hit
_BETWEEN_WORDS = re.compile(r"^\u200b+|\u200b+(?=[^\w\u200b]|$)|(?<=[^\w\u200b])\u200b+")


def shortened_index(config: MkDocsConfig) -> dict[str, Any]:
    """Rewrite the search index of the built site in a shorter form; return it, or {} if absent.

    Every page loads it. MkDocs escapes what is not ASCII: Chinese is twice as long then. Material
    keeps elements that only dress a hit, and parts words that are parted anyway. What makes an
    entry found, and so its place among the hits, stays as it is.
    """
    file = Path(config.site_dir) / "search" / "search_index.json"
    if not file.is_file():
        return {}
    index: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if _replace_script_for_chinese(Path(config.site_dir)):
        said = index["config"]
        said["min_search_length"] = min(said["min_search_length"], _CHINESE_LENGTH)
    try:
        separator = re.compile(index.get("config", {}).get("separator") or _DEFAULT_SEPARATOR)
    except re.error:
        separator = None  # one that only browsers understand
    if separator is not None:
        for entry in index.get("docs", ()):
            for name in ("title", "text"):
                entry[name] = shortened(entry[name], separator, is_title=name == "title")
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    file.write_text(text, encoding="utf-8")
    return index


def shortened(text: str, separator: re.Pattern[str], *, is_title: bool = False) -> str:
    """A title or a text of an entry with the same words, in fewer characters.

    Parameters:
        text: Words between tags, as Material's search has it.
        separator: What is between words.
        is_title: Whether it is shown whole, and not the paragraphs that a hit is in.
    """
    undressed = _undressed(text, separator, is_title=is_title)
    for shorter in (undressed, _BETWEEN_WORDS.sub("", undressed)):
        if shorter != text and _parted(shorter, separator) == _parted(text, separator):
            text = shorter
    return text


def _parted(text: str, separator: re.Pattern[str]) -> list[str]:
    """The words of a text in their order; a tag ends a word too."""
    return [word for part in _TAG.split(text) for word in separator.split(part) if word]


def _undressed(text: str, separator: re.Pattern[str], *, is_title: bool) -> str:
    """A text without the mark of code where that parts no words, a short one without paragraphs."""

    def plain(match: re.Match[str]) -> str:
        before, code, after = match.groups()
        is_apart = all(
            not each or each in "<>" or separator.fullmatch(each) for each in (before, after)
        )
        return code if is_apart else match[0]

    if is_title:
        return _CODE.sub(plain, text)
    if "<pre" in text:
        return text
    words = _PARAGRAPH_TAG.sub(" ", _CODE.sub(plain, text))
    if len(words) <= _ONE_LINE and "<" not in words:
        return " ".join(words.split())
    found = _PARAGRAPH.sub(lambda match: _CODE.sub(plain, match[0]), text)
    return _AROUND_BLOCKS.sub("\\1", found)


def missing_words(
    index: Mapping[str, Any], location: Location, words: Sequence[str]
) -> Iterator[Finding]:
    """A finding for each word for which search finds no page; none without a search index."""
    for word in words_without_page(index, words) if index and words else ():
        yield rules.SEARCH_WORD_NOT_FOUND.at(
            location,
            f"search finds no page for `{word}`",
            "set the `separator` of the search plugin, and install `jieba` for Chinese",
        )
