"""The folder of files: whole or not at all, for nobody else, and only what it says it is."""

import os
from io import BytesIO

import pytest

from engine import files
from engine.documents import Folder, NotWhatItSays
from engine.errors import NotFound
from tests import samples


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "documents", max_size=100_000)


def test_what_is_handed_in_lies_on_the_disk_bit_for_bit_and_for_nobody_else(folder):
    content = samples.jpeg(more=os.urandom(50_000))
    stored = folder.put(BytesIO(content))

    assert folder.open(stored.key).read() == content
    assert (stored.content_type, stored.size) == ("image/jpeg", len(content))
    file = folder.file(stored.key)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o077 == 0
    assert file.suffix == ""


@pytest.mark.parametrize(
    ("content", "accept", "word"),
    [
        (b"", files.KINDS, "file_empty"),
        (samples.HTML, files.KINDS, "file_kind"),
        (samples.zipped(), files.KINDS, "file_kind"),
        (samples.pdf(), files.PICTURES, "file_kind"),
        (samples.jpeg(more=bytes(100_000)), files.KINDS, "file_large"),
        (samples.png(60_000, 60_000), files.KINDS, "file_pixels"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(folder, content, accept, word):
    with pytest.raises(NotWhatItSays) as refused:
        folder.put(BytesIO(content), accept)

    assert refused.value.word == word
    assert not [file for file in folder.path.rglob("*") if file.is_file()]


def test_an_upload_that_breaks_off_leaves_nothing_behind(folder):
    class Broken(BytesIO):
        def read(self, size=-1):
            if self.tell():
                raise ConnectionResetError
            return super().read(100)

    with pytest.raises(ConnectionResetError):
        folder.put(Broken(samples.jpeg(more=bytes(1000))))
    assert not [file for file in folder.path.rglob("*") if file.is_file()]


def test_a_file_that_the_folder_lost_is_not_there(folder):
    with pytest.raises(NotFound):
        folder.open(17)
