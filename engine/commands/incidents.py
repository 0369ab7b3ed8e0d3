"""Resolve what stands still: try the failing element again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine import advance, incidents, jobs, messages, policies, recordings
from engine.bpmn.happenings import IncidentResolved
from engine.database import Read, fetch
from engine.errors import WrongState
from engine.incidents import Incident, IncidentState
from engine.instances import InstanceState
from engine.jobs import Job, JobState
from engine.parties import Actor


def resolve(session: Session, incident_key: int, *, by: Actor) -> None:
    """Try again. Raises NotFound, WrongState (resolved before; a job without retries: set them first)."""
    policies.require(policies.may_resolve_incident(by))
    step, incident = advance.locked_with(session, Incident, incident_key, by=by, command="incident resolved", what="an incident")
    if incident.state != IncidentState.ACTIVE or step.instance_row.state != InstanceState.ACTIVE:
        raise WrongState(f"Expected incident {incident_key} to be active, found it {incident.state}.")
    note = {"resolve": incident.element_id, "where": recordings.incident_apart(session, incident)}
    recordings.note(session, incident.case_key, by, note)
    if incident.job_key is not None:
        (found,) = fetch(session, Read(Job, "WHERE key = ?", [incident.job_key]))
        if found[0].state == JobState.FAILED:
            if found[0].retries < 1:
                raise WrongState(f"Expected job {incident.job_key} to have retries, found none: set them first.")
            jobs.offer_again(step, found[0])
        incidents.close_one(step, step.adopt(step.instance_row), incident_key)
        step.finish()
    elif incident.error_type == messages.NOT_DELIVERED and messages.hand_over_again(step, incident):
        incidents.close_one(step, step.adopt(step.instance_row), incident_key)
        step.finish()
    else:
        advance.tell(step, step.instance_row, IncidentResolved(incident_key))
