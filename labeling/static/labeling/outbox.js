/* Answers on their way: kept by this browser until the site has them, and sent one after another in the order in which
   they were given. The site takes the same answer twice as once, so one whose receipt was lost is sent again. They are
   of one person: another one who logs in here neither sees nor sends them. */

const KEY = "answers";
const WAITS_MS = [1000, 2000, 4000, 8000, 15000];

const STRANGER = "logged out";

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

export class Outbox {
  /* came(answer, response, elsewhere): the site has spoken, whatever it said, to this tab or to another; waiting(count, stranger): so many wait
     for the connection, or for their person to log in again. */
  constructor(person, address, { came, waiting }) {
    Object.assign(this, { person, address, came, waiting, failures: 0 });
    // Whichever tab has the turn sends for all; the one where it was said must hear what came of it.
    this.tabs = new BroadcastChannel(KEY);
    this.tabs.onmessage = ({ data: [answer, response] }) => { if (answer.person === person) came(answer, response, true); };
    addEventListener("online", () => this.send());
  }

  /* [{id, person, occurrence, body}], the oldest first. */
  get all() { return everybodys().filter((each) => each.person === this.person); }

  has(id) { return this.all.some((each) => each.id === id); }

  add(occurrence, form) {
    const answer = { id: crypto.randomUUID(), person: this.person, occurrence, body: new URLSearchParams(form).toString() };
    keep([...everybodys(), answer]);
    this.send();
    return answer.id;
  }

  /* Whether it was taken out before it was ever on its way: once it was, the site may have it, whatever was heard. */
  takeBack(id) {
    if (!this.all.some((each) => each.id === id && !each.tried)) return false;
    drop(id);
    return true;
  }

  /* One sender at a time, also among tabs. */
  async send() {
    clearTimeout(this.timer);
    if (this.running) return;
    this.running = true;
    try {
      await (navigator.locks ? navigator.locks.request(KEY, () => this.empty()) : this.empty());
      this.failures = 0;
      this.waiting(0, false);
    } catch (error) {
      this.waiting(this.all.length, error.message === STRANGER);
      this.timer = setTimeout(() => this.send(), WAITS_MS[Math.min(this.failures, WAITS_MS.length - 1)]);
      this.failures += 1;
    } finally {
      this.running = false;
    }
    if (this.all.length && !this.failures) this.send();
  }

  async empty() {
    for (let [answer] = this.all; answer; [answer] = this.all) {
      keep(everybodys().map((each) => (each.id === answer.id ? { ...each, tried: true } : each)));
      const response = await fetch(this.address, {
        method: "POST",
        body: answer.body,
        credentials: "same-origin",
        headers: {
          Accept: "application/json",
          "Content-Type": "application/x-www-form-urlencoded",
          "X-CSRFToken": token(),
        },
      });
      if (response.redirected || response.status === 403) throw new Error(STRANGER);
      // Too much at once, or not well just now: it is asked again.
      if (response.status === 429 || response.status >= 500) throw new Error(String(response.status));
      const text = await response.text();
      drop(answer.id);
      this.tabs.postMessage([answer, { ok: response.ok, text }]);
      await this.came(answer, { ok: response.ok, text });
    }
  }
}

// Private windows of some keep nothing: then answers last as long as the page.
let memory = null;

function everybodys() {
  if (memory) return memory;
  try { return JSON.parse(localStorage.getItem(KEY) ?? "[]"); } catch { return []; }
}

function keep(answers) {
  try {
    localStorage.setItem(KEY, JSON.stringify(answers));
    memory = null;
  } catch {
    memory = answers;
  }
}

function drop(id) { keep(everybodys().filter((each) => each.id !== id)); }
