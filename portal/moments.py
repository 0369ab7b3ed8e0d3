"""Times as people say them, in their language and the installation's time zone."""

from datetime import date, datetime, timedelta

from portal.words import say, say_count


def clock_time(at: datetime) -> str:
    return f"{at:%H:%M}"


def day(at: datetime, language: str, now: datetime) -> str:
    """24 Nov, or with the year where it is not this one."""
    month = say(language, "months").split()[at.month - 1]
    return f"{at.day} {month}" + (f" {at.year}" if at.year != now.year else "")


def ago(at: datetime, language: str, now: datetime) -> str:
    """How long ago: minutes and hours, then the day. Both in the zone of the reader."""
    passed = now - at
    if passed < timedelta(minutes=1):
        return say(language, "just_now")
    if passed < timedelta(hours=1):
        return say(language, "minutes_ago", n=int(passed.total_seconds() // 60))
    if at.date() == now.date():
        return say(language, "hours_ago", n=int(passed.total_seconds() // 3600))
    if at.date() == now.date() - timedelta(days=1):
        return say(language, "yesterday_at", time=clock_time(at))
    return say(language, "on_day", day=day(at, language, now))


def moment(at: datetime, language: str, now: datetime) -> str:
    """A point of time in a list of what happened."""
    if at.date() == now.date():
        return say(language, "today_at", time=clock_time(at))
    if at.date() == now.date() - timedelta(days=1):
        return say(language, "yesterday_at", time=clock_time(at))
    return f"{day(at, language, now)}, {clock_time(at)}"


def dated(at: datetime, language: str, now: datetime, with_year: bool = False) -> str:
    """5 Jan, 17:00: for what may be read later, or on paper."""
    month = say(language, "months").split()[at.month - 1]
    return f"{at.day} {month} {at.year}, {clock_time(at)}" if with_year else f"{day(at, language, now)}, {clock_time(at)}"


def calendar_day(on: date, language: str) -> str:
    """3 Jan 2026: an answer that is a day, in no zone."""
    return f"{on.day} {say(language, 'months').split()[on.month - 1]} {on.year}"


def due(at: datetime, language: str, now: datetime) -> tuple[str, str]:
    """How urgent ("late" | "today" | "soon" | "later"), and the words for it."""
    days = (at.date() - now.date()).days
    if at < now:
        return "late", say_count(language, "late", -days) if days < 0 else say(language, "late_hours")
    if days == 0:
        return "today", say(language, "due_today", time=clock_time(at))
    if days == 1:
        return "soon", say(language, "due_tomorrow")
    return "later", say(language, "due_on", day=day(at, language, now))
