"""Rewrites notes for another version.

Takes notes' bytes and what drift found, gives new bytes. Only `plan` reads files; none are written.
"""
