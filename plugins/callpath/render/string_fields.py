"""What words the pages say by themselves; each language has a module of its own with them."""

from dataclasses import dataclass

from callpath.render.era_strings import EraStrings
from callpath.render.home_strings import HomeStrings
from callpath.render.version_strings import VersionStrings


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
