"""Models that are copies of one another."""

from __future__ import annotations

from analytics_tools.artifacts import Project


def same_code(project: Project) -> dict[str, tuple[str, ...]]:
    """Return the models of one package with the very same code and parents, by each one's id."""
    models, parents = project.models, project.parents
    siblings: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for uid, model in models.items():
        if parents[uid]:
            siblings.setdefault((model.package_name, parents[uid]), []).append(uid)
    alike: dict[tuple[str, str], list[str]] = {}
    for uids in siblings.values():
        for uid in uids if len(uids) > 1 else ():
            if models[uid].code:
                alike.setdefault((uids[0], models[uid].code), []).append(uid)
    return {uid: tuple(sorted(uids)) for uids in alike.values() if uids[1:] for uid in uids}


def same_text(project: Project) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the models by package and description, where more than one has the same."""
    alike: dict[tuple[str, str], list[str]] = {}
    for uid, model in project.models.items():
        if model.description:
            alike.setdefault((model.package_name, model.description), []).append(uid)
    return {key: tuple(sorted(uids)) for key, uids in alike.items() if len(uids) > 1}
