"""An elixir site as a source: `elixir[:BASE-URL]`. One request a file; a failure proves nothing.

The addresses and answers are those of bootlin/elixir 90a4399 (elixir/web.py).
"""

import hashlib
import json
import time
from functools import partial
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
    text_of,
)
from callpath.sources.http import Client, NoReplyError, Reply
from callpath.sources.spec import OnlineAccess

_DAY = 24 * 60 * 60.0  # seconds

_OK, _BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 400, 401, 403, 404
_TEXT_TYPES = ("application/octet-stream", "text/plain")
"""What elixir calls a raw file, and what a server before it may make of that."""
_PAGE_STARTS = (b"<!doctype html", b"<html")
_CHALLENGE_MARKS = (b"making sure you", b"not a bot", b"anubis", b".within.website")
"""What the pages of the bot wall Anubis hold, in lower case."""
_LONGEST_LINK = 4096


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
    """One version of a project at an elixir site, whose address is the place of the SPEC.

    It is not searchable, as a site is not scanned; nothing is asked before a file is read. Sources
    of one command share their `access`. Raises UsageError if the place is not an address of a site,
    and SourceError if the environment's proxy or certificates cannot be used.
    """

    def __init__(self, spec: SourceSpec, pin: Pin, access: OnlineAccess | None = None) -> None:
        super().__init__(spec, pin)
        access = access or OnlineAccess(Online())
        self._links = link_provider("elixir", spec.place)
        self.host = _host_of(self._links.base, spec)  # for messages
        self.from_cache = 0  # how many files came from the cache
        if self.host not in access.clients:
            access.clients[self.host] = Client(self.host, access.settings)
        self._client = access.clients[self.host]
        self._days = access.settings.cache_days  # how long what was served is good; 0 keeps none
        self._cache = access.cache if self._days > 0 else Cache()

    def version(self) -> None:
        """None: the version is part of the address, and the site has no other."""

    def read_one(self, path: str) -> ReadResult:
        if path_fault(path, "the tree"):
            return Unreadable(path, "has characters that elixir does not take")
        question = [self._links.base, self.pin.project, self.pin.version, path]
        name = f"{ELIXIR}/{hashlib.sha256(chr(0).join(question).encode()).hexdigest()}"
        kept = self._cache.read(name, partial(_kept_answer, question, self._days * _DAY))
        if kept is not None:
            self.from_cache += 1
            return text_of(path, kept)
        result = self._ask(path)
        self._client.count(answered=not isinstance(result, Unknown))
        if isinstance(result, FileText):
            facts = {"question": question, "blob": result.blob, "time": time.time()}
            self._cache.keep(name, json.dumps(facts).encode() + b"\n" + result.data)
        return result

    def _ask(self, path: str) -> ReadResult:
        address = self._links.file(self.pin, path)
        kept = address.removeprefix(self._links.base)
        try:
            reply = self._client.get(f"{address}?raw=1", kept)
            return judge(path, reply)
        except NoReplyError as failure:
            return Unknown(path, failure.cause, f"`{self.host}` {failure.reason}")


def _kept_answer(question: list[str], seconds: float, entry: bytes) -> bytes | None:
    """What a site served, of an entry of the cache: a line of JSON, then the bytes.

    None if it is older than so many seconds, or damaged, which may also raise an error.
    """
    head, _, data = entry.partition(b"\n")
    facts = json.loads(head)
    age = time.time() - float(facts["time"])
    is_good = facts["question"] == question and facts["blob"] == blob_id(data)
    return data if is_good and 0 <= age < seconds else None


def judge(path: str, reply: Reply) -> FileText | Missing | Unreadable:
    """What an answer to `?raw=1` says of a file; raises NoReplyError if it says nothing of it."""
    if reply.status not in (_OK, _BAD_REQUEST, _NOT_FOUND):
        is_refused = reply.status in (_UNAUTHORIZED, _FORBIDDEN)
        cause = Cause.REFUSED if is_refused else Cause.UNEXPECTED
        raise NoReplyError(cause, f"answered with status {reply.status}")
    if _is_challenge(reply):
        raise NoReplyError(Cause.CHALLENGE, "sent a page that keeps programs out")
    if reply.status != _OK:  # where a file is missing, elixir answers with status 400
        return Missing(path)
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
