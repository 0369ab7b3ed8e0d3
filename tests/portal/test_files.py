"""Files in forms: stored at once, never lost by something else, never opened to anybody else, and honest about what they are."""

import os
import threading
from io import BytesIO

import pytest
from sqlalchemy import select, update

from engine import database
from engine.documents import Document
from engine.people import Person
from portal import files
from tests import samples
from tests.portal.house import House, Visitor

STORY = {
    "claim__name": "Julie Durand",
    "claim__plate": "AB-123-CD",
    "claim__injured": "false",
    "claim__story": "The van behind me did not stop.",
}
PHOTO = samples.jpeg()


def photo(name: str = "bumper.jpg") -> tuple[bytes, str]:
    return samples.jpeg(more=os.urandom(16)), name


def rows(house: House) -> list[Document]:
    with database.reading(house.engine) as session:
        return list(session.scalars(select(Document).order_by(Document.key)))


def stored(house: House) -> int:
    return len(list(house.documents.path.glob("*/[0-9]*")))


def listed(visitor: Visitor) -> list[str]:
    return [str(name) for name in visitor.page.xpath("//main//*[contains(@class, 'picker')]//li//a/text()")]


def add(visitor: Visitor, *given: tuple[bytes, str], name: str = "claim.photos", **typed: object) -> Visitor:
    """Choose files and press the button beside them."""
    return visitor.send(**{name.replace(".", "__"): list(given)}, _upload=name, **typed)


def remove(visitor: Visitor, place: int = 0) -> Visitor:
    buttons = visitor.page.xpath("//button[@name='_remove']")
    return visitor.send(_remove=buttons[place].get("value"))


def start(house: House, who: str = "julie") -> Visitor:
    return house.visitor(who).go("/start/holder")


def claim_photos(house: House) -> list[str]:
    return [one["metadata"]["fileName"] for one in house.variables(house.task("check"))["claim"]["photos"]]


# -- handing in ---------------------------------------------------------------------------------------------------


def test_files_chosen_and_sent_in_one_go_are_part_of_the_case(house: House) -> None:
    julie = start(house).send(**STORY, claim__photos=[photo(), photo("left.png.jpg")])

    assert "Started as case" in julie.text
    assert claim_photos(house) == ["bumper.jpg", "left.png.jpg"]
    assert [(row.uploaded_by, row.kept_until, row.place) for row in rows(house)] == [("person:julie", None, "start:holder")] * 2


def test_the_form_with_files_is_sent_in_parts_and_offers_a_camera(house: House) -> None:
    page = start(house).page

    (form,) = page.xpath("//form[contains(@class, 'questions')]")
    assert (form.get("enctype"), form.get("method")) == ("multipart/form-data", "post")
    chooser, camera = page.xpath("//input[@type='file']")
    assert (chooser.get("accept"), chooser.get("multiple") is not None) == ("image/jpeg,image/png,image/webp", True)
    assert (camera.get("accept"), camera.get("capture")) == ("image/*", "environment")
    assert form.xpath(".//button")[0].get("name") is None, "the Enter key presses the first button: it must send"


def test_a_file_added_first_waits_on_the_list_with_what_was_typed(house: House) -> None:
    julie = add(start(house), photo("one.jpg"), claim__name="Julie", claim__plate="not yet right")

    assert julie.status == 200
    assert listed(julie) == ["one.jpg"]
    assert (julie.value("claim.name"), julie.value("claim.plate")) == ("Julie", "not yet right")
    assert "things to correct" not in julie.text
    add(julie, photo("two.jpg"))
    assert listed(julie) == ["one.jpg", "two.jpg"]
    julie.send(**STORY)
    assert claim_photos(house) == ["one.jpg", "two.jpg"]


def test_an_error_elsewhere_in_the_form_loses_no_file(house: House) -> None:
    julie = start(house).send(claim__photos=[photo("one.jpg")], claim__name="")

    assert julie.status == 422
    assert listed(julie) == ["one.jpg"]
    julie.send(**STORY)
    assert claim_photos(house) == ["one.jpg"]
    assert stored(house) == 1


def test_a_file_is_taken_off_again_and_gone(house: House) -> None:
    julie = add(start(house), photo("one.jpg"), photo("two.jpg"))
    remove(julie)

    assert listed(julie) == ["two.jpg"]
    assert stored(house) == 1
    julie.send(**STORY)
    assert claim_photos(house) == ["two.jpg"]


def test_what_was_handed_in_is_there_when_the_page_is_opened_again_and_for_nobody_else(house: House) -> None:
    add(start(house), photo("one.jpg"))

    assert listed(start(house)) == ["one.jpg"]
    assert listed(start(house, "marc")) == []


def test_where_one_file_fits_a_new_one_replaces_it(house: House) -> None:
    paul = at_the_garage(house)
    add(paul, (samples.pdf("one"), "one.pdf"), name="offer")
    add(paul, (samples.pdf("two"), "two.pdf"), name="offer")

    assert listed(paul) == ["two.pdf"]
    paul.send(hours="5")
    assert stored(house) == 1
    assert [row.name for row in rows(house)] == ["two.pdf"]


def at_the_garage(house: House, *photos: tuple[bytes, str]) -> Visitor:
    start(house).send(**STORY, **({"claim__photos": list(photos)} if photos else {}))
    house.complete(house.task(), "fanny", complete="yes")
    house.complete(house.task("assess"), "karim", reserve=1)
    return house.visitor("paul").go(f"/tasks/{house.claim(house.task('estimate'), 'paul').key}")


def test_clicking_twice_starts_once_and_leaves_no_file_behind(house: House) -> None:
    julie = start(house)
    fields = julie.form() | {name.replace("__", "."): [value] for name, value in STORY.items()}
    for _ in range(2):
        julie.post("/start/holder", fields | {"claim.photos": [(BytesIO(PHOTO), "front.jpg")]})
        assert "Started as case" in julie.text

    assert len(house.cases()) == 1
    assert stored(house) == len(rows(house)) == 1
    assert listed(start(house)) == []


# -- what is not taken --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (samples.HTML, "photo.jpg", "“photo.jpg” was not added: it is not a picture (JPEG, PNG, WebP, HEIC)."),
        (samples.zipped(), "photo.jpg", "it is not a picture"),
        (samples.pdf(), "photo.jpg", "it is not a picture"),
        (b"", "photo.jpg", "“photo.jpg” was not added: it is empty."),
        (samples.jpeg(more=bytes(1 << 20)), "big.jpg", "“big.jpg” was not added: it is larger than 1 MB."),
        (samples.png(60_000, 60_000), "bomb.png", "“bomb.png” was not added: it has too many pixels."),
        (samples.HTML, "<script>alert(1)</script>.jpg", "“script>.jpg” was not added"),
    ],
    ids=["page", "archive", "pdf", "empty", "large", "bomb", "name"],
)
@pytest.mark.parametrize("button", ["add", "send"])
def test_a_file_that_is_not_what_it_says_is_refused_beside_its_field_and_the_others_are_kept(
    house: House, content: bytes, name: str, said: str, button: str
) -> None:
    chosen = [photo("good.jpg"), (content, name)]
    julie = add(start(house), *chosen, **STORY) if button == "add" else start(house).send(**STORY, claim__photos=chosen)

    assert julie.status == 422
    (message,) = julie.page.xpath("//*[@id='f-claim-photos-error']")
    assert said in " ".join(message.text_content().split())
    assert julie.page.xpath("//a[@href='#f-claim-photos']")
    assert listed(julie) == ["good.jpg"]
    assert house.cases() == []
    assert stored(house) == 1
    julie.send()
    assert claim_photos(house) == ["good.jpg"]


def test_more_files_than_fit_are_named_and_those_that_fit_are_kept(house: House) -> None:
    julie = add(start(house), *(photo(f"{number}.jpg") for number in range(6)))

    assert listed(julie) == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    for name in ("4.jpg", "5.jpg"):
        assert f"At most 4 files fit here: “{name}” was not added." in julie.text
    assert not julie.page.xpath("//input[@type='file']")
    assert stored(house) == 4


def test_the_same_file_chosen_twice_is_one(house: House) -> None:
    julie = add(start(house), (PHOTO, "a.jpg"), (PHOTO, "b.jpg"))
    add(julie, (PHOTO, "c.jpg"))

    assert listed(julie) == ["a.jpg"]
    assert "to correct" not in julie.text
    assert stored(house) == 1


def test_in_french_too(house: House) -> None:
    julie = house.visitor("julie", **{"Accept-Language": "fr"})
    house.write(lambda session: session.execute(update(Person).values(language="fr")))
    julie.go("/start/holder")
    add(julie, (samples.HTML, "page.jpg"))

    assert "« page.jpg » n’a pas été ajouté. Attendu : une image (JPEG, PNG, WebP, HEIC)." in julie.text.replace("\xa0", " ")
    assert "Ajouter à la liste" in julie.text


def test_a_file_for_a_field_that_the_form_does_not_have_is_not_stored(house: House) -> None:
    julie = start(house).send(**(STORY | {"claim__story": [photo()]}), elsewhere=[photo()])

    assert julie.status == 422
    assert stored(house) == 0


def test_a_forged_key_of_somebody_elses_file_is_no_answer(house: House) -> None:
    add(start(house, "marc"), photo("secret.jpg"))
    (theirs,) = rows(house)
    julie = start(house).send(**STORY, claim__photos=str(theirs.key))

    assert julie.status == 422
    assert "A file is no longer there" in julie.text
    assert "secret.jpg" not in julie.text
    assert house.cases() == []


def test_a_file_that_was_swept_meanwhile_is_missed_aloud(house: House) -> None:
    julie = add(start(house), photo())
    house.write(lambda session: session.execute(update(Document).values(kept_until=rows(house)[0].created_at)))

    julie.send(**STORY)

    assert julie.status == 422
    assert "A file is no longer there" in julie.text
    assert house.cases() == []


def test_a_person_cannot_take_off_what_is_not_theirs(house: House) -> None:
    add(start(house, "marc"), photo())
    (theirs,) = rows(house)
    start(house).send(_remove=f"claim.photos {theirs.key}")

    assert stored(house) == len(rows(house)) == 1


def test_a_request_larger_than_all_files_together_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "largest_request", lambda: 50_000)
    julie = start(house).send(**STORY, claim__photos=[(samples.jpeg(more=bytes(60_000)), "a.jpg")])

    assert julie.status == 413
    assert stored(house) == 0


# -- log-ins that ended, pages that grew old ----------------------------------------------------------------------


def test_files_survive_the_end_of_the_login(house: House) -> None:
    julie = add(start(house), photo("before.jpg"))
    julie.form()
    julie.forget_login()
    julie.send(**STORY, claim__photos=[photo("after.jpg")])

    assert julie.status == 401
    assert "nothing is lost" in julie.text
    julie.send("/login", username="julie", password="wrong").send("/login", username="julie", password="correct horse battery")

    assert listed(julie) == ["before.jpg", "after.jpg"]
    assert julie.value("claim.name") == "Julie Durand"
    julie.send("/start/holder")
    assert claim_photos(house) == ["before.jpg", "after.jpg"]


def test_what_was_handed_in_before_the_login_ended_is_nobody_elses_afterwards(house: House) -> None:
    julie = start(house)
    julie.form()
    julie.forget_login()
    julie.send(**STORY, claim__photos=[photo("mine.jpg")])
    julie.send("/login", username="marc", password="correct horse battery")

    assert "mine.jpg" not in julie.text
    assert listed(julie.go("/start/holder")) == []
    assert julie.go(f"/documents/{rows(house)[0].key}").status == 404


def test_a_stranger_without_a_login_stores_nothing(house: House) -> None:
    form = start(house).form()
    content, name = photo()
    for note in ("", "forged.note.of-somebody"):
        stranger = house.visitor()
        stranger.post("/start/holder", form | {"_whose": note, "claim.photos": [(BytesIO(content), name)]})
        assert stranger.status == 401
    large = house.visitor().post("/start/holder", form | {"claim.photos": [(BytesIO(bytes(2_000_000)), name)]})

    assert large.status == 413
    assert stored(house) == len(rows(house)) == 0


def test_files_survive_a_login_in_another_window(house: House) -> None:
    julie = start(house)
    fields = julie.form() | {name.replace("__", "."): value for name, value in STORY.items()}
    julie.forget_login()
    julie.log_in("julie")
    julie.post("/start/holder", fields | {"claim.photos": [(BytesIO(PHOTO), "kept.jpg")]})

    assert "check them, then send again" in julie.text
    assert listed(julie) == ["kept.jpg"]
    assert house.cases() == []


def test_with_a_forged_token_nothing_is_stored(house: House) -> None:
    julie = start(house)
    for forged in ({"_csrf": "forged", "_whose": ""}, {"_csrf": ""}):
        fields = julie.form() | {"_whose": ""} | forged
        julie.post("/start/holder", fields | {"claim.photos": [(BytesIO(PHOTO), "a.jpg")]})
        assert julie.status == 403
        julie.go("/start/holder")
    julie.post("/start/holder", julie.form() | {"claim.photos": [(BytesIO(PHOTO), "a.jpg")]}, Origin="https://evil.example")

    assert julie.status == 403
    assert stored(house) == len(rows(house)) == 0


# -- giving -------------------------------------------------------------------------------------------------------


def test_a_file_is_given_as_a_download_and_never_as_a_page(house: House) -> None:
    add(start(house), (PHOTO, "é%0D%0A\u202elmth.html"))
    (row,) = rows(house)
    answer = house.visitor("julie").go(f"/documents/{row.key}").response

    assert answer.data == PHOTO
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''%C3%A9" in answer.headers["Content-Disposition"]
    assert ".jpg" in answer.headers["Content-Disposition"] and "html" not in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Length"] == str(len(PHOTO))
    assert house.visitor().http.head(f"/documents/{row.key}").status_code == 401
    head = house.visitor("julie").http.head(f"/documents/{row.key}")
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(PHOTO)))


def test_each_side_sees_the_files_that_reached_it_and_no_others(house: House) -> None:
    paul = at_the_garage(house, photo("front.jpg"))
    add(paul, (samples.pdf(), "estimate.pdf"), name="offer")
    paul.send(hours="5")
    front, estimate = rows(house)

    can_see = {
        who: [house.visitor(who).go(f"/documents/{row.key}").status for row in (front, estimate)]
        for who in ("julie", "marc", "paul", "fanny", "admin")
    }
    assert can_see["admin"] == [200, 200]
    assert can_see["paul"] == [200, 200]
    assert can_see["julie"] == [200, 404]
    assert can_see["marc"] == [404, 404]
    assert can_see["fanny"] == [200, 200]
    assert house.visitor().go(f"/documents/{front.key}").status == 401
    for nothing in (1, 2**63, 10**30):
        assert house.visitor("admin").go(f"/documents/{nothing}").status == 404


def test_the_case_page_lists_the_files_with_who_and_when(house: House) -> None:
    julie = start(house).send(**STORY, claim__photos=[photo("front.jpg")])
    (row,) = rows(house)

    (link,) = julie.page.xpath("//section[@aria-labelledby='files-title']//a")
    assert (link.text, link.get("href")) == ("front.jpg", f"/documents/{row.key}")
    assert "1 kB · You, today" in julie.text
    admin = house.visitor("admin").go(julie.path)
    assert "front.jpg 1 kB · Julie Durand, today" in admin.text


def test_a_task_shows_the_files_given_before(house: House) -> None:
    start(house).send(**STORY, claim__photos=[photo("front.jpg")])
    fanny = house.visitor("fanny").go(f"/tasks/{house.claim(house.task(), 'fanny').key}")

    (link,) = fanny.page.xpath("//form[contains(@class, 'questions')]//a[@download]")
    assert link.text == "front.jpg"
    assert fanny.go(link.get("href")).response.headers["Content-Disposition"] == "attachment; filename=front.jpg"
    fanny.go(f"/tasks/{house.task().key}").send(complete="yes")
    assert house.task("assess")


def test_a_file_the_disk_lost_is_not_there(house: House) -> None:
    add(start(house), photo())
    house.documents.file(rows(house)[0].key).unlink()

    assert house.visitor("julie").go(f"/documents/{rows(house)[0].key}").status == 404


def test_who_came_too_late_finds_the_names_of_the_files(house: House) -> None:
    paul = at_the_garage(house)
    add(paul, (samples.pdf(), "estimate.pdf"), name="offer", hours="7")
    house.complete(house.task("estimate"), "paul", hours=1)
    paul.send(hours="7")

    assert paul.status == 409
    kept = " ".join(paul.page.xpath("//*[@class='kept']")[0].text_content().split())
    assert "estimate.pdf" in kept and "7" in kept


def test_two_windows_that_complete_at_once_do_so_once(house: House) -> None:
    paul = at_the_garage(house)
    add(paul, (samples.pdf(), "estimate.pdf"), name="offer")
    forms = [paul.form() | {"hours": [str(hours)]} for hours in (1, 2)]
    cookie = paul.http.get_cookie("passerelle_login")
    answers = []

    def send(fields: dict[str, list[str]]) -> None:
        window = Visitor(house.app, {})
        window.http.set_cookie("passerelle_login", cookie.value)
        answers.append(window.post(paul.path, fields, follow=False).status)

    threads = [threading.Thread(target=send, args=(fields | {"_once": [str(number)]},)) for number, fields in enumerate(forms)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [303, 409]
    (row,) = rows(house)
    assert row.case_key is not None and stored(house) == 1
