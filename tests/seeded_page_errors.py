"""Makes pages with one error each, out of true ones.

That an error is one is told by `page_truths`, which reads the tree with ctags and grep. One that
may be none is not made.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from page_truths import Thing, Tree
from seeded_pages import FLOATING, MALFORMED, Claim, Page

_LEAST = 8  # characters that a misspelt name has to have
_LONG_NAME = 12  # characters of a member or a macro; a slip in a shorter one may be another name
_LETTERS = "abcdefghiklmnoprstuvwy"
_LINES = frozenset(("wrong-line", "suspect-line"))
_GONE = frozenset(("missing-file",))
_NAMES = frozenset(("unknown-name",))
_WITH_NAME = ("link", "near", "citation", "end")


@dataclass(frozen=True)
class PageError:
    """A page with one error.

    Attributes:
        kind: What was done.
        page: The page with it.
        number: Which part of the page has it.
        rules: Those of which one is right.
        meant: What a hint must name, one of these; none if a hint need not.
        fixed: The page as `callpath fix` must leave it; None if it must leave it as it is.
    """

    kind: str
    page: Page
    number: int
    rules: frozenset[str]
    truth: Claim
    meant: tuple[str, ...] = ()
    fixed: Page | None = None

    @property
    def claim(self) -> Claim:
        """The claim that is wrong."""
        return self.page.claim(self.number)

    @property
    def words(self) -> frozenset[str]:
        """The words that are wrong on purpose."""
        return frozenset(re.findall(r"\w+", self.claim.mention)) - frozenset(
            re.findall(r"\w+", self.truth.mention)
        )


@dataclass(frozen=True, slots=True)
class Wrong:
    """A claim that is wrong."""

    claim: Claim
    rules: frozenset[str]
    meant: tuple[str, ...] = ()
    right: Claim | None = None  # what `callpath fix` must make of it


Making = Callable[["PageSeeder", Claim], Wrong | None]


class PageSeeder:
    """Makes errors.

    Parameters:
        tree: What the pages speak of.
        other: Another version that there is a source of, if there is one.
        seed: Chooses among the possible errors.
    """

    def __init__(self, tree: Tree, seed: int, other: Tree | None = None) -> None:
        self.tree = tree
        self.other = other
        self.random = random.Random(seed)  # noqa: S311 - nothing is secret

    def errors(self, pages: Sequence[Page], most: int) -> list[PageError]:
        """Errors of every kind, of each at most so many."""
        found: list[PageError] = []
        for kind, make in MAKERS.items():
            made = self._of_kind(kind, make, pages)
            found += [error for error, _ in zip(made, range(most * 2), strict=False)][: most * 2]
        return self._certain(found, most)

    def _of_kind(self, kind: str, make: Making, pages: Sequence[Page]) -> Iterator[PageError]:
        places = [(page, number) for page in pages for number in page.claims]
        self.random.shuffle(places)
        for page, number in places:
            truth = page.claim(number)
            wrong = make(self, truth)
            if wrong is None or wrong.claim.text == truth.text:
                continue
            fixed = page.with_claim(number, wrong.right) if wrong.right else None
            given = (wrong.rules, truth, wrong.meant, fixed)
            yield PageError(kind, page.with_claim(number, wrong.claim), number, *given)

    def _certain(self, errors: Sequence[PageError], most: int) -> list[PageError]:
        """Those whose wrong names the tree has not, so many of each kind."""
        names = {error.claim.values["name"] for error in errors if "name" in error.kind}
        absent = self.tree.absent(str(name) for name in names)
        left: dict[str, int] = {}
        found = []
        for error in errors:
            if "name" in error.kind and error.claim.values["name"] not in absent:
                continue
            left[error.kind] = left.get(error.kind, 0) + 1
            if left[error.kind] <= most:
                found.append(error)
        return found

    # --- what several need -------------------------------------------------------------------

    def to_line(self, claim: Claim, line: int) -> Wrong | None:
        """A claim that names another line, which has nothing of its function."""
        thing, lines = claim.thing, self.tree.lines(claim.thing.path)
        inside = thing.line <= line <= thing.end
        if inside or not 0 < line < len(lines) or thing.name in lines[line]:
            return None
        if lines[line].strip().startswith(("*", "/*", "//")):
            return None  # the comment of a function is its own
        wrong = claim.of(line=line)
        is_certain = claim.form in ("link",)
        right = claim.of(line=thing.line) if is_certain else None
        return Wrong(wrong, _LINES, (f"line {thing.line}",), right)

    def slip(self, name: str) -> str:
        """A name with a letter dropped, doubled, swapped or changed within."""
        at = self.random.randrange(1, len(name) - 1)
        kind = self.random.randrange(4)
        if not name[at - 1 : at + 2].isalpha():
            return self.slip(name)
        slipped = self._slipped(name, at, kind)
        return self.slip(name) if slipped == name or "XX" in slipped else slipped

    def _slipped(self, name: str, at: int, kind: int) -> str:
        if kind == 0:
            return name[:at] + name[at + 1 :]
        if kind == 1:
            return name[:at] + name[at] + name[at:]
        if kind == 2:
            return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        letter = self.random.choice(_LETTERS)
        return name[:at] + (letter.upper() if name.isupper() else letter) + name[at + 1 :]

    def beside(self, thing: Thing) -> list[Thing]:
        """The other functions of the same file."""
        return [
            one for one in self.tree.functions if one.path == thing.path and one.name != thing.name
        ]


def _has_line(claim: Claim) -> bool:
    return claim.form in _WITH_NAME and "{line}" in claim.template + claim.address


# --- lines --------------------------------------------------------------------------------------


def _past_function(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    return seeder.to_line(claim, claim.thing.end + 1) if _has_line(claim) else None


def _before_function(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    return seeder.to_line(claim, claim.thing.line - 1) if _has_line(claim) else None


def _last_of_previous(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    line = claim.thing.line - 2
    if not _has_line(claim) or not seeder.tree.function_at(claim.thing.path, line):
        return None
    return seeder.to_line(claim, line)


def _other_function(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    others = seeder.beside(claim.thing)
    if not _has_line(claim) or not others:
        return None
    other = seeder.random.choice(others)
    return seeder.to_line(claim, seeder.random.randint(other.line, other.end - 1))


def _other_range(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    others = seeder.beside(claim.thing)
    if claim.form not in ("range", "link range") or not others:
        return None
    other, thing = seeder.random.choice(others), claim.thing
    lines = seeder.tree.lines(thing.path)[other.line : other.end + 1]
    if any(thing.name in line for line in lines):
        return None
    is_certain = claim.form == "link range" and thing.end - thing.line == other.end - other.line
    wrong = claim.of(line=other.line, last=other.end)
    return Wrong(wrong, _LINES, (f"line {thing.line}",), claim if is_certain else None)


def _past_file(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    if "{line}" not in claim.template + claim.address or claim.form.endswith("range"):
        return None
    length = len(seeder.tree.lines(claim.thing.path)) - 1
    line = length + seeder.random.choice([1, 1, 7, 1000, 100_000])
    right = claim.of(line=claim.thing.line) if claim.form == "link" else None
    return Wrong(claim.of(line=line), frozenset(("missing-line",)), (str(length),), right)


def _nobody_means(fits: Callable[[Sequence[str], int], bool]) -> Making:
    def make(seeder: PageSeeder, claim: Claim) -> Wrong | None:
        if claim.form != "plain":
            return None
        lines = seeder.tree.lines(claim.thing.path)
        found = [number for number in range(2, len(lines) - 1) if fits(lines, number)]
        if not found:
            return None
        return Wrong(claim.of(line=seeder.random.choice(found)), frozenset(("suspect-line",)))

    return make


def _is_middle(lines: Sequence[str], number: int) -> bool:
    """Whether a line is in a comment, of which two lines stand before and after it."""
    around = lines[number - 1 : number + 2]
    return all(re.match(r"\s+\* \w", line) for line in around)


def _is_brace(lines: Sequence[str], number: int) -> bool:
    return lines[number] in ("{", "}") and not lines[number + 1].startswith("EXPORT")


# --- files --------------------------------------------------------------------------------------


def _renamed(change: Callable[[PageSeeder, str], str]) -> Making:
    def make(seeder: PageSeeder, claim: Claim) -> Wrong | None:
        if "{path}" not in claim.template + claim.address or claim.form == "src":
            return None
        path = claim.thing.path
        if path.endswith("/file.c"):
            return None  # `file` is what people write for any file
        wrong = change(seeder, path)
        is_end = any(each.endswith("/" + wrong) for each in seeder.tree.paths)
        if wrong in seeder.tree.paths or wrong == path or is_end:
            return None
        return Wrong(claim.of(path=wrong), _GONE)

    return make


def _other_letter(seeder: PageSeeder, path: str) -> str:
    folder, _, name = path.rpartition("/")
    stem, _, ending = name.rpartition(".")
    if len(stem) < 5 or not stem.isalpha():
        return path
    return f"{folder}/{seeder.slip(stem)}.{ending}"


def _other_folder(seeder: PageSeeder, path: str) -> str:
    parts = path.split("/")
    if len(parts) < 3:
        return f"{parts[0]}/{parts[0]}/{parts[1]}"
    if seeder.random.random() < 0.5:
        return "/".join([*parts[:-2], parts[-1]])
    return "/".join([*parts[:-2], parts[-2] + "s", parts[-1]])


def _other_ending(seeder: PageSeeder, path: str) -> str:
    return path.removesuffix(".c") + seeder.random.choice([".h", ".S", ".rs"])


def _only_in_other(seeder: PageSeeder, path: str) -> str:
    """A path that the other version has."""
    if seeder.other is None:
        return path
    top = path.partition("/")[0]
    theirs = seeder.other.paths - seeder.tree.paths
    found = sorted(one for one in theirs if one.endswith(".c") and one.startswith(top + "/"))
    return seeder.random.choice(found) if found else path


def _other_version(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    if seeder.other is None or claim.form != "link" or "{version}" not in claim.address:
        return None
    thing, other = claim.thing, seeder.other
    wrong = claim.of(version=other.version)
    if thing.path not in other.paths:
        return Wrong(wrong, _GONE)
    lines = other.lines(thing.path)
    here = [number for number, line in enumerate(lines) if thing.name in line]
    if claim.line >= len(lines):
        return Wrong(wrong, frozenset(("missing-line",)))
    theirs = [tag for tag in other.functions if (tag.path, tag.name) == (thing.path, thing.name)]
    if len(theirs) != 1 or claim.line in here:
        return None
    if theirs[0].line - 1 <= claim.line <= theirs[0].end:
        return None
    meant = (f"line {theirs[0].line}",)
    return Wrong(wrong, _LINES, meant, wrong.of(line=theirs[0].line))


# --- names --------------------------------------------------------------------------------------


def _is_telling(thing: Thing) -> bool:
    """Whether a slip in a name can hardly be another name: two short words are not enough.

    Eight letters have to be left where one gets lost. Macros make `WORD_show` and `WORD_store` of
    any word.
    """
    is_long = len(thing.name) >= _LONG_NAME or thing.kind not in ("member", "macro")
    is_long = is_long and len(thing.name) > _LEAST
    return is_long and not thing.name.endswith(("_show", "_store"))


def _misspelt(kind: str) -> Making:
    def make(seeder: PageSeeder, claim: Claim) -> Wrong | None:
        if claim.form != "name" or claim.thing.kind != kind:
            return None
        name = claim.thing.name
        if not _is_telling(claim.thing):
            return None
        meant = f"CONFIG_{name}" if kind == "option" else name
        return Wrong(claim.of(name=seeder.slip(name)), _NAMES, (f"`{meant}`",))

    return make


def _misspelt_ident(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    if claim.form != "ident":
        return None
    name = claim.thing.name
    return Wrong(claim.of(name=seeder.slip(name)), _NAMES | {"suspect-name"}, (f"`{name}`",))


def _misspelt_in_link(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    """A name in the words of a link that has a version."""
    if claim.form != "link" or not re.search(r"\[(\*\*)?`\{name\}.*\]\(", claim.template):
        return None
    if not _is_telling(claim.thing):
        return None
    name = claim.thing.name
    before, _, after = claim.template.partition("{name}")
    template = f"{before}⟦{{name}}⟧{after}".replace("(⟦{href}⟧)", "({href})")
    template = template.replace("(<⟦{href}⟧>)", "(<{href}>)").replace("()⟧", "()⟧")
    template = template.replace("`⟦{name}⟧()`", "`⟦{name}()⟧`")
    wrong = replace(claim, template=template).of(name=seeder.slip(name))
    return Wrong(wrong, _NAMES, (f"`{name}`",))


def _other_file_of_name(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    """A citation of a function in a file that has it not."""
    if claim.form != "named":
        return None
    path = seeder.random.choice([*seeder.tree.files])
    if claim.thing.name in "\n".join(seeder.tree.lines(path)):
        return None
    place = f"{claim.thing.path}:{claim.thing.line}"
    return Wrong(claim.of(path=path), frozenset(("suspect-line",)), (f"`{place}`",))


# --- shapes -------------------------------------------------------------------------------------


def _replaced(pairs: Sequence[tuple[str, str]], rule: str) -> Making:
    def make(seeder: PageSeeder, claim: Claim) -> Wrong | None:
        fitting = [(old, new) for old, new in pairs if old in claim.address]
        if not fitting:
            return None
        wrong = replace(claim, address=claim.address.replace(*seeder.random.choice(fitting), 1))
        is_known = rule == "floating-link" and claim.form in ("link", "near", "link range", "ident")
        is_known = is_known and claim.thing.kind == "function"
        named_line = claim.form == "ident" or (
            claim.form == "link" and claim.line == claim.thing.line
        )
        right = claim if is_known and named_line else None
        return Wrong(wrong, frozenset((rule,)), (), right)

    return make


def _codebrowser(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    del seeder
    if claim.form != "plain" or not claim.address:
        return None
    address = "https://codebrowser.dev/linux/linux/{path}.html#{line}"
    return Wrong(replace(claim, address=address), frozenset(("floating-link",)))


def _broken_reference(seeder: PageSeeder, claim: Claim) -> Wrong | None:
    if claim.form != "src":
        return None
    if seeder.random.random() < 0.5:
        wrong = replace(claim, template="See [it](⟦src:{path}#{name}⟧).")
        name = seeder.slip(claim.thing.name)
        return Wrong(
            wrong.of(name=name), frozenset(("undefined-symbol",)), (f"`{claim.thing.name}`",)
        )
    path = _other_letter(seeder, claim.thing.path)
    return None if path in seeder.tree.paths else Wrong(claim.of(path=path), _GONE)


MAKERS: dict[str, Making] = {
    "line past the function": _past_function,
    "line before the function": _before_function,
    "last line of the previous function": _last_of_previous,
    "line of another function": _other_function,
    "range of another function": _other_range,
    "line past the file": _past_file,
    "blank line": _nobody_means(lambda lines, number: not lines[number].strip()),
    "lone brace": _nobody_means(_is_brace),
    "middle of a comment": _nobody_means(_is_middle),
    "letter of a path": _renamed(_other_letter),
    "folder of a path": _renamed(_other_folder),
    "ending of a path": _renamed(_other_ending),
    "path of another version": _renamed(_only_in_other),
    "another version": _other_version,
    "name of a function": _misspelt("function"),
    "name of a macro": _misspelt("macro"),
    "name of a struct": _misspelt("struct"),
    "name of a member": _misspelt("member"),
    "name of an option": _misspelt("option"),
    "name on a page of its own": _misspelt_ident,
    "name in a link": _misspelt_in_link,
    "function of another file": _other_file_of_name,
    "floating": _replaced(FLOATING, "floating-link"),
    "floating viewer": _codebrowser,
    "malformed": _replaced(MALFORMED, "malformed-link"),
    "broken reference": _broken_reference,
}
