"""Following a case by a link: what its customer reads, what they never read, and what they say once it is over."""

import shutil
import subprocess
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from engine import clock, database, deployments, feedback, insights, json_text, links, parties, worker
from engine.commands import erasures as erasure_commands
from engine.feedback import Feedback
from engine.handoffs import Handoff
from engine.notifications import Kind
from engine.parties import PLATFORM
from tests.portal.house import House
from tests.portal.reception import ADDRESS, HOST, NOW, TWO_POOLS, Reception

SECRETS = ("MP-204711", "+33 6 12", "quai Perrache", "Benali", "karim@", "Front desk", "Adjusters", "Check the cover")


@pytest.fixture
def desk(empty_house: House) -> Reception:
    desk = Reception(empty_house)
    desk.confirm()
    return desk


def _visitor(desk):
    return desk.house.visitor().go(desk.follow())


def _closed(desk):
    desk.reject()
    desk.complete("readDecision", read=True)
    return _visitor(desk)


# -- while it goes on -----------------------------------------------------------------------------------------------


def test_the_page_says_how_far_it_is_and_who_has_to_act_until_when(desk):
    customer = _visitor(desk)

    assert "/l/" not in customer.path
    assert "AB-123-CD · Claire Fontaine" in customer.text
    assert f"{HOST} has to act since 5 Jan, 09:00, until 5 Jan, 17:00" in customer.text
    (present,) = customer.page.xpath("//main//li[@aria-current='step']")
    assert "We have your report Present step since 5 Jan, 09:00" in " ".join(present.text_content().split())
    assert "Your policy covers the damage (perhaps)" in customer.text
    assert "sophie@meridian.example" in customer.text
    assert customer.page.xpath("//main//form") == []


def test_the_page_follows_the_case_to_the_garage(desk):
    garage = desk.read(lambda s: parties.by_party_id(s, "benali").key)
    desk.complete("checkCover", cover="covered", deductible=300)
    desk.complete("chooseAssessment", assessment="garage", workOrder="Bumper.", roles={"garage": garage})
    customer = _visitor(desk)

    assert "Garage has to act since 5 Jan, 09:00, until" in customer.text
    assert f"{HOST} has to act" not in customer.text  # it waits, too
    (present,) = customer.page.xpath("//main//li[@aria-current='step']")
    assert "A garage estimates the repair" in present.text_content()


def test_nothing_of_others_and_no_value_stands_on_the_page(desk):
    garage = desk.read(lambda s: parties.by_party_id(s, "benali").key)
    pages = [_visitor(desk)]
    desk.complete("checkCover", cover="covered", deductible=731.42)
    pages.append(_visitor(desk))
    desk.complete("chooseAssessment", assessment="garage", workOrder="Look at the frame.", roles={"garage": garage})
    pages.append(_visitor(desk))

    for page in pages:
        body = page.response.get_data(as_text=True)
        assert [secret for secret in (*SECRETS, "Look at the frame", "731.42", "731,42") if secret in body] == []


def test_the_page_is_read_in_french(desk):
    customer = desk.house.visitor()
    customer.http.set_cookie("passerelle_language", "fr")
    customer.go(desk.follow())

    assert customer.heading == f"Votre dossier {desk.number}"
    assert "Nous avons votre déclaration Étape actuelle" in customer.text
    assert f"{HOST} doit agir depuis le 5 janv., 09:00, jusqu’au 5 janv., 17:00" in customer.text


def test_what_is_late_is_said(desk):
    desk.house.write(lambda s: clock.pin(s, NOW + timedelta(days=2)))

    assert "This was due on 5 Jan, 17:00" in _visitor(desk).text


def test_milestones_that_the_way_went_round_are_not_to_come(desk):
    desk.complete("checkCover", cover="covered", deductible=300)
    desk.complete("chooseAssessment", assessment="report")
    text = _visitor(desk).text

    assert "We decide on your claim Present step" in text
    assert "A garage estimates the repair" not in text


def test_what_a_no_makes_impossible_is_not_to_come(desk):
    assert "Approved: the payment is on its way (perhaps)" in _visitor(desk).text
    desk.reject()
    text = _visitor(desk).text

    assert "Decided Present step" in text
    assert "still to come" not in text and "erhaps" not in text


def test_what_depends_on_a_decision_is_not_promised(desk):
    desk.complete("checkCover", cover="covered", deductible=300)
    text = _visitor(desk).text

    assert "We decide on your claim (still to come)" in text
    assert "Approved: the payment is on its way (perhaps)" in text
    assert "Perhaps: whether this step comes depends on what is decided before it." in text


def test_looking_changes_nothing(desk):
    before = desk.everything()
    customer = _visitor(desk)
    customer.http.head(customer.path)

    assert desk.everything() == before


# -- the customer's own task ----------------------------------------------------------------------------------------


def test_who_has_just_proven_the_address_goes_straight_to_their_task(desk):
    customer = desk.confirm(desk.visitor())
    desk.reject()
    customer.go(customer.path)
    assert "It is your turn" in customer.text
    (way,) = customer.page.xpath("//main//a[contains(@href, '/tasks/')]/@href")
    customer.go(way)

    assert customer.heading == "Read the decision"
    assert "You act as Claire Fontaine" in customer.text
    customer.send(read="true")
    assert customer.heading == "Thank you, it is sent"


def test_a_link_to_follow_that_was_shown_around_asks_for_a_code_before_the_task(desk):
    desk.reject()
    somebody = _visitor(desk)
    (way,) = somebody.page.xpath("//main//a[contains(@href, '/tasks/')]/@href")
    somebody.go(way)

    assert somebody.heading == "Is this your e\u2011mail address?"
    task = desk.task("readDecision")
    assert somebody.go(f"/g/{desk.link('handoff').key}/tasks/{task.key}").heading == "Is this your e\u2011mail address?"


def test_a_task_of_the_customers_own_part_is_shown_before_anything_crossed(desk):
    first = '<startEvent id="begin"><extensionElements><zeebe:formDefinition formId="wish"/></extensionElements></startEvent>'
    own = '<sequenceFlow id="a0" sourceRef="begin" targetRef="think"/><userTask id="think" name="Think again"/>'
    model = TWO_POOLS.replace(first, first + own).replace('sourceRef="begin" targetRef="sent"', 'sourceRef="think" targetRef="sent"')
    form = {"id": "wish", "type": "default", "components": [{"type": "textfield", "key": "book", "label": "Which book?"}]}
    files = [("two.bpmn", model.encode()), ("wish.form", json_text.dump_bytes(form))]
    desk.house.write(lambda s: deployments.deploy(s, files, by=PLATFORM))
    typed = {"book": "Middlemarch", "_your_name": "Mary Ann", "_your_address": "mary@ann.example"}
    visitor = desk.house.visitor().go("/public/ask").send("/public/ask", **typed).go(desk.proof()).send()

    assert "It is your turn since 5 Jan, 09:00" in visitor.text
    assert "Think again" in visitor.text
    assert f"{HOST} has to act" not in visitor.text


def test_a_link_to_follow_opens_no_other_page(desk):
    somebody, link = _visitor(desk), desk.link()
    desk.reject()
    name = f"passerelle_guest_{link.key}"
    somebody.http.set_cookie(name, somebody.http.get_cookie(name, path=f"/t/{link.key}").value)  # for every path
    pages = [f"/g/{link.key}", f"/g/{link.key}/work", f"/g/{link.key}/code", f"/g/{link.key}/tasks/{desk.task('readDecision').key}"]

    assert [somebody.go(path).status for path in pages] == [401] * 4


def test_somebody_elses_task_is_not_found(desk):
    task = desk.task("checkCover")
    customer = _visitor(desk)

    assert customer.go(f"{customer.path}/tasks/{task.key}").status == 404


# -- links that end -------------------------------------------------------------------------------------------------


def test_a_link_to_follow_holds_for_a_year_and_a_fresh_one_comes_by_mail(desk):
    desk.house.write(lambda s: clock.pin(s, NOW + timedelta(days=364)))
    assert _visitor(desk).status == 200
    desk.house.write(lambda s: clock.pin(s, NOW + timedelta(days=366)))
    late = _visitor(desk)
    assert (late.status, late.heading) == (410, "This link has run out")
    late.send("/l/fresh")

    assert late.heading == "A new link is on its way"
    assert [row.to_address for row in desk.mails(Kind.LINK)] == [ADDRESS]
    assert _visitor(desk).heading == f"Your case {desk.number}"


def test_a_link_to_follow_that_was_taken_back_opens_nothing(desk):
    inside = _visitor(desk)
    desk.house.write(lambda s: links.end(s, desk.link().key, because=links.Ended.REVOKED))

    assert (inside.go(inside.path).status, _visitor(desk).status) == (410, 410)


def test_the_address_of_the_page_alone_opens_nothing(desk):
    stranger = desk.house.visitor()

    assert stranger.go(f"/t/{desk.link().key}").status == 401
    assert stranger.go("/t/1").status == 401


# -- did it work ----------------------------------------------------------------------------------------------------


def test_once_the_case_is_over_one_question_is_asked_and_the_answer_may_be_changed(desk):
    customer = _closed(desk)
    assert "This case is closed" in customer.text
    assert "Did this work for you?" in customer.text
    customer.send("/feedback", worked="no", reason="It took too long.")
    assert "Thank you for your answer." in customer.text
    assert customer.value("worked") == "no"
    customer.send("/feedback", worked="yes", reason="")

    (given,) = desk.rows(Feedback)
    assert (given.link_key, given.worked, given.reason) == (desk.link().key, True, None)


def test_no_answer_is_no_answer(desk):
    customer = _closed(desk)
    customer.send("/feedback", reason="Half of it stays.")

    assert customer.status == 422
    assert "Please choose yes or no." in customer.text
    assert customer.value("reason") == "Half of it stays."
    assert desk.rows(Feedback) == []
    (back,) = customer.page.xpath("//footer//input[@name='back']/@value")
    assert customer.go(customer.path).path == back == f"/t/{desk.link().key}"  # loaded again, or in another language


def test_a_case_that_goes_on_takes_no_answer(desk):
    customer = _visitor(desk)
    fields = {"_csrf": [customer.page.xpath("//footer//input[@name='_csrf']/@value")[0]], "worked": ["yes"]}
    customer.post(f"{customer.path}/feedback", fields)

    assert customer.status == 409
    assert desk.rows(Feedback) == []


def test_an_answer_needs_the_page_it_was_asked_on(desk):
    customer = _closed(desk)
    customer.send("/feedback", worked="no", _csrf="forged")

    assert customer.status == 403
    assert desk.rows(Feedback) == []


def test_what_was_said_stands_in_the_insights_and_the_reason_goes_with_the_case(desk):
    _closed(desk).send("/feedback", worked="no", reason="Nobody answered the telephone.")
    (verdict,) = desk.read(lambda s: insights.feedback(s, Handoff.key > 0))
    assert (verdict.process_id, verdict.count, verdict.worked, verdict.share) == ("claim", 1, 0, 0)
    assert verdict.reasons == ["Nobody answered the telephone."]
    assert desk.read(lambda s: insights.feedback(s, Handoff.process_id == "another")) == []
    case = desk.case()
    with Session(desk.house.engine) as session:
        database.run(session, lambda s: erasure_commands.erase(s, case.key, by=PLATFORM))
        worker.settle(session)

    (verdict,) = desk.read(lambda s: insights.feedback(s, Handoff.key > 0))
    assert (verdict.count, verdict.worked, list(verdict.reasons)) == (1, 0, [])
    assert desk.read(lambda s: feedback.of_case(s, case.key))[0].reason is None
    assert desk.house.visitor().go(desk.follow()).status == 410


# -- on paper, and without pictures ---------------------------------------------------------------------------------


def test_lynx_reads_the_page(desk, tmp_path):
    lynx = shutil.which("lynx")
    assert lynx, "Expected lynx (apt install lynx), found none."
    file = tmp_path / "page.html"
    file.write_bytes(_visitor(desk).response.get_data())
    told = subprocess.run([lynx, "-dump", "-nolist", "-width=72", str(file)], capture_output=True, text=True, check=True).stdout

    words = " ".join(told.split())
    assert f"Your case {desk.number}" in words
    assert f"{HOST} has to act since 5 Jan, 09:00, until 5 Jan, 17:00" in words
    assert "1. We have your report Present step since 5 Jan, 09:00" in words
    assert "sophie@meridian.example" in words
