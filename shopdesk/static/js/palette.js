// Ctrl/⌘K: type, see orders, actions and places, go with Enter. The server finds; this moves through what it found.
import { saidBy } from "desk/refused";
import { toast, word } from "desk/toast";
import { dialogOpen } from "desk/typing";

const pause_ms = 120; // after the last key, before the server is asked
const box = document.getElementById("palette");
const field = box?.querySelector("input");
const found = box?.querySelector("[data-palette-found]");
let asked = 0;
let waiting = null;

export function openPalette(event) {
  if (!box || event.isComposing) return;
  event.preventDefault();
  if (dialogOpen()) return;
  field.value = "";
  box.showModal();
  ask();
}

const options = () => [...found.querySelectorAll("[role=option]")];

async function ask() {
  const turn = ++asked;
  const url = new URL(box.dataset.palette, location.origin);
  url.searchParams.set("q", field.value.trim());
  url.searchParams.set("on", location.pathname.match(/^\/orders\/(\d+)/)?.[1] ?? "");
  const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } }).catch(() => null);
  if (answer?.status === 401) return location.assign(answer.headers.get("HX-Redirect") ?? "/sign-in");
  if (turn !== asked) return; // a later key has asked again
  if (!answer?.ok) return toast(answer ? saidBy(await answer.text()) || word("refused") : word("unreached"), "bad");
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  found.replaceChildren(...page.body.children);
  field.setAttribute("aria-controls", "palette-list");
  field.setAttribute("aria-expanded", "true");
  select(0);
}

function select(at) {
  const all = options();
  if (!all.length) return field.removeAttribute("aria-activedescendant");
  const chosen = all[(at + all.length) % all.length];
  for (const option of all) option.setAttribute("aria-selected", String(option === chosen));
  field.setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
}

// What was typed last counts, also where Enter comes before the answer.
async function go() {
  if (waiting) {
    clearTimeout(waiting);
    waiting = null;
    await ask();
  }
  open(found.querySelector("[aria-selected=true]"));
}

function open(option) {
  if (!option) return;
  box.close();
  location.assign(option.dataset.href);
}

field?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => { waiting = null; ask(); }, pause_ms);
});

field?.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.code];
  if (by) select(options().findIndex((option) => option.ariaSelected === "true") + by);
  if (event.code === "Enter" || event.code === "NumpadEnter") go();
  if (by || event.code.endsWith("Enter")) event.preventDefault();
});

found?.addEventListener("click", (event) => open(event.target.closest("[role=option]")));
