"""Static text: a little Markdown, and nothing of what it could smuggle in."""

import pytest

from portal.prose import draw


def test_headings_lists_emphasis_and_links_are_drawn() -> None:
    drawn = draw("# Title\nOne **bold** and *soft* word\nsecond line\n\n- first\n- second\n\n[more](https://example.com/a?b=1&c=2)")

    assert drawn == (
        "<h2>Title</h2><p>One <strong>bold</strong> and <em>soft</em> word<br>second line</p><ul><li>first</li><li>second</li></ul>"
        '<p><a href="https://example.com/a?b=1&amp;c=2" rel="noopener noreferrer">more</a></p>'
    )


def test_what_somebody_said_is_drawn_as_a_quotation() -> None:
    drawn = draw("They ask:\n> When < noon?\n> And where?\nThat is all.")

    assert drawn.startswith("<p>They ask:</p><blockquote>When &lt; noon?<br>And where?")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '[x](https://a"onmouseover="alert(1))',
        "**<img src=x onerror=alert(1)>**",
        "# <svg/onload=alert(1)>",
        "- [<b>](https://a)",
    ],
)
def test_markup_in_a_text_shows_as_text(text: str) -> None:
    drawn = str(draw(text)).lower()

    for tag in ("<script", "<img", "<svg", "<b>", 'href="javascript', '"onmouseover'):
        assert tag not in drawn


def test_a_bracket_that_was_taken_the_force_from_shows_and_links_nothing() -> None:
    assert draw("Pay \\[here](https://a.example)") == "<p>Pay [here](https://a.example)</p>"


def test_a_long_text_of_stars_is_drawn_at_once() -> None:
    assert len(draw("*" * 20_000 + "[" * 5000)) > 0
