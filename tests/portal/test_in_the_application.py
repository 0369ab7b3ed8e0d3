"""The portal as part of the whole: behind the real server, beside the API."""

import httpx

from tests.platforms import Platform


def test_the_server_shows_the_portal_to_people_and_leaves_the_api_its_answers(platform: Platform) -> None:
    page = httpx.get(platform.url + "/", trust_env=False)
    api = httpx.get(platform.url + "/v2/nothing-here", trust_env=False)

    assert page.status_code == 401
    assert "<h1>Log in</h1>" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert api.headers["Content-Type"].startswith("application/problem+json")


def test_people_log_in_at_the_real_door(platform: Platform) -> None:
    with httpx.Client(base_url=platform.url, trust_env=False, follow_redirects=True) as browser:
        token = browser.get("/login").text.partition('name="_csrf" value="')[2].partition('"')[0]
        page = browser.post("/login", data={"_csrf": token, "username": "member", "password": "correct-horse-battery", "back": "/"})

    assert page.status_code == 200
    assert '<h1 class="page-title">Inbox</h1>' in page.text
