"""What somebody without an account sends: kept until the address is proven, then a case begins, exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine import clock, deployments, documents, files, installation, keys, links, notifications, parties, policies, public_starts
from engine.commands import cases
from engine.commands.cases import Begun
from engine.database import Writes
from engine.links import Link, LinkKind
from engine.notifications import Kind, Reader
from engine.parties import Actor, Party, PartyKind
from engine.public_starts import PublicStart


def keep(
    session: Session,
    process: Any,
    values: Mapping[str, Any],
    *,
    answers: Sequence[Sequence[str]],
    address: str,
    name: str,
    language: str,
    network: str,
    what: str,
    by: Actor,
) -> int | None:
    """Nothing starts: what was typed waits, and a mail asks for the proof. The same for every address, known or not.

    `answers`: [label, answer] as people read them; `what`: how the mail calls it; `by`: whoever handed in the files.
    Answers the key of what waits, None where nothing does: whoever sent it must not be told.
    Raises Invalid (no address), NotAllowed, Busy (too often from this network). Too often to one address: no mail, and no word.
    """
    policies.require(policies.may_start_publicly(process))
    address = parties.email_address(address)
    public_starts.expect_not_too_often(session, network)
    if public_starts.is_too_often(session, address):
        return None
    now = clock.machine_now()
    row = PublicStart(
        key=keys.new(),
        process_key=process.key,
        address=address,
        name=name,
        values=dict(values),
        answers=[list(pair) for pair in answers],
        language=language,
        network=network,
        created_at=now,
        expires_at=now + public_starts.HOLDS,
    )
    owner = Actor(id=public_starts.owner_of(row))
    documents.hand_over(session, _named_in(values), before=by.id, by=owner)
    documents.keep_pending(session, until=row.expires_at, by=owner)
    writes = Writes()
    row.notification_key = notifications.add(  # without the name: whoever typed it could send words of their own to anybody
        writes, Kind.PROOF, reader=Reader(address, None, language), at=clock.now(session), data={"start": str(row.key), "what": what}
    )
    session.add(row)
    session.flush()
    writes.flush(session)
    return row.key


def _named_in(values: Mapping[str, Any]) -> list[int]:
    return [key for value in values.values() for one in files.references(value) if (key := files.key_of(one)) is not None]


def rehearse(session: Session, process: Any, values: Mapping[str, Any], *, language: str, by: Actor) -> None:
    """Begin the case as it would begin, for somebody nobody knows. The caller rolls it back. Raises Invalid as the start would."""
    stranger = parties.customer(session, f"{keys.new():x}@somebody.invalid", None, language)  # RFC 2606: never anybody's
    begun, _link = _begin(session, process, values, stranger, address=stranger.email or "", name=None, language=language, before=by.id)
    installation.give_back_case_number(session, begun.case_number)


def begin(session: Session, key: int) -> int:
    """The address is proven: the case begins as its customer's, and the mail with the link to follow it leaves.

    Answers the key of that link.

    Raises NoProof, ProofUsed, ProofExpired, Invalid (the contract, or a role that nobody was chosen for).
    """
    row = public_starts.expect(session, key, lock=True)
    public_starts.expect_open(row)
    process = deployments.expect_process(session, key=row.process_key)
    policies.require(policies.may_start_publicly(process))
    address, name, answers = row.address or "", row.name, row.answers
    party = parties.customer(session, address, name, row.language)
    begun, link = _begin(
        session, process, row.values, party, address=address, name=name, language=row.language, before=public_starts.owner_of(row)
    )
    links.note_act(session, link, name, "case started")
    public_starts.became(session, row, begun.case_key, link.key)
    writes = Writes()
    notifications.add(
        writes,
        Kind.FOLLOW,
        reader=Reader(address, name, row.language, party.key),
        at=clock.now(session),
        case_key=begun.case_key,
        link_key=link.key,
        data={"answers": answers},
    )
    writes.flush(session)
    return int(link.key)


def _begin(
    session: Session, process: Any, values: Mapping[str, Any], party: Party, *, address: str, name: str | None, language: str, before: str
) -> tuple[Begun, Any]:
    writes = Writes()
    link = links.make(
        writes,
        kind=LinkKind.CASE,
        address=address,
        name=name,
        language=language,
        at=clock.now(session),
        party_key=party.key,
        holds=links.FOLLOWED_FOR,
    )
    writes.flush(session)
    starter = Actor(
        id=f"guest:{link.key}",
        name=name or address,
        language=language,
        party_key=party.key,
        party_kind=PartyKind.CUSTOMER,
        party_id=party.party_id,
        link_key=link.key,
    )
    documents.hand_over(session, _named_in(values), before=before, by=starter)
    begun = cases.start(session, process, values, by=starter)
    session.execute(update(Link).where(Link.key == link.key).values(case_key=begun.case_key))
    link.case_key = begun.case_key
    return begun, link
