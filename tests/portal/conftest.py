"""The portal in front of an empty house, and one with the claim deployed."""

import pytest
from sqlalchemy import Engine

from tests.portal.house import House


@pytest.fixture
def empty_house(database: Engine) -> House:
    return House(database)


@pytest.fixture
def house(empty_house: House) -> House:
    empty_house.deploy()
    return empty_house
