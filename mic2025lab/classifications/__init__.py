"""Names and codes: the ten sectors of the plan, and the economies of the tables."""
