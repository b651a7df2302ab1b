"""A file that is checked as it is read, so that a damaged byte is an error and never a number."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import IO

import xxhash

from mic2025lab.errors import ChecksumError

#: Bytes with one checksum. They stay in the processor's cache from the moment they are read until they are parsed.
BLOCK = 1 << 18
_SIZE = 8  # bytes of a checksum


def block_checksums(stream: IO[bytes]) -> bytes:
    """Compute the checksums (XXH3, 64 bits) of the blocks of a file, from its beginning."""
    stream.seek(0)
    return b"".join(xxhash.xxh3_64_digest(block) for block in iter(lambda: stream.read(BLOCK), b""))


class CheckedFile(io.RawIOBase):
    """A file opened to be read. A block is checked each time it is read, before a reader sees a byte of it.

    Parameters
    ----------
    path : Path
        The file.
    checksums : bytes
        Those of `block_checksums`.

    Raises
    ------
    ChecksumError
        If the file cannot be opened, or, while it is read, if a block is not as it was written.
    """

    def __init__(self, path: Path, checksums: bytes) -> None:
        self._path, self._checksums, self._at = path, checksums, 0
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise ChecksumError(
                f"{path} cannot be read ({error.strerror}). Open the table again, or convert it again."
            ) from error
        self._size = os.fstat(self._file.fileno()).st_size

    def readable(self) -> bool:
        """Say that the file can be read."""
        return True

    def seekable(self) -> bool:
        """Say that the position can be set."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Set the position."""
        self._at = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence] + offset
        return self._at

    def read(self, size: int = -1) -> memoryview:
        """Read the blocks that hold the bytes wanted, check them, and return these bytes."""
        stop = self._size if size < 0 else min(self._at + size, self._size)
        if stop <= self._at:
            return memoryview(b"")
        first = self._at // BLOCK * BLOCK
        found = self._blocks(first, stop)[self._at - first : stop - first]
        self._at = stop
        return found

    def _blocks(self, first: int, stop: int) -> memoryview:
        last = min(-(-stop // BLOCK) * BLOCK, self._size)
        try:
            self._file.seek(first)
            found = memoryview(self._file.read(last - first))
        except OSError as error:
            raise ChecksumError(
                f"{self._path} cannot be read ({error.strerror}). Convert the table again."
            ) from error
        for start in range(first, last, BLOCK):
            number = start // BLOCK
            block = found[start - first : start - first + BLOCK]
            if xxhash.xxh3_64_digest(block) != self._checksums[number * _SIZE : (number + 1) * _SIZE]:
                raise ChecksumError(
                    f"{self._path} is damaged: bytes {start:,} to {start + BLOCK:,} are not as they were written. "
                    "Nothing of them was used. Convert the table again; undamaged years are kept."
                )
        return found

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            self._file.close()
        super().close()
