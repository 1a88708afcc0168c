"""A source as another package would bring it: a zip file, `zip:FILE`."""

import stat
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from callpath.languages import LISTED
from callpath.model import Pin
from callpath.sources.base import (
    Entry,
    EntryKind,
    Listing,
    ReadResult,
    Source,
    SourceSpec,
    text_of,
)


class ZipSource(Source):
    searchable = True

    def __init__(self, spec: SourceSpec, pin: Pin) -> None:
        super().__init__(spec, pin)
        self._file = ZipFile(spec.place)
        self._listing = Listing({info.filename: self._entry(info) for info in self._file.filelist})

    def _entry(self, info: ZipInfo) -> Entry:
        if stat.S_ISLNK(info.external_attr >> 16):
            return Entry(EntryKind.LINK, content=self._file.read(info).decode())
        return Entry(EntryKind.FILE, info.file_size)

    def read_one(self, path: str) -> ReadResult:
        place = self._listing.locate(path)
        return text_of(path, self._file.read(place)) if isinstance(place, str) else place

    def listing(self) -> Listing:
        return self._listing

    def paths(self) -> Sequence[str]:
        return self._listing.files(LISTED)

    def close(self) -> None:
        self._file.close()


def write_zip(file: Path, names: dict[str, bytes | str]) -> Path:
    """A value of bytes is a file, a text is a link's target."""
    with ZipFile(file, "w") as written:
        for name, value in names.items():
            info = ZipInfo(name)
            if isinstance(value, str):
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            written.writestr(info, value)
    return file


def install(folder: Path) -> None:
    """Write what pip writes for a package that brings this source."""
    info = folder / "callpath_zip-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: callpath-zip\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[callpath.sources]\nzip = zip_source:ZipSource\nbroken = zip_source:nothing\n"
    )
