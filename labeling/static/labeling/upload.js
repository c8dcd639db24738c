/* Picked photos go up at once, one after the other, each under an id of its own: sent again, it is the same
   photo. What is up is a draft on the server; only what isn't yet is kept here. When all of one choice are up,
   the server joins those of one encounter and answers the drafts. Nothing that is on the page moves: what is new
   comes below, where its space is kept. Without this module the page is a plain form. */

const tray = document.querySelector("[data-tray]");
const NOBODY = "00000000-0000-0000-0000-000000000000";

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/* randomUUID exists on secure pages only, and a boat's server may be plain http. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const queue = [];
let busy = false;

/* The photos of one choice: the list that tells how they fare, and the place where their drafts will stand. */
function makeChoice(together) {
  const piece = tray.querySelector("[data-sending-template]").content.cloneNode(true);
  const choice = { together, draft: "", photos: [], sent: 0, all: 0 };
  choice.section = piece.querySelector("[data-sending]");
  choice.landing = piece.querySelector("[data-landing]");
  choice.lines = document.createElement("ul");
  choice.section.append(choice.lines);
  tray.querySelector("#drafts").append(piece);
  return choice;
}

/* A photo on its way, as a line of its choice. */
function makeLine(file) {
  const line = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = file.name;
  const state = document.createElement("span");
  state.className = "state";
  const progress = document.createElement("progress");
  progress.max = 1;
  progress.value = 0;
  progress.setAttribute("aria-label", file.name);
  const note = document.createElement("p");
  note.className = "note";
  const acts = document.createElement("div");
  acts.className = "row";
  line.append(name, state, progress, note, acts);
  return { line, state, progress, note, acts };
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function pick(files) {
  if (!files.length) return;
  const choice = makeChoice(tray.querySelector("[data-together]").checked);
  for (const file of files) {
    const item = { id: newId(), file, choice, ...makeLine(file) };
    show(item, "is-wait", "Waiting");
    choice.lines.append(item.line);
    choice.all += 1;
    queue.push(item);
  }
  tray.querySelector("[data-empty]")?.remove();
  tell(choice);
  // After the page is drawn with it: what is pushed down is below the screen then, and is not seen to move.
  requestAnimationFrame(() => requestAnimationFrame(() => choice.section.scrollIntoView({ block: "start" })));
  work();
}

function show(item, kind, state, note = "") {
  item.line.className = kind;
  item.state.textContent = state;
  item.note.textContent = note;
  item.acts.replaceChildren();
}

function tell(choice, ...more) {
  const bar = choice.section.querySelector("progress");
  bar.max = choice.all || 1;
  bar.value = choice.sent;
  choice.section.querySelector("[role=status]").replaceChildren(`${choice.sent} of ${choice.all} sent`, ...more);
}

async function work() {
  if (busy) return;
  busy = true;
  while (queue.length) {
    const item = queue.shift();
    await send(item);
    if (!queue.some((each) => each.choice === item.choice)) await land(item.choice);
  }
  busy = false;
}

function send(item) {
  show(item, "is-going", "");
  const data = new FormData();
  data.append("file", item.file, item.file.name);
  if (item.choice.together && item.choice.draft) data.append("observation", item.choice.draft);
  const request = new XMLHttpRequest();
  request.open("POST", tray.dataset.photoUrl.replace(NOBODY, item.id));
  request.setRequestHeader("X-CSRFToken", token());
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    item.progress.value = event.loaded / event.total;
    item.state.textContent = event.loaded < event.total ? `${Math.floor((100 * event.loaded) / event.total)} %` : "Reading";
  });
  return new Promise((settled) => {
    request.addEventListener("loadend", () => {
      if (request.status === 200) arrived(item, request.responseText);
      else refused(item, request);
      settled();
    });
    request.send(data);
  });
}

function arrived(item, html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const draft = answer.querySelector("[data-draft]");
  const known = answer.querySelector("[data-known]");
  if (!draft && !known) {
    failed(item, "The answer made no sense. Retry, or reload the page.");
    return;
  }
  item.choice.sent += 1;
  const before = (draft ?? known).dataset.before;
  show(item, "is-sent", before ? "Here already" : "Sent");
  if (known) item.note.append(...document.adoptNode(known).querySelector("p").childNodes);
  if (draft) {
    item.choice.draft ||= draft.dataset.draft;
    item.choice.photos.push(draft.dataset.photo);
  }
  tell(item.choice);
}

/* All that could be sent is: where it stands now, as drafts. */
async function land(choice) {
  if (!choice.photos.length) return;
  const body = new URLSearchParams(choice.photos.map((id) => ["photo", id]));
  let answer = null;
  try {
    answer = await fetch(tray.dataset.joinUrl, { method: "POST", body, headers: { "X-CSRFToken": token() } });
  } catch {
    /* Said below: the photos are safe. */
  }
  if (!answer?.ok) {
    tell(choice, ". Reload the page to see them as drafts.");
    return;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const drafts = [...page.querySelectorAll("[data-draft]")];
  for (const stale of choice.landing.querySelectorAll("[data-draft]")) {
    if (!drafts.some((each) => each.id === stale.id)) stale.remove();
  }
  for (const draft of drafts) place(document.adoptNode(draft), choice.landing);
  const link = document.createElement("a");
  link.href = `#${drafts[0].id}`;
  link.textContent = drafts.length === 1 ? "one draft below" : `${drafts.length} drafts below`;
  tell(choice, ", ", link);
}

/* A draft comes back whole; what somebody is typing into it stays. */
function place(draft, landing) {
  const before = document.getElementById(draft.id);
  if (before) {
    for (const field of before.querySelectorAll("[data-draft-form] [name]")) keep(field, draft);
    draft.querySelector("details").open = before.querySelector("details").open;
    before.replaceWith(draft);
  } else {
    landing.append(draft);
  }
  draft.dispatchEvent(new CustomEvent("draft", { bubbles: true }));
}

function keep(field, draft) {
  if (["csrfmiddlewaretoken", "seen"].includes(field.name) || field.tagName === "BUTTON") return;
  const picks = field.type === "radio" || field.type === "checkbox";
  const twin = [...draft.querySelectorAll("[data-draft-form] [name]")].find(
    (each) => each.name === field.name && (!picks || each.value === field.value),
  );
  if (!twin) return;
  if (picks) {
    if (field.checked !== field.defaultChecked) twin.checked = field.checked;
  } else if (field.tagName === "SELECT") {
    const first = [...field.options].find((each) => each.defaultSelected) ?? field.options[0];
    if (field.value !== first.value) twin.value = field.value;
  } else if (field.value !== field.defaultValue) {
    twin.value = field.value;
  }
}

function refused(item, request) {
  if (request.status === 0) {
    offline(item);
    return;
  }
  const plain = (request.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
  failed(item, plain ? request.responseText : `The server could not take it (${request.status}).`);
}

function offline(item) {
  failed(item, "No connection. Goes on by itself.");
  window.addEventListener("online", () => retry(item), { once: true });
}

function failed(item, why) {
  show(item, "is-broken", "Not sent", why);
  item.acts.append(
    button("Retry", () => retry(item)),
    button("Leave out", () => leaveOut(item)),
  );
  tell(item.choice);
}

function retry(item) {
  if (!item.line.isConnected || queue.includes(item) || !item.line.classList.contains("is-broken")) return;
  show(item, "is-wait", "Waiting");
  queue.push(item);
  work();
}

function leaveOut(item) {
  item.line.remove();
  item.choice.all -= 1;
  tell(item.choice);
}

if (tray) {
  const form = tray.querySelector("[data-pick]");
  const input = form.querySelector('input[type="file"]');
  form.querySelector("[data-plain]").hidden = true;
  input.classList.add("vh");
  form.querySelector("[data-pick-label]").prepend(input);
  form.querySelector("[data-pick-label]").dataset.ready = "yes";
  form.querySelector("[data-native]").remove();
  input.addEventListener("change", () => {
    pick([...input.files]);
    input.value = "";
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  tray.addEventListener("dragover", (event) => event.preventDefault());
  tray.addEventListener("drop", (event) => {
    event.preventDefault();
    pick([...event.dataTransfer.files]);
  });
  window.addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });
}
