"""A case is erased from a shell too, by its number."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api import first_start
from api.cli import main
from api.settings import from_environment
from engine import database, deployments, documents, erasures
from engine.cases import Case
from engine.commands import cases
from engine.documents import Document
from engine.history import HistoryEntry
from engine.parties import PLATFORM
from engine.variables import Variable
from tests.api import models
from tests.samples import png

Run = Callable[..., str]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    yield {"PASSERELLE_VAR": str(tmp_path)}
    erasures.erasers.clear()


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    def one(*arguments: str) -> str:
        ended = CliRunner().invoke(main, list(arguments), env=environment)
        return f"{ended.exit_code} {ended.output}"

    return one


@pytest.fixture
def installation(run: Run, environment: dict[str, str]) -> Iterator[Engine]:
    """With one case that waits for its only task."""
    assert run("people", "add", "anna", "--role", "admin", "--password", "correct-horse-battery").startswith("0")
    assert run("people", "add", "tom", "--role", "member", "--password", "correct-horse-battery").startswith("0")
    engine = first_start.connected(from_environment(environment))
    with Session(engine) as session:
        database.run(session, lambda s: deployments.deploy(s, [("p.bpmn", models.process("p", models.user_task("look")).encode())], by=PLATFORM))
        database.run(session, lambda s: cases.start(s, deployments.expect_process(s, process_id="p"), {"name": "Julie"}, by=PLATFORM))
    yield engine
    engine.dispose()


def _end(engine: Engine) -> None:
    with Session(engine) as session:
        key = session.scalars(select(Case.first_instance_key)).one()
        database.run(session, lambda s: cases.cancel(s, key, by=PLATFORM))


def _values(engine: Engine) -> list[str]:
    with Session(engine) as session:
        return list(session.scalars(select(Variable.value)))


def test_a_case_is_erased_by_its_number_only_when_told_to_and_the_history_names_who_decided(
    installation: Engine, run: Run, environment: dict[str, str]
) -> None:
    _end(installation)
    folder = documents.Folder(from_environment(environment).documents)
    content = folder.put(BytesIO(png()))
    with Session(installation) as session:
        about = {"name": "photo.png", "uploaded_by": "platform", "place": "api", "field": "", "details": None, "kept_until": None}
        case = session.scalars(select(Case)).one()
        row = Document(key=content.key, case_key=case.key, content_type="image/png", size=1, sha256="", created_at=case.created_at, **about)
        session.add(row)
        session.commit()

    told = run("erase", "001", "001")
    assert told == "0 Case 001 001 (without a title) would lose its values for good. Say --yes to do it.\n"
    assert _values(installation) == ['"Julie"'] and folder.file(content.key).exists()

    assert run("erase", "001 001", "--by", "anna", "--yes") == "0 Case 001 001 was erased.\n"
    assert _values(installation) == [] and not folder.file(content.key).exists()
    with Session(installation) as session:
        last = session.scalars(select(HistoryEntry).order_by(HistoryEntry.revision.desc())).first()
        assert last is not None and (last.command, last.actor) == ("case erased", "person:anna")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("1001", "--yes"), "end it before its values are taken out"),
        (("1002", "--yes"), "Expected the number of a case"),
        (("abc", "--yes"), "Expected the number of a case"),
        (("1001", "--by", "nobody", "--yes"), "Expected an account named 'nobody'"),
        (("1001", "--by", "tom", "--yes"), "You may not do this"),
    ],
)
def test_what_cannot_be_erased_stays_as_it_is(installation: Engine, run: Run, arguments: tuple[str, ...], said: str) -> None:
    if "--by" in arguments:
        _end(installation)

    answer = run("erase", *arguments)

    assert answer.startswith("1 Error") and said in answer
    assert _values(installation) == ['"Julie"']
