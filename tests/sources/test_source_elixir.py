"""The source `elixir:`, against a real server that misbehaves in every way that it must survive."""

import gzip
import hashlib
import json
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.metadata import version
from pathlib import Path

import pytest

import misbehaving_server as served
from callpath.cache import Cache
from callpath.findings import (
    SourceError,
    UsageError,
)
from callpath.model import Pin
from callpath.settings import Online
from callpath.sources.base import (
    Cause,
    FileText,
    Missing,
    ReadResult,
    Unknown,
    Unreadable,
)
from callpath.sources.http import pause_asked
from callpath.sources.spec import OnlineAccess, open_source, parse_spec
from misbehaving_server import Behaviour, Server

PIN = Pin("linux", "v3.7")
PLACE = "/linux/v3.7/source/"
TEXT = b"int lamp_on(void)\n{\n\treturn 1;\n}\n"
DELAY = 0.05
QUICK = Online(delay=DELAY, timeout=5, retries=2, cache_days=0)
IMPATIENT = Online(delay=DELAY, timeout=0.4, retries=0, cache_days=0)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server whose every request must be an honest GET."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Server() as opened:
        yield opened
    assert {request.method for request in opened.requests} <= {"GET"}
    for request in opened.requests:
        assert request.headers["User-Agent"] == f"callpath/{version('callpath')}"
        assert "Cookie" not in request.headers
        assert request.target.endswith("?raw=1")


def read(server: Server, *paths: str, settings: Online = QUICK) -> list[ReadResult]:
    with open_source(parse_spec(f"elixir:{server.base}"), PIN, OnlineAccess(settings)) as source:
        results = list(source.read(paths))
    assert all(gap >= DELAY for gap in server.gaps())
    return results


def read_one(server: Server, *behaviours: Behaviour, settings: Online = QUICK) -> ReadResult:
    server.answer(f"{PLACE}lamp.c", *behaviours)
    return read(server, "lamp.c", settings=settings)[0]


def blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


# --- answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behaviour",
    [served.raw(TEXT), served.chunked(TEXT), served.answer(200, TEXT, "text/plain; charset=utf-8")],
)
def test_a_raw_file_is_its_text(server: Server, behaviour: Behaviour) -> None:
    assert read_one(server, behaviour) == FileText("lamp.c", TEXT, blob(TEXT))
    assert server.targets() == ["/linux/v3.7/source/lamp.c?raw=1"]


def test_an_empty_file_is_a_file(server: Server) -> None:
    assert read_one(server, served.raw(b"")) == FileText("lamp.c", b"", blob(b""))


@pytest.mark.parametrize("sentence", [served.CHALLENGE, b"Making sure you're not a bot!"])
def test_a_raw_file_may_hold_the_words_of_the_challenge(server: Server, sentence: bytes) -> None:
    text = b"/* anubis says:\n" + sentence + b"\n*/\n"
    assert read_one(server, served.raw(text)) == FileText("lamp.c", text, blob(text))


@pytest.mark.parametrize("status", [400, 404])
def test_a_file_that_elixir_does_not_have_is_missing(server: Server, status: int) -> None:
    assert read_one(server, served.answer(status, served.NOT_FOUND)) == Missing("lamp.c")
    assert len(server.requests) == 1


def test_a_binary_file_is_unreadable(server: Server) -> None:
    assert read_one(server, served.raw(b"\0\1")) == Unreadable("lamp.c", "is a binary file")


# --- what is no answer -----------------------------------------------------------------------

CASES: list[tuple[str, Behaviour, Cause, str, int]] = [
    # what the server does, the cause, words of the reason, requests with two retries
    ("challenge", served.challenge(), Cause.CHALLENGE, "keeps programs out", 1),
    ("challenge-404", served.challenge(404), Cause.CHALLENGE, "keeps programs out", 1),
    ("challenge-raw", served.challenge(200, served.RAW), Cause.CHALLENGE, "keeps programs out", 1),
    ("page", served.answer(200, b"<html>login</html>"), Cause.UNEXPECTED, "`text/html`", 1),
    ("page-raw", served.raw(b"<!DOCTYPE html>\n"), Cause.UNEXPECTED, "where a file's text", 1),
    ("no-type", served.answer(200, TEXT, ""), Cause.UNEXPECTED, "something of no type", 1),
    ("link", served.raw(b"../include/lamp.h"), Cause.UNEXPECTED, "target of a link", 1),
    ("204", served.answer(204), Cause.UNEXPECTED, "status 204", 1),
    ("401", served.answer(401), Cause.REFUSED, "status 401", 1),
    ("403", served.answer(403, served.CHALLENGE), Cause.REFUSED, "status 403", 1),
    ("405", served.answer(405), Cause.UNEXPECTED, "status 405", 1),
    ("429", served.answer(429), Cause.BUSY, "status 429", 3),
    ("500", served.answer(500), Cause.SERVER_ERROR, "status 500", 3),
    ("503", served.answer(503), Cause.SERVER_ERROR, "status 503", 3),
    ("close", served.close_at_once, Cause.BROKEN, "broke off", 3),
    ("reset-in-head", served.reset_in_head, Cause.BROKEN, "broke off", 3),
    ("reset-in-body", served.reset_in_body, Cause.BROKEN, "broke off", 3),
    ("cut-off", served.cut_off, Cause.BROKEN, "broke off", 3),
    ("cut-off-chunk", served.cut_off_chunk, Cause.BROKEN, "broke off", 3),
    ("no-http", served.no_http, Cause.BROKEN, "no valid one", 3),
    ("no-length", served.without_length(TEXT), Cause.BROKEN, "cut off", 1),
    ("garbage-gzip", served.compressed(b"\x1f\x8bgarbage"), Cause.BROKEN, "`gzip`", 1),
    ("cut-gzip", served.compressed(gzip.compress(TEXT)[:-9]), Cause.BROKEN, "`gzip`", 1),
    ("endless", served.endless, Cause.TOO_LARGE, "larger than 8 MiB", 1),
    ("huge", served.announced_huge, Cause.TOO_LARGE, "larger than 8 MiB", 1),
]


@pytest.mark.parametrize(
    ("behaviour", "cause", "words", "requests"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_what_is_no_answer_is_unknown(
    server: Server, behaviour: Behaviour, cause: Cause, words: str, requests: int
) -> None:
    result = read_one(server, behaviour)
    assert isinstance(result, Unknown)
    assert result.cause is cause
    assert words in result.reason
    assert f"`127.0.0.1:{server.port}`" in result.reason
    assert len(server.requests) == requests


@pytest.mark.parametrize(
    "behaviour", [served.silence, served.drip_head(), served.drip_body()], ids=["none", "h", "b"]
)
def test_a_slow_answer_is_given_up_after_the_time_limit(
    server: Server, behaviour: Behaviour
) -> None:
    start = time.monotonic()
    result = read_one(server, behaviour, settings=IMPATIENT)
    assert 0.4 <= time.monotonic() - start < 5
    assert isinstance(result, Unknown)
    assert result.cause is Cause.TIME_OUT
    assert "gave no whole answer in 0.4 s" in result.reason


def test_a_refused_connection_is_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with open_source(
        parse_spec(f"elixir:http://127.0.0.1:{port}"), PIN, OnlineAccess(IMPATIENT)
    ) as source:
        (result,) = source.read(["lamp.c"])
    reason = f"`127.0.0.1:{port}` refused the connection"
    assert result == Unknown("lamp.c", Cause.UNREACHABLE, reason)


def test_a_host_without_an_address_is_unknown() -> None:
    host = ".".join(["x" * 60] * 5)  # too long to be looked up: the network is not asked
    with open_source(parse_spec(f"elixir:http://{host}"), PIN, OnlineAccess(IMPATIENT)) as source:
        (result,) = source.read(["lamp.c"])
    assert isinstance(result, Unknown)
    assert result.cause is Cause.UNREACHABLE


def test_a_failure_of_tls_is_unknown(server: Server) -> None:
    base = server.base.replace("http://", "https://")
    with open_source(parse_spec(f"elixir:{base}"), PIN, OnlineAccess(QUICK)) as source:
        (result,) = source.read(["lamp.c"])
    assert isinstance(result, Unknown)
    assert result.cause is Cause.INSECURE


# --- retries ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [served.answer(500), served.answer(503), served.reset_in_body, served.cut_off, served.silence],
)
def test_a_failure_that_passes_is_retried(server: Server, failure: Behaviour) -> None:
    settings = Online(delay=DELAY, timeout=1, retries=1, cache_days=0)
    result = read_one(server, failure, served.raw(TEXT), settings=settings)
    assert isinstance(result, FileText)
    assert len(server.requests) == 2


def test_the_pauses_between_retries_grow(server: Server) -> None:
    settings = Online(delay=0.1, timeout=5, retries=3, cache_days=0)
    read_one(server, served.answer(503), settings=settings)
    first, second, third = server.gaps()
    assert first >= 0.1
    assert second >= 0.2
    assert third >= 0.4


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_seconds_is_honoured(server: Server, status: int) -> None:
    busy = served.answer(status, b"", served.PAGE, "Retry-After: 1")
    assert isinstance(read_one(server, busy, served.raw(TEXT)), FileText)
    assert server.gaps()[0] >= 1


def test_retry_after_date_is_honoured(server: Server) -> None:
    def busy(exchange: served.Exchange) -> None:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        served.answer(429, b"", served.PAGE, f"Retry-After: {date}")(exchange)

    assert isinstance(read_one(server, busy, served.raw(TEXT)), FileText)
    assert server.gaps()[0] >= 0.9  # a date has whole seconds


def test_the_pause_asked_for_at_the_last_try_is_kept_before_the_next_file(server: Server) -> None:
    server.answer(f"{PLACE}a.c", served.answer(429, b"", served.PAGE, "Retry-After: 1"))
    server.answer(f"{PLACE}b.c", served.raw(TEXT))
    settings = Online(delay=DELAY, timeout=5, retries=0, cache_days=0)
    first, second = read(server, "a.c", "b.c", settings=settings)
    assert isinstance(first, Unknown)
    assert isinstance(second, FileText)
    assert server.gaps()[0] >= 1


def test_a_host_that_asks_for_a_long_pause_is_asked_no_more(server: Server) -> None:
    server.answer(f"{PLACE}a.c", served.answer(429, b"", served.PAGE, "Retry-After: 3600"))
    server.answer(f"{PLACE}b.c", served.raw(TEXT))
    first, second = read(server, "a.c", "b.c")
    assert isinstance(first, Unknown)
    assert first.cause is Cause.BUSY
    assert "asks for a pause of 3600 s" in first.reason
    assert isinstance(second, Unknown)
    assert second.cause is Cause.NOT_ASKED
    assert server.counts() == {"a.c": 1}


def test_a_host_that_never_answers_is_asked_no_more(server: Server) -> None:
    paths = [f"{name}.c" for name in "abcdefgh"]
    for path in paths:
        server.answer(PLACE + path, served.challenge())
    results = read(server, *paths)
    causes = [result.cause for result in results if isinstance(result, Unknown)]
    assert causes == [Cause.CHALLENGE] * 5 + [Cause.NOT_ASKED] * 3
    assert len(server.requests) == 5


def test_an_answer_in_between_keeps_the_host_open(server: Server) -> None:
    paths = [f"{name}.c" for name in "abcdefgh"]
    for path in paths:
        server.answer(PLACE + path, served.challenge())
    server.answer(f"{PLACE}d.c", served.missing())
    read(server, *paths)
    assert len(server.requests) == 8


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 -0000", 0.0),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("Sun, 99 Nov 1994 08:49:37 GMT", None),
        ("٣", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert pause_asked(value) == seconds


# --- redirects -------------------------------------------------------------------------------


def test_a_redirect_to_the_same_file_on_the_host_is_followed(server: Server) -> None:
    server.answer(f"/new{PLACE}lamp.c", served.raw(TEXT))
    result = read_one(server, served.redirect(f"/new{PLACE}lamp.c?raw=1", 301))
    assert isinstance(result, FileText)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "location",
    [
        "/.within.website/?redir=x&raw=1",
        "/login?raw=1",
        "/linux/latest/source/lamp.c?raw=1",
        "http://localhost/linux/v3.7/source/lamp.c?raw=1",
        "http://127.0.0.1:9/linux/v3.7/source/lamp.c?raw=1",
        "https://127.0.0.1/linux/v3.7/source/lamp.c?raw=1",
        "//user:word@127.0.0.1/linux/v3.7/source/lamp.c?raw=1",
        "file:///linux/v3.7/source/lamp.c",
    ],
)
def test_a_redirect_elsewhere_is_not_followed(server: Server, location: str) -> None:
    result = read_one(server, served.redirect(location))
    assert isinstance(result, Unknown)
    assert result.cause is Cause.REDIRECTED
    assert "leads elsewhere" in result.reason
    assert len(server.requests) == 1


def test_a_redirect_to_another_server_does_not_reach_it(server: Server) -> None:
    with Server() as other:
        result = read_one(server, served.redirect(f"{other.base}{PLACE}lamp.c?raw=1"))
        assert other.requests == []
    assert isinstance(result, Unknown)
    assert result.cause is Cause.REDIRECTED


def test_a_redirect_without_an_address_is_unknown(server: Server) -> None:
    result = read_one(server, served.answer(302))
    assert isinstance(result, Unknown)
    assert result.cause is Cause.UNEXPECTED


def test_a_circle_of_redirects_is_left(server: Server) -> None:
    result = read_one(server, served.redirect(f"{PLACE}lamp.c?raw=1"))
    assert isinstance(result, Unknown)
    assert result.reason.endswith("leads in a circle")
    assert len(server.requests) == 4


def test_latest_is_not_followed_to_a_version(server: Server) -> None:
    server.answer("/linux/latest/source/lamp.c", served.redirect(f"{PLACE}lamp.c?raw=1"))
    server.answer(f"{PLACE}lamp.c", served.raw(TEXT))
    with open_source(
        parse_spec(f"elixir:{server.base}"), Pin("linux", "latest"), OnlineAccess(QUICK)
    ) as source:
        (result,) = source.read(["lamp.c"])
    assert isinstance(result, Unknown)
    assert result.cause is Cause.REDIRECTED


# --- politeness ------------------------------------------------------------------------------


def test_requests_lie_the_delay_apart_over_all_sources_of_a_command(server: Server) -> None:
    access = OnlineAccess(Online(delay=0.3, timeout=5, retries=0, cache_days=0))
    for pin in (PIN, Pin("linux", "v3.8"), Pin("qemu", "v8.2.0")):
        path = f"/{pin.project}/{pin.version}/source/"
        server.answer(f"{path}a.c", served.raw(TEXT))
        with open_source(parse_spec(f"elixir:{server.base}"), pin, access) as source:
            assert len(list(source.read(["a.c", "b.c"]))) == 2
    assert len(server.requests) == 6
    assert all(gap >= 0.3 for gap in server.gaps())


def test_files_are_asked_for_once_and_in_order(server: Server) -> None:
    for name in "abc":
        server.answer(f"{PLACE}{name}.c", served.raw(TEXT))
    with open_source(parse_spec(f"elixir:{server.base}/"), PIN, OnlineAccess(QUICK)) as source:
        results = source.read(["c.c", "a.c", "b.c", "a.c"])
        assert [result.path for result in results] == ["a.c", "b.c", "c.c"]
    assert [target.partition("?")[0] for target in server.targets()] == [
        f"{PLACE}{name}.c" for name in "abc"
    ]


def test_nothing_is_asked_before_a_file_is_read(server: Server) -> None:
    with open_source(parse_spec(f"elixir:{server.base}"), PIN, OnlineAccess(QUICK)) as source:
        assert source.version() is None
        assert not source.searchable
        assert source.paths() == ()
        assert source.find_words({"lamp", "a-b"}) == {"a-b": (), "lamp": ()}
    assert server.requests == []


@pytest.mark.parametrize("path", ["../x.c", "/x.c", "a//b.c", "a b.c", "a?b.c", "中.c", "a\0b"])
def test_a_path_that_elixir_does_not_take_is_not_asked_for(server: Server, path: str) -> None:
    (result,) = read(server, path)
    assert isinstance(result, Unreadable)
    assert server.requests == []


def test_no_proxy_is_respected(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert isinstance(read_one(server, served.raw(TEXT)), FileText)


def test_a_proxy_that_is_no_address_is_a_source_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "nonsense://127.0.0.1:9")
    with pytest.raises(SourceError, match="the network cannot be used"):
        open_source(parse_spec("elixir"), PIN)


def test_nothing_is_printed_while_it_retries(
    server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    read_one(server, served.answer(503))
    assert capfd.readouterr() == ("", "")


# --- the address -----------------------------------------------------------------------------


def test_the_address_is_elixirs_own_by_default() -> None:
    with open_source(parse_spec("elixir"), PIN) as source:
        assert str(source.spec) == "elixir"


@pytest.mark.parametrize(
    "place",
    [
        *["x", "ftp://x.org", "http://", "https://x.org/?a", "https://x.org#a"],
        *["http://u:p@x.org", "http://x.org:99999", "http://[x", "https://x.org/a b"],
    ],
)
def test_what_is_no_address_is_refused(place: str) -> None:
    with pytest.raises(UsageError, match="does not name a web address"):
        open_source(parse_spec(f"elixir:{place}"), PIN)


# --- the cache -------------------------------------------------------------------------------


def cached(server: Server, folder: Path, *paths: str, days: float = 7.0) -> list[ReadResult]:
    settings = Online(delay=DELAY, timeout=5, retries=0, cache_days=days)
    access = OnlineAccess(settings, Cache(folder))
    with open_source(parse_spec(f"elixir:{server.base}"), PIN, access) as source:
        return list(source.read(paths))


def entries(folder: Path) -> list[Path]:
    return sorted((folder / "elixir").glob("*"))


def test_a_success_is_kept_and_a_failure_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.answer(f"{PLACE}good.c", served.raw(TEXT))
    server.answer(f"{PLACE}bad.c", served.answer(503), served.raw(TEXT))
    paths = ("bad.c", "gone.c", "good.c")
    first = cached(server, tmp_path, *paths)
    assert [type(result) for result in first] == [Unknown, Missing, FileText]
    second = cached(server, tmp_path, *paths)
    assert [type(result) for result in second] == [FileText, Missing, FileText]
    assert second[2] == first[2]
    assert cached(server, tmp_path, "bad.c", "good.c") == [second[0], second[2]]
    assert server.counts() == {"good.c": 1, "bad.c": 2, "gone.c": 2}
    assert len(entries(tmp_path)) == 2


def test_another_site_project_version_or_path_is_another_answer(
    server: Server, tmp_path: Path
) -> None:
    access = OnlineAccess(Online(delay=DELAY, retries=0), Cache(tmp_path))
    for pin in (PIN, Pin("linux", "v3.8"), Pin("qemu", "v3.7")):
        for base in (server.base, f"{server.base}/sub"):
            with open_source(parse_spec(f"elixir:{base}"), pin, access) as source:
                list(source.read(["a.c", "b.c"]))
    assert len(set(server.targets())) == len(server.requests) == 12


def test_an_old_answer_is_asked_for_again(server: Server, tmp_path: Path) -> None:
    server.answer(f"{PLACE}a.c", served.raw(TEXT))
    cached(server, tmp_path, "a.c", days=0.5 / 86400)
    cached(server, tmp_path, "a.c")
    assert len(server.requests) == 1
    time.sleep(0.6)
    cached(server, tmp_path, "a.c", days=0.5 / 86400)
    assert len(server.requests) == 2


def test_an_answer_from_the_future_is_asked_for_again(server: Server, tmp_path: Path) -> None:
    server.answer(f"{PLACE}a.c", served.raw(TEXT))
    cached(server, tmp_path, "a.c")
    (entry,) = entries(tmp_path)
    head, _, data = entry.read_bytes().partition(b"\n")
    facts = json.loads(head) | {"time": time.time() + 3600}
    entry.write_bytes(json.dumps(facts).encode() + b"\n" + data)
    cached(server, tmp_path, "a.c")
    assert len(server.requests) == 2


def test_without_days_nothing_is_kept(server: Server, tmp_path: Path) -> None:
    server.answer(f"{PLACE}a.c", served.raw(TEXT))
    cached(server, tmp_path, "a.c", days=0)
    assert entries(tmp_path) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data.replace(b"return 1", b"return 2"),
        lambda data: data.replace(b"linux", b"qemu!"),
        lambda data: b"[]\n" + TEXT,
        lambda data: b"\xff\xfe\n" + TEXT,
        lambda data: b"[" * 100_000 + b"\n",
    ],
)
def test_a_damaged_entry_is_asked_for_again(server: Server, tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    server.answer(f"{PLACE}a.c", served.raw(TEXT))
    first = cached(server, tmp_path, "a.c")
    (entry,) = entries(tmp_path)
    entry.write_bytes(damage(entry.read_bytes()))
    assert cached(server, tmp_path, "a.c") == first
    assert cached(server, tmp_path, "a.c") == first
    assert len(server.requests) == 2


def test_a_cache_that_cannot_be_written_to_is_done_without(server: Server, tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file where the folder should be")
    server.answer(f"{PLACE}a.c", served.raw(TEXT))
    assert isinstance(cached(server, tmp_path, "a.c")[0], FileText)
