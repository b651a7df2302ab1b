"""Names and codes: sectors of the plan, industries, products, and economies."""
