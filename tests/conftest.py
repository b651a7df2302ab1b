"""What several test files share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples every time, and no deadline: a busy machine is not a failure.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The folder of raw files, from MIC2025LAB_MIRROR; tests that need it skip where it is absent."""
    folder = os.environ.get("MIC2025LAB_MIRROR")
    if not folder or not (Path(folder) / "sources.json").is_file():
        pytest.skip("needs the raw files: set MIC2025LAB_MIRROR to the folder that holds sources.json")
    return Path(folder).resolve()
