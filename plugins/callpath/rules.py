"""Every rule of Callpath, by name. The documentation of the rules is made from this table.

The module is long because the table is. A rule is an error unless it says otherwise.
"""

from callpath.findings import Rule, Severity

INVALID_ENCODING = Rule(
    "invalid-encoding",
    what="A file of the notebook is not UTF-8 text.",
    why="Notes are text; a byte that is not a character would be lost or shown as something else.",
    example="a file saved as GB18030",
)
TOO_LARGE = Rule(
    "too-large",
    what="A note, or one text in it, is larger or nested deeper than a note can be.",
    why="Such a file is an accident, and would make the site and the editor unusable.",
    example="a commentary of several megabytes",
)
INVALID_YAML = Rule(
    "invalid-yaml",
    what="A YAML file cannot be parsed.",
    why="Nothing of the note can be read.",
    example="title: [unclosed",
)
YAML_ALIAS = Rule(
    "yaml-alias",
    what="A note uses a YAML alias (`*name`), an anchor (`&name`), a merge key or a tag (`!tag`).",
    why="Aliases hide what a step says and can blow up a small file; a note is plain data.",
    example="steps: &s\n  - function: svm_init\nagain: *s",
)
DUPLICATE_KEY = Rule(
    "duplicate-key",
    what="A mapping has the same key twice.",
    why="YAML keeps only the last one, and what the first one said is lost in silence.",
    example="title: KVM\ntitle: SVM",
)
EMPTY_NOTE = Rule(
    "empty-note",
    what="A note has no step.",
    why="There is nothing to read or to check; usually the file was not finished.",
    example="title: KVM\nsteps: []",
)
UNKNOWN_KEY = Rule(
    "unknown-key",
    what="A note or a step has a key that the format does not know.",
    why="A misspelt key would be dropped in silence.",
    example="steps:\n  - function: svm_init\n    flie: arch/x86/kvm/svm.c",
)
MISSING_KEY = Rule(
    "missing-key",
    what="A note or a step lacks a key that it must have.",
    why="Without its symbol and file a step cannot be found in the source.",
    example="steps:\n  - function: svm_init",
)
WRONG_TYPE = Rule(
    "wrong-type",
    what="A value has another type than its key takes.",
    why="A list where a text belongs cannot be read as what the author meant.",
    example="title: [KVM]",
)
INVALID_VALUE = Rule(
    "invalid-value",
    what="A value is of the right type but cannot be meant.",
    why="It names nothing that can exist: an empty name, a version `latest`, an unknown `when`.",
    example="pin: latest",
)
INVALID_PATH = Rule(
    "invalid-path",
    what="A file path is absolute, leaves the source tree or is not written plainly.",
    why="A path is looked up in the source and put into addresses; it must name one file.",
    example="file: ../../etc/passwd",
)
DUPLICATE_STEP = Rule(
    "duplicate-step",
    what="Two steps of a note have the same `id`.",
    why="A link to the step could lead to either of them.",
    example="- function: svm_init\n  id: start\n- function: kvm_init\n  id: start",
)
PAGE_COLLISION = Rule(
    "page-collision",
    what="A note and another page of the site have the same address.",
    why="One of the two would be overwritten.",
    example="notes/kvm/init.yml beside notes/kvm/init.md",
)
INVALID_SOURCE_LINK = Rule(
    "invalid-source-link",
    what="A `src:` link is not of the form `src:PATH#SYMBOL`.",
    why="It names no symbol that could be looked up.",
    example="[svm_init](src:arch/x86/kvm/svm.c)",
)
UNCLOSED_HTML = Rule(
    "unclosed-html",
    what="A commentary opens an HTML element and does not close it, or closes one that it did not.",
    why="Everything that follows on the page would be swallowed by it, or fall out of its place.",
    example="commentary: |\n  <div>",
)
UNCLOSED_CODE = Rule(
    "unclosed-code",
    what="A commentary starts a fenced code block and does not end it.",
    why="The fence would take in the next step, up to a fence there.",
    example="commentary: |\n  ```c\n  int x;",
)
BROKEN_LINK = Rule(
    "broken-link",
    what="A link in a commentary leads to a page or a step of the notebook that does not exist.",
    why="The reader of the site would land nowhere.",
    example="[初始化](init.yml#kvm_inti)",
)
UNREADABLE_ADDRESS = Rule(
    "unreadable-address",
    what="A link is no address that can be read.",
    why="MkDocs ends the whole build there, without a word about where it is.",
    example="[the mailbox](http://[lists.example/kvm)",
)
TWO_SETTINGS = Rule(
    "two-settings",
    Severity.WARNING,
    what="A site has settings for MkDocs and for ProperDocs, and only one of them is read.",
    why="ProperDocs builds from `properdocs.yml` where there is one, MkDocs from `mkdocs.yml`: "
    "what is checked may not be what is built.",
    example="mkdocs.yml and properdocs.yml in one folder",
)
UNKNOWN_PART = Rule(
    "unknown-part",
    what="A mark in a Markdown page names no part that exists.",
    why="Readers would find nothing in its place, without a word.",
    example="<!-- callpath: pahts -->",
)
NOT_LOCKED = Rule(
    "not-locked",
    what="The lockfile lacks a reference, what became of it in a tracked version, or what a link, "
    "a citation or a name mentions.",
    why="Until it is locked nobody has looked it up in the source; the site has no line for it.",
    example="a step was added and `callpath lock` was not run",
)
STALE_LOCK = Rule(
    "stale-lock",
    what="The lockfile holds a fact that no reference, no mention and no tracked version asks for.",
    why="It would be checked for ever, and hides what the notes speak of.",
    example="a step was removed and `callpath lock` was not run",
)
LOCK_MISMATCH = Rule(
    "lock-mismatch",
    what="The lockfile says something else of a symbol than the source does.",
    why="The site shows what the lockfile says; it would point at the wrong lines.",
    example="a lockfile edited by hand, or one made from another tree",
)
STALE_ERAS = Rule(
    "stale-eras",
    Severity.WARNING,
    what="The eras file lacks a symbol or an edge of the notes, or has one that no note states.",
    why="The site shows no releases where the file has none. The notes are true without it, and "
    "not everybody who writes a step has the history of releases: so it is a warning.",
    example="a step was added and `callpath eras --write` was not run",
)
UNDEFINED_SYMBOL = Rule(
    "undefined-symbol",
    what="The source does not define the symbol in the file, nor anywhere else.",
    why="The note speaks of something that this version does not have.",
    example="function: rdmr_safe",
)
DEFINED_ELSEWHERE = Rule(
    "defined-elsewhere",
    what="The file does not define the symbol, but another file of the source does.",
    why="The link would lead to the wrong file.",
    example="struct: vcpu_svm\nfile: arch/x86/kvm/kvm_svm.h",
)
WRONG_KIND = Rule(
    "wrong-kind",
    what="The file defines the name, but as another kind of symbol.",
    why="A macro is not a function: what the note says of it is likely wrong too.",
    example="function: per_cpu",
)
NOT_A_DEFINITION = Rule(
    "not-a-definition",
    what="The file only declares the symbol: a prototype or an `extern`.",
    why="The reader would see a declaration instead of the code that the note explains.",
    example="function: kvm_init\nfile: include/linux/kvm_host.h",
)
AMBIGUOUS_SYMBOL = Rule(
    "ambiguous-symbol",
    what="The file defines the symbol more than once, and the step does not choose.",
    why="Under `#if` the kernel often has two versions; the note must say which one it explains.",
    example="macro: module_init\nfile: include/linux/init.h",
)
NO_SUCH_OCCURRENCE = Rule(
    "no-such-occurrence",
    what="`occurrence` is larger than the number of definitions that the file has.",
    why="It chooses a definition that does not exist.",
    example="occurrence: 3",
)
MISSING_FILE = Rule(
    "missing-file",
    what="The source has no such file.",
    why="A note, a link or a citation names a file that this version does not have.",
    example="file: arch/x86/kvm/kvm_svm.h",
)
MISSING_LINE = Rule(
    "missing-line",
    what="A link or a citation names a line that the file does not have.",
    why="The file ends before it: the reader lands at the top of the file, or nowhere.",
    example="https://elixir.bootlin.com/linux/v3.7/source/virt/kvm/kvm_main.c#L99999",
)
WRONG_LINE = Rule(
    "wrong-line",
    what="A link or a citation names a symbol, and its line is not in that symbol.",
    why="Lines move with every release, in silence; the reader looks at something else.",
    example="[`kvm_init()`](https://elixir.bootlin.com/linux/v3.7/source/virt/kvm/kvm_main.c#L10)",
)
SUSPECT_LINE = Rule(
    "suspect-line",
    Severity.WARNING,
    what="A link or a citation leads to a blank line, a lone brace or the middle of a comment, or "
    "elsewhere than to the one symbol that its sentence names.",
    why="Hardly anybody means such a line: what was meant has moved.",
    example="`virt/kvm/kvm_main.c:2` in prose, where line 2 is in the licence's comment",
)
FLOATING_LINK = Rule(
    "floating-link",
    Severity.WARNING,
    what="A link to source code names no fixed version: a branch, `latest`, or none.",
    why="What it shows today it does not show tomorrow. In a note, which has a pin, it is an "
    "error.",
    example="https://elixir.bootlin.com/linux/latest/source/virt/kvm/kvm_main.c",
)
MALFORMED_LINK = Rule(
    "malformed-link",
    what="A link to a source viewer has a form that the viewer does not know.",
    why="It leads nowhere, whatever the version.",
    example="https://github.com/torvalds/linux/blob/virt/kvm/kvm_main.c",
)
UNKNOWN_NAME = Rule(
    "unknown-name",
    what="A name in a code span is a word of no file of the pinned tree, nor of a tracked version.",
    why="It is misspelt, or was renamed or removed; a reader who searches for it finds nothing.",
    example="`kvm_hardware_off()`",
)
SUSPECT_NAME = Rule(
    "suspect-name",
    Severity.WARNING,
    what="A name in a code span stands in the tree only in comments, strings or documentation.",
    why="The code that had it is gone, and comments still speak of it.",
    example="`kvm_old_helper()`, which only a comment mentions",
)
NEEDLESS_EXCEPTION = Rule(
    "needless-exception",
    Severity.WARNING,
    what="An exception leaves no finding out, or names a rule that does not exist.",
    why="It would hide the next fault at that place, which nobody has looked at.",
    example="<!-- callpath: ignore unknown-name `kvm_init` -->, where `kvm_init` exists",
)
UNREADABLE_FILE = Rule(
    "unreadable-file",
    what="The source has something at this path that is not a text file of reasonable size.",
    why="A directory, a link out of the tree, a binary or a huge file cannot be read as C.",
    example="file: arch/x86/kvm",
)
VOUCH = "if it is true all the same, say why: `asserted: REASON`"
"""The way out, in hints, where an edge is true and syntax cannot show it."""

UNPROVED_EDGE = Rule(
    "unproved-edge",
    what="The source does not have an edge that the notes state by nesting a step.",
    why="An arrow that is not in the source is a lie; the hint says what is true instead. What "
    "syntax cannot show, such as a name that a macro pastes or a table that is filled while the "
    "program runs, its author can vouch for with `asserted`.",
    example="- function: kvm_mmu_module_init\n  steps:\n    - function: kvm_init_msr_list",
)
HALF_PROVED_EDGE = Rule(
    "half-proved-edge",
    what="Of a call through a pointer, or of a callback that runs later, only one half is found, "
    "or the two halves are not of one type.",
    why="A call of a member proves nothing without a table that binds it, nor the other way round; "
    "and one name can be a member of many structs. If the edge is true all the same, `asserted` "
    "says why. Such an edge is locked as half proved, and stays a finding without a source too.",
    example="via: kvm_x86_ops->hardware_setup, and no table that binds that member to the function",
)
WRONG_VIA = Rule(
    "wrong-via",
    what="The callee is reached, but not through the pointer that `via` names.",
    why="The page would show readers the wrong pointer.",
    example="via: kvm_x86_ops->vcpu_put, where the call goes through `vcpu_load`",
)
NEEDLESS_ASSERTION = Rule(
    "needless-assertion",
    what="An edge is asserted although the source proves it.",
    why="What is proved needs nobody's word, and must stay proved.",
    example="asserted: the table is filled by a macro",
)
OUT_OF_ORDER = Rule(
    "out-of-order",
    Severity.WARNING,
    what="Steps below the same step are not in the order in which the source has them.",
    why="Readers take the order of the steps for the order of events.",
    example="kvm_arch_hardware_setup before kvm_arch_init, below kvm_init",
)
UNKNOWN_ANSWER = Rule(
    "unknown-answer",
    Severity.WARNING,
    what="A site on the network gave no usable answer about a file.",
    why="A page of a bot wall, a refusal, an overload or a time-out proves nothing: what the notes "
    "say of the file may be true. `--fail-unknown` makes it an error.",
    example="callpath check --online, while the site answers with status 503",
)
ONLINE_MISMATCH = Rule(
    "online-mismatch",
    what="The site that the links lead to serves another definition than the lockfile has.",
    why="A reader who follows the link sees something else than the note speaks of.",
    example="a lockfile made from a tree with local changes",
)
ONLINE_MISSING_FILE = Rule(
    "online-missing-file",
    what="The site that the links lead to does not have a file that is locked.",
    why="Every link to it is dead. A tag that the site has not indexed looks the same.",
    example="a pin that the site does not know",
)
UNLINKED_PROJECT = Rule(
    "unlinked-project",
    what="Links to the source of a project lead nowhere: the provider does not have it, or its "
    "address is not set.",
    why="Readers who follow a link to the source see nothing, or the source of something else.",
    example="pin: {project: redis, version: 7.2.4}\nlinks: elixir",
)
UNKNOWN_VERSION = Rule(
    "unknown-version",
    Severity.WARNING,
    what="Nothing in a source tells which version it is.",
    why="What is locked from another tree than the pinned one is wrong in silence.",
    example="callpath lock --source tree:DIR, where DIR is no checkout of a tag",
)
SEARCH_WORD_NOT_FOUND = Rule(
    "search-word-not-found",
    Severity.WARNING,
    what="A word that the site declares as one that readers search for finds no page.",
    why="A wrong separator or a missing word splitter makes search fail in silence.",
    example="search_words: [hardware_setup]",
)
NO_GRAPH_ENGINE = Rule(
    "no-graph-engine",
    Severity.WARNING,
    what="No graph engine could draw; call graphs are shown as nested lists.",
    why="Readers miss the picture.",
    example="graph: {engine: dot} without Graphviz installed",
)

RULES: dict[str, Rule] = {
    rule.name: rule for rule in list(globals().values()) if isinstance(rule, Rule)
}
