"""The option `--baseline`: findings that are known are not told, and their file only shrinks."""

import os
from collections.abc import Sequence
from pathlib import Path

import click
from msgspec import Struct

from callpath.checks import MENTION_RULES, UNJUDGED, CheckResult
from callpath.facts.baseline import (
    Baseline,
    KnownFinding,
    compare,
    format_baseline,
    parse_baseline,
    updated,
)
from callpath.files import write_atomically
from callpath.findings import Finding, SettingsError, UsageError, is_at, reason


class KnownFindings(Struct, frozen=True):
    """A file of findings that are known.

    Attributes:
        paths: The files and folders that were asked for; none means all.
        read_only: Whether the file may not be written, as in CI.
    """

    file: Path
    paths: Sequence[str] = ()
    read_only: bool = False

    def new(self, result: CheckResult, found: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings that are not known; those that are gone leave the file."""
        known = self._read()
        if known is None:
            raise UsageError(
                f"there is no baseline `{self.file}`", "write it with `--update-baseline`"
            )
        matter = _Matter(result, self.paths)
        compared = compare(known, found, matter.identify, matter.is_settled)
        if compared.gone:
            self._shrink(compared.left, compared.gone)
        return compared.new

    def update(self, result: CheckResult, found: Sequence[Finding]) -> None:
        """Write all that was found into the file."""
        matter = _Matter(result, self.paths)
        known = updated(self._read() or Baseline(), found, matter.identify, matter.is_settled)
        self._write(known)
        click.echo(f"`{self.file}` has {_findings(known.total())}", err=True)

    def _shrink(self, left: Baseline, gone: int) -> None:
        are = f"{_findings(gone)} of `{self.file}` {'is' if gone == 1 else 'are'} gone"
        if self.read_only:
            click.echo(f"{are}: check it outside CI, and commit the file", err=True)
        else:
            self._write(left)
            click.echo(f"{are}; {left.total()} left", err=True)

    def _read(self) -> Baseline | None:
        try:
            text = self.file.read_bytes().decode("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"cannot read `{self.file}`: {reason(error)}") from error
        return parse_baseline(str(self.file), text)

    def _write(self, known: Baseline) -> None:
        try:
            write_atomically(self.file, format_baseline(known))
        except OSError as error:
            raise SettingsError(f"cannot write `{self.file}`: {reason(error)}") from error


def is_in_ci() -> bool:
    """Whether this runs in CI, where what is written is lost."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


class _Matter:
    """What a check looked at."""

    def __init__(self, result: CheckResult, paths: Sequence[str]) -> None:
        self._result, self._paths = result, paths
        self._open = {
            (one.placed.location.file, one.placed.written)
            for one in result.judgements
            if one.verdict in UNJUDGED
        }

    def identify(self, finding: Finding) -> KnownFinding:
        """What identifies a finding: its reference as it is written, else its message."""
        text = self._result.reference(finding) or finding.message
        return KnownFinding(finding.location.file, finding.rule, text)

    def is_settled(self, known: KnownFinding) -> bool:
        """Whether the check would have found it if it were still there."""
        is_judged = self._result.has_source or known.rule in MENTION_RULES
        is_asked = is_at(known.file, self._paths)
        return is_judged and is_asked and (known.file, known.text) not in self._open


def _findings(count: int) -> str:
    return f"{count:,} finding{'' if count == 1 else 's'}"
