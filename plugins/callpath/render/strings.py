"""Every word that the pages say by themselves, in each language. Chosen by the theme's language."""

from dataclasses import dataclass

from callpath.render.home_strings import HOME_EN, HOME_ZH, HomeStrings
from callpath.render.version_strings import VERSIONS_EN, VERSIONS_ZH, VersionStrings


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

    def for_script(self) -> dict[str, object]:
        """The words that the page's script says, by the names of their fields."""
        words: dict[str, object] = {name: getattr(self, name) for name in _SCRIPT_WORDS}
        return words | {"key_meanings": self.home.key_meanings}


_SCRIPT_WORDS = ("symbol_page", "switch_title", "keys", "single_keys", "note", "kinds")


_ZH = Strings(
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
)

_EN = Strings(
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
)


def strings_for(language: str) -> Strings:
    """The words of a language tag such as `zh`, `zh-TW` or `en`; English when there are none."""
    return _ZH if language.lower().partition("-")[0].partition("_")[0] == "zh" else _EN
