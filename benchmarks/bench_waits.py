"""Where a person waits: one run, the default plan, the first cell, a specification curve, density, a site of many runs.

    python benchmarks/bench_waits.py                       everything but the default plan, medians of three
    python benchmarks/bench_waits.py --only run curve --repeat 5
    python benchmarks/bench_waits.py --only plan --repeat 1

Seconds of wall time, and of processor time of all processes that a measurement starts. What is compared alternates, so that whatever else the machine
does strikes both. On a busy machine only processor time says something.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench_complexity import simulated_exports

ECONOMIES, PRODUCTS, RUNS = 225, 5_000, 1_000


def timed(call: Callable[[], Any]) -> tuple[float, float]:
    """Return the wall time and the processor time of a call, with that of processes which ended in it, or what it measured itself."""
    clock, before = time.perf_counter(), os.times()
    said = call()
    took = time.perf_counter() - clock, sum(os.times()[:4]) - sum(before[:4])
    return said if isinstance(said, tuple) else took


def command(*words: str, folder: str | None = None) -> Callable[[], str]:
    """Return a call of a command; it stops the benchmark if the command fails."""

    def call() -> str:
        done = subprocess.run(words, capture_output=True, text=True, cwd=folder)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} failed:\n{done.stdout[-1000:]}\n{done.stderr[-1000:]}")
        return done.stdout

    return call


def lab(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "mic2025lab.cli", *words)


def run(folder: str) -> dict[str, Callable[[], Any]]:
    """One run, with its page, checks, and the site, and the papermill command on the same notebook."""
    from mic2025lab import analyses

    notebook = str(analyses.get("overcapacity").notebook)
    papermill = str(Path(sys.executable).with_name("papermill"))
    return {
        "mic2025lab run overcapacity": command(
            *lab("run", "overcapacity", "--force", "--reports", f"{folder}/run")
        ),
        "papermill overcapacity.ipynb": command(papermill, notebook, f"{folder}/out.ipynb"),
    }


def inside(code: str, folder: str) -> Callable[[], tuple[float, ...]]:
    """Return a call that measures code in a new Python, without the start and the end of Python."""
    clocks = "time.perf_counter(), time.process_time()"
    timed_code = f"import time; began = {clocks}; {code}; print(*(b - a for a, b in zip(began, ({clocks}))))"
    run_code = command(sys.executable, "-c", timed_code, folder=folder)
    return lambda: tuple(map(float, run_code().split()))


def load(folder: str) -> dict[str, Callable[[], Any]]:
    """A first cell in a new Python: what a person in a notebook waits for, and the whole process, which a kernel does not end."""
    cells = {
        "import mic2025lab, load": "import mic2025lab as lab; lab.load('value_added')",
        "import pandas": "import pandas",
    }
    return {f"{name}: cell": inside(code, folder) for name, code in cells.items()} | {
        f"{name}: process": command(sys.executable, "-c", code, folder=folder) for name, code in cells.items()
    }


def density(folder: str) -> dict[str, Callable[[], Any]]:
    """One year of simulated trade."""
    from mic2025lab import metrics

    table = simulated_exports(ECONOMIES, PRODUCTS, 1)
    return {
        "density": lambda: metrics.density(table, item="product"),
        "proximity above 0.5": lambda: metrics.proximity(table, item="product", above=0.5),
    }


def curve(folder: str) -> dict[str, Callable[[], Any]]:
    """288 event studies with randomization, and the same by `refit`."""
    import numpy as np
    import pandas as pd

    from mic2025lab.models import event_study, specification_curve

    drawn = np.random.default_rng(2025).normal(size=(24, 13)).cumsum(axis=1)
    wide = pd.DataFrame(
        drawn, [f"e{number:02d}" for number in range(24)], pd.Index(range(2007, 2020), name="year")
    )
    tables = [
        wide.rename_axis("economy").mul(scale).melt(ignore_index=False, value_name="gap").reset_index()
        for scale in (1.0, 0.9, 1.1, 1.2)
    ]
    fixed = {"of": "economy", "treated": "e00", "value": "gap", "inference": "randomization"}
    choices: dict[str, Any] = {
        "table": range(4),
        "start": [2007, 2008, 2009],
        "end": [2017, 2018, 2019],
        "at": [2013, 2014, 2015, 2016],
        "trends": [False, True],
    }
    studies = {
        (table, start, end): event_study(tables[table], at=end - 1, start=start, end=end, **fixed)
        for table, start, end in itertools.product(range(4), choices["start"], choices["end"])
    }

    def anew(table: int, start: int, end: int, at: int, trends: bool) -> float:
        study = event_study(tables[table], at=at, start=start, end=end, trends=trends, **fixed)
        return study.estimate, *study.conf_int(0.9)

    def again(table: int, start: int, end: int, at: int, trends: bool) -> float:
        study = studies[table, start, end].refit(at=at, trends=trends)
        return study.estimate, *study.conf_int(0.9)

    return {
        "curve of 288 by refit": lambda: specification_curve(again, choices),
        "curve of 288, each fitted": lambda: specification_curve(anew, choices),
    }


def site(folder: str) -> dict[str, Callable[[], Any]]:
    """The site of 1,000 copies of a run, under other run ids, in an empty folder."""
    from mic2025lab.results.files import MANIFEST
    from mic2025lab.site.build import build_site

    command(*lab("run", "overcapacity", "--reports", f"{folder}/one"))()
    (kept,) = Path(folder, "one", "runs", "overcapacity").iterdir()
    for number in range(RUNS):
        copy = Path(folder, "many", "runs", "overcapacity", f"{number:012x}")
        shutil.copytree(kept, copy, copy_function=os.link)
        content = json.loads((kept / MANIFEST).read_text(encoding="utf-8"))
        content |= {"run_id": copy.name, "parameters": content["parameters"] | {"seed": number}}
        (copy / MANIFEST).unlink()
        (copy / MANIFEST).write_text(json.dumps(content), encoding="utf-8")

    def built() -> None:
        for entry in Path(folder, "many").iterdir():
            if entry.name != "runs":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        build_site(Path(folder, "many"))

    return {f"site of {RUNS:,} runs": built}


def plan(folder: str) -> dict[str, Callable[[], Any]]:
    """The default plan in an empty folder, two at a time; its three longest runs are printed."""

    def made() -> None:
        with tempfile.TemporaryDirectory(dir=folder) as reports:
            said = command(*lab("batch", "default", "--jobs", "2", "--reports", reports), folder=folder)()
        runs = re.findall(r"\] (.+): done \(([\d.]+) s\)", said)
        longest = sorted(runs, key=lambda one: -float(one[1]))[:3]
        print(f"  {len(runs)} runs; longest: {', '.join(f'{name} {seconds} s' for name, seconds in longest)}")

    return {"default plan": made}


MEASURED = {each.__name__: each for each in (run, load, density, curve, site, plan)}


def medians(calls: dict[str, Callable[[], Any]], repeat: int) -> Iterator[tuple[str, float, float]]:
    """Measure the calls in turn."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _, (name, call) in itertools.product(range(repeat), calls.items()):
        times[name].append(timed(call))
    for name, found in times.items():
        yield name, *(statistics.median(part) for part in zip(*found, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only", nargs="+", choices=MEASURED, default=[name for name in MEASURED if name != "plan"]
    )
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; medians of {options.repeat}")
    for name in options.only:
        with tempfile.TemporaryDirectory() as folder:
            found = list(medians(MEASURED[name](folder), options.repeat))
        for label, wall, processor in found:
            print(f"{label:32} {wall:7.3f} s wall {processor:7.3f} s processor")
        if name in ("run", "load", "curve"):
            ratios = (found[0][part] / found[1][part] for part in (1, 2))
            print(f"{'':32} {' and '.join(f'{ratio:.2f}' for ratio in ratios)} of the second")


if __name__ == "__main__":
    main()
