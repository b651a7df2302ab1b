"""Sphinx builds the documentation from this folder: `make docs`. Nothing is fetched, and every example is executed."""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from myst_nb.core.render import NbElementRenderer
from nbclient import NotebookClient

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

mic2025lab = import_module("mic2025lab")

project, author = "mic2025lab", "The mic2025lab developers"
copyright = "2026, the mic2025lab developers (BSD-3-Clause)"
version = release = mic2025lab.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "decisions", "conf.py", "_*"]
templates_path = ["_templates"]
html_theme, html_title = "furo", f"mic2025lab {release}"
html_static_path, html_css_files = ["_static"], ["docs.css"]
html_math_renderer = "mathml"
html_copy_source = html_show_sourcelink = False

myst_enable_extensions = ["amsmath", "dollarmath", "deflist"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type"]  # figures also carry a form for JupyterLab

# Pages are executed once. A changed package or table starts anew, so that no output is older than the code that made it.
_state = sha256()
for _path in (*sorted(Path(mic2025lab.__file__).parent.rglob("*.py")), HERE.parent / "data" / "catalog.json"):
    _state.update(_path.read_bytes())
package_state = _state.hexdigest()[:16]
BUILD = HERE / "_build"
CACHE = BUILD / "cache" / package_state
if not CACHE.exists():
    for _old in (CACHE.parent, HERE / "reference" / "api"):
        shutil.rmtree(_old, ignore_errors=True)
nb_execution_mode, nb_execution_cache_path = "cache", str(CACHE)
nb_execution_timeout, nb_execution_raise_on_error, nb_merge_streams, nb_execution_in_temp = (
    180,
    True,
    True,
    True,
)

# Kernels read this profile and not the user's, and find the package's command, its modules, and an empty cache.
PROFILE = BUILD / "ipython" / "profile_default"
(PROFILE / "startup").mkdir(parents=True, exist_ok=True)
(PROFILE / "ipython_kernel_config.py").write_text("c.IPKernelApp.log_level = 40\n")
shutil.copy(HERE / "_console.py", PROFILE / "startup" / "console.py")
os.environ["IPYTHONDIR"] = str(PROFILE.parent)
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
os.environ["PYTHONPATH"] = str(HERE.parent)
os.environ["MIC2025LAB_CACHE"] = str(CACHE / "lab")
for _name in ("MIC2025LAB_MIRROR", "MIC2025LAB_DATA"):
    os.environ.pop(_name, None)
logging.getLogger("traitlets").setLevel(logging.WARNING)
NotebookClient.startup_timeout.default_value = 600  # seconds; a busy machine is not a failure

napoleon_google_docstring, napoleon_use_rtype, napoleon_use_param, napoleon_use_ivar = (
    False,
    False,
    False,
    True,
)
autodoc_member_order, autodoc_typehints = "bysource", "none"
autosummary_generate, autosummary_imported_members, autosummary_ignore_module_all = True, True, False


# The names that belong to each module of the reference, without those that it imports.
_reference = re.findall(
    r"^   (mic2025lab[\w.]*)$", (HERE / "reference" / "index.md").read_text(encoding="utf-8"), flags=re.M
)
autosummary_context = {
    "own": {
        name: [
            one
            for one in dir(module)
            if one in getattr(module, "__all__", ())
            or getattr(getattr(module, one), "__module__", "") == name
        ]
        for name in _reference
        for module in [import_module(name)]
    }
}


def _mathml(text: str, display: str) -> str:
    upright = re.sub(r"(?<![\\A-Za-z{])([A-Z]{3,})(?![A-Za-z}])", r"\\mathrm{\1}", text)  # HHI is one word
    return convert(upright.replace(r"\tfrac", r"\frac"), display=display)


def inline_math(self: Any, node: nodes.Element) -> None:
    """Write a formula in a sentence as MathML, which browsers draw without a script."""
    self.body.append(_mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def block_math(self: Any, node: nodes.Element) -> None:
    """Write a formula in a line of its own as MathML."""
    self.body.append(f'<div class="formula" tabindex="0">{_mathml(node.astext(), "block")}</div>')
    raise nodes.SkipNode


_render_image = NbElementRenderer.render_image


def render_image(self: Any, data: Any) -> list[nodes.Element]:
    """Render a figure with the alternative text that it wrote of itself."""
    found = _render_image(self, data)
    if alt := data.output_metadata.get(data.mime_type, {}).get("alt"):
        found[0]["alt"] = alt
    return found


NbElementRenderer.render_image = render_image


def describe_figures(app: Any, tree: nodes.document) -> None:
    """Give a figure without an alternative text the sentence below it."""
    passed: list[nodes.image] = []
    for node in tree.findall(lambda one: isinstance(one, nodes.image | nodes.paragraph)):
        if isinstance(node, nodes.image):
            passed.append(node)
        else:
            for image in passed:
                image.setdefault("alt", node.astext())
            passed.clear()


SHOWN = {
    name: page.stem
    for page in sorted((HERE / "gallery").glob("*.md"))
    for name in re.findall(r"^## (\w+)$", page.read_text(encoding="utf-8"), flags=re.M)
}


def link_gallery(app: Any, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    """Point from a metric or model to the page of the gallery that shows it."""
    module, _, short = name.rpartition(".")
    if module in ("mic2025lab.metrics", "mic2025lab.models") and short in SHOWN:
        lines += ["", f".. seealso:: On data, with its figure: :doc:`/gallery/{SHOWN[short]}`"]


def setup(app: Any) -> dict[str, bool]:
    """Enter the formulas, the figures, the links to the gallery, and the state of the package."""
    app.add_config_value("package_state", "", "env")
    app.add_html_math_renderer("mathml", (inline_math, None), (block_math, None))
    app.connect("doctree-read", describe_figures)
    app.connect("autodoc-process-docstring", link_gallery)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
