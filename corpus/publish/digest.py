r"""The logical digest of rows: what they say, whatever library wrote them, in whatever order and encoding.

1. A row is the JSON object of its columns: keys sorted, no white space, non-ASCII characters as themselves,
   numbers in the shortest form that reads back to the same value, UTF-8. NaN and infinities are refused.
2. A row's digest is the SHA-256 of those bytes.
3. The digest of the rows is the SHA-256 of their 32-byte digests, sorted and joined.
4. The digest of a table with splits is the SHA-256 of lines `<split> <hex digest>\n`, sorted.

Nothing but JSON and SHA-256 is needed to check one.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ALGORITHM = "corpus-rows-1"
"""Names the four steps above; another number would mean other steps."""


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


def _canonical(row: Mapping[str, object]) -> bytes:
    return _JSON.encode(row).encode()


# json.dumps makes an encoder anew for each call that is not plain, which is a fifth of its time here.
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
