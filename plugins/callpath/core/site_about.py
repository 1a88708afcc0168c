"""What is known of a site besides its notebook: its name, its address, its history. Values only."""

from dataclasses import dataclass

from callpath.core.history import FileChange


@dataclass(frozen=True, slots=True)
class About:
    """What the site's configuration, and the notes' history, say of a site.

    Attributes:
        name: The site's name.
        description: What it is, plain text; may be empty.
        address: Where it is (`https://notes.example/kvm/`), with a final slash; may be empty.
        author: Who writes it; may be empty.
        language: The language tag of its pages (`zh`, `en-GB`).
        order: The notes' paths below the notes' folder in reading order; those that are missing
            here come last.
        changes: The newest changes of notes, newest first.
    """

    name: str = ""
    description: str = ""
    address: str = ""
    author: str = ""
    language: str = "en"
    order: tuple[str, ...] = ()
    changes: tuple[FileChange, ...] = ()

    @property
    def has_feed(self) -> bool:
        """Whether there is a feed: it needs an address and a history."""
        return bool(self.address and self.changes)

    def url(self, path: str) -> str:
        """The address of a place by its address relative to the site's root."""
        return self.address + path.removeprefix("./")
