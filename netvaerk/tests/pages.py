"""Pages as a browser reads them: find a form, fill in some of it, send it with everything else it held."""

from html.parser import HTMLParser
from urllib.parse import urljoin

from django.urls import reverse


class _Forms(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms = []
        self.textarea = self.select = None

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append(
                {"action": attributes.get("action", ""), "method": attributes.get("method", "get"), "data": {}}
            )
        if not self.forms:
            return
        data, name = self.forms[-1]["data"], attributes.get("name", "")
        if tag == "input" and name:
            kind = attributes.get("type", "text")
            if kind in ("checkbox", "radio"):
                data.setdefault(name, [])
                if "checked" in attributes:
                    data[name].append(attributes.get("value", "on"))
            elif kind not in ("submit", "button", "file"):
                data.setdefault(name, []).append(attributes.get("value", ""))
        elif tag == "textarea" and name:
            self.textarea = name
            data[name] = [""]
        elif tag == "select" and name:
            self.select = name
            data.setdefault(name, [])
        elif tag == "option" and self.select and "selected" in attributes:
            data[self.select].append(attributes.get("value", ""))

    def handle_data(self, text):
        if self.textarea:
            self.forms[-1]["data"][self.textarea][0] += text

    def handle_endtag(self, tag):
        if tag == "textarea" and self.textarea:
            value = self.forms[-1]["data"][self.textarea]
            value[0] = value[0].removeprefix("\n")
            self.textarea = None
        elif tag == "select":
            self.select = None


def forms_of(response) -> list[dict]:
    """The forms of a page, each with its action, method and what it would send untouched."""
    parser = _Forms()
    parser.feed(response.content.decode())
    return parser.forms


def submit(client, url, *, to=None, **changes):
    """Open `url`, fill `changes` into its form and send it; returns the page one lands on.

    The form is the one whose action ends with `to`; else the one that holds the changed fields, or the page's own last.
    """
    page = client.get(url, follow=True)
    assert page.status_code == 200, (url, page.status_code)
    here = page.request["PATH_INFO"]
    of_the_frame = (reverse("set_language"), reverse("account_logout"))
    posts = [f for f in forms_of(page) if f["method"].lower() == "post" and f["action"] not in of_the_frame]
    if to is not None:
        fitting = [form for form in posts if urljoin(here, form["action"]).endswith(to)]
    else:
        fitting = [form for form in posts if set(changes) <= set(form["data"])]
    assert fitting, f"{url} holds no form for {to or sorted(changes)}"
    form = fitting[-1]
    data = {name: value for name, value in form["data"].items() if name != "csrfmiddlewaretoken"}
    data |= changes
    response = client.post(urljoin(here, form["action"]) if form["action"] else here, data, follow=True)
    assert response.status_code == 200, (url, response.status_code)
    return response


def text_of(response) -> str:
    """All the page says, with white space folded."""
    words = []

    class Text(HTMLParser):
        def handle_data(self, text):
            words.append(text)

    Text().feed(response.content.decode())
    return " ".join(" ".join(words).split())
