"""A page as PDF, printed by a browser of this machine in headless mode."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import tomllib
from pathlib import Path

from mic2025lab.errors import RunError
from mic2025lab.results import files

#: The environment variable that names the browser to use.
BROWSER = "MIC2025LAB_BROWSER"

_SECONDS = 120

_KNOWN = tomllib.loads(Path(__file__).with_name("browsers.toml").read_text(encoding="utf-8"))
_PAPER = Path(__file__).with_name("paper.css")


def browser() -> str:
    """Find a browser that can print: the one that `MIC2025LAB_BROWSER` names, or a Chromium, Chrome, or Edge on the path.

    Raises
    ------
    RunError
        If there is none.
    """
    named = os.environ.get(BROWSER)
    found = shutil.which(named) if named else next((p for p in map(shutil.which, _KNOWN["names"]) if p), None)
    if found:
        return found
    tried = (
        f"{BROWSER} = {named!r} is not one"
        if named
        else f"none of {', '.join(_KNOWN['names'])} is on the path"
    )
    raise RunError(
        f"A PDF needs Chromium, Chrome, or Edge, and none was found: {tried}. Install one, name it in {BROWSER}, "
        "or export HTML and print it from any browser."
    )


def write(page: str, out: Path) -> None:
    """Print a page to a PDF file.

    Parameters
    ----------
    page : str
        HTML that needs no other file.
    out : Path
        The file to write.

    Raises
    ------
    RunError
        If there is no browser, the browser fails, or the file cannot be written.
    """
    program = browser()
    with tempfile.TemporaryDirectory(prefix="mic2025lab-") as place:
        made = Path(place) / "page.pdf"
        source = Path(place) / "page.html"
        source.write_text(_for_paper(page), encoding="utf-8")
        places = (f"--user-data-dir={place}/profile", f"--print-to-pdf={made}", source.as_uri())
        try:
            done = subprocess.run(
                [program, *_KNOWN["options"], *_as_root(), *places],
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RunError(f"{program} did not print the page: {error}") from error
        if not made.is_file():
            told = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
            raise RunError(f"{program} did not print the page: {told[0]}")
        files.write_output(out, made.read_bytes())


def _for_paper(page: str) -> str:
    opened = page.replace('<details class="code">', '<details class="code" open>')
    opened = opened.replace('<details class="provenance">', '<details class="provenance" open>')
    return opened.replace("</head>", f"<style>\n{_PAPER.read_text(encoding='utf-8')}</style>\n</head>", 1)


def _as_root() -> tuple[str, ...]:
    # A browser refuses to run as root (in a container) with its sandbox. The page has no script and loads nothing.
    return ("--no-sandbox",) if getattr(os, "geteuid", lambda: 1)() == 0 else ()
