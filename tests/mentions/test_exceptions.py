"""What comments and settings leave out of the findings, and what is told of needless ones."""

import pytest

from callpath import rules
from callpath.findings import Finding, Location, Rule
from callpath.mentions.exceptions import Exceptions, Exemption, joined, read_exceptions, remaining
from callpath.mentions.markup.markdown import read_markdown
from callpath.mentions.markup.rst import read_rst

FILE = "docs/page.md"


def exceptions(text: str) -> Exceptions:
    return read_exceptions(read_markdown(text), FILE)


def at(line: int, rule: Rule = rules.UNKNOWN_NAME, file: str = FILE) -> Finding:
    return rule.at(Location(file, line, 5), "a fact")


def told(found: tuple[Finding, ...]) -> list[tuple[int, int, str, str, str]]:
    return [
        (one.location.line, one.location.column, one.rule, one.message, one.hint) for one in found
    ]


def lines_left_out(text: str, written: str = "x", rule: Rule = rules.UNKNOWN_NAME) -> list[int]:
    every = exceptions(text)
    assert every.faults == ()
    count = text.count("\n") + 1
    return [line for line in range(1, count + 1) if every.leaves_out(at(line, rule), written)]


def test_a_comment_beside_words_is_about_its_line() -> None:
    assert lines_left_out("a\nb `x` <!-- callpath: ignore unknown-name -->\nc\n") == [2]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("<!-- callpath: ignore unknown-name -->\na\nb\n\nc\n", [2, 3]),
        ("<!-- callpath: ignore unknown-name -->\n\n\n- a\n- b\n\nc\n", [4, 5]),
        ("a\n\n    <!--callpath: ignore unknown-name-->\n\nb\n", []),  # code
        ("- a\n\n    <!-- callpath: ignore unknown-name -->\n    b\n\n    c\n", [4]),
        ("<!-- callpath: ignore unknown-name -->\n| a |\n|---|\n| b |\n\nc\n", [2, 3, 4]),
        ("| a |\n|---|\n| b <!-- callpath: ignore unknown-name --> |\n| c |\n", [3]),
        ("a\r\n<!-- callpath: ignore unknown-name -->\r\nb\r\n\r\nc\r\n", [3]),
        ("`<!-- callpath: ignore unknown-name -->`\n", []),
        ("```\n<!-- callpath: ignore unknown-name -->\n```\na\n", []),
        ("a\n\n<!-- callpath: ignore-page unknown-name -->\n", [1, 2, 3, 4]),
        (
            "<!-- callpath: ignore unknown-name -->\n\n<!-- callpath: ignore wrong-line -->\n\na\n",
            [5],
        ),
        ("<!-- callpath: ignore wrong-line --> <!-- callpath: ignore unknown-name -->\na\n", [2]),
    ],
)
def test_a_comment_alone_is_about_what_follows_up_to_a_blank_line(
    text: str, lines: list[int]
) -> None:
    assert lines_left_out(text) == lines


@pytest.mark.parametrize(
    ("said", "written", "is_left_out"),
    [
        ("unknown-name", "kvm_old()", True),
        ("wrong-line", "kvm_old()", False),
        ("wrong-line unknown-name", "kvm_old()", True),
        ("wrong-line, unknown-name", "kvm_old()", True),
        ("unknown-name `kvm_old`", "kvm_old()", True),
        ("unknown-name `kvm_old()`", "kvm_old", True),
        ('"kvm_old"', "kvm_old", True),
        ("'kvm_*'", "kvm_old()", True),
        ("unknown-name `kvm_old` `kvm_older`", "kvm_older", True),
        ("unknown-name `kvm_old`", "kvm_older", False),
        ("wrong-line `kvm_old`", "kvm_old", False),
        ("`https://a.example/*`", "https://a.example/x#L1", True),
        ("unknown-name: it is `kvm_new` in the next release", "kvm_old", True),
        ("unknown-name `kvm_old`: wrong-line is meant by nobody", "kvm_old", True),
    ],
)
def test_rules_and_references_narrow_an_exception(
    said: str, written: str, is_left_out: bool
) -> None:
    text = f"a <!-- callpath: ignore {said} -->\n"
    assert lines_left_out(text, written) == ([1] if is_left_out else [])


def test_what_leaves_nothing_out_is_told() -> None:
    every = exceptions(
        "a <!-- callpath: ignore unknown-name `kvm_old` -->\n"
        "b <!-- callpath: ignore unknown-name -->\n"
    )
    assert every.leaves_out(at(2), "kvm_old")
    assert told(every.unused()) == [
        (
            *(1, 3, "needless-exception"),
            "there is no finding of `unknown-name`, `kvm_old` to leave out",
            "remove the exception",
        )
    ]


def test_what_could_not_be_judged_makes_no_exception_needless() -> None:
    every = exceptions(
        "a <!-- callpath: ignore unknown-name -->\nb <!-- callpath: ignore unknown-name -->\n"
    )
    every.spare(Location(FILE, 1, 1), "kvm_old")
    assert [one.location.line for one in every.unused()] == [2]


@pytest.mark.parametrize(
    ("said", "column", "message", "hint"),
    [
        (
            *(" ignore unknown-nam", 25),
            "the exception names `unknown-nam`, which is no rule",
            "did you mean `unknown-name`?",
        ),
        (
            *(" ignore kvm_old()", 25),
            "the exception names `kvm_old()`, which is no rule",
            "`callpath rule` lists the rules",
        ),
        (
            *(" ignore", 3),
            "the exception names neither a rule nor a reference",
            "write `ignore RULE`, or the reference in backticks behind `ignore`",
        ),
    ],
)
def test_an_exception_that_says_nothing_is_told(
    said: str, column: int, message: str, hint: str
) -> None:
    every = exceptions(f"a <!-- callpath:{said} -->\n")
    assert told(every.faults) == [(1, column, "needless-exception", message, hint)]
    assert not every.leaves_out(at(1))
    assert every.unused() == ()


def test_a_misspelt_mark_is_told_and_those_of_parts_are_not() -> None:
    every = exceptions("<!-- callpath: paths -->\n\na <!-- callpath: ignroe wrong-line -->\n")
    assert told(every.faults) == [
        (3, 18, "unknown-part", "there is no part `ignroe wrong-line`", "did you mean `ignore`?")
    ]


def test_a_comment_of_rst_is_about_what_follows() -> None:
    document = read_rst("a\n\n.. callpath: ignore unknown-name\n\nb\nc\n\nd\n")
    every = read_exceptions(document, FILE)
    left_out = [line for line in range(1, 9) if every.leaves_out(at(line))]
    assert left_out == [5, 6]


def test_places_of_a_text_inside_a_file_are_those_of_the_file() -> None:
    document = read_markdown("a <!-- callpath: ignore unknown-name -->")
    every = read_exceptions(document, "kvm.yml", lambda offset: Location("kvm.yml", 7, offset + 9))
    assert every.leaves_out(at(7, file="kvm.yml"))
    assert not every.leaves_out(at(1, file="kvm.yml"))


def test_findings_that_nothing_leaves_out_remain_in_order() -> None:
    every = joined(
        [
            exceptions("a <!-- callpath: ignore unknown-name `x` -->\n"),
            read_exceptions(read_markdown("<!-- callpath: ignore-page wrong-line -->"), "other.md"),
        ]
    )
    findings = [
        (at(1), "x"),
        (at(1), "y"),
        (at(2), "x"),
        (at(9, rules.WRONG_LINE, "other.md"), "z"),
    ]
    assert remaining(findings, every) == (findings[1][0], findings[2][0])
    assert every.unused() == ()


def test_exemptions_for_many_files_leave_out_by_rule_path_and_text() -> None:
    place = Location("mkdocs.yml", 4, 9)
    every = Exceptions(
        [
            Exemption(place, rules=("unknown-name",), path="docs/old/*"),
            Exemption(place, texts=("kvm_old*",), path="*"),
            Exemption(place, texts=("nobody",), path="*"),
        ]
    )
    assert every.leaves_out(at(3, file="docs/old/a/b.md"), "x")
    assert not every.leaves_out(at(3, rules.WRONG_LINE, "docs/old/a.md"), "x")
    assert every.leaves_out(at(3), "kvm_older()")
    assert not every.leaves_out(at(3), "kvm_new")
    assert told(every.unused()) == [
        (
            *(4, 9, "needless-exception"),
            "there is no finding of `nobody` to leave out",
            "remove the exception",
        )
    ]


def test_of_two_that_say_the_same_one_is_needless() -> None:
    every = exceptions(
        "a <!-- callpath: ignore unknown-name --> <!-- callpath: ignore unknown-name -->"
    )
    assert every.leaves_out(at(1), "x")
    assert [one.location.column for one in every.unused()] == [42]


MANY = 10_000


@pytest.mark.parametrize(
    "text",
    [
        "<!-- callpath: ignore unknown-name -->\n" * MANY,
        "<!-- callpath: ignore unknown-name -->\n\n" * MANY,
        "<!-- callpath: ignore unknown-name --> " * MANY,
        "a\n<!-- callpath: ignore unknown-name -->\n" * MANY,
        "a <!-- callpath: ignore " + "unknown-name " * MANY + "`x" * MANY + " -->",
        "a <!-- callpath: ignore " + "".join(f"`x{each}*` " for each in range(MANY)) + " -->",
        "<!-- callpath: ignore `x*` -->\n" * MANY + "a\n" * MANY,
        "a <!-- callpath: ignore unknown-name -->" + " " * MANY + "\n" + "\n" * MANY + "b",
    ],
    ids=range(8),
)
def test_many_exceptions_are_read_in_linear_time(text: str) -> None:
    every = exceptions(text)
    for line in range(MANY):
        every.leaves_out(at(line + 1), f"x{line}")
    assert len(every.unused()) <= MANY
