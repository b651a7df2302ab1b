"""The journal of the last batch in a folder of reports, for `--resume`: its options, and which runs have ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mic2025lab.errors import RunError
from mic2025lab.results import files
from mic2025lab.runs import scrub
from mic2025lab.runs.run import RunResult

#: Lines of JSON: the options; one line as each run ends; one line at the end of the batch.
NAME = ".batch.jsonl"


@dataclass
class Journal:
    """The last batch.

    Attributes
    ----------
    asked : dict
        The options of the command.
    ended : dict
        (analysis, run id) -> the line of that run, with `status` and `error`.
    finished : bool
        Whether the batch reached its end, with or without failed runs.
    """

    asked: dict[str, Any] = field(default_factory=dict)
    ended: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    finished: bool = False

    @classmethod
    def read(cls, reports: Path) -> Journal | None:
        """Read the journal, or return None if there has been no batch.

        An incomplete line (the process was killed, or the disk was full, while it was written) is ignored: that run is checked again.

        Raises
        ------
        RunError
            If the options cannot be read.
        """
        path = reports / NAME
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            asked = json.loads(lines[0])["asked"]
            if not isinstance(asked, dict):
                raise ValueError("its first line is not a list of options")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise RunError(
                f"{path}, the journal of the last batch, cannot be read ({error}). "
                "Name the plan and leave out --resume: finished runs are not made again."
            ) from error
        journal = cls(asked)
        for entry in filter(None, map(_whole, lines[1:])):
            if entry.get("finished"):
                journal.finished = True
            elif {"analysis", "run_id", "status"} <= set(entry):
                journal.ended[entry["analysis"], entry["run_id"]] = entry
        return journal

    def begin(self, reports: Path) -> None:
        """Write a new journal, with the runs that have ended so far."""
        files.remove_parts(reports, f".{NAME}.*")  # of a batch that was killed
        lines = [{"asked": self.asked}, *self.ended.values()]
        try:
            files.write(reports / NAME, "".join(map(_line, lines)), durable=True)
        except OSError as error:
            raise RunError(f"{reports / NAME} cannot be written: {error.strerror or error}.") from error

    def add(self, reports: Path, result: RunResult) -> None:
        """Record that a run has ended."""
        request = result.request
        entry = {
            "analysis": request.analysis,
            "run_id": request.run_id,
            "status": result.status,
            "error": result.error,
        }
        self.ended[request.analysis, request.run_id] = entry
        _append(reports / NAME, entry)

    def finish(self, reports: Path) -> None:
        """Record that the batch has reached its end."""
        self.finished = True
        _append(reports / NAME, {"finished": True})


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(scrub.scrub(dict(entry), scrub.secrets()), ensure_ascii=False) + "\n"


def _append(path: Path, entry: Mapping[str, Any]) -> None:
    # Each line begins with a line feed, so that an incomplete line damages only itself.
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write("\n" + _line(entry))
    except OSError as error:
        raise RunError(
            f"{path} cannot be written: {error.strerror or error}; no further run is started."
        ) from error


def _whole(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
