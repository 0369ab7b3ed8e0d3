"""The line on what follows a task reads as a sentence; what may come and what must are told apart."""

import pytest

from engine.outlook import Drawing, Outlook, Place
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


@pytest.mark.parametrize(
    ("flows", "diversions", "certain"),
    [
        ({"a": ("goal",), "goal": ("end",)}, {}, True),
        ({"a": ("g",), "g": ("goal", "end"), "goal": ("end",)}, {}, False),
        ({"a": ("g",), "g": ("b", "c"), "b": ("goal",), "c": ("goal",), "goal": ("end",)}, {}, True),
        ({"a": ("g",), "g": ("a", "goal"), "goal": ("end",)}, {}, True),  # again and again, but at last
        ({"a": ("b",), "b": ("a",), "goal": ("end",)}, {}, False),  # never
        ({"a": ("goal",), "goal": ("end",), "late": ("end",)}, {"a": ("late",)}, False),
        ({"a": ("goal",), "goal": ("end",), "late": ("goal",)}, {"a": ("late",)}, True),
    ],
)
def test_a_place_is_certain_where_no_way_leads_past_it(flows, diversions, certain):
    drawing = Drawing({}, {}, {}, {}, flows=flows, diversions=diversions)

    assert drawing.is_certain("goal", ["a"]) is certain
    assert not drawing.is_certain("goal", ["goal"])
