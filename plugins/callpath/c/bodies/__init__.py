"""Reads the inside of definitions from syntax trees: calls, uses of names, bindings, copies.

`body` is the way in. It has `walk` go through one definition, with one of the `handlers` for each
kind of node, `second_look` read as mere words what the tree does not show, `scope_ends` find what
variables have run when their scope is left, and `bindings` what is put into members; `copies` says
where pointers go. `macros` reads the text of macros, `expansion` puts it into tables.
"""
