"""Files of a partitioned table and their manifest: written whole or not at all, and checked as they are read.

A damaged byte is an error and never a number.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from mic2025lab import durable
from mic2025lab.engine.codes import Codes, one_array
from mic2025lab.engine.groups import strictly_increasing
from mic2025lab.errors import ChecksumError, LabError

# Keys of a file's metadata: the labels of its coded columns, and the columns that identified its rows when it was written.
CODEBOOK, UNIQUE = b"mic2025lab.codebook", b"mic2025lab.unique"
#: The manifest of a table, and that of a conversion that has not come to its end.
MANIFEST, STAGED = "manifest.json", ".manifest.json"
ROW_GROUP = 1 << 20


def read_manifest(folder: Path, name: str = MANIFEST) -> dict[str, Any]:
    """Read the manifest of a folder.

    Raises
    ------
    LabError
        If the folder has no readable manifest.
    ChecksumError
        If the manifest is not as it was written.
    """
    path = folder / name
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        written = manifest.pop("checksum", "none")
    except FileNotFoundError:
        raise LabError(f"There is no partitioned table in {folder}: {path.name} is missing.") from None
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise LabError(f"{path} cannot be read ({error}). Convert the table again.") from error
    if written != _checksum(manifest):
        raise ChecksumError(
            f"{path} was changed, or was written by an older version: it does not match its checksum. Convert the table again."
        )
    return manifest


def write_manifest(folder: Path, manifest: Mapping[str, Any], name: str = MANIFEST) -> None:
    """Write the manifest of a folder, with its own checksum."""
    text = json.dumps({**manifest, "checksum": _checksum(manifest)}, indent=1, ensure_ascii=False) + "\n"
    durable.write(folder / name, text)


def _checksum(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def unnamed(path: Path) -> Path:
    """Where a file is until it is on the disk."""
    return path.with_name(path.name + ".part")


def write_partition(
    path: Path,
    columns: Mapping[str, np.ndarray | pa.Array],
    codebook: Mapping[str, Sequence[str]],
    *,
    metadata: Mapping[str, str] | None = None,
    quick: bool = False,
    named: bool = True,
) -> dict[str, Any]:
    """Write one file and return its entry for the manifest (without its label).

    Parameters
    ----------
    path : pathlib.Path
        Path of the file.
    columns : mapping
        Column -> numbers, or int16 codes for the columns of the codebook. Rows should be sorted by the codes, in this order.
    codebook : mapping
        Column -> its sorted labels, the same for all files of a table.
    metadata : mapping, optional
        Further metadata of the file.
    quick : bool
        Whether to write it as fast as possible. Numbers, which hardly can be, are not compressed then.
    named : bool
        Whether to wait until it is on the disk and to give it its name. Otherwise it is at `unnamed(path)`.
    """
    table = pa.table(dict(columns))
    about = {CODEBOOK: json.dumps({name: list(labels) for name, labels in codebook.items()}).encode()}
    if _sorted_and_unique(table, codebook):
        about[UNIQUE] = json.dumps(list(codebook)).encode()
    about |= {name.encode(): value.encode() for name, value in (metadata or {}).items()}
    # A column declared as never missing is read in two thirds of the time.
    fields = [pa.field(one.name, one.type, nullable=table[one.name].null_count > 0) for one in table.schema]
    table = table.cast(pa.schema(fields)).replace_schema_metadata(about)
    part = unnamed(path)
    # The bytes of a code, apart, are written and read faster; only codes that change slowly are read faster by dictionaries.
    slow = [] if quick else list(codebook)[:-1]
    pq.write_table(
        table,
        part,
        row_group_size=ROW_GROUP,
        compression={name: "lz4" if name in codebook or not quick else "none" for name in table.column_names},
        use_dictionary=slow,
        column_encoding={name: "BYTE_STREAM_SPLIT" for name in codebook if name not in slow} or None,
    )
    with part.open("rb") as stream:
        checksums = block_checksums(stream)
        size = stream.tell()
    if named:
        durable.replace(part, path)
    return {
        "file": path.name,
        "rows": table.num_rows,
        "bytes": size,
        "checksums": checksums.hex(),
    }


def _sorted_and_unique(table: pa.Table, codebook: Mapping[str, Sequence[str]]) -> bool:
    """Return True if rows are sorted by their codes in the order of the codebook, and unique."""
    keys = [
        Codes(name, one_array(table[name]).to_numpy(), pa.array(labels)) for name, labels in codebook.items()
    ]
    return bool(keys) and strictly_increasing(keys)


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
