"""The files for systemd: what they start exists, and systemd itself finds nothing wrong with them."""

import configparser
import os
import re
import shlex
import subprocess

import pytest
from django.core.management import get_commands, load_command_class

from netvaerk.tests.servers import ROOT

UNITS = sorted((ROOT / "docs" / "systemd").glob("netvaerk-*"))
RELEASE = "/srv/netvaerk/current"


def parts(path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(path.read_text())
    return unit


SERVICES = [path for path in UNITS if path.suffix == ".service"]


def test_all_are_here():
    assert [path.name for path in UNITS] == [
        "netvaerk-backup.service", "netvaerk-backup.timer", "netvaerk-beat.service", "netvaerk-send-due.service",
        "netvaerk-send-due.timer", "netvaerk-web.service", "netvaerk-web.socket", "netvaerk-worker.service",
    ]  # fmt: skip
    for path in UNITS:
        if path.suffix in (".timer", ".socket"):
            assert path.with_suffix(".service") in UNITS


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_services_have_no_more_of_the_machine_than_they_need(path):
    service = parts(path)["Service"]

    assert service["User"] == "netvaerk"
    for name in (
        "NoNewPrivileges",
        "PrivateTmp",
        "PrivateDevices",
        "ProtectHome",
        "RestrictSUIDSGID",
        "LockPersonality",
    ):
        assert service[name] == "yes", name
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")
    assert service["EnvironmentFile"] == "/etc/netvaerk/environment"
    assert not re.search(r"(KEY|PASSWORD|SECRET)\w*=", path.read_text())


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.stem)
def test_what_is_started_exists_with_its_options(path):
    program, *words = shlex.split(parts(path)["Service"]["ExecStart"])
    assert program.startswith(f"{RELEASE}/.venv/bin/")
    program = str(ROOT / program.removeprefix(f"{RELEASE}/"))
    assert os.access(program, os.X_OK)

    match program.rpartition("/")[2]:
        case "python":
            script, name, *options = words
            assert (ROOT / script).is_file()
            command = load_command_class(get_commands()[name], name)
            assert command.create_parser(script, name).parse_args(options)
        case "celery":
            told = subprocess.run([program, *words, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60)
            assert told.returncode == 0, told.stderr
            for option in re.findall(r"--[\w-]+", " ".join(words)):
                assert option in told.stdout, option
        case "gunicorn":
            told = subprocess.run([program, "--check-config", *words], cwd=ROOT, capture_output=True, timeout=60)
            assert told.returncode == 0, told.stderr


def complaints(folder) -> str:
    told = subprocess.run(
        ["systemd-analyze", "verify", *sorted(map(str, folder.iterdir()))], capture_output=True, text=True, timeout=120
    )
    return "".join(line for line in told.stderr.splitlines(keepends=True) if "netvaerk-" in line)


@pytest.mark.services
def test_systemd_finds_nothing_wrong(tmp_path):
    for path in UNITS:
        (tmp_path / path.name).write_text(path.read_text().replace(RELEASE, str(ROOT)))
    assert complaints(tmp_path) == ""

    web = tmp_path / "netvaerk-web.service"
    web.write_text(web.read_text().replace("ProtectSystem", "ProtektSystem"))
    assert "ProtektSystem" in complaints(tmp_path)
