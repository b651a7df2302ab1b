"""The files of a partitioned table, and the manifest beside them that says what they are; each written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mic2025lab.engine.parts import CODEBOOK, UNIQUE
from mic2025lab.errors import LabError

MANIFEST = "manifest.json"
ROW_GROUP = 1 << 20


def codebook(path: Path) -> dict[str, list[str]]:
    """Read the labels of the coded columns of a file."""
    return json.loads((pq.read_schema(path).metadata or {}).get(CODEBOOK, b"{}"))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read what a folder says of itself.

    Raises
    ------
    LabError
        If it has no manifest that can be read.
    """
    path = folder / MANIFEST
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LabError(f"There is no partitioned table in {folder}: {path.name} is missing.") from None
    except json.JSONDecodeError as error:
        raise LabError(f"{path} cannot be read ({error}). Convert the table again.") from error


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write what a folder says of itself, whole or not at all."""
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    part = folder / f"{MANIFEST}.part"
    part.write_text(text, encoding="utf-8")
    os.replace(part, folder / MANIFEST)


def write_partition(
    path: Path,
    columns: Mapping[str, np.ndarray | pa.Array],
    codebook: Mapping[str, Sequence[str]],
    *,
    metadata: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Write one file, whole or not at all, and return what the manifest says of it (without its label).

    Parameters
    ----------
    path : pathlib.Path
        Where to.
    columns : mapping
        Column -> numbers, or, for the columns of the codebook, int16 codes. Rows are best sorted by the codes, in this order.
    codebook : mapping
        Column -> its labels, sorted; the same for all files of a table.
    metadata : mapping, optional
        More for the file to say of itself.
    """
    table = pa.table(dict(columns))
    said = {CODEBOOK: json.dumps({name: list(labels) for name, labels in codebook.items()}).encode()}
    if _sorted_and_unique(table, codebook):
        said[UNIQUE] = json.dumps(list(codebook)).encode()
    said |= {name.encode(): value.encode() for name, value in (metadata or {}).items()}
    # A column in which nothing is missing says so, and is read in two thirds of the time.
    fields = [pa.field(one.name, one.type, nullable=table[one.name].null_count > 0) for one in table.schema]
    table = table.cast(pa.schema(fields)).replace_schema_metadata(said)
    part = path.with_name(path.name + ".part")
    # Numbers hardly compress, and lz4 is read twice as fast as zstd; codes are packed by their dictionary.
    pq.write_table(
        table,
        part,
        row_group_size=ROW_GROUP,
        compression="lz4",
        use_dictionary=[name for name in table.column_names if name in codebook],
    )
    with part.open("rb+") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    os.replace(part, path)
    return {"file": path.name, "rows": table.num_rows, "bytes": path.stat().st_size, "sha256": digest}


def _sorted_and_unique(table: pa.Table, codebook: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether each row's codes, in the order of the codebook, come after those of the row before."""
    key = np.zeros(table.num_rows, np.int64)
    for name, labels in codebook.items():
        key *= len(labels)
        key += table[name].to_numpy()
    return math.prod(map(len, codebook.values())) < 1 << 63 and bool((key[1:] > key[:-1]).all())
