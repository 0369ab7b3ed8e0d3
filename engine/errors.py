"""What can go wrong, in domain words. The docstring is the sentence a person reads; details are data."""

from typing import Any


class EngineError(Exception):
    """Something was refused."""

    def __init__(self, message: str | None = None, **details: Any) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.message: str = str(self)
        self.details = details


class NotFound(EngineError):
    """There is no such thing, or you may not see it."""


class NotAllowed(EngineError):
    """You may not do this."""


class NotAuthenticated(EngineError):
    """Say who you are: user name or password is missing or wrong."""


class Invalid(EngineError):
    """Something in the request is not as expected. `details["fields"]`: field -> what was expected."""


class WrongState(EngineError):
    """This has already moved on."""


class Conflict(EngineError):
    """Somebody else changed this in the meantime. `details["about"]`: who, when, and what it is now."""


class AlreadyExists(EngineError):
    """This exists already."""


class Refused(EngineError):
    """The file cannot be deployed. `details["problems"]`: all problems of all files."""


class TooLarge(EngineError):
    """This is larger than allowed."""


class Busy(EngineError):
    """Too much is going on at the moment; try again shortly."""


class WrongSettings(EngineError):
    """A setting is missing or wrong."""
