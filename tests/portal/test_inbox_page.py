"""The inbox: what is mine and my groups', the most urgent and newest first."""

from datetime import timedelta

from engine import clock
from tests.portal.house import House, Visitor


def titles(visitor: Visitor) -> list[str]:
    return [" ".join(row.text_content().split()) for row in visitor.page.xpath("//main//*[@class='row-case']")]


def test_a_task_is_offered_to_the_group_and_whoever_takes_it_has_it(house: House) -> None:
    house.report(name="Ann")
    fanny, karim = house.visitor("fanny"), house.visitor("karim")

    fanny.go("/?box=groups").send("/claim")

    assert fanny.path.startswith("/tasks/")
    assert "It is yours now." in fanny.text
    assert titles(fanny.go("/?box=mine")) == ["AB-123-CD, Ann"]
    assert titles(karim.go("/?box=groups")) == []


def test_taking_what_somebody_else_has_taken_says_who(house: House) -> None:
    house.report()
    fanny, karim = house.visitor("fanny").go("/?box=groups"), house.visitor("karim").go("/?box=groups")
    fanny.send("/claim")

    karim.send("/claim")

    assert karim.status == 409
    assert karim.heading == "Somebody else has this"
    assert "Fanny Roux took “Check completeness”" in karim.text
    assert house.state_of(house.task()).assignee == "fanny"


def test_a_task_can_be_given_back(house: House) -> None:
    house.report()
    task = house.claim(house.task(), "fanny")
    fanny = house.visitor("fanny").go(f"/tasks/{task.key}")

    fanny.send("/release")

    assert "Given back to the group." in fanny.text
    assert house.state_of(task).assignee is None


def test_what_is_late_or_due_today_comes_first_then_priority_then_the_newest(house: House) -> None:
    now = clock.machine_now()
    for name in ("Old", "New", "Important", "Today", "Late", "Tomorrow"):
        house.report(name=name)
        house.change_task(house.task(), due_date=None)
        if name == "Important":
            house.change_task(house.task(), priority=90)
        if name == "Tomorrow":
            house.change_task(house.task(), due_date=now + timedelta(days=2))
        if name == "Today":
            house.change_task(house.task(), due_date=now + timedelta(seconds=1))
        if name == "Late":
            house.change_task(house.task(), due_date=now - timedelta(days=3))
    fanny = house.visitor("fanny").go("/?box=groups")

    assert [title.split(", ")[1] for title in titles(fanny)] == ["Late", "Today", "Important", "Tomorrow", "New", "Old"]
    assert "3 days late" in fanny.text
    assert "Urgent" in fanny.text


def test_the_inbox_is_searched_by_task_title_and_case_number(house: House) -> None:
    number = house.report(name="Ann", plate="AA-111-AA")
    house.report(name="Bert", plate="BB-222-BB")
    fanny = house.visitor("fanny")

    assert titles(fanny.go("/?box=groups&q=bert")) == ["BB-222-BB, Bert"]
    assert titles(fanny.go("/?box=groups&q=completeness+ann")) == ["AA-111-AA, Ann"]
    assert titles(fanny.go(f"/?box=groups&q={number}")) == ["AA-111-AA, Ann"]
    assert titles(fanny.go(f"/?box=groups&q={f'{number:06}'[:3]}+{f'{number:06}'[3:]}")) == ["AA-111-AA, Ann"]
    assert titles(fanny.go("/?box=groups&q=%25")) == []
    assert "Nothing found for “%”" in fanny.text
    assert fanny.go("/?box=groups&q=" + "9" * 90).status == 200
    assert fanny.go("/?box=groups&q=a%00b").status == 200


def test_a_long_inbox_has_pages(house: House) -> None:
    for number in range(27):
        house.report(name=f"N{number}")
    fanny = house.visitor("fanny").go("/?box=groups")
    first = titles(fanny)
    (later,) = fanny.page.xpath("//a[@rel='next']/@href")

    second = titles(fanny.go(later))

    assert (len(first), len(second)) == (25, 2)
    assert not set(first) & set(second)
    assert not fanny.page.xpath("//a[@rel='next']")
    assert fanny.go("/?page=99999999999999999999").status == 200
    assert fanny.go("/?page=" + "9" * 5000).status == 200
    assert fanny.go("/?page=-1").status == 200


def test_outsiders_see_only_what_is_theirs(house: House) -> None:
    house.report()
    task = house.task()

    for username in ("julie", "paul"):
        visitor = house.visitor(username)
        assert titles(visitor.go("/?box=groups")) == []
        assert visitor.go(f"/tasks/{task.key}").status == 404
        visitor.go("/password")
        token = visitor.form("/password")["_csrf"]
        for deed in ("", "/claim", "/release"):
            assert visitor.post(f"/tasks/{task.key}{deed}", {"_csrf": token}).status == 404

    assert house.state_of(task).assignee is None
    assert house.state_of(task).state == "CREATED"


def test_an_empty_inbox_says_what_to_do_next(house: House) -> None:
    julie = house.visitor("julie")

    assert "Nothing waits for you" in julie.text
    assert julie.page.xpath("//main//a[@href='/start']")
    assert "You are in no group yet" in house.visitor("admin").go("/?box=groups").text

    house.report()

    assert "Nothing waits for you" in house.visitor("fanny").go("/?box=mine").text
    assert house.visitor("fanny").path == "/"
