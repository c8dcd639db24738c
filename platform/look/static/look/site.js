/* What every page needs: the CSRF header for htmx, toasts that leave, the menu, the choice of colours.
   Everything here is attached by attributes, and every page works without it. */

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

document.addEventListener("htmx:configRequest", (event) => {
  const target = new URL(event.detail.path, location.href);
  // The token belongs to this site alone: a request elsewhere must not carry it.
  if (target.origin === location.origin) event.detail.headers["X-CSRFToken"] = token();
});

/* A toast says that something is done. It stays while somebody points at it or has the focus in it. */
const TOAST_MS = 8000;

function watchToast(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "yes";
  let timer = 0;
  const leave = () => toast.remove();
  const start = () => { timer = setTimeout(leave, TOAST_MS); };
  const stop = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("focusout", start);
  toast.querySelector("[data-dismiss]")?.addEventListener("click", leave);
  start();
  keepClear();
}

/* It lies over the page, so it looks for the lowest place where it covers nothing that one could press, or least: where
   the style sheet puts it, else at the other edge of the window. */
const PRESSED = "a, button, input:not([type=hidden]), select, textarea, summary, label";
const EDGES = ["", "auto var(--s5)"];
const STEP = 4;

function keepClear() {
  const dock = document.querySelector(".toast-dock");
  const toast = dock?.querySelector(".toast");
  if (!toast || dock.matches(":focus-within")) return;
  const controls = [...document.querySelectorAll(PRESSED)]
    .filter((each) => !dock.contains(each) && each.checkVisibility())
    .map((each) => each.getBoundingClientRect())
    .filter((each) => each.width);
  let found = { covered: Infinity };
  for (const edge of EDGES) {
    if (!found.covered) break;
    Object.assign(dock.style, { bottom: "", insetInline: edge });
    const box = toast.getBoundingClientRect();
    const lowest = dock.getBoundingClientRect();
    const taken = controls.filter((each) => each.right > box.left && each.left < box.right);
    for (let up = 0; up < lowest.top && found.covered; up += STEP) {
      const top = lowest.top - up, bottom = lowest.bottom - up;
      const covered = taken.reduce((sum, each) => sum + Math.max(0, Math.min(each.bottom, bottom) - Math.max(each.top, top)), 0);
      if (covered < found.covered) found = { edge, covered, above: innerHeight - lowest.bottom + up };
    }
  }
  Object.assign(dock.style, { bottom: `${found.above}px`, insetInline: found.edge });
}

let clearing = 0;
function soon() {
  cancelAnimationFrame(clearing);
  clearing = requestAnimationFrame(keepClear);
}
for (const moved of ["scroll", "resize", "load"]) addEventListener(moved, soon, { passive: true });
new ResizeObserver(soon).observe(document.body);

function attach(root) {
  root.querySelectorAll(".toast-dock .toast").forEach(watchToast);
  keepClear(); // before it is painted, else it would be seen to jump
}

document.addEventListener("htmx:load", (event) => attach(event.target.parentElement ?? document));

/* Shows a toast from another module: import { toast } from the same file. */
export function toast(text) {
  const dock = document.querySelector(".toast-dock");
  if (!dock) return;
  const box = document.createElement("div");
  box.className = "toast fresh";
  const says = document.createElement("p");
  says.textContent = text;
  box.append(says);
  dock.append(box);
  watchToast(box);
  keepClear();
}

/* The menu closes on Escape and when one presses elsewhere. */
const menus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});

/* Colours: the system's, or a person's choice. A cookie, so that the server draws the first paint right. */
function chooseColours(choice) {
  const year = 60 * 60 * 24 * 365;
  const path = document.querySelector("[data-site-root]")?.dataset.siteRoot || "/";
  const kept = choice === "light" || choice === "dark";
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${kept ? choice : ""}; Path=${path}; Max-Age=${kept ? year : 0}; SameSite=Lax${secure}`;
  if (kept) document.documentElement.dataset.theme = choice;
  else delete document.documentElement.dataset.theme;
}

document.querySelectorAll("[data-colours]").forEach((select) => {
  select.closest("[hidden]")?.removeAttribute("hidden");
  select.value = document.documentElement.dataset.theme ?? "system";
  select.addEventListener("change", () => chooseColours(select.value));
});

/* Copies the text of the element a button names: <button data-copy="#id">. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.innerText.trim());
    toast("Copied.");
  } catch {
    getSelection().selectAllChildren(source);
  }
});

attach(document);
