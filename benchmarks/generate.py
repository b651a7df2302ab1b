"""Make simulated data of the shape of CEPII's BACI, of any size, from a seed.

Who trades what with whom follows sizes drawn from a log-normal distribution (a gravity of the roughest kind), so that, as in
BACI, a few economies have most of the rows and most cells have none. Nothing in it says anything about real trade: file
names begin with SIMULATED, and so says the metadata of each file and the `hs` and `version` of the folder.

    python benchmarks/generate.py SIMULATED_baci --years 1995-2022 --rows 11000000
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mic2025lab.engine.partition_files import write_manifest, write_partition

LABEL = "SIMULATED"
NOTICE = f"{LABEL} data of the shape of BACI, made by benchmarks/generate.py; no real trade"


def _codes(count: int, width: int) -> list[str]:
    """Codes that sort as they are numbered; the first products begin with a zero, as those of HS chapter 1."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    if width == 3:
        return [letters[n // 676 % 26] + letters[n // 26 % 26] + letters[n % 26] for n in range(count)]
    return [f"{10121 + 179 * n:06d}" for n in range(count)]


def _intensity(sizes: np.ndarray, goods: np.ndarray, rows: int) -> float:
    """Find the factor at which the expected number of rows, the sum of 1 - exp(-factor x size x good), is the one wanted."""
    grid = [np.quantile(part, (np.arange(400) + 0.5) / 400) for part in (sizes, goods)]
    product = np.outer(*grid)
    low, high = 1e-12, 1e12
    for _ in range(100):
        middle = np.sqrt(low * high)
        expected = (1 - np.exp(-middle * product)).mean() * len(sizes) * len(goods)
        low, high = (middle, high) if expected < rows else (low, middle)
    return float(middle)


def year_columns(
    year: int, *, rows: int, economies: int = 225, products: int = 5000, seed: int = 2015
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Make one year: `importer, exporter, product` as codes, `value`, `quantity`, sorted by its keys; and the codebook.

    The number of rows is close to the one asked for. Sizes are the same in all years of a seed; the rows are drawn anew.
    """
    if not 0 < rows < 0.9 * economies * (economies - 1) * products:
        raise SystemExit(f"{rows} rows do not fit {economies} x {economies} economies x {products} products")
    fixed = np.random.default_rng(seed)
    export, import_ = fixed.lognormal(0, 1.7, economies), fixed.lognormal(0, 1.0, economies)
    goods = fixed.lognormal(0, 1.2, products)
    pairs = np.outer(export, import_)
    np.fill_diagonal(pairs, 0)
    factor = _intensity(pairs[pairs > 0], goods, rows)
    rng = np.random.default_rng([seed, year])
    found = []
    for importer in range(economies):
        chance = -np.expm1(-factor * np.outer(pairs[:, importer], goods).astype(np.float32))
        exporter, product = np.nonzero(rng.random(chance.shape, np.float32) < chance)
        found.append((np.full(len(product), importer), exporter, product))
    importer, exporter, product = (np.concatenate(parts) for parts in zip(*found, strict=True))
    value = rng.lognormal(3, 2.2, len(product)) * np.sqrt(pairs[exporter, importer])
    value = np.maximum(value.round(3), 0.001)
    quantity = (value * rng.lognormal(-1, 1, len(product))).round(3)
    names = _codes(economies, 3)
    book = {"importer": names, "exporter": names, "product": _codes(products, 6)}
    columns = {
        "importer": importer.astype(np.int16),
        "exporter": exporter.astype(np.int16),
        "product": product.astype(np.int16),
        "value": value,
        "quantity": pa.array(quantity, mask=rng.random(len(product)) < 0.03),
    }
    return columns, book


def write(folder: Path, years: Iterable[int], *, rows: int, progress: bool = False, **shape: int) -> Path:
    """Write a partitioned table of simulated years into a folder, which `mic2025lab.engine.partitions.open_folder` opens."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for year in years:
        columns, book = year_columns(year, rows=rows, **shape)
        path = folder / f"{LABEL}_BACI_Y{year}.parquet"
        said = write_partition(path, columns, book, metadata={"simulated": NOTICE})
        entries.append({"label": year, **said})
        if progress:
            print(f"{path}: {said['rows']:,} rows, {said['bytes'] / 1e6:.0f} MB", flush=True)
    write_manifest(
        folder,
        {
            "name": f"{LABEL.lower()}_baci",
            "key": "year",
            "columns": ["importer", "exporter", "product", "value", "quantity"],
            "unit": NOTICE,
            "hs": LABEL,
            "version": LABEL,
            "warnings": [NOTICE],
            "partitions": entries,
            "remedy": "python benchmarks/generate.py",
        },
    )
    return folder


def years(text: str) -> list[int]:
    """Read 2015 or 1995-2022."""
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    """Write simulated years from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--years", type=years, default=years("2015"), metavar="FIRST-LAST")
    parser.add_argument("--rows", type=int, default=11_000_000, help="rows a year, nearly")
    parser.add_argument("--economies", type=int, default=225)
    parser.add_argument("--products", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=2015)
    given = parser.parse_args()
    shape = {name: getattr(given, name) for name in ("economies", "products", "seed")}
    write(given.folder, given.years, rows=given.rows, progress=True, **shape)


if __name__ == "__main__":
    main()
