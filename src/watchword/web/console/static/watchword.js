// Optional additions to the pages; every page works without this file. Buttons that need the
// script are created by it, from placeholders with their label (data-button), because browsers
// without script may show "hidden" elements. All texts come from the page, which translates them.
"use strict";

const textOf = (id) => document.getElementById(id).dataset.copy;

// Screen readers do not announce the same text twice, so the text is cleared first.
function announce(id, what) {
  const place = document.querySelector(`[data-copied-for="${id}"]`);
  if (!place) return;
  place.textContent = "";
  setTimeout(() => { place.textContent = place.dataset[what]; }, 50);
}

function copyWithExecCommand(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

// Without the clipboard API (old browser, denied permission) execCommand copies the text. If that
// fails too, the text is selected and the page explains how to copy it.
async function copy(id) {
  try {
    await navigator.clipboard.writeText(textOf(id));
    announce(id, "says");
  } catch {
    const done = copyWithExecCommand(textOf(id));
    if (!done) getSelection().selectAllChildren(document.getElementById(id));
    announce(id, done ? "says" : "fails");
  }
}

function download(id) {
  const link = document.createElement("a");
  const { title, file } = document.getElementById(id).dataset;
  const text = `${title}\n\n${textOf(id)}\n`;
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Shows or hides a password and swaps the button's label with data-says.
function reveal(button) {
  const field = document.getElementById(button.dataset.reveals);
  field.type = field.type === "password" ? "text" : "password";
  [button.textContent, button.dataset.says] = [button.dataset.says, button.textContent];
}

const actions = [
  ["[data-copies]", (button) => copy(button.dataset.copies)],
  ["[data-downloads]", (button) => download(button.dataset.downloads)],
  ["[data-prints]", () => window.print()],
  ["[data-reveals]", (button) => reveal(button)],
];
function buttonIn(place) {
  const button = document.createElement("button");
  button.type = "button";
  for (const { name, value } of place.attributes) {
    if (name !== "hidden") button.setAttribute(name, value);
  }
  button.textContent = place.dataset.button;
  place.replaceWith(button);
  return button;
}
for (const [selector, act] of actions) {
  for (const place of document.querySelectorAll(selector)) {
    const button = buttonIn(place);
    button.addEventListener("click", () => act(button));
  }
}

// A page with a secret is the answer to a form, which a browser would send again for Back, Forward and
// reload. Its entry in the history becomes another page, which does not show the secret.
for (const place of document.querySelectorAll("[data-history]")) {
  history.replaceState(null, "", place.dataset.history);
}

// A form without fields would leave a bare "?" at the end of the address that it opens.
for (const form of document.querySelectorAll("form[data-plain]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    location.assign(form.action);
  });
}

// --- strength of a new password ---------------------------------------------------------------
// An estimate in words that never leaves the page. It is more careful than the server's check, which
// decides: words that attackers try first, years, runs and repeated words do not count.
const WORD = /[\p{L}\p{N}]+/gu;
const reversed = (word) => [...word].reverse().join("");

function withoutGuessed(password, words) {
  let rest = password.toLowerCase();
  const known = words.map((word) => word.toLowerCase()).filter((word) => word.length > 2);
  for (const word of [...known, ...known.map(reversed)].sort((a, b) => b.length - a.length)) {
    rest = rest.replaceAll(word, " ");
  }
  const runs = [];
  for (const character of rest.replace(/(?:19|20)\d\d/g, " ")) {
    const run = runs.at(-1) ?? "";
    const step = character.codePointAt(0) - (run.codePointAt(run.length - 1) ?? -9);
    const before = run.length > 1 ? run.codePointAt(1) - run.codePointAt(0) : step;
    if (run && step === before && Math.abs(step) < 2) runs.push(runs.pop() + character);
    else runs.push(character);
  }
  const seen = new Set();
  return runs.filter((run) => run.length < 4).join("")
    .replace(WORD, (word) => (seen.has(word) ? "" : (seen.add(word), word)));
}

function strength(password, shortest, words) {
  if ([...password].length < shortest) return "short";
  const rest = withoutGuessed(password, words);
  const pieces = rest.match(/\p{L}+|\p{N}+|[^\p{L}\p{N}\s]+/gu) ?? [];
  const count = pieces.reduce((sum, { length }) => sum + (length > 1 ? Math.max(1, Math.floor(length / 8)) : 0.5), 0);
  if (count < 3 || pieces.join("").length < 10) return "easy";
  return count < 4 ? "good" : "strong";
}

for (const place of document.querySelectorAll("[data-strength-of]")) {
  const field = document.getElementById(place.dataset.strengthOf);
  const typed = () => [...document.querySelectorAll("#username, #full_name, #email, #account")]
    .flatMap((input) => input.value.split(/[^\p{L}\p{N}]+/u));
  field.addEventListener("input", () => {
    const words = [...place.dataset.words.split(" "), ...location.hostname.split("."), ...typed()];
    const found = strength(field.value, Number(place.dataset.shortest), words);
    place.textContent = field.value && place.dataset[found];
    place.dataset.is = found;
  });
}

// Screen readers start at the errors.
document.querySelector("[data-focus]")?.focus();

// The menu of the account closes with Escape and with a press outside of it.
for (const menu of document.querySelectorAll("details[data-closes]")) {
  document.addEventListener("pointerdown", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

for (const field of document.querySelectorAll("[data-time-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

// The answer to a refused form takes the address of its page. Otherwise "Back" and "Reload" ask
// whether to send the form again.
const refused = document.querySelector("main[data-at]");
if (refused) history.replaceState(null, "", refused.dataset.at);

// A form is not sent twice within five seconds; after that, a user who stopped the loading can send
// it again. A visible password is hidden before it is sent, so that browsers and password managers
// recognise its field.
const working = document.getElementById("working");
function rest(form) {
  delete form.dataset.sent;
  for (const button of document.querySelectorAll("[data-busy]")) delete button.dataset.busy;
  working.textContent = "";
}
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.dataset.busy = "yes";
    setTimeout(() => { if (form.dataset.sent) working.textContent = working.dataset.says; }, 1000);
    setTimeout(() => rest(form), 5000);
    keep(form, false);
    for (const button of form.querySelectorAll("[data-reveals]")) {
      if (document.getElementById(button.dataset.reveals).type === "text") reveal(button);
    }
  });
}
// A page restored from the back/forward cache can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) rest(form);
});

// --- the end of a session --------------------------------------------------------------------
// When a form is sent or the session expires, this tab stores a draft of the fields without secrets
// (data-kept). After the next login the same page of the same account restores it once. Any other
// page of a session deletes it, and it expires after an hour.
const idle = document.getElementById("idle"); // only on pages of a session
const account = () => document.querySelector(".account bdi").textContent;
const DRAFT = "watchword-draft";
const HOUR = 3600_000;

function keep(form, isOver) {
  // After a refusal the default values are the values that were sent.
  const isRefused = document.getElementById("error-summary") !== null;
  const typed = [...form.querySelectorAll("[data-kept]")]
    .filter((field) => isRefused || field.value !== field.defaultValue);
  if (!idle || !typed.length) return;
  const fields = typed.map((field) => [field.name, field.value]);
  const draft = { fields, isOver, page: idle.dataset.page, account: account(), at: Date.now() };
  try {
    sessionStorage.setItem(DRAFT, JSON.stringify(draft));
  } catch { /* the browser may deny storage */ }
}

function restoreDraft() {
  const draft = JSON.parse(sessionStorage.getItem(DRAFT));
  sessionStorage.removeItem(DRAFT);
  if (!draft || Date.now() - draft.at > HOUR) return;
  draft.isOver ||= document.querySelector("[data-session-over]") !== null;
  if (!draft.isOver) return;
  if (!idle) {
    sessionStorage.setItem(DRAFT, JSON.stringify(draft));
  } else if (draft.account === account() && draft.page === idle.dataset.page) {
    for (const [name, value] of draft.fields) {
      const field = document.querySelector(`main [data-kept][name="${CSS.escape(name)}"]`);
      if (field) field.value = value;
    }
    showNote("kept");
  }
}

const NOTES = { soon: "warn", last: "warn", stayed: "good", failed: "bad", over: "bad", kept: "good" };

function made(tag, className, words) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = words;
  return element;
}

function note(what) {
  const box = made("div", `note ${NOTES[what]}`, "");
  box.append(made("p", "", idle.dataset[what]));
  if (what === "soon" || what === "failed") {
    const stay = made("button", "button primary", idle.dataset.stay);
    stay.type = "button";
    stay.dataset.stays = "";
    box.append(stay);
  }
  if (what === "over") {
    const login = made("a", "button primary", idle.dataset.login);
    login.href = idle.dataset.href;
    box.append(login);
  }
  return box;
}

function showNote(what) {
  if (idle.dataset.shown === what) return;
  idle.dataset.shown = what;
  idle.replaceChildren(...(what ? [note(what)] : []));
  split(what !== "");
}

// While there is a note, the page scrolls above it. The scroll position is kept.
function split(isSplit) {
  const body = document.body;
  if (body.classList.contains("split") === isSplit) return;
  const [whole, page] = [document.documentElement, document.querySelector(".page")];
  const at = (isSplit ? whole : page).scrollTop;
  body.classList.toggle("split", isSplit);
  (isSplit ? page : whole).scrollTop = at;
  if (isSplit && page.contains(document.activeElement)) document.activeElement.scrollIntoView({ block: "nearest" });
}

// Tabs share the session, so a request of one tab extends it for all.
function watchSessionEnd() {
  const WARNING = 120_000;
  const loaded = Date.now();
  const longest = loaded + idle.dataset.longest * 1000;
  let ends = loaded + idle.dataset.left * 1000;
  let before = null;
  const tabs = new BroadcastChannel("watchword");
  tabs.onmessage = (message) => { ends = Math.max(ends, message.data); };
  tabs.postMessage(ends);

  const timer = setInterval(() => {
    const left = Math.min(ends, longest) - Date.now();
    if (left <= 0) {
      clearInterval(timer);
      for (const form of document.querySelectorAll("main form")) keep(form, true);
      showNote("over");
    } else if (left <= WARNING) {
      if (idle.dataset.shown !== "failed") showNote(longest <= ends ? "last" : "soon");
    } else if (["soon", "last", "failed"].includes(idle.dataset.shown)) {
      showNote("");
    }
  }, 1000);

  async function stay() {
    const body = new URLSearchParams({ form_token: document.querySelector('[name="form_token"]').value });
    const asked = Date.now();
    try {
      const answer = await fetch("/stay", { method: "POST", body });
      if (answer.ok) {
        ends = asked + idle.dataset.idle * 1000;
        tabs.postMessage(ends);
      } else {
        ends = answer.status === 403 ? 0 : ends;
      }
      showNote(answer.ok ? "stayed" : "failed");
    } catch {
      showNote("failed");
    }
    setTimeout(() => { if (idle.dataset.shown === "stayed") showNote(""); }, 10_000);
    if (before?.isConnected) before.focus();
  }
  // Return the focus after the button was pressed.
  idle.addEventListener("focusin", (event) => { before = event.relatedTarget ?? before; });
  idle.addEventListener("click", (event) => { if (event.target.matches("[data-stays]")) stay(); });
}

try {
  restoreDraft();
} catch { /* a damaged draft is ignored */ }
if (idle) watchSessionEnd();
