"""A record of the tables that this process has loaded, for the run it belongs to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

#: What this process has loaded: table name -> sha256. A run compares it with the tables that its analysis declares.
LOADED: dict[str, str] = {}


def note(name: str, sha256: str, vintage: str | None, about: dict[str, Any] | None = None) -> None:
    """Record that a table was loaded, in `LOADED` and in the folder of the run (`MIC2025LAB_RUN_DIR`).

    `about` is the entry of a table that the notebook itself has registered, which only its kernel knows.
    """
    LOADED[name] = sha256
    folder = os.environ.get("MIC2025LAB_RUN_DIR")
    if folder:
        line = {"table": name, "sha256": sha256, "vintage": vintage, **({"about": about} if about else {})}
        with (Path(folder) / "loaded.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, sort_keys=True) + "\n")
