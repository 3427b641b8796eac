"""Words that no name should be."""

from __future__ import annotations

# Reserved in SQL or in one of the engines that dbt speaks to.
_WORDS = """
all alter analyse analyze and anti any array as asc asof assert at authorization begin between
binary both by call case cast check collate column commit concurrently connect constraint create
cross cube current current_date current_role current_time current_timestamp current_user
database date decimal declare default deferrable delete desc describe distinct do double drop
else end enum escape except exclude exists explain extract false fetch float following for
foreign freeze from full function glob grant group grouping groups having hash if ignore ilike
in initially inner insert int integer intersect interval into is isnull join json key lambda
lateral leading left like limit localtime localtimestamp lookup map match_recognize merge minus
natural new no not notnull null nulls of off offset old on only or order outer over overlaps
partition pivot placing positional preceding primary procedure proto qualify range recursive
references regexp replace respect returning revoke right rlike rollback rollup row rows sample
select semi session_user similar some start struct summarize symmetric table tablesample then
timestamp to trailing treat trigger true try_cast unbounded union unique unnest unpivot update
use user using values variadic verbose view when where window with within
"""
SQL_WORDS = frozenset(_WORDS.split())
