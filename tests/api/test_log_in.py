"""Saying who one is: Basic and OAuth 2 client credentials."""

import base64
import json
import time

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update
from sqlalchemy.orm import Session

from engine.people import Client, Person
from tests.platforms import PASSWORD, SECRET, WORKER, Platform

FORM = {"grant_type": "client_credentials", "client_id": WORKER, "client_secret": SECRET}


def _basic(text: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def test_without_or_with_a_wrong_password_one_is_nobody_and_told_how_to_log_in(platform: Platform) -> None:
    wrong = {
        "nothing": {},
        "wrong password": _basic("admin:wrong"),
        "unknown name": _basic(f"nobody:{PASSWORD}"),
        "no colon": _basic("admin"),
        "no base64": {"Authorization": "Basic $$$"},
        "no UTF-8": {"Authorization": f"Basic {base64.b64encode(bytes([255, 58, 255])).decode()}"},
        "NUL in the name": _basic(f"ad\x00min:{PASSWORD}"),
        "NUL in the password": _basic("admin:a\x00b"),
        "another scheme": {"Authorization": "Digest admin"},
        "a made-up token": {"Authorization": "Bearer abc.def.ghi"},
        "an empty token": {"Authorization": "Bearer"},
        "a program's secret as a password": _basic(f"{WORKER}:{SECRET}"),
    }
    for name, headers in wrong.items():
        answer = platform.api("GET", "/v2/topology", user=None, headers=headers)

        assert answer.status_code == 401 and answer.json()["title"] == "UNAUTHORIZED", name
        assert answer.headers["WWW-Authenticate"].startswith("Bearer" if "token" in name else "Basic"), name
        word = "token" if "token" in name else "user name"
        assert word in answer.json()["detail"] and ("password" in answer.json()["detail"]) == (word != "token"), name


def test_a_client_gets_a_token_by_form_or_by_basic_header(platform: Platform) -> None:
    by_form = platform.expect("POST", "/oauth/token", data=FORM | {"audience": "any", "scope": "x"}, user=None)
    by_header = platform.expect(
        "POST", "/oauth/token", data={"grant_type": "client_credentials"}, user=None, headers=_basic(f"{WORKER}:{SECRET}")
    )

    for answer in (by_form, by_header):
        assert answer["token_type"] == "Bearer" and answer["expires_in"] == 3600
        headers = {"Authorization": f"Bearer {answer['access_token']}"}
        assert platform.expect("GET", "/v2/authentication/me", user=None, headers=headers)["username"] == WORKER


def test_a_token_is_refused_in_the_words_of_oauth(platform: Platform) -> None:
    wrong_secret = platform.api("POST", "/oauth/token", data=FORM | {"client_secret": "x"}, user=None)
    unknown = platform.api("POST", "/oauth/token", data=FORM | {"client_id": "nobody"}, user=None)
    other_grant = platform.api("POST", "/oauth/token", data=FORM | {"grant_type": "password"}, user=None)
    as_json = platform.api("POST", "/oauth/token", FORM, user=None)

    assert (wrong_secret.status_code, wrong_secret.json()["error"]) == (401, "invalid_client")
    assert (unknown.status_code, unknown.json()["error"]) == (401, "invalid_client")
    assert (other_grant.status_code, other_grant.json()["error"]) == (400, "unsupported_grant_type")
    assert as_json.status_code == 400
    assert wrong_secret.headers["Cache-Control"] == "no-store"


def test_a_token_that_was_tampered_with_is_no_token(platform: Platform) -> None:
    token = platform.expect("POST", "/oauth/token", data=FORM, user=None)["access_token"]
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    other = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "admin"}).encode()).decode().rstrip("=")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")

    assert claims["exp"] - claims["iat"] == 3600
    for forged in (
        f"{head}.{other}.{signature}",
        f"{unsigned}.{body}.",
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}.{body}.{signature}x",
    ):
        assert platform.api("GET", "/v2/topology", user=None, headers={"Authorization": f"Bearer {forged}"}).status_code == 401, forged


def test_a_token_dies_with_the_secret_that_it_was_given_for(platform: Platform) -> None:
    token = platform.expect("POST", "/oauth/token", data=FORM, user=None)["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert platform.api("GET", "/v2/topology", user=None, headers=headers).status_code == 200

    with Session(platform.engine) as session:
        session.execute(update(Client).where(Client.client_id == WORKER).values(secret_sha256="0" * 64))
        session.commit()

    assert _within_two_seconds(lambda: platform.api("GET", "/v2/topology", user=None, headers=headers).status_code == 401)


def test_a_person_who_was_shut_out_is_out_within_two_seconds(platform: Platform) -> None:
    platform.add_person("nora", roles=["member"])
    assert platform.api("GET", "/v2/topology", user="nora").status_code == 200

    with Session(platform.engine) as session:
        session.execute(update(Person).where(Person.username == "nora").values(active=False))
        session.commit()

    assert _within_two_seconds(lambda: platform.api("GET", "/v2/topology", user="nora").status_code == 401)


def test_guessing_passwords_is_slowed_down_for_that_account_only(platform: Platform) -> None:
    platform.add_person("nora", roles=["member"])
    platform.add_person("victim", roles=["member"])

    # each process counts for itself, so twice as many may pass
    answers = [platform.api("GET", "/v2/topology", user=None, headers=_basic(f"victim:guess-{i}")).status_code for i in range(24)]

    assert answers[0] == 401 and answers[-1] == 503
    assert platform.api("GET", "/v2/topology", user="nora").status_code == 200


@pytest.mark.alone
def test_a_verified_password_is_not_hashed_again(platform: Platform) -> None:
    platform.add_person("slow", roles=["member"])
    with Session(platform.engine) as session:
        slow = PasswordHasher(time_cost=20, memory_cost=65536).hash(PASSWORD)  # about a second
        session.execute(update(Person).where(Person.username == "slow").values(password_hash=slow))
        session.commit()
    for _ in range(6):
        platform.api("GET", "/v2/topology", user="slow")  # every process of the server has seen it

    before = time.monotonic()
    for _ in range(10):
        assert platform.api("GET", "/v2/topology", user="slow").status_code == 200
    assert time.monotonic() - before < 2


def test_a_cookie_of_the_portal_authorises_nothing_here(platform: Platform) -> None:
    headers = {"Cookie": "passerelle_session=abc; session=abc"}

    assert platform.api("POST", "/v2/signals/broadcast", {"signalName": "x"}, user=None, headers=headers).status_code == 401


def _within_two_seconds(question: object) -> bool:
    assert callable(question)
    until = time.monotonic() + 2
    while time.monotonic() < until:
        if question():
            return True
        time.sleep(0.1)
    return False
