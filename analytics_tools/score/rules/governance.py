"""Can those outside rely on the model, and do they know whom to ask?"""

from __future__ import annotations

from operator import attrgetter

from analytics_tools.artifacts import Model
from analytics_tools.layers import Layer
from analytics_tools.score import among
from analytics_tools.score.facts import Facts
from analytics_tools.score.model import Area, Finding
from analytics_tools.score.names import owner_of
from analytics_tools.score.pii import is_marked, is_masked, speaks_of_a_person
from analytics_tools.score.registry import rule
from analytics_tools.words import counted, listed


@rule("GOV001", Area.GOVERNANCE, 6, among=among.public)
def public_model_has_contract(model: Model, _facts: Facts) -> Finding | None:
    """A public model has an enforced contract.

    Public says: build on this. A contract makes dbt hold to the columns and types promised.

    Bad:
        config: {access: public}
    Good:
        config: {access: public, contract: {enforced: true}}
    Fix: set contract: {enforced: true} and give every column a data_type.
    """
    if model.has_contract:
        return None
    return Finding(
        points=6,
        message="the model is public, but no contract is enforced",
        fix="set contract: {enforced: true} and give every column a data_type",
    )


@rule("GOV002", Area.GOVERNANCE, 4, among=among.public)
def public_model_has_owner(model: Model, _facts: Facts) -> Finding | None:
    """A public model has an owner: a group, or `owner` in meta.

    Somebody has to decide when people outside ask for a change.

    Bad:
        config: {access: public}
    Good:
        config: {access: public, group: finance}
    Fix: give it a group, or meta: {owner: ...}.
    """
    if owner_of(model):
        return None
    return Finding(
        points=4,
        message="the model is public, but names neither a group nor an owner",
        fix="give it a group, or meta: {owner: ...}",
    )


@rule("GOV003", Area.GOVERNANCE, 5, among=among.models(attrgetter("deprecation_date")))
def deprecated_model_is_gone(model: Model, facts: Facts) -> Finding | None:
    """A model past its deprecation date is gone, and nobody reads it.

    The date is compared with the day the manifest was written. Costs 5 points with readers, 3
    without.

    Bad:
        deprecation_date: 2020-01-01   # and fct_orders still reads it
    Good:
        the readers moved to the new version, and the file is removed
    Fix: move its readers to what replaces it, then remove it.
    """
    date = (model.deprecation_date or "")[:10]
    if not date or date >= facts.project.generated_at[:10]:
        return None
    models = facts.project.models
    readers = [uid for uid in facts.readers_of(model) if uid in models]
    if not readers:
        return Finding(
            points=3,
            message=f"deprecated since {date}, and nothing reads it any more",
            fix="remove the model",
        )
    names = [models[uid].label for uid in readers]
    return Finding(
        points=5,
        message=f"deprecated since {date}, and still read by {counted(len(names), 'model')}: "
        + listed(names),
        fix="move its readers to what replaces it, then remove it",
        nodes=tuple(readers),
    )


@rule("GOV004", Area.GOVERNANCE, 6, among=among.annotated_for_outsiders)
def personal_data_is_masked(model: Model, facts: Facts) -> Finding | None:
    """A column declared personal is masked where people outside read it.

    Speaks of marts, public models and those under an exposure. Declared personal is a column whose
    meta (`pii`, `contains_pii`, `sensitive`, `classification`) or tags say so. A mask is told by
    its meta (`masked`, `masking_policy`, ...), its name (`email_hash`) or the code
    (`mask_pii(email)`). Costs 3 points for each.

    Bad:
        - name: email
          config: {meta: {contains_pii: true}}
    Good:
        - name: email
          config: {meta: {contains_pii: true, masking_policy: email_mask}}
    Fix: hash or mask the column, leave it out, or name its masking policy in meta.
    """
    personal = [column for column in facts.annotated(model) if is_marked(column)]
    bare = [column.name for column in personal if not is_masked(column, model.code)]
    if not bare:
        return None
    return Finding(
        points=3 * len(bare),
        message=f"{counted(len(bare), 'personal column')} without a mask: {listed(bare)}",
        fix="hash or mask them, leave them out, or name their masking policy in meta",
        columns=tuple(bare),
    )


@rule("GOV005", Area.GOVERNANCE, 3, among=among.for_outsiders)
def personal_data_is_declared(model: Model, facts: Facts) -> Finding | None:
    """A column whose name speaks of a person says whether it is personal data.

    Names like `email`, `phone_number` or `date_of_birth`, in marts, public models and those under
    an exposure. Only where the project marks columns at all: elsewhere it has no such convention.
    Costs a point for each.

    Bad:
        - name: email
    Good:
        - name: email
          config: {meta: {contains_pii: true}}
    Fix: say in the column's meta whether it is personal, as elsewhere in the project.
    """
    if not facts.marks_personal_data:
        return None
    columns = facts.columns(model)
    bare = [
        name
        for key, name in columns.names.items()
        if speaks_of_a_person(name)
        and (key not in columns.declared or is_marked(columns.declared[key]) is None)
    ]
    if not bare:
        return None
    return Finding(
        points=len(bare),
        message=f"{counted(len(bare), 'column')} may be personal data, and nothing says whether: "
        + listed(bare),
        fix="say in the column's meta whether it is personal, as elsewhere in the project",
        columns=tuple(bare),
    )


@rule("GOV006", Area.GOVERNANCE, 3, among=among.models(lambda one: one.version is not None))
def old_version_has_an_end(model: Model, _facts: Facts) -> Finding | None:
    """A version that is not the latest has a deprecation date.

    Old versions are there so that readers can move in time. Without a date nobody does. Versions
    newer than the latest are previews and need none.

    Bad:
        latest_version: 2
        versions: [{v: 1}, {v: 2}]
    Good:
        latest_version: 2
        versions: [{v: 1, deprecation_date: 2030-01-31}, {v: 2}]
    Fix: set deprecation_date on the old version, and tell its readers.
    """
    version, latest = model.version, model.latest_version
    if version is None or latest is None or model.deprecation_date:
        return None
    try:
        is_old = float(version) < float(latest)
    except (TypeError, ValueError):
        return None  # names have no order
    if not is_old:
        return None
    return Finding(
        points=3,
        message=f"version {version} is older than the latest ({latest}) and has no end",
        fix="set deprecation_date on it, and tell its readers",
    )


@rule("GOV007", Area.GOVERNANCE, 2, among=among.under_exposures)
def exposures_have_owners(model: Model, facts: Facts) -> Finding | None:
    """The exposures on the model name an owner.

    When the model breaks, somebody has to be told before they find out by themselves.

    Bad:
        exposures: [{name: sales_board, type: dashboard}]
    Good:
        exposures: [{name: sales_board, type: dashboard, owner: {email: sales@example.com}}]
    Fix: add the owner, with an address that is read.
    """
    bare = [one for one in facts.exposures_of(model) if not one.owner or not str(one.owner)]
    if not bare:
        return None
    return Finding(
        points=2,
        message=f"{counted(len(bare), 'exposure')} on it without owner: "
        + listed([one.name for one in bare]),
        fix="add the owner, with an address that is read",
        nodes=tuple(one.unique_id for one in bare),
        file=bare[0].original_file_path,
    )


@rule("GOV008", Area.GOVERNANCE, 2, layers=(Layer.MARTS,))
def mart_has_owner_like_others(model: Model, facts: Facts) -> Finding | None:
    """A mart has an owner where nearly all marts of the project have one.

    At least four of five marts of the package name a group or an owner, this one doesn't: it was
    forgotten. Silent elsewhere, for then it is not the project's way.

    Bad:
        nine marts with config: {group: finance}, and a tenth without
    Good:
        all ten with a group
    Fix: give it a group or an owner like its neighbours.
    """
    if owner_of(model):
        return None
    marts, owned = facts.owned_marts.get(model.package_name, (0, 0))
    if model.is_public or marts < 5 or owned * 5 < marts * 4:
        return None
    return Finding(
        points=2,
        message=f"{owned} of {marts} marts name an owner; this one doesn't",
        fix="give it a group or an owner like its neighbours",
    )
