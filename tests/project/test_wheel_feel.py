"""Expressions and decisions are a distribution of their own, which works where nothing else is installed."""

import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([TOP / ".ci" / "wheel-feel", sys.executable, folder], check=True, capture_output=True)
    (built,) = folder.glob("passerelle_feel-*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has this wheel and nothing else."""
    home = tmp_path_factory.mktemp("empty") / "environment"
    venv.create(home, with_pip=False)
    found = home / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", found, "install", "--quiet", "--no-index", "--no-user", wheel]
    subprocess.run(install, check=True, capture_output=True)
    return found


def _said(python: Path, program: str, folder: Path) -> str:
    ran = subprocess.run([python, "-I", "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_it_evaluates_expressions_where_nothing_else_is_installed(python: Path, tmp_path: Path) -> None:
    program = "from passerelle_feel import compile_expression as c; print(c('sum(for x in xs return x * 0.1)').evaluate({'xs': [1, 2]}))"

    assert _said(python, program, tmp_path) == "0.3"


def test_it_makes_decisions_where_nothing_else_is_installed(python: Path, tmp_path: Path) -> None:
    (tmp_path / "d.dmn").write_text(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">'
        '<inputData id="x" name="x"><variable name="x" typeRef="date"/></inputData><decision id="d" name="d"><variable name="d"/>'
        '<informationRequirement><requiredInput href="#x"/></informationRequirement>'
        "<literalExpression><text>x.year + 1</text></literalExpression></decision></definitions>"
    )
    program = "from passerelle_feel import read_model; print(read_model(open('d.dmn').read()).evaluate('d', {'x': '2026-01-01'}, json=True).value)"

    assert _said(python, program, tmp_path) == "2027"


def test_the_readme_does_what_it_shows(python: Path, tmp_path: Path) -> None:
    readme = (TOP / "wheels" / "feel" / "README.md").read_text("utf-8")
    first = re.search(r"```python\n(.*?)```", readme, re.S)[1]

    assert _said(python, first, tmp_path) == "A string cannot be added to a number (characters 0 to 7)"


def test_only_its_own_packages_are_in_it_and_it_needs_no_other(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    (metadata,) = (name for name in names if name.endswith("/METADATA"))
    needed = [line for line in archive.read(metadata).decode().splitlines() if line.startswith("Requires-Dist:")]

    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"passerelle_feel"}
    assert "passerelle_feel/py.typed" in names
    assert all("Windows" in line for line in needed)


def test_its_parts_import_only_relatively() -> None:
    files = [*(TOP / "engine" / "feel").rglob("*.py"), *(TOP / "engine" / "dmn").rglob("*.py")]
    imports = re.compile(r"^\s*(?:from|import) (engine|api|portal|lxml|SpiffWorkflow|structlog)\b", re.M)

    assert [file.name for file in files if imports.search(file.read_text("utf-8"))] == []
