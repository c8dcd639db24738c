/* The labeling room without waiting: the next two photos are fetched and decoded while one looks at this one, and what
   one says goes to the site behind one's back. Back, Undo and a refusal bring a photo to the front again.
   Without this module each answer is a form that is sent, and the next photo a page. */

import { Outbox } from "./outbox.js";
import { toast } from "../look/site.js";

const NAMES = ["save", "same", "no_closer"]; // other answers say themselves what came of them: data-said
const AHEAD = 2;
const UNDONE = 20;
const ACTS = "labeling-acts";
// What is pressed sooner after a photo came was meant for the one before.
const TOO_SOON_MS = 300;
// A typed name may be unknown: so long the site is waited for before one goes on.
const TYPED_MS = 1500;

const path = location.pathname;
const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/* A photo with its question, as the site made it. */
class Item {
  constructor(work) {
    this.work = work;
    this.form = work.querySelector("[data-answer]");
    this.occurrence = this.form.elements.occurrence.value;
    this.set = this.form.elements.set.value;
  }

  static of(html) {
    const work = new DOMParser().parseFromString(html, "text/html").querySelector(".work");
    return work && new Item(document.adoptNode(work));
  }

  /* Its pictures are there and decoded: nothing is drawn late when it comes. */
  async ready() {
    const pictures = [...this.work.querySelectorAll("img")];
    const decoded = pictures.map((each) => { each.loading = "eager"; return each.decode(); });
    await Promise.race([Promise.allSettled(decoded), wait(10_000)]);
    return this;
  }
}

class Room {
  constructor(work) {
    this.item = new Item(work);
    this.set = this.item.set;
    this.ahead = [];
    this.settled = new Map();
    this.same = null; // {value, name}, as the form takes it and as it is said
    const { person } = this.item.form.dataset;
    const told = { came: (...said) => this.came(...said), waiting: (...said) => this.waiting(...said) };
    this.outbox = new Outbox(person, path, told);
    this.kept = `${ACTS}-${person}`;
    this.acts = this.remembered();
    this.since = 0;
    history.replaceState({ occurrence: this.item.occurrence }, "", this.addressOf(this.item.occurrence));
    this.remember(document.querySelector("form#undo"));
    this.offerUndo();
    this.start();
  }

  async start() {
    // After a reload: what this one was called is on its way already.
    const given = this.outbox.all.some((each) => each.occurrence === this.item.occurrence);
    this.outbox.send();
    await this.fill();
    if (given) this.next();
  }

  /* The room's, in the set that one works on. */
  address(query = {}) {
    const all = new URLSearchParams(this.set);
    for (const [name, value] of Object.entries(query)) all.set(name, value);
    return all.size ? `${path}?${all}` : path;
  }

  addressOf(occurrence) { return this.address({ occurrence }); }

  get held() { return [this.item, ...this.ahead].map((each) => each.occurrence).concat(this.outbox.all.map((each) => each.occurrence)); }

  fill() {
    this.filling ??= this.fetchAhead().catch(() => {}).finally(() => { this.filling = null; });
    return this.filling;
  }

  async fetchAhead() {
    while (this.ahead.length < AHEAD) {
      const answer = await fetch(this.address({ without: this.held }), { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const item = Item.of(await answer.text());
      if (!item || this.held.includes(item.occurrence)) return;
      await item.ready();
      this.ahead.push(item);
    }
  }

  /* What was pressed: true where it is taken care of. */
  answer(form, button) {
    const then = button?.value ?? "save";
    const names = NAMES.includes(then);
    if (button?.name !== "then" || !(names || "said" in button.dataset)) return false;
    if (performance.now() - this.since < TOO_SOON_MS) return true;
    const said = new FormData(form, button);
    const typed = names && then !== "same" && Boolean(said.get("name")?.trim());
    if (names && !typed && !said.get(then === "same" ? "same" : "likely")) return false;
    said.delete("csrfmiddlewaretoken");
    this.go(said, button, typed);
    return true;
  }

  async go(said, button, typed) {
    const item = this.item;
    const name = NAMES.includes(button.value) ? nameIn(item.form, said, button) : null;
    const id = this.outbox.add(item.occurrence, said);
    const came = this.heard(id);
    const text = name ? `${name.name}, saved.` : button.dataset.said;
    const act = { answer: id, occurrence: item.occurrence, text, item, name, before: this.same };
    this.same = name ?? this.same;
    this.acts = [...this.acts, act].slice(-UNDONE);
    this.keepActs();
    if (typed) await Promise.race([came, wait(TYPED_MS)]);
    // Refused at once: it is on screen again, with what is wrong.
    if (this.item !== item) return;
    await this.next(came);
  }

  /* The next one; where none is ready, the site says what is left as soon as it has all answers. */
  async next(came) {
    if (!this.ahead.length) await this.fill();
    const next = this.ahead.shift();
    if (next) {
      this.show(next);
      this.fill();
    } else {
      await came;
      if (!this.outbox.all.length) location.assign(this.acts.at(-1)?.next ?? this.address());
    }
  }

  show(item, { push = true } = {}) {
    this.item.work.replaceWith(item.work);
    this.item = item;
    this.since = performance.now();
    if (push) history.pushState({ occurrence: item.occurrence }, "", this.addressOf(item.occurrence));
    this.offerUndo();
    this.offerSame();
    this.tellProgress();
    window.htmx?.process(item.work);
    document.dispatchEvent(new CustomEvent("room:shown", { detail: item.work }));
    scrollTo(0, 0);
    const wrong = item.work.querySelector("[autofocus]");
    (wrong ?? item.work.querySelector("#main")).focus({ preventScroll: !wrong });
  }

  /* The site has answered: {text, undo, next, told, done, left, set}, or a page that says what is wrong. */
  async came(answer, { ok, text }, elsewhere = false) {
    const act = this.acts.find((each) => each.answer === answer.id);
    if (elsewhere && !act) return;
    if (ok && text.startsWith("{")) {
      const said = JSON.parse(text);
      if (said.same && this.same === act?.name) this.same = said.same;
      if (act && said.undo) Object.assign(act, { undo: said.undo, next: said.next, text: said.text });
      if (act && !said.undo) this.forget(act);
      if (said.told) toast(said.told);
      // An answer may be of another set, on its way since before that was chosen.
      if (said.set === this.set) this.progress = progress(said);
    } else {
      if (act?.name && this.same === act.name) this.same = act.before;
      if (act) this.forget(act);
      this.bringBack(Item.of(text), answer.occurrence);
    }
    this.keepActs();
    this.settled.get(answer.id)?.forEach((resolve) => resolve());
    this.settled.delete(answer.id);
    this.offerUndo();
    this.offerSame();
    this.tellProgress();
  }

  /* The site's answer to this one. */
  heard(id) { return new Promise((resolve) => { this.settled.set(id, [...(this.settled.get(id) ?? []), resolve]); }); }

  /* To the front; what was on screen comes after it. */
  bringBack(item, occurrence) {
    if (!item) return;
    this.ahead = this.ahead.filter((each) => each.occurrence !== item.occurrence);
    if (this.item.occurrence !== occurrence && this.item.occurrence !== item.occurrence) this.ahead.unshift(this.item);
    this.show(item);
  }

  forget(act) { this.acts = this.acts.filter((each) => each !== act); }

  async undo() {
    const act = this.acts.at(-1);
    if (!act) return;
    if (act.answer && this.outbox.takeBack(act.answer)) {
      this.forget(act);
      this.keepActs();
      if (act.item) this.bringBack(act.item, "");
      else await this.goTo(act.occurrence);
      return;
    }
    if (act.answer && this.outbox.has(act.answer)) {
      if (this.outbox.failures) toast("No connection: it is taken back as soon as there is one.");
      await this.heard(act.answer);
    }
    // Refused meanwhile: it is on screen again, and there is nothing to take back.
    if (!act.undo) return;
    try {
      const headers = { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content };
      const body = new URLSearchParams(act.undo);
      body.set("set", this.set);
      const answer = await fetch(path, { method: "POST", body, headers, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      this.forget(act);
      this.keepActs();
      const page = Item.of(await answer.text());
      if (!page) { location.reload(); return; }
      this.believe(page);
      this.bringBack(page, "");
    } catch {
      toast("No connection: nothing was undone. Try again.");
    }
  }

  /* The toast on screen speaks of the last act that can be undone; the site's own line of an undoing stays before it. */
  offerUndo() {
    const act = this.acts.at(-1);
    const panel = this.item.work.querySelector(".ask-panel");
    const undone = panel.querySelector(".last:not(:has(form))");
    panel.querySelectorAll(".last:has(form)").forEach((each) => each.remove());
    const button = this.item.work.querySelector(".saves [form='undo'], .saves [data-undo-place]");
    const place = document.createElement("span");
    place.dataset.undoPlace = "";
    if (!act) { button?.replaceWith(place); return; }
    const blank = this.item.work.querySelector("template[data-last]").content.cloneNode(true);
    blank.querySelector(".last p").textContent = act.text;
    blank.querySelector("form").id = "undo";
    const thumb = blank.querySelector(".btn-icon");
    thumb.setAttribute("form", "undo");
    thumb.setAttribute("aria-label", `Undo: ${act.text}`);
    button?.replaceWith(thumb);
    if (undone) undone.after(blank.querySelector(".last"));
    else panel.prepend(blank.querySelector(".last"));
  }

  /* The name that was given last here; a page that was fetched before that has another one. */
  offerSame() {
    const place = this.item.work.querySelector("[data-same]");
    if (!place || !this.same) return;
    place.hidden = false;
    place.querySelector("input").value = this.same.value;
    place.querySelector("[data-same-name]").textContent = this.same.name;
  }

  tellProgress() {
    const here = this.item.work.querySelector("[data-progress]");
    if (here && this.progress) here.replaceChildren(...this.progress.cloneNode(true).childNodes);
  }

  /* A page that the site has just made knows the numbers; those that were fetched ahead do not. */
  believe(item) { this.progress = item.work.querySelector("[data-progress]").cloneNode(true); }

  waiting(count, stranger) {
    const here = this.item.work.querySelector("[data-waiting]");
    if (!here) return;
    const answers = `${count} answer${count === 1 ? "" : "s"}`;
    here.hidden = !count;
    here.textContent = !count ? "" : stranger ? `Log in again: ${answers} wait.` : `No connection: ${answers} kept here.`;
  }

  /* What was answered without this module, or before a reload. */
  remember(form) {
    if (!form || this.acts.some((each) => new URLSearchParams(each.undo).get("id") === form.elements.id.value)) return;
    const said = new FormData(form);
    said.delete("csrfmiddlewaretoken");
    const text = form.closest(".last").querySelector("p").textContent;
    this.acts.push({ undo: new URLSearchParams(said).toString(), occurrence: said.get("occurrence"), text });
    this.keepActs();
  }

  /* Also what is still on its way: a reload may cut off the receipt, and it can be taken back all the same. */
  remembered() {
    let acts = [];
    try { acts = JSON.parse(sessionStorage.getItem(this.kept) ?? "[]"); } catch { /* then there are none */ }
    return acts.filter((each) => each.undo || this.outbox.has(each.answer));
  }

  keepActs() {
    const plain = this.acts.map(({ answer, undo, next, occurrence, text }) => ({ answer, undo, next, occurrence, text }));
    try { sessionStorage.setItem(this.kept, JSON.stringify(plain)); } catch { /* private windows keep nothing */ }
  }

  async goTo(occurrence) {
    if (!occurrence || occurrence === this.item.occurrence) return;
    const kept = this.acts.find((each) => each.occurrence === occurrence)?.item;
    const answer = await fetch(this.addressOf(occurrence), { credentials: "same-origin" }).catch(() => null);
    const item = answer?.ok ? Item.of(await answer.text()) : kept;
    if (!item) return;
    if (item !== kept) this.believe(item);
    this.ahead = [this.item, ...this.ahead.filter((each) => each.occurrence !== item.occurrence)];
    this.show(item, { push: false });
  }
}

/* {value, name}: before the site has said how it calls it. */
function nameIn(form, said, button) {
  if (button.value === "same") return { value: said.get("same"), name: form.querySelector("[data-same-name]").textContent };
  const typed = said.get("name")?.trim();
  if (typed) return { value: typed, name: typed };
  const radio = form.querySelector("[name=likely]:checked");
  const words = radio.closest("label").querySelector(":scope > span:not(.plate)");
  return { value: radio.value, name: words.firstChild.textContent.trim() };
}

/* As the page says it. */
function progress({ done, left: [left, more], set }) {
  const made = document.createElement("div");
  const line = document.createElement("p");
  const strong = document.createElement("b");
  strong.textContent = set ? `${done} done,` : `${done} today.`;
  line.append(strong, ` ${left}${more ? "+" : ""} left.`);
  made.append(line);
  if (set && !more) {
    const bar = document.createElement("progress");
    Object.assign(bar, { max: Math.max(1, done + left), value: done });
    bar.setAttribute("aria-label", "Of this set");
    made.append(bar);
  }
  return made;
}

const work = document.querySelector(".work");
if (work?.querySelector("[data-answer]")) {
  const room = new Room(work);
  document.addEventListener("submit", (event) => {
    // Not by its `id`: it has a field of that name.
    if (event.target.matches("form#undo")) room.undo();
    else if (!event.target.matches("[data-answer]") || !room.answer(event.target, event.submitter)) return;
    event.preventDefault();
  });
  addEventListener("popstate", (event) => room.goTo(event.state?.occurrence));
}
