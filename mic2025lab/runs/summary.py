"""How a batch ended: a line for people, JUnit and JSON for programs, and news for a command of the user."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from mic2025lab.errors import RunError
from mic2025lab.results import files
from mic2025lab.runs import scrub
from mic2025lab.runs.changes import compare, history
from mic2025lab.runs.request import Request
from mic2025lab.runs.run import RunResult
from mic2025lab.templates import render

#: Seconds that the command may take.
PATIENCE = 120

_JUNIT = Path(__file__).with_name("junit.xml.j2")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(results: Sequence[RunResult], left: Sequence[Request] = ()) -> str:
    """Return how many runs ended in which way.

    Examples
    --------
    >>> text([])
    '0 runs: 0 done, 0 unchanged, 0 failed'
    """
    total = len(results) + len(left)
    counts = [f"{number} {status}" for status, number in _counts(results).items()]
    counts += [f"{len(left)} not started"] * bool(left)
    return f"{total} {'run' if total == 1 else 'runs'}: {', '.join(counts)}"


def duration(seconds: float) -> str:
    """Return an approximate duration.

    Examples
    --------
    >>> duration(8), duration(95), duration(7000)
    ('8 s', '2 min', '1.9 h')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def as_json(results: Sequence[RunResult], left: Sequence[Request], reports: Path) -> str:
    """Return all runs of a batch as JSON. Folders are relative to the folder of reports, and keys are removed."""
    content = {
        "format": 1,
        "counts": {**_counts(results), "left": len(left)},
        "runs": [_entry(result, reports) for result in results],
        "left": [
            {"analysis": each.analysis, "run_id": each.run_id, "parameters": each.parameters} for each in left
        ],
    }
    return files.dump(scrub.scrub(content, scrub.secrets()))


def as_junit(results: Sequence[RunResult], left: Sequence[Request]) -> str:
    """Return a batch as JUnit XML for build servers: one test case for each run. Unchanged runs and runs not started are skipped."""
    clean = partial(scrub.scrub, hidden=scrub.secrets())
    counts = _counts(results)
    text = render(_JUNIT, results=list(results), left=list(left), counts=counts, clean=clean)
    return _NOT_XML.sub("\ufffd", text)


def news(results: Sequence[RunResult], reports: Path, broken: str = "") -> dict[str, Any]:
    """Return the news of a batch: failed runs, and figures that changed.

    Parameters
    ----------
    results : sequence of RunResult
        The results of a batch. Each new run is compared with the newest earlier run with the same parameters. Rounding differences do not count.
    reports : Path
        The folder of reports.
    broken : str
        Why the batch could not continue, if it could not: counts as a failure.

    Returns
    -------
    dict
        `events` ("failed", "changed", in this order; empty if there is no news), `summary`, `failed` (runs), and `changed` (runs, each
        with `previous` and `figures`: {name, unit, before, after, status}).
    """
    failed = [_entry(result, reports) for result in results if result.status == "failed"]
    changed = []
    for result in results:
        if result.status != "done" or result.folder is None:
            continue
        earlier = history.previous(result.folder)
        if earlier is None:
            continue
        difference = compare.compare(earlier, result.folder)
        figures = compare.moved(difference.figures)
        if figures and not difference.rounding:
            keys = ("name", "unit", "before", "after", "status")
            told = [{key: getattr(figure, key) for key in keys} for figure in figures]
            changed.append({**_entry(result, reports), "previous": earlier.place, "figures": told})
    events = [name for name, found in (("failed", failed or broken), ("changed", changed)) if found]
    content = {
        "events": events,
        "summary": "; ".join(filter(None, [text(results), broken])),
        "failed": failed,
        "changed": changed,
    }
    return scrub.scrub(content, scrub.secrets())


def words(command: str) -> list[str]:
    """Split a command as a shell would. No shell runs it.

    Raises
    ------
    RunError
        If it cannot be split, or its first word is not a program.

    Examples
    --------
    >>> words("env echo 'a b; $c'")[1:]
    ['echo', 'a b; $c']
    """
    try:
        found = shlex.split(command)
    except ValueError as error:
        raise RunError(f"--notify {command!r} cannot be split into words: {error}.") from error
    named = found[0] if found else "nothing"
    program = shutil.which(named) if found else None
    if program is None:
        raise RunError(
            f"--notify {command!r}: {named!r} cannot be found as a program. "
            "For shell syntax (pipes, $NAME) use a script, or: sh -c '...'."
        )
    return [program, *found[1:]]


def notify(command: list[str], news: Mapping[str, Any]) -> None:
    """Run the command if there are events, with the news as JSON on its standard input and the events in `MIC2025LAB_EVENT`.

    Raises
    ------
    RunError
        If it cannot be run, fails, or takes too long.
    """
    events = ",".join(news["events"])
    if not events:
        return
    try:
        subprocess.run(
            command,
            input=json.dumps(news, ensure_ascii=False),
            text=True,
            encoding="utf-8",
            env={**os.environ, "MIC2025LAB_EVENT": events},
            timeout=PATIENCE,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        why = f"{command[0]} ended with status {error.returncode}."
    except (OSError, subprocess.SubprocessError) as error:
        why = str(error)
    else:
        return
    raise RunError(f"--notify failed, and nobody was notified ({events}): {why}")


def _counts(results: Sequence[RunResult]) -> dict[str, int]:
    ended = Counter(each.status for each in results)
    return {status: ended[status] for status in ("done", "unchanged", "failed")}


def _entry(result: RunResult, reports: Path) -> dict[str, Any]:
    folder = result.folder and result.folder.absolute().relative_to(reports.absolute()).as_posix()
    return {
        "analysis": result.request.analysis,
        "run_id": result.request.run_id,
        "parameters": result.request.parameters,
        "status": result.status,
        "seconds": round(result.seconds, 3),
        "error": result.error,
        "folder": folder,
    }
