"""Proves edges: given the steps of a note and the code of a source, how each callee is reached.

`edges` lists what a note states, `proving` decides, one module a family of proofs: `direct` (call,
macro, use), `pointer`, `callback`, `tables` (table, registration). `hints` says what is true
instead, `order` whether siblings are told in the order of the source. Pure: code comes through
`Code`.
"""

from callpath.core.prover.code import Code, Target
from callpath.core.prover.edges import Edge, note_edges
from callpath.core.prover.order import out_of_order
from callpath.core.prover.proving import prove

__all__ = ["Code", "Edge", "Target", "note_edges", "out_of_order", "prove"]
