"""A toast lies over the page, and over nothing that one could press."""

import pytest

from tests.end_to_end.test_every_page import furnished, open_page  # noqa: F401

COVERED = """() => {
  const toast = document.querySelector(".toast-dock .toast").getBoundingClientRect();
  return [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary, label")]
    .filter((each) => !each.closest(".toast-dock") && each.checkVisibility())
    .filter((each) => {
      const box = each.getBoundingClientRect();
      return box.width && box.right > toast.left && box.left < toast.right
        && box.bottom > toast.top && box.top < toast.bottom;
    }).map((each) => each.outerHTML.slice(0, 80));
}"""

pytestmark = [pytest.mark.browser, pytest.mark.once]


def test_wherever_one_scrolls_it_covers_no_control(open_page, furnished):  # noqa: F811
    for width in (360, 1280):
        page = open_page("/accounts/settings/", width, furnished.ada)
        page.evaluate("scrollTo(0, 0)")
        page.locator("form[action*=defaults] button").click()
        page.wait_for_selector(".toast-dock .toast")
        page.wait_for_load_state()  # over a slow line the module that moves it comes after it
        for y in range(0, 900, 90):
            page.evaluate(f"scrollTo(0, {y})")
            # It moves with the next frame, which a busy machine draws late.
            for _ in range(50):
                if page.evaluate(COVERED) == []:
                    break
                page.wait_for_timeout(100)
            assert page.evaluate(COVERED) == [], f"{width} px, scrolled to {y}"
            box = page.locator(".toast-dock .toast").bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= 800
