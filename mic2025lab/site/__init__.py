"""The site of reports: templates, styles and the index page."""
