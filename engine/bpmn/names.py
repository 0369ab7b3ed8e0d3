"""What may name something: ids, channels, people, groups. Short and without NUL, so that every database can keep and index it."""

import re

from engine.feel.sentences import say

LONGEST_NAME = 800  # bytes of UTF-8: an index entry of PostgreSQL ends at 2,704, and one holds a channel and a message id together
A_NAME = say("at most {longest_name} bytes without NUL", longest_name=LONGEST_NAME)


def is_name(text: str) -> bool:
    return "\x00" not in text and len(text) <= LONGEST_NAME and len(text.encode("utf-8", "surrogatepass")) <= LONGEST_NAME


def id_of(name: str) -> str:
    """What a name is called where it stands in addresses: "Front desk" -> "front-desk"."""
    return re.sub(r"[^\w]+", "-", name.strip().lower()).strip("-")
