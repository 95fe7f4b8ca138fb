"""The sweep where the servers are: PostgreSQL's dump, its files and its log, all of Redis, a worker and its log."""

import json
import os
import subprocess
import sys

import psycopg2
import pytest
import redis

from members.encryption import new_key
from netvaerk.tests.canaries import WORD, layers
from netvaerk.tests.servers import ROOT, House, wait_until
from netvaerk.tests.test_house import GOOD

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def house():
    house = House()
    yield house
    house.close()


@pytest.fixture(scope="module")
def environment(house):
    """As in production."""
    return GOOD | {
        "FRIRUM_KEYS": new_key(),
        "DATABASE_URL": house.postgres.url,
        "CELERY_BROKER_URL": house.redis.url,
        "EMAIL_URL": f"smtp://127.0.0.1:{house.postmaster.port}",
        "DJANGO_SETTINGS_MODULE": "netvaerk.settings",
    }


@pytest.fixture(scope="module")
def words(house, environment, tmp_path_factory):
    """Both servers tell all they can; members read and write; a worker works, and falls once."""
    server = psycopg2.connect(house.postgres.url)
    server.autocommit = True
    with server.cursor() as cursor:
        for name, value in (("log_statement", "all"), ("log_parameter_max_length_on_error", "-1")):
            cursor.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        cursor.execute("SELECT pg_reload_conf()")
    server.close()
    for name, value in (("rdbcompression", "no"), ("aof-use-rdb-preamble", "no"), ("appendonly", "yes")):
        _redis(house).config_set(name, value)
    planted = tmp_path_factory.mktemp("words") / "words.json"
    for arguments in (
        ["manage.py", "migrate", "-v0"],
        ["manage.py", "createcachetable"],
        ["manage.py", "demo"],
        ["-m", "netvaerk.tests.living", str(planted)],
    ):
        subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | environment,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=600,
        )
    house.run(
        "-m", "celery", "-A", "netvaerk.tests.falling", "worker", "--concurrency", 1, "--loglevel", "DEBUG",
        "--without-gossip", "--without-mingle", **environment,
    )  # fmt: skip
    assert wait_until(lambda: _log(house).count(b"succeeded") >= 2 and b"ValueError" in _log(house), seconds=300)
    house.send_home()
    return json.loads(planted.read_text())


def _redis(house):
    return redis.Redis(port=house.redis.port)


def _log(house) -> bytes:
    return (house.folder / "errors").read_bytes()


def _found(words, data: bytes, *, packed: bool = False) -> set[str]:
    pieces = layers(data) if packed else [data]
    there = {word.lower().decode() for piece in pieces for word in WORD.findall(piece)}
    return {words[word][0] for word in there if word in words and words[word][1]}


def _plain(words, data: bytes) -> set[str]:
    """What is stored in the clear on purpose: the sweep is able to find."""
    return {word for word, (_where, is_encrypted) in words.items() if not is_encrypted and word.encode() in data}


def test_a_dump_of_the_database_gives_nothing_away(house, words):
    dump = subprocess.run(
        [house.postgres.bin / "pg_dump", house.postgres.url], check=True, capture_output=True, timeout=120
    ).stdout

    assert _plain(words, dump) != set()
    assert _found(words, dump, packed=True) == set()


def test_neither_do_the_server_s_files_nor_a_log_of_every_statement(house, words):
    files = {path: path.read_bytes() for path in house.postgres.folder.rglob("*") if path.is_file()}
    log = files[house.postgres.folder / "log"]

    assert b"networks_goal" in log
    assert _plain(words, log) != set()
    assert {str(path): found for path, data in files.items() if (found := _found(words, data))} == {}


def test_nor_does_redis_with_all_it_was_ever_told(house, words):
    _redis(house).save()
    kept = [path for path in house.folder.rglob("*") if path.suffix in (".rdb", ".aof")]
    told = b"".join(path.read_bytes() for path in kept)

    assert b"members.tasks.send_now" in b"".join(layers(told))
    assert _found(words, told, packed=True) == set()


def test_nor_does_a_talkative_worker_that_falls(house, words):
    log = _log(house)

    assert b"Task netvaerk.tests.falling.fall" in log
    assert b"ValueError" in log
    assert _found(words, log, packed=True) == set()
