"""New things for a dbt project that exists: sources, models, metrics, snapshots, exposures.

    open_house  ->  plan_source | plan_model | ...  ->  write_all

A plan is pure: what is known of the project in, files out. It raises before anything is written.
"""

from analytics_tools.scaffold.answer import Added, Change
from analytics_tools.scaffold.house import House, open_house
from analytics_tools.scaffold.writing import write_all

__all__ = ["Added", "Change", "House", "open_house", "write_all"]
