"""Every way in: each operation of the API's document and each address of the portal, with every key that exists, as anybody."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from flask.testing import FlaskClient

from api import auth
from engine import codes, json_text, links, public_starts
from engine.tasks import Task
from tests.canary.casts import FOLLOWERS, KNOW_ALL, PEOPLE, SECRET, TOKEN, VISITORS, Cast, keys_of
from tests.portal.house import PASSWORD

NOWHERE = "4611686018427387905"  # a key that nothing has; as long as real ones
_PAGE_KEYS = re.compile(r"[0-9]{15,19}|\b[0-9]{3} [0-9]{3}\b")
_PASSING = re.compile(r'name="_(csrf|once|whose|draft)" value="[^"]*"')

# the first word of an address in the portal -> what its key is of
_OF_PAGES = {"tasks": "task", "handoffs": "handoff", "documents": "document", "parties": "party", "mails": "notification"} | {"confirm": "start"}


HOUSE = frozenset({"hanna", "bea", "admin", "operator"})  # see values of cases, by their roles and groups


@dataclass(frozen=True, slots=True)
class Leak:
    who: str
    asked: str
    what: str

    def __str__(self) -> str:
        return f"{self.who} asked {self.asked} and was told {self.what}"


@dataclass(frozen=True, slots=True)
class Question:
    """One request. `keys`: those that stand in it; `twin`: the same about nothing, where the key is of somebody else."""

    method: str
    path: str
    twin: str | None = None
    body: Any = None


class Somebody:
    """One actor at the doors."""

    def __init__(self, cast: Cast, name: str) -> None:
        self.cast, self.name = cast, name
        self.exists, self.own = keys_of(cast, name)
        self.foreign = set().union(*self.exists.values()) - self.own - self.exists["number"]
        self.foreign_numbers = {f"{int(one):07d}"[-6:] for one in self.exists["number"] - self.own}
        self.allowed = {token for token, (_, readers) in cast.secrets.items() if name in readers}
        phones = {token for token, (what, _) in cast.secrets.items() if what.startswith("phone of ")}
        self.sensitive = phones if name in HOUSE else set()  # shown in the open task that needs them alone
        groups = set(PEOPLE[name][2]) if name in PEOPLE else set()
        open_ones = [row for row in cast.rows(Task, Task.state == "CREATED") if groups & set(row.candidate_groups or ())]
        self.in_hand = {str(row.key) for row in open_ones}
        self.read: set[str] = set()  # secrets that it was told, and might be
        self.twins: dict[tuple[str, str], tuple[int, bytes]] = {}

    @property
    def is_guest(self) -> bool:
        return self.name in self.cast.guests

    @property
    def is_visitor(self) -> bool:
        """With neither an account nor a link."""
        return self.name in VISITORS

    @property
    def home(self) -> str:
        return f"/{'t' if self.name in FOLLOWERS else 'g'}/{self.link_key}"

    # -- the portal ---------------------------------------------------------------------------------------------------

    def browser(self) -> FlaskClient:
        http = self.cast.app.test_client()
        if self.is_visitor:
            http.get("/login")
            if self.name in self.cast.starts:
                assert http.get(self._proof()).status_code == 303
            return http
        page = http.get("/login" if not self.is_guest else self.link).get_data(as_text=True)
        if not self.is_guest:
            token = page.partition('name="_csrf" value="')[2].partition('"')[0]
            answer = http.post("/login", data={"_csrf": token, "username": self.name, "password": PASSWORD, "back": "/"})
            assert answer.status_code == 303, f"Expected {self.name} to be logged in, found {answer.status_code}."
            return http
        if self.name not in FOLLOWERS:
            page = http.get(f"{self.home}/who").get_data(as_text=True)
            http.post(f"{self.home}/who", data={"_csrf": csrf_of(page), "other": "A Guest"})
        if self.name in self.cast.proven:
            self._give_code(http, self.home)
        return http

    def csrf(self, http: FlaskClient) -> str:
        """From a page that changes nothing."""
        page = "/public" if self.is_visitor else "/password" if not self.is_guest else self.home
        return csrf_of(http.get(page if self.name in FOLLOWERS or not self.is_guest else f"{page}/colleague").get_data(as_text=True))

    def _give_code(self, http: FlaskClient, home: str) -> None:
        token = csrf_of(http.get(f"{home}/code").get_data(as_text=True))
        http.post(f"{home}/code/mail", data={"_csrf": token})
        code = self.cast.rows(codes.Code)[-1]
        with self.cast.app.test_request_context():
            digits = codes.digits(auth.secret(), code.key)
        answer = http.post(f"{home}/code", data={"_csrf": token, "code": digits})
        assert answer.status_code == 303, answer.get_data(as_text=True)

    @property
    def link_key(self) -> int:
        return int(self.cast.guests[self.name][0].key)

    @property
    def link(self) -> str:
        with self.cast.app.test_request_context():
            return f"/l/{links.token(auth.secret(), self.cast.guests[self.name][0])}"

    def _proof(self) -> str:
        with self.cast.app.test_request_context():
            return f"/p/{public_starts.token(auth.secret(), self.cast.starts[self.name])}"

    # -- judging ------------------------------------------------------------------------------------------------------

    def told(self, question: Question, answer: Any) -> Iterator[Leak]:
        """Secrets and keys of others in an answer, be it in its body or its headers."""
        asked = f"{question.method} {question.path} {question.body or ''}"
        text = f"{answer.headers}\n{answer.get_data().decode('utf-8', 'replace')}"
        hidden = set() if self.in_hand.intersection(question.path.split("/")) else self.sensitive
        self.read |= set(TOKEN.findall(text))
        for token in set(TOKEN.findall(text)) - (self.allowed - hidden):
            if token not in asked:
                yield Leak(self.name, asked, self.cast.secrets[token][0] + f" ({answer.status_code})")
        for key in set(_PAGE_KEYS.findall(text)):
            kinds = [kind for kind, keys in self.exists.items() if key in keys and key in self.foreign]
            if kinds and key not in asked:
                yield Leak(self.name, asked, f"the key of a {kinds[0]}")
            if key.replace(" ", "") in self.foreign_numbers and " " in key:
                yield Leak(self.name, asked, f"the number of a case, {key}")

    def same_as_nothing(self, question: Question, answer: Any, ask: Any) -> Iterator[Leak]:
        """Of what one may not know of, one is told what one is told of nothing."""
        if question.twin is None:
            return
        known = self.twins.get((question.method, question.twin))
        if known is None:
            other = ask(Question(question.method, question.twin, body=question.body))
            known = self.twins[question.method, question.twin] = other.status_code, _plain(other.get_data(), question.twin)
        found = answer.status_code, _plain(answer.get_data(), question.path)
        if found != known:
            yield Leak(self.name, f"{question.method} {question.path}", f"that it exists ({known[0]} for nothing, {found[0]} here)")
        elif found[0] not in (401, 403, 404, 405, 400) or (self.is_guest and found[0] == 403):
            yield Leak(self.name, f"{question.method} {question.path}", f"something ({found[0]}) about what it may not know of")


def csrf_of(page: str) -> str:
    return page.partition('name="_csrf" value="')[2].partition('"')[0]


def _plain(body: bytes, path: str) -> bytes:
    """Without what is of this request alone: its key, and tokens that are fresh on each page."""
    text = _PASSING.sub("", body.decode("utf-8", "replace"))
    for part in re.findall(r"[0-9]{15,19}|(?<=/)[0-9]{1,7}(?=/|$)", path):
        text = text.replace(part, "#")
    return text.encode()


def forged(cast: Cast) -> Iterator[Leak]:
    """Links that nobody made: changed in any place, of another generation, with another's signature, cut off, of nothing."""
    made = [link for link, _ in cast.guests.values()]
    with cast.app.test_request_context():
        real = {links.token(auth.secret(), link) for link in made}
        others = {links.token("another secret", link) for link in made}
        later = {links.token(auth.secret(), SimpleNamespace(key=link.key, generation=link.generation + 1)) for link in made}
    one, two = sorted(real)[:2]
    changed = {one[:place] + ("A" if one[place] != "A" else "B") + one[place + 1 :] for place in range(len(one))}
    swapped = {one[:_OF_KEY] + two[_OF_KEY:], two[:_OF_KEY] + one[_OF_KEY:]}
    odd = {one[:-1], one + "A", one * 2, one[:_OF_KEY], "nothing-at-all", "A" * len(one), "é" * len(one), NOWHERE, str(made[0].key)}
    nobody = Somebody(cast, "olga")
    nobody.allowed, known = set(), None
    for token in sorted((others | later | changed | swapped | odd) - real):
        question = Question("GET", f"/l/{token}")
        answer = cast.app.test_client().get(question.path)
        yield from nobody.told(question, answer)
        body = _plain(answer.get_data(), question.path).decode()
        for written in (token, quote(token)):  # where the page leads back to itself
            body = body.replace(written, "#")
        found = answer.status_code, body, "passerelle_guest" in str(answer.headers)
        known = known or found
        if found != known or found[0] != 404:
            yield Leak("a stranger", question.path, f"something ({found[0]}) about a link")


_OF_KEY = 10  # whole characters of a token that say which link it is


# -- the portal's addresses -------------------------------------------------------------------------------------------


def pages(somebody: Somebody, *, posting: bool) -> Iterator[Leak]:
    """Every address of the portal. `posting`: what is sent too, about what belongs to others."""
    http = somebody.browser()
    token = somebody.csrf(http)

    def ask(question: Question) -> Any:
        if question.method == "GET":
            return http.get(question.path)
        return http.post(question.path, data={"_csrf": token, **(question.body or {})})

    for question in list(_page_questions(somebody)):
        if question.method == "POST" and not posting:
            continue
        answer = ask(question)
        assert answer.status_code < 500, f"{somebody.name}: {question} {answer.get_data(as_text=True)[:500]}"
        yield from somebody.told(question, answer)
        yield from somebody.same_as_nothing(question, answer, ask)
        if "?" in question.path and answer.status_code == 200:
            yield from _counted(somebody, question, answer.get_data(as_text=True))


def deeds(somebody: Somebody) -> Iterator[Leak]:
    """Sends every form of the portal, about what is its own: nearly empty, for one answer or another. Giving up comes last."""
    http = somebody.browser()
    token = somebody.csrf(http)
    typed = {"_csrf": token, "reason": "No.", "name": "Colleague", "address": "colleague@example.com", "party": NOWHERE, "worked": "no"}
    rules = [rule for rule in somebody.cast.app.url_map.iter_rules() if rule.endpoint.startswith("portal.") and "POST" in rule.methods]
    for rule in sorted(rules, key=lambda rule: ("cancel" in rule.endpoint, "decline" in rule.endpoint, rule.endpoint)):
        if not _asks(somebody, rule):
            continue
        for values, twin in _filled(somebody, rule):
            if twin is not None:
                continue
            question = Question("POST", _address(rule, values), body=typed)
            answer = http.post(question.path, data=typed, follow_redirects=True)
            assert answer.status_code < 500, f"{somebody.name}: {question} {answer.get_data(as_text=True)[:500]}"
            yield from somebody.told(question, answer)


_LEAVES = frozenset({"portal.log_out", "portal.open_link", "portal.renew_link", "portal.nothing_here", "portal.static", "portal.set_language"})
_LEAVES |= {"portal.public_proof"}  # by the key that stands in its token: /confirm is asked with each


def _asks(somebody: Somebody, rule: Any) -> bool:
    """People ask the pages of people, guests those of guests; whoever is neither asks both."""
    is_theirs = somebody.is_visitor or rule.endpoint.startswith("portal.guest_") == somebody.is_guest
    return is_theirs and rule.endpoint not in _LEAVES


_WORDS = {"process_id": ("buy", "handle", "repair", "hire"), "username": tuple(PEOPLE), "group_id": ("desk", "staff")}


def _page_questions(somebody: Somebody) -> Iterator[Question]:
    rules = [rule for rule in somebody.cast.app.url_map.iter_rules() if rule.endpoint.startswith("portal.")]
    for rule in rules:
        if not _asks(somebody, rule):
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            for values, twin in _filled(somebody, rule):
                path = _address(rule, values)
                other = _address(rule, twin) if twin is not None else None
                if method == "GET" or other is not None:
                    yield Question(method, path, other)
    for path in () if somebody.is_guest or somebody.is_visitor else ("/?box=mine", "/?box=groups", "/waiting", "/cases?state=ended"):
        yield Question("GET", path)
    stories = [token for token, (what, _) in somebody.cast.secrets.items() if what.startswith("story of ")]  # of them titles are made
    for token in () if somebody.is_guest or somebody.is_visitor else stories:
        for path in ("/?box=groups", "/waiting?page=1", "/cases?state=open"):
            yield Question("GET", f"{path}&q={token}")


def _address(rule: Any, values: Mapping[str, Any]) -> str:
    path = str(rule.rule)
    for name, value in values.items():
        path = re.sub(rf"<(\w+:)?{name}>", str(value), path)
    return path


def _filled(somebody: Somebody, rule: Any) -> Iterator[tuple[dict[str, str], dict[str, str] | None]]:
    """Values for the names in an address; and where they are somebody else's, those of nothing."""
    names = set(rule.arguments)
    if somebody.is_visitor and "link_key" in names:
        rest = {name: NOWHERE for name in names - {"link_key"}}
        for link in sorted(somebody.exists["link"]):
            yield rest | {"link_key": link}, rest | {"link_key": NOWHERE}
        return
    base = {"link_key": str(somebody.link_key)} if "link_key" in names else {}
    base |= {"process_id": "buy"} if len(names - set(base)) > 1 else {}
    open_names = names - set(base)
    if not open_names:
        yield base, None
        if "link_key" in base:
            for other in sorted(somebody.exists["link"] - somebody.own):
                yield {"link_key": other}, {"link_key": NOWHERE}
        return
    (name,) = open_names
    if name in _WORDS:
        for word in _WORDS[name]:
            yield base | {name: word}, None
        return
    for key, is_foreign in _candidates(somebody, name, str(rule.rule)):
        nothing = {name: "999999" if name == "number" else NOWHERE}
        yield base | {name: key}, base | nothing if is_foreign else None


def _candidates(somebody: Somebody, name: str, rule: str) -> Iterator[tuple[str, bool]]:
    """Every key of the kind that is meant, and one of each other kind."""
    if name == "number":
        yield from ((number, number not in somebody.own) for number in sorted(somebody.exists["number"]))
        return
    noun = [part for part in rule.split("/") if part in _OF_PAGES]
    meant = "link" if name == "other" else _OF_PAGES[noun[0]]
    for kind, keys in somebody.exists.items():
        for key in sorted(keys) if kind == meant else sorted(keys)[:1] if kind != "number" else ():
            yield key, key not in somebody.own or (kind != meant and somebody.name not in KNOW_ALL)


def _counted(somebody: Somebody, question: Question, page: str) -> Iterator[Leak]:
    """The badge of a box says what is in it, and nothing else; what one may not read is not a word to search by."""
    if "q=" in question.path:
        if TOKEN.findall(question.path)[0] not in somebody.allowed and 'class="row-link"' in page:
            yield Leak(somebody.name, question.path, "where a secret stands")
        return
    if "box=" not in question.path:
        return
    here = re.search(r'aria-current="page">[^<]*<span class="count">([0-9]+)</span>', page)
    rows = set(re.findall(r'class="row-link" href="/tasks/([0-9]+)"', page))
    if here is None or int(here[1]) != len(rows):
        yield Leak(somebody.name, question.path, f"a count of {here and here[1]} for {len(rows)} tasks")


# -- the API's operations ---------------------------------------------------------------------------------------------

# a name in a path, or of a filter -> the rows that have such keys
_OF_OPERATIONS = {
    "userTaskKey": "task",
    "handoffKey": "handoff",
    "caseKey": "case",
    "documentId": "document",
    "linkKey": "link",
    "notificationKey": "notification",
    "partyKey": "party",
    "processInstanceKey": "instance",
    "elementInstanceKey": "element",
    "variableKey": "variable",
    "incidentKey": "incident",
    "jobKey": "job",
    "decisionEvaluationKey": "decision",
    "decisionEvaluationInstanceKey": "decision",
}
_MOVES_EVERYTHING = frozenset({"setClock", "pinClock", "resetClock", "activateJobs", "createDeployment", "createProcessInstance"})


def operations(somebody: Somebody, *, commanding: bool) -> Iterator[Leak]:
    """Every operation of the document. `commanding`: what would change something too, with keys of others."""
    rows = {kind: sorted(keys) for kind, keys in somebody.exists.items()}
    http = somebody.cast.app.test_client()
    authorization = _authorization(somebody)
    headers = {"Authorization": authorization}

    def ask(question: Question) -> Any:
        more = {} if question.body is None else {"data": json_text.dump_bytes(question.body), "content_type": "application/json"}
        return http.open(question.path, method=question.method, headers=headers, **more)

    document = http.get("/v2/openapi.json").get_json()
    for question in list(_api_questions(somebody, document, rows)):
        if not commanding and not _only_reads(question):
            continue
        answer = ask(question)
        assert answer.status_code < 500, f"{somebody.name}: {question} {answer.get_data(as_text=True)[:500]}"
        yield from somebody.told(question, answer)
        if question.twin is not None:
            yield from somebody.same_as_nothing(question, answer, ask)
        elif question.path.endswith("/search") and answer.status_code == 200:
            page, items = answer.get_json()["page"], answer.get_json()["items"]
            if page["totalItems"] != len(items):
                yield Leak(somebody.name, f"{question.path} {question.body}", f"a count of {page['totalItems']} for {len(items)} rows")


def _only_reads(question: Question) -> bool:
    return question.method == "GET" or question.path.endswith("/search")


def _authorization(somebody: Somebody) -> str:
    if somebody.name == "worker":
        form = {"grant_type": "client_credentials", "client_id": "worker", "client_secret": SECRET}
        answer = somebody.cast.app.test_client().post("/oauth/token", data=form)
        return f"Bearer {answer.get_json()['access_token']}"
    return "Basic " + base64.b64encode(f"{somebody.name}:{PASSWORD}".encode()).decode()


def _api_questions(somebody: Somebody, document: Any, rows: Mapping[str, list[str]]) -> Iterator[Question]:
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if method == "parameters" or described.get("operationId") in _MOVES_EVERYTHING:
                continue
            verb = method.upper()
            body = None if verb in ("GET", "DELETE") else _body(document, described)
            names = re.findall(r"{(\w+)}", path)
            if path.endswith("/search"):
                if not names:
                    yield from _searches(path, document, described, rows)
                    continue
                body = {"page": {"limit": 200}}
            if not names:
                if verb == "GET":
                    yield Question(verb, path)
                continue
            kind = _OF_OPERATIONS.get(names[0])
            for key in rows.get(kind or "", ()):
                twin = None if key in somebody.own else _with(path, names, _nothing(key))
                if verb == "GET" or path.endswith("/search") or twin is not None:
                    yield Question(verb, _with(path, names, key), twin, body)


def _nothing(key: str) -> str:
    return NOWHERE + key[key.find("-") :] if "-" in key else NOWHERE


def _with(path: str, names: list[str], key: str) -> str:
    path = path.replace(f"{{{names[0]}}}", key)
    for name in names[1:]:
        path = path.replace(f"{{{name}}}", "garage")
    return path


def _searches(path: str, document: Any, described: Any, rows: Mapping[str, list[str]]) -> Iterator[Question]:
    """All of it; and by each key that can be asked for, which must not be a way to find out."""
    limit = {"page": {"limit": 200}}
    yield Question("POST", path, body=limit)
    schema = _resolved(document, _json_schema(described)).get("properties", {})
    filters = _resolved(document, schema.get("filter", {})).get("properties", {})
    for name in filters:
        for key in rows.get(_OF_OPERATIONS.get(name, ""), ())[:2]:
            yield Question("POST", path, body=limit | {"filter": {name: key}})


def _json_schema(described: Any) -> Any:
    return described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})


def _resolved(document: Any, schema: Any) -> Any:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


_EXAMPLES = {"string": NOWHERE, "integer": 1, "number": 1, "boolean": True, "object": {}, "array": []}


def _body(document: Any, described: Any) -> Any:
    """As little as the document asks for."""
    schema = _resolved(document, _json_schema(described))
    needed = {*schema.get("required", ()), *({"partyKey"} & set(schema.get("properties", ())))}
    return {name: _EXAMPLES.get(_resolved(document, schema["properties"][name]).get("type"), NOWHERE) for name in sorted(needed)}
