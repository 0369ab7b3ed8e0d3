"""No container engine runs where this is tested: at least every name in Dockerfile and compose.yaml exists."""

import re
import tomllib
from pathlib import Path

from api.cli import main
from api.settings import PREFIX, SETTINGS

TOP = Path(__file__).parents[2]
DOCKERFILE = (TOP / "Dockerfile").read_text()
COMPOSE = (TOP / "compose.yaml").read_text()


def test_every_setting_named_exists() -> None:
    named = {name for text in (DOCKERFILE, COMPOSE) for name in re.findall(rf"\b{PREFIX}([A-Z_]+)\b", text)}

    assert named >= {"HOST", "VAR", "DATABASE_URL", "URL"}
    assert named <= set(SETTINGS)


def test_every_command_named_exists() -> None:
    named = {name for text in (DOCKERFILE, COMPOSE) for name in re.findall(r'\["passerelle", "(\w+)"\]', text)}

    assert named == {"serve", "worker"}
    assert named <= set(main.commands)


def test_every_file_named_exists() -> None:
    copied = [line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("COPY") and "--from" not in line]

    assert copied == [".", "requirements.lock"]
    assert all((TOP / path).exists() for path in copied)
    assert "build: ." in COMPOSE


def test_every_stage_and_service_named_exists() -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.M))
    services = set(re.findall(r"^  (\w+):$", COMPOSE.split("services:")[1].split("\nvolumes:")[0], re.M))
    waited_for = set(re.findall(r"^      (\w+):\n        condition: service_healthy", COMPOSE, re.M))

    assert set(re.findall(r"COPY --from=(\w+)", DOCKERFILE)) == stages
    assert services == {"web", "worker", "database"}
    assert waited_for <= services


def test_what_people_hand_in_outlives_the_containers_and_is_shared_by_all() -> None:
    kept = re.search(r"PASSERELLE_VAR=(\S+)", DOCKERFILE)[1]
    shared = COMPOSE.split("services:")[0]

    assert f'volumes: ["kept:{kept}"]' in shared
    assert re.search(r"^  kept:$", COMPOSE.split("\nvolumes:")[1], re.M)
    assert COMPOSE.count("<<: *passerelle") == 2


def test_the_ports_and_the_health_address_agree() -> None:
    port = re.search(r"PASSERELLE_PORT=(\d+)", DOCKERFILE)[1]

    assert f"EXPOSE {port}" in DOCKERFILE
    assert f"http://127.0.0.1:{port}/health/ready" in DOCKERFILE
    assert f":{port}:{port}" in COMPOSE
    assert '"/health/ready"' in (TOP / "api" / "observability.py").read_text()


def test_the_image_is_not_run_as_root() -> None:
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]

    assert re.search(r"^USER passerelle$", last_stage, re.M)


def test_the_python_of_the_image_is_one_that_we_support() -> None:
    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"FROM python:([\d.]+)", DOCKERFILE)}
    lowest = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["ruff"]["target-version"]

    assert lowest == "py311"
    assert all(version >= (3, 11) for version in versions)
    assert len(versions) == 1
