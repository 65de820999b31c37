// Copies by click: data-copy holds the text, data-copy-from names the element that does,
// data-copy-url is asked by POST (the server writes out personal values and records it).
import { saidBy } from "desk/refused";
import { toast, word } from "desk/toast";

class Refused extends Error {}

async function textOf(button) {
  if (button.dataset.copyUrl) return fetchText(button.dataset.copyUrl);
  if (!button.dataset.copyFrom) return button.dataset.copy;
  const source = document.querySelector(button.dataset.copyFrom);
  return "value" in source ? source.value : source.textContent.trim();
}

async function fetchText(url) {
  const token = document.querySelector("meta[name=csrf]").content;
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token, Accept: "text/plain" } });
  const text = await answer.text();
  if (!answer.ok) throw new Refused(saidBy(text) || word("refused"));
  return text;
}

// Where the page is not served over https the clipboard is reached the old way.
function copyByField(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "sd-vh";
  const holder = document.querySelector("dialog[open]") ?? document.body;
  const before = document.activeElement;
  holder.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  before?.focus();
  if (!copied) throw new Error("copy refused");
}

export async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) await navigator.clipboard.writeText(text);
  else copyByField(text);
}

function markCopied(button) {
  button.classList.add("sd-copied");
  setTimeout(() => button.classList.remove("sd-copied"), 1500);
}

document.addEventListener("click", async (event) => {
  const value = event.target.closest(".sd-copy > .sd-val");
  if (value && String(getSelection())) return; // the person is selecting part of it
  const button = value?.parentElement.querySelector("[data-copy]") ?? event.target.closest("[data-copy], [data-copy-from], [data-copy-url]");
  if (!button) return;
  try {
    await copyText(await textOf(button));
    markCopied(button);
    toast(word("copied"));
    button.dispatchEvent(new CustomEvent("desk:copied", { bubbles: true }));
  } catch (error) {
    toast(error instanceof Refused ? error.message : word("notCopied"), "bad");
  }
});
