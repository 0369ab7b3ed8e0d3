"""The person's cases: where each stands, who has it now, and what happened so far."""

from flask import Blueprint, Response, request

from engine import documents, errors, inboxes
from portal import access, inbox, pages, sentences


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/cases")(list_cases)
    blueprint.get("/cases/<int:number>")(show_case)


def list_cases() -> Response:
    session, actor, language = access.reading(), access.actor(), pages.language()
    ended = request.args.get("state") == "ended"
    search, page = inbox.search_words(), inbox.page_number()
    found, more = inboxes.cases(session, actor, search=search, ended=ended, page=page)
    work = inboxes.open_work(session, [case.key for case in found])
    stories = {case.key: sentences.open_story(session, case, actor, language) for case in found if case.ended_at is None}
    now_with = {key: sentences.now_with(story, work.get(key, ())) for key, story in stories.items()}
    return pages.draw("cases.html", cases=found, now_with=now_with, ended=ended, search=search, page=page, more=more)


def show_case(number: int) -> Response:
    session, actor = access.reading(), access.actor()
    case = inboxes.find_case(session, actor, number)
    if case is None:
        raise errors.NotFound
    story = sentences.open_story(session, case, actor, pages.language())
    work = inboxes.open_work(session, [case.key]).get(case.key, [])
    starter = sentences.username_of(case.started_by)
    files = documents.of_case(session, case.key, by=actor)
    people = inboxes.names_of_people(session, actor, {starter, *(sentences.username_of(file.uploaded_by) for file in files)})
    return pages.draw(
        "case.html",
        case=case,
        lines=sentences.so_far(story),
        open_lines=sentences.open_lines(story, work),
        others=sentences.join(sentences.other_parties(story, work), story.language, "and"),
        starter=people.get(starter or ""),
        stands_still=any(story.processes[key].incidents for key in story.whole),
        files=files,
        givers={file.uploaded_by: sentences.giver(file.uploaded_by, people, actor, story.language) for file in files},
        said=inbox.said(),
    )
