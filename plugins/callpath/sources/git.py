"""A git repository as a source: `git:REPO[@REVISION]`. No checkout, no network."""

import os
import re
import shutil
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, NoReturn

from rapidfuzz import process

from callpath.findings import SourceError, UsageError
from callpath.languages import LISTED, SEARCHED
from callpath.model import Pin
from callpath.sources.base import (
    LARGE,
    LARGEST,
    NOT_CLONED,
    Entry,
    EntryKind,
    Listing,
    Missing,
    ReadResult,
    ScanProgress,
    Source,
    Unreadable,
    WordScan,
    text_of,
)

_KEPT = ("GIT_CONFIG", "GIT_EXEC_PATH")
"""Beginnings of the variables of git that stay: settings, but nothing that names a repository."""

_FIXED = {
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    # A partial clone must not fetch what it lacks: git 2.45 has the first; before, no transport.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}


@dataclass(frozen=True, slots=True)
class Output:
    """What a git command gave.

    Attributes:
        ok: Whether it ended with status 0.
        data: What it wrote.
        complaint: The last line of what it said, without `fatal:`.
    """

    ok: bool
    data: bytes
    complaint: str

    @property
    def text(self) -> str:
        """The output as one stripped text."""
        return self.data.decode("utf-8", "surrogateescape").strip()


def git_program() -> str:
    """The path of git.

    Raises:
        SourceError: It is not installed.
    """
    program = shutil.which("git")
    if program is None:
        raise SourceError(
            "git is not installed", "install the package `git`, or use `tree:` or `archive:`"
        )
    return program


def environment(ceiling: str = "") -> dict[str, str]:
    """The environment that git runs in.

    Parameters:
        ceiling: A directory above which no repository is looked for.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }
    return kept | _FIXED | ({"GIT_CEILING_DIRECTORIES": ceiling} if ceiling else {})


class Repository:
    """A git repository that commands are run in.

    Parameters:
        place: The repository as the user wrote it.
        directory: Its git directory, absolute.
        program: The path of git.
    """

    def __init__(self, place: str, directory: str, program: str) -> None:
        self.place = place
        self.directory = directory
        self._program = program

    def command(self, *arguments: str) -> list[str]:
        """The command line of a git command in this repository."""
        return [self._program, f"--git-dir={self.directory}", "--no-pager", *arguments]

    def run(self, *arguments: str, given: bytes = b"") -> Output:
        """Run a git command to its end."""
        return _run(self.command(*arguments), self.directory, environment(), given)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a git command that is written to and read from; the caller ends it."""
        return subprocess.Popen(  # noqa: S603 - no shell, and the arguments are this package's
            self.command(*arguments),
            cwd=self.directory,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )


def find_repository(place: str) -> Repository:
    """Find the repository at a directory, bare or not.

    Raises:
        SourceError: There is none, or git refuses it.
    """
    program = git_program()
    directory = Path(place).expanduser()
    if not directory.is_dir():
        raise SourceError(f"there is no directory `{place}`", _place_hint(place))
    directory = directory.resolve()
    # The user names this repository, so a setting against bare ones found by chance is lifted.
    question = ["-c", "safe.bareRepository=all", "rev-parse", "--absolute-git-dir"]
    answer = _run(
        [program, *question], str(directory), environment(str(directory.parent)), given=b""
    )
    if answer.ok:
        return Repository(place, answer.text, program)
    if "dubious ownership" in answer.complaint or "safe.directory" in answer.complaint:
        raise SourceError(
            f"git refuses `{place}`, which belongs to another user",
            f"if you trust it: `git config --global --add safe.directory {directory}`",
        )
    if "not a git repository" in answer.complaint:
        raise SourceError(
            f"`{place}` is not a git repository", f"for a plain directory, write `tree:{place}`"
        )
    raise SourceError(f"git cannot read `{place}`: {answer.complaint}")


def enclosing_repository(folder: Path) -> tuple[Repository, str] | None:
    """The repository whose work tree holds a folder, and the folder's path in it (`docs/`).

    Returns:
        Nothing where there is no repository, or no git.

    Raises:
        SourceError: There is one, and git refuses it.
    """
    program = shutil.which("git")
    if program is None or not folder.is_dir():
        return None
    question = [program, "rev-parse", "--absolute-git-dir", "--show-prefix"]
    answer = _run(question, str(folder), environment(), given=b"")
    if answer.ok:
        directory, _, prefix = answer.data.decode("utf-8", "surrogateescape").partition("\n")
        return Repository(str(folder), directory, program), prefix.removesuffix("\n")
    if "dubious ownership" in answer.complaint or "safe.directory" in answer.complaint:
        raise SourceError(
            f"git refuses `{folder}`, which belongs to another user",
            f"if you trust it: `git config --global --add safe.directory {folder}`",
        )
    return None


def _place_hint(place: str) -> str:
    if "://" in place or place.startswith("git@"):
        return "a source is on this machine: `git clone --bare` it first"
    return f"for an archive, write `archive:{place}`" if Path(place).is_file() else ""


def _run(command: Sequence[str], directory: str, variables: dict[str, str], given: bytes) -> Output:
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the arguments are this package's
            command, cwd=directory, env=variables, input=given, capture_output=True, check=False
        )
    except OSError as error:
        raise SourceError(
            f"git cannot be run: {(error.strerror or 'unknown error').lower()}"
        ) from error
    said = done.stderr.decode("utf-8", "replace")
    fatal = [line for line in said.splitlines() if line.startswith("fatal: ")]
    complaint = (fatal or said.splitlines() or [""])[0].removeprefix("fatal: ")
    return Output(done.returncode == 0, done.stdout, complaint)


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


_HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class GitPlace:
    """Where a repository is, and which of its revisions was asked for.

    Attributes:
        repository: The directory as the user wrote it.
        revision: What git calls a revision; empty for the tag of the pin.
    """

    repository: str
    revision: str


def split_place(text: str) -> GitPlace:
    """Take `REPO[@REVISION]` apart; a directory may have an `@` in its name.

    Raises:
        UsageError: The revision is empty or looks like an option.
    """
    cuts = [match.start() for match in re.finditer("@", text)]
    for cut in [len(text), *reversed(cuts)]:
        if Path(text[:cut]).expanduser().is_dir() and text[:cut]:
            return _checked(text, text[:cut], text[cut:])
    # Nothing there: the message is to name what comes before the last `@`, but not for addresses.
    cut = cuts[-1] if cuts and "://" not in text and not text.startswith("git@") else len(text)
    return _checked(text, text[:cut], text[cut:])


def _checked(text: str, repository: str, rest: str) -> GitPlace:
    revision = rest.removeprefix("@")
    if rest and (not revision or revision.startswith("-") or "\n" in revision):
        raise UsageError(
            f"`git:{text}` does not name a revision",
            f"write `git:{repository}` for the pin's tag, or put a tag, branch or commit after `@`",
        )
    return GitPlace(repository, revision)


def tree_of(repository: Repository, revision: str, pin: Pin) -> str:
    """Find the tree to read.

    Parameters:
        repository: Where it is looked for.
        revision: A revision, or empty for the tag of the pin.
        pin: The version, and perhaps the commit that its tag must name.

    Returns:
        The id of the tree.

    Raises:
        SourceError: There is no such revision, or the tag is not the pinned commit.
    """
    name = revision or f"refs/tags/{pin.version}"
    if not _resolve(repository, name):
        raise _no_revision(repository, revision, pin)
    if not revision and pin.commit:
        commit = _resolve(repository, f"{name}^{{commit}}")
        if commit != pin.commit.lower():
            raise SourceError(
                f"tag `{pin.version}` of `{repository.place}` is commit `{commit or 'none'}`,"
                f" but the pin says `{pin.commit}`",
                "correct the commit of the pin, or fetch the right tag",
            )
    tree = _resolve(repository, f"{name}^{{tree}}")
    if not tree:
        raise SourceError(
            f"`{repository.place}` has `{revision or pin.version}`, but not its files",
            "fetch them, or use a clone made without `--filter=tree:0`",
        )
    return tree


def commit_of(repository: Repository, revision: str, pin: Pin) -> str:
    """The commit that a revision, or the pin's tag, names; empty when it names none."""
    return _resolve(repository, f"{revision or f'refs/tags/{pin.version}'}^{{commit}}")


def _resolve(repository: Repository, name: str) -> str:
    found = repository.run("rev-parse", "--verify", "--quiet", name)
    return found.text if found.ok and _HEX.fullmatch(found.text) else ""


def _no_revision(repository: Repository, revision: str, pin: Pin) -> SourceError:
    if revision:
        return SourceError(
            f"`{repository.place}` has no revision `{revision}`",
            _nearest(all_tags(repository), revision),
        )
    message = f"`{repository.place}` has no tag `{pin.version}`"
    if repository.run("rev-parse", "--is-shallow-repository").text == "true":
        return SourceError(
            message,
            f"it is a shallow clone: `git -C {repository.place} fetch --depth 1 origin"
            f" tag {pin.version}`",
        )
    tags = all_tags(repository)
    fetch = f"`git -C {repository.place} fetch --tags`"
    if not tags:
        return SourceError(message, f"it has no tags at all: {fetch}")
    near = _nearest(tags, pin.version)
    return SourceError(message, f"{near}; otherwise {fetch}" if near else fetch)


def all_tags(repository: Repository) -> list[str]:
    """The names of all tags of a repository."""
    listed = repository.run("for-each-ref", "--format=%(refname:strip=2)", "refs/tags")
    return listed.text.splitlines() if listed.ok else []


def _nearest(tags: list[str], wanted: str) -> str:
    near = [name for name, _, _ in process.extract(wanted, sorted(tags), limit=3, score_cutoff=70)]
    return f"the nearest tags are {', '.join(f'`{name}`' for name in near)}" if near else ""


_GREP_WORDS = 30
"""Up to so many words git searches faster than it hands out every file."""


class GitSource(Source):
    """One tree of a repository.

    Parameters:
        repository: Where the tree is.
        tree: Its id.
        spec: The source as the user wrote it.
        pin: The version that it should be.
        commit: The commit that the tree is of, or empty.
    """

    def __init__(
        self, repository: Repository, tree: str, spec: str, pin: Pin, commit: str = ""
    ) -> None:
        self.spec = spec
        self.pin = pin
        self._commit = commit
        self._repository = repository
        self._tree = tree
        partial = is_partial(repository)
        self._missing = missing_objects(repository, tree) if partial else frozenset()
        self._listing = Listing(tree_entries(repository, tree, sizes=not partial))
        self._reader = BlobReader(repository)

    @property
    def searchable(self) -> bool:
        """Whether every file of the tree is here; a partial clone may lack some."""
        return not self._missing

    def read(
        self, paths: Iterable[str], progress: ScanProgress | None = None
    ) -> Iterator[ReadResult]:
        """Read each of the paths once; the results are sorted by path."""
        wanted = sorted(set(paths))
        places = {path: self._listing.locate(path, self._target_of) for path in wanted}
        results = {path: self._without_reading(path, place) for path, place in places.items()}
        blobs = [self._blob(str(places[path])) for path in wanted if results[path] is None]
        contents = self._reader.contents(blobs)
        for count, path in enumerate(wanted, 1):
            yield results[path] or _result(path, next(contents))
            if progress is not None:
                progress(count, len(wanted))

    def paths(self) -> Sequence[str]:
        """Every regular `.c`, `.h` and `.S` file, sorted; empty when not searchable."""
        return tuple(self._listing.files(LISTED)) if self.searchable else ()

    def find_words(
        self, words: Collection[str], progress: ScanProgress | None = None
    ) -> Mapping[str, Sequence[str]]:
        """Find the `.c` and `.h` files that hold each identifier as a whole word."""
        scan = WordScan(words)
        if not self.searchable or not scan.words:
            return scan.result()
        files = [
            path
            for path in self._candidates(scan.words)
            if self._listing.entries[path].size <= LARGEST
        ]
        contents = self._reader.contents(self._blob(path) for path in files)
        for count, (path, data) in enumerate(zip(files, contents, strict=True), 1):
            if data is not None:
                scan.look(path, data)
            if progress is not None:
                progress(count, len(files))
        return scan.result()

    def commit(self) -> str:
        """The commit that is read; empty when a tree was named that is of none."""
        return self._commit

    def close(self) -> None:
        """End git's process."""
        self._reader.close()

    def _blob(self, path: str) -> str:
        return self._listing.entries[path].content

    def _without_reading(
        self, path: str, place: str | Missing | Unreadable
    ) -> Missing | Unreadable | None:
        """The result for a path that there is nothing to read for."""
        if not isinstance(place, str):
            return place
        entry = self._listing.entries[place]
        if entry.content in self._missing:
            return Unreadable(path, NOT_CLONED)
        return Unreadable(path, LARGE) if entry.size > LARGEST else None

    def _target_of(self, path: str) -> str | Unreadable | None:
        entry = self._listing.entries.get(path)
        if entry is None or entry.kind is not EntryKind.LINK:
            return None
        if entry.content in self._missing:
            return Unreadable(path, NOT_CLONED)
        target = next(self._reader.contents([entry.content]))
        return "/" if target is None else target.decode("utf-8", "surrogateescape")

    def _candidates(self, words: list[str]) -> list[str]:
        """The files that can hold one of the words: those that git found, or all."""
        files = list(self._listing.files(SEARCHED))
        if len(words) > _GREP_WORDS:
            return files
        options = ["--no-recurse-submodules", "--color=never", "-a", "-l", "-z", "-F"]
        asked = [part for word in words for part in ("-e", word)]
        pathspecs = [f"*{ending}" for ending in SEARCHED]
        found = self._repository.run("grep", *options, *asked, self._tree, "--", *pathspecs)
        if not found.ok and found.complaint:
            raise SourceError(f"`{self._repository.place}` cannot be searched: {found.complaint}")
        names = found.data.decode("utf-8", "surrogateescape").split("\0")
        hits = {name.removeprefix(f"{self._tree}:") for name in names}
        return [path for path in files if path in hits]


def _result(path: str, data: bytes | None) -> ReadResult:
    return Unreadable(path, LARGE) if data is None else text_of(path, data)


def open_git(place: str, spec: str, pin: Pin) -> GitSource:
    """Open a repository at the pin's tag, or at the revision that the user named.

    Raises:
        UsageError: The revision cannot be one.
        SourceError: There is no such repository, or it does not have that version.
    """
    asked = split_place(place)
    repository = find_repository(asked.repository)
    tree = tree_of(repository, asked.revision, pin)
    return GitSource(repository, tree, spec, pin, commit_of(repository, asked.revision, pin))
