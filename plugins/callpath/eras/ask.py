"""Asks releases what they say of symbols and edges of notes: here, in processes, on a cluster."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from itertools import chain

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from callpath.c.vocabulary import DISPATCH
from callpath.eras.answering import (
    Asked,
    Done,
    Listed,
    Readable,
    ReleaseAnswers,
    Said,
    answer_batch,
    answer_releases,
    answers_maker,
    make_batch,
    question_id,
)
from callpath.facts.eras import ReleaseStatus
from callpath.facts.lock import StatedEdge, StatedSymbol
from callpath.findings import UsageError
from callpath.model import Edge, Progress, Reference
from callpath.projects import project_named
from callpath.proof.links import link_table
from callpath.settings import dispatch_table
from callpath.sources.releases import GitHistory, Release, ReleaseFiles, split_patterns
from callpath.sources.spec import parse_release_arguments
from callpath.store import Store
from callpath.verify.examine import nearby_files
from callpath.verify.kept_files import MOST_OF_RELEASES, KeptFiles
from callpath.work import Workers, check_maker, cores, open_workers
from callpath.workspace import Workspace, source_store

_WORTH_IT = 200
"""Different files; fewer are read before other processes have started."""
_BATCHES = 2
"""For each worker, so that all end at about the same time."""


class Effort(Struct, frozen=True):
    """Who works, and on which part."""

    jobs: int = 1
    """How many processes; 0: as many as there are cores, where it is worth it."""
    executor: str = ""
    """The address of a cluster that works instead, `dask://HOST:PORT`, or empty."""
    shard: tuple[int, int] = (1, 1)
    """Which part of the releases is looked at, from 1, and of how many."""


ALONE = Effort()


class ReleaseResults(Struct, frozen=True):
    """What releases say of each symbol and edge; of edges with the symbol above their caller."""

    tags: tuple[str, ...]  # the releases, in order
    statuses: Mapping[StatedSymbol | StatedEdge, Sequence[ReleaseStatus]]  # at each release
    blobs: int  # how many different files were looked at
    parsed: int  # how many of them had to be parsed


def ask_releases(
    project: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    beyond: Iterable[str],
    workspace: Workspace | None,
    specs: Sequence[str],
    patterns: str,
    progress: Progress,
    effort: Effort = ALONE,
) -> ReleaseResults:
    """Ask every release of every symbol and edge.

    Parameters:
        beyond: Files that are read besides those of the references and edges.
        workspace: The site, if there is one; its cache keeps what becomes known.
        specs: Repositories, each `git:REPO`.
        patterns: Which releases, as a list with commas.

    Raises:
        UsageError: A repository, a pattern or an executor cannot be.
        SourceError: A release cannot be read.
        WorkError: A process or a cluster ended before its time.
    """
    said = workspace.site.callpath if workspace else None
    dispatch = dispatch_table(said.dispatch_macros, said.defining_macros) if said else DISPATCH
    added = [unit.value for unit in said.link_units] if said else ()
    links = link_table(project_named(project).link_units, added)
    nearby = chain(*nearby_files(edges).values())
    paths = tuple(sorted({*beyond, *(each.symbol.path for each in references), *nearby}))
    asked = Asked(project, references, edges, paths, dispatch, links)
    by_id = sorted(asked.questions)
    with (
        source_store(workspace) if workspace else Store() as store,
        closing(GitHistory(parse_release_arguments(specs, project), project)) as history,
    ):
        maker = answers_maker(store, dispatch, links)
        releases = _part(history.releases(split_patterns(patterns)), effort.shard)
        keys = {release.tree: question_id(release.tree, paths, by_id) for release in releases}
        told = _known(store, maker, keys)
        left = {each.tree: each for each in releases if each.tree not in told}
        asking = _Asking(asked, history, store, maker, progress)
        new = asking.ask([(each, history.files(each, paths)) for each in left.values()], effort)
        told |= new
        kept = {keys[tree]: msgspec.msgpack.encode(said) for tree, said in new.items()}
        store.put_many("releases", maker, kept)
    ordered = [told[release.tree] for release in releases]
    rows = zip(*(each.statuses for each in ordered), strict=True)
    statuses = dict(zip(asked.stated, rows, strict=False))
    blobs = {blob for each in ordered for blob in each.blobs}
    tags = tuple(release.tag for release in releases)
    return ReleaseResults(tags, statuses, len(blobs), len(asking.parsed))


_Found = Sequence[tuple[Release, ReleaseFiles]]
"""Releases with what they have at the paths."""


class _Asking:
    """Asks releases of which nothing is known, in batches if others work too.

    Attributes:
        parsed: The files that were parsed, by path and blob.
    """

    def __init__(
        self, asked: Asked, history: GitHistory, store: Store, maker: str, progress: Progress
    ) -> None:
        self._asked, self._history, self._store = asked, history, store
        self._progress = progress
        self._kept = KeptFiles(store, asked.dispatch, MOST_OF_RELEASES)
        self._makers = (maker, self._kept.maker)
        self.parsed = self._kept.parsed

    def ask(self, found: _Found, effort: Effort) -> dict[str, Said]:
        """What they say, by their trees."""
        if not found:
            return {}
        answers = ReleaseAnswers(self._store, self._makers[0], sorted(self._asked.questions))
        jobs = effort.jobs or (cores() if _is_worth_it(found) else 1)
        try:
            with open_workers(jobs, effort.executor) as workers:
                if workers.count == 1 and not effort.executor:
                    return self._ask_here(found, answers)
                return self._ask_workers(found, answers, workers)
        finally:
            answers.keep()

    def _ask_here(self, found: _Found, answers: ReleaseAnswers) -> dict[str, Said]:
        releases = [
            Readable(each.tree, files, partial(self._history.read, each)) for each, files in found
        ]
        return answer_releases(self._asked, releases, answers, self._kept, self._progress)

    def _ask_workers(
        self, found: _Found, answers: ReleaseAnswers, workers: Workers
    ) -> dict[str, Said]:
        said: dict[str, Said] = {}
        lacking: list[_Found] = []
        parts = _split_evenly(found, workers.count * _BATCHES)
        for part, done in self._sent(parts, workers, is_read=False):
            if done.lacks:
                lacking.append(part)
            else:
                said |= self._taken(done, answers)
            self._progress("reading releases", len(said), len(found))
        # Who lacks a repository, or a part of it, is given the files.
        for _, done in self._sent(lacking, workers, is_read=True):
            said |= self._taken(done, answers)
            self._progress("reading releases", len(said), len(found))
        return said

    def _sent(
        self, parts: Sequence[_Found], workers: Workers, *, is_read: bool
    ) -> Iterator[tuple[_Found, Done]]:
        """What workers make of each part; `is_read` says whether the files are sent along."""
        repositories = self._history.repositories
        places = [each.directory for each in repositories]
        whole = make_batch(self._asked, self._makers, self._store, places)

        def packed(part: _Found) -> bytes:
            listed = (
                Listed(each.tag, each.tree, repositories.index(each.repository), files)
                for each, files in part
            )
            texts = self._texts(part) if is_read else None
            return msgspec.msgpack.encode(replace(whole, releases=tuple(listed), texts=texts))

        for part, data in zip(parts, workers.map(answer_batch, map(packed, parts)), strict=True):
            done = msgspec.msgpack.decode(data, type=Done)
            for theirs, own in zip(done.makers, self._makers, strict=True):
                check_maker(theirs, own)
            yield part, done

    def _texts(self, part: _Found) -> dict[str, bytes | None]:
        """The files of releases, by blob."""
        texts: dict[str, bytes | None] = {}
        for release, files in part:
            for path, blob in files.blobs.items():
                if blob not in texts:
                    texts[blob] = self._history.read(release, path, blob)
        return texts

    def _taken(self, done: Done, answers: ReleaseAnswers) -> Mapping[str, Said]:
        """What releases say, after what else became known is noted."""
        for question, found in done.answers.items():
            for consulted, status in found:
                answers.add(question, consulted, status)
        self._kept.add(done.facts)
        self.parsed.update(done.parsed)
        return done.said


def _part(releases: Sequence[Release], shard: tuple[int, int]) -> Sequence[Release]:
    """The releases of a shard: neighbours, since they share most of their files."""
    number, count = shard
    if count > len(releases):
        fact = f"{len(releases)} releases cannot be divided into {count} shards"
        raise UsageError(fact, "ask for fewer shards, or for more releases")
    ends = [len(releases) * end // count for end in (number - 1, number)]
    return releases[slice(*ends)]


def _is_worth_it(found: _Found) -> bool:
    """Whether there are enough files for several processes."""
    return len({blob for _, files in found for blob in files.blobs.values()}) >= _WORTH_IT


def _split_evenly(found: _Found, count: int) -> list[_Found]:
    """Up to so many parts of neighbours, each with about as many files that those before lack."""
    seen: set[str] = set()
    work: list[int] = []  # after each release, of all up to it
    for _, files in found:
        seen.update(files.blobs.values())
        work.append(len(seen))
    parts: list[list[tuple[Release, ReleaseFiles]]] = [[]]
    for number, each in enumerate(found):
        before = work[number - 1] if number else 0
        if parts[-1] and before * count >= work[-1] * len(parts):
            parts.append([])
        parts[-1].append(each)
    return list(parts)


def _known(store: Store, maker: str, keys: Mapping[str, str]) -> dict[str, Said]:
    """What releases said in an earlier run, by their trees; `keys` are those of the answers."""
    known = store.get_many("releases", maker, keys.values())
    said: dict[str, Said] = {}
    for tree, key in keys.items():
        if key in known:
            with suppress(ValueError):
                said[tree] = msgspec.msgpack.decode(known[key], type=Said)
    return said
