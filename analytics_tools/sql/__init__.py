"""What can be read from SQL: text looked at cheaply, and data types.

Works on code and type names alone; knows nothing of projects, rules or output.
"""
