"""What a run found: `record` writes it from a notebook, and the other rooms read it back.

- `record`: `record`, `record_table`, `record_figure`, and `record_finding`, which a notebook calls.
"""
