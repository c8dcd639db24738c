"""Pictures of a page of docs, made by the test that walks it."""

import os
import re
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page

DOCS = Path(settings.ROOT) / "docs"


class Album:
    """Keeps what is on the screen under a name: those of docs/NAME.md in docs/NAME, where `make pictures` asked for
    it; else they are taken and thrown away.

    `written`: the names that the page shows, in its order; `taken`: those that were taken.
    """

    def __init__(self, name: str, thrown_away: Path):
        self.kept = DOCS / name
        self.written = re.findall(rf"\]\({name}/([\w-]+)\.jpg\)", (DOCS / f"{name}.md").read_text())
        self.folder = self.kept if os.environ.get("PICTURES") else thrown_away
        self.taken: list[str] = []

    def __call__(self, page: Page, name: str) -> None:
        page.evaluate("document.fonts.ready.then(() => true)")
        page.wait_for_timeout(400)
        page.screenshot(path=self.folder / f"{name}.jpg", type="jpeg", quality=60)
        self.taken.append(name)

    def is_whole(self) -> bool:
        """Whether every picture of the page is there, and no other."""
        return {each.stem for each in self.kept.glob("*.jpg")} == set(self.written)
