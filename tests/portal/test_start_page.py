"""Starting a case by its form, and following one's cases."""

from urllib.parse import urlsplit

from tests.portal.house import House

REPORT = {
    "claim__name": "Julie Durand",
    "claim__plate": "AB-123-CD",
    "claim__injured": "false",
    "claim__story": "The van did not stop in time.",
}


def test_one_sees_what_one_may_start_with_what_it_is_for(house: House) -> None:
    julie, paul = house.visitor("julie").go("/start"), house.visitor("paul").go("/start")

    assert "Report damage to a car" in julie.text
    assert "It takes about five minutes" in julie.text
    assert "Handle a motor claim" not in julie.text
    assert "There is nothing you can start" in paul.text
    assert paul.go("/start/holder").status == 404


def test_a_case_begins_with_its_form_and_has_a_number_to_quote(house: House) -> None:
    julie = house.visitor("julie").go("/start/holder").send(**REPORT, claim__amount="1,250.50")

    (case,) = house.cases()
    assert julie.path == f"/cases/{case.number}"
    assert f"Started as case {f'{case.number:06}'[:3]}" in julie.text.replace("\u202f", " ").replace("\u00a0", " ")
    assert case.title == "AB-123-CD, Julie Durand"
    assert "You started “Report damage to a car”." in julie.text
    assert "The case is with Insurer." in julie.text


def test_numbers_arrive_exactly_as_typed(house: House) -> None:
    house.visitor("julie").go("/start/holder").send(**REPORT, claim__amount="0.10")
    house.claim(house.task(), "fanny")

    assert str(house.variables(house.task())["claim"]["amount"]) == "0.10"


def test_sending_the_same_page_twice_begins_one_case(house: House) -> None:
    julie = house.visitor("julie").go("/start/holder")
    fields = julie.form() | {name.replace("__", "."): [value] for name, value in REPORT.items()}

    answers = [julie.post("/start/holder", fields, follow=False).response for _ in range(3)]

    assert {urlsplit(answer.headers["Location"]).path for answer in answers} == {f"/cases/{house.cases()[0].number}"}
    assert len(house.cases()) == 1


def test_an_answer_can_bring_up_another_question_without_losing_the_rest(house: House) -> None:
    julie = house.visitor("julie").go("/start/holder").send(**(REPORT | {"claim__injured": "true"}))

    assert julie.status == 422
    assert "Your answers bring up more questions." in julie.text
    assert julie.value("claim.story") == REPORT["claim__story"]
    assert house.cases() == []

    julie.send(claim__who="My neighbour, lightly")

    assert len(house.cases()) == 1


def test_all_that_is_wrong_is_said_at_once_and_nothing_begins(house: House) -> None:
    julie = (
        house.visitor("julie")
        .go("/start/holder")
        .send(claim__plate="ab", claim__amount="much", claim__story="short", claim__day="2026-02-31")
    )

    assert julie.status == 422
    assert "There are 6 things to correct" in julie.text
    assert [julie.value(name) for name in ("claim.plate", "claim.amount", "claim.story", "claim.day")] == [
        "ab",
        "much",
        "short",
        "2026-02-31",
    ]
    assert house.cases() == []


def test_what_was_typed_to_start_something_survives_the_end_of_the_login(house: House) -> None:
    julie = house.visitor("julie").go("/start/holder")
    julie.form()
    julie.forget_login()
    julie.send(**REPORT)

    julie.send("/login", username="julie", password="correct horse battery")

    assert julie.value("claim.story") == REPORT["claim__story"]
    assert house.cases() == []

    julie.send("/start/holder")

    assert len(house.cases()) == 1


def test_the_form_speaks_french_to_those_who_do(house: House) -> None:
    julie = house.visitor("julie").go("/start/holder")
    (form,) = julie.page.xpath("//form[@action='/language']")
    julie.post("/language", dict(form.form_values()) | {"language": "fr"}).go("/start/holder")

    assert "Plaque d’immatriculation" in julie.text

    julie.send(claim__plate="")

    assert "Veuillez remplir ce champ." in julie.text


def test_a_case_is_followed_in_plain_sentences_each_side_seeing_its_own(house: House) -> None:
    number = house.report()
    house.complete(house.task(), "fanny", complete="yes")
    house.complete(house.task("assess"), "karim", reserve=1)
    house.claim(house.task("estimate"), "paul")

    insurer, customer, garage = (house.visitor(name).go(f"/cases/{number}").text for name in ("fanny", "julie", "paul"))

    assert "You completed “Check completeness”." in insurer
    assert "Karim Benali completed “Assess damage”." in insurer
    assert "Passed on to Garage: “Repair order sent”." in insurer
    assert "Estimate the repair with Paul Martin" in insurer
    assert "You started “Report damage to a car”." in customer
    assert "The case is with Garage." in customer
    for secret in ("Fanny", "Karim", "Assess", "Paul", "Estimate"):
        assert secret not in customer
    assert "You took “Estimate the repair”." in garage
    for secret in ("Fanny", "Karim", "Assess", "Check completeness"):
        assert secret not in garage


def test_a_case_ends_and_is_then_among_the_closed_ones(house: House) -> None:
    number = house.report()
    house.complete(house.task(), "fanny", complete="yes")
    house.complete(house.task("assess"), "karim", reserve=1)
    house.complete(house.task("estimate"), "paul", hours=2)
    house.complete(house.task("decide"), "karim")
    house.complete(house.task("readdec"), "julie")
    julie = house.visitor("julie")

    assert "No open cases" in julie.go("/cases").text
    assert "AB-123-CD, Julie Durand" in julie.go("/cases?state=ended").text
    assert "Closed" in julie.go(f"/cases/{number}").text
    assert "Nothing: the case is closed." in julie.text


def test_the_cases_of_others_are_not_there(house: House) -> None:
    number = house.report("julie")
    marc = house.visitor("marc")

    assert "No open cases" in marc.go("/cases").text
    assert marc.go(f"/cases/{number}").status == 404
    assert "Nothing found" in marc.go(f"/cases?q={number}").text


def test_cases_are_found_by_number_and_title_and_say_who_has_them(house: House) -> None:
    number = house.report(name="Ann")
    house.report(name="Bert")
    julie = house.visitor("julie")

    assert "Ann" in julie.go(f"/cases?q={number}").text and "Bert" not in julie.text
    assert "Bert" in julie.go("/cases?q=bert").text and "Ann" not in julie.text
    assert "Now with Insurer" in julie.text
