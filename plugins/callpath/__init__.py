"""Reading notes on source code, proved against the source.

    import callpath

    notebook = callpath.open_notebook("mkdocs.yml")
    for finding in notebook.check():
        print(finding.location, finding.rule, finding.message)

Every name of `__all__` is public; nothing is imported before one of them is asked for. What makes
it impossible to go on is a `CallpathError`:

    CallpathError
    ├── UsageError     the caller asked for something that cannot be
    ├── SettingsError  the site's settings cannot be used
    ├── LockfileError  the lockfile cannot be read
    ├── ErasError      the eras file cannot be read
    ├── SourceError    a source cannot be opened, or broke while it was read
    └── EngineError    no graph engine could draw
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from callpath.api import (
        CFile,
        NotebookLock as Lock,
        NoteGraph as Graph,
        OpenNote as Note,
        OpenNotebook as Notebook,
        open_documents,
        open_notebook,
        open_source,
        read_c,
    )
    from callpath.drift.match import Drift
    from callpath.facts.proof import Proof, Verdict
    from callpath.findings import (
        CallpathError,
        EngineError,
        ErasError,
        Finding,
        Location,
        LockfileError,
        Rule,
        SettingsError,
        Severity,
        SourceError,
        UsageError,
    )
    from callpath.model import Definition, Edge, Pin, Symbol
    from callpath.notebook import StepPlace as Step
    from callpath.rules import RULES
    from callpath.settings import PluginConfig
    from callpath.sources.base import FileText, Source

__all__ = [
    "RULES",
    "CFile",
    "CallpathError",
    "Definition",
    "Drift",
    "Edge",
    "EngineError",
    "ErasError",
    "FileText",
    "Finding",
    "Graph",
    "Location",
    "Lock",
    "LockfileError",
    "Note",
    "Notebook",
    "Pin",
    "PluginConfig",
    "Proof",
    "Rule",
    "SettingsError",
    "Severity",
    "Source",
    "SourceError",
    "Step",
    "Symbol",
    "UsageError",
    "Verdict",
    "open_documents",
    "open_notebook",
    "open_source",
    "read_c",
]

_MODULES = (
    *("findings", "model", "rules", "facts.proof", "settings"),
    *("sources.base", "api", "drift.match"),
)
"""Where the public names are, cheapest import first."""

_INNER_NAMES = {
    "Graph": "NoteGraph",
    "Lock": "NotebookLock",
    "Note": "OpenNote",
    "Notebook": "OpenNotebook",
    "Step": "StepPlace",
}


def __getattr__(name: str) -> Any:
    if name in __all__:
        inner = _INNER_NAMES.get(name, name)
        for module in _MODULES:
            found = getattr(import_module(f"callpath.{module}"), inner, None)
            if found is not None:
                globals()[name] = found
                return found
    raise AttributeError(f"module `callpath` has no attribute `{name}`")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
