"""A run as an HTML page or a PDF file."""
