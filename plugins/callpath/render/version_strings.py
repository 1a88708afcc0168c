"""The words of the pages of tracked versions, in each language."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VersionStrings:
    """The words of one language. `{}` stands for a value that the template puts in."""

    versions: str
    versions_lead: str
    comparison_title: str
    comparison_lead: str
    other_versions: str
    this_note: str
    show_there: str
    compare: str
    told_there: str
    counterpart_step: str
    remark: str
    statuses: dict[str, str]
    meanings: dict[str, str]
    changes: dict[str, str]
    now_named: str
    may_be: str
    likely: str
    not_said: str
    matrix_of: str
    matrix_lead: str
    changed_edges: str
    changed_edges_lead: str
    no_changed_edges: str
    comparisons: str
    edge: str
    edges: str
    all_symbols: str
    elsewhere: str
    step_in: str


VERSIONS_ZH = VersionStrings(
    versions="版本对照",
    versions_lead="笔记讲到的每个符号，在 {} 里分别怎样。",
    comparison_title="{}：对照 {}",
    comparison_lead="《{}》按 {} 写成；这里逐步列出每个符号、每条关系在 {} 里怎样。",
    other_versions="其他版本",
    this_note="本篇",
    show_there="逐步标出",
    compare="逐步对照",
    told_there="另有一篇",
    counterpart_step="那一篇的第 {} 步",
    remark="在 {} 里",
    statuses={
        "same": "原样未动",
        "moved": "换了行号",
        "moved-file": "换了文件",
        "changed": "正文有改",
        "renamed": "改了名",
        "gone": "找不到了",
    },
    meanings={
        "same": "同一个文件、同一行，正文一字未改",
        "moved": "还在原来的文件里，正文未改，只是行号变了",
        "moved-file": "正文未改，搬到了别的文件",
        "changed": "名字没变，正文变了；可能也搬了地方",
        "renamed": "换了名字，或者同名而换了种类",
        "gone": "没有哪个定义能认定就是它；列出的只是可能的去处",
    },
    changes={
        "proved": "关系照旧",
        "proved-otherwise": "关系仍在，方式变了",
        "gone": "关系查不到了",
        "asserted": "由作者担保",
        "half": "仍只证实一半",
        "not-searched": "没有查",
    },
    now_named="改名为",
    may_be="可能是",
    likely="相似度 {}%",
    not_said="锁文件没有记录",
    matrix_of="以 {} 为准的笔记",
    matrix_lead="{} 个符号，按所在文件和行号排列。",
    changed_edges="变了的关系",
    changed_edges_lead="笔记里的 {} 条关系中，下列 {} 条至少在一个版本里与原来不同。",
    no_changed_edges="所有关系都与原来一样。",
    comparisons="逐篇对照",
    edge="关系",
    edges="关系",
    all_symbols="全部符号的对照表",
    elsewhere="在其他版本里",
    step_in="步骤",
)

VERSIONS_EN = VersionStrings(
    versions="Versions",
    versions_lead="What became of every symbol of the notes in {}.",
    comparison_title="{} in {}",
    comparison_lead="“{}” was written from {}; this is what each of its steps is in {}.",
    other_versions="Other versions",
    this_note="this note",
    show_there="show at each step",
    compare="step by step",
    told_there="told in",
    counterpart_step="step {} there",
    remark="In {}",
    statuses={
        "same": "untouched",
        "moved": "moved",
        "moved-file": "in another file",
        "changed": "changed",
        "renamed": "renamed",
        "gone": "gone",
    },
    meanings={
        "same": "the same text on the same line of the same file",
        "moved": "the same text on another line of its file",
        "moved-file": "the same text in another file",
        "changed": "another text under the same name, wherever it stands",
        "renamed": "another name, or the same name as another kind of symbol",
        "gone": "no definition that is certainly the same; what is listed only may be it",
    },
    changes={
        "proved": "reached as before",
        "proved-otherwise": "reached in another way",
        "gone": "no longer proved",
        "asserted": "asserted by the author",
        "half": "still half proved",
        "not-searched": "not searched",
    },
    now_named="now",
    may_be="perhaps",
    likely="{}% alike",
    not_said="the lockfile does not say",
    matrix_of="Notes on {}",
    matrix_lead="{} symbols, by file and line.",
    changed_edges="Edges that changed",
    changed_edges_lead="Of {} edges these {} are not what they were in at least one version.",
    no_changed_edges="All edges are what they were.",
    comparisons="Note by note",
    edge="edge",
    edges="edges",
    all_symbols="all symbols",
    elsewhere="In other versions",
    step_in="Step",
)
