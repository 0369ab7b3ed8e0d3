"""A guest's way: from the link in the mail to done, and every way in which it may go otherwise."""

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock, codes, database, deployments, links, notifications, parties
from engine.cases import Case
from engine.commands import cases
from engine.commands import handoffs as handoff_commands
from engine.commands import tasks as task_commands
from engine.instances import Instance
from engine.kept_answers import KeptAnswers
from engine.links import Act, Link
from engine.notifications import Kind, Notification
from engine.parties import PLATFORM
from engine.people import Person
from engine.tasks import Task
from tests.garages import MODEL, NOW
from tests.portal.guesthouse import Guesthouse
from tests.portal.house import PASSWORD, House

ASKS_FOR_CODE = "Is this your e\u2011mail address?"


@pytest.fixture
def inn(empty_house: House) -> Guesthouse:
    return Guesthouse(empty_house)


# -- from the mail to done ------------------------------------------------------------------------------------------


def test_from_the_mail_to_done_in_two_clicks(inn):
    guest = inn.guest()
    assert guest.heading == "Estimate the damage"
    assert "Front desk (Assurances du Pont) asks for this, until 7 Jan, 10:00." in guest.text
    assert "You act as Paul Martin (Garage Martin)." in guest.text
    guest.send(hours="12", note="New door")

    assert guest.heading == "Thank you, it is sent"
    assert "Hours of work 12" in guest.text
    assert inn.task().state == "COMPLETED"
    assert inn.answers()["hours"] == 12
    assert inn.handoff().state == "COMPLETED"


def test_the_token_leaves_the_address_bar_and_goes_nowhere_else(inn):
    visitor = inn.house.visitor()
    answer = visitor.http.get(inn.path())

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/g/{inn.link().key}"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and f"Path=/g/{inn.link().key}" in cookie
    token = inn.path().removeprefix("/l/")
    assert token not in cookie and token not in answer.text
    visitor.go(inn.path())
    assert token not in visitor.response.text


def test_the_audit_says_which_person_by_which_link_and_address(inn):
    inn.guest().send(hours="12")
    (act,) = inn.rows(Act)

    assert (act.name, act.address, act.word) == ("Paul Martin", "paul@garage.example", "task completed")
    assert (act.link_key, act.task_key) == (inn.link().key, inn.task().key)
    assert inn.task().completed_by == f"guest:{inn.link().key}"


def test_a_receipt_goes_to_the_same_address_and_keeps_sensitive_answers_to_itself(inn):
    guest = inn.guest().send(hours="12", iban="FR76 3000 6000 0112 3456 7890 189")
    receipt = next(row for row in inn.rows(Notification) if row.kind == Kind.RECEIPT)

    assert receipt.to_address == "paul@garage.example"
    assert receipt.data == {"who": "Paul Martin", "answers": [["Hours of work", "12"], ["IBAN", "(not repeated)"]]}
    assert "IBAN (not repeated)" in guest.text
    assert inn.answers()["iban"] == "FR76 3000 6000 0112 3456 7890 189"


def test_a_french_guest_reads_french_in_the_time_of_its_company(empty_house):
    contact = {"name": "Paul Martin", "email": "paul@garage.example"}
    inn = Guesthouse(empty_house, language="fr", time_zone="America/Guadeloupe", contacts=[contact])
    guest = inn.guest(**{"Accept-Language": "de"})

    assert "vous demande ceci, avant le 7 janv., 05:00" in guest.text
    assert "Heures" in guest.text


def test_what_is_wrong_stands_beside_the_field_and_the_contract_above(inn):
    guest = inn.guest().send(hours="many")

    assert guest.status == 422
    assert guest.value("hours") == "many"
    assert inn.task().state == "CREATED"


# -- reading changes nothing ----------------------------------------------------------------------------------------


def test_where_no_form_shows_what_was_sent_along_the_page_does(empty_house):
    inn = Guesthouse(empty_house)
    inn.deploy(MODEL.replace("<extensionElements><zeebe:formDefinition formId=\"garage-estimate\"/></extensionElements>", ""))
    handed = inn.hand_over(plate="NO-FORM-1")
    inn.write(lambda s: s.execute(update(Case).where(Case.key == handed.case_key).values(title="untitled")))

    assert "NO-FORM-1" in inn.guest(inn.link(handoff_key=handed.key)).text


NOTE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:handoff="urn:passerelle:handoff:1.0" targetNamespace="t">
  <collaboration id="c"><participant id="us" name="Insurer" processRef="note"/>
    <participant id="box" name="Auditor"><extensionElements>
      <handoff:party kind="partner" role="auditor" partyId="garage-martin"/></extensionElements></participant>
    <messageFlow id="out" sourceRef="tell" targetRef="box"><extensionElements><handoff:contract channel="email">
      <handoff:field name="subject" label="What it is about" type="string" required="true"/>
      <handoff:field name="iban" type="string" sensitive="true"/></handoff:contract></extensionElements></messageFlow></collaboration>
  <message id="m" name="Note"/>
  <process id="note" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="tell"/>
    <intermediateThrowEvent id="tell" name="A note"><messageEventDefinition messageRef="m"/></intermediateThrowEvent>
    <sequenceFlow id="f2" sourceRef="tell" targetRef="e"/><endEvent id="e"/></process>
</definitions>"""


def test_a_closed_pool_reads_what_was_sent_to_it_and_after_it_has_it_nothing_sensitive(empty_house):
    inn = Guesthouse(empty_house)
    inn.deploy(NOTE)
    given = {"subject": "100 chairs", "iban": "FR76-SECRET", "inner": "for us alone"}
    inn.write(lambda s: cases.start(s, deployments.expect_process(s, process_id="note"), given, by=PLATFORM))
    guest = inn.guest(inn.link())

    assert guest.heading == "This was handed over to you"
    assert "What it is about" in guest.text and "100 chairs" in guest.text and "FR76-SECRET" in guest.text
    assert "for us alone" not in guest.text
    guest.send(f"/g/{inn.link().key}/accept")
    assert "100 chairs" in guest.text and "FR76-SECRET" not in guest.text


def test_a_mail_scanner_that_follows_everything_changes_nothing(inn):
    before = inn.everything()
    for method in ("get", "head"):
        scanner = inn.house.visitor()
        seen, left = set(), [inn.path()]
        while left:
            path = left.pop()
            if path in seen:
                continue
            seen.add(path)
            answer = getattr(scanner.http, method)(path)
            assert answer.status_code < 500
            if answer.status_code == 303:
                left.append(answer.headers["Location"])
            left += [found for found in re.findall(r'(?:href|action|src)="(/[^"#]*)"', answer.get_data(as_text=True)) if "static" not in found]

        assert len(seen) > 5 or method == "head"
    assert inn.everything() == before


def test_a_log_in_stays_a_log_in(inn):
    clerk = inn.house.visitor("fanny")
    before = clerk.http.get_cookie("passerelle_login").value
    clerk.go(inn.path())
    assert "You act as Paul Martin" in clerk.text
    assert clerk.http.get_cookie("passerelle_login").value == before
    clerk.go("/cases")

    assert "Fanny" in clerk.response.text
    clerk.go(f"/tasks/{inn.task().key}")
    assert "Estimate" not in clerk.text


# -- links that do not open -----------------------------------------------------------------------------------------


def test_a_forged_link(inn):
    path = inn.path()
    for forged in (path[:-1] + ("A" if path[-1] != "A" else "B"), "/l/x", "/l/" + "A" * 40):
        visitor = inn.house.visitor().go(forged)

        assert (visitor.status, visitor.heading) == (404, "This link does not exist")
        assert visitor.page.xpath("//main//form") == []


def test_an_expired_link_and_a_fresh_one(inn):
    path = inn.path()
    inn.write(lambda s: clock.pin(s, NOW + timedelta(days=60)))
    visitor = inn.house.visitor().go(path)
    assert (visitor.status, visitor.heading) == (410, "This link has run out")
    assert "It goes to p…\u2060@garage.example." in visitor.text
    visitor.send("/l/fresh")
    assert visitor.heading == "A new link is on its way"
    mail = next(row for row in inn.rows(Notification) if row.kind == Kind.LINK)
    assert (mail.to_address, mail.link_key) == ("paul@garage.example", inn.link().key)

    assert inn.guest().heading == "Estimate the damage"
    assert inn.house.visitor().go(path).heading == "There is a newer link"


def test_fresh_links_do_not_fill_a_mailbox(inn):
    inn.change(Link, inn.link().key, expires_at=NOW - timedelta(days=1))
    path = inn.path()
    for _ in range(5):
        inn.change(Link, inn.link().key, expires_at=NOW - timedelta(days=1))
        visitor = inn.house.visitor().go(path).send("/l/fresh")

    assert (visitor.status, visitor.heading) == (429, "Please look into your mailbox")
    assert len([row for row in inn.rows(Notification) if row.kind == Kind.LINK]) == 3


def test_only_a_page_of_ours_can_ask_for_a_fresh_link(inn):
    visitor = inn.house.visitor().go("/login")
    csrf = visitor.form("/login")["_csrf"]

    answer = visitor.post("/l/fresh", {"_csrf": csrf, "fresh": str(inn.link().key)})
    assert answer.heading == "This link does not exist"
    assert [row.kind for row in inn.rows(Notification)] == [Kind.OFFERED]


def test_a_revoked_link(inn):
    guest = inn.guest()
    inn.write(lambda s: links.end(s, inn.link().key, because="revoked"))

    for visitor in (guest.go(f"/g/{inn.link().key}"), inn.guest()):
        assert (visitor.status, visitor.heading) == (410, "This link no longer works")
    assert "Estimate" not in guest.text


def test_a_link_of_an_earlier_round_leads_to_the_newer_mail(inn):
    old = inn.link()
    inn.write(lambda s: handoff_commands.send_again(s, inn.passed.key, by=PLATFORM))
    visitor = inn.guest(old)
    assert (visitor.status, visitor.heading) == (410, "There is a newer link")
    visitor.send("/l/fresh")

    new = inn.link()
    assert new.key != old.key
    assert next(row for row in inn.rows(Notification) if row.kind == Kind.LINK).link_key == new.key
    assert inn.guest(new).heading == "Estimate the damage"


def test_the_link_of_somebody_else_opens_only_what_it_was_made_for(inn):
    mine = inn.link()
    guest = inn.guest(mine)
    other = inn.hand_over(plate="ZZ-999-ZZ")
    their_link, their_task = inn.link(), inn.task()
    assert their_task.handoff_key == other.key

    for path in (f"/g/{mine.key}/tasks/{their_task.key}", f"/g/{mine.key}/tasks/999", f"/g/{mine.key}/documents/5"):
        assert guest.go(path).status == 404
    assert guest.go(f"/g/{their_link.key}").status == 401
    assert guest.go(f"/tasks/{their_task.key}").status == 401
    assert "ZZ-999-ZZ" not in guest.response.text


def test_the_cookie_of_one_link_does_not_open_another(inn):
    mine, guest = inn.link(), inn.guest()
    inn.hand_over(plate="ZZ-999-ZZ")
    other = inn.link()
    cookie = guest.http.get_cookie(f"passerelle_guest_{mine.key}", path=f"/g/{mine.key}")
    guest.http.set_cookie(f"passerelle_guest_{other.key}", cookie.value, path=f"/g/{other.key}")

    assert guest.go(f"/g/{other.key}").status == 401


# -- what was typed -------------------------------------------------------------------------------------------------


def test_what_was_kept_for_later_is_there_the_next_time(inn):
    guest = inn.guest().send(hours="12", note="Half of it", _keep="1")
    assert "Kept." in guest.text
    again = inn.guest()

    assert (again.value("hours"), again.value("note")) == ("12", "Half of it")
    assert "It is not sent yet." in again.text
    assert inn.task().state == "CREATED"
    again.send()
    assert inn.answers()["note"] == "Half of it"
    assert inn.rows(KeptAnswers) == []


def test_what_was_typed_survives_a_mistake_and_a_closed_browser(inn):
    inn.guest().send(hours="many", note="Half of it")

    assert inn.guest().value("note") == "Half of it"


def test_what_was_typed_survives_the_end_of_the_link(inn):
    guest = inn.guest()
    inn.write(lambda s: clock.pin(s, NOW + timedelta(days=60)))
    guest.send(hours="12", note="Half of it")
    assert (guest.status, guest.heading) == (410, "This link has run out")
    assert "What you typed is kept" in guest.text
    guest.send("/l/fresh")

    assert inn.guest().value("note") == "Half of it"
    assert inn.task().state == "CREATED"


def test_what_was_typed_is_shown_where_the_browser_forgot_who_it_is(inn):
    guest = inn.guest()
    guest.form()
    guest.http.delete_cookie(f"passerelle_guest_{inn.link().key}", path=f"/g/{inn.link().key}")
    guest.send(hours="12", note="Half of it")

    assert (guest.status, guest.heading) == (401, "Please open the link from your e-mail again")
    assert "Half of it" in guest.text
    assert inn.rows(KeptAnswers) == []


def test_a_stale_page_brings_back_what_was_typed(inn):
    guest = inn.guest()
    fields = guest.form() | {"_csrf": ["old"], "hours": ["12"]}
    guest.post(f"/g/{inn.link().key}/tasks/{inn.task().key}", fields)

    assert guest.value("hours") == "12"
    assert inn.task().state == "CREATED"


def test_another_site_cannot_send_for_a_guest(inn):
    guest = inn.guest()
    fields = guest.form() | {"hours": ["12"]}
    guest.post(f"/g/{inn.link().key}/tasks/{inn.task().key}", fields, Origin="https://evil.example.com")

    assert guest.status == 403
    assert inn.task().state == "CREATED"


# -- two of them ----------------------------------------------------------------------------------------------------


def test_two_guests_on_one_link_the_second_is_told_and_loses_nothing(inn):
    first, second = inn.guest(), inn.guest()
    first.send(hours="12")
    second.send(hours="14", note="My own estimate")

    assert (second.status, second.heading) == (409, "This is done")
    assert "My own estimate" in second.text
    assert inn.answers()["hours"] == 12


def test_two_people_of_one_mailbox_the_second_reads_who_was_faster(empty_house):
    inn = Guesthouse(empty_house, contacts=[{"name": "Anybody", "email": "atelier@garage.example"}])
    first, second = (inn.guest().send("/who", other=name) for name in ("Anna Blanc", "Paul Martin"))
    first.send(hours="12")
    second.send(hours="14", note="My own estimate")

    assert (second.status, second.heading) == (409, "This is done")
    assert "Anna Blanc sent Estimate the damage" in second.text
    assert "My own estimate" in second.text
    assert inn.answers()["hours"] == 12


def test_a_second_click_lands_on_the_receipt(inn):
    guest = inn.guest()
    fields = guest.form() | {"hours": ["12"]}
    path = f"/g/{inn.link().key}/tasks/{inn.task().key}"
    assert guest.post(path, fields).heading == "Thank you, it is sent"
    assert guest.post(path, fields).heading == "Thank you, it is sent"
    assert guest.post(path, fields | {"_once": ["another page"], "hours": ["13"]}).heading == "This is done"

    assert inn.answers()["hours"] == 12
    assert len([row for row in inn.rows(Notification) if row.kind == Kind.RECEIPT]) == 1
    assert inn.guest().heading == "This is done"


def test_both_at_the_same_moment(inn):
    fields = [inn.guest(), inn.guest()]
    forms = [(guest, guest.form() | {"hours": [str(10 + number)]}) for number, guest in enumerate(fields)]
    path = f"/g/{inn.link().key}/tasks/{inn.task().key}"
    threads = [threading.Thread(target=guest.post, args=(path, form)) for guest, form in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert {guest.status for guest in fields} <= {200, 409}
    assert len([act for act in inn.rows(Act) if act.word == "task completed"]) == 1
    assert inn.answers()["hours"] in (10, 11)


# -- who is acting --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contact", [{"name": "Garage Martin", "email": "g@garage.example"}, {"name": "Paul", "email": "info@garage.example"}])
def test_a_shared_mailbox_is_asked_who_acts_and_remembers_it(empty_house, contact):
    inn = Guesthouse(empty_house, contacts=[contact])
    guest = inn.guest()
    assert guest.heading == "Who is acting?"
    assert guest.send("/who", other=" ").status == 422
    guest.send("/who", other="  Anna   Blanc ")
    assert "You act as Anna Blanc (Garage Martin)." in guest.text
    inn.hand_over(plate="ZZ-999-ZZ")
    other = inn.guest()

    assert "I am Anna Blanc" in other.text
    other.post(f"/g/{inn.link().key}/who", other.form() | {"name": "Anna Blanc"})
    assert "You act as Anna Blanc" in other.text
    other.send(hours="3")
    assert [act.name for act in inn.rows(Act)] == ["Anna Blanc"]


def test_a_named_guest_can_say_that_it_is_somebody_else(inn):
    guest = inn.guest().go(f"/g/{inn.link().key}/who")
    assert "I am Paul Martin" in guest.text
    guest.send("/who", other="Anna Blanc") if len(guest.page.xpath("//main//form")) == 1 else guest.post(
        guest.path, guest.form() | {"other": "Anna Blanc"}
    )

    assert "You act as Anna Blanc" in guest.text


# -- a code ---------------------------------------------------------------------------------------------------------


def test_with_a_code_nothing_is_shown_before_the_address_is_proven(empty_house):
    inn = Guesthouse(empty_house, assurance="code")
    guest = inn.guest()
    assert guest.heading == ASKS_FOR_CODE
    assert "AB-123-CD" not in guest.response.text
    for page in (f"/tasks/{inn.task().key}", "/who", "/work", "/decline", "/colleague"):
        assert guest.go(f"/g/{inn.link().key}{page}").heading == ASKS_FOR_CODE
    assert [row.kind for row in inn.rows(Notification)] == [Kind.OFFERED]
    guest.send("/code/mail")
    assert "The code is on its way to p…\u2060@garage.example." in guest.text
    assert guest.send("/code", code="000000" if inn.code() != "000000" else "111111").status == 422
    guest.send("/code", code=inn.code())

    assert guest.heading == "Estimate the damage"
    assert inn.guest().heading == ASKS_FOR_CODE


def test_five_wrong_codes_and_the_right_one_is_dead_too(empty_house):
    inn = Guesthouse(empty_house, assurance="code")
    guest = inn.guest().send("/code/mail")
    wrong = f"{(int(inn.code()) + 1) % 10**6:06}"
    for _ in range(5):
        assert guest.send("/code", code=wrong).status == 422

    assert guest.send("/code", code=inn.code()).status == 422
    assert guest.send("/code/mail").send("/code", code=inn.code()).heading == "Estimate the damage"


def test_codes_do_not_fill_a_mailbox(empty_house):
    inn = Guesthouse(empty_house, assurance="code")
    guest = inn.guest()
    for _ in range(codes.MOST_SENT):
        guest.send("/code/mail")

    assert guest.send("/code/mail").status == 429
    assert len([row for row in inn.rows(Notification) if row.kind == Kind.CODE]) == codes.MOST_SENT


def test_after_a_code_one_sees_all_open_work_of_the_address_and_nobody_elses(inn):
    first = inn.link()
    inn.hand_over(plate="BB-222-BB")
    done = inn.hand_over(plate="CC-333-CC")
    inn.guest().send(hours="1")
    elsewhere = inn.hand_over(plate="DD-444-DD")
    inn.change(Link, inn.link(handoff_key=elsewhere.key).key, address="other@garage.example")
    guest = inn.guest(first).go(f"/g/{first.key}/work")
    assert guest.heading == ASKS_FOR_CODE
    guest.send("/code/mail").send("/code", code=inn.code())

    assert guest.heading == "Sent to you"
    assert "AB-123-CD" in guest.text and "BB-222-BB" in guest.text
    assert "CC-333-CC" not in guest.text and "DD-444-DD" not in guest.text
    assert done.key != elsewhere.key
    (other,) = [path for path in guest.page.xpath("//main//li/a/@href") if not path.endswith(str(first.key))]
    guest.go(other)
    assert "BB-222-BB" in guest.text
    assert "You act as Paul Martin" in guest.text
    assert guest.go(f"/g/{first.key}/work/{inn.link(handoff_key=elsewhere.key).key}").status == 404


def test_where_the_contract_asks_for_an_account_the_link_leads_to_the_log_in(empty_house):
    inn = Guesthouse(empty_house, assurance="account")
    guest = inn.guest()

    assert (guest.status, guest.heading) == (401, "Log in")
    assert "AB-123-CD" not in guest.response.text
    assert guest.go(f"/g/{inn.link().key}/tasks/{inn.task().key}").heading == "Log in"


def test_where_the_contract_asks_for_an_account_a_person_of_the_party_does_the_work_and_nobody_elses(empty_house):
    inn = Guesthouse(empty_house, assurance="account")
    other = inn.write(lambda s: parties.save(s, {"name": "Another garage"}, by=PLATFORM).key)
    for username, party_key in (("paul", inn.garage), ("marc", other)):
        inn.write(lambda s, u=username, k=party_key: s.execute(update(Person).where(Person.username == u).values(party_key=k)))
    guest = inn.guest()
    for address in (f"/g/{inn.link().key}/tasks/{inn.task().key}", f"/g/{inn.link().key}/accept"):
        guest.post(address, {"_csrf": "x", "hours": "3"})
        assert inn.task().state == "CREATED" and inn.handoff().state == "OFFERED"

    marc = inn.guest().send("/login", username="marc", password=PASSWORD)
    assert (marc.status, marc.path) == (404, f"/tasks/{inn.task().key}")
    fanny = inn.house.visitor("fanny").go(inn.path())
    assert (fanny.status, fanny.path) == (404, f"/tasks/{inn.task().key}")
    paul = inn.guest().send("/login", username="paul", password=PASSWORD)
    assert (paul.status, paul.path, paul.heading) == (200, f"/tasks/{inn.task().key}", "Estimate the damage")
    paul.send("/claim").send(hours="3")

    assert (inn.handoff().state, inn.handoff().accepted_by, inn.task().completed_by) == ("COMPLETED", "person:paul", "paul")
    assert paul.go(inn.path()).path == f"/handoffs/{inn.handoff().key}"


# -- yes, no, somebody else -----------------------------------------------------------------------------------------


def test_we_take_it_tells_the_other_side_without_doing_it_yet(inn):
    guest = inn.guest().send("/accept")

    assert "They know now that you have it." in guest.text
    assert (inn.handoff().state, inn.handoff().accepted_by) == ("ACCEPTED", f"guest:{inn.link().key}")
    assert [act.word for act in inn.rows(Act)] == ["handoff accepted"]
    guest.post(f"/g/{inn.link().key}/accept", {"_csrf": guest.form()["_csrf"]})
    assert [act.word for act in inn.rows(Act)] == ["handoff accepted"]


def test_a_no_with_a_reason_ends_the_link(inn):
    guest = inn.guest().go(f"/g/{inn.link().key}/decline")
    assert guest.send(reason="  ").status == 422
    assert inn.handoff().state == "OFFERED"
    guest.send(reason="No lift that is high enough")

    assert guest.heading == "They know that you cannot do it"
    assert (inn.handoff().state, inn.handoff().reason) == ("DECLINED", "No lift that is high enough")
    assert inn.guest().heading == "This link no longer works"
    assert [act.word for act in inn.rows(Act)] == ["handoff declined"]


def test_a_no_that_comes_after_it_was_done_changes_nothing(inn):
    guest = inn.guest().go(f"/g/{inn.link().key}/decline")
    guest.form()
    inn.guest().send(hours="12")
    guest.send(reason="Too late")

    assert guest.heading == "This is done"
    assert inn.handoff().state == "COMPLETED"


def test_a_no_that_comes_after_a_part_was_done_says_that_it_was_not_declined(empty_house):
    inn = Guesthouse(empty_house)
    second = '<userTask id="look" name="Look at the car"/><sequenceFlow id="then" sourceRef="look" targetRef="estimate"/>'
    inn.deploy(
        MODEL.replace("<flowNodeRef>estimate<", "<flowNodeRef>look</flowNodeRef><flowNodeRef>estimate<")
        .replace('sourceRef="check" targetRef="estimate"', 'sourceRef="check" targetRef="look"')
        .replace('<userTask id="decide"', second + '<userTask id="decide"')
    )
    handed = inn.hand_over(plate="LA-1")
    link = inn.link(handoff_key=handed.key)
    refuser = inn.guest(link).go(f"/g/{link.key}/decline")
    refuser.form()
    inn.guest(link).send()
    refuser.send(reason="Too late")

    assert refuser.heading == "Estimate the damage" and "It was not declined" in refuser.text
    assert inn.handoff().state == "ACCEPTED"


def test_a_no_and_a_yes_at_the_same_moment_only_one_of_them_happens(inn):
    sender, refuser = inn.guest(), inn.guest().go(f"/g/{inn.link().key}/decline")
    key, task = inn.link().key, inn.task()
    send, refuse = sender.form() | {"hours": ["12"]}, refuser.form() | {"reason": ["No"]}
    threads = [
        threading.Thread(target=sender.post, args=(f"/g/{key}/tasks/{task.key}", send)),
        threading.Thread(target=refuser.post, args=(f"/g/{key}/decline", refuse)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    words = [act.word for act in inn.rows(Act)]
    assert words in (["task completed"], ["handoff declined"])
    assert inn.handoff().state == {"task completed": "COMPLETED", "handoff declined": "DECLINED"}[words[0]]
    assert sender.status < 500 and refuser.status < 500


def test_passing_to_a_colleague_gives_them_a_link_and_what_was_typed_and_ends_mine(inn):
    mine = inn.link()
    guest = inn.guest().send(hours="12", _keep="1").go(f"/g/{mine.key}/colleague")
    for typed in ({"name": "", "address": "anna@garage.example"}, {"name": "Anna", "address": "anna"}, {"name": "Paul", "address": "Paul@garage.example"}):
        assert guest.send("/colleague", **typed).status == 422
    guest.send("/colleague", name="Anna Blanc", address="anna@garage.example")
    assert guest.heading == "Anna Blanc has it now"
    new = inn.link()
    mail = next(row for row in inn.rows(Notification) if row.kind == Kind.LINK)

    assert (new.address, new.handoff_key, new.party_key) == ("anna@garage.example", mine.handoff_key, mine.party_key)
    assert (mail.to_address, mail.link_key, mail.data) == ("anna@garage.example", new.key, {"who": "Paul Martin"})
    assert inn.guest(mine).heading == "This was passed on to a colleague"
    assert inn.guest(mine).page.xpath("//main//form") == []
    colleague = inn.guest(new)
    assert colleague.value("hours") == "12"
    assert "You act as Anna Blanc" in colleague.text
    colleague.send()
    assert [(act.name, act.word) for act in inn.rows(Act)] == [("Paul Martin", "passed on"), ("Anna Blanc", "task completed")]


def test_work_that_was_withdrawn_says_so(inn):
    guest = inn.guest()
    guest.form()
    inn.write(lambda s: handoff_commands.cancel(s, inn.passed.key, by=PLATFORM))
    guest.send(hours="12", note="Half of it")

    assert guest.status in (409, 410)
    assert guest.heading == "This is no longer needed"
    assert inn.guest().heading == "This is no longer needed"


def test_what_came_along_is_shown_to_people_whose_task_has_no_form_as_to_guests(inn):
    inn.guest().send(hours="12", iban="FR76 3000 6000 0112 3456 7890 189")
    task = inn.read(lambda s: s.scalars(select(Task).where(Task.element_id == "decide")).one())
    fanny = inn.house.visitor("fanny").go(f"/tasks/{task.key}")

    assert "What was sent to you" in fanny.text and "hours12" in fanny.text and "FR76 3000" in fanny.text
    assert "Garage completed “Estimate the damage”." in fanny.text
    inn.house.visitor("karim").go(f"/tasks/{task.key}").send(f"/tasks/{task.key}/claim")
    fanny = inn.house.visitor("fanny").go(f"/tasks/{task.key}")
    assert "hours12" in fanny.text and "FR76 3000" not in fanny.text  # that is for whoever has the task


def test_who_was_asked_and_did_not_answer_yet_is_written_that_it_need_not(inn):
    asked = inn.link()
    inn.write(lambda s: handoff_commands.cancel(s, inn.passed.key, by=PLATFORM))
    told = [row for row in inn.rows(Notification) if row.kind == Kind.WITHDRAWN]

    assert [(row.to_address, row.handoff_key) for row in told] == [(asked.address, inn.passed.key)]


def test_who_had_answered_when_the_case_is_given_up_is_not_written_to(inn):
    guest = inn.guest()
    guest.send(hours="12", note="Half of it")
    instance = inn.read(lambda s: s.scalars(select(Instance.key)).one())
    inn.write(lambda s: cases.cancel(s, instance, by=PLATFORM))

    assert [row.kind for row in inn.rows(Notification) if row.kind == Kind.WITHDRAWN] == []


def test_work_that_somebody_of_the_host_did_meanwhile_says_so(inn):
    guest = inn.guest()
    guest.form()
    inn.write(lambda s: task_commands.complete(s, inn.task().key, {"hours": 1}, by=PLATFORM))
    guest.send(hours="12", note="Half of it")

    assert (guest.status, guest.heading) == (409, "This is done")
    assert "Half of it" in guest.text


# -- erasing --------------------------------------------------------------------------------------------------------


def test_erasing_a_case_takes_out_names_addresses_and_what_was_typed(inn):
    inn.guest().send(hours="12", note="A secret note")

    def erase(session: Session) -> None:
        links.erase(session, inn.passed.case_key)
        notifications.erase(session, inn.passed.case_key)

    with Session(inn.engine) as session:
        database.run(session, erase)
    left = repr([[vars(row) for row in inn.rows(model)] for model in (Link, Act, Notification, KeptAnswers)])

    assert "paul" not in left.lower() and "secret" not in left
