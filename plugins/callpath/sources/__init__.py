"""Where C text is read from: directories, Git repositories, archives, elixir sites, the cache.

Takes a SPEC and a version, gives bytes of paths. Every source gives the same answers for the same
tree. Does not depend on notes, lockfiles or C.
"""
