"""What a project may be called: a name that dbt, Python's templates and every engine take as it is.

The name becomes dbt's project and profile, and the stem of the production file, which DuckDB takes
as the name of the database.
"""

from __future__ import annotations

import re
import unicodedata

from analytics_tools.errors import UsageError
from analytics_tools.reserved import SQL_WORDS

LONGEST = 40
_FORM = re.compile(r"[a-z][a-z0-9_]*")

# Words that dbt gives to macros and packages of its own.
_DBT_WORDS = """
adapter api builtins column_name compiled config context database_schemas dbt dbt_metadata_envs
dbt_utils dbt_version diff_of_two_dicts doc env_var exceptions execute flags fromjson fromyaml
graph invocation_args_dict invocation_id local_md5 log macro macros metric model model_schema
modules on_run_end on_run_start package packages print profile profiles project project_name ref
results return run_query run_started_at schema schemas selected_resources semantic_models set
set_strict source sql statement store_result target this thread_id tojson toyaml
try_or_compiler_error validation_context var write zip zip_strict
"""
_ADAPTERS = """
athena bigquery clickhouse databricks duckdb fabric oracle postgres redshift snowflake spark
sqlserver trino
"""
# Names that the project gives to something else: targets' files, schemas, folders.
_TAKEN_WORDS = """
audit ci core customer_360 data dev finance information_schema intermediate main marketing marts
memory pg_catalog prod prod_ci product public raw seeds slim_ci snapshots staging state support
system temp utilities
"""
_DBT = {*_DBT_WORDS.split(), *(f"dbt_{adapter}" for adapter in _ADAPTERS.split())}
_TAKEN = frozenset(_TAKEN_WORDS.split())


def check_name(name: str) -> str:
    """Return the name, or raise an error of one line that says why not and what would do."""
    reason = _objection(name)
    if reason:
        better = suggested_name(name)
        hint = f"; {better} would do" if better else "; take letters, digits and underscores"
        raise UsageError(f"a project can't be called {_shown(name)}: {reason}{hint}")
    return name


def suggested_name(word: str) -> str:
    """Return the nearest name that is allowed; empty where nothing of the word can stay."""
    plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    if name[:1].isdigit():
        name = f"project_{name}"
    name = name[:LONGEST].rstrip("_")
    if name and _reserved(name):
        name = f"{name[: LONGEST - 5]}_data"
    return "" if name and _objection(name) else name


def _objection(name: str) -> str | None:
    if not name:
        return "it is empty"
    if len(name) > LONGEST:
        return f"it has {len(name)} characters, and {LONGEST} are the limit"
    if not _FORM.fullmatch(name):
        return _malformed(name)
    return _reserved(name)


def _malformed(name: str) -> str:
    if not name.isascii():
        return "dbt takes letters from a to z, digits and underscores"
    if "-" in name:
        return "dbt takes no hyphen"
    if name[0].isdigit():
        return "dbt takes no digit at the beginning"
    if name != name.lower():
        return "engines fold upper case differently, so names are lower case"
    if name[0] == "_":
        return "it begins with an underscore, which some engines keep for hidden data"
    return "dbt takes letters from a to z, digits and underscores"


def _reserved(name: str) -> str | None:
    if name in _DBT:
        return "dbt uses that word itself"
    if name in SQL_WORDS:
        return "that is a word of SQL"
    if name in _TAKEN:
        return "the project's targets, schemas or folders use that word"
    if name.startswith("dbt_internal") or "__" in name:
        return "dbt separates parts of names with two underscores"
    return None


def _shown(name: str) -> str:
    short = name if len(name) <= LONGEST else f"{name[:LONGEST]}…"
    return f"'{short}'"
