"""What stands in one sentence, and what a sentence says that its names are not.

Works on a *view* of a document: as many characters as its text, but markup, comments and code
blocks are masked, so that offsets stay and no pattern reads across them.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from callpath.mentions.model import Document, PassageKind

GAP = "\0"  # markup within a block
CODE = "\1"  # the inside of a code span, where it is masked
BREAK = "\2"  # what parts two blocks
CELL = "\3"  # what parts two blocks of one line: cells of a table
REACH = 400  # how many characters away a symbol of the same sentence may stand

_END = re.compile(
    r"[.!?。！？；\x02](?:(?<=[。！？；])|(?<=\x02)\x02*"
    r"|(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\betc\.)"
    r"(?=[\"')\]\0]*(?:[\s\x02\x03]|\Z)))"
)
# What says that a sentence tells of what was, will be or might be. Lower case; every alternative
# begins with a letter of its own, so that the search skips what cannot match.
_NOT_NOW = re.compile(
    r"remov(?:e|ed|es|ing|al)\b|dropped|deleted|deprecated|obsolete|renam(?:ed|ing|e)\b|relocated"
    r"|formerly|previously|previous (?:kernel|version|release|name|implementation)|historic|original"
    r"|legacy|predecessor|superseded|replac(?:e|ed|es|ing|ement)\b|used to (?:be|have|call|use|live)"
    r"|was (?:called|named|known)|were (?:called|named|known)|known as|no longer|not exist|gone\b"
    r"|older (?:kernel|version|release|tree|name|code|interface|api|function)|pre-\d|pre-v\d"
    r"|earlier (?:kernel|version|release|tree|name|code|interface|api|function)"
    r"|old (?:kernel|version|release|tree|name|code|interface|api|function|implementation)"
    r"|early (?:kernel|version|release)s?|before (?:v|linux |kernel |version |the )?\d"
    r"|until (?:v|linux |kernel )?\d|prior to|there (?:is|was) no\b|instead of the old"
    r"|folded into|merged (?:in|into|for|as)\b|split (?:into|out)|converted|moved\b|ported\b"
    r"|hypothetical|imaginary|invented|propos(?:al|ed)|never merged|not (?:yet )?merged"
    r"|pseudo-?code|misspel|typo\b|out[- ]of[- ]tree|downstream|backport"
    r"|bug at|call trace|stack trace|backtrace|crash trace|syzbot|reproducer|oops\b"
    r"|旧|老版本|早期|曾|以前|之前的版本|已删除|移除|删除了|重命名|改名|更名|废弃|弃用|不再|取代|替换为|原名|不存在"
)
# What dates a sentence: it speaks of that release, which need not be the pinned one.
_DATED = re.compile(
    r"(?:introduced|added|appeared|since|from|in|by|as of|arrived|landed|with|on|for|via|dating|and|,|\()"
    r"[ \0\x01(]*(?:linux |kernel |the |january |february |march |april |may |june |july |august"
    r" |september |october |november |december |jan |feb |mar |apr |jun |jul |aug |sep |oct |nov |dec )*"
    r"(?:\d\d?, )?(?:v?[2-9]\.\d+|v?[2-9]\.x|(?:19|20)\d\d)\b|commit\b|\bpatch\b"
)
_ELSEWHERE = re.compile(
    r"\b(?:QEMU|glibc|musl|bionic|systemd|liburing|libaio|libnuma|libfuse|libdrm|libusb|libcap"
    r"|libseccomp|libvirt|libcgroup|libudev|libkmod|alsa-lib|tinyalsa|DPDK|SPDK|U-Boot|FreeBSD"
    r"|OpenBSD|NetBSD|Solaris|illumos|Windows|macOS|XNU|Firecracker|crosvm|gVisor|Mesa|GStreamer"
    r"|PipeWire|PulseAudio|OpenSSL|util-linux|iproute2|busybox|coreutils|GRUB|SeaBIOS|OVMF|EDK2"
    r"|Postgres(?:QL)?|MySQL|InnoDB|RocksDB|Redis|nginx|NGINX|Docker|Kubernetes|Prometheus|Ceph"
    r"|Samba|Chromium|Wayland|jemalloc|tcmalloc|POSIX|newlib|LTP|syzkaller|bcc|libc|Vulkan|OpenGL"
    r"|user-?space librar(?:y|ies)|Minix|Multics|Plan 9|Grub|TPM2)\b"
)
# What says that lower-case names are files, counters and settings that the system shows, which a
# source need not have as words; and that upper-case ones are options without `CONFIG_`.
_OF_SYSTEM = re.compile(
    r"/proc/|/sys/|sysctl|sysfs|procfs|debugfs|tracefs|configfs|vmstat|meminfo|memory\.stat|iostat"
    r"|mount option|module param|boot param|kernel param|command[- ]line|tracepoint|counter|metric"
    r"|statistic|knob|attribute|config option|configuration option|kconfig|field \d|fields \d"
    r"|内核参数|启动参数|命令行|计数器|配置选项|挂载选项"
)
# A section with such a heading tells of the past, with the names of its time.
_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S[^\n]{0,200})", re.MULTILINE)
_PAST_HEADING = re.compile(
    r"\b(?:histor|evolution|war stor|cve-|bugs?\b|regression|incident|story|timeline|legacy\b|old\b"
    r"|deprecat|removed\b|vulnerab|exploit|post-?mortem|case stud|before\b|origins?\b|changelog"
    r"|how it (?:was|used)|patch(?:es)?\b|the fix\b|qemu\b|glibc\b|liburing\b|user-?space)|历史|漏洞|演变"
)
_TABLE = re.compile(r"^[ \t]*+\|?[ \t]*+:?-[-| :\t]*+$", re.MULTILINE)
_SETTINGS_HEADER = re.compile(
    r"\|?\s*(?:\w+ )?(?:fields?|counters?|metrics?|files?|knobs?|param(?:eter)?s?|attributes?|columns?"
    r"|options?|settings?|sysctls?|keys?|actions?|properties|property|tunables?|events?|字段|参数|文件|选项)\s*\|",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sentences:
    """The sentences of a document."""

    document: Document

    @cached_property
    def view(self) -> str:
        """Its prose; all else is masked."""
        return _view(self.document)

    @cached_property
    def _ends(self) -> list[int]:
        """Where each sentence ends, in order."""
        return [match.end() for match in _END.finditer(self.view)]

    def number(self, offset: int) -> int:
        """Which sentence an offset is in; a row of a table is one."""
        return bisect_right(self._ends, offset)

    def around(self, start: int, end: int) -> tuple[int, int]:
        """Start and end of the sentence around a stretch, not further than its cell or `REACH`."""
        first, last = self.number(start), self.number(max(start, end - 1))
        left = max(start - REACH, self._ends[first - 1] if first else 0)
        right = min(end + REACH, self._ends[last] if last < len(self._ends) else len(self.view))
        left = max(left, self.view.rfind(CELL, left, start) + 1)
        cell = self.view.find(CELL, end, right)
        return left, right if cell < 0 else cell

    def _bounds(self, number: int) -> tuple[int, int]:
        start = self._ends[number - 1] if number else 0
        return start, self._ends[number] if number < len(self._ends) else len(self.view)

    @cached_property
    def _known(self) -> dict[int, tuple[bool, bool]]:
        """Of the sentences that were asked for: if they claim nothing, if they are of a system."""
        return {}

    def _kind(self, offset: int) -> tuple[bool, bool]:
        number = self.number(offset)
        if number not in self._known:
            start, end = self._bounds(number)
            sentence = self.view[start:end]
            lower = sentence.lower()
            is_claimless = _NOT_NOW.search(lower) or _DATED.search(lower)
            self._known[number] = (
                bool(is_claimless or _ELSEWHERE.search(sentence)),
                bool(_OF_SYSTEM.search(self.document.text[start:end].lower())),
            )
        return self._known[number]

    def claims_nothing(self, offset: int) -> bool:
        """Whether its sentence or section tells of another time or project than the pinned."""
        return is_within(self._past, offset) or self._kind(offset)[0]

    @cached_property
    def _past(self) -> list[tuple[int, int]]:
        """Where the sections are whose headings say that they tell of the past, in order."""
        found: list[tuple[int, int]] = []
        level = start = 0
        for match in _HEADING.finditer(self.document.text):
            if self.view[match.start(2)] == BREAK or (level and len(match[1]) > level):
                continue  # a comment of a shell, or a heading within such a section
            if level:
                found.append((start, match.start()))
            level = len(match[1]) if _PAST_HEADING.search(match[2].lower()) else 0
            start = match.start()
        return [*found, (start, len(self.view))] if level else found

    def is_of_system(self, offset: int) -> bool:
        """Whether its sentence or table tells of what a running system shows or is set to."""
        return is_within(self._settings, offset) or self._kind(offset)[1]

    @cached_property
    def _settings(self) -> list[tuple[int, int]]:
        """Where the tables of settings and counters are, as their first header cell says."""
        text = self.document.text
        found = []
        for match in _TABLE.finditer(text):
            head = text.rfind("\n", 0, max(0, match.start() - 1)) + 1
            if "|" in match[0] and _SETTINGS_HEADER.match(text, head, match.start()):
                end = text.find("\n\n", match.end())
                found.append((match.end(), len(text) if end < 0 else end))
        return found


def is_within(stretches: Sequence[tuple[int, int]], offset: int) -> bool:
    """Whether an offset is in one of some stretches that are in order."""
    index = bisect_right(stretches, offset, key=lambda each: each[0]) - 1
    return index >= 0 and offset < stretches[index][1]


def _view(document: Document) -> str:
    """A text of the same length, in which only the prose is left."""
    text = document.text
    pieces: list[str] = []
    end, block = 0, -1
    for passage in document.passages:
        pieces.append(_gap(text[end : passage.start], is_inside=passage.block == block))
        if passage.kind is PassageKind.PROSE:
            pieces.append(text[passage.start : passage.end])
        else:
            pieces.append(_MASKS[passage.kind] * (passage.end - passage.start))
        end, block = passage.end, passage.block
    pieces.append(BREAK * (len(text) - end))
    return "".join(pieces)


_MASKS = {PassageKind.CODE: CODE, PassageKind.COMMENT: GAP, PassageKind.FENCE: BREAK}


def _gap(gap: str, *, is_inside: bool) -> str:
    if is_inside and gap == "\\":
        return gap  # an escape within a word: `kvm\\_main.c`
    if is_inside:
        return (" " if "\n" in gap else GAP) * len(gap)
    return (BREAK if "\n" in gap else CELL) * len(gap)
