"""Makes true pages about a tree: links of all viewers, citations and names of all forms.

A claim is one sentence, cell or item with one mention in it, between marks; what an error changes
is a claim's values, or its words. Which sentence, which thing and which line is left to chance with
a seed.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from page_truths import Thing, Tree

START, END = "⟦", "⟧"

VIEWERS: Mapping[str, str] = {
    "elixir": "https://elixir.bootlin.com/linux/{version}/source/{path}#L{line}",
    "GitHub": "https://github.com/torvalds/linux/blob/{version}/{path}#L{line}",
    "cgit": "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/{path}"
    "?h={version}#n{line}",
    "googlesource": "https://kernel.googlesource.com/pub/scm/linux/kernel/git/torvalds/linux/+/"
    "refs/tags/{version}/{path}#{line}",
    "GitHub blame": "https://github.com/torvalds/linux/blame/{version}/{path}#L{line}",
    "plain": "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/plain/{path}"
    "?h={version}#n{line}",
    "elixir of old": "http://elixir.free-electrons.com/linux/{version}/source/{path}#L{line}",
    "sourcegraph": "https://sourcegraph.com/github.com/torvalds/linux@{version}/-/blob/{path}"
    "?L{line}",
}
RANGES: Mapping[str, str] = {
    "elixir": "https://elixir.bootlin.com/linux/{version}/source/{path}#L{line}-L{last}",
    "GitHub": "https://github.com/torvalds/linux/blob/{version}/{path}#L{line}-L{last}",
}
IDENTS: Mapping[str, str] = {
    "ident": "https://elixir.bootlin.com/linux/{version}/ident/{name}",
    "A/ident": "https://elixir.bootlin.com/linux/{version}/A/ident/{name}",
    "C/ident": "https://elixir.bootlin.com/linux/{version}/C/ident/{name}",
}
FLOATING: Sequence[tuple[str, str]] = (
    ("/{version}/source/", "/latest/source/"),
    ("/blob/{version}/", "/blob/master/"),
    ("/blob/{version}/", "/blob/main/"),
    ("/blob/{version}/", "/blob/HEAD/"),
    ("/blame/{version}/", "/blame/master/"),
    ("?h={version}", ""),
    ("?h={version}", "?h=master"),
    ("/+/refs/tags/{version}/", "/+/refs/heads/master/"),
    ("/+/refs/tags/{version}/", "/+/HEAD/"),
    ("linux@{version}", "linux"),
    ("/{version}/ident/", "/latest/ident/"),
    ("/{version}/A/ident/", "/latest/A/ident/"),
)
"""What an address has, and what it has when it floats."""
MALFORMED: Sequence[tuple[str, str]] = (
    ("linux/{version}/source/", "linux/{version}/"),
    ("/{version}/source/", "/master/source/"),
    ("/blob/{version}/{path}", "/{version}/{path}"),
    ("/blob/{version}/{path}", "/blob/{path}"),
    ("/source/{path}#L{line}", "/source/{path}#n{line}"),
    ("/blob/{version}/{path}#L{line}", "/blob/{version}/{path}#{line}"),
    ("?h={version}#n{line}", "?h={version}#L{line}"),
    ("#L{line}-L{last}", "#L{last}-L{line}"),
    ("#L{line}", "#L0"),
)
"""The same of an address that leads nowhere."""

_LINKED = (
    "The work is done in [`{name}()`](⟦{href}⟧) and nowhere else.",
    "真正的工作由 [`{name}()`](⟦{href}⟧) 完成。",
    'It is <a href="⟦{href}⟧"><code>{name}</code></a> that decides.',
    "Then [{name}()](⟦{href}⟧) runs.",
    "Look at [`{name}`][{label}] first.\n\n[{label}]: ⟦{href}⟧",
    "[**`{name}()`**](<⟦{href}⟧>) returns an error.",
)
_NEAR = (
    "The function `{name}()` starts [here](⟦{href}⟧).",
    "`{name}()`：见[源码](⟦{href}⟧)。",
    "What `{name}()` does is short: ⟦{href}⟧",
)
_CITED = (
    "`⟦{path}:{line}⟧` belongs to `{name}()`.",
    "The function `{name}()` (⟦{path}:{line}⟧) is short.",
    "`{name}()` 定义在 `⟦{path}⟧` 附近。",
    "`{name}()` 在 ⟦{path}:{line}⟧ 处。",
    "In `⟦{path}#L{line}⟧`, `{name}()` takes the lock.",
    "Line ⟦{line} of `{path}⟧` is one of `{name}()`.",
    "`{name}()` sits at `⟦{path}` line {line}⟧.",
    "`{name}()` 见 `⟦{path}` 第 {line} 行⟧。",
)
_CITED_RANGE = (
    "All of `{name}()` is `⟦{path}:{line}-{last}⟧`.",
    "All of `{name}()` is on ⟦{path}:{line}-{last}⟧.",
)
_CITED_NAME = ("It calls `⟦{path}:{name}()⟧` twice.", "见 `{name}() in ⟦{path}⟧`。")
_CITED_ALONE = ("`⟦{path}⟧` has it.", "The file ⟦{path}⟧ has it.", "代码在 `⟦{path}⟧` 里。")
_CITED_END = ("`⟦{base}:{line}⟧` belongs to `{name}()`.",)
_PLAIN = (
    "There is a line [over there](⟦{href}⟧) to read.",
    "A line to read: `⟦{path}:{line}⟧`.",
)
_IDENT = ("Who uses it is on [this page](⟦{href}⟧).", "ident: <⟦{href}⟧>")
_NAMES: Mapping[str, Sequence[str]] = {
    "function": (
        "Then `⟦{name}()⟧` is called.",
        "`⟦{name}⟧` returns zero.",
        "接着调用 `⟦{name}(x, 1)⟧`。",
        "A pointer to it: `⟦&{name}⟧`.",
    ),
    "macro": ("The constant `⟦{name}⟧` decides.", "宏 `⟦{name}⟧` 决定一切。"),
    "struct": ("It has a `⟦struct {name}⟧` of its own.", "一个 `⟦struct {name} *⟧` 指针。"),
    "member": ("It reads `⟦this->{name}⟧`.", "字段 `⟦.{name}()⟧` 很重要。"),
    "option": ("It needs `⟦CONFIG_{name}⟧`.", "需要打开 `⟦CONFIG_{name}=y⟧`。"),
}
_SRC = ("See [it](⟦src:{path}#{name}⟧).", "[`{name}`](⟦src:{path}#{name}⟧) 很短。")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence with one mention, or a part of one.

    Attributes:
        form: What the mention is: `link`, `near`, `citation`, `name`, `src` …
        template: Its words, with the mention between marks and places for the values.
        address: The address of a link, with places as well.
        frame: What stands before and after it in its line.
    """

    form: str
    template: str
    thing: Thing
    values: Mapping[str, str | int]
    address: str = ""
    frame: tuple[str, str] = ("", "\n")

    def of(self, **values: str | int) -> "Claim":
        """It with other values."""
        return replace(self, values={**self.values, **values})

    @property
    def marked(self) -> str:
        """Its text with the marks."""
        address = self.address.format(**self.values) if self.address else ""
        return self.frame[0] + self.template.format(href=address, **self.values) + self.frame[1]

    @property
    def text(self) -> str:
        """Its text."""
        return self.marked.replace(START, "").replace(END, "")

    @property
    def mention(self) -> str:
        """What is between the marks."""
        return self.marked.partition(START)[2].partition(END)[0]

    @property
    def line(self) -> int:
        """The line that it names."""
        return int(self.values["line"])


@dataclass(frozen=True)
class Page:
    """A page or a note: its claims, and what stands before each of them.

    Attributes:
        parts: Texts and claims in their order.
        ending: That of its file.
    """

    parts: tuple[str | Claim, ...]
    ending: str = ".md"
    claims: Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        """Find the claims."""
        found = [number for number, one in enumerate(self.parts) if isinstance(one, Claim)]
        object.__setattr__(self, "claims", found)

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(one if isinstance(one, str) else one.text for one in self.parts)

    def claim(self, number: int) -> Claim:
        """The claim at an index of `parts`."""
        found = self.parts[number]
        assert isinstance(found, Claim)
        return found

    def with_claim(self, number: int, claim: Claim) -> "Page":
        """The same with another claim there."""
        return replace(self, parts=(*self.parts[:number], claim, *self.parts[number + 1 :]))

    def place(self, number: int) -> tuple[int, int]:
        """Line and column of the mention of a claim."""
        before = "".join(one if isinstance(one, str) else one.text for one in self.parts[:number])
        before += self.claim(number).marked.partition(START)[0]
        return before.count("\n") + 1, len(before) - before.rfind("\n")


class PageMaker:
    """Makes true pages.

    Parameters:
        tree: What they speak of.
        seed: Chooses.
    """

    def __init__(self, tree: Tree, seed: int) -> None:
        self.tree = tree
        self.random = random.Random(seed)  # noqa: S311 - nothing is secret
        self.functions = [*tree.functions]
        self.random.shuffle(self.functions)
        self._turn = 0

    def pages(self, count: int) -> list[Page]:
        """Pages of all forms, the last ones reStructuredText and notes."""
        pages = [self._markdown() for _ in range(count)]
        return [*pages, *(self._rst() for _ in range(2)), *(self._note() for _ in range(3))]

    # --- the parts of pages ------------------------------------------------------------------

    def _markdown(self) -> Page:
        parts: list[str | Claim] = ["# How it works\n\nSome words on what happens.\n\n"]
        for claim in self._claims():
            parts += self._framed(claim, len(parts))
        return Page(tuple(parts))

    def _framed(self, claim: Claim, number: int) -> Iterator[str | Claim]:
        """A claim as a paragraph, an item, a quotation, an admonition or a cell of a table."""
        if "\n" in claim.template:
            yield replace(claim, frame=("", "\n\n"))
            return
        match number % 7:
            case 0:
                yield replace(claim, frame=("- ", "\n- Another item.\n\n"))
            case 1:
                yield replace(claim, frame=("> ", "\n\n"))
            case 2:
                yield '!!! note "Note"\n\n'
                yield replace(claim, frame=("    ", "\n\n"))
            case 3:
                yield "| what | where |\n|---|---|\n"
                yield replace(claim, frame=("| a row | ", " |\n\n"))
            case 4:
                yield "## A part\n\n"
                yield replace(claim, frame=("1. ", "\n2. 另一项。\n\n"))
            case _:
                yield replace(claim, frame=("", " It is *so*.\n\n"))

    def _note(self) -> Page:
        top = self._function()
        head = f"title: How it works\nsteps:\n  - function: {top.name}\n    file: {top.path}\n"
        parts: list[str | Claim] = [f"{head}    commentary: |\n"]
        claims = (claim for claim in self._claims() if "\n" not in claim.template)
        parts += [replace(claim, frame=("      ", "\n\n")) for claim in claims]
        return Page(tuple(parts), ".yml")

    def _rst(self) -> Page:
        parts: list[str | Claim] = ["How it works\n============\n\n"]
        for _ in range(4):
            parts += [replace(claim, frame=("", "\n\n")) for claim in self._of_rst()]
        return Page(tuple(parts), ".rst")

    def _of_rst(self) -> Iterator[Claim]:
        address = self.random.choice([*VIEWERS.values()])
        yield self._made("link", "Look at `{name}() <⟦{href}⟧>`_ first.", address)
        yield self._made("citation", "``⟦{path}:{line}⟧`` belongs to ``{name}()``.")
        yield self._made("alone", "The file :file:`⟦{path}⟧` has it.")
        yield self._name("function", "Then ``⟦{name}()⟧`` is called.")
        yield self._name("struct", "It has a ``⟦struct {name}⟧`` of its own.")

    # --- claims ------------------------------------------------------------------------------

    def _function(self) -> Thing:
        self._turn += 1
        return self.functions[self._turn % len(self.functions)]

    def _claims(self) -> Iterator[Claim]:
        """One claim of every form, in a new order."""
        forms = [
            *(self._made("link", *self._linked(_LINKED)) for _ in range(5)),
            *(self._made("near", *self._linked(_NEAR)) for _ in range(2)),
            *(self._made("citation", self.random.choice(_CITED)) for _ in range(3)),
            self._made("link range", _LINKED[0], self.random.choice([*RANGES.values()]), True),
            self._made("range", self.random.choice(_CITED_RANGE), whole=True),
            self._made("named", self.random.choice(_CITED_NAME)),
            self._made("alone", self.random.choice(_CITED_ALONE)),
            self._made("end", _CITED_END[0], lone=True),
            self._plain(),
            self._made("ident", self.random.choice(_IDENT), self._one_of(IDENTS)),
            self._made("src", self.random.choice(_SRC)),
            *(self._name(kind, self.random.choice(texts)) for kind, texts in _NAMES.items()),
            self._name("function", self.random.choice(_NAMES["function"])),
        ]
        self.random.shuffle(forms)
        return iter(forms)

    def _one_of(self, table: Mapping[str, str]) -> str:
        return self.random.choice([*table.values()])

    def _linked(self, templates: Sequence[str]) -> tuple[str, str]:
        return self.random.choice(templates), self._one_of(VIEWERS)

    def _made(
        self, form: str, template: str, address: str = "", whole: bool = False, lone: bool = False
    ) -> Claim:
        """A claim on a function: its name's line, or one within it."""
        thing = self._function()
        while lone and thing.path not in self.tree.lone:
            thing = self._function()
        lines = self.tree.lines(thing.path)
        inside = [n for n in range(thing.line, thing.end) if lines[n].strip(" \t{}*/")]
        is_name = whole or self.random.random() < 0.7
        line = thing.line if is_name else self.random.choice(inside)
        if not whole and lines[line].strip().startswith(("*", "/*")):
            line = thing.line
        return Claim(form, template, thing, self._values(thing, line), address)

    def _values(self, thing: Thing, line: int) -> dict[str, str | int]:
        return {
            "version": self.tree.version,
            "path": thing.path,
            "base": thing.path.rpartition("/")[2],
            "name": thing.name,
            "line": line,
            "last": thing.end,
            "label": thing.name.replace("_", "-"),
        }

    def _plain(self) -> Claim:
        """A claim on a line of code, with no name near it."""
        thing = self._function()
        template = self.random.choice(_PLAIN)
        address = self._one_of(VIEWERS) if "{href}" in template else ""
        return Claim("plain", template, thing, self._values(thing, thing.line), address)

    def _name(self, kind: str, template: str) -> Claim:
        if kind == "function":
            thing = self._function()
        elif kind == "option":
            thing = Thing(self.random.choice(self.tree.options), "", 0, kind="option")
        else:
            thing = self.random.choice(self.tree.names[kind])
        return Claim("name", template, thing, {"name": thing.name})
