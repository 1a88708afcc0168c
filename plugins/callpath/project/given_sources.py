"""Where C text is, as the user says it: `--source SPEC`, also one for a version or a project."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callpath.core.errors import UsageError
from callpath.core.model import Pin
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
        return self.by_version.get(pin.version) or self.by_project.get(pin.project)

    def has(self, pin: Pin) -> bool:
        """Whether there is a source for a pin; it may still turn out to lack that version."""
        return self._spec(pin) is not None

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
    root: Path = Path(),
    access: Access | None = None,
) -> Sources:
    """The sources that the user named.

    Parameters:
        given: `SPEC` for every version of the site's own project, `VERSION=SPEC` for one version,
            `PROJECT=SPEC` for another project.
        own: The site's pin.
        versions: The versions that can be named.
        root: The folder of the site's configuration, which has the cache.
        access: How sites on the network may be asked.

    Raises:
        UsageError: Two are for the same version or project.
    """
    by_version: dict[str, str] = {}
    by_project: dict[str, str] = {}
    for each in given:
        name, equals, spec = each.partition("=")
        if not equals or ":" in name:
            name, spec = own.project, each
        is_version = name in versions
        known, kind = (by_version, "version") if is_version else (by_project, "project")
        if name in known:
            raise UsageError(
                f"there are two sources for `{name}`",
                f"name each {kind} once: `{kind.upper()}=SPEC`",
            )
        known[name] = below_root(spec, root)
    return Sources(own.project, by_project, by_version, access)
