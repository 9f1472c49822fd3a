// What the pages do beyond forms. Everything works without this file; buttons that need it are
// made by it, in the places that hold their words (data-button): a browser that runs no script
// may show what is "hidden". All texts come from the page, so they are translated there.
"use strict";

const textOf = (id) => document.getElementById(id).dataset.copy;

// Emptied first: the same words again would not be announced a second time.
function say(id, what) {
  const place = document.querySelector(`[data-copied-for="${id}"]`);
  if (!place) return;
  place.textContent = "";
  setTimeout(() => { place.textContent = place.dataset[what]; }, 50);
}

function copyTheOldWay(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

// Without the clipboard API (an old browser, a denied permission) the text is copied the old
// way; if that fails too, it is left selected on the page, and the page says so.
async function copy(id) {
  try {
    await navigator.clipboard.writeText(textOf(id));
    say(id, "says");
  } catch {
    const done = copyTheOldWay(textOf(id));
    if (!done) getSelection().selectAllChildren(document.getElementById(id));
    say(id, done ? "says" : "fails");
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

// A long password is typed blind twice on a phone; the person may look. The button's word
// changes places with what data-says holds.
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

// A screen reader starts at what is wrong.
document.querySelector("[data-focus]")?.focus();

// Times are shown as the server writes them, in UTC; the reader's own stands behind them.
for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = new Date(time.dateTime).toLocaleString();
}

// A second press of the same button sends nothing, and the button shows that something is under
// way. For five seconds only: whoever stopped the loading of a page may send it again. A
// password is hidden again before it is sent, so that browsers and password managers know it
// for one.
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
// A page that comes back from the back button's cache may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) rest(form);
});

// --- the end of a session --------------------------------------------------------------------
// What was typed into fields that hold no secret (data-kept) is remembered when a form is sent
// or the session's time is over, in this tab alone. It is taken up once: by the same page of the
// same account after the next login. Any other page of a session forgets it, and so does an hour.
const idle = document.getElementById("idle"); // stands on the pages of a session
const account = () => document.querySelector(".account bdi").textContent;
const DRAFT = "watchword-draft";
const HOUR = 3600_000;

function keep(form, isOver) {
  // After a refusal the page was drawn with what had been typed.
  const isRefused = document.getElementById("error-summary") !== null;
  const typed = [...form.querySelectorAll("[data-kept]")]
    .filter((field) => isRefused || field.value !== field.defaultValue);
  if (!idle || !typed.length) return;
  const fields = typed.map((field) => [field.name, field.value]);
  const draft = { fields, isOver, page: idle.dataset.page, account: account(), at: Date.now() };
  try {
    sessionStorage.setItem(DRAFT, JSON.stringify(draft));
  } catch { /* a browser may refuse the storage */ }
}

function takeUp() {
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
    tell("kept");
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

function tell(what) {
  if (idle.dataset.tells === what) return;
  idle.dataset.tells = what;
  idle.replaceChildren(...(what ? [note(what)] : []));
  split(what !== "");
}

// While there is a note, the page scrolls in the room above it. It stays where it was.
function split(isSplit) {
  const body = document.body;
  if (body.classList.contains("split") === isSplit) return;
  const [whole, page] = [document.documentElement, document.querySelector(".page")];
  const at = (isSplit ? whole : page).scrollTop;
  body.classList.toggle("split", isSplit);
  (isSplit ? page : whole).scrollTop = at;
  if (isSplit && page.contains(document.activeElement)) document.activeElement.scrollIntoView({ block: "nearest" });
}

// Other tabs use the same session: what one of them asks the server for counts for all.
function watchTheEnd() {
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
      tell("over");
    } else if (left <= WARNING) {
      if (idle.dataset.tells !== "failed") tell(longest <= ends ? "last" : "soon");
    } else if (["soon", "last", "failed"].includes(idle.dataset.tells)) {
      tell("");
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
      tell(answer.ok ? "stayed" : "failed");
    } catch {
      tell("failed");
    }
    setTimeout(() => { if (idle.dataset.tells === "stayed") tell(""); }, 10_000);
    if (before?.isConnected) before.focus();
  }
  // Whoever pressed it goes on where they were.
  idle.addEventListener("focusin", (event) => { before = event.relatedTarget ?? before; });
  idle.addEventListener("click", (event) => { if (event.target.matches("[data-stays]")) stay(); });
}

try {
  takeUp();
} catch { /* nothing is taken up then */ }
if (idle) watchTheEnd();
