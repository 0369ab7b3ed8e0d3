"""A file is what its content is, whatever it is called; and its name does no harm."""

from io import BytesIO

import pytest

from engine import files
from tests import samples

KEY = 123


def sniff(content):
    return files.sniff(BytesIO(content), len(content))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (samples.jpeg(), "image/jpeg"),
        (samples.jpeg(more=b"\xff\xd9 a motion photo goes on after its picture"), "image/jpeg"),
        (samples.png(), "image/png"),
        (samples.webp(), "image/webp"),
        (samples.heic(), "image/heic"),
        (samples.pdf(), "application/pdf"),
    ],
)
def test_each_kind_is_known_by_its_content(content, kind):
    assert sniff(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        samples.HTML,
        samples.zipped(),
        b"\xff\xd8\xff" + samples.HTML,
        b"\xff\xd8\xff\xe0\x00\x10" + samples.HTML,
        samples.jpeg()[:20],
        samples.jpeg(0, 5),
        b"\x89PNG\r\n\x1a\n" + samples.HTML,
        samples.png()[:-12],
        samples.png().replace(b"\x00\x00\x00\x02\x00\x00\x00\x02", b"\x00\x00\x00\x03\x00\x00\x00\x02"),  # the sum is wrong now
        b"RIFF\x10\x00\x00\x00WAVEfmt ",
        b"RIFF\xff\xff\x00\x00WEBPVP8 " + bytes(40),
        samples.heic().replace(b"heic", b"avif"),
        samples.heic()[:24],
        samples.heic()[:-3],
        b"%PDF-1.7\n" + samples.HTML,
        b"\n" + samples.pdf(),
        b"GIF89a" + bytes(40),
        b"MZ" + bytes(200),
        b"x",
    ],
)
def test_what_only_looks_like_one_is_none(content):
    assert sniff(content) is None


@pytest.mark.parametrize("content", [samples.png(60_000, 60_000), samples.png(1_000_000, 1), samples.jpeg(65_535, 65_000)])
def test_a_picture_that_would_fill_the_memory_of_whoever_opens_it_is_refused(content):
    with pytest.raises(files.TooManyPixels):
        sniff(content)


def test_a_file_cut_anywhere_is_never_an_error():
    for whole in (samples.jpeg(), samples.png(), samples.webp(), samples.heic(), samples.pdf()):
        for length in range(len(whole)):
            assert sniff(whole[:length]) in (None, sniff(whole))


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("bumper.jpg", "bumper.jpg"),
        ("bumper.html", "bumper.jpg"),
        ("invoice.pdf.exe", "invoice.pdf.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\Ann\\car.JPEG", "car.jpg"),
        ("a\r\nSet-Cookie: x=1\r\n.jpg", "aSet-Cookie x=1.jpg"),
        ("photo\u202egpj.exe", "photogpj.jpg"),
        ("dégâts à l’avant.jpg", "dégâts à l’avant.jpg"),
        ("写真.jpg", "写真.jpg"),
        ("half\ud800.jpg", "half.jpg"),
        ("nul\x00.jpg", "nul.jpg"),
        ("...", "file.jpg"),
        ("", "file.jpg"),
        (None, "file.jpg"),
        ('a"b<c>|?.jpg', "a b c.jpg"),
    ],
)
def test_a_name_is_safe_and_its_ending_is_that_of_the_content(given, clean):
    assert files.clean_name(given, "image/jpeg") == clean


def test_a_long_name_is_cut_and_keeps_its_ending():
    name = files.clean_name("x" * 5000 + ".png", "image/png")

    assert len(name) == files.MAX_NAME
    assert name.endswith("x.png")


def test_what_a_form_accepts_is_told_in_content_types():
    assert files.accepted("image/*") == files.PICTURES
    assert files.accepted(".pdf, .JPG") == ("image/jpeg", "application/pdf")
    assert files.accepted(None) == files.accepted(".docx") == files.KINDS
    assert files.not_accepted(".pdf,.docx, text/html") == [".docx", "text/html"]


def test_references_are_found_however_deep_they_stand():
    one = files.reference(KEY, "a.jpg", "image/jpeg", 5, "cafe")
    value = {"claim": {"photos": [one, one], "note": "x"}, "other": [1, {"deep": [[one]]}]}

    assert list(files.references(value)) == [one, one, one]
    assert files.key_of(one) == KEY
    assert list(files.references("a text with camunda.document.type")) == []


@pytest.mark.parametrize("key", ["", "x", "-1", "1" * 30, "１２", None, 5])
def test_a_reference_to_something_else_names_no_key(key):
    assert files.key_of({files.TYPE: "camunda", "storeId": files.STORE, "documentId": key}) is None
    assert files.key_of({files.TYPE: "camunda", "storeId": "elsewhere", "documentId": "5"}) is None


def test_files_in_a_text_are_their_names():
    one, two = files.reference(1, "a.jpg", "image/jpeg", 5, "x"), files.reference(2, "b.pdf", "application/pdf", 5, "y")

    assert files.in_text([one, two]) == "a.jpg, b.pdf"
    assert files.in_text(one) == "a.jpg"
    assert files.in_text([]) is files.in_text("a.jpg") is files.in_text([one, 5]) is files.in_text({"a": one}) is None
