/* The photo of a page that one can look at closely: a sighting's, a reviewer's. The labeling room has its own, on which one
   draws (box_form.js). */

import { Marks } from "./marks.js";
import { Stage } from "./stage.js";

for (const root of document.querySelectorAll("[data-viewer]")) {
  const stage = new Stage(root);
  root.stage = stage; // other modules draw over it, too
  stage.scrolls = true;
  // In words they stand beside the photo.
  stage.svg.removeAttribute("role");
  stage.svg.setAttribute("aria-hidden", "true");
  stage.listen(new AbortController().signal);
  const marks = new Marks(stage);
  for (const button of root.querySelectorAll("[data-switch]")) {
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      marks.show(button.dataset.switch, on);
    });
  }
}
