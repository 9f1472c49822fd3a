// What the pages do beyond forms. Everything works without this file; buttons that need it
// are hidden until it runs. Texts come from the page (data-says), so they are translated there.
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
  const file = new Blob([textOf(id) + "\n"], { type: "text/plain" });
  link.href = URL.createObjectURL(file);
  link.download = document.getElementById(id).dataset.file;
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
for (const [selector, act] of actions) {
  for (const button of document.querySelectorAll(selector)) {
    button.hidden = false;
    button.addEventListener("click", () => act(button));
  }
}

// A screen reader starts at what is wrong.
document.querySelector("[data-focus]")?.focus();

// A second press of the same button sends nothing. For five seconds only: whoever stopped the
// loading of a page may send it again. A password is hidden again before it is sent, so that
// browsers and password managers know it for one.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
    for (const button of form.querySelectorAll("[data-reveals]")) {
      if (document.getElementById(button.dataset.reveals).type === "text") reveal(button);
    }
  });
}
// A page that comes back from the back button's cache may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
