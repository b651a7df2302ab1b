"""`nbformat`, imported in a tenth of the time: without a check of jsonschema that no notebook needs.

Where jupyter_events is installed, jsonschema finds rfc3987_syntax, which compiles grammars of international addresses for a second when it
is imported.
"""

from __future__ import annotations

import sys
from typing import Any

_modules: dict[str, Any] = sys.modules
_here = "rfc3987_syntax" in _modules
_modules.setdefault("rfc3987_syntax", None)  # as if it were not installed
import nbformat as nbformat  # noqa: E402

if not _here:
    del _modules["rfc3987_syntax"]
