"""Lands a fictional retailer's raw data as Parquet files, the way extraction tools leave them.

What belongs here: `macros.sql` (what all tables share), one query a table in
`tables/<source>__<table>.sql`, and `landing.py`, which runs them and writes the files.
To add a table, add one query.
"""

from analytics_tools.sample_data.landing import Landing, LandingOptions, TableLanding, append, land

__all__ = ["Landing", "LandingOptions", "TableLanding", "append", "land"]
