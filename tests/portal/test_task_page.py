"""A task's page: who waits, the form, and that nothing typed is ever lost or done twice."""

from tests.portal.house import House

GOOD = {"complete": "yes", "note": "All there."}


def test_the_page_says_what_it_is_about_who_waits_and_what_follows(house: House) -> None:
    house.report(name="Ann")
    house.claim(house.task(), "fanny")
    fanny = house.visitor("fanny").go(f"/tasks/{house.task().key}")

    assert fanny.heading == "Check completeness"
    assert "AB-123-CD, Ann" in fanny.text
    assert "Waiting for this: Adjusters. Next: “Assess damage” (Adjusters)." in fanny.text
    assert "Julie Durand started “Report damage to a car”." in fanny.text
    assert "The van behind me did not stop." in fanny.text


def test_where_only_a_message_follows_the_party_that_gets_it_waits(house: House) -> None:
    house.report()
    house.complete(house.task(), "fanny", complete="yes")
    house.complete(house.task("assess"), "karim", reserve=1)
    paul = house.visitor("paul").go(f"/tasks/{house.claim(house.task('estimate'), 'paul').key}")

    assert "Waiting for this: Insurer. It goes out as soon as you are done." in paul.text


def test_a_completed_task_carries_its_answers_and_the_work_goes_on(house: House) -> None:
    house.report()
    task = house.claim(house.task(), "fanny")
    fanny = house.visitor("fanny").go(f"/tasks/{task.key}").send(**GOOD)

    assert fanny.path == "/"
    assert "Done. “Check completeness” is passed on." in fanny.text
    assert house.variables(task)["complete"] == "yes"
    assert house.variables(task)["note"] == "All there."
    assert house.task("assess").candidate_groups == ["adjusters"]


def test_an_answer_that_will_not_do_is_shown_again_with_what_was_expected(house: House) -> None:
    house.report()
    task = house.claim(house.task(), "fanny")
    fanny = house.visitor("fanny").go(f"/tasks/{task.key}").send(note="half a page of text")

    assert fanny.status == 422
    assert "There is one thing to correct" in fanny.text
    assert fanny.page.xpath("//a[@href='#f-complete']") and fanny.page.xpath("//*[@id='f-complete']")
    assert fanny.page.xpath("//fieldset[@aria-invalid='true'][@aria-describedby='f-complete-error']")
    assert fanny.value("note") == "half a page of text"
    assert house.state_of(task).state == "CREATED"


def test_what_was_typed_survives_the_end_of_the_login(house: House) -> None:
    house.report()
    task = house.claim(house.task(), "fanny")
    fanny = house.visitor("fanny").go(f"/tasks/{task.key}")
    fanny.form()
    fanny.forget_login()

    fanny.send(**GOOD)

    assert fanny.status == 401
    assert "nothing is lost" in fanny.text
    assert house.state_of(task).state == "CREATED"

    fanny.send("/login", username="fanny", password="wrong").send("/login", username="fanny", password="correct horse battery")

    assert fanny.heading == "Check completeness"
    assert "your answers are still here" in fanny.text
    assert (fanny.value("complete"), fanny.value("note")) == ("yes", "All there.")

    fanny.send(f"/tasks/{task.key}")

    assert house.state_of(task).state == "COMPLETED"
    assert house.variables(task)["note"] == "All there."


def test_what_was_typed_is_shown_to_nobody_else_who_logs_in(house: House) -> None:
    house.report()
    task = house.claim(house.task(), "fanny")
    browser = house.visitor("fanny").go(f"/tasks/{task.key}")
    browser.form()
    browser.forget_login()
    browser.send(complete="yes", note="for my eyes only")

    browser.send("/login", username="karim", password="correct horse battery")

    assert browser.path == "/"
    assert "for my eyes only" not in browser.text


def test_what_was_typed_survives_a_login_in_another_window(house: House) -> None:
    house.report()
    task = house.claim(house.task(), "fanny")
    fanny = house.visitor("fanny").go(f"/tasks/{task.key}")
    fields = fanny.form() | {"complete": ["yes"], "note": ["kept"]}
    fanny.forget_login()
    fanny.log_in("fanny")

    fanny.post(f"/tasks/{task.key}", fields)

    assert fanny.value("note") == "kept"
    assert "check them, then send again" in fanny.text
    assert house.state_of(task).state == "CREATED"

    fanny.send(f"/tasks/{task.key}")

    assert house.state_of(task).state == "COMPLETED"


def test_a_forged_draft_is_not_believed(house: House) -> None:
    visitor = house.visitor().go("/login")

    visitor.send("/login", username="fanny", password="correct horse battery", _draft="eyJlbmRwb2ludCI6ICJ4In0.aaaa.bbbb")

    assert visitor.path == "/"
    assert visitor.heading == "Inbox"


def test_sending_twice_has_one_effect_and_looks_like_one(house: House) -> None:
    house.report()
    task = house.claim(house.task(), "fanny")
    fanny = house.visitor("fanny").go(f"/tasks/{task.key}")
    fields = fanny.form() | {"complete": ["yes"]}

    first, second = (fanny.post(f"/tasks/{task.key}", fields, follow=False).response for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert house.task("assess").key
    assert len([case for case in house.cases() if case.revision]) == 1


def test_a_task_that_somebody_else_completed_says_so_and_keeps_what_was_typed(house: House) -> None:
    house.report()
    task = house.claim(house.task(), "karim")
    karim = house.visitor("karim").go(f"/tasks/{task.key}")
    karim.form()
    house.change_task(task, assignee="fanny")
    house.complete(task, "fanny", complete="no")

    karim.send(complete="yes", note="my long note")

    assert karim.status == 409
    assert karim.heading == "This is already done"
    assert "Fanny Roux completed “Check completeness”" in karim.text
    assert "my long note" in karim.text
    assert house.variables(task)["complete"] == "no"
    assert karim.go(f"/tasks/{task.key}").status == 200


def test_giving_back_twice_is_as_good_as_once(house: House) -> None:
    house.report()
    task = house.claim(house.task(), "fanny")
    fanny = house.visitor("fanny").go(f"/tasks/{task.key}")
    fields = fanny.form("/release")

    answers = [fanny.post(f"/tasks/{task.key}/release", fields, follow=False).status for _ in range(2)]

    assert answers == [303, 303]
    assert house.state_of(task).assignee is None


def test_only_whoever_has_a_task_can_complete_it(house: House) -> None:
    house.report()
    task = house.claim(house.task(), "fanny")
    karim = house.visitor("karim").go(f"/tasks/{task.key}")

    assert "Fanny Roux has this task." in karim.text

    karim.go("/password")
    karim.post(f"/tasks/{task.key}", {"_csrf": karim.form("/password")["_csrf"], "complete": "yes"})

    assert karim.status == 403
    assert house.state_of(task).state == "CREATED"


def test_names_and_answers_are_shown_as_text_never_as_markup(house: House) -> None:
    nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"
    house.report(name=nasty, story=nasty)
    task = house.claim(house.task(), "fanny")
    fanny = house.visitor("fanny")

    for path in ("/", f"/tasks/{task.key}", "/cases", f"/cases/{house.cases()[0].number}", "/?q=" + nasty.replace("#", "")):
        page = fanny.go(path).page
        assert not page.xpath("//script") and not page.xpath("//img") and not page.xpath("//@onerror")
    assert nasty in fanny.go(f"/tasks/{task.key}").page.text_content()

    fanny.go(f"/tasks/{task.key}").send(note=nasty)

    assert fanny.value("note") == nasty
    assert not fanny.page.xpath("//script | //img")
