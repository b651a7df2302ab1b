"""A plan of many runs side by side: `mic2025lab batch`, a shell loop over the `papermill` command, and papermill in a pool of processes.

    python benchmarks/bench_batch.py                  12 runs by `mic2025lab batch` and by the papermill command, medians of three
    python benchmarks/bench_batch.py --runs 40 --engines warm fresh pool command

All engines execute the same notebooks of this package on its embedded real data, with the same parameters, and record the same results; that they
do is checked at the end of each repetition. They alternate, so that whatever else the machine does strikes all of them.

- warm: `mic2025lab batch --jobs 2`, kernels forked from a process that has imported the libraries
- fresh: `mic2025lab batch --jobs 2 --fresh`, a Python for every kernel
- pool: `papermill.execute_notebook` in a `ProcessPoolExecutor` of two, papermill imported once in each
- command: `papermill notebook.ipynb out.ipynb -p name value` for one after the other in a shell

Only `batch` also makes a page, a manifest and a crate of each run, and keeps keys and paths out of them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

JOBS = 2
ENGINES = ("warm", "fresh", "pool", "command")

#: Small runs of three analyses: grids of what a reader would vary. The plan takes them in turn.
GRIDS: dict[str, dict[str, list[Any]]] = {
    "market_share_shifts": {
        "base_year": [2015, 2014, 2013],
        "sector": [
            "all",
            "information_technology",
            "machine_tools_robotics",
            "aerospace",
            "rail",
            "new_energy_vehicles",
            "power_equipment",
            "agricultural_machinery",
            "new_materials",
            "biopharma_medical",
        ],
    },
    "chokepoints": {"importer": ["CHN"], "base_year": [2015, 2014, 2013, 2012]},
    "export_specialization": {"base_year": [2015, 2014, 2013, 2012, 2011, 2010]},
}


def plan(runs: int) -> list[tuple[str, dict[str, Any]]]:
    """Name the runs: the analyses in proportion, the parameters in the order of the grids."""
    grids = {
        name: [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
        for name, grid in GRIDS.items()
    }
    every = [
        (place / len(found), name, params)
        for name, found in grids.items()
        for place, params in enumerate(found)
    ]
    if runs > len(every):
        raise SystemExit(f"The plan has {len(every)} runs, not {runs}.")
    return [(name, params) for _, name, params in sorted(every, key=lambda run: run[0])[:runs]]


def batch(runs: list[tuple[str, dict[str, Any]]], folder: Path, *options: str) -> list[str]:
    """Write the plan and give the command."""
    items = [{"analysis": name, "params": params} for name, params in runs]
    (folder / "plan.yml").write_text(yaml.safe_dump({"runs": items}), encoding="utf-8")
    command = [sys.executable, "-m", "mic2025lab.cli", "batch", "plan.yml", "--force", "--jobs", str(JOBS)]
    return [*command, "--reports", "reports", *options]


def command_loop(runs: list[tuple[str, dict[str, Any]]], folder: Path) -> list[str]:
    """Write a shell script of one `papermill` after the other and give its command."""
    papermill = Path(sys.executable).with_name("papermill")
    lines = ["set -e"]
    for number, (name, params) in enumerate(runs):
        (folder / str(number)).mkdir()
        given = [word for key, value in params.items() for word in ("-p", key, str(value))]
        words = [str(papermill), notebook(name), f"{number}/out.ipynb", "--no-progress-bar", *given]
        lines.append(f"MIC2025LAB_RUN_DIR={shlex.quote(str(folder / str(number)))} {shlex.join(words)}")
    (folder / "loop.sh").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ["sh", "loop.sh"]


def pool(runs: list[tuple[str, dict[str, Any]]], folder: Path) -> list[str]:
    """Give the command of the pool, which is this file."""
    for number in range(len(runs)):
        (folder / str(number)).mkdir()
    return [sys.executable, str(Path(__file__).resolve()), "--pool", str(len(runs))]


def in_pool(runs: list[tuple[str, dict[str, Any]]]) -> None:
    """Execute the runs in two processes, in this folder."""
    tasks = [(number, notebook(name), params) for number, (name, params) in enumerate(runs)]
    with ProcessPoolExecutor(JOBS) as executor:
        list(executor.map(_execute, tasks))


def _execute(task: tuple[int, str, dict[str, Any]]) -> None:
    import papermill

    number, path, params = task
    os.environ["MIC2025LAB_RUN_DIR"] = str(Path(str(number)).resolve())
    papermill.execute_notebook(path, f"{number}/out.ipynb", params, progress_bar=False)


def notebook(name: str) -> str:
    """Give the path of an analysis' notebook."""
    from mic2025lab import analyses

    return str(analyses.get(name).notebook)


def measure(engine: str, runs: list[tuple[str, dict[str, Any]]], folder: Path) -> dict[str, Any]:
    """Run an engine once in an empty folder."""
    made = {
        "warm": lambda: batch(runs, folder),
        "fresh": lambda: batch(runs, folder, "--fresh"),
        "pool": lambda: pool(runs, folder),
        "command": lambda: command_loop(runs, folder),
    }[engine]()
    load, before, started, clock = os.getloadavg()[0], os.times(), time.time(), time.perf_counter()
    done = subprocess.run(made, cwd=folder, capture_output=True, text=True)
    seconds, after = time.perf_counter() - clock, os.times()
    if done.returncode:
        raise SystemExit(f"{engine} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    said = {"seconds": seconds, "processor_seconds": processor, "load_before": load}
    if engine in ("warm", "fresh"):
        said["parts"] = parts(folder, started, seconds, len(runs))
    return said


def parts(folder: Path, started: float, seconds: float, runs: int) -> dict[str, float]:
    """Say where the time of a batch went, seconds of wall time a run; there are two at a time.

    Papermill notes when a notebook and its cells began and ended. What is left between one notebook and the next is the page, the manifest, the crate
    and the cleaning of a run; what comes before the first cell of the batch is the start of Python and the imports.
    """

    def at(text: str) -> float:
        return datetime.fromisoformat(text).timestamp()

    kernel = cells = shutdown = whole = 0.0
    firsts = []
    for path in folder.glob("reports/runs/*/*/notebook.ipynb"):
        content = json.loads(path.read_text(encoding="utf-8"))
        times = [cell["metadata"]["papermill"] for cell in content["cells"] if cell["cell_type"] == "code"]
        first, last = at(times[0]["start_time"]), at(times[-1]["end_time"])
        begin, end = (at(content["metadata"]["papermill"][key]) for key in ("start_time", "end_time"))
        firsts.append((first, first - begin))
        kernel, cells, shutdown = kernel + first - begin, cells + last - first, shutdown + end - last
        whole += end - begin
    # The first kernels wait for the imports.
    begun = sorted(firsts)[:JOBS]
    waited = sum(wait for _, wait in begun)
    start = statistics.fmean(first for first, _ in begun) - started
    rest = seconds * JOBS - start * JOBS - (whole - waited)
    return {
        "start of the batch, once": start,
        "kernel, a run": (kernel - waited) / max(runs - JOBS, 1),
        "cells, a run": cells / runs,
        "end of the kernel, a run": shutdown / runs,
        "page, manifest, cleaning, a run": rest / runs,
    }


def results(folder: Path) -> Iterator[dict[str, Any]]:
    """Read what an engine's runs recorded."""
    for path in sorted(folder.glob("**/results.json")):
        kept = json.loads(path.read_text(encoding="utf-8"))
        yield {name: kept[name] for name in ("figures", "tables", "finding", "images")}


def check(folders: dict[str, Path]) -> None:
    """See that all engines recorded the same, and that the two batches wrote the same bytes."""
    found = {
        engine: sorted(json.dumps(kept, sort_keys=True) for kept in results(folder))
        for engine, folder in folders.items()
    }
    first, *others = found
    for other in others:
        if found[other] != found[first]:
            raise SystemExit(f"{other} recorded other results than {first}.")
    if {"warm", "fresh"} <= set(folders):
        kept = [
            {
                path.relative_to(folders[engine]): path.read_bytes()
                for pattern in ("results.json", "tables/*", "figures/*")
                for path in folders[engine].glob(f"reports/runs/*/*/{pattern}")
            }
            for engine in ("warm", "fresh")
        ]
        if kept[0] != kept[1]:
            raise SystemExit("The bytes of a forked and of a fresh kernel differ.")


def main() -> None:
    """Compare, print a table, and write the results."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=["warm", "command"])
    parser.add_argument("--pool", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.pool:
        in_pool(plan(given.pool))
        return
    runs = plan(given.runs)
    found: dict[str, list[dict[str, Any]]] = {engine: [] for engine in given.engines}
    for _ in range(given.repeat):
        with tempfile.TemporaryDirectory(prefix="bench-batch-") as text:
            folders = {engine: Path(text).resolve() / engine for engine in given.engines}
            for engine, folder in folders.items():
                folder.mkdir()
                found[engine].append(measure(engine, runs, folder))
                said = found[engine][-1]
                print(f"{engine}: {said['seconds']:.1f} s, load {said['load_before']:.1f}", flush=True)
            check(folders)
    print(table(found, given.runs))
    print(save(found, given.runs))


def table(found: dict[str, list[dict[str, Any]]], runs: int) -> str:
    """Medians (least to most), and their ratios to warm."""
    medians = {
        engine: statistics.median(said["seconds"] for said in every) for engine, every in found.items()
    }
    lines = [
        f"{runs} runs, {JOBS} at once, {os.cpu_count()} processors; medians (least to most)",
        "| engine | seconds | of processor time | load before | over warm |",
        "|---|---|---|---|---|",
    ]
    for engine, every in found.items():
        times = [said["seconds"] for said in every]
        processor = statistics.median(said["processor_seconds"] for said in every)
        load = max(said["load_before"] for said in every)
        ratio = f"{medians[engine] / medians['warm']:.2f}" if "warm" in medians else ""
        spread = f"{medians[engine]:.1f} ({min(times):.1f}–{max(times):.1f})"
        lines.append(f"| {engine} | {spread} | {processor:.1f} | {load:.1f} | {ratio} |")
    for engine in {"warm", "fresh"} & set(found):
        spent = [said["parts"] for said in found[engine]]
        medians_of = {name: statistics.median(part[name] for part in spent) for name in spent[0]}
        lines.append(f"{engine}: " + "; ".join(f"{name} {value:.2f} s" for name, value in medians_of.items()))
    return "\n".join(lines)


def save(found: dict[str, list[dict[str, Any]]], runs: int) -> Path:
    """Write the measurements of the day."""
    now = datetime.now(UTC).date().isoformat()
    path = Path(__file__).parent / "results" / f"{now}-batch.json"
    path.parent.mkdir(exist_ok=True)
    libraries = ("papermill", "nbclient", "ipykernel", "jupyter_client", "nbconvert", "matplotlib", "pandas")
    said = {
        "date": now,
        "runs": runs,
        "jobs": JOBS,
        "machine": {"system": platform.system(), "processors": os.cpu_count()},
        "versions": {name: version(name) for name in libraries},
        "results": found,
    }
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
