"""The official JavaScript clients, unmodified, each by a script of its own in `js/`."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parent / "js"
# the newer client checks every answer against its own schemas when told so, and the older has names of its own
SCRIPTS = {
    "orchestration.mjs": {"CAMUNDA_SDK_VALIDATION": "req:none,res:strict"},
    "sdk.mjs": {},
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_deploys_starts_works_fails_throws_resolves_and_completes(
    script: str, settings: Mapping[str, str], files: list[Path], tmp_path: Path
) -> None:
    own = {"ZEEBE_REST_ADDRESS": settings["CAMUNDA_REST_ADDRESS"], "CAMUNDA_TOKEN_DISK_CACHE_DISABLE": "true", "CAMUNDA_LOG_LEVEL": "error"}
    if "CAMUNDA_CLIENT_ID" in settings:
        own |= {"ZEEBE_CLIENT_ID": settings["CAMUNDA_CLIENT_ID"], "ZEEBE_CLIENT_SECRET": settings["CAMUNDA_CLIENT_SECRET"]}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NODE_ENV": "test", **settings, **own, **SCRIPTS[script]}

    done = subprocess.run(
        ["node", _FOLDER / script, *map(str, files)], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=90
    )

    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert done.stdout.rstrip().endswith("all of it")
