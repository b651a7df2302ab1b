"""The command line, `mic2025lab …`. Each command imports what it needs when it is called."""

from __future__ import annotations

import click

from mic2025lab.cli import changes, claims, running, scheduling, sharing, starting, tables
from mic2025lab.cli.common import Commands
from mic2025lab.version import __version__


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mic2025lab")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def main(debug: bool) -> None:
    """Test on real data what ten years of "Made in China 2025" bought, and what they cost.

    Exit status: 0 success; 1 a run failed (the others are kept); 2 the request was wrong and
    nothing was started, or the output could not be written.
    """


for _command in (
    starting.init,
    running.run,
    running.batch,
    running.analyses,
    scheduling.schedule,
    sharing.site,
    tables.data,
    claims.claims,
    changes.diff,
    changes.history_,
    changes.verify,
    sharing.share,
    sharing.export,
):
    main.add_command(_command)
