"""The form in which raw files are kept: text ends its lines with LF, and large files are gzipped without a time.

A producer's file may have other line ends or a byte-order mark. It is the pinned file if, brought into this form, it has its sha256.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

_LARGEST = 1 << 28  # larger files are not text that is kept here
_UNKNOWN_SYSTEM = b"\xff"  # what Python 3.10 and older write as the system of a gzip file


def brought_into_form(path: Path, digest: str) -> bool:
    """Rewrite a file in the form that has this sha256, and return True, if there is one."""
    if path.stat().st_size > _LARGEST:
        return False
    for made in _forms(path.read_bytes()):
        if sha256(made).hexdigest() == digest:
            path.write_bytes(made)
            return True
    return False


def _forms(data: bytes) -> Iterator[bytes]:
    text = data.replace(b"\r\n", b"\n")
    plain = text.removeprefix(b"\xef\xbb\xbf")
    head, *rest = plain.splitlines(keepends=True) or [b""]
    once = head + b"".join(line for line in rest if line != head)  # without headers that are repeated
    texts = dict.fromkeys([data, text, plain, plain.rstrip(b"\n") + b"\n", once])
    yield from texts
    for each in texts:
        packed = gzip.compress(each, 9, mtime=0)
        yield packed
        yield packed[:9] + _UNKNOWN_SYSTEM + packed[10:]
