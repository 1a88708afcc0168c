"""In which releases statements hold, and which release an undated note describes.

Takes references and edges and a Git repository with release tags, gives eras and dates.
"""
