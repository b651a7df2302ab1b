"""Raw files that a test makes itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mic2025lab.sources.base import Source


@pytest.fixture
def raw_files(tmp_path: Path) -> Callable[[dict[str, str]], Callable[[Source, str], Path]]:
    """Give a function that writes `{path: text}` and returns the `raw` that finds them."""

    def make(files: dict[str, str]) -> Callable[[Source, str], Path]:
        for path, text in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return lambda source, path: tmp_path / path

    return make
