"""Checks pages, all in one run, and judges what is said of each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from callpath.checks import check_all
from callpath.findings import Finding
from callpath.model import Pin
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.sources.spec import Sources, parse_spec
from seeded_pages import Page

_OF_LOCK = ("not-locked",)


def notebook_of(texts: Mapping[str, str], pin: Pin) -> Notebook:
    """A notebook of files; reStructuredText is beside it."""
    own = {path: text.encode() for path, text in texts.items() if not path.endswith(".rst")}
    book = Notebook.load(own, PluginConfig(pin=pin))
    loose = {path: text for path, text in texts.items() if path.endswith(".rst")}
    return replace(book, loose=loose)


def named(pages: Sequence[Page]) -> dict[str, Page]:
    """The pages by the names of their files."""
    return {f"p{number:04}{page.ending}": page for number, page in enumerate(pages)}


def sources_of(specs: Mapping[str, str]) -> Sources:
    """Sources by version; the empty one is that of all."""
    every = specs.get("")
    by_version = {version: parse_spec(spec) for version, spec in specs.items() if version}
    return Sources("linux", {"linux": parse_spec(every)} if every else {}, by_version)


def findings(pages: Sequence[Page], pin: Pin, sources: Sources) -> list[list[Finding]]:
    """What is said of each page, all checked in one run."""
    files = named(pages)
    book = notebook_of({path: page.text for path, page in files.items()}, pin)
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for each in check_all(book, sources).findings:
        if each.rule not in _OF_LOCK:
            by_file[each.location.file].append(each)
    assert set(by_file) <= set(files), by_file
    return [by_file[path] for path in files]
