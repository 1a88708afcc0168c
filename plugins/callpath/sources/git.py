"""A git repository as a source: `git:REPO[@REVISION]`. No checkout, no network."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property, lru_cache
from io import BufferedReader
from pathlib import Path
from typing import IO, cast

from msgspec import Struct

from callpath.findings import SourceError, nearest_name, reason
from callpath.languages import SEARCHED
from callpath.model import Pin
from callpath.projects import project_named
from callpath.sources.base import (
    LARGEST,
    NOT_CLONED,
    Entry,
    EntryKind,
    Listing,
    Missing,
    ReadResult,
    ScanProgress,
    SourceSpec,
    Unreadable,
    silent,
    text_of,
)
from callpath.sources.finder import UnreadFile
from callpath.sources.known_words import KnowingSource
from callpath.sources.search import WordScan, search_parts

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

_HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

_AT_ONCE = 64
"""Questions sent before the answers are read; so many fit into a pipe, so nobody waits for ever."""

_READ_AHEAD = 256 * 1024  # bytes

_CHUNK = 1 << 20

_STEP = 1000  # files between two reports of progress

_KINDS = {
    b"100644": EntryKind.FILE,
    b"100664": EntryKind.FILE,
    b"100755": EntryKind.FILE,
    b"120000": EntryKind.LINK,
    b"160000": EntryKind.SUBMODULE,
}
"""What a mode of a tree's entry says."""

_FRUGAL = (
    *("-c", "core.packedGitWindowSize=4m", "-c", "core.packedGitLimit=16m"),
    *("-c", "core.deltaBaseCacheLimit=12m"),
)
"""Settings with which git has parts of a pack in its memory, not all that it read."""

_GREP_WORDS = 5  # up to so many words git searches faster than it hands out every file

_PART = 4000  # files that are searched by the help of one process of git

_FETCH_TREES = "fetch all of it, or use a clone made without `--filter=tree:0`"


class Output(Struct, frozen=True):
    """What a git command gave."""

    ok: bool  # whether it ended with status 0
    data: bytes
    complaint: str  # why it failed, without `fatal:`

    @property
    def text(self) -> str:
        """The output as one stripped text."""
        return self.data.decode("utf-8", "surrogateescape").strip()


class DamageError(SourceError):
    """A repository lacks something that it should have."""


def git_program() -> str:
    """The path of git; raises SourceError if it is not installed."""
    program = shutil.which("git")
    if program is None:
        raise SourceError(
            "git is not installed", "install the package `git`, or use `tree:` or `archive:`"
        )
    return program


def environment(ceiling: str = "") -> dict[str, str]:
    """The environment that git runs in; above `ceiling` no repository is looked for."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }
    return kept | _FIXED | ({"GIT_CEILING_DIRECTORIES": ceiling} if ceiling else {})


def run_git(
    command: Sequence[str], directory: str | None = None, ceiling: str = "", given: bytes = b""
) -> Output:
    """Run a git command to its end; raises SourceError if that is not possible."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the arguments are this package's
            command,
            cwd=directory,
            env=environment(ceiling),
            input=given,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise SourceError(f"git cannot be run: {reason(error)}") from error
    said = done.stderr.decode("utf-8", "replace").splitlines()
    fatal = [line for line in said if line.startswith("fatal: ")]
    complaint = (fatal or said or [""])[0].removeprefix("fatal: ")
    return Output(done.returncode == 0, done.stdout, complaint)


class Repository:
    """A git repository: runs commands in it, and reads its objects. To be closed at the end."""

    def __init__(self, place: str, directory: str, program: str) -> None:
        self.place = place  # as the user wrote it
        self.directory = directory  # its git directory, absolute
        self._command = [program, f"--git-dir={directory}", "--no-pager", *_FRUGAL]
        self._reader: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> list[str]:
        """The command line of a git command in this repository."""
        return [*self._command, *arguments]

    def run(self, *arguments: str, given: bytes = b"") -> Output:
        """Run a git command to its end."""
        return run_git(self.command(*arguments), self.directory, given=given)

    @cached_property
    def tags(self) -> list[str]:
        """The names of all tags, sorted."""
        listed = self.run("for-each-ref", "--format=%(refname:strip=2)", "refs/tags")
        return sorted(listed.text.splitlines()) if listed.ok else []

    @cached_property
    def is_partial(self) -> bool:
        """Whether it is a partial clone, which may lack blobs."""
        asked = r"^(extensions\.partialclone|remote\..*\.promisor)$"
        return bool(self.run("config", "--get-regexp", asked).text)

    def is_shallow(self) -> bool:
        """Whether it lacks older commits."""
        return self.run("rev-parse", "--is-shallow-repository").text == "true"

    def tag_hint(self, if_shallow: str) -> str:
        """What can be done about a tag that is not there; with these options in a shallow clone."""
        fetch = f"git -C {self.place} fetch"
        if self.is_shallow():
            return f"it is a shallow clone: `{fetch} {if_shallow}`"
        return f"{'' if self.tags else 'it has no tags at all: '}`{fetch} --tags`"

    def tags_at(self, commit: str) -> tuple[str, ...]:
        """The tags of a commit, sorted."""
        listed = self.run("tag", "--points-at", commit)
        return tuple(sorted(listed.text.splitlines())) if listed.ok else ()

    def resolve(self, name: str) -> str:
        """The id of the object that a name refers to; empty if there is none."""
        found = self.run("rev-parse", "--verify", "--quiet", name)
        return found.text if found.ok and _HEX.fullmatch(found.text) else ""

    def entries(self, tree: str, shown: str, paths: Sequence[str] = ()) -> dict[str, Entry]:
        """What is in a tree, by path; raises DamageError if a part of it is missing.

        Parameters:
            tree: Its name. Sizes of files are not known in a partial clone.
            shown: How messages call it.
            paths: The paths that are looked at, not what is below them; by default everything.
        """
        options = [
            "-z",
            *(("-l",) if paths and not self.is_partial else ()),
            *(() if paths else ("-r",)),
        ]
        listed = self.run("ls-tree", *options, tree, "--", *paths)
        if not listed.ok:
            raise DamageError(
                f"`{self.place}` cannot list `{shown}`: {listed.complaint}", _FETCH_TREES
            )
        entries: dict[str, Entry] = {}
        for line in listed.data.split(b"\0")[:-1]:
            about, _, path = line.partition(b"\t")
            mode, _, blob, *rest = about.split()
            size = int(rest[0]) if rest and rest[0].isdigit() else -1
            kind = _KINDS.get(mode, EntryKind.SPECIAL)
            entries[path.decode("utf-8", "surrogateescape")] = Entry(kind, size, blob.decode())
        return entries

    def missing(self, tree: str) -> frozenset[str]:
        """The ids of what a tree names and a partial clone lacks."""
        if not self.is_partial:
            return frozenset()
        listed = self.run("rev-list", "--objects", "--no-walk", "--missing=print", tree)
        return frozenset(line[1:] for line in listed.text.splitlines() if line.startswith("?"))

    def contents(self, blobs: Iterable[str]) -> Iterator[bytes | None]:
        """The bytes of each blob in turn; None for one that is larger than `LARGEST`.

        Raises DamageError if a blob is missing, or git stopped.
        """
        asked = list(blobs)
        if len(asked) <= _AT_ONCE:
            # All answers are taken before the first is given, so that a caller who stops in the
            # middle, or reads two things at once, finds the one long-lived process in order.
            yield from self._answers(asked)
        else:
            with self._asked(asked) as answers:
                for blob in asked:
                    yield self._answer(blob, answers)

    def unread(self, files: Sequence[tuple[str, str]]) -> Iterator[UnreadFile[str]]:
        """Files by path and blob, to be read in turn; those that are larger than `LARGEST` are not.

        Raises DamageError if a blob is missing, or git stopped.
        """
        with self._asked([blob for _, blob in files]) as answers:
            for path, blob in files:
                size = self._size(blob, answers)
                if size > LARGEST:
                    _skip(answers, size + 1)
                    continue
                yield path, size, answers.readinto
                if answers.read(1) != b"\n":
                    raise self._damage(blob)

    def link_target(self, blob: str) -> str:
        """The text of a symbolic link; one that is too long leads out of the tree."""
        target = next(self.contents([blob]))
        return "/" if target is None else target.decode("utf-8", "surrogateescape")

    def close(self) -> None:
        """End git's process."""
        process, self._reader = self._reader, None
        if process is not None:
            process.communicate()

    @contextmanager
    def _asked(self, blobs: Iterable[str]) -> Iterator[BufferedReader]:
        """What a process of git answers that is asked for all of some blobs; git reads ahead."""
        from tempfile import TemporaryFile  # most commands read few blobs, and need it not

        with TemporaryFile() as questions:
            questions.write("".join(f"{blob}\n" for blob in blobs).encode())
            questions.seek(0)
            try:
                process = subprocess.Popen(  # noqa: S603 - as in `run_git`
                    self.command("cat-file", "--batch", "--buffer"),
                    bufsize=_READ_AHEAD,
                    cwd=self.directory,
                    env=environment(),
                    stdin=questions,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except OSError as error:
                raise SourceError(f"git cannot be run: {reason(error)}") from error
        try:
            yield cast(BufferedReader, process.stdout)
        finally:
            process.kill()
            process.communicate()

    def _answers(self, blobs: list[str]) -> list[bytes | None]:
        if self._reader is None:
            self._reader = subprocess.Popen(  # noqa: S603 - as in `run_git`
                self.command("cat-file", "--batch"),
                cwd=self.directory,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        questions, answers = self._reader.stdin, self._reader.stdout
        if questions is None or answers is None:  # pragma: no cover - both are pipes
            raise SourceError("git cannot be talked to")
        try:
            questions.write("".join(f"{blob}\n" for blob in blobs).encode())
            questions.flush()
        except OSError as error:
            raise self._damage(blobs[0]) from error
        return [self._answer(blob, answers) for blob in blobs]

    def _answer(self, blob: str, answers: IO[bytes]) -> bytes | None:
        size = self._size(blob, answers)
        if size > LARGEST:
            _skip(answers, size + 1)
            return None
        data = answers.read(size + 1)
        if len(data) != size + 1:
            raise self._damage(blob)
        return data[:-1]

    def _size(self, blob: str, answers: IO[bytes]) -> int:
        """Read what is in front of a blob."""
        header = answers.readline().split()
        if header[1:] == [b"missing"]:
            self.close()
            raise DamageError(
                f"`{self.place}` lacks blob `{blob}`, which its tree names: it is "
                "damaged, or a copy of a part",
                f"name a whole clone; `git -C {self.place} fsck` lists what is missing",
            )
        if len(header) != 3 or header[1] != b"blob":
            raise self._damage(blob)
        return int(header[2])

    def _damage(self, blob: str) -> DamageError:
        self.close()
        return DamageError(
            f"`{self.place}` is damaged: blob `{blob}` cannot be read",
            f"`git -C {self.place} fsck` says what is wrong",
        )


def _skip(answers: IO[bytes], count: int) -> None:
    while count and (chunk := answers.read(min(count, _CHUNK))):
        count -= len(chunk)


def find_repository(place: str) -> Repository:
    """Find the repository at a directory, bare or not; raises SourceError if there is none."""
    program = git_program()
    directory = Path(place).expanduser()
    if not directory.is_dir():
        raise SourceError(f"there is no directory `{place}`", _place_hint(place))
    directory = directory.resolve()
    # The user names this repository, so a setting against bare ones found by chance is lifted.
    question = [program, "-c", "safe.bareRepository=all", "rev-parse", "--absolute-git-dir"]
    answer = run_git(question, str(directory), ceiling=str(directory.parent))
    if answer.ok:
        return Repository(place, answer.text, program)
    _check_owner(answer, place, directory)
    if "not a git repository" in answer.complaint:
        raise SourceError(
            f"`{place}` is not a git repository", f"for a plain directory, write `tree:{place}`"
        )
    raise SourceError(f"git cannot read `{place}`: {answer.complaint}")


def _place_hint(place: str) -> str:
    if "://" in place or place.startswith("git@"):
        return "a source is on this machine: `git clone --bare` it first"
    return f"for an archive, write `archive:{place}`" if Path(place).is_file() else ""


def _check_owner(answer: Output, place: str, directory: Path) -> None:
    if "dubious ownership" in answer.complaint or "safe.directory" in answer.complaint:
        raise SourceError(
            f"git refuses `{place}`, which belongs to another user",
            f"if you trust it: `git config --global --add safe.directory {directory}`",
        )


def enclosing_repository(folder: Path) -> tuple[Repository, str] | None:
    """The repository whose work tree holds a folder, and the folder's path in it (`docs/`).

    None if there is no repository, or no git; raises SourceError if git refuses it.
    """
    program = shutil.which("git")
    if program is None or not folder.is_dir():
        return None
    question = [program, "rev-parse", "--absolute-git-dir", "--show-prefix"]
    answer = run_git(question, str(folder))
    if answer.ok:
        directory, _, prefix = answer.data.decode("utf-8", "surrogateescape").partition("\n")
        return Repository(str(folder), directory, program), prefix.removesuffix("\n")
    _check_owner(answer, str(folder), folder)
    return None


def tags_of_checkout(folder: Path) -> tuple[str, ...]:
    """The tags of what is checked out in a folder; empty if it is not the top of a checkout."""
    try:
        found = enclosing_repository(folder)
    except SourceError:
        return ()  # git refuses it, so it does not say anything
    if found is None or found[1]:
        return ()
    with closing(found[0]) as repository:
        return repository.tags_at("HEAD")


def revisions_in(place: str, names: Iterable[str]) -> frozenset[str]:
    """Those of the names that are revisions of a repository; it is asked once about all.

    Raises SourceError if there is no such repository.
    """
    asked = [name for name in dict.fromkeys(names) if name.isprintable() and " " not in name]
    with closing(find_repository(place)) as repository:
        given = "".join(f"{name}^{{tree}}\n" for name in asked).encode("utf-8", "replace")
        answers = repository.run("cat-file", "--batch-check", given=given).data.splitlines()
    return frozenset(
        name for name, said in zip(asked, answers, strict=False) if said.split()[1:2] == [b"tree"]
    )


class GitSource(KnowingSource):
    """The tree of a repository at the revision of the SPEC, or else at the pin's tag.

    Raises SourceError if there is no such repository or revision, or if the tag is not of the
    commit of the pin.
    """

    def __init__(self, spec: SourceSpec, pin: Pin) -> None:
        super().__init__(spec, pin)
        self._repository = find_repository(spec.place)
        name = spec.revision or f"refs/tags/{pin.tag_name}"
        self._commit = self._repository.resolve(f"{name}^{{commit}}")
        if not self._commit and not self._repository.resolve(name):
            raise _no_revision(self._repository, spec.revision, pin)
        self._tree = self._find_tree(name)
        self._missing = self._repository.missing(self._tree)
        self.searchable = not self._missing  # a partial clone may lack some of the tree's files
        self.reads_at_once = self.searchable

    def _find_tree(self, name: str) -> str:
        place, revision, pin = self._repository.place, self.spec.revision, self.pin
        if not revision and pin.commit and self._commit != pin.commit.lower():
            raise SourceError(
                f"tag `{pin.tag_name}` of `{place}` is commit `{self._commit or 'none'}`,"
                f" but the pin says `{pin.commit}`",
                "correct the commit of the pin, or fetch the right tag",
            )
        tree = self._repository.resolve(f"{name}^{{tree}}")
        if not tree:
            raise SourceError(
                f"`{place}` has `{revision or pin.tag_name}`, but not its files", _FETCH_TREES
            )
        return tree

    def read_one(self, path: str) -> ReadResult:
        return next(self.read([path]))

    def read(self, paths: Iterable[str]) -> Iterator[ReadResult]:
        asked = sorted(set(paths))
        located = [self._locate(path) for path in asked]
        contents = self._repository.contents(place for place in located if isinstance(place, str))
        for path, place in zip(asked, located, strict=True):
            yield text_of(path, next(contents)) if isinstance(place, str) else place

    def _locate(self, path: str) -> str | Missing | Unreadable:
        """The blob that is at a path."""
        place = self._listing.locate(path, self._read_link)
        if not isinstance(place, str):
            return place
        blob = self._listing.entries[place].content
        return Unreadable(path, NOT_CLONED) if blob in self._missing else blob

    @cached_property
    def _listing(self) -> Listing:
        """Everything in the tree; it is costly to list, and not all who open it ask for a path."""
        repository = self._repository
        return _listed(repository.place, repository.directory, self._tree, self._shown)

    @property
    def _shown(self) -> str:
        return self.spec.revision or self.pin.tag_name

    def listing(self) -> Listing:
        return self._listing

    def version(self) -> str | None:
        """As of any source; only the one file that has it is looked up."""
        project = project_named(self.pin.project)
        file = project.version_file
        found = self._repository.entries(self._tree, self._shown, [file]) if file else {}
        entry = found.get(file)
        if entry is None or entry.kind is not EntryKind.FILE or entry.content in self._missing:
            return super().version()
        data = next(self._repository.contents([entry.content]))
        return project.read_version(data) if data is not None else None

    def paths(self) -> Sequence[str]:
        return tuple(self._listing.files()) if self.searchable else ()

    def search_changed(
        self, tree: str, scan: WordScan, progress: ScanProgress
    ) -> Callable[[str], bool] | None:
        options = ("-r", "-z", "--no-renames", "--name-only")
        compared = self._repository.run("diff-tree", *options, tree, self._tree)
        if not compared.ok:
            return None
        changed = frozenset(_names(compared.data))
        files = [path for path in self._listing.files(SEARCHED) if path in changed]
        if len(files) > _PART:
            files = [path for path in self._candidates(scan.words) if path in changed]
        self._look_at(files, scan, progress)
        return changed.__contains__

    def search(self, scan: WordScan, progress: ScanProgress) -> None:
        self._look_at(self._candidates(scan.words), scan, progress)

    def _look_at(self, paths: Sequence[str], scan: WordScan, progress: ScanProgress) -> None:
        files = [(path, self._listing.entries[path].content) for path in paths]
        parts = [files[start : start + _PART] for start in range(0, len(files), _PART)]

        def done(count: int) -> None:
            progress(min(count * _PART, len(files)), len(files))

        search_parts(scan, parts, self._repository.unread, done, self.workers)

    def stream(
        self, wanted: Callable[[str], bool], progress: ScanProgress = silent
    ) -> Iterator[tuple[str, bytes]]:
        entries = self._listing.entries
        files = [path for path in self._listing.wanted(wanted) if self._is_here(entries[path])]
        contents = self._repository.contents(entries[path].content for path in files)
        for count, (path, data) in enumerate(zip(files, contents, strict=True), 1):
            if data is not None:
                yield path, data
            if count % _STEP == 0 or count == len(files):
                progress(count, len(files))

    def _is_here(self, file: Entry) -> bool:
        return file.size <= LARGEST and file.content not in self._missing

    def tags(self) -> Sequence[str]:
        """The pin's, or those of the commit that was named."""
        if not self.spec.revision:
            return (self.pin.tag_name,)
        return self._repository.tags_at(self._commit) if self._commit else ()

    def commit(self) -> str:
        """The commit that is read; empty if a tree was named that is of none."""
        return self._commit

    def tree(self) -> str:
        """The id of the tree; empty if files of it are missing, which may come later."""
        return self._tree if self.searchable else ""

    def close(self) -> None:
        self._repository.close()

    def _read_link(self, link: Entry) -> str | None:
        is_here = link.content not in self._missing
        return self._repository.link_target(link.content) if is_here else None

    def _candidates(self, words: list[str]) -> list[str]:
        """The files that can hold one of the words: those that git found, or all."""
        files = self._listing.files(SEARCHED)
        if len(words) > _GREP_WORDS:
            return files
        options = ["--no-recurse-submodules", "--color=never", "-a", "-l", "-z", "-F"]
        asked = [part for word in words for part in ("-e", word)]
        pathspecs = [f"*{ending}" for ending in SEARCHED]
        found = self._repository.run("grep", *options, *asked, self._tree, "--", *pathspecs)
        if not found.ok and found.complaint:
            raise SourceError(f"`{self._repository.place}` cannot be searched: {found.complaint}")
        hits = {name.removeprefix(f"{self._tree}:") for name in _names(found.data)}
        return [path for path in files if path in hits]


@lru_cache(maxsize=2)  # a command opens a version several times
def _listed(place: str, directory: str, tree: str, shown: str) -> Listing:
    with closing(Repository(place, directory, git_program())) as repository:
        return Listing(repository.entries(tree, shown))


def _names(data: bytes) -> list[str]:
    """The names in what git prints with `-z`."""
    return data.decode("utf-8", "surrogateescape").split("\0")[:-1]


def _no_revision(repository: Repository, revision: str, pin: Pin) -> SourceError:
    place = repository.place
    names = ", ".join(f"`{tag}`" for tag in nearest_name(revision or pin.tag_name, repository.tags))
    near = f"the nearest tags are {names}" if names else ""
    if revision:
        return SourceError(f"`{place}` has no revision `{revision}`", near)
    hint = repository.tag_hint(f"--depth 1 origin tag {pin.tag_name}")
    if near and not repository.is_shallow():
        hint = f"{near}; otherwise {hint}"
    return SourceError(f"`{place}` has no tag `{pin.tag_name}`", hint)
