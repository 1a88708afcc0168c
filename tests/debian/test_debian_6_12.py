"""A note of KVM's initialisation is proved, edge by edge, on Debian's source of Linux 6.12."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from debian_source import NOTE, pin_of

from callpath.c.file import (
    CodeFile,
    read_code,
)
from callpath.facts.lock import LockedEdge
from callpath.facts.proof import (
    EdgeStatus,
    Proof,
)
from callpath.model import (
    SymbolKind,
    visits,
)
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.sources.base import (
    FileText,
    Source,
)
from callpath.sources.spec import open_source, parse_spec
from callpath.verify.examine import (
    Examined,
    examine,
)

pytestmark = pytest.mark.oracle

SVM = "arch/x86/kvm/svm/svm.c"


@pytest.fixture(scope="module")
def source(linux_6_12: Path) -> Iterator[Source]:
    with open_source(parse_spec(f"tree:{linux_6_12}"), pin_of(linux_6_12)) as opened:
        yield opened


@pytest.fixture(scope="module")
def notebook(source: Source) -> Notebook:
    files = {"kvm.yml": NOTE.read_bytes()}
    return Notebook.load(files, PluginConfig(pin=source.pin))


@pytest.fixture(scope="module")
def examined(notebook: Notebook, source: Source) -> Examined:
    return examine(notebook.references, notebook.edges, lambda pin: source)


@pytest.fixture(scope="module")
def edges(examined: Examined) -> dict[tuple[str, str], LockedEdge]:
    stated = {edge.stated: edge for edge in examined.lock.edges}
    return {(each.caller.name, each.callee.name): edge for each, edge in stated.items()}


def test_every_edge_of_the_note_is_proved(notebook: Notebook, examined: Examined) -> None:
    assert notebook.findings == ()
    assert examined.findings == ()
    assert len(notebook.edges) >= 25
    asserted = [
        step for note in notebook.notes.values() for step in visits(note) if step.step.asserted
    ]
    assert len(asserted) <= 2
    statuses = [edge.verdict.status for edge in examined.lock.edges]
    assert len(statuses) == len(notebook.edges)
    assert statuses.count(EdgeStatus.PROVED) == len(notebook.edges) - len(asserted)


def test_the_way_to_the_hardware_setup_is_connected(
    edges: dict[tuple[str, str], LockedEdge],
) -> None:
    assert edges["svm_init", "kvm_x86_vendor_init"].verdict.proof is Proof.CALL
    setup = edges["kvm_x86_vendor_init", "svm_hardware_setup"]
    assert setup.stated.via == "ops->hardware_setup"
    assert setup.verdict.proof is Proof.POINTER
    assert setup.verdict.sites[-1].name == "svm_init_ops"


def test_the_way_from_kvm_init_to_a_vcpu_is_connected(notebook: Notebook) -> None:
    (note,) = notebook.notes.values()
    above = {visit.step.id: visit.parent for visit in visits(note)}
    step = next(visit.step for visit in visits(note) if visit.step.id == "svm_vcpu_create")
    way = [step.symbol.name]
    while (parent := above[step.id]) is not None:
        step = parent
        way.append(step.symbol.name)
    assert way == [
        "svm_vcpu_create",
        "kvm_arch_vcpu_create",
        "kvm_vm_ioctl_create_vcpu",
        "kvm_vm_ioctl",
        "kvm_vm_fops",
        "kvm_dev_ioctl_create_vm",
        "kvm_dev_ioctl",
        "misc_register",
        "kvm_init",
        "svm_init",
        "module_init",
    ]


def test_the_initialisers_of_svm_x86_ops_resolve(source: Source) -> None:
    """At least 95 % of what the table binds has a definition, somewhere in the tree."""
    svm = _code(source, SVM)
    (table,) = [each for each in svm.named("svm_x86_ops") if each.kind is SymbolKind.VARIABLE]
    bound = {
        binding.target
        for binding in svm.body(table).bindings
        if binding.member and binding.member != "name"
    }
    assert len(bound) > 90
    places = source.find_words(sorted(bound))
    lost = {name for name in bound if not _is_defined(source, name, places[name])}
    assert len(lost) <= len(bound) * 0.05, sorted(lost)


def _is_defined(source: Source, name: str, paths: Iterator[str] | tuple[str, ...]) -> bool:
    in_kvm = [path for path in paths if path.startswith(("arch/x86/kvm/", "virt/kvm/"))]
    kinds = (SymbolKind.FUNCTION, SymbolKind.MACRO)
    return any(found.kind in kinds for path in in_kvm for found in _code(source, path).named(name))


_PARSED: dict[str, CodeFile] = {}


def _code(source: Source, path: str) -> CodeFile:
    if path not in _PARSED:
        (text,) = source.read([path])
        assert isinstance(text, FileText)
        _PARSED[path] = read_code(path, text.data)
    return _PARSED[path]
