"""A project of one's own, made from this repository: read the template, plan the files, write them.

    read_template  ->  plan (choose, rename, adapt)  ->  write

`plan` is pure: files by path in, files by path out. What stands only in a new project, or stands
there in the place of something, is in `overlay/`, under the template's own name like all else.

Three doors lead here: `analytics-tools new` into a folder, the same in place for `make init`, and
`copier/render.py` for copier. So nothing here imports more than Python's own library.
"""

from analytics_tools.template.checkout import tracked_files
from analytics_tools.template.names import check_name, suggested_name
from analytics_tools.template.planning import CI, NewProject, plan
from analytics_tools.template.source import read_template
from analytics_tools.template.tools import find_tools
from analytics_tools.template.warehouse import WAREHOUSES
from analytics_tools.template.writing import check_place, replace, write, write_file

__all__ = [
    "CI",
    "WAREHOUSES",
    "NewProject",
    "check_name",
    "check_place",
    "find_tools",
    "plan",
    "read_template",
    "replace",
    "suggested_name",
    "tracked_files",
    "write",
    "write_file",
]
