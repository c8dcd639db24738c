"""Reads a page the way a browser under the strict content policy would, and says what is wrong with it."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders

#: Elements that are written without an end.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


def one_line(response) -> str:
    """The HTML of an answer with one space for every run of them: tests ask what a page says, not its layout."""
    return " ".join(response.content.decode().split())


class Page(HTMLParser):
    """Everything a test asks of a page: ids, references, images, and ``faults``, a list of sentences."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.references: list[tuple[str, str]] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        if self._open:
            self.faults.append(f"never closed: {self._open}")
        for name in {name for name in self.ids if self.ids.count(name) > 1}:
            self.faults.append(f"the id {name!r} stands twice")

    def missing_targets(self) -> list[str]:
        """What labels and ARIA attributes point at without it being on the page."""
        return [f"{attribute}={name}" for attribute, name in self.references if name not in self.ids]

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        """The attributes of every such element; ``class_`` asks for one class among several."""
        wanted = attributes.pop("class_", None)
        return [
            found
            for name, found in self.elements
            if name == tag
            and all(found.get(key) == value for key, value in attributes.items())
            and (wanted is None or wanted in (found.get("class") or "").split())
        ]

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.elements.append((tag, found))
        if len(found) != len(attrs):
            self.faults.append(f"<{tag}> says an attribute twice: {attrs}")
        for name, value in found.items():
            if name == "style" or name.startswith("on") or name.startswith("hx-on"):
                self.faults.append(f"<{tag}> carries {name}={value!r}, which the content policy refuses")
            if name in ("src", "href", "action") and (value or "").startswith("javascript:"):
                self.faults.append(f"<{tag}> runs {value!r}")
            if name == "id":
                self.ids.append(value or "")
            if name == "for" or name in ("aria-labelledby", "aria-describedby", "aria-controls"):
                self.references += [(name, part) for part in (value or "").split()]
        if tag == "style":
            self.faults.append("<style> in the page")
        if tag == "script" and not found.get("src") and found.get("type") != "application/json":
            self.faults.append("<script> without src")
        if tag == "img":
            if "alt" not in found:
                self.faults.append(f"<img src={found.get('src')}> lacks alt")
            if not all((found.get(side) or "").isdigit() for side in ("width", "height")):
                self.faults.append(f"<img src={found.get('src')}> lacks its size in whole pixels")
        for name in ("src", "href"):
            self._check_static(found.get(name) or "")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes what is not open (line {self.getpos()[0]})")

    def handle_data(self, data):
        self.words.append(data)

    def _check_static(self, address: str) -> None:
        path = urlsplit(address).path
        if path.startswith(settings.STATIC_URL) and not finders.find(path.removeprefix(settings.STATIC_URL)):
            self.faults.append(f"no static file {path}")

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())
