"""The journal of the last batch in a folder of reports, for `--resume`: its options, and which runs have ended."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mic2025lab import durable
from mic2025lab.errors import RunError
from mic2025lab.results import files
from mic2025lab.runs import scrub
from mic2025lab.runs.run import RunResult

#: Lines of JSON: the options; one line as each run ends; one line at the end of the batch.
NAME = ".batch.jsonl"
_FINISHED = '{"finished": true}'


class Options(BaseModel):
    """The options of a command that `--resume` takes from the stopped batch, with their defaults."""

    model_config = ConfigDict(strict=True, extra="forbid")

    jobs: Annotated[int, Field(ge=1)] | None = None
    scheduler: str | None = None
    fail_fast: bool = False
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    retries: Annotated[int, Field(ge=0)] = 0
    force: bool = False
    fresh: bool = False


class Asked(BaseModel):
    """The plan of a batch, relative to the folder of reports, the words of `--only`, and the options."""

    model_config = ConfigDict(strict=True, extra="forbid")

    plan: str = ""
    only: list[str] = []
    options: Options = Options()


class _First(BaseModel):
    """The first line of the journal."""

    asked: Asked


class Ended(BaseModel):
    """A line of the journal: a run that has ended."""

    model_config = ConfigDict(strict=True)

    analysis: str
    run_id: str
    status: str
    error: str | None = None


@dataclass
class Journal:
    """The last batch.

    Attributes
    ----------
    asked : Asked
        What the command was asked; without a plan if it was not the command that began the batch.
    ended : dict
        (analysis, run id) -> the line of that run.
    finished : bool
        Whether the batch reached its end, with or without failed runs.
    """

    asked: Asked = field(default_factory=Asked)
    ended: dict[tuple[str, str], Ended] = field(default_factory=dict)
    finished: bool = False

    @classmethod
    def read(cls, reports: Path) -> Journal | None:
        """Read the journal, or return None if there has been no batch.

        An incomplete line (the process was killed, or the disk was full, while it was written) is ignored: that run is checked again.

        Raises
        ------
        RunError
            If it cannot be read, or its first line is not what a command writes.
        """
        path = reports / NAME
        try:
            first, *lines = path.read_text(encoding="utf-8", errors="replace").splitlines() or [""]
            journal = cls(_First.model_validate_json(first).asked)
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise RunError(
                f"{path}, the journal of the last batch, cannot be read ({_why(error)}). "
                "Name the plan and leave out --resume: finished runs are not made again."
            ) from error
        for line in lines:
            journal.finished |= line == _FINISHED
            with contextlib.suppress(ValidationError):
                ended = Ended.model_validate_json(line)
                journal.ended[ended.analysis, ended.run_id] = ended
        return journal

    def begin(self, reports: Path) -> None:
        """Write a new journal, with the runs that have ended so far."""
        files.remove_parts(reports, f".{NAME}.*")  # of a batch that was killed
        lines = [_First(asked=self.asked), *self.ended.values()]
        with _written(reports / NAME):
            durable.write(reports / NAME, "".join(map(_line, lines)))

    def add(self, reports: Path, result: RunResult) -> None:
        """Record that a run has ended."""
        analysis, run_id = result.request.analysis, result.request.run_id
        ended = Ended(analysis=analysis, run_id=run_id, status=result.status, error=result.error)
        self.ended[analysis, run_id] = ended
        self._append(reports, _line(ended))

    def finish(self, reports: Path) -> None:
        """Record that the batch has reached its end."""
        self.finished = True
        self._append(reports, f"{_FINISHED}\n")

    def _append(self, reports: Path, line: str) -> None:
        # Each line begins with a line feed, so that an incomplete line damages only itself.
        with _written(reports / NAME), (reports / NAME).open("a", encoding="utf-8") as file:
            file.write("\n" + line)


def _why(error: OSError | ValidationError) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    first = error.errors()[0]
    return ": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))


def _line(entry: BaseModel) -> str:
    return json.dumps(scrub.scrub(entry.model_dump(), scrub.secrets()), ensure_ascii=False) + "\n"


@contextlib.contextmanager
def _written(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(
            f"{path} cannot be written: {error.strerror or error}; no further run is started."
        ) from error
