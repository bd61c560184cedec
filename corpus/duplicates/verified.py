"""Pairs of texts that were compared exactly, kept from one run to the next by what the texts say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The first word of a packed array: what it is, and in which form.
_FORM: Final = 0x5645524946494544


class Verified(NamedTuple):
    """How many shingles pairs of texts share, by 128 bits that name the two sets of shingles (in two words).

    `keys` is sorted by its first column. A pair says nothing of thresholds, ids or places, so it holds for as
    long as both texts stand anywhere in the corpus and are hashed in the same way.
    """

    keys: NDArray[np.uint64]
    shared: NDArray[np.uint32]

    def packed(self) -> NDArray[np.uint64]:
        """Return all of it as one flat array of 64-bit words, to be kept in a file."""
        head = np.array([_FORM], np.uint64)
        return np.concatenate([head, self.keys.ravel(), self.shared.astype(np.uint64)])

    @staticmethod
    def unpacked(words: NDArray[np.uint64]) -> Verified:
        """Return what `packed` made an array of; raises ValueError for any other array."""
        words = words.view(np.ndarray)
        if words.dtype != np.uint64 or words.ndim != 1 or len(words) % 3 != 1 or words[0] != _FORM:
            raise ValueError("found an array that is no verified pairs")
        count = len(words) // 3
        return Verified(words[1 : 1 + 2 * count].reshape(count, 2), words[1 + 2 * count :].astype(np.uint32))

    def of(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return how many shingles the pairs of these keys share, -1 where that is not known."""
        found = np.full(len(keys), -1, np.int64)
        if not len(self.keys) or not len(keys):
            return found
        at = np.minimum(np.searchsorted(self.keys[:, 0], keys[:, 0]), len(self.keys) - 1)
        same = (self.keys[at] == keys).all(axis=1)
        found[same] = self.shared[at[same]]
        return found


def nothing() -> Verified:
    """Return no pairs.

    >>> Verified.unpacked(nothing().packed()).shared
    array([], dtype=uint32)
    """
    return Verified(np.zeros((0, 2), np.uint64), np.zeros(0, np.uint32))


def noted(keys: NDArray[np.uint64], shared: NDArray[np.int64]) -> Verified:
    """Return pairs by their keys, one each."""
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    keys, shared = keys[order], shared[order]
    first = np.ones(len(keys), np.bool_)
    first[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    return Verified(keys[first], shared[first].astype(np.uint32))


def keys_of(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Name pairs by the digests of their texts, whichever comes first."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    mixed = (low ^ (low >> np.uint64(29))) * np.uint64(0x9FB21C651E98DF25) + high
    # Lows and highs of the two columns may stem from either text, which a name may leave open.
    keys: NDArray[np.uint64] = (mixed ^ (mixed >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return keys
