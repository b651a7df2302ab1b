"""Partitioned tables for tests."""

from mic2025lab.engine.partition_files import write_manifest, write_partition
from mic2025lab.engine.partitions import open_folder


def stored(folder, years, book, key="year"):
    """Write a file for each year (year -> columns) or label of another key, and open them."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        year: write_partition(folder / f"{year}.parquet", columns, book) for year, columns in years.items()
    }
    about = {
        "name": "flows",
        "key": key,
        "columns": list(next(iter(years.values()))),
        "remedy": "write it again",
    }
    write_manifest(
        folder, {**about, "partitions": [{"label": year, **entry} for year, entry in files.items()]}
    )
    return open_folder(folder)
