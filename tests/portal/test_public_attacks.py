"""Whoever means harm at the door that is open to all: a clear answer each time, and nothing of it is kept."""

import pytest

from engine import public_starts
from engine.cases import Case
from engine.documents import Document
from engine.notifications import Notification
from engine.public_starts import PublicStart
from tests.portal.house import House
from tests.portal.reception import ADDRESS, CLAIM, REPORT, Reception

JPEG = (CLAIM / "files" / "rear.jpg").read_bytes()


@pytest.fixture
def desk(empty_house: House) -> Reception:
    return Reception(empty_house)


def _nothing_is_kept(desk: Reception) -> bool:
    return [desk.count(model) for model in (PublicStart, Notification, Document, Case)] == [0, 0, 0, 0]


# -- what is typed --------------------------------------------------------------------------------------------------

ADDRESSES = {
    "a header": f"{ADDRESS}\r\nBcc: world@example.com",
    "a folded header": f"{ADDRESS}\n Bcc: world@example.com",
    "two": f"{ADDRESS},world@example.com",
    "a name": f"Claire <{ADDRESS}>",
    "a comment": "claire(world)@fontaine.example",
    "a group": "world:claire@fontaine.example",
    "a quoted part": '"claire fontaine"@fontaine.example',
    "a path": "claire\\@fontaine.example",
    "NUL": "claire\x00@fontaine.example",
    "no domain": "claire@localhost",
    "a long part": "c" * 65 + "@fontaine.example",
    "a long one": f"claire@{'fontaine.' * 40}example",
    "a line separator": "claire\u2028@fontaine.example",
    "writing direction": "claire\u202e@fontaine.example",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_what_is_no_single_address_gets_no_mail(desk, address):
    visitor = desk.send(_your_address=address)

    assert visitor.status == 422
    assert "Please give an e-mail address such as anna@example.com." in visitor.text
    assert visitor.value("place") == REPORT["place"]
    assert _nothing_is_kept(desk)


WRONG = [
    {"estimatedDamage": "a lot"},
    {"estimatedDamage": "1e999"},
    {"estimatedDamage": "-1"},
    {"accidentDate": "2026-13-45"},
    {"plate": "x' OR '1'='1"},
    {"policyNumber": "=holderName"},
    {"holderName": "A" * 81},
    {"description": "x" * 200_000},
    {"photos": "12345"},
    {name: None for name in REPORT},
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: "-".join(wrong)[:24])
def test_what_the_form_does_not_take_is_said_and_not_kept(desk, wrong):
    visitor = desk.send(**wrong)

    assert visitor.status == 422
    assert "to correct" in visitor.text or "no longer there" in visitor.text
    assert _nothing_is_kept(desk)


def test_the_same_name_twice_and_names_that_nobody_asked_for_change_nothing_of_the_case(desk):
    visitor = desk.visitor()
    fields = visitor.form("/public/claim") | {name: [value] for name, value in REPORT.items()}
    fields |= {"plate": ["AB-123-CD", "ZZ-999-ZZ"], "payout": ["1000000"], "decision": ["approved"], "_role:garage": ["1"]}
    visitor.post("/public/claim", fields)

    (start,) = desk.rows(PublicStart)
    assert start.values["plate"] == "AB-123-CD"
    assert not {"payout", "decision"} & set(start.values)


def test_markup_is_shown_as_it_was_typed(desk):
    visitor = desk.send(place="<script>alert(1)</script>").go(desk.proof())

    assert "<script>" not in visitor.response.get_data(as_text=True)
    assert "<script>alert(1)</script>" in visitor.text


@pytest.mark.parametrize("size", [1_100_000, 60_000_000])
@pytest.mark.parametrize("parts", [{}, {"photos": [(b"x", "rear.jpg")]}], ids=["whole", "in parts"])
def test_a_text_that_is_too_long_for_any_form_is_a_clear_page(desk, size, parts):
    visitor = desk.send(description="x" * size, **parts)

    assert visitor.status == 413
    assert visitor.heading == "This is too much at once"
    assert _nothing_is_kept(desk)


def test_more_fields_than_any_form_has_are_too_much(desk):
    visitor = desk.visitor()
    fields = visitor.form("/public/claim") | {f"f{number}": ["x"] for number in range(3100)}
    visitor.send("/public/claim", **{name: values[0] for name, values in fields.items()}, photos=[(b"x", "rear.jpg")])

    assert visitor.status == 413
    assert _nothing_is_kept(desk)


# -- files ----------------------------------------------------------------------------------------------------------

FILES = {
    "a program": (b"MZ" + bytes(2000), "rear.jpg"),
    "a page": (b"<html><script>alert(1)</script></html>", "rear.jpg"),
    "nothing": (b"", "rear.jpg"),
    "too large": (JPEG + bytes(1 << 20), "rear.jpg"),
}


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_a_file_that_is_not_what_was_asked_for_is_not_taken(desk, file):
    visitor = desk.send(photos=[file])

    assert visitor.status in (200, 422)
    assert visitor.heading == "Report a motor claim" or file[0] == b""
    assert desk.count(Document) == 0


def test_a_file_of_somebody_else_is_not_taken_along(desk):
    desk.visitor().send("/public/claim", photos=[(JPEG, "rear.jpg")], _upload="photos")
    (other,) = desk.rows(Document)
    visitor = desk.send(photos=str(other.key))

    assert visitor.status == 422
    assert desk.count(PublicStart) == 0
    assert desk.rows(Document)[0].uploaded_by == other.uploaded_by


def test_a_name_of_a_file_leads_nowhere(desk):
    desk.send(photos=[(JPEG, "../../etc/cron.d/rear.jpg")]).go(desk.proof()).send()

    (photo,) = desk.rows(Document)
    assert photo.name == "rear.jpg"


# -- how often ------------------------------------------------------------------------------------------------------


def test_hundreds_of_forms_for_one_mailbox_are_three_mails(desk, monkeypatch):
    monkeypatch.setattr(public_starts, "MOST_FROM_NETWORK", 1000)
    visitor = desk.visitor()
    for number in range(100):
        desk.send(visitor.go("/public/claim"), _your_address=ADDRESS if number % 2 else ADDRESS.replace("@", f"+{number}@"))

    assert desk.count(Notification) == desk.count(PublicStart) == public_starts.MOST_TO_ADDRESS


def test_many_forms_from_one_place_for_many_mailboxes_end_with_a_clear_no(desk):
    visitor = desk.visitor()
    seen = [desk.send(visitor.go("/public/claim"), _your_address=f"{n}@x.example").status for n in range(public_starts.MOST_FROM_NETWORK + 3)]

    assert seen == [200] * public_starts.MOST_FROM_NETWORK + [429] * 3
    assert "Nothing is lost" in visitor.text
    assert desk.count(Notification) == public_starts.MOST_FROM_NETWORK
    assert desk.count(Case) == 0


def test_one_who_makes_up_a_new_network_each_time_is_still_one(desk, monkeypatch):
    monkeypatch.setattr(public_starts, "MOST_FROM_NETWORK", 1)
    desk.house.app.config["PASSERELLE_PROXIES"] = 0
    desk.send(desk.visitor(**{"X-Forwarded-For": "62.4.16.7"}))
    second = desk.send(desk.visitor(**{"X-Forwarded-For": "81.2.69.160"}), _your_address="b@x.example")
    desk.house.app.config["PASSERELLE_PROXIES"] = 1
    behind = desk.send(desk.visitor(**{"X-Forwarded-For": "9.9.9.9, 62.4.16.7"}), _your_address="c@x.example")
    beside = desk.send(desk.visitor(**{"X-Forwarded-For": "8.8.8.8, 62.4.16.9"}), _your_address="d@x.example")

    assert [second.status, behind.status, beside.status] == [429, 200, 429]


def test_networks_are_households_and_not_all_of_the_world():
    network = public_starts.network_of

    assert network("s", "::ffff:62.4.16.7") == network("s", "62.4.16.200") != network("s", "62.4.17.7")
    assert network("s", "2001:db8:1:2::3") == network("s", "2001:db8:1:f::9") != network("s", "2001:db8:1:100::3")
    assert network("s", "62.4.16.7") != network("another secret", "62.4.16.7")


# -- addresses and methods ------------------------------------------------------------------------------------------

NOWHERE = ["/public/claim%00", "/public/..%2f..%2fetc", "/public/" + "x" * 5000, "/p/" + "%ff" * 20, "/p/" + "é" * 40, "/p/" + "_" * 40]
NOWHERE += ["/confirm/0", "/confirm/99999999999999999999999", "/public/claim/documents/99999999999999999999999", "/t/99999999999999999999999"]


@pytest.mark.parametrize("path", NOWHERE, ids=lambda path: path[:30])
def test_an_address_that_leads_nowhere_is_a_page_that_says_so(desk, path):
    visitor = desk.house.visitor().go(path)

    assert visitor.status in (401, 404)
    assert visitor.heading


def test_only_what_is_meant_to_be_done_can_be_done(desk):
    before, visitor = desk.everything(), desk.house.visitor()
    for path in ("/public", "/public/claim", "/confirm/1", "/p/x", "/t/1", "/t/1/feedback"):
        for method in ("PUT", "DELETE", "PATCH"):
            assert visitor.http.open(path, method=method).status_code == 405, (method, path)

    assert desk.everything() == before


def test_a_head_of_each_page_is_its_get_without_a_body_and_changes_nothing(desk):
    desk.confirm()
    desk.send()
    before = desk.everything()
    visitor = desk.house.visitor()
    for path in ("/public", "/public/claim", desk.proof(), desk.follow()):
        found = visitor.http.head(path)
        assert (found.status_code, found.data) == (visitor.http.get(path).status_code, b"")

    assert desk.everything() == before
