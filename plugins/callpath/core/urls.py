"""Addresses of source lines at a link provider. Every address names a version, never `latest`.

The forms are those that the providers document: elixir `#L10-L20`, GitHub `#L10-L20`,
cgit at git.kernel.org `#n10` (it has no ranges).
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from callpath.core.errors import SettingsError
from callpath.core.model import Pin

_SAFE_IN_PATH = "/+,=:"


@dataclass(frozen=True, slots=True)
class LinkProvider:
    """Where links to the source lead.

    Attributes:
        name: How the settings name it.
        label: How readers call it.
        base: Address without a trailing slash.
    """

    name: str
    label: str
    base: str
    _form: Callable[[str, Pin, str, int, int], str]

    def line(self, pin: Pin, path: str, line: int, end: int = 0) -> str:
        """The address of a line, or of a range of lines when `end` is larger than `line`.

        Parameters:
            pin: The tree.
            path: File in the tree.
            line: First line, 1-based.
            end: Last line, inclusive; 0 for a single line.
        """
        return self._form(self.base, pin, quote(path, safe=_SAFE_IN_PATH), line, end)

    def file(self, pin: Pin, path: str) -> str:
        """The address of a whole file."""
        return self.line(pin, path, 0).partition("#")[0]


def _range(prefix: str, line: int, end: int) -> str:
    return f"#{prefix}{line}-{prefix}{end}" if end > line else f"#{prefix}{line}"


def _elixir(base: str, pin: Pin, path: str, line: int, end: int) -> str:
    return f"{base}/{pin.project}/{pin.version}/source/{path}{_range('L', line, end)}"


def _github(base: str, pin: Pin, path: str, line: int, end: int) -> str:
    return f"{base}/blob/{pin.commit or pin.version}/{path}{_range('L', line, end)}"


def _cgit(base: str, pin: Pin, path: str, line: int, end: int) -> str:
    del end
    revision = f"id={pin.commit}" if pin.commit else f"h={pin.version}"
    return f"{base}/tree/{path}?{revision}#n{line}"


_PROVIDERS = {
    provider.name: provider
    for provider in (
        LinkProvider("elixir", "elixir.bootlin.com", "https://elixir.bootlin.com", _elixir),
        LinkProvider("github", "GitHub", "https://github.com/torvalds/linux", _github),
        LinkProvider(
            "kernel.org",
            "git.kernel.org",
            "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git",
            _cgit,
        ),
    )
}

PROVIDER_NAMES = tuple(_PROVIDERS)


def link_provider(name: str, base: str = "") -> LinkProvider:
    """The provider of that name, at another address when `base` is given.

    Raises:
        SettingsError: There is no such provider.
    """
    known = _PROVIDERS.get(name)
    if known is None:
        names = ", ".join(f"`{provider}`" for provider in _PROVIDERS)
        raise SettingsError(f"`{name}` is no link provider", f"use one of {names}")
    return LinkProvider(known.name, known.label, base.rstrip("/") or known.base, known._form)
