"""The values of this package: documents, addresses, mentions, judgements.

Offsets are in characters of the text that was read, 0-based, the end exclusive. Lines of source
files count from 1, ranges are inclusive; 0 is no line.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from callpath.findings import Finding, Location
from callpath.model import Pin


class PassageKind(StrEnum):
    """What a stretch of a document is."""

    PROSE = "prose"  # plain words, also those of a link
    CODE = "code"  # the inside of a code span, or of a role that stands for one
    COMMENT = "comment"  # a comment, which readers do not see
    FENCE = "fence"  # a code block: nothing in it is a mention


class Passage(Struct, frozen=True):
    """A stretch of a document."""

    kind: PassageKind
    start: int
    end: int
    block: int  # which block it is in: its index in `Document.blocks`; -1 if none


class DocumentLink(Struct, frozen=True):
    """A link of a document."""

    href: str  # its target, without escapes of the markup
    start: int  # where the target is written: for a reference link, in the definition
    end: int
    text_start: int  # where its words are (of a bare address: the address itself)
    text_end: int
    block: int  # that of its words


class Document(Struct, frozen=True):
    """What a text says, without what it looks like."""

    text: str
    links: tuple[DocumentLink, ...] = ()  # in the order of their words
    passages: tuple[Passage, ...] = ()  # in order; they do not overlap
    blocks: tuple[tuple[int, int], ...] = ()  # start and end of each paragraph, heading, cell, item


class AddressKind(StrEnum):
    """What an address of a source viewer leads to."""

    PATH = "path"  # a file or a folder, perhaps with lines
    NAME = "name"  # a page about an identifier
    COMMIT = "commit"  # a change
    TREE = "tree"  # a whole tree, a tag or a branch, without a path


class Address(Struct, frozen=True, tag=True):
    """What an address of a source viewer names."""

    viewer: str  # the row of the table that knows it (`elixir`, `github`)
    kind: AddressKind
    project: str  # as pins name it
    revision: str = ""  # tag, commit or branch, as the address has it; empty if it names none
    floating: bool = False  # whether that is another tree tomorrow: a branch, `latest`, none
    path: str = ""  # below the tree's root, decoded, without slashes around it
    first: int = 0  # first line; 0: no line
    last: int = 0  # last line; the first one if it is no range
    name: str = ""  # the identifier that it names
    family: str = ""  # elixir's family of it: A, B, C, D, K or M


class Malformed(Struct, frozen=True, tag=True):
    """An address of a source viewer that cannot lead anywhere."""

    viewer: str
    message: str  # the fact
    hint: str = ""


class SourceLink(Struct, frozen=True):
    """A link to a source viewer."""

    start: int  # of the target as it is written
    end: int
    address: Address | Malformed
    named: tuple[str, ...] = ()  # the symbols that its words name, in their order
    near: tuple[str, ...] = ()  # other symbols named in its sentence, the nearest first


class Citation(Struct, frozen=True):
    """A path, with or without a line, as text: `virt/kvm/kvm_main.c:12`."""

    start: int
    end: int
    path: str  # as it is written; it may be only the end of a path
    first: int = 0
    last: int = 0
    lines_start: int = 0  # where the line or range is written, for a rewrite; 0 and 0 if nowhere
    lines_end: int = 0
    named: tuple[str, ...] = ()  # the symbols that it names itself (`kvm_main.c:kvm_init()`)
    near: tuple[str, ...] = ()
    is_code: bool = False  # whether it stands in a code span


class NameForm(StrEnum):
    """How a name is written."""

    IDENTIFIER = "identifier"  # `kvm_init`
    CALL = "call"  # `kvm_init()`
    TAG = "tag"  # `struct kvm`
    MEMBER = "member"  # `kvm->lock`, `kvm_x86_ops.init`
    CONFIG = "config"  # `CONFIG_KVM`


class Name(Struct, frozen=True):
    """An identifier in a code span."""

    start: int
    end: int
    written: str  # the whole code span's text
    form: NameForm
    words: tuple[str, ...]  # the identifiers that must exist: (`kvm`, `lock`) of `kvm->lock`
    # Where the link leads, in whose words it stands, if that is to a version of its own.
    address: Address | None = None
    called: str = ""  # what its sentence calls it (`function`), if that is a thing of a source


Mention: TypeAlias = SourceLink | Citation | Name


class PlacedMention(Struct, frozen=True):
    """A mention with where it stands in the notebook, and what it is read against."""

    mention: Mention
    location: Location
    written: str  # the characters from its start to its end
    pin: Pin  # of the page or the note
    others: tuple[Pin, ...] = ()  # tracked versions, in which a name may be instead
    owner: str = ""  # the note's id, or the page's path below the notes' folder
    in_note: bool = False
    step: str = ""  # the step's id, or empty


class Verdict(StrEnum):
    """What became of a mention."""

    RIGHT = "right"
    WRONG = "wrong"  # what it names is not there
    MOVED = "moved"  # what it names is at another place, which is known
    SUSPECT = "suspect"  # it is there, but nobody can mean it
    UNSURE = "unsure"  # no file has the name, and nothing says that it is a mistake
    NOT_LOCKED = "not-locked"  # the lockfile does not say
    NOT_CHECKED = "not-checked"  # no source that was given can say


class Judgement(Struct, frozen=True):
    """What the facts say of a mention."""

    placed: PlacedMention
    verdict: Verdict
    finding: Finding | None = None
    # What has to stand in the place of `placed.written`, if that is certain; else empty.
    replacement: str = ""


Judgements: TypeAlias = Sequence[Judgement]
