"""Runs a command of the user when a batch has news."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from mic2025lab.errors import RunError

#: Seconds that the command may take.
PATIENCE = 120


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
