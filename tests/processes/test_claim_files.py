"""The claim uses files both ways: the holder's photos reach the garage, its estimate the insurer, and neither anybody else."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, database, documents, policies, scenarios, schema
from engine.documents import Document, Folder

CLAIM = Path("processes/claim")
PAID = json.loads((CLAIM / "scenarios" / "paid.json").read_text())
BEHIND = next(number for number, step in enumerate(PAID["steps"]) if step.get("task") == "Estimate the repair")


@pytest.fixture
def play(tmp_path):
    """The claim right after the garage has sent its estimate."""
    engine = database.connect(f"sqlite:///{tmp_path}/claim.sqlite")
    schema.metadata.create_all(engine)
    clock.allow_test_clock(True)
    with Session(engine) as session:
        found = scenarios._Scenario(session, CLAIM, Folder(tmp_path / "documents"))
        found.perform({"start": PAID["start"], "steps": PAID["steps"][: BEHIND + 1]})
        yield found
    clock.allow_test_clock(False)
    engine.dispose()


def test_each_side_may_open_what_was_handed_over_to_it(play):
    def seen(name):
        mine = select(Document.name).where(policies.visible_documents(play.actor(name))).order_by(Document.key)
        return play.do(lambda s: list(s.scalars(mine)))

    photos, estimate = ["rear.jpg", "side.jpg"], ["estimate.pdf"]
    assert seen("claire") == photos
    assert seen("karim") == photos + estimate
    assert seen("marc") == photos + estimate
    assert seen("lea") == []


def test_what_lies_in_the_folder_is_what_was_handed_in(play):
    found = play.do(lambda s: list(s.execute(select(Document.key, Document.name, Document.kept_until))))

    assert len(found) == 3
    for key, name, kept_until in found:
        assert play.kept.open(key).read() == (CLAIM / "files" / name).read_bytes()
        assert kept_until is None, "part of the case"


def test_erasing_the_case_leaves_no_file(play, tmp_path):
    case_key = play.do(lambda s: s.scalar(select(Document.case_key)))
    assert play.do(lambda s: documents.erase(s, play.kept, case_key)) == 3

    assert not list((tmp_path / "documents").glob("*/[0-9]*"))


def test_the_sample_files_are_of_a_process_that_one_can_zip_and_mail(tmp_path):
    copy = tmp_path / "claim"
    shutil.copytree(CLAIM, copy)

    assert sum(file.stat().st_size for file in (copy / "files").iterdir()) < 100_000
