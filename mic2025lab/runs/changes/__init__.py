"""What differs between runs, and how a figure developed over runs."""
