"""The line on what follows a task reads as a sentence."""

import pytest

from engine.outlook import Outlook, Place
from portal.sentences import ends_with, what_follows


def place(tag: str, name: str, lane: str | None = None) -> Place:
    return Place(name, tag, name, None, lane)


REJECTED, ASSESS = place("endEvent", "Rejected"), place("userTask", "Assess", "Adjusters")
ANSWERED, BOOK = place("intermediateCatchEvent", "Answer received"), place("serviceTask", "Book")


@pytest.mark.parametrize(
    ("ahead", "sentence"),
    [
        (Outlook((ASSESS,)), "Next: “Assess” (Adjusters)."),
        (
            Outlook((REJECTED, ANSWERED, ASSESS)),
            "Next, depending on your answers: “Assess” (Adjusters), a wait until “Answer received” or “Rejected” (the end).",
        ),
        (Outlook((REJECTED, BOOK)), "Next, depending on your answers: “Book” (automatic) or “Rejected” (the end)."),
        (Outlook((REJECTED,)), "This is the last step. After it: “Rejected”."),
        (Outlook(()), "This is the last step here."),
        (Outlook((REJECTED,), ("Garage",)), "It goes out as soon as you are done."),
    ],
)
def test_work_comes_first_and_the_end_last(ahead: Outlook, sentence: str) -> None:
    assert what_follows(ahead, "en") == sentence


def test_a_step_is_the_last_only_if_nobody_hears_of_it() -> None:
    assert ends_with(Outlook((REJECTED,)))
    assert not ends_with(Outlook((REJECTED,), ("Garage",)))
    assert not ends_with(Outlook((REJECTED, BOOK)))
