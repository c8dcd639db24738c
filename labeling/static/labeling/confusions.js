/* Tell them apart: a name beside those that it is taken for, in a dialog over the page. Nothing that is filled in is
   touched. In the labeling room the button comes where something is known of the chosen name. Without this module it
   opens a page of its own. */

const answer = () => document.querySelector("[data-answer]");
const button = () => document.querySelector("[data-confusions]");
const known = new Map(); // address -> a promise of a part of a page, or null

function part(address) {
  if (!known.has(address)) {
    const asked = fetch(address, { credentials: "same-origin" }).then(async (said) => {
      if (!said.ok || said.status === 204) return null;
      const page = new DOMParser().parseFromString(await said.text(), "text/html");
      return page.querySelector("[data-apart]");
    }).catch(() => { known.delete(address); return null; });
    known.set(address, asked);
  }
  return known.get(address);
}

/* What is chosen in the room, as an address; empty: nothing. A suggestion counts from its being uncovered on. */
function chosen() {
  const { name, suggestion } = answer().elements;
  const said = { name: name.value.trim(), likely: answer().querySelector("[name=likely]:checked")?.value ?? "" };
  if (!said.name && !said.likely) return "";
  const query = new URLSearchParams({ ...said, panel: "1" });
  if (suggestion?.value) query.set("suggestion", suggestion.value);
  return `${button().formAction}?${query}`;
}

async function open(address) {
  const found = address && await part(address);
  if (!found) return false;
  const dialog = document.createElement("dialog");
  dialog.className = "apart-dialog";
  dialog.setAttribute("aria-label", "Tell them apart");
  const head = document.createElement("div");
  head.className = "apart-head";
  const title = document.createElement("p");
  title.textContent = "Tell them apart";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  head.append(title, close);
  dialog.append(head, found.cloneNode(true));
  // Keys mean the dialog, not the photo under it.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return true;
}

async function offer() {
  const here = button();
  if (!here) return;
  const address = chosen();
  here.classList.remove("is-known");
  const found = address && await part(address);
  if (button() === here && chosen() === address) here.classList.toggle("is-known", Boolean(found));
}

async function press(event) {
  const link = event.target.closest?.("a[data-confusions-link]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    if (!await open(`${link.href}${link.search ? "&" : "?"}panel=1`)) location.assign(link.href);
    return;
  }
  if (!event.target.closest?.("[data-confusions]")) return;
  event.preventDefault();
  const says = document.querySelector("[data-stage-hint]");
  if (await open(chosen()) || !says) return;
  says.textContent = chosen() ? "Nobody has taken this one for another yet." : "Choose a name first.";
}

document.addEventListener("click", press);
if (answer()) {
  document.addEventListener("change", (event) => { if (event.target.matches?.("[data-answer] [name=likely], [data-answer] [name=name]")) offer(); });
  document.addEventListener("room:shown", () => { document.querySelector(".apart-dialog")?.close(); offer(); });
  offer();
}
