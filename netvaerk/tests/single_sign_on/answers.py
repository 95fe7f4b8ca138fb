"""The identity providers others wrote, and what they answer."""

import socket
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import requests
from django.test import Client
from django.urls import reverse

PEERS = Path(__file__).parents[1] / "idp"


def browser():
    return Client(headers={"host": "testserver"})


def start(script, *arguments):
    assert (PEERS / "node_modules").exists(), "Run `make test-services`: it fetches the identity providers."
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["node", PEERS / script, str(port), *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    for line in process.stdout:
        if "ready" in line:
            return process, f"http://127.0.0.1:{port}"
    raise AssertionError(f"{script} did not start")


def end(process):
    process.terminate()
    process.wait(10)
    process.stdout.close()


def oidc_answer(client, server, who, spoil=""):
    """Where the provider sends the browser back to, once it has signed `who` in."""
    requests.post(f"{server}/who", json={"who": who, "spoil": spoil}, timeout=10)
    url = client.get(reverse("openid_connect_login", args=["oidc"]))["Location"]
    session = requests.Session()
    while url.startswith(server):
        response = session.get(url, allow_redirects=False, timeout=10)
        assert response.status_code in (302, 303), response.text
        location = response.headers["Location"]
        url = location if "://" in location else server + location
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


class Fields(HTMLParser):
    def __init__(self):
        super().__init__()
        self.fields = {}

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "input" and attributes.get("name"):
            self.fields[attributes["name"]] = attributes.get("value") or ""


def saml_answer(client, server, who, **options):
    requests.post(f"{server}/who", json={"who": who, "options": options}, timeout=10)
    url = client.get(reverse("saml_login", args=["saml"]))["Location"]
    page = requests.get(url, timeout=10)
    parser = Fields()
    parser.feed(page.text)
    assert "SAMLResponse" in parser.fields, page.text
    return {name: value for name, value in parser.fields.items() if name in ("SAMLResponse", "RelayState")}


def give(client, fields):
    return client.post(reverse("saml_acs", args=["saml"]), fields, follow=True)


def is_in(client):
    return "_auth_user_id" in client.session


def one_who(**claims):
    return {"sub": "u-1", **claims}


def saml_one(**claims):
    return {"id": "s-1", "claims": claims}
