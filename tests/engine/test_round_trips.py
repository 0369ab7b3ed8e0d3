"""At most six round trips to PostgreSQL a command, counted on the wire."""

import selectors
import socket
import threading
from urllib.parse import urlsplit, urlunsplit

import pytest

from engine import database, live, parties, schema
from tests.engine.conftest import World, fresh_database

MODEL = """<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=order"/></extensionElements></message>
<process id="all" isExecutable="true"><startEvent id="s"/><userTask id="u"/>
  <serviceTask id="j"><extensionElements><zeebe:taskDefinition type="ship"/></extensionElements></serviceTask>
  <intermediateCatchEvent id="c"><messageEventDefinition messageRef="m"/></intermediateCatchEvent><endEvent id="e"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="u"/><sequenceFlow id="f2" sourceRef="u" targetRef="j"/>
  <sequenceFlow id="f3" sourceRef="j" targetRef="c"/><sequenceFlow id="f4" sourceRef="c" targetRef="e"/></process>"""


class Wire(threading.Thread):
    """Stands between us and the server; a round trip begins when we speak after the server has."""

    def __init__(self, host, port):
        super().__init__(daemon=True)
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.round_trips = 0

    def run(self):
        while True:
            client, _ = self._listening.accept()
            threading.Thread(target=self._carry, args=(client, socket.create_connection(self._server)), daemon=True).start()

    def _carry(self, client, server):
        watch, server_spoke = selectors.DefaultSelector(), True
        watch.register(client, selectors.EVENT_READ, server)
        watch.register(server, selectors.EVENT_READ, client)
        while True:
            for ready, _ in watch.select():
                data = ready.fileobj.recv(1 << 16)
                if not data:
                    return
                if ready.fileobj is server:
                    server_spoke = True
                elif server_spoke:
                    self.round_trips += 1
                    server_spoke = False
                ready.data.sendall(data)


@pytest.fixture
def wired(tmp_path):
    with fresh_database("postgresql", tmp_path) as url:
        parts = urlsplit(url)
        wire = Wire(parts.hostname, parts.port or 5432)
        wire.start()
        netloc = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{wire.port}".lstrip("@")
        engine = database.connect(urlunsplit(parts._replace(netloc=netloc, query="sslmode=disable")))
        schema.metadata.create_all(engine)
        live.forget()
        yield World(engine), wire
        engine.dispose()


@pytest.mark.parametrize("cached", [True, False])
def test_a_command_needs_at_most_six_round_trips(wired, cached, monkeypatch):
    world, wire = wired
    world.deploy(MODEL)
    if not cached:
        monkeypatch.setattr(live, "take", lambda *_: None)
    counted = {}

    def count(name, command, *arguments, **named):
        wire.round_trips = 0
        found = command(*arguments, **named)
        counted[name] = wire.round_trips
        return found

    for _ in range(2):  # the second time statements are prepared and numbers leased
        key = count("start", world.start, "all", order="A")
        (task,) = world.tasks(key)
        count("complete task", world.complete_task, task, approved=True)
        (leased,) = count("activate", world.lease, "ship")
        count("complete job", world.complete_job, leased, shipped=True)
        world.publish("paid", "A")

    print(counted)
    assert world.state(key) == "COMPLETED"
    assert all(0 < trips <= 6 for trips in counted.values()), counted


CONTRACT = """<extensionElements><handoff:contract acceptWithin="PT4H" calendar="working" channel="email">
  <handoff:field name="order" type="string" required="true"/></handoff:contract></extensionElements>"""
CROSSING = f"""<process id="across" isExecutable="true"><laneSet id="ls">
  <lane id="us" name="Us"><flowNodeRef>s</flowNodeRef><flowNodeRef>ask</flowNodeRef><flowNodeRef>read</flowNodeRef>
    <flowNodeRef>e</flowNodeRef></lane>
  <lane id="them" name="Them"><extensionElements><handoff:party kind="partner" role="partner" partyId="partner"/></extensionElements>
    <flowNodeRef>do</flowNodeRef></lane></laneSet>
  <startEvent id="s"/><userTask id="ask"/><userTask id="do"/><userTask id="read"/><endEvent id="e"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="ask"/><sequenceFlow id="f2" sourceRef="ask" targetRef="do">{CONTRACT}</sequenceFlow>
  <sequenceFlow id="f3" sourceRef="do" targetRef="read">{CONTRACT}</sequenceFlow>
  <sequenceFlow id="f4" sourceRef="read" targetRef="e"/></process>"""


def test_crossing_to_another_party_costs_one_round_trip_more(wired):
    world, wire = wired
    partner = {"party_id": "partner", "name": "Partner", "contacts": [{"name": "Paul", "email": "paul@partner.example"}]}
    world.do(lambda s, *, by: (parties.host(s), parties.save(s, partner, by=by))[0].key)
    world.deploy(CROSSING)
    for _ in range(2):
        key, counted = world.start("across", order="A"), []
        for _ in ("there", "back", "end"):
            (task,) = world.tasks(key)
            wire.round_trips = 0
            world.complete_task(task)
            counted.append(wire.round_trips)

    assert world.state(key) == "COMPLETED"
    assert all(0 < trips <= 7 for trips in counted), counted
