"""A project of one's own, made from this repository: read the template, plan the files, write them.

    read_template  ->  plan (choose, rename, adapt)  ->  write

`plan` is pure: files by path in, files by path out. What stands only in a new project, or stands
there in the place of something, is in `overlay/`, under the template's own name like all else.
"""

from analytics_tools.template.names import check_name, suggested_name
from analytics_tools.template.planning import CI, WAREHOUSES, NewProject, plan
from analytics_tools.template.source import read_template
from analytics_tools.template.tools import tools_requirement
from analytics_tools.template.writing import check_place, write

__all__ = [
    "CI",
    "WAREHOUSES",
    "NewProject",
    "check_name",
    "check_place",
    "plan",
    "read_template",
    "suggested_name",
    "tools_requirement",
    "write",
]
