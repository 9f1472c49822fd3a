// What the pages do beyond forms. Everything works without this file; buttons that need it
// are hidden until it runs. Texts come from the page (data-says), so they are translated there.
"use strict";

const textOf = (id) => document.getElementById(id).dataset.copy;

function say(id) {
  const place = document.querySelector(`[data-copied-for="${id}"]`);
  if (place) place.textContent = place.dataset.says;
}

// Without the clipboard API (an old browser, a denied permission) the text is selected and
// copied the old way; if that fails too, it stays selected for the person to copy.
async function copy(id) {
  try {
    await navigator.clipboard.writeText(textOf(id));
    say(id);
    return;
  } catch {
    const field = document.createElement("textarea");
    field.value = textOf(id);
    field.className = "visually-hidden";
    document.body.append(field);
    field.select();
    if (document.execCommand("copy")) say(id);
    field.remove();
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

const actions = [
  ["[data-copies]", (button) => copy(button.dataset.copies)],
  ["[data-downloads]", (button) => download(button.dataset.downloads)],
  ["[data-prints]", () => window.print()],
];
for (const [selector, act] of actions) {
  for (const button of document.querySelectorAll(selector)) {
    button.hidden = false;
    button.addEventListener("click", () => act(button));
  }
}

// A screen reader starts at what is wrong.
document.querySelector("[data-focus]")?.focus();

// A second press of the same button sends nothing.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
// A page that comes back from the back button's cache may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
