"""What the analyses must know about functions: which can't be trusted to give one answer."""

from __future__ import annotations

from sqlglot import exp

# Another answer at each call: two mentions are two values.
VOLATILE = (exp.Rand, exp.Randn, exp.Randstr, exp.Uuid, exp.TableSample)
VOLATILE_NAMES = frozenset(
    [
        "random",
        "rand",
        "randn",
        "setseed",
        "uuid",
        "uuidv4",
        "uuidv7",
        "gen_random_uuid",
        "newid",
        "uuid_string",
        "generate_uuid",
        "generateuuidv4",
        "nextval",
        "currval",
        "seq1",
        "seq2",
        "seq4",
        "seq8",
        "randstr",
        "uniform",
        "normal",
        "zipf",
        "clock_timestamp",
        "timeofday",
        "rownumberinallblocks",
        "rownumberinblock",
        "txid_current",
        "monotonically_increasing_id",
        "rand64",
        "rand32",
        "randconstant",
        "randomstring",
        "randomprintableascii",
        "fuzzbits",
        "shuffle",
    ]
)
# One answer within a statement, another one tomorrow.
CLOCKS = (
    exp.CurrentDate,
    exp.CurrentTime,
    exp.CurrentTimestamp,
    exp.CurrentDatetime,
    exp.CurrentTimestampLTZ,
    exp.Localtime,
    exp.Localtimestamp,
)
CLOCK_NAMES = frozenset(
    [
        "now",
        "today",
        "sysdate",
        "getdate",
        "get_current_timestamp",
        "get_current_time",
        "current_localtime",
        "current_localtimestamp",
        "transaction_timestamp",
        "statement_timestamp",
        "systimestamp",
        "convert_timezone_now",
        "utc_timestamp",
        "yesterday",
        "now64",
        "age",
    ]
)
# Aggregates whose answer doesn't depend on the order of rows, not in the last digit either.
ORDERLESS = (exp.Count, exp.CountIf, exp.Min, exp.Max, exp.LogicalAnd, exp.LogicalOr)
# Aggregates that give the same however often a row is there.
OF_A_SET = (exp.Min, exp.Max, exp.LogicalAnd, exp.LogicalOr)
# Aggregates of which only the last digit depends on the order of rows.
SUMS = (exp.Sum, exp.Avg, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop)
# Window functions that give peers one answer.
PEERS_ALIKE = (exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist)
# Window functions that look at the whole partition, whatever the frame.
WITHOUT_FRAME = (exp.RowNumber, *PEERS_ALIKE, exp.Ntile, exp.Lag, exp.Lead)
# Functions that make several rows of one when they stand in a select list.
ROW_MAKERS = (exp.Explode, exp.ExplodeOuter, exp.Posexplode, exp.Inline, exp.Unnest, exp.Stack)
ROW_MAKER_NAMES = frozenset(
    [
        "unnest",
        "explode",
        "explode_outer",
        "posexplode",
        "posexplode_outer",
        "inline",
        "inline_outer",
        "stack",
        "flatten",
        "generate_subscripts",
        "regexp_split_to_table",
        "regexp_matches",
        "string_to_table",
        "json_array_elements",
        "json_array_elements_text",
        "jsonb_array_elements",
        "json_each",
        "json_each_text",
        "jsonb_array_elements_text",
        "jsonb_each",
        "jsonb_each_text",
        "json_object_keys",
        "jsonb_object_keys",
        "json_to_recordset",
        "jsonb_to_recordset",
        "jsonb_path_query",
        "arrayjoin",
    ]
)
# Where an unknown function in a select list may make rows.
ROW_MAKING_DIALECTS = frozenset({"postgres", "redshift", ""})


def anonymous_name(node: exp.Expr) -> str:
    """Return the name of a function the parser doesn't know, in lower case."""
    name = node.this if isinstance(node.this, str) else getattr(node.this, "name", "")
    return name.lower()
