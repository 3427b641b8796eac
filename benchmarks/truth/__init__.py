"""The truth bench: generated edits of real dbt projects, built for real and compared by content."""
