"""Files of a partitioned table and their manifest; each is written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mic2025lab import durable
from mic2025lab.engine.checked_file import block_checksums
from mic2025lab.engine.parts import CODEBOOK, UNIQUE
from mic2025lab.errors import ChecksumError, LabError

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
    part = folder / f"{name}.part"
    part.write_text(text, encoding="utf-8")
    durable.replace(part, folder / name)


def _checksum(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def write_partition(
    path: Path,
    columns: Mapping[str, np.ndarray | pa.Array],
    codebook: Mapping[str, Sequence[str]],
    *,
    metadata: Mapping[str, str] | None = None,
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
    """
    table = pa.table(dict(columns))
    about = {CODEBOOK: json.dumps({name: list(labels) for name, labels in codebook.items()}).encode()}
    if _sorted_and_unique(table, codebook):
        about[UNIQUE] = json.dumps(list(codebook)).encode()
    about |= {name.encode(): value.encode() for name, value in (metadata or {}).items()}
    # A column declared as never missing is read in two thirds of the time.
    fields = [pa.field(one.name, one.type, nullable=table[one.name].null_count > 0) for one in table.schema]
    table = table.cast(pa.schema(fields)).replace_schema_metadata(about)
    part = path.with_name(path.name + ".part")
    # Numbers hardly compress, and lz4 is read twice as fast as zstd. Codes are dictionary-encoded.
    pq.write_table(
        table,
        part,
        row_group_size=ROW_GROUP,
        compression="lz4",
        use_dictionary=[name for name in table.column_names if name in codebook],
    )
    with part.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        checksums = block_checksums(stream)
        size = stream.tell()
    durable.replace(part, path)
    return {
        "file": path.name,
        "rows": table.num_rows,
        "bytes": size,
        "sha256": digest,
        "checksums": checksums.hex(),
    }


def _sorted_and_unique(table: pa.Table, codebook: Mapping[str, Sequence[str]]) -> bool:
    """Return True if rows are sorted by their codes in the order of the codebook, and unique."""
    key = np.zeros(table.num_rows, np.int64)
    for name, labels in codebook.items():
        key *= len(labels)
        key += table[name].to_numpy()
    return math.prod(map(len, codebook.values())) < 1 << 63 and bool((key[1:] > key[:-1]).all())
