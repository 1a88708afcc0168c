"""The walk through the tree of one definition. It never recurses, and knows no kind of node."""

from collections.abc import Callable, Iterable, Mapping

from tree_sitter import Node

from callpath.core.c_parser.body_vocabulary import DispatchMacro
from callpath.core.c_parser.roles import Ledger, Use


class Walk:
    """One walk through a definition; it writes into the ledger.

    Parameters:
        ledger: Where to write.
        handlers: What to do with each kind of node; parts of any other kind are used plainly.
        dispatch: The macros that dispatch, by name.
        designated: The tag of the struct for the offset of each designator, as far as it is known.
    """

    def __init__(
        self,
        ledger: Ledger,
        handlers: Mapping[str, "Handler"],
        dispatch: Mapping[str, DispatchMacro],
        designated: Mapping[int, str],
    ) -> None:
        self.ledger = ledger
        self.stretch = ledger.stretch
        self.dispatch = dispatch
        self.designated = designated
        self._handlers = handlers
        self._pending: list[tuple[Node, Use]] = []

    def read(self, nodes: Iterable[tuple[Node, Use]]) -> None:
        """Walk through some nodes, each used in a given way."""
        self._pending.extend(nodes)
        while self._pending:
            node, use = self._pending.pop()
            handler = self._handlers.get(node.type)
            if handler is not None:
                handler(self, node, use)
            elif node.named_child_count:
                self.rest(node, use.inside())

    def push(self, node: Node | None, use: Use) -> None:
        """Walk through a node later; what is pushed last comes first."""
        if node is not None:
            self._pending.append((node, use))

    def rest(self, node: Node, use: Use, but: Node | None = None) -> None:
        """Walk through the children of a node, perhaps but one, later."""
        for child in reversed(node.named_children):
            if but is None or child != but:
                self._pending.append((child, use))

    def name(self, node: Node, use: Use) -> None:
        """Note the name that a node is; what a mask has put there is none."""
        offset = self.stretch.offset(node)
        if offset not in self.ledger.seen and self.stretch.is_original(node):
            self.ledger.name(offset, self.stretch.name(node), use)


Handler = Callable[[Walk, Node, Use], None]
"""What to do with one kind of node."""
