/* Photos that are chosen, dropped, pasted or shot are cards at once, in the sightings that they will be, and go up one
   after the other, each under an id of its own: sent again, it is the same photo. What is not up yet is kept by the
   browser (unsent.js) and goes on after a reload or a crash; of several windows one sends. When all photos of a
   sighting are up the server answers it as a draft, which takes the place of the cards. Nothing that is on the page
   moves: what is new comes below, where its space is kept. Without this module the page is a plain form. */

const tray = document.querySelector("[data-tray]");
const NOBODY = "00000000-0000-0000-0000-000000000000";
const AGAIN_MS = 5000;
const SAY_MS = 5000; // live regions speak no faster

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const find = (selector, root = tray) => root.querySelector(selector);

/* randomUUID exists on secure pages only, and a boat's server may be plain http. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const items = new Map(); // id of a photo -> {id, file, choice, group, state, card, shot}
const choices = new Map(); // id -> {id, together, draft, sent: ids, landed: ids of drafts}
const queue = [];
let store = null, shots = null, sentCount = 0, working = false, waking = () => {};

const ready = tray && load();

async function load() {
  const [unsent, readers] = await Promise.all([import(tray.dataset.unsent), import(tray.dataset.shots)]);
  shots = readers;
  store = await unsent.open(tray.dataset.idb, tray.dataset.person);
}

/* ---------- from files to cards ---------- */

async function pick(files) {
  if (!files.length) return;
  await ready;
  const choice = { id: newId(), together: find("[data-together]").checked, draft: "", sent: [], landed: new Set() };
  choices.set(choice.id, choice);
  const chosen = files.map((file) => ({ id: newId(), file, name: file.name, choice, state: "wait", why: "" }));
  for (const item of chosen) items.set(item.id, item);
  tell();
  const kept = store.keep(choice, chosen).catch(() => say("This browser cannot keep them over a reload: leave the page open."));
  await draw(choice, chosen);
  await kept;
  find("[data-sending]").scrollIntoView({ block: "start" });
  queue.push(...inOrder(chosen));
  work();
}

/* As they stand on the page, so that the first sighting is the first that is a draft, and none changes its place. */
function inOrder(chosen) {
  const groups = [...new Set(chosen.map((item) => item.group))];
  groups.sort((one, other) => (one.section.compareDocumentPosition(other.section) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  return groups.flatMap((group) => group.members);
}

/* The sightings that these photos will be, as far as their files say it here. */
async function draw(choice, chosen) {
  await Promise.all(chosen.map(async (item) => { item.shot = await shots.read(item.file, tray.dataset.exifr); }));
  const groups = choice.together ? [chosen] : shots.group(chosen);
  find("[data-empty]")?.remove();
  const made = [];
  for (const members of groups) {
    const group = { choice, members, section: document.createElement("section") };
    group.section.className = "obs is-coming";
    const head = document.createElement("div"), box = document.createElement("div");
    const name = document.createElement("h2"), state = document.createElement("p"), cards = document.createElement("ul");
    head.className = "obs-head";
    box.className = "obs-title";
    name.textContent = shots.title(members[0].shot);
    state.className = "state";
    state.textContent = "On its way";
    cards.className = "upcards";
    box.append(name, state);
    head.append(box, cards);
    group.section.append(head);
    for (const item of members) {
      item.group = group;
      cards.append(cardOf(item));
    }
    made.push(group.section);
  }
  find("[data-coming]").append(...made);
  preview(chosen);
}

function cardOf(item) {
  const card = document.createElement("li"), plate = document.createElement("div"), progress = document.createElement("progress");
  const file = document.createElement("div"), name = document.createElement("b");
  card.className = "upcard is-wait";
  plate.className = "plate";
  file.className = "file";
  name.textContent = item.name;
  progress.max = 1;
  progress.value = 0;
  progress.setAttribute("aria-label", item.name);
  plate.append(progress);
  file.append(name);
  card.append(plate, file);
  Object.assign(item, { card, progress, plate });
  return card;
}

/* One after the other: forty big photos opened at once are more than a phone's memory. */
async function preview(chosen) {
  for (const item of chosen) {
    if (!item.card?.isConnected) continue;
    try {
      const small = await createImageBitmap(item.file, { resizeWidth: 192, resizeQuality: "low" });
      const canvas = document.createElement("canvas");
      canvas.width = small.width;
      canvas.height = small.height;
      canvas.getContext("2d").drawImage(small, 0, 0);
      small.close();
      item.plate.prepend(canvas);
    } catch {
      /* A format that this browser cannot open: the server's picture comes later. */
    }
  }
}

/* ---------- sending ---------- */

async function work() {
  if (working) return;
  working = true;
  await inTurn(async () => {
    await takeIn();
    while (queue.length) {
      const item = queue.shift();
      if (item.state === "wait") await one(item);
    }
  });
  working = false;
  if (queue.length) work();
}

/* Of several windows one sends; the others wait for their turn. */
async function inTurn(act) {
  const name = `unsent ${tray.dataset.person}`;
  if (!navigator.locks) return act();
  let mine = false;
  setTimeout(() => { if (!mine && queue.length) say("Another window is sending. This one goes on after it."); }, 1000);
  return navigator.locks.request(name, () => { mine = true; return act(); });
}

/* What an earlier window left unsent. */
async function takeIn() {
  for (const kept of await store.all()) {
    const choice = choices.get(kept.id) ?? { id: kept.id, together: kept.together, draft: kept.draft, sent: kept.sent, landed: new Set() };
    const known = choices.has(kept.id);
    choices.set(choice.id, choice);
    const left = kept.photos.filter((each) => !items.has(each.id)).map(({ id, file, name, why }) => ({ id, file, name, why, choice, state: "wait" }));
    for (const item of left) items.set(item.id, item);
    if (!known) sentCount += kept.sent.length;
    if (left.length) await draw(choice, left);
    for (const item of inOrder(left)) {
      if (item.why) trouble(item, item.why);
      else queue.push(item);
    }
    if (!known && !left.some((each) => !each.why)) await finish(choice);
  }
  tell();
}

async function one(item) {
  if (!(await store.has(item.id).catch(() => true))) {
    // Another window has sent it.
    await settled(item, "elsewhere");
    items.delete(item.id);
    tell();
    document.dispatchEvent(new Event("tray:stale"));
    return;
  }
  show(item, "is-going");
  const request = await transfer(item);
  if (request.status === 200) await arrived(item, request.responseText);
  else await refused(item, request);
}

function transfer(item) {
  const data = new FormData();
  data.append("file", item.file, item.name);
  if (item.choice.together && item.choice.draft) data.append("observation", item.choice.draft);
  const request = new XMLHttpRequest();
  request.open("POST", tray.dataset.photoUrl.replace(NOBODY, item.id));
  request.setRequestHeader("X-CSRFToken", token());
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) item.progress.value = event.loaded / event.total;
  });
  return new Promise((over) => {
    request.addEventListener("loadend", () => over(request));
    request.send(data);
  });
}

async function arrived(item, html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const draft = find("[data-draft]", answer), known = find("[data-known]", answer);
  if (!draft && !known) {
    trouble(item, "The answer made no sense. Retry, or reload the page.");
    return;
  }
  sentCount += 1;
  const { choice } = item;
  if (draft) {
    choice.draft ||= draft.dataset.draft;
    // The server may know this file under an earlier id.
    item.here = draft.dataset.photo;
    choice.sent.push(item.here);
  }
  await store.sent(choice, item.id).catch(() => {});
  if ((draft ?? known).dataset.before) note(item, known ? [...document.adoptNode(known).querySelectorAll("p")].pop() : null);
  await settled(item, "sent");
}

async function refused(item, request) {
  const plain = (request.getResponseHeader("Content-Type") ?? "").startsWith("text/plain");
  const why = plain ? request.responseText : `The server could not take it (${request.status}).`;
  if (request.status === 0 || request.status === 503 || request.status === 429) {
    const seconds = Number(request.getResponseHeader("Retry-After")) || AGAIN_MS / 1000;
    show(item, "is-wait");
    say(request.status ? `${why} Goes on by itself.` : "No connection. Goes on by itself.");
    queue.unshift(item);
    await pause(request.status ? Math.min(seconds, 60) * 1000 : AGAIN_MS);
    return;
  }
  // Logged out is nothing about the file: after a reload it goes on.
  if (request.status !== 401 && request.status !== 403) await store.refused(item.id, why).catch(() => {});
  trouble(item, why);
}

function pause(milliseconds) {
  return new Promise((over) => {
    waking = over;
    setTimeout(over, milliseconds);
  });
}

async function settled(item, state) {
  item.state = state;
  show(item, `is-${state}`);
  item.progress.hidden = true;
  await settle(item.group);
  tell();
}

/* All of a group that could be sent is: from now on it is a draft. */
async function settle(group) {
  if (group.over || group.members.some((each) => each.state === "wait")) return;
  group.over = true;
  const ids = group.members.filter((each) => each.here).map((each) => each.here);
  if (ids.length) await land(group, ids);
  else group.section.remove();
  const { choice } = group;
  const own = [...items.values()].filter((each) => each.choice === choice);
  if (own.every((each) => each.state !== "wait")) await finish(choice);
}

async function join(ids) {
  const body = new URLSearchParams(ids.map((id) => ["photo", id]));
  const answer = await fetch(tray.dataset.joinUrl, { method: "POST", body, headers: { "X-CSRFToken": token() } }).catch(() => null);
  if (!answer?.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return [...page.querySelectorAll("[data-draft]")];
}

async function land(group, ids) {
  const drafts = await join(ids);
  if (!drafts) {
    find(".state", group.section).textContent = "Here. Reload the page to see it as a draft.";
    return;
  }
  for (const draft of drafts) {
    group.choice.landed.add(draft.dataset.draft);
    place(document.adoptNode(draft));
  }
  group.section.remove();
  document.dispatchEvent(new Event("tray"));
}

/* The server knows more of some files than this page did: what belongs together after all is joined now. */
async function finish(choice) {
  const drafts = choice.sent.length > 1 && !choice.together ? await join(choice.sent) : [];
  const same = drafts?.every((each) => choice.landed.has(each.dataset.draft)) && drafts.length === choice.landed.size;
  if (drafts?.length && !same) document.dispatchEvent(new Event("tray:stale"));
  if (![...items.values()].some((each) => each.choice === choice && each.state === "trouble")) await store.done(choice).catch(() => {});
  if (choice.together && !choice.landed.size) document.dispatchEvent(new Event("tray:stale"));
}

/* A draft comes whole; what somebody is typing into it stays. */
function place(draft) {
  const before = document.getElementById(draft.id);
  if (before) {
    for (const field of before.querySelectorAll("[data-draft-form] [name]")) keep(field, draft);
    find("details", draft).open = find("details", before).open;
    before.replaceWith(draft);
  } else {
    find("[data-drafts]").append(draft);
  }
  // What other modules attach themselves to.
  for (const name of ["draft", "htmx:load"]) draft.dispatchEvent(new CustomEvent(name, { bubbles: true }));
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

/* ---------- what is said ---------- */

function show(item, kind) {
  if (item.card) item.card.className = `upcard ${kind}`;
}

/* A file with something to say stands in a line of its own, below all drafts. */
function line(item, state) {
  const row = document.createElement("li"), name = document.createElement("b"), word = document.createElement("span");
  const text = document.createElement("p"), acts = document.createElement("div");
  name.textContent = item.name;
  word.className = "state";
  word.textContent = state;
  text.className = "note";
  acts.className = "row";
  row.append(name, word, text, acts);
  find("[data-troubled]").append(row);
  return { row, text, acts };
}

function note(item, words) {
  const { row, text, acts } = line(item, "Here already");
  row.className = "is-sent";
  if (words) text.append(...words.childNodes);
  else text.textContent = "You have sent this photo before. It is there once, where you put it then.";
  acts.append(button("All right", () => row.remove()));
}

function trouble(item, why) {
  const { row, text, acts } = line(item, "Not sent");
  row.className = "is-broken";
  text.textContent = why;
  item.card?.remove();
  acts.append(
    button("Retry", () => {
      row.remove();
      item.state = "wait";
      item.why = "";
      draw(item.choice, [item]).then(() => { queue.push(item); work(); });
    }),
    button("Leave out", () => {
      row.remove();
      items.delete(item.id);
      store.forget(item.id).then(() => finish(item.choice)).catch(() => {});
      tell();
    }),
  );
  item.state = "trouble";
  settle(item.group);
  tell();
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn";
  made.textContent = text;
  made.addEventListener("click", act, { once: true });
  return made;
}

let spoken = 0;
let speaking = 0;

/* At most one sentence per five seconds, the last one surely. */
function say(text) {
  clearTimeout(speaking);
  const wait = Math.max(0, spoken + SAY_MS - Date.now());
  const aloud = () => {
    spoken = Date.now();
    find("[data-sending] [role=status]").textContent = text;
  };
  if (wait) speaking = setTimeout(aloud, wait);
  else aloud();
}

function tell() {
  const box = find("[data-sending]"), bar = find("progress", box);
  const left = [...items.values()].filter((each) => each.state === "wait").length;
  const trouble = [...items.values()].filter((each) => each.state === "trouble").length;
  const all = sentCount + left + trouble;
  box.classList.toggle("is-idle", !all);
  bar.max = all || 1;
  bar.value = sentCount;
  const text = `${sentCount} of ${all} sent${trouble ? `, ${trouble} not: see below` : ""}`;
  find("[data-tally]", box).textContent = text;
  if (!left) say(text);
}

/* ---------- the page ---------- */

function begin() {
  const form = find("[data-pick]");
  const input = find('input[name="photos"]', form), label = find("[data-pick-label]", form), shoot = find("[data-shoot]", form);
  find("[data-plain]", form).hidden = true;
  input.classList.add("vh");
  label.prepend(input);
  label.dataset.ready = "yes";
  find("[data-native]", form).remove();
  shoot.hidden = !matchMedia("(pointer: coarse)").matches;
  for (const each of [input, find("input", shoot)]) {
    each.addEventListener("change", () => {
      pick([...each.files]);
      each.value = "";
    });
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  // Over the whole page: beside the tray the browser would leave the page and open the photo.
  document.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    pick([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter((each) => each.type.startsWith("image/"));
    if (!files.length) return;
    event.preventDefault();
    pick(files);
  });
  window.addEventListener("online", () => waking());
  window.addEventListener("beforeunload", (event) => {
    if (!store?.lasting && queue.length) event.preventDefault();
  });
  ready.then(async () => {
    if ((await store.all()).length) work();
  });
}

if (tray) begin();
