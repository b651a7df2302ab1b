"""Runs: one notebook with its parameters, kept so that a reader can check it; papermill wrapped once.

- `record`: what a notebook calls to keep numbers, tables, figures and sentences.
- `run`: one run; `batch`: a plan of many.
- `identity`: what makes a run the same run; `manifest`: what is written about it.
- `kernel`: executes a notebook; `folders`: whole or not at all; `scrub`: keys taken out; `html`: the page.
"""
