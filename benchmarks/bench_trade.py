"""Trade metrics side by side with pandas, Polars and DuckDB: time and peak memory, from Parquet and in memory.

    python benchmarks/generate.py SIMULATED_baci --years 1995-2022 --rows 11000000
    python benchmarks/bench_trade.py SIMULATED_baci --years 1 5 28 --repeat 5

Every engine reads the same files of SIMULATED data (its keys are small integers, which is the best case for each of them), runs
in a process of its own and does the same arithmetic: one result a cell, of all years together. The repetitions of the
engines alternate, so that whatever else the machine does strikes all of them; medians are compared. `read` is the columns alone
(two threads, a row group at a time): what no engine can do without. Uniqueness, signs and missing keys are checked by
mic2025lab only.

In memory, the table is one year as a pandas frame of categories, and the time is of the call alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

THREADS = 2
SUPPLIER = "AAA"
KEYS = ["exporter", "importer", "product", "value"]
TASKS = {
    "shares": "share of each flow in what its importer buys of the product: one result a row",
    "files": "the same, written to Parquet (lz4) as it is computed",
    "rca": "revealed comparative advantage of each exporter and product (over importers)",
    "hhi": "HHI of suppliers by importer and product",
    "dependence": "share of one supplier by importer and product",
    "top": "share of the largest supplier by importer and product",
}
ENGINES = ("mic2025lab", "pandas", "polars", "duckdb", "read")


def _files(folder: Path, years: int) -> tuple[list[int], list[str]]:
    found = sorted(folder.glob("*.parquet"))[-years:]
    if len(found) < years:
        raise SystemExit(
            f"{folder} has {len(found)} years, not {years}; make them with benchmarks/generate.py"
        )
    return [int(path.stem.rpartition("Y")[2]) for path in found], [str(path) for path in found]


# The engines: each returns a function that does the work, from files or on a frame in memory


def ours(task: str, folder: Path, years: int, frame: Any = None) -> Callable[[], int]:
    """Compute the metrics as a user would call them."""
    from mic2025lab import metrics
    from mic2025lab.engine.partitions import open_folder

    labels, _ = _files(folder, years)
    table = open_folder(folder, labels=labels, columns=KEYS) if frame is None else frame
    calls: dict[str, Callable[[], Any]] = {
        "shares": lambda: metrics.market_share(table, of="exporter", within=("importer", "product", "year")),
        "files": lambda: written(
            lambda to: (
                metrics.market_share(
                    table.write_to(to / "shares"), of="exporter", within=("importer", "product", "year")
                ).rows
            )
        ),
        "rca": lambda: metrics.rca(table, over="importer"),
        "hhi": lambda: metrics.hhi(table),
        "dependence": lambda: metrics.import_share(table, supplier=SUPPLIER),
        "top": lambda: metrics.concentration_ratio(table, k=1),
    }
    return lambda: found if isinstance(found := calls[task](), int) else len(found)


def written(work: Callable[[Path], int]) -> int:
    """Let a function write to a folder that is deleted afterward."""
    with tempfile.TemporaryDirectory(prefix="SIMULATED_") as folder:
        return work(Path(folder))


def pandas_groupby(task: str, folder: Path, years: int, frame: Any = None) -> Callable[[], int]:
    """Plain pandas on category columns, year by year from files."""
    import pandas as pd
    import pyarrow.parquet as pq

    labels, files = _files(folder, years)

    def read(year: int, path: str) -> pd.DataFrame:
        book = json.loads(pq.read_schema(path).metadata[b"mic2025lab.codebook"])
        made = pd.read_parquet(path, columns=KEYS)
        for name, categories in book.items():
            made[name] = pd.Categorical.from_codes(made[name], categories=categories)
        return made.assign(year=year)

    def total(table: pd.DataFrame, keys: list[str]) -> pd.Series:
        return table.groupby(keys, observed=True, sort=False)["value"].sum()

    def one(table: pd.DataFrame) -> pd.DataFrame | pd.Series:
        cell = ["importer", "product"]
        if task == "rca":
            flows = total(table, ["exporter", "product"]).reset_index()
            by = flows.groupby
            own = by("exporter", observed=True)["value"].transform("sum")
            market = by("product", observed=True)["value"].transform("sum")
            return flows.assign(rca=flows["value"] / own / (market / flows["value"].sum()))
        if task == "shares":
            whole = table.groupby(cell, observed=True, sort=False)["value"].transform("sum")
            return table.assign(share=table["value"] / whole)
        if task == "top":
            return table.groupby(cell, observed=True, sort=False)["value"].max() / total(table, cell)
        whole = total(table, cell)
        if task == "hhi":
            squares = table.assign(value=table["value"] ** 2)
            return total(squares, cell) / whole**2
        part = table.loc[table["exporter"] == SUPPLIER].set_index(cell)["value"]
        return part.reindex(whole.index).fillna(0) / whole

    if frame is not None:
        return lambda: len(one(frame))

    def of_year(year: int, path: str) -> pd.DataFrame:
        made = one(read(year, path))
        return (made.reset_index(name="result") if isinstance(made, pd.Series) else made).assign(year=year)

    # All years together at the end, as the others give them.
    return lambda: len(pd.concat(list(map(of_year, labels, files)), ignore_index=True))


def polars_lazy(task: str, folder: Path, years: int, frame: Any = None) -> Callable[[], int]:
    """Hand-written lazy Polars; the year comes from the file."""
    import polars as pl

    labels, files = _files(folder, years)
    scans = [
        pl.scan_parquet(path).select(*KEYS, pl.lit(year, pl.Int16).alias("year"))
        for year, path in zip(labels, files, strict=True)
    ]
    flows, value = pl.concat(scans), pl.col("value")
    cell = ["importer", "product", "year"]
    if task == "rca":
        cells = flows.group_by("year", "exporter", "product").agg(value.sum())
        own, market, whole = (
            value.sum().over(keys) for keys in (["year", "exporter"], ["year", "product"], "year")
        )
        query = cells.with_columns(rca=value / own / (market / whole))
    elif task in ("shares", "files"):
        query = flows.with_columns(share=value / value.sum().over(cell))
    else:
        supplier = 0  # the code of SUPPLIER
        made = {
            "hhi": (value**2).sum() / value.sum() ** 2,
            "top": value.max() / value.sum(),
            "dependence": pl.when(pl.col("exporter") == supplier).then(value).otherwise(0.0).sum()
            / value.sum(),
        }[task]
        query = flows.group_by(cell).agg(result=made)
    if task == "files":

        def sunk(folder: Path) -> int:
            query.sink_parquet(folder / "shares.parquet", compression="lz4")
            return pl.scan_parquet(folder / "shares.parquet").select(pl.len()).collect().item()

        return lambda: written(sunk)
    return lambda: query.collect().height


def duckdb_sql(task: str, folder: Path, years: int, frame: Any = None) -> Callable[[], int]:
    """Hand-written DuckDB SQL; the year comes from the file name."""
    import duckdb

    _, files = _files(folder, years)
    con = duckdb.connect()
    con.execute(f"SET threads={THREADS}")
    year = "regexp_extract(filename, 'Y([0-9]{4})', 1)::SMALLINT"
    flows = f"(SELECT exporter, importer, product, value, {year} AS year FROM read_parquet({files!r}, filename=true))"
    cell = "importer, product, year"
    query = {
        "rca": (
            f"WITH c AS (SELECT year, exporter, product, sum(value) v FROM {flows} GROUP BY ALL), "
            "o AS (SELECT year, exporter, sum(v) o FROM c GROUP BY ALL), m AS (SELECT year, product, sum(v) m FROM c GROUP BY ALL), "
            "w AS (SELECT year, sum(v) w FROM c GROUP BY ALL) "
            "SELECT year, exporter, product, (v / o) / (m / w) rca FROM c JOIN o USING (year, exporter) "
            "JOIN m USING (year, product) JOIN w USING (year)"
        ),
        "shares": (
            f"WITH f AS (SELECT * FROM {flows}), t AS (SELECT {cell}, sum(value) t FROM f GROUP BY ALL) "
            f"SELECT f.*, value / t share FROM f JOIN t USING ({cell})"
        ),
        "hhi": f"SELECT {cell}, sum(value * value) / sum(value) ^ 2 FROM {flows} GROUP BY ALL",
        "top": f"SELECT {cell}, max(value) / sum(value) FROM {flows} GROUP BY ALL",
        "dependence": f"SELECT {cell}, sum(CASE WHEN exporter = 0 THEN value ELSE 0 END) / sum(value) FROM {flows} GROUP BY ALL",
    }[task]
    return lambda: con.sql(query).to_arrow_table().num_rows


def read_alone(task: str, folder: Path, years: int, frame: Any = None) -> Callable[[], int]:
    """Read the columns and do nothing with them."""
    import pyarrow.parquet as pq

    _, files = _files(folder, years)
    keys = {"rca": ["exporter"], "hhi": ["importer"], "top": ["importer"]}.get(task, ["importer", "exporter"])
    columns = [*keys, "product", "value"]

    def one(path: str) -> int:
        with pq.ParquetFile(path) as file:
            groups = range(file.num_row_groups)
            return sum(file.read_row_group(g, columns=columns, use_threads=False).num_rows for g in groups)

    def work() -> int:
        with ThreadPoolExecutor(THREADS) as pool:
            return sum(pool.map(one, files))

    return work


MAKE = dict(zip(ENGINES, (ours, pandas_groupby, polars_lazy, duckdb_sql, read_alone), strict=True))


def child(engine: str, task: str, folder: Path, years: int, memory: bool) -> None:
    """Run one engine once (in memory: best of three after a first call) and print what it took."""
    import pyarrow as pa

    pa.set_cpu_count(THREADS)
    frame = None
    if memory:
        from mic2025lab.engine.partitions import open_folder

        labels, _ = _files(folder, 1)
        frame = open_folder(folder, labels=labels).collect(["year", *KEYS])
    work = MAKE[engine](task, folder, years, frame)
    took = []
    for _ in range(4 if memory else 1):
        start = time.perf_counter()
        rows = work()
        took.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)
    seconds = min(took[1:]) if memory else took[0]
    print(json.dumps({"seconds": seconds, "peak_gb": peak, "rows": rows, "load": os.getloadavg()[0]}))


# The comparison


def measure(
    task: str, folder: Path, years: int, repeat: int, engines: list[str], memory: bool
) -> list[dict[str, Any]]:
    """Run the engines in turn, several times, and give medians."""
    found: dict[str, list[dict[str, Any]]] = {engine: [] for engine in engines}
    for _ in range(repeat):
        for engine in engines:
            command = [
                sys.executable,
                __file__,
                str(folder),
                "--child",
                engine,
                task,
                str(years),
                str(int(memory)),
            ]
            # The engines would take all processors of a larger machine.
            env = {**os.environ, "POLARS_MAX_THREADS": str(THREADS), "OMP_NUM_THREADS": str(THREADS)}
            done = subprocess.run(command, capture_output=True, text=True, env=env)
            said = json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr[-300:]}
            found[engine].append(said)
    made = []
    for engine, runs in found.items():
        good = [run for run in runs if "failed" not in run]
        row: dict[str, Any] = {
            "task": task,
            "years": years,
            "in_memory": memory,
            "engine": engine,
            "runs": runs,
        }
        if good:
            row["seconds"] = statistics.median(run["seconds"] for run in good)
            row["spread"] = [min(run["seconds"] for run in good), max(run["seconds"] for run in good)]
            row["peak_gb"] = max(run["peak_gb"] for run in good)
            row["rows"] = good[0]["rows"]
        made.append(row)
    return made


def line(rows: list[dict[str, Any]]) -> str:
    """One row of the table: seconds (least to most), GB, and the ratios."""
    by = {row["engine"]: row for row in rows}
    counts = {row["rows"] for row in rows if row["engine"] != "read" and "rows" in row}
    if len(counts) > 1:
        raise SystemExit(f"The engines disagree about how many rows there are: {counts}")
    cells = []
    for engine in ENGINES:
        row = by.get(engine)
        if row is None:
            cells.append("")
        elif "seconds" not in row:
            cells.append("failed")
        else:
            low, high = row["spread"]
            cells.append(f"{row['seconds']:.2f} ({low:.2f}-{high:.2f}), {row['peak_gb']:.1f} GB")
    own = by["mic2025lab"].get("seconds")

    def ratio(*names: str) -> str:
        known = [by[name]["seconds"] for name in names if name in by and "seconds" in by[name]]
        return f"{min(known) / own:.1f}" if known and own else ""

    reading = by.get("read", {}).get("seconds")
    over = f"{own / reading:.1f}" if own and reading else ""
    first = rows[0]
    what = "1, in memory" if first["in_memory"] else str(first["years"])
    return f"| {first['task']} | {what} | {' | '.join(cells)} | {ratio('pandas')} | {ratio('polars', 'duckdb')} | {over} |"


def main() -> None:
    """Compare, print a table, and write the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--years", type=int, nargs="*", default=[5])
    parser.add_argument("--tasks", nargs="*", choices=TASKS, default=list(TASKS))
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="compare on frames in memory too")
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        engine, task, years, memory = given.child
        child(engine, task, given.folder, int(years), memory == "1")
        return
    _files(given.folder, max(given.years))  # says what is missing, once
    print("SIMULATED data; median seconds (least to most), peak GB; ratios of medians to mic2025lab")
    print(
        f"| task | years | {' | '.join(ENGINES)} | pandas / ours | better of Polars, DuckDB / ours | ours / read |"
    )
    print("|---" * (len(ENGINES) + 5) + "|", flush=True)
    results: list[dict[str, Any]] = []
    path = None
    for memory, years in [*([(True, 1)] if given.memory else []), *((False, years) for years in given.years)]:
        for task in given.tasks:
            engines = [name for name in given.engines if not memory or name in ("mic2025lab", "pandas")]
            # All rows of all years with their shares are more than a machine may hold: year by year is what they are for.
            if (task == "shares" and years > 5) or (task == "files" and memory):
                continue
            if task == "files":
                engines = [name for name in engines if name in ("mic2025lab", "polars", "read")]
            rows = measure(task, given.folder, years, given.repeat, engines, memory)
            print(line(rows), flush=True)
            results += rows
            path = save(results)
    print(f"\n{path}")


def save(results: list[dict[str, Any]]) -> Path:
    """Write the results of a day, those of the same comparison anew, the others as they are."""
    now = datetime.now(UTC).date().isoformat()
    path = Path(__file__).parent / "results" / f"{now}.json"
    path.parent.mkdir(exist_ok=True)
    same = ("task", "years", "in_memory", "engine")
    before = json.loads(path.read_text(encoding="utf-8"))["results"] if path.is_file() else []
    new = {tuple(row[name] for name in same) for row in results}
    said = {
        "date": now,
        "data": "SIMULATED",
        "machine": {"system": platform.system(), "processors": os.cpu_count(), "threads_used": THREADS},
        "versions": {name: version(name) for name in ("numpy", "pandas", "polars", "duckdb", "pyarrow")},
        "tasks": TASKS,
        "results": [row for row in before if tuple(row[name] for name in same) not in new] + results,
    }
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
