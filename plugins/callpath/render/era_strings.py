"""The words on the releases in which a symbol or an edge holds, in each language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EraStrings:
    """The words of one language. `{}` stands for a value that the template puts in."""

    title: str
    found: str
    unknown: str
    nowhere: str
    reached: str
    otherwise: str
    undecided: str
    unreached: str
    semicolon: str
    looked_at: str
    drawn: dict[str, str]
    pin: str
    beyond: str
    any_kind: str
    occurrence: str
    via: str


ERAS_ZH = EraStrings(
    title="见于哪些版本",
    found="见于 {}",
    unknown="未查明 {}",
    nowhere="所查版本里都没有",
    reached="到达 {}",
    otherwise="经别的指针到达 {}",
    undecided="是否到达未查明 {}",
    unreached="所查版本里都不由上一级到达",
    semicolon="；",
    looked_at="所查 {0} 个版本，{1} 至 {2}",
    drawn={
        "holds": "成立",
        "defined": "有这个符号，但不由上一级到达",
        "otherwise": "经别的指针到达",
        "unknown": "未查明",
    },
    pin="所对照的版本",
    beyond="“…”表示更早或更晚的版本没有查；相邻两格之间的版本也没有查。",
    any_kind="不论类别",
    occurrence="第 {} 处定义",
    via="经 {}",
)

ERAS_EN = EraStrings(
    title="In which releases",
    found="found in {}",
    unknown="unknown in {}",
    nowhere="in none of the releases looked at",
    reached="reached in {}",
    otherwise="reached through another pointer in {}",
    undecided="unknown whether reached in {}",
    unreached="reached in none of them",
    semicolon="; ",
    looked_at="{0} releases looked at, {1} to {2}",
    drawn={
        "holds": "holds",
        "defined": "there, but not reached from the step above",
        "otherwise": "reached through another pointer",
        "unknown": "unknown",
    },
    pin="the version that was read",
    beyond="“…” says that nobody looked at earlier or later releases; nor did anybody look "
    "between two cells.",
    any_kind="of any kind",
    occurrence="definition {}",
    via="through {}",
)
