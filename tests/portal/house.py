"""An insurer, its customer and a garage, with the portal in front: what the portal's tests begin with."""

import tempfile
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from lxml import html
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

import portal
from engine import database, deployments, json_text, people
from engine.cases import Case
from engine.commands import cases
from engine.commands import tasks as task_commands
from engine.documents import Folder
from engine.parties import PLATFORM, Actor
from engine.people import Group, Membership, Person
from engine.tasks import Task
from engine.variables import of_scope
from portal import login

PASSWORD = "correct horse battery"  # of everybody
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the cost is written in the hash: log-ins stay quick here

GROUPS = {"policy-holder": "Policy holder", "front-desk": "Front desk", "adjusters": "Adjusters", "garage": "Garage"}
# username: name, organisation, roles, groups
PEOPLE: Mapping[str, tuple[str, str | None, Sequence[str], Sequence[str]]] = {
    "admin": ("Ada Admin", "Assurances du Pont", ("admin", "member"), ()),
    "fanny": ("Fanny Roux", "Assurances du Pont", ("member",), ("front-desk",)),
    "karim": ("Karim Benali", "Assurances du Pont", ("member",), ("front-desk", "adjusters")),
    "julie": ("Julie Durand", None, (), ("policy-holder",)),
    "marc": ("Marc Petit", None, (), ("policy-holder",)),
    "paul": ("Paul Martin", "Garage Martin", (), ("garage",)),
}
YES_NO = [{"value": True, "label": "Yes"}, {"value": False, "label": "No"}]
FORMS: Mapping[str, list[dict[str, Any]]] = {
    "report": [
        {
            "type": "group",
            "label": "You and your car",
            "path": "claim",
            "components": [
                {"type": "textfield", "key": "name", "label": "Your full name", "validate": {"required": True}},
                {
                    "type": "textfield",
                    "key": "plate",
                    "label": "Licence plate",
                    "description": "As on the car, for example AB-123-CD.",
                    "validate": {"required": True, "pattern": "^[A-Z]{2}-[0-9]{3}-[A-Z]{2}$"},
                    "i18n": {"fr": {"label": "Plaque d’immatriculation"}},
                },
            ],
        },
        {"type": "radio", "key": "claim.injured", "label": "Was anybody hurt?", "values": YES_NO, "validate": {"required": True}},
        {
            "type": "textarea",
            "key": "claim.who",
            "label": "Who was hurt?",
            "conditional": {"hide": "=claim.injured != true"},
            "validate": {"required": True},
        },
        {"type": "textarea", "key": "claim.story", "label": "What happened?", "validate": {"required": True, "minLength": 10}},
        {"type": "number", "key": "claim.amount", "label": "Estimated damage", "decimalDigits": 2, "validate": {"min": 0}},
        {"type": "datetime", "subtype": "date", "key": "claim.day", "dateLabel": "When was it?"},
        {
            "type": "filepicker",
            "key": "claim.photos",
            "label": "Photos of the damage",
            "description": "From all sides, if you can.",
            "accept": "image/*",
            "multiple": True,
            "i18n": {"fr": {"label": "Photos des dégâts"}},
        },
    ],
    "check": [
        {"type": "text", "text": "### {{claim.name}}\n{{claim.story}}"},
        {"type": "documentPreview", "title": "Photos", "dataSource": "=claim.photos", "conditional": {"hide": "=claim.photos = null"}},
        {
            "type": "radio",
            "key": "complete",
            "label": "Is the report complete?",
            "values": [{"value": "yes", "label": "Yes, everything is there"}, {"value": "no", "label": "No, something is missing"}],
            "validate": {"required": True},
        },
        {"type": "textarea", "key": "note", "label": "Note for the adjuster"},
    ],
    "assess": [{"type": "number", "key": "reserve", "label": "Reserve", "validate": {"required": True, "min": 0}}],
    "estimate": [
        {"type": "number", "key": "hours", "label": "Hours of work", "validate": {"required": True}},
        {"type": "filepicker", "key": "offer", "label": "Your estimate", "accept": ".pdf"},
    ],
}
CLAIM = {"name": "Julie Durand", "plate": "AB-123-CD", "injured": False, "story": "The van behind me did not stop."}


class _Compiled(BytecodeCache):
    """Templates as Python, kept from one house to the next: compiling them is most of what a page costs here."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class House:
    """The portal on a database, with everybody in it. `visitor(name)` is that person's browser."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.app = Flask("portal under test")
        self.app.secret_key = "a secret of the tests"
        self.app.config["TESTING"] = True
        self.app.jinja_env.bytecode_cache = _COMPILED
        self.app.extensions["engine"] = engine
        self._folder = tempfile.TemporaryDirectory(prefix="documents-")  # gone with the house
        self.documents = Folder(Path(self._folder.name) / "documents", max_size=1 << 20, most=4)
        self.app.extensions["documents"] = self.documents
        portal.register(self.app)
        for throttle in (login.by_name_and_address, login.by_address):
            throttle.forget()
        self._furnish()

    def _furnish(self) -> None:
        with Session(self.engine) as session:
            session.add_all(Group(group_id=group_id, name=name) for group_id, name in GROUPS.items())
            session.add_all(person_row(username, *facts[:3]) for username, facts in PEOPLE.items())
            session.flush()
            session.add_all(Membership(group_id=group, username=username) for username, facts in PEOPLE.items() for group in facts[3])
            session.commit()

    def deploy(self) -> None:
        """The claim across three companies, and its forms."""
        files = [("claim.bpmn", (Path(__file__).parent / "claim.bpmn").read_bytes())]
        files += [
            (f"{name}.form", json_text.dump_bytes({"id": name, "type": "default", "components": form})) for name, form in FORMS.items()
        ]
        self.write(lambda session: deployments.deploy(session, files, by=PLATFORM))

    def write(self, work: Any) -> Any:
        with Session(self.engine) as session:
            return database.run(session, work)

    def actor(self, username: str) -> Actor:
        with database.reading(self.engine) as session:
            return people.actor_of(session, session.get_one(Person, username))

    def report(self, username: str = "julie", **claim: Any) -> int:
        """A reported claim; returns the case's number."""
        by = self.actor(username)

        def begin(session: Session) -> int:
            process = deployments.expect_process(session, process_id="holder")
            return cases.start(session, process, {"claim": CLAIM | claim}, by=by).case_number

        return int(self.write(begin))

    def task(self, element_id: str = "check", **wanted: Any) -> Task:
        """The newest open task of an element."""
        with database.reading(self.engine) as session:
            statement = select(Task).where(Task.element_id == element_id, Task.state == "CREATED").order_by(Task.key.desc())
            found = session.scalars(statement).first()
            assert found is not None, f"Expected an open task {element_id}, found none."
            return found

    def claim(self, task: Task, username: str) -> Task:
        by = self.actor(username)
        self.write(lambda session: task_commands.claim(session, task.key, by=by))
        return task

    def complete(self, task: Task, username: str, **variables: Any) -> None:
        by = self.actor(username)
        self.claim(task, username)
        self.write(lambda session: task_commands.complete(session, task.key, variables, by=by))

    def change_task(self, task: Task, **values: Any) -> None:
        self.write(lambda session: session.execute(update(Task).where(Task.key == task.key).values(**values)))

    def state_of(self, task: Task) -> Task:
        with database.reading(self.engine) as session:
            return session.get_one(Task, task.key)

    def variables(self, task: Task) -> dict[str, Any]:
        with database.reading(self.engine) as session:
            return of_scope(session, task.instance_key)

    def cases(self) -> list[Case]:
        with database.reading(self.engine) as session:
            return list(session.scalars(select(Case).order_by(Case.key)))

    def visitor(self, username: str | None = None, **headers: str) -> "Visitor":
        visitor = Visitor(self.app, headers)
        if username is not None:
            visitor.log_in(username)
        return visitor


def person_row(username: str, name: str, organisation: str | None, roles: Sequence[str], **more: Any) -> Person:
    facts: dict[str, Any] = {
        "email": None,
        "language": "en",
        "password_hash": _CHEAP.hash(PASSWORD),
        "must_change_password": False,
        "active": True,
        "created_at": datetime.now(UTC),
    }
    return Person(username=username, name=name, organisation=organisation, roles=list(roles), **(facts | more))


class Visitor:
    """A browser without JavaScript: follows links and redirects, fills in the forms of the page it is on, keeps cookies."""

    def __init__(self, app: Flask, headers: Mapping[str, str]) -> None:
        self.http = app.test_client()
        self._headers = dict(headers)
        self.response: Any = None
        self.path = "/"

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    @property
    def page(self) -> Any:
        return html.document_fromstring(self.response.get_data(as_text=True))

    @property
    def text(self) -> str:
        """What one reads on the page."""
        return " ".join(self.page.xpath("//main")[0].text_content().split())

    @property
    def heading(self) -> str:
        (heading,) = self.page.xpath("//h1")
        return " ".join(heading.text_content().split())

    def go(self, path: str) -> "Visitor":
        self.response = self.http.get(path, headers=self._headers, follow_redirects=True)
        self.path = self.response.request.path
        return self

    def form(self, action: str | None = None) -> dict[str, list[str]]:
        """What the page's form (its address ending so; else the first in main) would send as it stands."""
        forms = [form for form in self.page.xpath("//main//form[@method='post']") if action is None or self._action(form).endswith(action)]
        assert forms, f"Expected a form on {self.path}, found none."
        self._form = forms[0]
        found: dict[str, list[str]] = {}
        areas = {area.get("name") for area in forms[0].iter("textarea")}
        for name, value in forms[0].form_values():
            found.setdefault(name, []).append(value.removeprefix("\n") if name in areas else value)
        return found

    def _action(self, form: Any) -> str:
        return str(form.get("action") or self.path)

    def send(self, action: str | None = None, follow: bool = True, **typed: Any) -> "Visitor":
        """Fill in and send. Dots in names are written as two underscores; a value None leaves the field out; pairs of content and name
        are files."""
        fields = self.form(action)
        for name, value in typed.items():
            name = name.replace("__", ".") if not name.startswith("_") else name
            fields.pop(name, None)
            if _are_files(value):
                fields[name] = [*self.form(action).get(name, ()), *((BytesIO(content), filename) for content, filename in value)]
            elif value is not None:
                fields[name] = list(value) if isinstance(value, list) else [str(value)]
        return self.post(self._action(self._form), fields, follow=follow)

    def post(self, path: str, fields: Mapping[str, Any], follow: bool = True, **headers: str) -> "Visitor":
        self.response = self.http.post(path, data=fields, headers=self._headers | headers, follow_redirects=follow)
        self.path = self.response.request.path
        return self

    def log_in(self, username: str, password: str = PASSWORD) -> "Visitor":
        return self.go("/login").send("/login", username=username, password=password)

    def forget_login(self) -> None:
        """As if the log-in had run out."""
        self.http.set_cookie("passerelle_login", "a-token-that-is-no-longer-known")

    def value(self, name: str) -> str | None:
        """What stands in a field."""
        found = self.page.xpath(f"//main//*[@name='{name}']")[0]
        if found.get("type") == "radio":
            return self._chosen(name)
        return found.value.removeprefix("\n") if found.tag == "textarea" else found.value  # HTML: a first line end is not text

    def _chosen(self, name: str) -> str | None:
        chosen = self.page.xpath(f"//main//input[@name='{name}'][@checked]/@value")
        return str(chosen[0]) if chosen else None


def _are_files(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, tuple) for one in value)


class Doors:
    """The house on a port of its own, for a real browser."""

    def __init__(self, house: House) -> None:
        self._server = make_server("127.0.0.1", 0, house.app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return self.url

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
