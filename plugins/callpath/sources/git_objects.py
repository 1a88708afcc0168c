"""Reading blobs and trees of a git repository by their ids, with one process for all blobs."""

import subprocess
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO, NoReturn

from callpath.core.errors import SourceError
from callpath.sources.content import LARGEST
from callpath.sources.git_process import Repository
from callpath.sources.listing import Entry, EntryKind

_AT_ONCE = 64
"""Questions sent before the answers are read; so many fit into a pipe, so nobody waits for ever."""

_CHUNK = 1 << 20

KINDS = {
    b"100644": EntryKind.FILE,
    b"100664": EntryKind.FILE,
    b"100755": EntryKind.FILE,
    b"120000": EntryKind.LINK,
    b"160000": EntryKind.SUBMODULE,
}
"""What a mode of a tree's entry says."""


class BlobReader:
    """A long-lived `git cat-file --batch`, started when it is first needed.

    Parameters:
        repository: Where the blobs are.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._process: subprocess.Popen[bytes] | None = None

    def contents(self, blobs: Iterable[str]) -> Iterator[bytes | None]:
        """The bytes of each blob in turn; nothing for one that is larger than `LARGEST`.

        Raises:
            SourceError: A blob is missing, or git stopped.
        """
        remaining = iter(blobs)
        # All answers to one lot are taken before the first is given, so that a caller who stops
        # in the middle, or reads two things at once, finds the process in order.
        while lot := list(islice(remaining, _AT_ONCE)):
            yield from self._answers(lot)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
            process.wait()

    def _answers(self, blobs: list[str]) -> list[bytes | None]:
        if self._process is None:
            self._process = self._repository.start("cat-file", "--batch")
        questions, answers = self._process.stdin, self._process.stdout
        if questions is None or answers is None:  # pragma: no cover - both are pipes
            raise SourceError("git cannot be talked to")
        try:
            questions.write("".join(f"{blob}\n" for blob in blobs).encode())
            questions.flush()
        except OSError as error:
            self._stopped(blobs[0], error)
        return [self._answer(blob, answers) for blob in blobs]

    def _answer(self, blob: str, answers: IO[bytes]) -> bytes | None:
        header = answers.readline().split()
        if header[1:] == [b"missing"]:
            self.close()
            raise SourceError(
                f"`{self._repository.place}` lacks blob `{blob}`, which its tree names: it is "
                "damaged, or a copy of a part",
                f"name a whole clone; `git -C {self._repository.place} fsck` tells what is lacking",
            )
        if len(header) != 3 or header[1] != b"blob":
            self._stopped(blob, None)
        size = int(header[2])
        if size <= LARGEST:
            data = answers.read(size + 1)
            if len(data) != size + 1:
                self._stopped(blob, None)
            return data[:-1]
        left = size + 1
        while left and (chunk := answers.read(min(left, _CHUNK))):
            left -= len(chunk)
        return None

    def _stopped(self, blob: str, error: Exception | None) -> NoReturn:
        self.close()
        raise SourceError(
            f"`{self._repository.place}` is damaged: blob `{blob}` cannot be read",
            f"`git -C {self._repository.place} fsck` says what is wrong",
        ) from error


def is_partial(repository: Repository) -> bool:
    """Whether the repository is a partial clone, which may lack blobs."""
    asked = r"^(extensions\.partialclone|remote\..*\.promisor)$"
    return bool(repository.run("config", "--get-regexp", asked).text)


def missing_objects(repository: Repository, tree: str) -> frozenset[str]:
    """The ids of what a tree names and a partial clone lacks."""
    listed = repository.run("rev-list", "--objects", "--no-walk", "--missing=print", tree)
    lines = listed.data.decode("ascii", "replace").splitlines()
    return frozenset(line[1:] for line in lines if line.startswith("?"))


def tree_entries(repository: Repository, tree: str, *, sizes: bool) -> dict[str, Entry]:
    """Everything that stands in a tree.

    Parameters:
        repository: Where the tree is.
        tree: Its id.
        sizes: Whether sizes are wanted; a partial clone cannot tell them.

    Raises:
        SourceError: A part of the tree is missing.
    """
    options = ["-r", "-z", *(["-l"] if sizes else [])]
    listed = repository.run("ls-tree", *options, tree)
    if not listed.ok:
        raise SourceError(
            f"`{repository.place}` cannot list the tree `{tree}`: {listed.complaint}",
            "fetch it, or use a clone made without `--filter=tree:0`",
        )
    entries: dict[str, Entry] = {}
    for line in listed.data.split(b"\0")[:-1]:
        about, _, path = line.partition(b"\t")
        mode, _, blob, *rest = about.split()
        size = int(rest[0]) if rest and rest[0].isdigit() else -1
        kind = KINDS.get(mode, EntryKind.SPECIAL)
        entries[path.decode("utf-8", "surrogateescape")] = Entry(kind, size, blob.decode())
    return entries
