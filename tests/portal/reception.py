"""The claim of the samples behind its public start: what tests of visitors, proofs and the page to follow a case begin with."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select, update

from api import auth
from engine import clock, database, deployments, links, parties, public_starts
from engine.cases import Case, number_for_people
from engine.commands import tasks as task_commands
from engine.documents import Document
from engine.links import Link
from engine.notifications import Kind, Notification
from engine.parties import PLATFORM, Party
from engine.public_starts import PublicStart
from engine.tasks import Task
from tests.portal.house import House, Visitor

CLAIM = Path(__file__).parents[2] / "processes" / "claim"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # a Monday
ADDRESS = "claire@fontaine.example"
REPORT = {
    "holderName": "Claire Fontaine",
    "phone": "+33 6 12 34 56 78",
    "policyNumber": "MP-204711",
    "plate": "AB-123-CD",
    "accidentDate": "2026-01-03",
    "place": "Lyon, quai Perrache",
    "description": "Another car hit mine from behind at the traffic light.",
    "estimatedDamage": "1800",
    "_your_address": ADDRESS,
}
GARAGE = {"party_id": "benali", "name": "Benali Motors", "kind": "partner", "contacts": [{"name": "Karim", "email": "karim@benali.example"}]}
HOST = "Meridian Insurance"
TWO_POOLS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:handoff="urn:passerelle:handoff:1.0" targetNamespace="t">
  <collaboration id="both">
    <participant id="reader" name="Reader" processRef="ask">
      <extensionElements><handoff:party kind="customer" role="reader" publicStart="true"/></extensionElements>
    </participant>
    <participant id="library" name="Library" processRef="lend"/>
    <messageFlow id="wish" sourceRef="sent" targetRef="arrived">
      <extensionElements><handoff:contract completeWithin="P3D"><handoff:field name="book" type="string" required="true"/></handoff:contract></extensionElements>
    </messageFlow>
  </collaboration>
  <message id="m" name="Wish"/>
  <process id="ask" name="Ask for a book" isExecutable="true">
    <startEvent id="begin"><extensionElements><zeebe:formDefinition formId="wish"/></extensionElements></startEvent>
    <sequenceFlow id="a1" sourceRef="begin" targetRef="sent"/>
    <endEvent id="sent"><messageEventDefinition messageRef="m"/></endEvent>
  </process>
  <process id="lend" name="Lend a book" isExecutable="true">
    <startEvent id="arrived"><extensionElements><handoff:milestone label="We look for it"/></extensionElements><messageEventDefinition messageRef="m"/></startEvent>
    <sequenceFlow id="b1" sourceRef="arrived" targetRef="fetch"/>
    <userTask id="fetch" name="Fetch it"><extensionElements><zeebe:userTask/><zeebe:assignmentDefinition assignee="member"/></extensionElements></userTask>
    <sequenceFlow id="b2" sourceRef="fetch" targetRef="done"/><endEvent id="done"/>
  </process>
</definitions>"""


class Reception:
    def __init__(self, house: House) -> None:
        self.house = house
        house.write(lambda session: clock.pin(session, NOW))
        house.write(self._furnish)
        files = [(file.name, file.read_bytes()) for file in sorted(CLAIM.iterdir()) if file.suffix in (".bpmn", ".form", ".dmn")]
        house.write(lambda session: deployments.deploy(session, files, by=PLATFORM))

    @staticmethod
    def _furnish(session) -> None:
        host = parties.host(session)
        host.name, host.contacts = HOST, [{"name": "Sophie Lambert", "email": "sophie@meridian.example", "phone": "+33 4 00 00 00 00"}]
        parties.save(session, GARAGE, by=PLATFORM)

    # -- a visitor --

    def visitor(self, **headers: str) -> Visitor:
        return self.house.visitor(**headers).go("/public/claim")

    def send(self, visitor: Visitor | None = None, **changes) -> Visitor:
        """Fill in the report and send it."""
        return (visitor or self.visitor()).send("/public/claim", **REPORT | changes)

    def proof(self, start: PublicStart | None = None) -> str:
        """The way that stands in the mail."""
        with self.house.app.test_request_context():
            return f"/p/{public_starts.token(auth.secret(), (start or self.rows(PublicStart)[-1]).key)}"

    def confirm(self, visitor: Visitor | None = None, **changes) -> Visitor:
        """From the form to the case."""
        visitor = self.send(visitor, **changes)
        return visitor.go(self.proof()).send()

    def follow(self, link: Link | None = None) -> str:
        with self.house.app.test_request_context():
            return f"/l/{links.token(auth.secret(), link or self.link())}"

    # -- what there is --

    def read(self, question):
        with database.reading(self.house.engine) as session:
            return question(session)

    def rows(self, model):
        return self.read(lambda s: list(s.scalars(select(model).order_by(*model.__table__.primary_key.columns))))

    def count(self, model) -> int:
        return self.read(lambda s: s.scalar(select(func.count()).select_from(model)))

    def link(self, kind: str = "case") -> Link:
        return [link for link in self.rows(Link) if link.kind == kind][-1]

    def mails(self, kind: Kind) -> list[Notification]:
        return [row for row in self.rows(Notification) if row.kind == kind]

    def case(self) -> Case:
        return self.rows(Case)[-1]

    @property
    def number(self) -> str:
        """Of the newest case, as people read it."""
        return number_for_people(self.case().number)

    def customers(self) -> list[Party]:
        return [party for party in self.rows(Party) if party.kind == "customer"]

    def everything(self):
        """All that a start, and a GET, could change."""
        tables = (PublicStart, Case, Link, Notification, Party, Document, Task)
        return [[tuple(getattr(row, column.name) for column in model.__table__.columns) for row in self.rows(model)] for model in tables]

    # -- the other side --

    def task(self, element_id: str) -> Task:
        return self.house.task(element_id)

    def complete(self, element_id: str, *, roles=None, **answers) -> None:
        task = self.task(element_id)
        self.house.write(lambda session: task_commands.complete(session, task.key, answers, roles=roles or {}, by=PLATFORM))

    def reject(self) -> None:
        """The insurer says no; its customer reads that."""
        self.complete("checkCover", cover="not covered", reason="The policy had run out.")

    def change(self, model, key: int, **values) -> None:
        self.house.write(lambda session: session.execute(update(model).where(model.key == key).values(**values)))
