"""Accepted once: the same Idempotency-Key, and many clients at the same thing."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.api import models
from tests.platforms import Platform, Row

JOB = models.process("ordering", models.service_task("ship", "ship"))
TASK = models.process("asking", models.user_task("look", groups=["desk"]))


def _start(platform: Platform, key: str, user: str = "admin", **more: object) -> Row:
    request = {"processDefinitionId": "ordering", **more}
    answer = platform.api("POST", "/v2/process-instances", request, user=user, headers={"Idempotency-Key": key})
    return {"status": answer.status_code, "content": answer.content}


def test_the_same_key_again_gives_the_same_answer_and_is_done_once(platform: Platform) -> None:
    platform.deploy(JOB)

    answers = [_start(platform, "one") for _ in range(3)]

    assert answers[0]["status"] == 200 and answers[0] == answers[1] == answers[2]
    assert len(platform.expect("POST", "/v2/process-instances/search")["items"]) == 1


def test_the_same_key_for_something_else_is_refused(platform: Platform) -> None:
    platform.deploy(JOB)
    _start(platform, "one")

    assert _start(platform, "one", variables={"a": 1})["status"] == 409
    assert len(platform.expect("POST", "/v2/process-instances/search")["items"]) == 1


def test_keys_of_different_people_have_nothing_to_do_with_each_other(platform: Platform) -> None:
    platform.deploy(JOB)
    _start(platform, "one")

    assert _start(platform, "one", user="operator")["status"] == 200
    assert len(platform.expect("POST", "/v2/process-instances/search")["items"]) == 2


def test_a_refused_command_leaves_its_key_free(platform: Platform) -> None:
    assert _start(platform, "one")["status"] == 404
    platform.deploy(JOB)

    assert _start(platform, "one")["status"] == 200


def test_an_empty_answer_is_repeated_too(platform: Platform) -> None:
    platform.deploy(JOB)
    platform.start("ordering")
    job = platform.lease("ship")
    headers = {"Idempotency-Key": "done"}

    first = platform.complete(job, headers=headers)
    again = platform.complete(job, headers=headers)

    assert (first.status_code, again.status_code) == (204, 204)
    assert platform.complete(job).status_code == 409


def test_the_same_key_at_the_same_moment_is_done_once(platform: Platform) -> None:
    platform.deploy(JOB)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _start(platform, "one"), range(8)))

    assert {answer["content"] for answer in answers} == {answers[0]["content"]}
    assert len(platform.expect("POST", "/v2/process-instances/search")["items"]) == 1


def test_of_twenty_clients_that_complete_the_same_task_one_wins(platform: Platform) -> None:
    platform.deploy(TASK)
    people = [platform.add_person(f"person-{number}", roles=["member"], groups=["desk"]) for number in range(20)]
    started = platform.start("asking")
    task = platform.tasks()[0]

    def complete(user: str) -> tuple[int, str]:
        return platform.complete_task(task, {"by": user}, user=user).status_code, user

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(complete, people))

    assert Counter(status for status, _ in answers) == {204: 1, 409: 19}
    assert platform.variables(started) == {"by": next(user for status, user in answers if status == 204)}


def test_of_twenty_workers_that_activate_the_same_jobs_each_gets_its_own(platform: Platform) -> None:
    platform.deploy(JOB)
    for _ in range(20):
        platform.start("ordering")

    with ThreadPoolExecutor(20) as pool:
        leased = [job["jobKey"] for jobs in pool.map(lambda _: platform.leases("ship", max_jobs=2), range(20)) for job in jobs]

    assert len(leased) == len(set(leased)) == 20
