"""A claim that lies with the garage, and the portal in front: what tests of guests begin with."""


from sqlalchemy import select

from api import auth
from engine import codes, links
from engine.handoffs import Handoff
from engine.kept_answers import KeptAnswers
from engine.links import Act, Link
from engine.notifications import Notification
from engine.tasks import Task
from engine.variables import of_scope
from tests.garages import Claims
from tests.portal.house import House, Visitor


class Guesthouse(Claims):
    """A claim at the garage, and the portal in front."""

    def __init__(self, house: House, **named):
        super().__init__(house.engine, **named)
        self.house = house
        self.passed = self.hand_over()

    def link(self, **wanted) -> Link:
        """The newest, or that of an address."""
        question = select(Link).order_by(Link.key.desc())
        for name, value in wanted.items():
            question = question.where(getattr(Link, name) == value)
        return self.read(lambda s: s.scalars(question).first())

    def path(self, link=None) -> str:
        with self.house.app.test_request_context():
            return f"/l/{links.token(auth.secret(), link or self.link())}"

    def code(self) -> str:
        key = self.read(lambda s: s.scalars(select(codes.Code.key).order_by(codes.Code.key.desc())).first())
        with self.house.app.test_request_context():
            return codes.digits(auth.secret(), key)

    def guest(self, link=None, **headers) -> Visitor:
        return self.house.visitor(**headers).go(self.path(link))

    def rows(self, model):
        return self.read(lambda s: list(s.scalars(select(model))))

    def everything(self):
        """All that a GET could change."""
        tables = (Link, Act, Notification, KeptAnswers, Handoff, Task, codes.Code)
        return [
            [tuple(getattr(row, column.name) for column in model.__table__.columns) for row in self.rows(model)] for model in tables
        ]

    def answers(self):
        return self.read(lambda s: of_scope(s, self.task().instance_key))
