"""Reads what the preprocessor sees of a text, without a parse. Bytes in, values out.

`conditions` says which text `#if` leaves and under which condition an offset stands, `constants`
what such a condition is worth, `branches` whether several always hold together. `includes` lists
the files that a text includes and what it may make of a word, `pastes` the names that `##` makes.
Must not know syntax trees.
"""
