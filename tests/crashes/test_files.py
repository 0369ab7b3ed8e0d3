"""`kill -9` while a file is handed in: there is no row without its file, and what lies there without a row is swept."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import database, documents, schema
from engine.documents import Document, Folder
from tests.engine.conftest import databases, fresh_database

ROOT = Path(__file__).resolve().parents[2]
# the moment of the kill -> what stands there instead of what would have been done
MOMENTS = {
    "while the file is written": "Folder._sniff = lambda *_: die()",
    "before it has its name": "Path.rename = lambda *_: die()",
    "between file and row": "documents.add = lambda *_args, **_more: die()",
    "before the commit": "Session.commit = lambda *_: die()",
    "after the commit": "after = die",
}
HAND_IN = """
import os, signal, sys
from io import BytesIO
from pathlib import Path
from sqlalchemy.orm import Session
from engine import database, documents
from engine.documents import Folder
from engine.parties import Actor
from tests import samples

def die():
    os.kill(os.getpid(), signal.SIGKILL)

after = lambda: None
url, path = sys.argv[1:]
{moment}
content = Folder(Path(path)).put(BytesIO(samples.jpeg(more=bytes(200_000))))
with Session(database.connect(url)) as session:
    by = Actor(id="person:anna", username="anna")
    database.run(session, lambda s: documents.add(s, content, "a.jpg", place="start:x", by=by))
after()
"""


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", databases())
def test_a_kill_leaves_no_row_without_its_file_and_the_sweep_takes_the_rest(kind: str, moment: str, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "documents")
    with fresh_database(kind, tmp_path) as url:
        engine = database.connect(url)
        schema.metadata.create_all(engine)
        program = [sys.executable, "-c", HAND_IN.format(moment=MOMENTS[moment]), url, str(folder.path)]
        done = subprocess.run(program, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
        assert done.returncode == -signal.SIGKILL, done.stderr

        with Session(engine) as session:
            keys = set(session.scalars(select(Document.key)))
            left = [file for file in folder.path.glob("*/*")]
            assert len(keys) == (1 if moment == "after the commit" else 0)
            assert len(left) == 1
            for key in keys:
                assert folder.open(key).read()
            os.utime(left[0], (time.time() - 7200,) * 2)
            for _ in range(2):  # the first time the database and the folder learn of each other
                database.run(session, lambda s: documents.sweep_all(s, folder))
            assert {int(file.name) for file in folder.path.glob("*/*")} == keys
        engine.dispose()
