"""A claim that crosses from an insurer's front desk to a garage and back: what tests of mails, links and guests begin with."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock, database, deployments, json_text, parties
from engine.cases import Case
from engine.commands import cases
from engine.commands import tasks as task_commands
from engine.handoffs import Handoff
from engine.parties import PLATFORM, Party
from engine.tasks import Task

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # a Monday

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:handoff="urn:passerelle:handoff:1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">
  <collaboration id="together"><participant id="insurer" name="Insurer" processRef="claim"/></collaboration>
  <process id="claim" name="Claim" isExecutable="true">
    <extensionElements><handoff:case title="=plate"/></extensionElements>
    <laneSet id="lanes">
      <lane id="desk" name="Front desk"><flowNodeRef>begin</flowNodeRef><flowNodeRef>check</flowNodeRef><flowNodeRef>decide</flowNodeRef><flowNodeRef>done</flowNodeRef></lane>
      <lane id="garage" name="Garage">
        <extensionElements><handoff:party kind="partner" role="garage" partyId="garage-martin"/></extensionElements>
        <flowNodeRef>estimate</flowNodeRef>
      </lane>
    </laneSet>
    <startEvent id="begin"/>
    <sequenceFlow id="f1" sourceRef="begin" targetRef="check"/>
    <userTask id="check" name="Check the report"/>
    <sequenceFlow id="out" sourceRef="check" targetRef="estimate">
      <extensionElements>
        <handoff:contract acceptWithin="P2D" completeWithin="P7D" {assurance}>
          <handoff:field name="plate" type="string" required="true"/>
        </handoff:contract>
      </extensionElements>
    </sequenceFlow>
    <userTask id="estimate" name="Estimate the damage"><extensionElements><zeebe:formDefinition formId="garage-estimate"/></extensionElements></userTask>
    <sequenceFlow id="back" sourceRef="estimate" targetRef="decide">
      <extensionElements>
        <handoff:contract>
          <handoff:field name="hours" type="number" required="true"/>
          <handoff:field name="iban" type="string" sensitive="true"/>
          <handoff:field name="offer" type="file"/>
        </handoff:contract>
      </extensionElements>
    </sequenceFlow>
    <userTask id="decide" name="Decide"/>
    <sequenceFlow id="f4" sourceRef="decide" targetRef="done"/>
    <endEvent id="done"/>
  </process>
</definitions>"""

FORM = {
    "id": "garage-estimate",
    "type": "default",
    "components": [
        {"type": "text", "text": "### {{plate}}"},
        {"type": "number", "key": "hours", "label": "Hours of work", "validate": {"required": True, "min": 0}, "i18n": {"fr": {"label": "Heures"}}},
        {"type": "textarea", "key": "note", "label": "Note"},
        {"type": "textfield", "key": "iban", "label": "IBAN"},
        {"type": "filepicker", "key": "offer", "label": "Your offer", "multiple": True},
    ],
}
GARAGE = {
    "party_id": "garage-martin",
    "name": "Garage Martin",
    "kind": "partner",
    "language": "en",
    "time_zone": "Europe/Paris",
    "contacts": [{"name": "Paul Martin", "email": "paul@garage.example"}],
}
PLATE = "AB-123-CD"


class Claims:
    """Reported by the platform itself, passed on by it: what matters here is what the garage gets."""

    def __init__(self, engine: Any, *, assurance: str = "link", at: datetime = NOW, **garage: Any) -> None:
        self.engine = engine
        if clock.is_test():
            self.write(lambda session: clock.pin(session, at))
        self.write(self._furnish)
        self.garage = int(self.write(lambda session: parties.save(session, GARAGE | garage, by=PLATFORM).key))
        model = MODEL.replace("{assurance}", f'assurance="{assurance}"')
        files = [("claim.bpmn", model.encode()), ("garage-estimate.form", json_text.dump_bytes(FORM))]
        self.write(lambda session: deployments.deploy(session, files, by=PLATFORM))

    def _furnish(self, session: Session) -> None:
        host = parties.host(session)
        host.name, host.contacts = "Assurances du Pont", [{"name": "Fanny Roux", "email": "fanny@pont.example"}]

    def deploy(self, model: str) -> None:
        """Another model, or a newer version, of the same installation."""
        named = [("model.bpmn", model.replace("{assurance}", "").encode())]
        self.write(lambda session: deployments.deploy(session, named, by=PLATFORM))

    def write(self, work: Any) -> Any:
        with Session(self.engine) as session:
            return database.run(session, work)

    def read(self, question: Any) -> Any:
        with database.reading(self.engine) as session:
            return question(session)

    def report(self, plate: str = PLATE) -> Case:
        """A claim on the front desk."""

        def begin(session: Session) -> int:
            process = deployments.expect_process(session, process_id="claim")
            return cases.start(session, process, {"plate": plate}, by=PLATFORM).case_number

        number = self.write(begin)
        return self.read(lambda s: s.scalars(select(Case).where(Case.number == number)).one())  # type: ignore[no-any-return]

    def hand_over(self, case: Case | None = None, plate: str = PLATE) -> Handoff:
        """On to the garage: the handoff that it got."""
        case = case or self.report(plate)
        task = self.task("check", case)
        self.write(lambda session: task_commands.complete(session, task.key, {}, by=PLATFORM))
        return self.handoff(case)

    def task(self, element_id: str = "estimate", case: Case | None = None) -> Task:
        wanted = select(Task).where(Task.element_id == element_id).order_by(Task.key.desc())
        wanted = wanted if case is None else wanted.where(Task.case_key == case.key)
        found = self.read(lambda s: s.scalars(wanted).first())
        assert found is not None, f"Expected a task {element_id}, found none."
        return found  # type: ignore[no-any-return]

    def handoff(self, case: Case | None = None) -> Handoff:
        """The newest to the garage."""
        wanted = select(Handoff).where(Handoff.to_role == "garage").order_by(Handoff.key.desc())
        wanted = wanted if case is None else wanted.where(Handoff.case_key == case.key)
        found = self.read(lambda s: s.scalars(wanted).first())
        assert found is not None, "Expected a handoff, found none."
        return found  # type: ignore[no-any-return]

    def change(self, model: Any, key: int, **values: Any) -> None:
        self.write(lambda session: session.execute(update(model).where(model.key == key).values(**values)))

    def party(self) -> Party:
        return self.read(lambda s: s.get_one(Party, self.garage))  # type: ignore[no-any-return]
