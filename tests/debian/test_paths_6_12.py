"""Ways through Linux 6.12 are proved from end to end, on Debian's source."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from debian_source import PATHS, pin_of

from callpath.facts.proof import EdgeStatus
from callpath.model import Edge, Pin
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.sources.base import Source
from callpath.sources.spec import open_source, parse_spec
from callpath.verify.examine import Examined, examine

pytestmark = pytest.mark.oracle

NOTEBOOK = Notebook.load({"paths.yml": PATHS.read_bytes()}, PluginConfig(pin=Pin("linux", "v6.12")))


@pytest.fixture(scope="module")
def source(linux_6_12: Path) -> Iterator[Source]:
    with open_source(parse_spec(f"tree:{linux_6_12}"), pin_of(linux_6_12)) as opened:
        yield opened


@pytest.fixture(scope="module")
def examined(source: Source) -> Examined:
    notebook = Notebook.load({"paths.yml": PATHS.read_bytes()}, PluginConfig(pin=source.pin))
    return examine(notebook.references, notebook.edges, lambda pin: source)


def test_the_ways_are_read() -> None:
    assert NOTEBOOK.findings == ()
    assert len(NOTEBOOK.edges) >= 15


@pytest.mark.parametrize("edge", NOTEBOOK.edges, ids=lambda edge: edge_name(edge))
def test_a_step_of_a_way_is_proved(edge: Edge, examined: Examined) -> None:
    found = [
        each.verdict
        for each in examined.lock.edges
        if (each.stated.caller.name, each.stated.callee.name)
        == (edge.caller.symbol.name, edge.callee.symbol.name)
    ]
    said = [str(finding) for finding in examined.findings if finding.location == edge.location]
    assert [each.status for each in found] == [EdgeStatus.PROVED] * len(found), said
    assert found, said


def edge_name(edge: Edge) -> str:
    """The two ends, for the name of a test."""
    return f"{edge.caller.symbol.name}-{edge.callee.symbol.name}"
