"""What every screen is made of: the person asking, the base view, dates, tables, codes to scan, forms."""
