"""Where C text is, as the user says it: `--source SPEC`, also one for a version or a project."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callpath.core.errors import UsageError
from callpath.core.model import Pin
from callpath.core.resolver import nearest
from callpath.sources import Access, Source, below_root, open_source


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources that the user named.

    Attributes:
        project: The site's own project.
        by_project: Project → SPEC.
        by_version: Version → SPEC; it goes before that of the project.
        access: How sites on the network may be asked.
    """

    project: str
    by_project: Mapping[str, str] = field(default_factory=dict)
    by_version: Mapping[str, str] = field(default_factory=dict)
    access: Access | None = None

    def _spec(self, pin: Pin) -> str | None:
        own = self.by_version.get(pin.version) if pin.project == self.project else None
        return own or self.by_project.get(pin.project)

    def has(self, pin: Pin) -> bool:
        """Whether there is a source for a pin; it may still turn out to lack that version."""
        return self._spec(pin) is not None

    def one_tree(self, pin: Pin, other: Pin) -> str:
        """The SPEC that two versions share though it is one tree which tells no version; or empty.

        A kernel's tree says which version it is; of other code bases nobody can tell.
        """
        spec = self._spec(pin)
        shared = spec is not None and spec == self._spec(other) and pin.project != "linux"
        kind, _, place = (spec or "").partition(":")
        is_tree = kind in ("tree", "archive") or (kind == "git" and "@" in place)
        return spec or "" if shared and is_tree else ""

    def open(self, pin: Pin) -> Source:
        """Open the source for a pin; the caller closes it.

        Raises:
            UsageError: There is none.
            SourceError: It cannot be opened.
        """
        spec = self._spec(pin)
        if spec is None:
            name = pin.version if pin.project == self.project else pin.project
            raise UsageError(
                f"there is no source for `{pin.project}` {pin.version}",
                f"add `--source {name}=SPEC`",
            )
        return open_source(spec, pin, self.access)


def given_sources(
    given: Iterable[str],
    own: Pin,
    versions: Collection[str] = (),
    projects: Collection[str] | None = None,
    root: Path = Path(),
    access: Access | None = None,
) -> Sources:
    """The sources that the user named.

    Parameters:
        given: `SPEC` for every version of the site's own project, `VERSION=SPEC` for one version,
            `PROJECT=SPEC` for another project.
        own: The site's pin.
        versions: The versions of the site's own project that can be named.
        projects: The projects that can be named; any when it is not given.
        root: The folder of the site's configuration, which has the cache.
        access: How sites on the network may be asked.

    Raises:
        UsageError: Two are for the same version or project, or one is for neither.
    """
    by_version: dict[str, str] = {}
    by_project: dict[str, str] = {}
    for each in given:
        name, equals, spec = each.partition("=")
        if not equals or ":" in name:
            name, spec = own.project, each
        is_version = name in versions
        if not is_version and projects is not None and name not in {own.project, *projects}:
            raise _no_such(name, [*versions, *projects])
        known, kind = (by_version, "version") if is_version else (by_project, "project")
        if name in known:
            raise UsageError(
                f"there are two sources for `{name}`",
                f"name each {kind} once: `{kind.upper()}=SPEC`",
            )
        known[name] = below_root(spec, root)
    return Sources(own.project, by_project, by_version, access)


def _no_such(name: str, known: Collection[str]) -> UsageError:
    near = nearest(name, sorted(known), limit=1)
    return UsageError(
        f"`{name}` is neither a version nor a project of the notebook",
        f"did you mean `{near[0]}`?" if near else "name one that the notes speak of, or `versions`",
    )
