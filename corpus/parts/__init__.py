"""The flat tables of a corpus that no memory holds: by parts, from the list of its pages and the cache.

A part is made of what cleaning its pages gave (`pages`), of the lines that recur in their sources (`lines`),
of the annotations that stand in it (`remarks`), and of what only the whole corpus tells: near-duplicates
(`whole`) and splits (`deciding`). Each piece lies in the store under a key that names all it was made from,
so that the next build makes anew what changed. `corpus.standing` makes the same tables in memory: tests hold
the two together.
"""
