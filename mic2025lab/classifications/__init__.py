"""Names and codes: sectors of the plan, industries, products, and economies."""

from mic2025lab.classifications import economies, industries, products, sectors, stand_ins, totals

__all__ = ["economies", "industries", "products", "sectors", "stand_ins", "totals"]
