"""An elixir site as a source: `elixir[:BASE-URL]`. One request a file; a failure proves nothing.

The addresses and answers are those of bootlin/elixir 90a4399 (elixir/web.py).
"""

import hashlib
import json
import time
from urllib.parse import urlsplit

from callpath.addresses import link_provider
from callpath.cache import ELIXIR, Cache
from callpath.findings import UsageError
from callpath.model import Pin, path_fault
from callpath.settings import Online
from callpath.sources.base import (
    Cause,
    FileText,
    Missing,
    ReadResult,
    Source,
    SourceSpec,
    Unknown,
    Unreadable,
    blob_id,
    refusal,
    text_of,
)
from callpath.sources.http import Client, NoReplyError, Reply
from callpath.sources.spec import OnlineAccess

_DAY = 24 * 60 * 60.0


class AnswerCache:
    """What elixir sites served: for each answer a line of JSON, then the bytes.

    A question is the site's address, the project, the version and the path.

    Parameters:
        cache: Where answers are kept.
        days: How long an answer is good; 0 keeps none.
    """

    def __init__(self, cache: Cache, days: float) -> None:
        self._cache = cache if days > 0 else Cache()
        self._seconds = days * _DAY

    def get(self, question: list[str]) -> bytes | None:
        """What was served, or None if it is not known, too old or damaged."""

        def parse(entry: bytes) -> bytes | None:
            head, _, data = entry.partition(b"\n")
            facts = json.loads(head)
            age = time.time() - float(facts["time"])
            is_good = facts["question"] == question and facts["blob"] == blob_id(data)
            return data if is_good and 0 <= age < self._seconds else None

        return self._cache.read(_name(question), parse)

    def put(self, question: list[str], data: bytes) -> None:
        """Keep what was served."""
        facts = {"question": question, "blob": blob_id(data), "time": time.time()}
        self._cache.keep(_name(question), json.dumps(facts).encode() + b"\n" + data)


def _name(question: list[str]) -> str:
    return f"{ELIXIR}/{hashlib.sha256(chr(0).join(question).encode()).hexdigest()}"


NOT_ASKABLE = "has characters that elixir does not take"

_OK, _BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 400, 401, 403, 404
_TEXT_TYPES = ("application/octet-stream", "text/plain")
"""What elixir calls a raw file, and what a server before it may make of that."""
_PAGE_STARTS = (b"<!doctype html", b"<html")
_CHALLENGE_MARKS = (b"making sure you", b"not a bot", b"anubis", b".within.website")
"""What the pages of the bot wall Anubis hold, in lower case."""
_CHALLENGED = "sent a page that keeps programs out"
_LONGEST_LINK = 4096


def open_elixir(spec: SourceSpec, pin: Pin, access: OnlineAccess | None = None) -> "ElixirSource":
    """Open an elixir site at the pin's version; nothing is asked yet.

    Parameters:
        spec: Its place is the site's address; empty for elixir.bootlin.com.
        pin: The version.
        access: What is shared with other sources of the same command.

    Raises:
        UsageError: The place is not an address of a site.
        SourceError: The environment's proxy or certificates cannot be used.
    """
    base = link_provider("elixir", spec.place).base
    access = access or OnlineAccess(Online())
    name = _host_of(base, spec)
    if name not in access.clients:
        access.clients[name] = Client(name, access.settings)
    answers = AnswerCache(access.cache, access.settings.cache_days)
    return ElixirSource(base, spec, pin, access.clients[name], answers)


def _host_of(base: str, spec: SourceSpec) -> str:
    try:
        parts = urlsplit(base)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        named = False
    is_plain = not any(mark in base for mark in "?#@ \\")
    if not named or parts.scheme not in ("http", "https") or not (is_plain and base.isprintable()):
        raise UsageError(
            f"`{spec}` does not name a web address", "write `elixir:https://elixir.example.org`"
        )
    return parts.netloc.lower()


class ElixirSource(Source):
    """One version of a project at an elixir site. Not searchable: a site is not scanned.

    Parameters:
        base: The site's address without a slash at the end.

    Attributes:
        host: The site's host, for messages.
        from_cache: How many files came from the cache.
    """

    def __init__(
        self, base: str, spec: SourceSpec, pin: Pin, client: Client, cache: AnswerCache
    ) -> None:
        super().__init__(spec, pin)
        self.host = client.host
        self.from_cache = 0
        self._base = base
        self._client = client
        self._cache = cache

    def version(self) -> None:
        """None: the version is part of the address, and the site has no other."""

    def read_one(self, path: str) -> ReadResult:
        if reason := refusal(path):
            return Unreadable(path, reason)
        if path_fault(path, "the tree"):
            return Unreadable(path, NOT_ASKABLE)
        question = [self._base, self.pin.project, self.pin.version, path]
        if (data := self._cache.get(question)) is not None:
            self.from_cache += 1
            return text_of(path, data)
        result = self._ask(path)
        self._client.count(answered=not isinstance(result, Unknown))
        if isinstance(result, FileText):
            self._cache.put(question, result.data)
        return result

    def _ask(self, path: str) -> ReadResult:
        address = link_provider("elixir", self._base).file(self.pin, path)
        try:
            reply = self._client.get(f"{address}?raw=1", kept=address.removeprefix(self._base))
            return judge(path, reply)
        except NoReplyError as failure:
            return Unknown(path, failure.cause, f"`{self.host}` {failure.reason}")


def judge(path: str, reply: Reply) -> FileText | Missing | Unreadable:
    """What an answer to `?raw=1` says of a file.

    Raises:
        NoReplyError: It says nothing of the file.
    """
    if reply.status in (_BAD_REQUEST, _NOT_FOUND):  # here elixir answers with status 400
        if _is_challenge(reply):
            raise NoReplyError(Cause.CHALLENGE, _CHALLENGED)
        return Missing(path)
    if reply.status != _OK:
        is_refused = reply.status in (_UNAUTHORIZED, _FORBIDDEN)
        cause = Cause.REFUSED if is_refused else Cause.UNEXPECTED
        raise NoReplyError(cause, f"answered with status {reply.status}")
    if _is_challenge(reply):
        raise NoReplyError(Cause.CHALLENGE, _CHALLENGED)
    if _is_page(reply):
        kind = f"`{reply.content_type}`" if reply.content_type else "something of no type"
        raise NoReplyError(Cause.UNEXPECTED, f"sent {kind} where a file's text was expected")
    if _is_link(reply.data):
        raise NoReplyError(Cause.UNEXPECTED, "sent the target of a link, not the text behind it")
    return text_of(path, reply.data)


def _is_page(reply: Reply) -> bool:
    """Whether it is no raw file, or a page that is passed off as one: no C file starts so."""
    starts_like_one = reply.data.lstrip()[:20].lower().startswith(_PAGE_STARTS)
    return reply.content_type not in _TEXT_TYPES or starts_like_one


def _is_challenge(reply: Reply) -> bool:
    """Whether a page, not a raw file that speaks of one, is the bot wall's."""
    return _is_page(reply) and any(mark in reply.data.lower() for mark in _CHALLENGE_MARKS)


def _is_link(data: bytes) -> bool:
    """Whether this is a symbolic link's target, which elixir serves like a file's text."""
    if not data or b"\n" in data or len(data) > _LONGEST_LINK:
        return False
    parts = data.decode("utf-8", "replace").split("/")
    return len(parts) > 1 and not path_fault("/".join(p for p in parts if p != ".."), "the tree")
