"""Recipes that run a plan on a schedule: texts for cron, systemd, and GitHub Actions, with paths quoted for each of them."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import jinja2

from mic2025lab import __version__
from mic2025lab.errors import ParameterError, shown

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
        found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", self.at)
        if not found or int(found[1]) > 23 or int(found[2]) > 59:
            raise ParameterError(f"at = {shown(self.at)} must be a time of day such as 06:00.")
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
        return [
            str(self.program), "batch", str(self.plan), "--reports", str(self.reports), "--jobs", str(self.jobs),
        ]  # fmt: skip

    @property
    def fetching(self) -> list[str]:
        """The words of the command that refreshes the tables; none if it is not wanted."""
        return [str(self.program), "data", "fetch"] if self.refresh else []

    @property
    def time(self) -> tuple[int, int]:
        """Hour and minute."""
        hour, minute = self.at.split(":")
        return int(hour), int(minute)


def cron(schedule: Schedule) -> str:
    r"""Write a line for `crontab -e`.

    cron reads a percent sign as a line feed, even inside quotes, so it is written `\%`.
    """
    log = shlex.quote(str(schedule.reports / "batch.log"))
    go = f"cd {shlex.quote(str(schedule.folder))} && mkdir -p {shlex.quote(str(schedule.reports))}"
    if schedule.refresh:
        go += f" && {{ {shlex.join(schedule.fetching)} >> {log} 2>&1; MIC2025LAB_OFFLINE=1"
    end = "; }" if schedule.refresh else ""
    joined = " " if schedule.refresh else " && "
    line = f"{_cron_time(schedule)} {go}{joined}{shlex.join(schedule.words)} >> {log} 2>&1{end}".replace(
        "%", r"\%"
    )
    return (
        "# mic2025lab: add this line with `crontab -e`. Exit status: 0 good, 1 a run failed, 2 wrong or already running. cron ignores it;\n"
        "# add --notify with a command of yours to be notified.\n"
        f"{line}\n"
    )


def systemd(schedule: Schedule) -> str:
    """Write a service and a timer, as two files in one text. The first line of each names its path.

    The service is of type oneshot, so a timer that fires while it runs does not start a second one. A stop signal goes to the batch
    only, which ends its kernels itself.
    """
    words, fetching = schedule.words, ""
    if schedule.refresh:
        words = ["/usr/bin/env", "MIC2025LAB_OFFLINE=1", *words]
        fetching = _unit_command(schedule.fetching)
    day = {"day": "*-*-*", "week": "Mon *-*-*", "month": "*-*-01"}[schedule.every]
    hour, minute = schedule.time
    return _fill(
        "systemd.j2",
        folder=_unit_path(schedule.folder),
        command=_unit_command(words),
        fetching=fetching,
        every=schedule.every,
        at=schedule.at,
        day=day,
        time=f"{hour:02}:{minute:02}",
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
    folder, plan, reports = map(_posix, (schedule.folder, schedule.plan, schedule.reports))
    words = replace(schedule, plan=plan, reports=reports).words
    texts = {
        "cron": _cron_time(schedule),
        "folder": str(folder),
        "reports": str(folder / reports),
        "command": shlex.join([*words, "--junit", f"{reports}/junit.xml"]),
        "pinned": "requirements.lock" if schedule.checkout else ".github/workflows/reports.yml",
    }
    install = ["--require-hashes -r requirements.lock", "--no-deps -e ."]
    if not schedule.checkout:
        install = [f"'mic2025lab[files]=={__version__}'"]
    return _fill(
        "github.j2",
        install=[json.dumps(f"python -m pip install {what}") for what in install],
        **{name: json.dumps(text, ensure_ascii=False) for name, text in texts.items()},
    )


def _posix(path: Path) -> Any:
    return PurePosixPath(path.as_posix())


def _fill(template: str, **values: object) -> str:
    text = Path(__file__).with_name(template).read_text(encoding="utf-8")
    made = jinja2.Template(text, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True)
    return made.render(values)


#: Kind -> the function that writes it.
KINDS = {"cron": cron, "systemd": systemd, "github": github}


def _cron_time(schedule: Schedule) -> str:
    hour, minute = schedule.time
    return f"{minute} {hour} " + {"day": "* * *", "week": "* * 1", "month": "1 * *"}[schedule.every]


def _unit_command(words: list[str]) -> str:
    return " ".join([_unit_program(words[0]), *map(_unit_word, words[1:])])


def _unit_program(path: str) -> str:
    """Write the program. systemd expands no variables there and allows no quotes or backslashes; `env` does."""
    if re.search(r"[\"'\\\\]", path):
        return f"/usr/bin/env {_unit_word(path)}"
    return _unit_word(path).replace("$$", "$")


def _unit_word(word: str) -> str:
    """Quote a word for a command line of systemd: escapes, specifiers (%), and variables ($)."""
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return text if re.fullmatch(r"[\w./:=@+,-]+", word, flags=re.ASCII) else f'"{text}"'


def _unit_path(path: Path) -> str:
    """Write a path as the value of a setting, where only specifiers need escaping."""
    return str(path).replace("%", "%%")
