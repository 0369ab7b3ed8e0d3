"""Logging in and out, passwords, language, and what an answer to a page must carry."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from engine import database
from engine.people import Person
from engine.sessions import LoginSession
from portal import access
from tests.portal.house import PASSWORD, House


def test_without_a_login_there_is_only_the_login_page(house: House) -> None:
    visitor = house.visitor()

    for path in ("/", "/cases", "/start", "/people", "/tasks/1", "/groups", "/nowhere"):
        assert visitor.go(path).status == 401
        assert visitor.heading == "Log in"


def test_after_logging_in_one_is_where_one_wanted_to_go(house: House) -> None:
    visitor = house.visitor().go("/cases?state=ended")

    visitor.send("/login", username="Fanny", password=PASSWORD)

    assert visitor.path == "/cases"
    assert "state=ended" in visitor.response.request.url


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example", "//[", "//[::1"])
def test_a_login_never_leads_to_another_site(house: House, back: str) -> None:
    visitor = house.visitor().go("/login")

    visitor.send("/login", username="fanny", password=PASSWORD, back=back, follow=False)

    assert visitor.response.headers["Location"] == "/"


def test_a_wrong_password_says_nothing_of_who_exists(house: House) -> None:
    visitor = house.visitor()

    texts = [visitor.go("/login").send("/login", username=name, password="wrong").text for name in ("fanny", "nobody")]

    assert texts[0] == texts[1]
    assert visitor.status == 401
    assert visitor.go("/").heading == "Log in"


def test_guessing_a_password_makes_one_wait(house: House) -> None:
    visitor = house.visitor()
    for _ in range(5):
        visitor.go("/login").send("/login", username="fanny", password="wrong")

    visitor.go("/login").send("/login", username="fanny", password=PASSWORD)

    assert visitor.status == 429
    assert "Please wait" in visitor.text
    assert visitor.go("/").status == 401


def test_a_deactivated_person_is_out_at_once(house: House) -> None:
    visitor = house.visitor("fanny")
    house.write(lambda session: session.execute(update(Person).where(Person.username == "fanny").values(active=False)))

    assert visitor.go("/").status == 401
    assert house.visitor().log_in("fanny").status == 401


def test_the_cookie_is_for_the_server_alone_and_secure_where_the_address_is(house: House) -> None:
    def cookie() -> str:
        visitor = house.visitor().go("/login")
        visitor.send("/login", username="fanny", password=PASSWORD, follow=False)
        return next(value for name, value in visitor.response.headers if name == "Set-Cookie" and value.startswith("passerelle_login="))

    plain = cookie()
    house.app.config["PASSERELLE_URL"] = "https://flows.example"

    assert "HttpOnly" in plain and "SameSite=Lax" in plain and "Secure" not in plain
    assert "Secure" in cookie()


def test_logging_out_ends_the_login_for_good(house: House) -> None:
    visitor = house.visitor("fanny")
    token = visitor.http.get_cookie("passerelle_login")
    (form,) = visitor.page.xpath("//form[@action='/logout']")

    visitor.post("/logout", dict(form.form_values()))
    visitor.http.set_cookie("passerelle_login", token.value)

    assert visitor.text.startswith("Log in")
    assert visitor.go("/").status == 401


def test_a_login_that_ran_idle_asks_again(house: House) -> None:
    visitor = house.visitor("fanny")
    house.write(lambda session: session.execute(update(LoginSession).values(seen_at=datetime.now(UTC) - timedelta(hours=13))))

    assert visitor.go("/").status == 401
    assert "log-in has ended" in visitor.text


def test_the_first_login_asks_for_a_password_of_ones_own(house: House) -> None:
    house.write(lambda session: session.execute(update(Person).where(Person.username == "fanny").values(must_change_password=True)))
    visitor = house.visitor("fanny")

    assert visitor.path == "/password"
    assert visitor.go("/cases").path == "/password"

    visitor.send("/password", old=PASSWORD, new="a brand new one", again="a brand new one")

    assert visitor.path == "/"
    assert "password is changed" in visitor.text
    assert house.visitor().log_in("fanny").status == 401
    assert house.visitor().log_in("fanny", "a brand new one").heading == "Inbox"


def test_a_new_password_logs_out_everywhere_else(house: House) -> None:
    here, there = house.visitor("fanny"), house.visitor("fanny")

    here.go("/password").send("/password", old=PASSWORD, new="a brand new one", again="a brand new one")

    assert here.go("/").status == 200
    assert there.go("/").status == 401


def test_a_copied_cookie_is_worth_nothing_after_a_new_password(house: House) -> None:
    owner = house.visitor("fanny")
    copied = owner.http.get_cookie(access.COOKIE).value
    thief = house.visitor()
    thief.http.set_cookie(access.COOKIE, copied)
    assert thief.go("/").status == 200

    owner.go("/password").send("/password", old=PASSWORD, new="a brand new one", again="a brand new one")

    assert owner.go("/").status == 200
    assert thief.go("/").status == 401


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", "a brand new one", "a brand new one", "not your current password"),
        (PASSWORD, "short", "short", "at least 10 characters"),
        (PASSWORD, "a brand new one", "a brand new two", "two new passwords differ"),
        (PASSWORD, PASSWORD, PASSWORD, "differs from the current one"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(house: House, old: str, new: str, again: str, said: str) -> None:
    visitor = house.visitor("fanny").go("/password")

    visitor.send("/password", old=old, new=new, again=again)

    assert visitor.status == 422
    assert said in visitor.text
    assert house.visitor("fanny").heading == "Inbox"


def test_before_login_the_browser_chooses_the_language_and_then_the_account_does(house: House) -> None:
    visitor = house.visitor(None, **{"Accept-Language": "fr-CA,en;q=0.5"})

    assert visitor.go("/login").heading == "Connexion"
    assert visitor.log_in("fanny").heading == "Inbox"


def test_the_language_can_be_switched_on_every_page_and_stays(house: House) -> None:
    visitor = house.visitor("fanny").go("/cases")
    (form,) = visitor.page.xpath("//form[@action='/language']")

    visitor.post("/language", dict(form.form_values()) | {"language": "fr"})

    assert (visitor.path, visitor.heading) == ("/cases", "Dossiers")
    assert house.visitor("fanny").heading == "À faire"


@pytest.mark.parametrize("path", ["/logout", "/password", "/language", "/groups", "/people/new", "/people/fanny", "/people/fanny/password"])
def test_a_post_without_its_token_changes_nothing(house: House, path: str) -> None:
    visitor = house.visitor("admin")
    before = _everybody(house)

    visitor.post(path, {"language": "fr", "name": "Forged", "username": "forged", "_csrf": "0" * 64})

    assert visitor.status == 403
    assert _everybody(house) == before
    assert visitor.go("/").status == 200


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "http://["}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_post_from_another_site_is_refused_even_with_a_token(house: House, headers: dict[str, str]) -> None:
    visitor = house.visitor("admin").go("/groups")

    visitor.post("/groups", visitor.form("/groups") | {"name": "Forged"}, **headers)

    assert visitor.status == 403
    assert "Forged" not in visitor.go("/groups").text


def test_every_page_forbids_scripts_frames_and_keeping(house: House) -> None:
    visitor = house.visitor("fanny")

    for path in ("/", "/cases", "/start", "/nowhere", "/people"):
        headers = visitor.go(path).response.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert b"<script" not in visitor.response.data and b"style=" not in visitor.response.data


def test_what_is_not_there_says_so_in_the_same_look(house: House) -> None:
    visitor = house.visitor("fanny")

    for path in ("/nowhere", "/cases/999999", "/tasks/1", "/start/nothing", "/cases/" + "9" * 40):
        assert visitor.go(path).status == 404
        assert visitor.heading == "There is nothing here"


@pytest.mark.parametrize("path", ["/start/a%00b", "/people/a%00b", "/groups/%00", "/%00"])
def test_a_name_with_nul_is_nothing_whatever_the_database(house: House, path: str) -> None:
    visitor = house.visitor("admin")

    assert visitor.go(path).status == 404
    assert house.visitor().go("/login").send("/login", username="fanny\x00", password="wrong").status == 401


@pytest.mark.parametrize("path", ["/static/portal/%00", "/static/portal/%2e%2e/access.py", "/static/portal/nothing.css"])
def test_a_file_that_is_not_there_is_nothing(house: House, path: str) -> None:
    for visitor in (house.visitor(), house.visitor("fanny")):
        assert visitor.go(path).status == 404
        assert visitor.heading == "There is nothing here"


def test_addresses_of_the_api_are_left_to_the_api(house: House) -> None:
    answer = house.visitor("fanny").http.get("/v2/nowhere")

    assert answer.status_code == 404
    assert b"Passerelle" not in answer.data


def test_a_form_that_is_far_too_large_is_refused_as_a_page(house: House) -> None:
    visitor = house.visitor("fanny").go("/password")

    visitor.send("/password", old="x" * 1_100_000)

    assert visitor.status == 413
    assert visitor.heading == "This is too much at once"


def _everybody(house: House) -> list[tuple[str, str, str]]:
    with database.reading(house.engine) as session:
        return sorted((person.username, person.name, person.language, person.password_hash) for person in session.query(Person))


def test_a_defect_of_ours_is_a_calm_page_that_tells_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = house.visitor("fanny")
    monkeypatch.setattr("engine.inboxes.counts", lambda *_: 1 / 0)

    visitor.go("/")

    assert visitor.status == 500
    assert visitor.heading == "Something went wrong here"
    assert "division" not in visitor.text
