"""Texts -> clusters of near-duplicates, in any language: reposts, light edits, other writing systems.

Two texts are near-duplicates if they share enough of their character n-grams (`shingling`). Enough is a
Jaccard similarity of THRESHOLD, or containment: CONTAINMENT of the shorter text's shingles in the longer one,
which finds a repost inside a longer page. A cluster is everything that a chain of near-duplicates connects,
so that none crosses a split, and is called by its smallest id; a text without near-duplicates is a cluster of
its own.

`clusters` answers for texts in memory. At scale each part of a corpus is sketched where it is read
(`sketch`), and `cluster` works on the sketches alone: it counts where they meet, one range of hashes after
the other, and asks for the texts of the pairs that meet often enough, to compare them exactly. Figures, and a
comparison with MinHash libraries: docs/benchmarks-duplicates.md.
"""

from corpus.duplicates.clustering import (
    CONTAINED_SHINGLES,
    CONTAINMENT,
    THRESHOLD,
    Clustered,
    cluster,
    clusters,
)
from corpus.duplicates.shingling import shingles, similarity
from corpus.duplicates.sketches import Sketches, sketch
from corpus.duplicates.verified import Verified

__all__ = [
    "CONTAINED_SHINGLES",
    "CONTAINMENT",
    "THRESHOLD",
    "Clustered",
    "Sketches",
    "Verified",
    "cluster",
    "clusters",
    "shingles",
    "similarity",
    "sketch",
]
