/* Proposals under a field where any name may be typed: <input data-names="address of the proposals">.
   The combobox of the ARIA Authoring Practices, with a list of its own and the choice left to the person. Without
   this module it is a plain text field, and the server answers a name that it does not know with the nearest ones. */

const WAIT_MS = 120; // after the last letter
const SAY_MS = 500; // a count is announced when nothing follows it

class Combobox {
  constructor(input) {
    this.input = input;
    this.address = input.dataset.names;
    this.answers = new Map();
    this.active = -1;
    this.list = document.createElement("ul");
    this.list.className = "proposals";
    this.list.id = `${input.id || `names-${Combobox.count += 1}`}-proposals`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.dataset.namesLabel ?? "Names that may be meant");
    this.list.hidden = true;
    this.says = document.createElement("span");
    this.says.className = "vh";
    this.says.setAttribute("role", "status");
    input.after(this.list, this.says);
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(roles)) input.setAttribute(name, value);
    input.autocomplete = "off";
    input.addEventListener("input", (event) => { if (!event.isComposing) this.askSoon(); });
    input.addEventListener("compositionend", () => this.askSoon());
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => this.close());
    // The focus stays in the field: a press on the list is no leaving of it.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(event.target.closest('[role="option"]')));
  }

  get options() { return [...this.list.querySelectorAll('[role="option"]')]; }
  get open() { return !this.list.hidden; }

  askSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    const text = this.input.value.trim();
    this.request?.abort();
    if (!text) { this.close(); this.say(""); return; }
    if (!this.answers.has(text)) {
      const address = new URL(this.address, location.href);
      address.searchParams.set("q", text);
      this.request = new AbortController();
      try {
        const answer = await fetch(address, { signal: this.request.signal, credentials: "same-origin" });
        if (!answer.ok) throw new Error(String(answer.status));
        this.answers.set(text, await answer.text());
      } catch {
        return; // the field goes on without proposals
      }
    }
    if (text === this.input.value.trim() && document.activeElement === this.input) this.show(this.answers.get(text));
  }

  show(answer) {
    const page = new DOMParser().parseFromString(answer, "text/html");
    const found = [...page.querySelectorAll('[role="option"]')];
    found.forEach((option, number) => { option.id = `${this.list.id}-${number}`; });
    this.list.replaceChildren(...found);
    this.mark(-1);
    if (found.length) this.unfold();
    else this.close();
    this.say(page.querySelector("[data-said]")?.dataset.said ?? "");
  }

  unfold() {
    // Under the field, wherever that stands: both have the same ground to be placed on.
    Object.assign(this.list.style, {
      top: `${this.input.offsetTop + this.input.offsetHeight + 2}px`,
      left: `${this.input.offsetLeft}px`,
      width: `${this.input.offsetWidth}px`,
    });
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }

  mark(number) {
    this.active = number;
    this.options.forEach((option, at) => option.setAttribute("aria-selected", String(at === number)));
    const option = this.options[number];
    if (!option) { this.input.removeAttribute("aria-activedescendant"); return; }
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  say(text) {
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.says.textContent = text; }, SAY_MS);
  }

  choose(option) {
    if (!option) return;
    this.input.value = option.dataset.value;
    this.request?.abort();
    this.close();
    this.say("");
    // As if it had been typed: whoever keeps drafts or radios hears of it.
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    clearTimeout(this.timer);
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
    // And for who wants more of it than its name: what the proposal says in data attributes.
    this.input.dispatchEvent(new CustomEvent("chosen", { bubbles: true, detail: { ...option.dataset } }));
  }

  press(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const { length } = this.options;
    const moves = this.open && length
      ? { ArrowDown: (this.active + 1) % length, ArrowUp: this.active > 0 ? this.active - 1 : length - 1 }
      : {};
    // Home and End are the field's own until one is among the proposals.
    if (this.open && this.active >= 0) Object.assign(moves, { Home: 0, End: length - 1 });
    if (event.altKey && event.key === "ArrowUp" && this.open) this.close();
    else if (event.key in moves && !event.altKey) this.mark(moves[event.key]);
    else if (event.key === "ArrowDown" && !this.open) this.ask();
    else if (event.key === "Enter" && this.open && this.active >= 0) this.choose(this.options[this.active]);
    else if (event.key === "Escape" && this.open) { this.close(); event.stopPropagation(); }
    else return;
    event.preventDefault();
  }
}
Combobox.count = 0;

const attached = new WeakSet();

function attach(input) {
  if (attached.has(input)) return;
  attached.add(input);
  new Combobox(input);
}

const attachAll = () => document.querySelectorAll("input[data-names]").forEach(attach);

// What arrives later: swapped in by htmx, or by a module of the page.
document.addEventListener("htmx:load", attachAll);
document.addEventListener("focusin", (event) => { if (event.target.matches?.("input[data-names]")) attach(event.target); });
attachAll();
