"""Whether what a sentence names is claimed to be in the pinned tree.

It is not where a text tells of another time or another project, or of what a running system shows.
All of it is told by words, in English and Chinese. A name too many that is left alone costs little,
a right name that is called wrong costs the reader's trust: so the lists are long.
"""

import re
from bisect import bisect_right
from functools import cached_property

from msgspec import Struct

from callpath.mentions.sentences import BREAK, Sentences, is_within
from callpath.mentions.signs import Signs
from callpath.mentions.spans import united

_OLDER = "(?:kernel|version|release|tree|name|code|interface|api|function|implementation)"
_NOUN = (
    "(?:such|separate|single|more|kernel|c|generic|public|function|macro|struct|structure|type|symbol"
    "|helper|constant|flag|field|member|file|folder|call|system|option|lock|name|called|named)"
)
# Patterns over lower case, each with texts one of which is in all that it finds.
# What was, will be or might be.
_OTHER_TIME = (
    ("remov", r"remov(?:e|ed|es|ing|al)\b"),
    ("deleted|deprecated|obsolete", "deleted|deprecated|obsolete"),
    ("gone|previously|formerly", r"gone\b|previously|formerly"),
    ("old |older |earlier |early ", rf"(?:old|older|earlier|early) {_OLDER}"),
    ("renam|relocated|converted", r"renam(?:e|ed|ing)\b|relocated|converted"),
    ("moved|folded into|split ", r"moved\b|folded into|split (?:into|out)"),
    ("merged ", r"merged (?:in|into|for|as)\b"),
    (
        "superseded|replac|instead of",
        r"superseded|replac(?:e|ed|es|ing|ement)\b|instead of the old",
    ),
    ("previous ", "previous (?:api|implementation|kernel|name|release|tree|version)"),
    ("historic|originally|predecessor", "historic|originally|predecessor"),
    ("legacy ", rf"legacy (?:{_OLDER}|[\0\x01])"),
    ("known as|no longer|not exist", "known as|no longer|not exist"),
    ("there ", r"there (?:is|are|was|were)(?: no|n['’]t)\b[^\0-\x03]{0,40}[\0\x01]"),
    ("used to ", "used to (?:be|have|call|use|live)"),
    ("was |were ", "(?:was|were) (?:called|named|known)"),
    (" used to", r"[\0\x01] used to\b|(?:it|they|which|that|this|we|linux|kernel) used to\b"),
    ("lived|once ", r"lived\b|once (?:was|had|lived)"),
    ("old |former |original ", r"(?:old|former|original) [\0\x01]"),
    ("removed |erstwhile |neither ", r"(?:removed|erstwhile|neither) [\0\x01]"),
    ("no ", rf"no(?<!\wno) (?:{_NOUN} ){{0,3}}[\0\x01]"),
    ("isn|is not ", r"isn['’]t (?:in|defined|there)|is not defined"),
    ("up ", r"up (?:to|until|till) (?:and including )?(?:v|linux |kernel |version |the )*\d"),
    ("pre-|prior to|ceased to", r"pre-v?\d|prior to|ceased to\b"),
    ("before ", r"before (?:v|linux |kernel |version |the )?\d"),
    ("until ", r"until (?:v|linux |kernel )?\d"),
    ("hypothetical|imaginary|invented", "hypothetical|imaginary|invented"),
    ("propos|merged", "propos(?:al|ed)|never merged|not (?:yet )?merged"),
    ("pseudo|misspel|typo", r"pseudo-?code|misspel|typo\b"),
    ("tree|downstream|backport", "out[- ]of[- ]tree|downstream|backport"),
    ("not a|no separate", r"not an? [\0\x01]|no separate"),
    (" exist", "(?:does|do|did)(?: not|n['’]t) exist"),
    (
        " provide| have",
        r"(?:does|do|did)(?: not|n['’]t) (?:provide|have)\b(?=[^\0\x01]{0,60}[\0\x01])",
    ),
    # A report of an error, from the kernel of whoever reported it.
    ("bug at|trace", "bug at|call trace|stack trace|backtrace|crash trace"),
    ("syzbot|reproducer", "syzbot|reproducer"),
    ("没有|已无", r"没有(?:名为|叫做?)|没有[\0\x01]|已无[ \0]*[\0\x01]"),
    ("旧|老版本|早期|曾|以前|之前的版本", "旧|老版本|早期|曾|以前|之前的版本"),
    ("已删除|被删除|移除|删除了|不存在", "已删除|被删除|移除|删除了|不存在"),
    ("重命名|改名|更名|原名", "重命名|改名|更名|原名"),
    ("废弃|弃用|不再|取代|替换为", "废弃|弃用|不再|取代|替换为"),
)
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
# A release, a year or a commit: the sentence speaks of that one.
_DATED = (
    (
        "2.|3.|4.|5.|6.|7.|8.|9.|19|20",
        "(?:introduced|added|appeared|since|from|in|by|as of|arrived|landed|with|on|for|via|and"
        r"|,|\()"
        rf"[ \0\x01(]*(?:(?:linux|kernel|the|(?:{_MONTHS})[a-z]*) )*(?:\d\d?, )?"
        r"(?:v?[2-9]\.(?:\d+|x)|(?:19|20)\d\d)\b(?!\+)",
    ),
    ("linux |kernel ", r"(?:linux|kernel) v?[2-9]\.\d+(?![\d+])"),
    ("patch ", r"patch (?:series|set|by|from)\b"),
    (
        "commit",
        r"commit(?:[\0:]| [\0\x01\[(]*[\da-f]{7}| [\0\x01]"
        r"| (?:by|log|message|that|which|was|adds)\b)",
    ),
    (
        " commit",
        r"(?:a|the|this|that|these|later|first|fix|upstream|merge|same|initial|original) commits?\b"
        r"(?! block| record| phase| point| time| thread| interval)",
    ),
)
_NOT_NOW = Signs.of((*_OTHER_TIME, *_DATED))

_PROJECTS = """
    alsa-lib bcc bionic busybox Ceph Chromium Coccinelle coreutils crosvm Docker DPDK EDK2
    Firecracker FreeBSD glibc GRUB Grub GStreamer gVisor i2c-tools illumos InnoDB iproute2
    jemalloc Kubernetes libaio libc libcap libcgroup libdrm libfuse libkmod libnuma libseccomp
    libudev liburing libusb libvirt LTP macOS Mesa Minix Multics musl MySQL NetBSD newlib NGINX
    nginx OpenBSD OpenGL OpenSSL OVMF PipeWire POSIX Postgres PostgreSQL Prometheus PulseAudio
    QEMU Redis RocksDB Samba SeaBIOS Solaris SPDK systemd syzkaller tcmalloc tinyalsa TPM2
    U-Boot util-linux Vulkan Wayland Windows XNU
"""
_ELSEWHERE = Signs.of(
    (
        ("|".join(_PROJECTS.split()), rf"\b(?:{'|'.join(_PROJECTS.split())})\b"),
        ("space librar", r"[Uu]ser-?space librar(?:y|ies)\b"),
    )
)

# Lower-case names near these are files, counters and settings that a running system shows, which
# a source need not have as words.
_OF_SYSTEM = re.compile(
    r"/proc/|/sys/|sysctl|sysfs|procfs|debugfs|tracefs|configfs|vmstat|meminfo|memory\.stat|iostat"
    r"|mount option|module param|boot param|kernel param|command[- ]line|tracepoint|counter|metric"
    r"|statistic|knob|attribute|fields? \d|内核参数|启动参数|命令行|计数器|挂载选项"
)
# Upper-case names near these are options without `CONFIG_`.
_OF_CONFIG = re.compile(r"config(?:uration)? option|kconfig|build option|配置选项|编译选项")
_TABLE = re.compile(r"^[ \t]*+\|?[ \t]*+:?-[-| :\t]*+$", re.MULTILINE)
_SETTINGS_HEADER = re.compile(
    r"\|?\s*(?:\w+ )?(?:fields?|counters?|metrics?|knobs?|param(?:eter)?s?|attributes?"
    r"|columns?|options?|settings?|sysctls?|keys?|actions?|propert(?:y|ies)|tunables?|events?"
    r"|字段|参数|选项)\s*\|",
    re.IGNORECASE,
)

# What a sentence calls a thing of a source, in English and Chinese; behind it or before it, perhaps
# with others of its kind between: "the `a_b` and `c_d` functions".
_KIND = (
    r"(?:(?:helper |wrapper |inline |kernel |internal |exception |interrupt |system |hook )?"
    r"(?:function|macro|handler|helper|routine|struct(?:ure)?|bitmap|flag|bit|constant|primitive)s?"
    r"|per-cpu variable|implementation)\b"
    r"|函数|宏|处理程序|结构体?|标志|位图|系统调用"
)
_LIST = r"(?:[\0 ]*(?:,|/|、|和|或|与|,? ?(?:and|or|the)\b)[\0 ]*\x01+)*"
# "`a_b` expands to …", "`a_b` is defined in kernel/a.c".
_ACTS = r"(?:returns|expands to)\b"
_PLACE = r"(?:[\w.-]+/)+[\w.-]+\.[chs]\b"
_PLACED = (
    rf"(?:(?:which|that) )?(?:(?:is|are) )?(?:also )?(?:(?:defined|declared|located|implemented) )?"
    rf"(?:from|in) (?:the )?[\0 ]*(?={_PLACE})"
)
_BEHIND = re.compile(rf"\0*{_LIST}\0*[ \0]*(?:的)?({_KIND})|\0*[ \0]+({_ACTS}|{_PLACED})")
_AHEAD = re.compile(
    rf"(?:({_KIND})[ \0]*(?:called |named )?|(?<![a-z])(call(?:s|ed|ing)?|invok(?:es?|ed|ing)"
    r"|call (?:of|to)|expands? to|implementation of)[ \0]+(?:the[ \0]+)?|(调用)了?[ \0]*)"
    r"(?:\x01+[\0 ]*(?:,|/|、|和|或|与|,? ?(?:and|or|the)\b)[\0 ]*)*\0*$"
)
_AROUND = 60  # characters beside a name in which its kind stands

_STRUCK = re.compile(rf"~~[^~{BREAK}]{{1,500}}~~")
_DELETED = re.compile(r"<(?:del|s|strike)>[^<]{1,500}</")

_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S[^\n]{0,200})", re.MULTILINE)
# A section with such a heading tells of the past, or of other projects, with their names.
_PAST_HEADING = re.compile(
    r"\b(?:histor|evolution|war stor|cve-|bugs?\b|regression|incident|story|timeline|old\b"
    r"|deprecat|removed\b|vulnerab|exploit|post-?mortem|case stud|origins?\b|changelog"
    r"|patch (?:series|set|history)|how it (?:was|used)|the fix\b|qemu\b|glibc\b|liburing\b"
    r"|user-?space)"
    r"|历史|漏洞|演变"
)
# The title of a page that speaks of what user space sees of the kernel.
_TITLE = re.compile("user-?space")
# So does a page that says so at its head.
_STORY = re.compile(r"\bcve-\d{4}-\d|\bwar stor(?:y|ies)\b")
_HEAD = 1500  # characters

# What comes before a file that the reader is told to write.
_TOLD_TO_WRITE = re.compile(
    r"\b(?:add|create|write)(?: (?:a|an|the|your|another))?(?: new)? "
    r"(?:file|header|source file)(?: (?:called|named))?[ \n`\0\x01]+$"
)
_BEFORE = 80  # characters


class _Kind(Struct, frozen=True):
    """What a sentence tells of."""

    is_elsewhere: bool  # another time or another project
    is_of_system: bool
    is_of_config: bool


class Claims(Struct, frozen=True, dict=True):
    """Where a document claims something of the pinned tree."""

    sentences: Sentences

    def has_none(self, offset: int) -> bool:
        """Whether its sentence or section tells of another time or project than the pinned."""
        is_past = is_within(self._past, offset) or is_within(self._struck, offset)
        return is_past or self._kind(offset).is_elsewhere

    def is_to_be_written(self, offset: int) -> bool:
        """Whether the reader is told to write the file that stands there."""
        before = self.sentences.view[max(0, offset - _BEFORE) : offset]
        return bool(_TOLD_TO_WRITE.search(before.lower()))

    def called(self, start: int, end: int) -> str:
        """What the sentence of a code span calls it, if it is a thing of a source; else empty."""
        first, last = self.sentences.around(start, end)
        view = self.sentences.view
        if match := _BEHIND.match(view[end : min(last, end + _AROUND)].lower()):
            return match[1] or match[2].replace("\0", "").strip()
        if match := _AHEAD.search(view[max(first, start - _AROUND) : start].lower()):
            return match[1] or match[2] or match[3]
        return ""

    def is_in_one_section(self, one: int, other: int) -> bool:
        """Whether no heading stands between two offsets."""
        return bisect_right(self._headings, one) == bisect_right(self._headings, other)

    @cached_property
    def _headings(self) -> list[int]:
        """Where headings begin, in order."""
        view = self.sentences.view
        found = _HEADING.finditer(self.sentences.document.text)
        return [match.start() for match in found if view[match.start(2)] != BREAK]

    def is_of_system(self, offset: int, word: str) -> bool:
        """Whether a word is what a running system shows, or an option, by its sentence or table."""
        kind = self._kind(offset)
        is_named_so = kind.is_of_config if word.isupper() else kind.is_of_system
        return is_named_so or is_within(self._settings, offset)

    @cached_property
    def _kinds(self) -> dict[int, _Kind]:
        """What the sentences that were asked for tell of, by their numbers."""
        return {}

    def _kind(self, offset: int) -> _Kind:
        number = self.sentences.number(offset)
        if number not in self._kinds:
            start, end = self.sentences.bounds(number)
            prose = self.sentences.view[start:end]
            text = self.sentences.document.text[start:end].lower()
            is_elsewhere = _NOT_NOW.are_in(prose.lower()) or _ELSEWHERE.are_in(prose)
            self._kinds[number] = _Kind(
                is_elsewhere, bool(_OF_SYSTEM.search(text)), bool(_OF_CONFIG.search(text))
            )
        return self._kinds[number]

    @cached_property
    def _struck(self) -> list[tuple[int, int]]:
        """What is struck through, in order."""
        marked = (match.span() for match in _STRUCK.finditer(self.sentences.view))
        tagged = (match.span() for match in _DELETED.finditer(self.sentences.document.text))
        return list(united((*marked, *tagged)))

    @cached_property
    def _past(self) -> list[tuple[int, int]]:
        """Where the sections are whose headings say that they tell of the past, in order."""
        if _STORY.search(self.sentences.document.text[:_HEAD].lower()):
            return [(0, len(self.sentences.view))]
        found: list[tuple[int, int]] = []
        level = start = 0
        for match in _HEADING.finditer(self.sentences.document.text):
            if self.sentences.view[match.start(2)] == BREAK or (level and len(match[1]) > level):
                continue  # a comment of a shell, or a heading within such a section
            if level:
                found.append((start, match.start()))
            words = match[2].lower()
            is_title = len(match[1]) == 1 and bool(_TITLE.search(words))
            is_past = bool(_PAST_HEADING.search(words)) and not is_title
            level = len(match[1]) if is_past else 0
            start = match.start()
        return [*found, (start, len(self.sentences.view))] if level else found

    @cached_property
    def _settings(self) -> list[tuple[int, int]]:
        """Where the tables of settings and counters are, as their first header cell says."""
        text = self.sentences.document.text
        found = []
        for match in _TABLE.finditer(text):
            head = text.rfind("\n", 0, max(0, match.start() - 1)) + 1
            if "|" in match[0] and _SETTINGS_HEADER.match(text, head, match.start()):
                end = text.find("\n\n", match.end())
                found.append((match.end(), len(text) if end < 0 else end))
        return found
