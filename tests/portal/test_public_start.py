"""Starting something without an account: nothing begins before the address is proven, then exactly once."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from engine import clock, codes, database, deployments, json_text, mails, parties, public_starts, worker
from engine.cases import Case
from engine.commands import public_starts as commands
from engine.documents import Document
from engine.handoffs import Handoff
from engine.mails import House as MailHouse
from engine.notifications import Kind, Notification
from engine.parties import PLATFORM
from engine.people import Person
from engine.public_starts import PublicStart
from engine.tasks import Task
from engine.variables import of_scope
from tests.portal.house import House
from tests.portal.reception import ADDRESS, CLAIM, HOST, REPORT, TWO_POOLS, Reception

JPEG = (CLAIM / "files" / "rear.jpg").read_bytes()
MAILS = MailHouse("https://work.example.com", "a secret of the tests", "Claims", "claims@pont.example")


@pytest.fixture
def desk(empty_house: House) -> Reception:
    return Reception(empty_house)


# -- the way ---------------------------------------------------------------------------------------------------------


def test_what_is_for_everybody_is_listed_and_nothing_else(desk):
    visitor = desk.house.visitor().go("/public")

    assert [link.get("href") for link in visitor.page.xpath("//main//a")] == ["/public/claim"]
    assert "Report a motor claim" in visitor.text
    assert desk.house.visitor().go("/public/claim-insurer").status == 404
    assert desk.house.visitor().go("/public/nothing").status == 404
    assert desk.house.visitor().go("/login").page.xpath("//main//section//a/@href") == ["/public/claim"]


def test_the_first_page_names_a_few_and_leads_to_the_rest(desk):
    door = desk.house.visitor()
    form = json_text.dump_bytes(LOOSE)
    for number in range(4):
        model = TWO_POOLS.replace('"ask"', f'"ask{number}"').replace('"lend"', f'"lend{number}"').replace("Ask for a book", f"Ask {number}")
        desk.house.write(lambda s, model=model: deployments.deploy(s, [("two.bpmn", model.encode()), ("wish.form", form)], by=PLATFORM))
    ways = door.go("/").page.xpath("//main//section//a/@href")

    assert ways == [*(f"/public/ask{number}" for number in range(3)), "/public"]
    assert len(door.go("/public").page.xpath("//main//a")) == 5


def test_from_the_form_to_the_case_in_one_mail(desk):
    visitor = desk.send()
    assert visitor.heading == "Now look into your mailbox"
    assert desk.count(Case) == 0
    visitor.go(desk.proof())
    assert visitor.heading == "Is this from you?"
    assert "/p/" not in visitor.path
    assert "Number plate AB-123-CD" in visitor.text
    visitor.send()

    assert visitor.heading == f"Your case {desk.number}"
    assert f"Thank you, it is sent. Your case has the number {desk.number}" in visitor.text
    assert desk.task("checkCover").name == "Check the cover"
    values = desk.read(lambda s: of_scope(s, desk.case().first_instance_key))
    assert (values["plate"], values["estimatedDamage"]) == ("AB-123-CD", 1800)


def test_the_case_is_the_customers_who_is_one_party_each_time(desk):
    desk.confirm()
    desk.confirm(plate="EF-456-GH", _your_address="  Claire@Fontaine.Example ")

    (claire,) = desk.customers()
    assert (claire.email, claire.name, claire.language) == (ADDRESS, "Claire Fontaine", "en")
    passed = desk.rows(Handoff)
    assert {row.from_party_key for row in passed if row.flow_id == "reportFlow"} == {claire.key}
    assert desk.case().started_by == f"guest:{desk.link().key}"


def test_the_mails_say_what_to_do_and_lead_there(desk):
    desk.send()
    proof = _letter(desk, Kind.PROOF)
    desk.house.visitor().go(proof.url.removeprefix(MAILS.url)).send()
    follow = _letter(desk, Kind.FOLLOW)

    assert proof.subject == "Confirm your e-mail address"
    assert proof.greeting == "Hello," and desk.mails(Kind.PROOF)[0].to_name is None, "a stranger may have typed the name, with any words in it"
    assert follow.greeting == "Hello Claire Fontaine,"
    assert proof.lines == [f"Somebody, probably you, filled in “Report a motor claim” for {HOST} with this address. Nothing is sent before you confirm it."]
    assert follow.subject == f"[{desk.number}] AB-123-CD · Claire Fontaine: Follow your case"
    assert ("Number plate", "AB-123-CD") in follow.answers
    assert ("Telephone", "(not repeated)") in follow.answers
    assert desk.house.visitor().go(follow.url.removeprefix(MAILS.url)).heading == f"Your case {desk.number}"


def _letter(desk, kind):
    (row,) = desk.mails(kind)
    found = desk.read(lambda s: mails.letter_of(s, s.get_one(Notification, row.key), MAILS))
    return found[0]


def test_a_visitor_reads_and_is_written_to_in_french(desk):
    visitor = desk.visitor(**{"Accept-Language": "fr"})
    assert "Votre adresse e-mail" in visitor.text
    assert visitor.heading == "Déclarer un sinistre auto"
    desk.confirm(visitor)

    assert visitor.heading == f"Votre dossier {desk.number}"
    assert "Nous avons votre déclaration" in visitor.text
    assert {row.language for row in desk.mails(Kind.PROOF) + desk.mails(Kind.FOLLOW)} == {"fr"}


def test_what_is_missing_is_said_beside_the_field_and_nothing_is_kept_or_mailed(desk):
    visitor = desk.send(plate="", _your_address="claire at home")

    assert visitor.status == 422
    assert "Please give an e-mail address such as anna@example.com." in visitor.text
    assert "There are 2 things to correct" in visitor.text
    assert (visitor.value("place"), visitor.value("_your_address")) == (REPORT["place"], "claire at home")
    assert desk.count(PublicStart) == desk.count(Notification) == 0


def test_a_rehearsal_leaves_nothing_behind(desk):
    desk.send()

    assert (desk.count(Case), desk.count(Task), desk.count(Handoff), desk.customers()) == (0, 0, 0, [])
    desk.confirm()
    before = desk.case().number
    desk.confirm()
    assert desk.case().number == before + 1


def test_a_form_that_asks_for_the_name_asks_once(desk):
    visitor = desk.visitor()
    assert "_your_name" not in visitor.form("/public/claim")
    (name,) = visitor.page.xpath("//main//input[@autocomplete='name']")
    desk.confirm(visitor, holderName="  Claire\tde  Fontaine ")

    assert name.get("name") == "holderName"
    assert [party.name for party in desk.customers()] == ["Claire de Fontaine"]


LOOSE = {"id": "wish", "type": "default", "components": [{"type": "textfield", "key": "book", "label": "Which book?"}]}


def test_what_the_contract_would_refuse_is_refused_while_the_form_is_there(empty_house):
    desk = Reception(empty_house)
    files = [("two.bpmn", TWO_POOLS.encode()), ("wish.form", json_text.dump_bytes(LOOSE))]
    desk.house.write(lambda s: deployments.deploy(s, files, by=PLATFORM))
    typed = {"_your_name": "Mary Ann", "_your_address": "mary@ann.example"}
    visitor = desk.house.visitor().go("/public/ask").send("/public/ask", **typed)

    assert visitor.status == 422
    assert visitor.page.xpath("//main//*[@id='f-book-error']")
    assert visitor.value("_your_address") == "mary@ann.example"
    assert (desk.count(PublicStart), desk.count(Case), desk.count(Notification)) == (0, 0, 0)
    nobody = desk.house.visitor().go("/public/ask").send("/public/ask", **typed | {"book": "Emma", "_your_name": " "})
    assert (nobody.status, "Please give your name." in nobody.text) == (422, True)
    assert visitor.send("/public/ask", book="Middlemarch").heading == "Now look into your mailbox"


def test_a_process_that_is_no_longer_for_everybody_starts_no_more_from_its_page(desk):
    visitor = desk.visitor()
    fields = visitor.form("/public/claim") | {name: [value] for name, value in REPORT.items()}
    model = (CLAIM / "claim.bpmn").read_text().replace(' publicStart="true"', "")
    desk.house.write(lambda s: deployments.deploy(s, [("claim.bpmn", model.encode())], by=PLATFORM))
    visitor.post("/public/claim", fields)

    assert visitor.status == 404
    assert desk.house.visitor().go("/public").text.startswith("What you can start here")
    assert desk.house.visitor().go("/public").page.xpath("//main//a") == []
    assert desk.count(PublicStart) == 0


# -- files ----------------------------------------------------------------------------------------------------------


def test_photos_go_the_whole_way_into_the_case(desk):
    visitor = desk.confirm(photos=[(JPEG, "rear.jpg")])

    (photo,) = desk.rows(Document)
    (claire,) = desk.customers()
    assert visitor.heading == f"Your case {desk.number}"
    assert (photo.case_key, photo.party_key, photo.kept_until, photo.name) == (desk.case().key, claire.key, None, "rear.jpg")
    assert photo.uploaded_by == f"guest:{desk.link().key}"


def test_a_visitor_sees_and_takes_off_what_was_handed_in_and_nobody_else_does(desk):
    visitor = desk.visitor().send("/public/claim", photos=[(JPEG, "rear.jpg")], _upload="photos")
    (address,) = (link.get("href") for link in visitor.page.xpath("//main//a[@download]"))

    assert visitor.http.get(address).data[:2] == b"\xff\xd8"
    assert desk.visitor().go(address).status == 404
    visitor.send("/public/claim", _remove=f"photos {desk.rows(Document)[0].key}")
    assert desk.count(Document) == 0


def test_files_of_one_network_that_belong_to_no_case_have_a_limit(desk, monkeypatch):
    monkeypatch.setattr(public_starts, "MOST_BYTES", len(JPEG))
    desk.visitor().send("/public/claim", photos=[(JPEG, "rear.jpg")], _upload="photos")
    second = desk.visitor().send("/public/claim", photos=[(JPEG, "side.jpg")], _upload="photos")

    assert second.status == 413
    assert desk.count(Document) == 1
    elsewhere = desk.visitor(**{"X-Forwarded-For": "62.4.16.9"}).send("/public/claim", photos=[(JPEG, "side.jpg")], _upload="photos")
    assert elsewhere.status == 200


def test_a_large_request_is_taken_only_from_a_browser_that_was_shown_the_form(desk):
    stranger = desk.house.visitor().go("/login")
    stranger.post("/public/claim", {"_csrf": stranger.form()["_csrf"], "story": "x" * 1_100_000})

    assert stranger.status == 413


# -- the proof ------------------------------------------------------------------------------------------------------


def test_looking_at_the_link_changes_nothing_whoever_looks(desk):
    desk.send(photos=[(JPEG, "rear.jpg")])
    before = desk.everything()
    scanner = desk.house.visitor()
    for path in (desk.proof(), desk.proof()):
        scanner.http.head(path, follow_redirects=True)
        scanner.go(path)

    assert desk.everything() == before


def test_a_proof_works_once_and_says_so_afterwards(desk):
    desk.send()
    second = desk.house.visitor().go(desk.proof())  # opened before, pressed after
    page, address = second.form(), second.path
    desk.house.visitor().go(desk.proof()).send()
    before = desk.everything()
    second.post(address, page)
    third = desk.house.visitor().go(desk.proof())

    for late in (second, third):
        assert late.heading == "This was sent already"
        assert desk.number in late.text
        assert ADDRESS not in late.text and "AB-123-CD" not in late.text
        assert late.page.xpath("//main//a") == []
    assert second.http.get(f"/t/{desk.link().key}").status_code == 401
    assert desk.everything() == before


def test_a_second_press_of_the_same_button_leads_to_the_same_case(desk):
    visitor = desk.send().go(desk.proof())
    page, address = visitor.form(), visitor.path
    visitor.send()
    before, here = desk.everything(), visitor.path
    visitor.post(address, page)

    assert (visitor.path, visitor.heading) == (here, f"Your case {desk.number}")
    assert desk.everything() == before
    assert desk.house.visitor().post(address, page).status == 403
    page["_once"] = ["another page"]
    assert visitor.post(address, page).heading == "This was sent already"


def test_a_proof_that_ran_out_starts_nothing_and_what_was_typed_is_deleted(desk):
    visitor = desk.send(photos=[(JPEG, "rear.jpg")])
    page = visitor.go(desk.proof()).form()
    (start,) = desk.rows(PublicStart)
    desk.change(PublicStart, start.key, expires_at=clock.machine_now() - timedelta(seconds=1))
    visitor.post(f"/confirm/{start.key}", page)
    assert visitor.status == 410
    with Session(desk.house.engine) as session:
        worker.clean(session)

    assert visitor.go(desk.proof()).heading == "This link has run out"
    (start,) = desk.rows(PublicStart)
    assert (start.address, start.name, start.values, start.answers) == (None, None, None, None)
    assert (desk.count(Case), desk.mails(Kind.PROOF), desk.customers()) == (0, [], [])


@pytest.mark.parametrize("change", [lambda t: "A" * 40, lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: t[:-3], lambda t: t + "A"])
def test_a_forged_proof_opens_nothing(desk, change):
    desk.send()
    visitor = desk.house.visitor().go("/p/" + change(desk.proof().removeprefix("/p/")))

    assert (visitor.status, visitor.heading) == (404, "This link does not exist")
    start = desk.rows(PublicStart)[0]
    assert visitor.go(f"/confirm/{start.key}").status == 404
    assert desk.count(Case) == 0


def test_a_proof_of_one_start_does_not_confirm_another(desk):
    desk.send()
    desk.send(_your_address="marc@petit.example")
    mine, other = desk.rows(PublicStart)
    visitor = desk.house.visitor().go(desk.proof(mine))
    visitor.post(f"/confirm/{other.key}", visitor.form())

    assert visitor.status == 404
    assert desk.count(Case) == 0


def test_two_clicks_at_the_same_moment_start_one_case(desk):
    desk.send()
    (start,) = desk.rows(PublicStart)
    gate, outcomes = threading.Barrier(2), []

    def begin():
        with Session(desk.house.engine) as session:
            gate.wait()
            try:
                database.run(session, lambda s: commands.begin(s, start.key))
                outcomes.append("begun")
            except public_starts.ProofUsed:
                outcomes.append("used")

    both = [threading.Thread(target=begin) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert sorted(outcomes) == ["begun", "used"]
    assert (desk.count(Case), len(desk.mails(Kind.FOLLOW))) == (1, 1)


def test_a_second_click_on_the_form_sends_one_mail(desk):
    visitor = desk.visitor()
    fields = visitor.form("/public/claim") | {name: [value] for name, value in REPORT.items()}
    visitor.post("/public/claim", fields)
    visitor.post("/public/claim", fields)

    assert visitor.heading == "Now look into your mailbox"
    assert (desk.count(PublicStart), len(desk.mails(Kind.PROOF))) == (1, 1)


# -- who must not get in --------------------------------------------------------------------------------------------


def test_the_page_is_the_same_whether_an_address_is_known_or_not(desk):
    desk.confirm()
    known, unknown = desk.send(), desk.send(_your_address="nobody@nowhere.example")

    assert (known.status, known.text) == (unknown.status, unknown.text.replace("nobody@nowhere.example", ADDRESS))


def test_a_mailbox_gets_three_mails_an_hour_and_the_page_does_not_tell(desk):
    pages = [desk.send().text for _ in range(5)]

    assert len(set(pages)) == 1
    assert len(desk.mails(Kind.PROOF)) == desk.count(PublicStart) == public_starts.MOST_TO_ADDRESS


def test_one_network_cannot_write_to_the_world_and_others_still_can(desk, monkeypatch):
    monkeypatch.setattr(public_starts, "MOST_FROM_NETWORK", 2)
    for name in ("a", "b"):
        desk.send(desk.visitor(**{"X-Forwarded-For": "62.4.16.7"}), _your_address=f"{name}@x.example")
    third = desk.send(desk.visitor(**{"X-Forwarded-For": "6.6.6.6, 62.4.16.200"}), _your_address="c@x.example")

    assert third.status == 429
    assert third.value("place") == REPORT["place"]
    assert desk.count(PublicStart) == 2
    assert desk.send(desk.visitor(**{"X-Forwarded-For": "81.2.69.160"}), _your_address="d@x.example").status == 200


def test_starts_that_were_proven_do_not_count_for_the_network(desk, monkeypatch):
    monkeypatch.setattr(public_starts, "MOST_FROM_NETWORK", 1)
    desk.confirm()

    assert desk.send().status == 200


def test_who_fills_in_what_nobody_sees_goes_away_content_and_nothing_is_kept(desk):
    visitor = desk.send(_homepage="https://pills.example")

    assert (visitor.status, visitor.heading) == (200, "Now look into your mailbox")
    assert desk.count(PublicStart) == desk.count(Notification) == 0


def test_a_page_without_its_token_sends_nothing_and_loses_nothing(desk):
    visitor = desk.send(_csrf="forged")

    assert "nothing is lost" in visitor.text
    assert (visitor.value("place"), visitor.value("_your_address")) == (REPORT["place"], ADDRESS)
    assert desk.count(PublicStart) == 0
    assert desk.send(visitor).heading == "Now look into your mailbox"


def test_a_form_from_another_site_is_refused(desk):
    visitor = desk.visitor()
    fields = visitor.form("/public/claim") | {name: [value] for name, value in REPORT.items()}
    visitor.post("/public/claim", fields, Origin="https://evil.example")

    assert visitor.status == 403
    assert desk.count(PublicStart) == 0


def test_a_button_of_the_proof_needs_its_token_too(desk):
    visitor = desk.send().go(desk.proof())
    visitor.send(_csrf="forged")

    assert visitor.status == 403
    assert desk.count(Case) == 0


def test_somebody_with_an_account_starts_as_themselves(desk):
    party = desk.house.write(lambda s: parties.customer(s, "julie@durand.example", "Julie Durand").key)
    desk.house.write(lambda s: s.execute(update(Person).where(Person.username == "julie").values(party_key=party)))
    julie = desk.house.visitor("julie").go("/start/claim")
    julie.send("/start/claim", **{name: value for name, value in REPORT.items() if not name.startswith("_")})

    assert desk.number in julie.text
    assert desk.case().started_by == "person:julie"
    assert desk.count(PublicStart) == 0
    assert "_your_address" in julie.go("/public/claim").form("/public/claim")  # there they are a visitor like everybody


# -- what stays -----------------------------------------------------------------------------------------------------


def test_once_it_is_a_case_nothing_of_it_waits_outside(desk):
    desk.confirm()

    (start,) = desk.rows(PublicStart)
    assert (start.address, start.name, start.values, start.answers) == (None, None, None, None)
    assert start.case_key == desk.case().key
    assert {row.case_key for row in desk.mails(Kind.PROOF)} == {desk.case().key}
    assert desk.count(codes.Code) == 0


def test_no_token_is_stored_anywhere(desk):
    desk.send()
    token = desk.proof().removeprefix("/p/")

    assert token not in repr(desk.everything())
