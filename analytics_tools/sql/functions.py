"""What the analyses must know about functions: which can't be trusted to give one answer."""

from __future__ import annotations

from sqlglot import exp

# Where no two texts are equal that are not the same: others may compare without case or accents.
EQUAL_IS_ALIKE = frozenset(("duckdb", "postgres", "bigquery", "spark", "databricks", "trino"))
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
ORDERLESS = (
    exp.Count, exp.CountIf, exp.Min, exp.Max, exp.LogicalAnd, exp.LogicalOr, exp.Median,
    exp.PercentileCont, exp.PercentileDisc, exp.Grouping, exp.GroupingId,
)  # fmt: skip
# Aggregates that give the same however often a row is there.
OF_A_SET = (exp.Min, exp.Max, exp.LogicalAnd, exp.LogicalOr)
# Aggregates that put the values they find behind each other.
LISTS = (exp.GroupConcat, exp.ArrayAgg)
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
# Functions of single values, by the parser's kinds: no aggregate hides behind their names.
PLAIN = (
    exp.Abs, exp.AddMonths, exp.And, exp.ArrayContains, exp.ArrayDistinct, exp.ArraySize,
    exp.ArrayToString, exp.Ascii, exp.Case, exp.Cast, exp.Cbrt, exp.Ceil, exp.Chr, exp.Coalesce,
    exp.Concat, exp.ConcatWs, exp.Contains, exp.Date, exp.DateAdd, exp.DateDiff, exp.DateFromParts,
    exp.DateSub, exp.DateTrunc, exp.DatetimeAdd, exp.DatetimeDiff, exp.DatetimeSub,
    exp.DatetimeTrunc, exp.Day, exp.DayOfMonth, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear,
    exp.Dayname, exp.EndsWith, exp.Exp, exp.Extract, exp.Floor, exp.Greatest, exp.Hex, exp.Hour,
    exp.If, exp.Initcap, exp.JSONExtract, exp.JSONExtractScalar, exp.LastDay, exp.Least, exp.Left,
    exp.Length, exp.Levenshtein, exp.Ln, exp.Log, exp.Lower, exp.MD5, exp.Minute, exp.Month,
    exp.Monthname, exp.MonthsBetween, exp.Nullif, exp.Nvl2, exp.Or, exp.Pad, exp.ParseJSON, exp.Pow,
    exp.Quarter, exp.RegexpExtract, exp.RegexpILike, exp.RegexpLike, exp.RegexpReplace, exp.Repeat,
    exp.Replace, exp.Reverse, exp.Right, exp.Round, exp.SHA, exp.SHA2, exp.SafeDivide, exp.Second,
    exp.Sign, exp.Split, exp.SplitPart, exp.Sqrt, exp.StartsWith, exp.StrPosition, exp.StrToDate,
    exp.StrToTime, exp.StructExtract, exp.Substring, exp.TimeDiff, exp.TimeToStr, exp.TimeToUnix,
    exp.TimestampAdd, exp.TimestampDiff, exp.TimestampSub, exp.TimestampTrunc, exp.ToChar,
    exp.Translate, exp.Trim, exp.Trunc, exp.TsOrDsAdd, exp.TsOrDsDiff, exp.TsOrDsToDate,
    exp.UnixToTime, exp.Upper, exp.Week, exp.WeekOfYear, exp.Year,
)  # fmt: skip
# The same among those the parser does not know, by dialect.
PLAIN_NAMES = {
    "duckdb": frozenset(
        ("array_extract", "array_has_any", "date_part", "datepart", "decade", "divide", "even",
         "format_bytes", "gcd", "hash", "hamming", "isfinite", "isoyear", "jaccard",
         "jaro_similarity", "json_array_length", "json_contains", "json_exists", "json_valid",
         "json_value", "lcm", "list_aggregate", "list_extract", "list_has_all", "list_position",
         "list_slice", "list_sort", "list_unique", "map_extract", "map_values", "octet_length",
         "parse_filename", "prefix", "printf", "strip_accents", "strlen", "struct_extract_at",
         "suffix", "to_days", "to_hours", "to_json", "to_minutes", "to_months", "to_seconds",
         "to_weeks", "to_years", "url_decode", "url_encode", "weekday", "yearweek")
    ),
}  # fmt: skip
# Where an unknown function in a select list may make rows.
ROW_MAKING_DIALECTS = frozenset({"postgres", "redshift", ""})


def anonymous_name(node: exp.Expr) -> str:
    """Return the name of a function the parser doesn't know, in lower case."""
    name = node.this if isinstance(node.this, str) else getattr(node.this, "name", "")
    return name.lower()
