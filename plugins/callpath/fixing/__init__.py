"""Rewrites what checks of mentions are certain of: `callpath fix`.

Takes judgements and files; gives new files whose text was read back, and what is left. Does not
write them, and does not guess: what a judgement has no replacement for stays as it is.
"""
