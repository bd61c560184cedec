r"""The logical digest of rows: what they say, whatever library wrote them, in whatever order and encoding.

1. A row is the JSON object of its columns: keys sorted, no white space, non-ASCII characters as themselves,
   numbers in the shortest form that reads back to the same value, UTF-8. NaN and infinities are refused.
2. A row's digest is the SHA-256 of those bytes.
3. The digest of the rows is the SHA-256 of their 32-byte digests, sorted and joined.
4. The digest of a table with splits is the SHA-256 of lines `<split> <hex digest>\n`, sorted.

Nothing but JSON and SHA-256 is needed to check one.

The digests of rows in parts are sorted by part and merged (`Runs`): 32 bytes a row on disk, and in memory no
more than a few of 256 ranges, into which SHA-256 deals rows evenly.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from itertools import chain
from typing import TYPE_CHECKING, Self

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Digests = NDArray[np.uint8]

ALGORITHM = "corpus-rows-1"
"""Names the four steps above; another number would mean other steps."""

_SIZE = 32
_RANGES = 256
_SPELLED_ROWS = 4096
"""Rows that are spelled at once: as text they take several times as much memory."""

_MERGED_BYTES = 4 << 20
"""Digests that are sorted at once, in bytes, where a range holds no more."""


def digest_rows(rows: Iterable[Mapping[str, object]]) -> str:
    """Digest rows, in any order.

    >>> a, b = {"id": "a", "n": 1}, {"id": "b", "n": None}
    >>> digest_rows([a, b]) == digest_rows([b, a])
    True
    >>> digest_rows([a]) == digest_rows([a, a])
    False
    """
    digests = sorted(hashlib.sha256(_canonical(row)).digest() for row in rows)
    return hashlib.sha256(b"".join(digests)).hexdigest()


def digest_splits(splits: Mapping[str, str]) -> str:
    """Digest a table from the digests of its splits."""
    lines = "".join(f"{split} {digest}\n" for split, digest in sorted(splits.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def row_digests(rows: pl.DataFrame | Sequence[Mapping[str, object]]) -> Digests:
    """Digest each row, of a frame or given one by one: an array of rows of 32 bytes, sorted.

    Raises ValueError for NaN and infinities, TypeError for values that JSON does not have.
    """
    told: Iterable[bytes]
    if not isinstance(rows, pl.DataFrame):
        told = map(_canonical, rows)
    elif is_plain(rows) and _spelled_alike(rows):
        told = chain.from_iterable(map(_spelled, rows.iter_slices(_SPELLED_ROWS)))
    else:
        told = map(_canonical, rows.iter_rows(named=True))
    sha256 = hashlib.sha256
    joined = b"".join([sha256(row).digest() for row in told])
    return _sorted(np.frombuffer(joined, np.uint8).reshape(-1, _SIZE))


class Runs:
    """Sorted runs of row digests that are to be one: in memory or in a file of `folder`, merged at last."""

    def __init__(self, folder: Path | None = None) -> None:
        self.rows = 0
        # Closed by __exit__: it lives as long as its Runs.
        self._file = tempfile.SpooledTemporaryFile(_MERGED_BYTES, dir=str(folder) if folder else None)  # noqa: SIM115
        self._begins: list[int] = []
        self._bounds: list[NDArray[np.int64]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, digests: Digests) -> None:
        """Add a sorted run."""
        counts = np.bincount(digests[:, 0], minlength=_RANGES)
        self._begins.append(self.rows)
        self._bounds.append(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))
        self._file.write(np.ascontiguousarray(digests).tobytes())
        self.rows += len(digests)

    def hexdigest(self) -> str:
        """Return the digest of all rows added."""
        told = hashlib.sha256()
        for low, high in self._ranges():
            told.update(_sorted(self._range(low, high)).data)
        return told.hexdigest()

    def _ranges(self) -> Iterator[tuple[int, int]]:
        """Put neighbouring ranges together up to what is sorted at once."""
        step = max(1, min(_RANGES, _RANGES * _MERGED_BYTES // max(1, self.rows * _SIZE)))
        for low in range(0, _RANGES, step):
            yield low, min(low + step, _RANGES)

    def _range(self, low: int, high: int) -> Digests:
        pieces = []
        for begin, bounds in zip(self._begins, self._bounds, strict=True):
            self._file.seek((begin + int(bounds[low])) * _SIZE)
            pieces.append(self._file.read(int(bounds[high] - bounds[low]) * _SIZE))
        return np.frombuffer(b"".join(pieces), np.uint8).reshape(-1, _SIZE)


def _sorted(digests: Digests) -> Digests:
    words = digests.view(">u8")
    first = words[:, 0].astype(np.uint64)
    order = np.argsort(first, kind="stable")
    if np.any(first[order[1:]] == first[order[:-1]]):  # the same row twice, or one chance in 2 ** 64
        order = np.lexsort(words.T[::-1])
    return np.ascontiguousarray(digests[order])


def _canonical(row: Mapping[str, object]) -> bytes:
    return _JSON.encode(row).encode()


# json.dumps makes an encoder anew for each call that is not plain, which is a fifth of its time here.
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _spelled(frame: pl.DataFrame) -> list[bytes]:
    """Spell rows as `_canonical` does, all at once: 20 times as fast (a test compares them)."""
    columns = [_ordered(name, frame.schema[name]) for name in sorted(frame.columns)]
    texts = frame.select(pl.struct(columns).struct.json_encode().cast(pl.Binary)).to_series()
    return texts.to_list()


def _ordered(name: str, kind: pl.DataType) -> pl.Expr:
    """Bring the keys of a nested column into their order."""
    if not (isinstance(kind, pl.List) and isinstance(kind.inner, pl.Struct)):
        return pl.col(name)
    names = sorted(field.name for field in kind.inner.fields)
    row = pl.struct(pl.element().struct.field(each) for each in names)
    return pl.col(name).list.eval(pl.when(pl.element().is_not_null()).then(row))


def _spelled_alike(frame: pl.DataFrame) -> bool:
    """Tell whether polars spells all of a frame as Python does.

    It spells small fractions without an exponent, others with one digit less, and NaN as null.
    """
    for numbers in _numbers(frame):
        size = numbers.abs()
        odd = size.is_nan() | (size >= 1e16) | ((size < 1e-4) & (size > 0))
        if odd.any():
            return False
    return True


def is_plain(frame: pl.DataFrame) -> bool:
    """Tell whether a frame has no columns but texts, whole numbers, numbers, and lists and rows of these."""
    return bool(frame.width) and all(map(_plain, frame.schema.values()))


def _plain(kind: pl.DataType) -> bool:
    if isinstance(kind, pl.List):
        inner = kind.inner
        if isinstance(inner, pl.Struct):
            return all(isinstance(field.dtype, _SCALARS) for field in inner.fields)
        return isinstance(inner, _SCALARS)
    return isinstance(kind, _SCALARS)


def _numbers(frame: pl.DataFrame) -> Iterator[pl.Series]:
    for name, kind in frame.schema.items():
        if kind == pl.Float64:
            yield frame[name]
        elif isinstance(kind, pl.List) and kind.inner == pl.Float64:
            yield frame[name].explode()
        elif isinstance(kind, pl.List) and isinstance(kind.inner, pl.Struct):
            for field in kind.inner.fields:
                if field.dtype == pl.Float64:
                    yield frame[name].explode().struct.field(field.name)


_SCALARS = (pl.String, pl.Int64, pl.Float64)
