"""A page as PDF, printed by a browser of the machine without a window."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from mic2025lab.errors import RunError
from mic2025lab.results import files

#: The variable that names the browser to use.
BROWSER = "MIC2025LAB_BROWSER"

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
    "brave-browser",
)
_SECONDS = 120

# Nothing of the browser's own traffic, of the user's profile, or of the date is left on.
_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-pdf-header-footer",
)

# On paper nothing can be unfolded or scrolled: all is open, and what is wide is wrapped.
_PAPER = """
@page { size: A4; margin: 16mm 15mm 18mm; }
html { font-size: 10pt; }
body { background: #fff; font-size: 1rem; }
.code { display: block; } /* the page leaves it out when it is printed by hand; here --no-input does */
.report > header, .report > main { max-width: none; padding-left: 0; padding-right: 0; }
.scroll, .text table, pre { overflow: visible; }
pre, .highlight pre { white-space: pre-wrap; overflow-wrap: anywhere; }
table { font-size: 8.5pt; }
table.dataframe th, table.dataframe td { white-space: normal; padding: 0.2em 0.45em; }
table.dataframe th.words, table.dataframe td.words { min-width: 4rem; }
img { max-width: 100%; max-height: 225mm; object-fit: contain; break-inside: avoid; }
tr, .chips li { break-inside: avoid; }
h1, h2, h3, summary, .caption { break-after: avoid; }
summary { list-style: none; font-weight: 600; }
"""


def browser() -> str:
    """Find a browser that can print: the one `MIC2025LAB_BROWSER` names, else a Chromium, Chrome or Edge on the path.

    Raises
    ------
    RunError
        If there is none.
    """
    named = os.environ.get(BROWSER)
    found = shutil.which(named) if named else next((p for p in map(shutil.which, _NAMES) if p), None)
    if found:
        return found
    tried = f"{BROWSER} = {named!r} is not one" if named else f"none of {', '.join(_NAMES)} is on the path"
    raise RunError(
        f"A PDF is printed by Chromium, Chrome or Edge, and there is no such browser here: {tried}. Install one, or name it in {BROWSER}; "
        "or export HTML and print it from any browser."
    )


def write(page: str, out: Path) -> None:
    """Print a page to a PDF file.

    Parameters
    ----------
    page : str
        HTML that needs nothing else.
    out : Path
        The file to write.

    Raises
    ------
    RunError
        If there is no browser, it does not print, or the file cannot be written.
    """
    program = browser()
    with tempfile.TemporaryDirectory(prefix="mic2025lab-") as place:
        made = Path(place) / "page.pdf"
        source = Path(place) / "page.html"
        source.write_text(_for_paper(page), encoding="utf-8")
        command = [
            program,
            *_OPTIONS,
            *_as_root(),
            f"--user-data-dir={place}/profile",
            f"--print-to-pdf={made}",
        ]
        try:
            done = subprocess.run(
                [*command, source.as_uri()], capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RunError(f"{program} did not print the page: {error}") from error
        if not made.is_file():
            told = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
            raise RunError(f"{program} did not print the page: {told[0]}")
        try:
            files.write(out, made.read_bytes())
        except OSError as error:
            raise RunError(
                f"{out} cannot be written: {error.strerror or error}. Choose another file with -o."
            ) from error


def _for_paper(page: str) -> str:
    opened = page.replace('<details class="code">', '<details class="code" open>')
    opened = opened.replace('<details class="provenance">', '<details class="provenance" open>')
    return opened.replace("</head>", f"<style>{_PAPER}</style>\n</head>", 1)


def _as_root() -> tuple[str, ...]:
    # A browser refuses to run as root with its sandbox (a container); the page has no script and loads nothing.
    return ("--no-sandbox",) if getattr(os, "geteuid", lambda: 1)() == 0 else ()
