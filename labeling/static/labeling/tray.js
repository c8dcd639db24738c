/* Many drafts at once: choosing photos by tap, key or drag, joining and splitting, saying the same of several, adding
   what is ready. Every act is the form that does it without scripts; here its answer, the same page, is put in place
   of what is on the screen, so that photos on their way go on. */

const find = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const tray = find("[data-tray]");
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
const WITHOUT = { choice: "to choose between", correction: "to correct", time: "without a day", place: "without a place" };

const drafts = () => all("[data-drafts] > [data-draft]");
const ticks = (root = tray) => all("input[name=photo]", root);

/* ---------- the bar ---------- */

function count() {
  const found = drafts();
  const ready = found.filter((each) => !each.dataset.lacks);
  const without = {};
  for (const each of found) {
    const first = each.dataset.lacks.split(" ")[0];
    if (first) without[first] = (without[first] ?? 0) + 1;
  }
  const others = Object.entries(without).map(([what, number]) => `${number} ${WITHOUT[what]}`);
  find("[data-summary]").textContent = found.length ? [`${ready.length} ready`, ...others].join(", ") : "Nothing waits here.";
  find("[data-count]").textContent = ready.length;
  find("[data-adding] .btn-main").disabled = !ready.length;
  find("[data-sendable]").replaceChildren(
    ...ready.map((each) => {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: "ready", value: find("[data-version]", each).value });
      return input;
    }),
  );
  find("[data-select]").hidden = !found.length;
  find("[data-for-many]").hidden = !found.length;
  find("[data-for-none]").hidden = found.length > 0;
  chosen();
}

/* ---------- choosing ---------- */

function choose(on) {
  tray.classList.toggle("is-choosing", on);
  find("[data-adding]").hidden = on;
  find("[data-choosing]").hidden = !on;
  if (!on) for (const each of all(".pick input", tray)) each.checked = false;
  chosen();
}

function chosen() {
  const photos = ticks().filter((each) => each.checked);
  const sightings = new Set(photos.map((each) => each.closest("[data-draft]")));
  for (const section of drafts()) {
    const inside = ticks(section);
    find("input[name=draft]", section).checked = inside.length > 0 && inside.every((each) => each.checked);
  }
  const words = photos.length ? `${plural(photos.length, "photo")} of ${plural(sightings.size, "sighting")}` : "Choose photos";
  find("[data-chosen]").textContent = words;
  for (const each of all("[data-choosing] [form=many]")) each.disabled = !photos.length;
  const say = sightings.size ? `Say it of ${plural(sightings.size, "sighting")}` : `Say it of all ${drafts().length}`;
  for (const button of document.querySelectorAll("[data-say]")) button.textContent = say; // and the one that Enter presses
  find("[data-of-which]").textContent = sightings.size
    ? `What is empty stays as it is in each of the ${plural(sightings.size, "sighting")} chosen.`
    : "What is empty stays as it is. It is said of all; select photos to say it of some.";
}

let last = null;

function ticked(event) {
  const box = event.target;
  if (box.name === "draft") for (const each of ticks(box.closest("[data-draft]"))) each.checked = box.checked;
  if (box.name === "photo") last = box;
  chosen();
}

/* With Shift, everything from the last one to this one. */
function range(event) {
  const box = event.target;
  if (!event.shiftKey || box.name !== "photo" || !last?.isConnected) return;
  const line = ticks();
  const [from, to] = [line.indexOf(last), line.indexOf(box)].sort((one, other) => one - other);
  for (const each of line.slice(from, to + 1)) each.checked = box.checked;
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !tray.classList.contains("is-choosing")) return;
  if (event.key === "Escape") {
    choose(false);
    find("[data-select]").focus();
    return;
  }
  if (!event.target.matches(".pick input")) return;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const press = { j: "[value=together]", o: "[value=apart]", s: "[data-set]" }[event.key.toLowerCase()];
  if (step) {
    const line = ticks(), next = line[line.indexOf(event.target) + step];
    if (next && event.shiftKey) next.checked = true;
    next?.focus();
    chosen();
  } else if (press) {
    find(`[data-choosing] ${press}`).click();
  } else {
    return;
  }
  event.preventDefault();
}

/* ---------- dragging ---------- */

let dragged = [];

function lift(event) {
  const card = event.target.closest?.("[data-card]");
  if (!card) return;
  const marked = ticks().filter((each) => each.checked).map((each) => each.value);
  dragged = marked.includes(card.dataset.card) ? marked : [card.dataset.card];
  event.dataTransfer.setData("text/plain", dragged.join(" "));
  event.dataTransfer.effectAllowed = "move";
  // A page that changes at once ends the drag in some browsers.
  setTimeout(() => { find("[data-apart]").hidden = false; });
}

const under = (event) => event.target.closest?.("[data-drafts] > [data-draft], [data-apart]");

function over(event) {
  if (!dragged.length) return;
  for (const each of all(".is-over")) each.classList.remove("is-over");
  const target = under(event);
  if (!target) return;
  event.preventDefault();
  target.classList.add("is-over");
}

function drop(event) {
  const target = dragged.length && under(event);
  if (!target) return;
  event.preventDefault();
  const where = target.dataset.draft ? ["into", target.dataset.draft] : ["then", "apart"];
  post(tray.dataset.arrangeUrl, [...dragged.map((id) => ["photo", id]), where]);
}

function put() {
  dragged = [];
  find("[data-apart]").hidden = true;
  for (const each of all(".is-over")) each.classList.remove("is-over");
}

/* As a form, so that words that are being typed are kept first (drafts.js). */
function post(url, fields) {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: url, hidden: true });
  form.dataset.swap = "";
  for (const [name, value] of [["csrfmiddlewaretoken", find("#press [name=csrfmiddlewaretoken]").value], ...fields]) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  document.body.append(form);
  form.requestSubmit();
}

/* ---------- answers ---------- */

let acting = false;

/* Forms that lead back to this page; saving and sending one draft leads elsewhere. */
function leadsBack(form, submitter) {
  if (form.matches("#many, #press, [data-adding], [data-swap], .toast form")) return true;
  return form.matches("[data-draft-form]") && Boolean(submitter?.hasAttribute("formaction"));
}

async function submitted(event) {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !leadsBack(form, submitter)) return;
  event.preventDefault();
  if (acting) return;
  acting = true;
  const data = new FormData(form, submitter);
  const url = submitter?.hasAttribute("formaction") ? submitter.formAction : form.action;
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(data) }).catch(() => null);
  acting = false;
  form.matches("[data-swap]") && form.remove();
  if (!answer) {
    find("[data-summary]").textContent = "No connection. Nothing was changed.";
  } else if (!answer.ok || new URL(answer.url).pathname !== location.pathname) {
    location.assign(answer.ok ? answer.url : location.href);
  } else {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // What is added leaves a short page: seen from its beginning nothing below it moves.
    if (form.matches("[data-adding]")) tray.scrollIntoView({ block: "start" });
    swap(page);
    if (form.id === "many" && !find(".notice-bad", page)) form.reset();
    const wrong = find("main > .messages .notice-bad");
    wrong?.focus();
    wrong?.scrollIntoView({ block: "center" });
  }
}

function swap(page) {
  const open = new Set(all("[data-draft] > details[open]").map((each) => each.parentElement.id));
  const held = document.activeElement?.closest("[data-drafts]") ? document.activeElement : null;
  const [within, name, value] = [held?.closest("[data-draft]")?.id, held?.name, held?.value];
  for (const section of all("[data-drafts] > [data-draft]", page)) {
    if (open.has(section.id)) find("details", section).open = true;
  }
  find("[data-drafts]").replaceChildren(...find("[data-drafts]", page).childNodes);
  for (const each of all("main > .messages")) each.remove();
  find("main").prepend(...all("main > .messages", page));
  find(".toast-dock").replaceChildren(...find(".toast-dock", page).childNodes);
  for (const section of drafts()) {
    for (const event of ["draft", "htmx:load"]) section.dispatchEvent(new CustomEvent(event, { bubbles: true }));
  }
  find(".toast-dock").dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  const empty = find("[data-empty]"), nothing = find("[data-empty]", page);
  if (empty && !nothing) empty.remove();
  else if (!empty && nothing && !find("[data-coming]").childElementCount) tray.append(nothing);
  count();
  if (held && !held.isConnected) {
    const again = all("[name]", document.getElementById(within) ?? tray).find((each) => each.name === name && each.value === value);
    (again ?? find("[data-select]")).focus();
  }
}

/* What a model says of one draft, for who wants to see it before they answer. */
async function uncover(event) {
  const link = event.target.closest("[data-pencil] a");
  if (!link) return;
  event.preventDefault();
  const answer = await fetch(link.href).catch(() => null);
  const section = link.closest("[data-draft]");
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const said = page && find("[data-pencil]", page.getElementById(section.id));
  if (!said) {
    location.assign(link.href);
    return;
  }
  find("[data-pencil]", section).replaceWith(said);
  window.htmx?.process(said);
}

async function refresh() {
  const answer = await fetch(location.pathname).catch(() => null);
  if (answer?.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
}

if (tray) {
  document.addEventListener("submit", submitted);
  tray.addEventListener("click", uncover);
  tray.addEventListener("click", (event) => event.target.matches(".pick input") && range(event));
  tray.addEventListener("change", (event) => event.target.matches(".pick input") && ticked(event));
  document.addEventListener("keydown", keys);
  document.addEventListener("dragstart", lift);
  document.addEventListener("dragover", over);
  document.addEventListener("drop", drop);
  document.addEventListener("dragend", put);
  document.addEventListener("tray", count);
  document.addEventListener("tray:stale", refresh);
  find("[data-select]").addEventListener("click", () => {
    choose(true);
    find("[data-chosen]").closest("[data-choosing]").querySelector("[data-end]").focus();
  });
  find("[data-end]").addEventListener("click", () => {
    choose(false);
    find("[data-select]").focus();
  });
  find("[data-set]").addEventListener("click", () => {
    find("#many-title").scrollIntoView({ block: "start" });
    find("#many-date").focus({ preventScroll: true });
  });
  count();
}
