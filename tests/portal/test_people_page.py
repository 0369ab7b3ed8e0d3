"""People and groups, for administrators."""

import re

import pytest

from tests.portal.house import House, Visitor

NEW = {"username": "nora", "name": "Nora Blum", "email": "nora@example.com", "roles": ["member"], "groups": ["front-desk"]}


@pytest.fixture
def admin(house: House) -> Visitor:
    return house.visitor("admin")


def test_only_administrators_see_the_page(house: House) -> None:
    for username in ("fanny", "julie"):
        visitor = house.visitor(username)
        for path in ("/people", "/people/new", "/people/admin", "/groups", "/groups/garage"):
            assert visitor.go(path).status == 403
        assert not visitor.go("/").page.xpath("//a[@href='/people']")


def test_a_new_person_gets_a_one_time_password_and_chooses_its_own(house: House, admin: Visitor) -> None:
    admin.go("/people/new").send(**NEW)
    password = re.search(r"[a-z0-9]{5}-[a-z0-9]{5}-[a-z0-9]{5}", admin.text)

    assert password is not None
    nora = house.visitor().log_in("nora", password[0])
    assert nora.path == "/password"

    nora.send("/password", old=password[0], new="a brand new one", again="a brand new one")

    assert nora.heading == "Inbox"
    assert house.actor("nora").groups == {"front-desk"}
    assert house.actor("nora").roles == {"member"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": "Nora Blum!"}, "2 to 64 small letters"),
        ({"username": "fanny"}, "This user name is taken."),
        ({"name": " "}, "Please give a name."),
        ({"email": "nora@"}, "Please give an e-mail address"),
    ],
)
def test_what_is_wrong_with_a_person_is_said_and_the_rest_is_kept(admin: Visitor, changed: dict[str, str], said: str) -> None:
    admin.go("/people/new").send(**(NEW | {"organisation": "Kept here"} | changed))

    assert admin.status == 422
    assert said in admin.text
    assert admin.value("organisation") == "Kept here"
    assert admin.go("/people/nora").status == 404


def test_a_person_is_changed_and_deactivated(house: House, admin: Visitor) -> None:
    fanny = house.visitor("fanny")

    admin.go("/people/fanny").send("/people/fanny", name="Fanny Blanc", groups=["adjusters"], active=None)

    assert "Fanny Blanc" in admin.text
    assert house.actor("fanny").groups == {"adjusters"}
    assert fanny.go("/").status == 401


def test_an_administrator_cannot_lock_itself_out(house: House, admin: Visitor) -> None:
    admin.go("/people/admin").send("/people/admin", roles=["member"])

    assert admin.status == 422
    assert "cannot take your own administrator role away" in admin.text
    assert "admin" in house.actor("admin").roles


def test_resetting_a_password_logs_out_and_asks_for_a_new_one(house: House, admin: Visitor) -> None:
    fanny = house.visitor("fanny")

    admin.go("/people/fanny").send("/people/fanny/password")
    password = re.search(r"[a-z0-9]{5}-[a-z0-9]{5}-[a-z0-9]{5}", admin.text)

    assert password is not None
    assert fanny.go("/").status == 401
    assert house.visitor().log_in("fanny").status == 401
    assert house.visitor().log_in("fanny", password[0]).path == "/password"


def test_a_lane_that_nobody_is_in_is_a_warning_until_somebody_is(house: House, admin: Visitor) -> None:
    assert "Nobody would get this work" not in admin.go("/people").text

    admin.go("/groups/garage").send("/groups/garage", members=None)

    assert "Nobody would get this work" in admin.text
    assert "Garage in Repair a car" in admin.text

    admin.go("/groups/garage").send("/groups/garage", members=["paul"])

    assert "Nobody would get this work" not in admin.text


def test_who_is_deactivated_stays_in_the_group_when_it_is_saved(house: House, admin: Visitor) -> None:
    admin.go("/people/fanny").send("/people/fanny", groups=["adjusters"], active=None)

    assert "Fanny Roux fanny, Assurances du Pont, Deactivated" in admin.go("/groups/adjusters").text
    admin.send("/groups/adjusters", name="Adjusters and more")
    assert house.actor("fanny").groups == {"adjusters"}


def test_a_group_is_added_once(house: House, admin: Visitor) -> None:
    admin.go("/groups").send("/groups", name="Legal & claims")

    assert admin.path == "/groups/legal-claims"

    admin.go("/groups").send("/groups", name="Legal & claims")

    assert admin.status == 422
    assert "This group exists already." in admin.text
    assert admin.value("name") == "Legal & claims"


def test_people_are_found_by_name_and_organisation(admin: Visitor) -> None:
    assert "Paul Martin" in admin.go("/people?q=garage+mart").text and "Fanny" not in admin.text
    assert "Nothing found for “zzz”" in admin.go("/people?q=zzz").text


def test_a_person_that_was_typed_survives_the_end_of_a_log_in(house: House, admin: Visitor) -> None:
    admin.go("/people/paul")
    admin.forget_login()
    admin.send(name="Typed before")
    admin.send("/login", username="admin", password="correct horse battery")
    admin.send()

    assert house.actor("paul").name == "Typed before"
