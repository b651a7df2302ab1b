"""The file of a notebook: its cells, and what its metadata say about the analysis, checked as they are read."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from pydantic import AliasPath, BaseModel, Field, ValidationError

from mic2025lab.errors import RunError, shown


class About(BaseModel):
    """Our entry in the metadata of a notebook; see `Analysis` for its fields."""

    title: str | None = None
    question: str | None = None
    tables: list[str] | None = None
    optional: list[str] | None = None
    after: bool = False


class Cell(BaseModel):
    """A cell: its kind, source, and tags."""

    cell_type: str
    source: str | list[str]
    tags: list[str] = Field([], validation_alias=AliasPath("metadata", "tags"))

    @property
    def text(self) -> str:
        """The source as one text."""
        return "".join(self.source)


class NotebookFile(BaseModel):
    """A notebook of format 4."""

    cells: list[Cell]
    about: About = Field(About(), validation_alias=AliasPath("metadata", "mic2025lab"))

    def texts(self, kind: str) -> list[str]:
        """List the sources of the cells of a kind."""
        return [cell.text for cell in self.cells if cell.cell_type == kind]


def read(path: Path) -> NotebookFile:
    """Read a notebook.

    Raises
    ------
    RunError
        If it cannot be read, or a field that is used here has another type.
    """
    try:
        return NotebookFile.model_validate_json(path.read_bytes())
    except OSError as error:
        reason = error.strerror
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        reason = ": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))
    raise RunError(
        f"{shown(str(path))} cannot be read as a notebook ({reason}). Save it again in JupyterLab as format 4."
    )


def digest(path: Path) -> str:
    """Hash the cells of a notebook: kind, source, and tags. Outputs, ids, and other metadata do not count."""
    content = [[cell.cell_type, cell.text, sorted(cell.tags)] for cell in read(path).cells]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return sha256(text.encode()).hexdigest()
