"""A case told in plain sentences: what happened, who has it, who waits, and what follows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import inboxes, outlook, policies, views
from engine.cases import Case
from engine.history import HistoryEntry
from engine.outlook import Outlook, Place
from engine.parties import Actor
from engine.tasks import Task
from portal.words import say

_MOST_ENTRIES = 500
_Event = tuple[str, int, str | None, int | None]

# command -> sentence, where the command itself is worth telling
_COMMANDS = {
    "task completed": "completed",
    "task claimed": "claimed",
    "task released": "released",
    "task assigned": "assigned",
    "case started": "started",
    "canceled": "canceled",
}
# event -> sentence, where something happened by itself
_EVENTS = {
    "job completed": "h_job",
    "timer fired": "h_timer",
    "message": "h_message",
    "task offered": "h_offered",
    "incident": "h_trouble",
    "incident resolved": "h_trouble_over",
}


_WAITS = ("intermediateCatchEvent", "receiveTask")


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    text: str
    kind: str  # "person" | "machine" | "trouble" | "end"


@dataclass(slots=True)
class Story:
    """What is needed to tell one case to one reader."""

    session: Session
    case: Case
    actor: Actor
    language: str
    drawings: dict[int, outlook.Drawing] = field(default_factory=dict)  # instance key -> its model
    processes: dict[int, Any] = field(default_factory=dict)  # instance key -> instance
    own: frozenset[int] = frozenset()  # instances whose course the reader may follow
    view: views.View | None = None  # somebody of another party: what of them is its own

    def say(self, key: str, **mentions: Any) -> str:
        return say(self.language, key, **mentions)

    def sees(self, instance_key: int, element_id: str | None, at: datetime | None = None) -> bool:
        """Whether the reader may follow what happens there, or happened `at` that time."""
        return instance_key in self.own and (self.view is None or self.view.sees(instance_key, element_id, at))

    @property
    def whole(self) -> frozenset[int]:
        """Instances that are the reader's business with everything in them."""
        return self.own if self.view is None else self.own.intersection(self.view.whole)

    def place(self, instance_key: int, element_id: str | None) -> Place | None:
        drawing = self.drawings.get(instance_key)
        return drawing.places.get(element_id or "") if drawing else None

    def pool_of(self, instance_key: int) -> str | None:
        drawing = self.drawings.get(instance_key)
        return drawing.pools.get(self.processes[instance_key].process_id) if drawing else None


def open_story(session: Session, case: Case, actor: Actor, language: str) -> Story:
    """Gather the models of a case, and what of it the reader may follow."""
    story = Story(session, case, actor, language)
    for instance in inboxes.instances_of(session, case.key):
        story.processes[instance.key] = instance
        story.drawings[instance.key] = outlook.of_process(session, instance.process_key)
    pools = {key: story.pool_of(key) for key in story.processes}
    if views.is_from_outside(actor):
        story.view = views.of_case(session, actor, case)
        story.own = frozenset(story.processes)
    else:
        story.own = inboxes.own_instances(session, actor, case, pools)
    return story


def name_of_process(story: Story, instance_key: int) -> str:
    instance = story.processes[instance_key]
    return story.drawings[instance_key].names.get(instance.process_id) or story.pool_of(instance_key) or instance.process_id


# -- what happened ------------------------------------------------------------------------------------------------


def so_far(story: Story) -> list[Line]:
    """What happened, in order, as far as the reader may follow it."""
    statement = select(HistoryEntry).where(HistoryEntry.case_key == story.case.key)
    entries = list(story.session.scalars(statement.order_by(HistoryEntry.revision.desc()).limit(_MOST_ENTRIES)))[::-1]
    people = inboxes.names_of_people(story.session, story.actor, {username_of(entry.actor) for entry in entries})
    completed = {event[3] for entry in entries for event in map(_as_event, entry.events or ()) if event[0] == "task completed"}
    lines: list[Line] = []
    for entry in entries:
        lines.extend(_told(story, entry, people, completed))
    return lines


def username_of(actor_id: str | None) -> str | None:
    kind, _, name = (actor_id or "").partition(":")
    return name if kind == "person" else None


def giver(actor_id: str, people: Mapping[str, str], reader: Actor, language: str) -> str:
    """Who handed in a file."""
    if actor_id == reader.id:
        return say(language, "file_by_you")
    username = username_of(actor_id)
    return people.get(username or "") or say(language, "h_program" if actor_id.startswith("client:") else "h_somebody")


# once a task is completed, who it was offered to and who took it is no longer worth a line
_PASSING = frozenset({"task offered", "task claimed", "task released", "task assigned", "task unassigned"})


def _told(story: Story, entry: HistoryEntry, people: Mapping[str, str], completed: Collection[int | None]) -> Iterable[Line]:
    events = [_as_event(event) for event in entry.events or ()]
    own = [event for event in events if story.sees(event[1], event[2], entry.at) and not (event[0] in _PASSING and event[3] in completed)]
    yield from _told_command(story, entry, own, people)
    for event in own:
        line = _told_event(story, entry, event)
        if line is not None:
            yield line


def _as_event(event: Sequence[Any]) -> _Event:
    word, instance_key, element_id, element_instance_key = (*event, None, None, None)[:4]
    return str(word), int(instance_key or 0), element_id, element_instance_key


def _told_command(story: Story, entry: HistoryEntry, own: Sequence[_Event], people: Mapping[str, str]) -> Iterable[Line]:
    verb = _COMMANDS.get(entry.command)
    if verb is None:
        return
    about = next((event for event in own if event[0] == entry.command), None)
    if verb == "started":
        if not story.sees(story.case.first_instance_key, None):
            return
        what = name_of_process(story, story.case.first_instance_key)
    elif verb == "canceled":
        what = ""
    elif about is None:
        return
    else:
        what = _called(story, about)
    place = story.place(about[1], about[2]) if about is not None else None
    who = _who_did(story, entry.actor, verb, what, people, side=place.who if place else None)
    yield Line(entry.at, who, "end" if verb == "canceled" else "person")


def _who_did(story: Story, actor_id: str | None, verb: str, what: str, people: Mapping[str, str], *, side: str | None) -> str:
    """`side`: whose work it was, which is said of guests, and of people whose names the reader does not know."""
    if actor_id == story.actor.id:
        return story.say(f"h_you_{verb}", what=what)
    username = username_of(actor_id)
    if username is None and verb == "started" and not (actor_id or "").startswith("client:"):
        return story.say("h_started_self", what=what)
    is_program = username is None and not (actor_id or "").startswith("guest:")
    who = people.get(username or "") or (story.say("h_program") if is_program else side or story.say("h_somebody"))
    return story.say(f"h_{verb}", who=who, what=what)


def _called(story: Story, event: _Event) -> str:
    place = story.place(event[1], event[2])
    return (place.name if place else None) or event[2] or ""


def _told_event(story: Story, entry: HistoryEntry, event: _Event) -> Line | None:
    word, instance_key, element_id, _ = event
    place = story.place(instance_key, element_id)
    if word == "ended":
        return Line(entry.at, story.say("h_ended", what=name_of_process(story, instance_key)), "end")
    if word == "entered" and place is not None and place.name and place.tag == "endEvent":
        if story.drawings[instance_key].messages.get(element_id or ""):
            return None  # the line on the message says it
        return Line(entry.at, story.say("h_reached", what=place.name), "end")
    if word == "completed" and place is not None and place.name and place.tag in _WAITS:
        return Line(entry.at, story.say("h_received", what=place.name), "machine")
    key = _EVENTS.get(word)
    if key is None:
        return None
    what = _called(story, event)
    if word == "task offered":
        who = place.who if place else None
        return Line(entry.at, story.say("h_offered", what=what, who=who) if who else story.say("h_offered_plain", what=what), "machine")
    if word == "message" and (told := story.drawings[instance_key].messages.get(element_id or "")):
        return Line(entry.at, story.say("h_message_to", what=what, who=join(told, story.language, "and")), "machine")
    return Line(entry.at, story.say(key, what=what), "trouble" if word == "incident" else "machine")


# -- who has it now -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenLine:
    """What is open: its name, with whom, and the task to open where the reader may."""

    what: str
    who: str
    since: datetime
    task: Task | None = None
    is_program: bool = False
    may_open: bool = False


def open_lines(story: Story, work: Sequence[inboxes.Open]) -> list[OpenLine]:
    """What is open on the reader's side."""
    mine = [one for one in work if story.sees(one.instance_key, one.element_id)]
    tasks = [one.task for one in mine if one.task is not None]
    people = inboxes.names_of_people(story.session, story.actor, {task.assignee for task in tasks})
    groups = inboxes.names_of_groups(story.session, {group for task in tasks for group in task.candidate_groups or ()})
    lines = []
    for one in mine:
        place = story.place(one.instance_key, one.element_id)
        if one.task is not None:
            may_open = policies.may_see_task(story.actor, one.task) and one.task.assignee in (None, story.actor.username)
            who = holder(one.task, people, groups, story.language)
            lines.append(OpenLine(one.task.name, who, one.since, one.task, may_open=may_open))
        else:
            what = (place.name if place else None) or one.element_id
            lines.append(OpenLine(what, story.say("open_program"), one.since, is_program=True))
    return lines


def other_parties(story: Story, work: Sequence[inboxes.Open]) -> list[str]:
    """Names of the pools beyond the reader's side that have work now; where none has, those that are not done."""
    busy = [one.instance_key for one in work if not story.sees(one.instance_key, one.element_id)]
    active = [key for key, instance in story.processes.items() if inboxes.is_active(instance) and not story.sees(key, None)]
    return list(dict.fromkeys(name for name in (story.pool_of(key) for key in busy or active) if name))


def now_with(story: Story, work: Sequence[inboxes.Open]) -> str:
    """Who has the case now, in a few words: people and groups of the reader's side, else the other parties."""
    lines = open_lines(story, work)
    who = [line.who for line in lines if line.task is not None] or other_parties(story, work)
    if who:
        return join(dict.fromkeys(who), story.language, "and")
    return story.say("with_program" if lines else "with_waiting")


def holder(task: Task, people: Mapping[str, str], groups: Mapping[str, str], language: str) -> str:
    """Who has a task: the person, else the groups and people that it is offered to. Another party does not read our user names."""
    somebody = say(language, "h_somebody") if task.party_key is not None else None
    if task.assignee:
        return people.get(task.assignee) or somebody or task.assignee
    names = [groups.get(group) or task.lane or task.pool or group for group in task.candidate_groups or ()]
    names += [people.get(user) or somebody or user for user in task.candidate_users or ()]
    if task.party_key is not None and not names:
        names = [task.lane or task.pool or ""]
    return join(dict.fromkeys(names), language, "or") or say(language, "nobody")


def join(names: Iterable[str], language: str, word: str) -> str:
    """`A, B or C`."""
    listed = list(names)
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {say(language, word)} {listed[-1]}"


# -- what follows -------------------------------------------------------------------------------------------------


def who_waits(ahead: Outlook, task: Task, case: Case, people: Mapping[str, str], actor: Actor, language: str) -> str:
    """Who waits for this task: who works next, else whoever began the case. Empty where it is only the reader."""
    own = {task.lane, task.pool}
    waiting = [name for name in ahead.waiting if name not in own]
    if not waiting and case.started_by != actor.id:
        starter = people.get(username_of(case.started_by) or "")
        waiting = [starter] if starter else []
    return join(waiting, language, "and")


def what_follows(ahead: Outlook, language: str) -> str:
    """One sentence on what the work comes to next."""
    if ahead.told and all(place.tag == "endEvent" for place in ahead.next):
        return say(language, "next_told")
    if not ahead.next:
        return say(language, "next_end")
    if ends_with(ahead) and len(ahead.next) == 1 and ahead.next[0].name:
        return say(language, "next_last", task=ahead.next[0].name)
    in_order = sorted(ahead.next, key=_least_likely_last)
    what = join([_place_in_words(place, language) for place in in_order], language, "or")
    return say(language, "next_depends" if len(in_order) > 1 else "next_is", what=what)


def ends_with(ahead: Outlook) -> bool:
    """Whether nothing follows for anybody: only ends, and no other party hears of it."""
    return not ahead.told and all(place.tag == "endEvent" for place in ahead.next)


def _least_likely_last(place: Place) -> int:
    """Work first, then waits, then ends."""
    return 2 if place.tag == "endEvent" else 0 if place.is_for_people or place.is_for_programs else 1


def _place_in_words(place: Place, language: str) -> str:
    name = place.name or ""
    if place.tag == "endEvent":
        return say(language, "next_finish", task=name) if name else say(language, "next_finish_plain")
    if place.is_for_people:
        return say(language, "next_with", task=name, who=place.who) if place.who else say(language, "next_alone", task=name)
    if place.is_for_programs:
        return say(language, "next_program", task=name)
    if place.tag in ("intermediateCatchEvent", "eventBasedGateway"):
        return say(language, "next_wait", task=name or "…")
    return say(language, "next_alone", task=name or place.element_id)
