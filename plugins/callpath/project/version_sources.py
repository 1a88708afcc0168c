"""Where the sources of several versions are: `--source SPEC`, also one for each version."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from callpath.core.errors import UsageError
from callpath.core.model import Pin
from callpath.project.checking import parse_specs
from callpath.sources import Access, Source, below_root, open_source


def version_opener(
    given: Iterable[str],
    own: Pin,
    versions: Collection[str],
    root: Path = Path(),
    access: Access | None = None,
) -> Callable[[Pin], Source]:
    """A function that opens the source for a pin.

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
    others: list[str] = []
    for each in given:
        version, equals, spec = each.partition("=")
        if not equals or version not in versions:
            others.append(each)
        elif version in by_version:
            raise UsageError(
                f"there are two sources for `{version}`", "name each version once: `VERSION=SPEC`"
            )
        else:
            by_version[version] = below_root(spec, root)
    by_project = parse_specs(others, own, root)

    def open_for(pin: Pin) -> Source:
        spec = by_version.get(pin.version) or by_project.get(pin.project)
        if spec is None:
            raise UsageError(
                f"there is no source for `{pin.project}` {pin.version}",
                f"add `--source {pin.version}=SPEC`",
            )
        return open_source(spec, pin, access)

    return open_for
