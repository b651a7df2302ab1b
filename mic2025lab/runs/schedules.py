"""Recipes that run a plan on a schedule: texts for cron, systemd, and GitHub Actions, with paths quoted for each of them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from mic2025lab.errors import ParameterError, shown
from mic2025lab.templates import render
from mic2025lab.version import __version__

_HERE = Path(__file__).parent

Every = Literal["day", "week", "month"]


@dataclass(frozen=True)
class Schedule:
    """A plan and when to run it.

    Attributes
    ----------
    plan, reports : Path
        The plan (a file, or `default` for that of the package) and the folder of reports. For GitHub they are relative to `folder`.
    folder : Path
        The working folder: the user's project, if there is one. For GitHub it is relative to the repository.
    program : Path
        The `mic2025lab` command of the environment.
    jobs : int
        Runs at once.
    every : {"day", "week", "month"}
        A week begins on Monday, a month on the first.
    at : str
        Time of day, `HH:MM`: local time for cron and systemd, UTC for GitHub.
    refresh : bool
        For cron and systemd: before the batch, get new vintages from the producers. The batch itself opens no network, runs what the
        plan or the project pins, and is run also if a producer does not answer.
    checkout : bool
        For GitHub: whether the repository is that of mic2025lab, whose code is to run; else the released package is installed.
    """

    plan: Path
    reports: Path
    folder: Path
    program: Path
    jobs: int = 1
    every: Every = "week"
    at: str = "06:00"
    checkout: bool = False
    refresh: bool = False

    def __post_init__(self) -> None:
        try:
            self.time  # noqa: B018
        except ValueError:
            raise ParameterError(f"at = {shown(self.at)} must be a time of day such as 06:00.") from None
        for name in ("plan", "reports", "folder", "program"):
            path = str(getattr(self, name))
            if not path.isprintable():
                raise ParameterError(
                    f"{name} = {shown(path)} has a line feed or another character that cannot stand in a recipe. Rename it."
                )
        if "=" in str(self.program):
            raise ParameterError(
                f"program = {shown(str(self.program))}: `env` would set a variable. Move the environment to another path."
            )

    @property
    def words(self) -> list[str]:
        """The words of the command. A batch skips finished runs and retries failed ones, so --resume is not needed."""
        plan, reports = self.plan.as_posix(), self.reports.as_posix()
        return [str(self.program), "batch", plan, "--reports", reports, "--jobs", str(self.jobs)]

    @property
    def fetching(self) -> list[str]:
        """The words of the command that refreshes the tables; none if it is not wanted."""
        return [str(self.program), "data", "fetch"] if self.refresh else []

    @property
    def time(self) -> datetime:
        """The time of day."""
        return datetime.strptime(self.at, "%H:%M")

    @property
    def cron(self) -> str:
        """The five fields of cron."""
        days = {"day": "* * *", "week": "* * 1", "month": "1 * *"}
        return f"{self.time.minute} {self.time.hour} {days[self.every]}"


def cron(schedule: Schedule) -> str:
    r"""Write a line for `crontab -e`.

    cron reads a percent sign as a line feed, even inside quotes, so it is written `\%`.
    """
    paths = (schedule.folder, schedule.reports, schedule.reports / "batch.log")
    folder, reports, log = (shlex.quote(str(path)) for path in paths)
    commands = _commands(schedule, shlex.quote)
    return render(_HERE / "cron.j2", schedule=schedule, folder=folder, reports=reports, log=log, **commands)


def systemd(schedule: Schedule) -> str:
    """Write a service and a timer, as two files in one text. The first line of each names its path.

    The service is of type oneshot, so a timer that fires while it runs does not start a second one. A stop signal goes to the batch
    only, which ends its kernels itself. `env` starts the program, since systemd allows no quotes in the path of a program itself.
    """
    day = {"day": "*-*-*", "week": "Mon *-*-*", "month": "*-*-01"}[schedule.every]
    folder = str(schedule.folder).replace("%", "%%")  # where only specifiers need escaping
    return render(
        _HERE / "systemd.j2", schedule=schedule, folder=folder, day=day, **_commands(schedule, _unit_word)
    )


def github(schedule: Schedule) -> str:
    """Write `.github/workflows/reports.yml` for the repository of a project, or for a checkout of mic2025lab.

    Earlier reports are kept in the cache, so only what has changed is run. The job has read access to the repository only.
    """
    if schedule.refresh:
        raise ParameterError(
            "--refresh is for cron and systemd: GitHub's machines keep no vintages between two runs."
        )
    for path in (schedule.plan, schedule.reports, schedule.folder):
        if path.is_absolute() or ".." in path.parts:
            raise ParameterError(
                f"{shown(str(path))} is outside this folder, and GitHub has only the files of the repository. "
                "Call this in your project, with a path inside it, such as plan.yml."
            )
        if "${{" in str(path):
            raise ParameterError(
                f"{shown(str(path))} has ${{{{, which GitHub would evaluate as an expression. Rename it."
            )
    install = ["--require-hashes -r requirements.lock", "--no-deps -e ."]
    if not schedule.checkout:
        install = [f"'mic2025lab[files]=={__version__}'"]
    folder, reports = schedule.folder.as_posix(), schedule.reports.as_posix()
    return render(
        _HERE / "github.j2",
        install=[f"python -m pip install {what}" for what in install],
        cron=schedule.cron,
        folder=folder,
        reports=str(PurePosixPath(folder, reports)),
        command=shlex.join([*schedule.words, "--junit", f"{reports}/junit.xml"]),
        pinned="requirements.lock" if schedule.checkout else ".github/workflows/reports.yml",
    )


#: Kind -> the function that writes it.
KINDS = {"cron": cron, "systemd": systemd, "github": github}


def _commands(schedule: Schedule, quote: Callable[[str], str]) -> dict[str, str]:
    """Write the two commands of a schedule with their words quoted."""
    return {
        name: " ".join(map(quote, words))
        for name, words in (("command", schedule.words), ("fetching", schedule.fetching))
    }


def _unit_word(word: str) -> str:
    """Quote a word for a command line of systemd: escapes, specifiers (%), and variables ($)."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return text if re.fullmatch(r"[\w./:=@+,-]+", word, flags=re.ASCII) else f'"{text}"'
