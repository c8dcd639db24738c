/* Picked photos go up at once, one after the other, each under an id of its own: sent again, it is the same
   photo. What is up is a draft on the server; only what isn't yet is kept here. Without this module the page is
   a plain form. */

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
let sent = 0;
let all = 0;

/* A photo on its way, as a card. */
function makeCard(file) {
  const card = document.createElement("li");
  card.className = "upcard is-wait";
  const line = document.createElement("div");
  line.className = "file";
  const name = document.createElement("b");
  name.textContent = file.name;
  const state = document.createElement("span");
  state.className = "state";
  line.append(name, state);
  const progress = document.createElement("progress");
  progress.max = 1;
  progress.value = 0;
  progress.setAttribute("aria-label", file.name);
  const note = document.createElement("p");
  note.className = "note";
  note.hidden = true;
  const acts = document.createElement("div");
  acts.className = "row";
  acts.hidden = true;
  card.append(line, progress, note, acts);
  return { card, state, progress, note, acts };
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
  const together = tray.querySelector("[data-together]").checked;
  const group = { draft: "", together };
  for (const file of files) {
    const item = { id: newId(), file, group, ...makeCard(file) };
    item.state.textContent = "Waiting";
    tray.querySelector("[data-waiting]").append(item.card);
    queue.push(item);
    all += 1;
  }
  tray.querySelector("[data-empty]")?.remove();
  tell();
  work();
}

function tell(text = "") {
  const section = tray.querySelector("[data-sending]");
  section.hidden = all === 0;
  section.querySelector("[data-sending-all]").max = all || 1;
  section.querySelector("[data-sending-all]").value = sent;
  section.querySelector("[data-sending-words]").textContent = text || `${sent} of ${all} sent`;
}

async function work() {
  if (busy) return;
  busy = true;
  while (queue.length) {
    const item = queue.shift();
    await send(item);
  }
  busy = false;
}

function send(item) {
  item.card.className = "upcard";
  item.state.textContent = "";
  item.note.hidden = item.acts.hidden = true;
  item.acts.replaceChildren();
  item.progress.hidden = false;
  const data = new FormData();
  data.append("file", item.file, item.file.name);
  if (item.group.together && item.group.draft) data.append("observation", item.group.draft);
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
  sent += 1;
  if (known) {
    item.card.replaceWith(document.adoptNode(known));
  } else {
    item.group.draft ||= draft.dataset.draft;
    item.card.remove();
    place(document.adoptNode(draft));
  }
  tell();
}

/* A draft comes back whole; what somebody is typing into it stays. */
function place(draft) {
  const before = document.getElementById(draft.id);
  if (before) {
    for (const field of before.querySelectorAll("[data-draft-form] [name]")) keep(field, draft);
    draft.querySelector("details").open = before.querySelector("details").open;
    before.replaceWith(draft);
  } else {
    tray.querySelector("#drafts").append(draft);
  }
  attach(draft);
  window.htmx?.process(draft);
}

function keep(field, draft) {
  if (field.name === "csrfmiddlewaretoken" || field.tagName === "BUTTON") return;
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
  item.card.className = "upcard is-broken";
  item.state.textContent = "Not sent";
  item.progress.hidden = true;
  item.note.textContent = why;
  item.note.hidden = item.acts.hidden = false;
  item.acts.append(
    button("Retry", () => retry(item)),
    button("Leave it out", () => leaveOut(item)),
  );
  tell();
}

function retry(item) {
  if (!item.card.isConnected || queue.includes(item) || !item.card.classList.contains("is-broken")) return;
  item.card.className = "upcard is-wait";
  item.state.textContent = "Waiting";
  item.note.hidden = item.acts.hidden = true;
  item.acts.replaceChildren();
  queue.push(item);
  work();
}

function leaveOut(item) {
  item.card.remove();
  all -= 1;
  tell();
}

/* The place of this device, into the fields of one draft. */
function attach(root) {
  for (const locate of root.querySelectorAll("[data-locate]")) {
    if (!navigator.geolocation) continue;
    locate.hidden = false;
    locate.addEventListener("click", () => fill(locate));
  }
}

function fill(locate) {
  const form = locate.closest("form");
  const field = (name) => form.elements.namedItem(name);
  locate.disabled = true;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      field("latitude").value = coords.latitude.toFixed(6);
      field("longitude").value = coords.longitude.toFixed(6);
      field("uncertainty_m").value = Math.round(coords.accuracy);
      field("place_source").value = "device";
      locate.disabled = false;
    },
    () => {
      locate.textContent = "This device doesn’t say where it is";
    },
    { enableHighAccuracy: true, timeout: 20000 },
  );
}

/* A typed place is a pin again, whatever the device said before. */
function typed(event) {
  if (!event.isTrusted || !["latitude", "longitude"].includes(event.target.name)) return;
  event.target.form.elements.namedItem("place_source").value = "map_pin";
}

if (tray) {
  const form = tray.querySelector("[data-pick]");
  const input = form.querySelector('input[type="file"]');
  form.querySelector("[data-plain]").hidden = true;
  input.classList.add("vh");
  form.querySelector("[data-pick-label]").prepend(input);
  form.querySelector("[data-pick-label]").hidden = false;
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
  tray.addEventListener("input", typed);
  window.addEventListener("beforeunload", (event) => {
    if (busy || queue.length) event.preventDefault();
  });
  attach(tray);
}
