"""Who may see and do what: one table of operation and role, pure questions, and beside each question about a row the list filter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, false, or_, select, true, type_coerce, union_all
from sqlalchemy.orm import aliased

from engine import (  # the modules, not what is in them: these ask us before they are whole
    cases,
    decisions,
    documents,
    handoffs,
    instances,
    ledger,
    links,
    parties,
    people,
    tasks,
    variables,
)
from engine.errors import NotAllowed
from engine.parties import Actor, Role

ADMIN, MODELLER, OPERATOR, MEMBER, WORKER = Role.ADMIN, Role.MODELLER, Role.OPERATOR, Role.MEMBER, Role.WORKER
PLATFORM_ROLE = "platform"  # the installation itself: the command line, demo, the background
_ALL = frozenset({ADMIN, MODELLER, OPERATOR, MEMBER, WORKER})

# Operation -> roles that may ask for it at all. What of it they see is the business of the filters below.
# Default is no: an operation that does not stand here is nobody's.
OPERATIONS: Mapping[str, frozenset[Role]] = {
    "see installation": _ALL,
    "see processes": _ALL,
    "deploy": frozenset({ADMIN, MODELLER}),
    "start instances": frozenset({ADMIN, OPERATOR, MEMBER, WORKER}),
    "cancel instances": frozenset({ADMIN, OPERATOR}),
    "see instances": frozenset({ADMIN, MODELLER, OPERATOR, MEMBER}),
    "see tasks": frozenset({ADMIN, MODELLER, OPERATOR, MEMBER}),
    "work on tasks": frozenset({ADMIN, OPERATOR, MEMBER}),
    "manage tasks": frozenset({ADMIN, OPERATOR}),
    "see variables": frozenset({ADMIN, MODELLER, OPERATOR, MEMBER}),
    "see documents": frozenset({ADMIN, OPERATOR, MEMBER, WORKER}),
    "hand in documents": frozenset({ADMIN, OPERATOR, MEMBER, WORKER}),
    "set variables": frozenset({ADMIN, OPERATOR}),
    "see jobs": frozenset({ADMIN, MODELLER, OPERATOR}),
    "work on jobs": frozenset({ADMIN, WORKER}),
    "change jobs": frozenset({ADMIN, OPERATOR, WORKER}),
    "see incidents": frozenset({ADMIN, MODELLER, OPERATOR, MEMBER}),
    "resolve incidents": frozenset({ADMIN, OPERATOR}),
    "send messages": frozenset({ADMIN, OPERATOR, WORKER}),
    "see decisions": frozenset({ADMIN, MODELLER, OPERATOR}),
    "evaluate decisions": frozenset({ADMIN, MODELLER, OPERATOR, WORKER}),
    "evaluate expressions": frozenset({ADMIN, MODELLER, OPERATOR}),
    "set the clock": frozenset({ADMIN}),
    "see parties": frozenset({ADMIN, MODELLER, OPERATOR, MEMBER}),
    "manage parties": frozenset({ADMIN, MODELLER}),  # the process owner's: with whom the work is shared
    "manage people": frozenset({ADMIN}),
    "see the outbox": frozenset({ADMIN, OPERATOR}),
    "manage the outbox": frozenset({ADMIN, OPERATOR}),
    "see cases": frozenset({ADMIN, MODELLER, OPERATOR, MEMBER}),
    "see handoffs": frozenset({ADMIN, MODELLER, OPERATOR, MEMBER}),
    "work on handoffs": frozenset({ADMIN, OPERATOR, MEMBER}),
    "bind roles": frozenset({ADMIN, OPERATOR, MEMBER}),
    "see disclosures": frozenset({ADMIN, OPERATOR, MEMBER}),
    "see links": frozenset({ADMIN, OPERATOR, MEMBER}),
    "see insights": frozenset({ADMIN, MODELLER, OPERATOR}),  # figures of everybody's work
    "erase cases": frozenset({ADMIN}),
    "watch cases": frozenset({ADMIN, MODELLER, OPERATOR}),  # where their tokens stand; values by their own filters
    "run trials": frozenset({ADMIN, MODELLER, OPERATOR}),
    "see drafts": frozenset({ADMIN, MODELLER, OPERATOR}),
    "edit drafts": frozenset({ADMIN, MODELLER}),
}

_SEES_ALL = frozenset({ADMIN, OPERATOR, PLATFORM_ROLE})


def require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed()


def may(actor: Actor, operation: str) -> bool:
    return PLATFORM_ROLE in actor.roles or not actor.roles.isdisjoint(OPERATIONS.get(operation, frozenset()))


def may_deploy(actor: Actor) -> bool:
    return may(actor, "deploy")


def visible_drafts(actor: Actor) -> ColumnElement[bool]:
    """All of them: modellers draw together."""
    return true() if may(actor, "see drafts") else false()


def may_edit_drafts(actor: Actor) -> bool:
    return may(actor, "edit drafts")


def may_cancel(actor: Actor, instance: Any) -> bool:
    return may(actor, "cancel instances")


def may_work_jobs(actor: Actor) -> bool:
    return may(actor, "work on jobs")


def may_update_jobs(actor: Actor) -> bool:
    return may(actor, "change jobs")


def may_evaluate_decisions(actor: Actor) -> bool:
    return may(actor, "evaluate decisions")


def may_publish(actor: Actor) -> bool:
    return may(actor, "send messages")


def may_resolve_incident(actor: Actor) -> bool:
    return may(actor, "resolve incidents")


def may_set_variables(actor: Actor) -> bool:
    return may(actor, "set variables")


def may_set_clock(actor: Actor) -> bool:
    return may(actor, "set the clock")


def may_manage_people(actor: Actor) -> bool:
    return may(actor, "manage people")


# -- the directory ------------------------------------------------------------------------------------------------

_SEES_CUSTOMERS = frozenset({ADMIN, MODELLER, OPERATOR, PLATFORM_ROLE})


def may_manage_parties(actor: Actor) -> bool:
    return may(actor, "manage parties")


def may_see_party(actor: Actor, party: Any) -> bool:
    """Who keeps the directory sees all; other people of the host no customers; an outsider its own party and the host."""
    if actor.party_key is not None:
        return party.key in (actor.party_key, parties.HOST_KEY)
    return bool(actor.roles & _SEES_CUSTOMERS) or (may(actor, "see parties") and party.kind != parties.PartyKind.CUSTOMER)


def visible_parties(actor: Actor) -> ColumnElement[bool]:
    if actor.party_key is not None:
        return parties.Party.key.in_((actor.party_key, parties.HOST_KEY))
    if actor.roles & _SEES_CUSTOMERS:
        return true()
    return parties.Party.kind != parties.PartyKind.CUSTOMER if may(actor, "see parties") else false()


def may_manage_people_of(actor: Actor, party_key: int | None) -> bool:
    """Accounts of the host (None), with roles and groups: who manages people. Those of other parties: who manages parties."""
    return may_manage_people(actor) or (party_key is not None and may_manage_parties(actor))


def manageable_people(actor: Actor) -> ColumnElement[bool]:
    if may_manage_people(actor):
        return true()
    return people.Person.party_key.is_not(None) if may_manage_parties(actor) else false()


def visible_names(actor: Actor) -> ColumnElement[bool]:
    """People who are called by their names: for somebody of another party its own people, whoever else acted is somebody."""
    return true() if actor.party_key is None else people.Person.party_key == actor.party_key


def may_manage_outbox(actor: Actor) -> bool:
    return may(actor, "manage the outbox")


def visible_notifications(actor: Actor) -> ColumnElement[bool]:
    """With addresses: who looks after the installation."""
    return true() if may(actor, "see the outbox") else false()


# -- processes ----------------------------------------------------------------------------------------------------


def may_start(actor: Actor, process: Any) -> bool:
    """People of the host and programs start any process; an outsider those of the pools that it belongs to.

    A customer plays every customer's pool, a partner the pools that name it.
    """
    if may(actor, "start instances"):
        return True
    if actor.party_kind is not None and process.starter_kind == actor.party_kind:
        is_named = actor.party_id is not None and process.starter_party_id == actor.party_id
        return bool(actor.party_kind == parties.PartyKind.CUSTOMER or is_named)
    return process.pool is not None and tasks.group_id_of(process.pool) in actor.groups


def may_start_publicly(process: Any) -> bool:
    """Anybody, once an e-mail address is proven: where the model says so of a customer's pool."""
    return bool(process.has_public_start) and bool(process.starter_kind == parties.PartyKind.CUSTOMER)


# -- tasks --------------------------------------------------------------------------------------------------------


def was_offered_task(actor: Actor, task: Any) -> bool:
    """Also after it was done: who came too late is told so, not sent away."""
    return _acts_for_people(actor) and _is_among_candidates(actor, task)


def _acts_for_people(actor: Actor) -> bool:
    return actor.is_person or actor.is_guest


def _is_offered_to(actor: Actor, task: Any) -> bool:
    return bool(task.state == tasks.TaskState.CREATED) and _is_among_candidates(actor, task)


def _is_among_candidates(actor: Actor, task: Any) -> bool:
    if actor.is_guest:
        return task.party_key == actor.party_key and not actor.handoff_keys.isdisjoint(tasks.handoffs_of(task))
    if actor.party_key is not None and task.party_key == actor.party_key:
        return True
    return actor.username in (task.candidate_users or ()) or not actor.groups.isdisjoint(task.candidate_groups or ())


def may_see_task(actor: Actor, task: Any) -> bool:
    """Whoever sees all; the people of the party whose work it is, and the guests to whom it was handed over; else the people whose
    task it is or was, and those whom an open one is offered to."""
    if actor.roles & _SEES_ALL:
        return True
    if actor.is_guest or (actor.party_key is not None and task.party_key == actor.party_key):
        return _acts_for_people(actor) and _is_among_candidates(actor, task)
    if not actor.is_person:
        return False
    return actor.username in (task.assignee, task.completed_by) or _is_offered_to(actor, task)


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    if actor.roles & _SEES_ALL:
        return true()
    if actor.is_guest:
        stands_in = [tasks.stands_in(key) for key in sorted(actor.handoff_keys)]
        return and_(tasks.Task.party_key == actor.party_key, or_(*stands_in)) if stands_in else false()
    if not actor.is_person:
        return false()
    return tasks.Task.key.in_(_own_tasks(actor, lambda task: task.key))


def _own_tasks(actor: Actor, column: Callable[[Any], Any]) -> Any:
    """A column of the tasks that are or were the actor's, or are offered to it. Each kind by its own index: none serves an OR of them."""
    task = aliased(tasks.Task)
    to_me = or_(
        and_(tasks.TaskCandidate.kind == "user", tasks.TaskCandidate.name == actor.username),
        and_(tasks.TaskCandidate.kind == "group", tasks.TaskCandidate.name.in_(sorted(actor.groups))),
    )
    offered = and_(tasks.is_open(task), task.key.in_(select(tasks.TaskCandidate.task_key).where(to_me)))
    done_for_others = and_(task.completed_by == actor.username, tasks.is_done_by_another(task))
    kinds = [task.assignee == actor.username, done_for_others, offered]
    if actor.party_key is not None:
        kinds.append(task.party_key == actor.party_key)
    return union_all(*(select(column(task)).where(kind) for kind in kinds))


def may_claim_task(actor: Actor, task: Any) -> bool:
    if may(actor, "manage tasks"):
        return True
    return actor.is_person and (task.assignee == actor.username or _is_offered_to(actor, task))


def may_complete_task(actor: Actor, task: Any) -> bool:
    """The assignee; while nobody has it also those whom it is offered to; and who manages tasks."""
    if may(actor, "manage tasks"):
        return True
    if actor.is_person and task.assignee == actor.username:
        return True
    return _acts_for_people(actor) and task.assignee is None and _is_among_candidates(actor, task)


def may_assign_task(actor: Actor, task: Any, assignee: str | None) -> bool:
    """To anybody: who manages tasks. To oneself, or giving back one's own: as with claiming."""
    if may(actor, "manage tasks"):
        return True
    if assignee is None:
        return actor.is_person and task.assignee == actor.username
    return assignee == actor.username and task.assignee in (None, actor.username) and may_claim_task(actor, task)


def may_update_task(actor: Actor, task: Any) -> bool:
    return may(actor, "manage tasks")


# -- cases and what lies in them ----------------------------------------------------------------------------------


def may_see_case(actor: Actor, case: Any, its_tasks: list[Any], its_handoffs: Iterable[Any] = ()) -> bool:
    """Whoever sees all; else who started it, who may see one of `its_tasks`, and who belongs to a side of one of `its_handoffs`."""
    if actor.roles & _SEES_ALL:
        return True
    if not _acts_for_people(actor):
        return False
    if actor.is_person and case.started_by == actor.id:
        return True
    return any(may_see_task(actor, task) for task in its_tasks) or any(_is_a_side(actor, handoff) for handoff in its_handoffs)


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    if actor.roles & _SEES_ALL:
        return true()
    if not _acts_for_people(actor):
        return false()
    case = aliased(cases.Case)
    started = select(case.key).where(case.started_by == actor.id)
    passed = select(handoffs.Handoff.case_key).where(_sides_of(actor))
    if actor.is_guest:
        return cases.Case.key.in_(union_all(select(tasks.Task.case_key).where(visible_tasks(actor)), passed))
    return cases.Case.key.in_(union_all(started, passed, *_own_tasks(actor, lambda task: task.case_key).selects))


# -- handoffs -----------------------------------------------------------------------------------------------------


def _is_of_the_host(actor: Actor) -> bool:
    """A colleague, not somebody from outside who is in a group: customers share one, and must not see each other."""
    return actor.party_key is None and may(actor, "see tasks")


def _is_a_side(actor: Actor, handoff: Any) -> bool:
    if actor.is_guest:
        return handoff.key in actor.handoff_keys
    if actor.party_key is not None:
        return actor.party_key in (handoff.from_party_key, handoff.to_party_key)
    return _is_of_the_host(actor) and handoff.from_party_key is None and handoff.from_group in actor.groups


def _sides_of(actor: Actor) -> ColumnElement[bool]:
    handoff = handoffs.Handoff
    if actor.is_guest:
        return handoff.key.in_(sorted(actor.handoff_keys))
    if actor.party_key is not None:
        return or_(handoff.from_party_key == actor.party_key, handoff.to_party_key == actor.party_key)
    if not _is_of_the_host(actor):
        return false()
    return and_(handoff.from_party_key.is_(None), handoff.from_group.in_(sorted(actor.groups)))


def may_see_handoff(actor: Actor, handoff: Any, its_tasks: Iterable[Any] = ()) -> bool:
    """Whoever sees all; the two sides: people of its parties, the sender's group, whoever got work by it."""
    if actor.roles & _SEES_ALL:
        return True
    if not _acts_for_people(actor):
        return False
    got = (task for task in its_tasks if handoff.key in tasks.handoffs_of(task))
    return _is_a_side(actor, handoff) or any(may_see_task(actor, task) for task in got)


def visible_handoffs(actor: Actor) -> ColumnElement[bool]:
    if actor.roles & _SEES_ALL:
        return true()
    if not _acts_for_people(actor):
        return false()
    its_case = tasks.Task.case_key == handoffs.Handoff.case_key
    by_work = exists(select(tasks.Task.key).where(its_case, tasks.stands_in(handoffs.Handoff.key), visible_tasks(actor)))
    return or_(_sides_of(actor), by_work)


def sent_by(actor: Actor) -> ColumnElement[bool]:
    """What the actor's side has passed on: the list filter of `may_send_again`."""
    if may(actor, "manage tasks"):
        return true()
    if not actor.is_person:
        return false()
    if actor.party_key is not None:
        return handoffs.Handoff.from_party_key == actor.party_key
    return _sides_of(actor)


def may_send_again(actor: Actor, handoff: Any) -> bool:
    """Also remind, and give up: the sender's people, and who manages tasks."""
    return may(actor, "manage tasks") or (actor.is_person and _is_a_side(actor, handoff) and actor.party_key == handoff.from_party_key)


def may_give_up(actor: Actor, handoff: Any) -> bool:
    """End the whole case after a no: the sender's people, where they are the host's. A partner never ends what is not its own."""
    return may_send_again(actor, handoff) and actor.party_key is None


def may_bind_role(actor: Actor, case: Any, its_tasks: list[Any]) -> bool:
    """People of the host who take part in the case say who gets the work."""
    return may(actor, "manage tasks") or (actor.party_key is None and may(actor, "see parties") and may_see_case(actor, case, its_tasks))


# -- what was disclosed, and by which doors -----------------------------------------------------------------------


def may_see_disclosure(actor: Actor, disclosure: Any, handoff: Any, its_tasks: Iterable[Any] = ()) -> bool:
    """Whoever may see the handoff that carried it: the two sides, who have the values anyway."""
    return may_see_handoff(actor, handoff, its_tasks) and bool(disclosure.handoff_key == handoff.key)


def visible_disclosures(actor: Actor) -> ColumnElement[bool]:
    if actor.roles & _SEES_ALL:
        return true()
    found: ColumnElement[bool] = ledger.Disclosure.handoff_key.in_(select(handoffs.Handoff.key).where(visible_handoffs(actor)))
    return found


def may_see_sensitive(actor: Actor) -> bool:
    """Values of sensitive fields outside the task that needs them: nobody, whatever their role."""
    return PLATFORM_ROLE in actor.roles


def may_see_sensitive_in(actor: Actor, task: Any) -> bool:
    """Within a task: whoever has it, or could take it, while it is open. Who manages tasks takes it first, which is written down."""
    if may_see_sensitive(actor):
        return True
    if actor.is_person and task.assignee is not None:
        return bool(task.state == tasks.TaskState.CREATED and task.assignee == actor.username)
    return _acts_for_people(actor) and _is_offered_to(actor, task)


def may_see_link(actor: Actor, link: Any, handoff: Any | None) -> bool:
    """Addresses stand in it: the sender's people, and who manages tasks."""
    return may(actor, "manage tasks") or (handoff is not None and link.handoff_key == handoff.key and may_send_again(actor, handoff))


def visible_links(actor: Actor) -> ColumnElement[bool]:
    if may(actor, "manage tasks"):
        return true()
    if not actor.is_person:
        return false()
    handoff = handoffs.Handoff
    if actor.party_key is not None:
        sent = handoff.from_party_key == actor.party_key
    else:
        sent = _sides_of(actor)
    found: ColumnElement[bool] = links.Link.handoff_key.in_(select(handoff.key).where(sent))
    return found


def visible_figures(actor: Actor) -> ColumnElement[bool]:
    """Times of any case, without its values: process owners too."""
    return true() if may(actor, "see insights") else false()


def may_erase_case(actor: Actor) -> bool:
    return may(actor, "erase cases")


def visible_instances(actor: Actor) -> ColumnElement[bool]:
    """Instances of cases that the actor may see. Modellers see all, but no values (see variables.py of the API)."""
    if actor.roles & (_SEES_ALL | {MODELLER}):
        return true()
    return instances.Instance.case_key.in_(select(cases.Case.key).where(visible_cases(actor)))


def visible_decision_instances(actor: Actor) -> ColumnElement[bool]:
    """Values went in and came out. Answers given outside of processes are nobody's case: whoever may see decisions at all sees them."""
    own = decisions.DecisionInstance.instance_key
    return or_(own.is_(None), _values_of(actor, own))


def visible_by_instance(actor: Actor, instance_key: Any) -> ColumnElement[bool]:
    """The filter for rows that belong to an instance: elements, variables, incidents, jobs."""
    if actor.roles & (_SEES_ALL | {MODELLER}):
        return true()
    found: ColumnElement[bool] = instance_key.in_(select(instances.Instance.key).where(visible_instances(actor)))
    return found


def visible_values(actor: Actor) -> ColumnElement[bool]:
    """Variables whose values the actor may see: for people of the host those of their cases, for an outsider those of its own side."""
    return _values_of(actor, variables.Variable.instance_key)


def _values_of(actor: Actor, instance_key: Any) -> ColumnElement[bool]:
    if actor.roles & _SEES_ALL:
        return true()
    if not actor.is_person:
        return false()
    if actor.roles:
        mine = select(instances.Instance.key).join(cases.Case, cases.Case.key == instances.Instance.case_key).where(visible_cases(actor))
        found: ColumnElement[bool] = instance_key.in_(mine)
        return found
    begun = select(cases.Case.first_instance_key).where(cases.Case.started_by == actor.id)
    return or_(instance_key.in_(begun), instance_key.in_(select(tasks.Task.instance_key).where(visible_tasks(actor))))


# -- documents ----------------------------------------------------------------------------------------------------


def may_see_document(
    actor: Actor,
    document: Any,
    case: Any,
    its_tasks: list[Any],
    named_in: frozenset[int],
    *,
    disclosures: Iterable[Any] = (),
    its_handoffs: Iterable[Any] = (),
) -> bool:
    """Whoever handed it in; and, once it is part of a case, whoever may see a value that names it.

    A partner or customer: what its own people handed in, and what a contract's field of type `file` disclosed to it.
    `case`: the document's, None while it is pending; `named_in`: the instances of the case with a variable that names it;
    `disclosures`: those of the case with a field of type `file` that names it.
    """
    if document.uploaded_by == actor.id:
        return True
    if case is None:
        return False
    if actor.roles & _SEES_ALL:
        return True
    if actor.party_key is not None:
        open_to_guest = actor.handoff_keys.intersection(handoff.key for handoff in its_handoffs)
        ours = document.party_key == actor.party_key and (bool(open_to_guest) or not actor.is_guest)
        given = [one for one in disclosures if one.party_key == actor.party_key]
        return ours or any(one.handoff_key in actor.handoff_keys or not actor.is_guest for one in given)
    if not actor.is_person:
        return False
    if actor.roles:
        return bool(named_in) and may_see_case(actor, case, its_tasks, its_handoffs)
    side = {task.instance_key for task in its_tasks if may_see_task(actor, task)}
    if case.started_by == actor.id:
        side.add(case.first_instance_key)
    return not side.isdisjoint(named_in)


def visible_documents(actor: Actor) -> ColumnElement[bool]:
    row = documents.Document
    own, of_a_case = row.uploaded_by == actor.id, row.case_key.is_not(None)
    if actor.roles & _SEES_ALL:
        return or_(own, of_a_case)
    if actor.party_key is not None:
        return or_(own, _handed_in_by_party(actor), _disclosed_to_party(actor))
    if not actor.is_person:
        return own
    naming = select(variables.Variable.key).join(instances.Instance, instances.Instance.key == variables.Variable.instance_key)
    here = and_(instances.Instance.case_key == row.case_key, _names_it(variables.Variable.value), visible_values(actor))
    return or_(own, exists(naming.where(here).correlate(row)))


def _names_it(value: Any) -> ColumnElement[bool]:
    # as json_text writes it; a text that only looks like a reference has its quotation marks escaped, and without the
    # hash nobody can write one of a file that was never shown to them
    row = documents.Document
    return and_(value.contains('"documentId":"' + cast(row.key, String) + '"'), value.contains('"contentHash":"' + row.sha256 + '"'))


def named_by(instance_key: int, names: Iterable[str]) -> ColumnElement[bool]:
    """Documents that stand in these variables of an instance already."""
    variable = variables.Variable
    here = select(variable.key).where(variable.instance_key == instance_key, variable.name.in_(list(names)), _names_it(variable.value))
    return exists(here.correlate(documents.Document))


def _handed_in_by_party(actor: Actor) -> ColumnElement[bool]:
    row, handoff = documents.Document, handoffs.Handoff
    ours = and_(row.case_key.is_not(None), row.party_key == actor.party_key)
    if not actor.is_guest:
        return ours
    its_case = select(handoff.key).where(handoff.case_key == row.case_key, handoff.key.in_(sorted(actor.handoff_keys)))
    return and_(ours, exists(its_case.correlate(row)))


def _disclosed_to_party(actor: Actor) -> ColumnElement[bool]:
    row, disclosure = documents.Document, ledger.Disclosure
    to_it = [disclosure.case_key == row.case_key, disclosure.party_key == actor.party_key, disclosure.type == "file"]
    if actor.is_guest:
        to_it.append(disclosure.handoff_key.in_(sorted(actor.handoff_keys)))
    told = select(disclosure.key).where(*to_it, _names_it(type_coerce(disclosure.value, String)))
    return exists(told.correlate(row))


def usable_documents(actor: Actor) -> ColumnElement[bool]:
    """Files of a case that the actor may pass on in it: what it sees; for a program that works on jobs, any whose hash it was given."""
    return true() if may_work_jobs(actor) else visible_documents(actor)
