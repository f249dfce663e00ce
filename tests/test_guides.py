"""The guides are true: their commands are run as they stand, and the systemd units are what systemd understands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from technews import PROJECT_ROOT

GUIDES = [*sorted(PROJECT_ROOT.glob("docs/how-to-*.md")), PROJECT_ROOT / "docs" / "operators-guide.md"]
UNITS = sorted((PROJECT_ROOT / "docs" / "systemd").iterdir())


def commands_of(page: Path) -> str:
    """The lines of a page's `sh` blocks, indented ones too."""
    blocks = re.findall(r"^( *)```sh\n(.*?)^ *```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return "".join(line.removeprefix(indent) + "\n" for indent, block in blocks for line in block.splitlines())


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_the_commands_of_a_guide_run_as_they_stand(page, home_copy, tmp_path):
    """In a filled home and a copy of the configuration, from the project's folder, one after the other."""
    shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("TECHNEWS_", "PREFECT_"))},
        "TECHNEWS_HOME": str(home_copy),
        "TECHNEWS_CONFIG": str(tmp_path / "config"),
        "TECHNEWS_BACKUPS": str(tmp_path / "backups"),
        "PREFECT_HOME": str(tmp_path),
        "TECHNEWS_SERVER_PORT": "1",
    }
    script = commands_of(page).replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    assert script
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True,
        timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    if "classify" in script:
        assert '"relevant": true' in done.stdout, done.stdout


@pytest.mark.parametrize(
    ("home", "place", "found"),
    [
        (None, None, "data/backups"),
        ("", "", "data/backups"),
        ("news", None, "news/backups"),
        ("{here}/my home", None, "my home/backups"),
        ("{here}/my home", "kept/here", "my home/kept/here"),
        ("news", "../other", "other"),
        (None, "{here}/disk", "disk"),
    ],
)
def test_the_guide_finds_the_newest_backup_wherever_they_lie(tmp_path, home, place, found):
    """Home and backups by default or named, absolute or not: a relative place of backups counts from the home."""
    for folder in ("data", "news", "my home", found):
        (tmp_path / folder).mkdir(exist_ok=True, parents=True)
    for number in (1, 2):
        (tmp_path / found / f"technews-2026030{number}T031500Z-4.duckdb").touch()
    named = {"TECHNEWS_HOME": home, "TECHNEWS_BACKUPS": place}
    environment = {name: value for name, value in os.environ.items() if name not in {*named, "CDPATH"}}
    environment |= {name: value.format(here=tmp_path) for name, value in named.items() if value is not None}
    block = (PROJECT_ROOT / "docs" / "operators-guide.md").read_text(encoding="utf-8").partition("## Restore")[2]
    lines = block.partition("```sh\n")[2].partition(".venv/")[0]
    done = subprocess.run(
        ["bash", "-euc", f'{lines}echo "$backup"'], cwd=tmp_path, env=environment, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == f"{tmp_path.resolve() / found}/technews-20260302T031500Z-4.duckdb\n"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_the_units(unit, tmp_path):
    """Checked by systemd itself, with the command at the place where it is here."""
    if not (verify := shutil.which("systemd-analyze")):
        pytest.skip("systemd-analyze is not there")
    here = str(Path(sys.executable).parent / "technews")
    for each in UNITS:
        text = each.read_text().replace("/opt/technews/.venv/bin/technews", here)
        (tmp_path / each.name).write_text(text.replace("/opt/technews", str(PROJECT_ROOT)))
    done = subprocess.run(
        [verify, "verify", "--man=no", tmp_path / unit.name], capture_output=True, text=True, timeout=60, check=False
    )
    mine = [line for line in done.stderr.splitlines() if unit.stem in line]
    assert (mine, done.returncode) == ([], 0), done.stderr
