"""The wheel holds everything that the product needs, and runs without this folder and without Node."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers import Server

TOP = Path(__file__).parents[2]
PACKAGES = ("engine", "api", "portal", "designer", "processes")
_LEFT_OUT = ("__pycache__", "node_modules", "src", "tests")  # of the designer only what was built goes in


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing of an earlier build slips in."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for package in PACKAGES:
        if (TOP / package).exists():
            shutil.copytree(TOP / package, source / package, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(TOP / name, source)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        folder,
        source,
    ]
    subprocess.run(build, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`passerelle` in an environment that has our wheel and, by a path, the libraries of this one."""
    home = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    (site,) = home.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", "--no-user", wheel]
    subprocess.run(install, check=True, capture_output=True)
    return home / "bin" / "passerelle"


def _files(package: str) -> Iterator[str]:
    for folder, folders, names in os.walk(TOP / package):
        folders[:] = [name for name in folders if name not in _LEFT_OUT]
        yield from (str((Path(folder) / name).relative_to(TOP)) for name in names if not name.endswith(".pyc"))


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    expected = {file for package in PACKAGES if package != "designer" for file in _files(package)}

    assert expected - inside == set()
    assert any(name.startswith("portal/templates/") for name in inside)
    assert any(name.startswith("engine/migrations/versions/0001") for name in inside)


def test_the_built_front_end_is_in_the_wheel_where_it_was_built(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    built = {file for folder in ("designer/static/dist", "portal/static/dist") for file in _files(folder)}

    assert built - inside == set()


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} <= set(PACKAGES)


def test_the_installed_program_serves_without_this_folder_and_without_node(program: Path, tmp_path: Path) -> None:
    server = _Installed(tmp_path, f"sqlite:///{tmp_path}/cases.db", program)
    server.start()
    try:
        page = httpx.get(f"{server.url}/", follow_redirects=True)
        style = httpx.get(f"{server.url}/static/portal/portal.css")
    finally:
        server.stop()

    assert "html" in page.headers["Content-Type"]
    assert page.status_code in (200, 401)
    assert style.status_code == 200
    assert str(TOP) not in server.tail(100_000)


class _Installed(Server):
    def __init__(self, folder: Path, database_url: str, program: Path) -> None:
        super().__init__(folder, database_url)
        self.command = [str(program), "serve"]

    def environment(self) -> dict[str, str]:
        found = {name: value for name, value in super().environment().items() if name != "PYTHONPATH"}
        return found | {"PATH": "/nowhere"}
