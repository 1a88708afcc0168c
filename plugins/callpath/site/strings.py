"""Every word that the pages say by themselves, in each language. Chosen by the theme's language."""

from dataclasses import dataclass

Keys = tuple[tuple[str, ...], str]
"""Keys of which each does the same, and what they do."""


@dataclass(frozen=True, slots=True)
class HomeStrings:
    """The words of one language. `{}` stands for a value that the template puts in."""

    paths: str
    no_paths: str
    step_count: str
    all_errata: str
    no_errata: str
    errata_lead: str
    how_to_read: str
    marks: str
    mark: str
    proved: str
    not_locked: str
    half: str
    asserted: str
    erratum: str
    reached: str
    proof: str
    drawn: str
    meaning: str
    proof_lines: dict[str, str]
    proof_meanings: dict[str, str]
    keys: str
    key: str
    key_meanings: tuple[Keys, ...]


HOME_ZH = HomeStrings(
    paths="阅读路径",
    no_paths="还没有笔记。",
    step_count="{} 步",
    all_errata="全部勘误，共 {} 处",
    no_errata="没有勘误。",
    errata_lead="旧文与源码对不上的 {} 处，按笔记和步骤排列。",
    how_to_read="怎样读",
    marks="标记",
    mark="标记",
    proved="符号的位置，以及从上一级到达它的关系，都已在 {} 的源码里查实，并记入锁文件。",
    not_locked="锁文件里还没有这个符号，没有拿它与源码对照过。",
    half="只查到一头：有调用处而没有相符的表项，或者反过来。",
    asserted="语法上无从证明，由作者担保，理由写在步骤里。",
    erratum="旧文怎样说，源码里其实怎样。",
    reached="到达方式",
    proof="方式",
    drawn="图中的线",
    meaning="含义",
    proof_lines={
        "call": "实线",
        "macro": "细线",
        "pointer": "虚线，标出成员名",
        "callback": "点线",
        "registration": "点线",
        "table": "细线",
        "use": "细线",
    },
    proof_meanings={
        "call": "上一级的函数体按名字直接调用它。",
        "macro": "上一级用到这个宏，或者它出现在上一级宏的定义里。",
        "pointer": "上一级经函数指针调用，并且有一张表把那个指针填成了它；意思是“可能调用”。",
        "callback": "上一级把它的地址交了出去，由别处在以后调用。",
        "registration": "上一级是写在文件级的宏，例如 module_init，它的名字写在括号里。",
        "table": "上一级是一张表，它的名字填在初始化式里。",
        "use": "上一级的函数体用到了这个变量、类型或成员。",
    },
    keys="按键",
    key="按键",
    key_meanings=(
        (("j",), "下一步"),
        (("k",), "上一步"),
        (("o",), "逐步阅读：一次只看一步，用 ← → 翻步"),
        (("g",), "在调用图与源码之间切换"),
        (("t", "Ctrl+K"), "快速跳转：输入名字，直达符号"),
        (("/",), "搜索"),
        (("←", "↑", "↓", "→"), "在调用图里走动（先用 Tab 进入）"),
        (("+", "-", "0"), "放大、缩小调用图，看全图"),
        (("?",), "按键帮助"),
    ),
)

HOME_EN = HomeStrings(
    paths="Reading paths",
    no_paths="There are no notes yet.",
    step_count="{} steps",
    all_errata="All errata: {}",
    no_errata="There are no errata.",
    errata_lead="{} places where older notes and the source differ, by note and step.",
    how_to_read="How to read",
    marks="Marks",
    mark="Mark",
    proved="The symbol's place and how it is reached are proved in the source of {}, and locked.",
    not_locked="The lockfile does not have this symbol: nobody has looked it up in the source.",
    half="Only one half is found: a call without a table entry that fits it, or the other way "
    "round.",
    asserted="Syntax cannot prove it: the author vouches for it, and the step says why.",
    erratum="What older notes say, and what the source really has.",
    reached="How a step is reached",
    proof="Way",
    drawn="In the graph",
    meaning="Meaning",
    proof_lines={
        "call": "solid line",
        "macro": "thin line",
        "pointer": "dashed line with the member's name",
        "callback": "dotted line",
        "registration": "dotted line",
        "table": "thin line",
        "use": "thin line",
    },
    proof_meanings={
        "call": "The caller's body calls it by name.",
        "macro": "The caller uses this macro, or it stands in the text of the caller, a macro.",
        "pointer": "The caller calls through a pointer, and a table binds that pointer to it: it "
        "may be called.",
        "callback": "The caller hands over its address; somebody else calls it later.",
        "registration": "The caller is a macro at file level, such as module_init, that is given "
        "its name.",
        "table": "The caller is a table that has its name in the initialiser.",
        "use": "The caller's body uses this variable, type or member.",
    },
    keys="Keys",
    key="Key",
    key_meanings=(
        (("j",), "next step"),
        (("k",), "previous step"),
        (("o",), "one step at a time; ← → turn the page"),
        (("g",), "change between call graph and source"),
        (("t", "Ctrl+K"), "quick switcher: type a name, go to the symbol"),
        (("/",), "search"),
        (("←", "↑", "↓", "→"), "move in the call graph (Tab enters it)"),
        (("+", "-", "0"), "zoom the call graph in and out, show all of it"),
        (("?",), "help"),
    ),
)


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


@dataclass(frozen=True, slots=True)
class Strings:
    """The words of one language. `{}` stands for a value that the template puts in."""

    call_graph: str
    pane: str
    source: str
    path: str
    symbol_page: str
    stepwise: str
    stepwise_title: str
    switch: str
    switch_title: str
    keys: str
    outline: str
    zoom_words: tuple[str, str, str]
    single_keys: str
    note: str
    steps: str
    proofs: dict[str, str]
    statuses: dict[str, str]
    bound_at: str
    handed_by: str
    other_targets: str
    runs_later: str
    runs_later_by: str
    asserted: str
    calls: str
    body_calls: str
    untold: str
    omitted: str
    errata: str
    older_notes_say: str
    source_says: str
    locked_at: str
    not_locked: str
    locked_count: str
    files_count: str
    errata_count: str
    previous_step: str
    next_step: str
    previous_symbol: str
    next_symbol: str
    definition: str
    definition_of: str
    under_condition: str
    lines: str
    steps_about: str
    no_steps: str
    mentioned_in: str
    callers: str
    callees: str
    symbols: str
    symbols_lead: str
    files: str
    files_lead: str
    graph: str
    graph_lead: str
    at_source: str
    breadcrumbs: str
    step_navigation: str
    faults: str
    hint: str
    kinds: dict[str, str]
    line: str
    symbol: str
    kind: str
    version: str
    graph_description: str
    home: HomeStrings
    versions: VersionStrings
    source_of: str
    source_owner: str
    own_licence: str
    projects: dict[str, str]
    code_folded: str
    code_left_out: str
    step_number: str
    badge_proved: str
    badge_unproved: str
    badge_faults: str
    feed_new: str
    feed_changed: str
    notes: str
    indexes: str
    for_machines: str
    notebook_file_lead: str
    full_text_lead: str
    feed_lead: str
    notebook_summary: str
    note_summary: str
    symbol_summary: str
    file_summary: str
    reached_from: str
    at_page: str
    comma: str
    list_comma: str
    labelled: str
    folded_steps: str
    folded_symbols: str
    merged_edges: str
    more_neighbours: str
    around_symbol: str
    around_description: str
    file_graph: str
    file_description: str
    legend: str
    legend_lines: dict[str, str]
    legend_boxes: dict[str, str]
    downloads: str
    eras: EraStrings

    def for_script(self) -> dict[str, object]:
        """The words that the page's script says, by the names of their fields."""
        words: dict[str, object] = {name: getattr(self, name) for name in _SCRIPT_WORDS}
        return words | {"key_meanings": self.home.key_meanings}


_SCRIPT_WORDS = ("symbol_page", "switch_title", "keys", "single_keys", "note", "kinds")


EN = Strings(
    call_graph="Call graph",
    pane="Graph and source",
    source="Source",
    path="Reading path",
    symbol_page="Symbol page: every step that speaks of it",
    stepwise="Step by step",
    stepwise_title="One step at a time",
    switch="Go to…",
    switch_title="Go to any symbol or note",
    keys="Keyboard",
    outline="As text",
    zoom_words=("Zoom out", "Zoom in", "Whole graph"),
    single_keys="Use single-key shortcuts",
    note="note",
    steps="Steps",
    proofs={
        "call": "direct call",
        "macro": "macro",
        "pointer": "through pointer",
        "callback": "callback",
        "registration": "registration",
        "table": "table",
        "use": "use",
    },
    statuses={
        "proved": "proved",
        "half": "half proved",
        "asserted": "asserted by the author",
        "not-searched": "not searched",
        "unproved": "unproved",
    },
    bound_at="bound at",
    handed_by="handed over by {}",
    other_targets="{} other candidates",
    runs_later="runs later",
    runs_later_by="run later by {}",
    asserted="asserted by the author",
    calls="Read on",
    body_calls="Calls",
    untold="{} not told",
    omitted="left out on purpose",
    errata="Errata",
    older_notes_say="Older notes say",
    source_says="The source says",
    locked_at="proved against {}",
    not_locked="not locked",
    locked_count="{0} of {1} proved against {2}",
    files_count="{} source files",
    errata_count="{} errata",
    previous_step="Previous",
    next_step="Next",
    previous_symbol="Previous symbol",
    next_symbol="Next symbol",
    definition="Definition",
    definition_of="definition {} of {}",
    under_condition="under",
    lines="lines {}–{}",
    steps_about="Steps that speak of it",
    no_steps="No step is about it.",
    mentioned_in="Mentioned in",
    callers="Reached from",
    callees="Leads to",
    symbols="Symbols",
    symbols_lead="The {} symbols that the notes speak of, A to Z.",
    files="Files",
    files_lead="The {} source files that the notes speak of.",
    graph="Whole graph",
    graph_lead="All notes as one graph of {} symbols. A box leads to its symbol's page.",
    at_source="at {}",
    breadcrumbs="You are here",
    step_navigation="Previous and next step",
    faults="Problems in this note: {}",
    hint="hint",
    kinds={
        kind: kind
        for kind in (
            "function",
            "macro",
            "struct",
            "union",
            "enum",
            "enumerator",
            "variable",
            "typedef",
            "field",
        )
    },
    line="Line",
    symbol="Symbol",
    kind="Kind",
    version="Version",
    source_of="Source of {0}, {1}",
    source_owner="Source text of {}, © its authors, licence: ",
    own_licence="that of the project",
    projects={"linux": "the Linux kernel"},
    code_folded="… {} lines",
    code_left_out="Lines {}–{} are to be read at the source",
    step_number="Step {}",
    home=HOME_EN,
    versions=VERSIONS_EN,
    badge_proved="verified against {}",
    badge_unproved="{} unproved",
    badge_faults="problems: {}",
    feed_new="New: {}",
    feed_changed="Changed: {}",
    notes="Notes",
    indexes="Indexes",
    for_machines="For machines",
    notebook_file_lead="the whole notebook as JSON: steps, definitions, proofs, addresses",
    full_text_lead="the whole notebook as Markdown",
    feed_lead="new and changed notes (Atom)",
    notebook_summary="Notes: {0}; steps: {1}, of them {2} proved against {3}.",
    note_summary="From {1} to {2}, read at {3}; steps: {0}.",
    symbol_summary="{0} {1}, {2} ({3}). {4}",
    file_summary="{1} in {0}: the notes speak of {2} of its symbols: {3}.",
    reached_from="Reached from {}",
    at_page="Page",
    comma=", ",
    list_comma=", ",
    labelled="{}: {}",
    graph_description="{} steps, numbered in reading order; the text tells them in the same order.",
    folded_steps="{} steps",
    folded_symbols="{} symbols",
    merged_edges="{} arrows in one",
    more_neighbours="{} more",
    around_symbol="Around {}",
    around_description="Reached from {}, leads to {}.",
    file_graph="Calls in {}",
    file_description="The symbols of this file that the notes speak of, and what they directly "
    "lead to or are reached from.",
    legend="Legend",
    legend_lines={
        "call": "direct call",
        "pointer": "call through a pointer, with its member",
        "callback": "callback or registration",
        "use": "macro, table or use",
        "unproved": "unproved: the source does not have it",
    },
    legend_boxes={
        "function": "function",
        "macro": "macro",
        "variable": "data (struct, variable …)",
        "folded": "folded part, click to open",
        "stub": "neighbour that stands elsewhere",
        "current": "the symbol of this page",
    },
    downloads="Downloads",
    eras=ERAS_EN,
)


ZH = Strings(
    call_graph="调用图",
    pane="图与源码",
    source="源码",
    path="阅读路径",
    symbol_page="符号页：讲到它的所有步骤",
    stepwise="逐步",
    stepwise_title="一次只看一步",
    switch="跳到…",
    switch_title="跳到任一符号或笔记",
    keys="键盘操作",
    outline="文字版",
    zoom_words=("缩小", "放大", "全图"),
    single_keys="使用单键快捷键",
    note="笔记",
    steps="步骤",
    proofs={
        "call": "直接调用",
        "macro": "宏",
        "pointer": "经指针",
        "callback": "回调",
        "registration": "注册",
        "table": "查表",
        "use": "使用",
    },
    statuses={
        "proved": "已证实",
        "half": "只证实一半",
        "asserted": "作者断言",
        "not-searched": "未查找",
        "unproved": "未证实",
    },
    bound_at="绑定于",
    handed_by="由 {} 交出",
    other_targets="同一指针另有 {} 个候选",
    runs_later="稍后执行",
    runs_later_by="稍后由 {} 执行",
    asserted="作者断言",
    calls="接着读",
    body_calls="调用",
    untold="{} 个未讲",
    omitted="有意不讲",
    errata="勘误",
    older_notes_say="原文说",
    source_says="源码是",
    locked_at="已对照 {} 验证",
    not_locked="未锁定",
    locked_count="已对照 {2} 验证 {0}/{1}",
    files_count="涉及 {} 个源文件",
    errata_count="勘误 {} 处",
    previous_step="上一步",
    next_step="下一步",
    previous_symbol="上一个符号",
    next_symbol="下一个符号",
    definition="定义",
    definition_of="第 {} 处定义，共 {} 处",
    under_condition="条件",
    lines="第 {}–{} 行",
    steps_about="讲到它的步骤",
    no_steps="没有专讲它的步骤。",
    mentioned_in="提到它的地方",
    callers="由谁到达",
    callees="从它到达",
    symbols="符号索引",
    symbols_lead="笔记里讲到的 {} 个符号，按字母排列。",
    files="文件索引",
    files_lead="笔记里讲到的 {} 个源文件。",
    graph="全图",
    graph_lead="全部笔记合成的一张图：{} 个符号。点击方框进入符号页。",
    at_source="在 {} 查看",
    breadcrumbs="所在位置",
    step_navigation="前后步骤",
    faults="这份笔记有 {} 处问题",
    hint="提示",
    kinds={
        "function": "函数",
        "macro": "宏",
        "struct": "结构体",
        "union": "联合体",
        "enum": "枚举",
        "enumerator": "枚举值",
        "variable": "变量",
        "typedef": "类型定义",
        "field": "成员",
    },
    line="行",
    symbol="符号",
    kind="类别",
    version="版本",
    source_of="{0} 的源码，{1}",
    source_owner="{}源码，版权归其作者所有，许可证：",
    own_licence="见该项目",
    projects={"linux": "Linux 内核"},
    code_folded="… {} 行",
    code_left_out="第 {}–{} 行请看源码网站",
    step_number="第 {} 步",
    home=HOME_ZH,
    versions=VERSIONS_ZH,
    badge_proved="已对照 {} 验证",
    badge_unproved="{} 处未证实",
    badge_faults="{} 处问题",
    feed_new="新增：{}",
    feed_changed="更新：{}",
    notes="阅读路径",
    indexes="索引",
    for_machines="机器可读",
    notebook_file_lead="整本笔记的 JSON：步骤、定义、到达关系及其证据、符号的地址",
    full_text_lead="整本笔记的 Markdown 全文",
    feed_lead="新增与更新的笔记（Atom）",
    notebook_summary="笔记 {0} 篇，步骤 {1} 个，对照 {3} 证实 {2} 个。",
    note_summary="从 {1} 到 {2}，共 {0} 个步骤，对照 {3}。",
    symbol_summary="{0} {1}，{2}（{3}）。{4}",
    file_summary="{0} 的 {1}，笔记讲到其中 {2} 个符号：{3}。",
    reached_from="由 {} 到达",
    at_page="页面",
    comma="，",
    list_comma="、",
    labelled="{}：{}",
    graph_description="{} 个步骤，按阅读顺序编号；正文按同样的顺序逐步讲解。",
    folded_steps="{} 步",
    folded_symbols="{} 个符号",
    merged_edges="合并了 {} 条箭头",
    more_neighbours="另有 {} 个",
    around_symbol="{} 的上下游",
    around_description="{} 个上游，{} 个下游。",
    file_graph="{} 中的调用关系",
    file_description="这个文件里笔记讲到的符号，以及直接通到它们、由它们直接到达的其他符号。",
    legend="图例",
    legend_lines={
        "call": "直接调用",
        "pointer": "经指针调用，旁注成员名",
        "callback": "回调或注册",
        "use": "宏、查表或使用",
        "unproved": "未证实：源码里没有找到",
    },
    legend_boxes={
        "function": "函数",
        "macro": "宏",
        "variable": "数据（结构体、变量等）",
        "folded": "折叠的部分，点击展开",
        "stub": "画在别处的相邻符号",
        "current": "本页的符号",
    },
    downloads="下载",
    eras=ERAS_ZH,
)


def strings_for(language: str) -> Strings:
    """The words of a language tag such as `zh`, `zh-TW` or `en`; English when there are none."""
    return ZH if language.lower().partition("-")[0].partition("_")[0] == "zh" else EN
