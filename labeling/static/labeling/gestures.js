/* Fingers, mouse and pen on a surface: one that drags, two that pinch, and what is neither.

   `on` is told: start(point, event), move(point), end(point) of one pointer; cancel() when it turns out to mean
   something else; pinch({point, way, factor}) of two. It says whether it holds what a pointer moves. After a second finger the rest of the touch means nothing more:
   whoever lifts one of two fingers has not begun to draw with the other. */

const PALM = 60; // pixels across: no fingertip is as wide
const ORDINARY = 0;
const WHEEL = 1; // the middle button

export function gestures(surface, on) {
  const down = new Map(); // id of the pointer -> where it is
  let state = "idle"; // one | pinch | spent
  let before = null;

  const at = (event) => {
    const { left, top } = surface.getBoundingClientRect();
    return [event.clientX - left - surface.clientLeft, event.clientY - top - surface.clientTop];
  };

  const palm = (event) => event.pointerType === "touch" && Math.max(event.width, event.height) > PALM;

  const pair = () => {
    const [[a, b], [c, d]] = [...down.values()];
    return { point: [(a + c) / 2, (b + d) / 2], distance: Math.hypot(c - a, d - b) };
  };

  const give_up = (next) => {
    if (state === "one") on.cancel();
    state = next;
  };

  function press(event) {
    const mouse = event.pointerType === "mouse";
    if (mouse && event.button !== ORDINARY && event.button !== WHEEL) return;
    if (event.target.closest("[data-no-gesture]")) return;
    down.set(event.pointerId, at(event));
    try { surface.setPointerCapture(event.pointerId); } catch { /* lifted before this was heard */ }
    if (palm(event) || down.size > 2) give_up("spent");
    else if (down.size === 2 && state === "one") {
      give_up("pinch");
      before = pair();
    } else if (state === "idle") {
      state = "one";
      on.start(at(event), event);
    }
  }

  function move(event) {
    if (!down.has(event.pointerId)) return;
    down.set(event.pointerId, at(event));
    if (palm(event)) give_up("spent");
    if (state === "one") on.move(at(event));
    if (state !== "pinch") return;
    const now = pair();
    const way = [now.point[0] - before.point[0], now.point[1] - before.point[1]];
    on.pinch({ point: now.point, way, factor: before.distance > 1 ? now.distance / before.distance : 1 });
    before = now;
  }

  function lift(event) {
    if (!down.delete(event.pointerId)) return;
    if (state === "one") {
      state = "idle";
      on.end(at(event));
    }
    if (state === "pinch") state = "spent";
    if (!down.size) state = "idle";
  }

  function lose(event) {
    if (!down.delete(event.pointerId)) return;
    give_up(down.size ? "spent" : "idle");
    if (!down.size) state = "idle";
  }

  // A browser that takes the end of a quick drag for the start of a scroll lets the next tap stop that, and do no more.
  surface.addEventListener("touchmove", (event) => {
    if (event.cancelable && (state === "pinch" || on.holds())) event.preventDefault();
  }, { passive: false });
  surface.addEventListener("pointerdown", press);
  surface.addEventListener("pointermove", move);
  surface.addEventListener("pointerup", lift);
  surface.addEventListener("pointercancel", lose);
  surface.addEventListener("lostpointercapture", lose);
}
