"""The site of reports: static pages that need no server, no network and no script to be read.

- `build`: one call writes the site of a folder of reports, and only what has changed of it.
- `reports`: which run stands in front, and what stands behind it; `verdicts`: those on the claims.
- `board`: the picture of the front page; `search`: what can be found; `sources`: tables with their producers, economies that are named.
- `pages`: the pages; `changes`: what a run changed since the one before.
- `publish`: whole or not at all, and only files that this site made are ever replaced or removed.
- `text`: how numbers, names and sentences are written; every text is escaped.
"""
