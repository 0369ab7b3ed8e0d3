"""What every client is told: how to log in; and the models that it drives."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.api import models
from tests.platforms import PASSWORD, SECRET, Platform


@pytest.fixture(params=["basic", "oauth"])
def settings(request: pytest.FixtureRequest, platform: Platform) -> Mapping[str, str]:
    """The client's own settings, as its user would write them into the environment."""
    ways = {
        "basic": {
            "CAMUNDA_AUTH_STRATEGY": "BASIC",
            "CAMUNDA_BASIC_AUTH_USERNAME": "admin",
            "CAMUNDA_BASIC_AUTH_PASSWORD": PASSWORD,
        },
        "oauth": {
            "CAMUNDA_AUTH_STRATEGY": "OAUTH",
            "CAMUNDA_CLIENT_ID": platform.add_client("erp", roles=["admin"]),
            "CAMUNDA_CLIENT_SECRET": SECRET,
            "CAMUNDA_OAUTH_URL": f"{platform.url}/oauth/token",
        },
    }
    return {"CAMUNDA_REST_ADDRESS": platform.url, **ways[request.param]}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """An order (a job whose business error leads to `caught`, then a task), and one that waits for its payment."""
    beside, error = models.error_boundary("ship", "NO_STOCK")
    order = models.process(
        "ordering", models.service_task("ship", "ship"), models.user_task("look", groups=["desk"]), more=beside, roots=error
    )
    waiting = models.process("waiting", models.receive_task("wait", "m"), roots=models.message("m", "paid", "order"))
    found = []
    for name, model in {"ordering": order, "waiting": waiting}.items():
        found.append(tmp_path / f"{name}.bpmn")
        found[-1].write_text(model)
    return found
