"""The words of the home page's parts and of the page of errata, in each language."""

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
