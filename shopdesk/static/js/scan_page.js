// The scan page: each scan is sent at once and answered in its place. Without a line scans wait here, in their order,
// and are sent with the time at which they were made; a command key each lets the same scan count once.
import { isMuted, play, setMuted } from "desk/sound";

const page = document.querySelector("[data-scan-page]");
const form = page.querySelector("[data-scan-form]");
const field = form.querySelector("[data-scan-target]");
const shown = page.querySelector("[data-shown]");
const log = page.querySelector("[data-log]");
const kept = page.querySelector("[data-waiting]");
const refused = page.querySelector("[data-problem]");
const beside = page.querySelector("[data-beside]");
const noLine = page.querySelector("[data-no-line]");

// Of this person and this page: nobody sends another one's, and what came in is not shipped.
const store_key = `desk.scans.${page.dataset.queue ? `${page.dataset.queue}.` : ""}${page.dataset.who}`;
const late_ms = 3000; // an answer that takes no longer was asked for just now
const again_ms = 4000;
const wait_ms = 8000; // for an answer, before the line counts as gone
const most_shown = 12;

// The desk's clock: a hand scanner's own may be wrong by years.
const started = { desk: Date.parse(page.dataset.now), here: performance.now() };
const deskNow = () => started.desk + performance.now() - started.here;

let waiting = JSON.parse(localStorage.getItem(store_key) ?? "[]");
let isSending = false;
const stops = []; // behind the one that is shown

function keep() {
  localStorage.setItem(store_key, JSON.stringify(waiting));
}

function showKept(isGone) {
  kept.hidden = !isGone || !waiting.length;
  kept.querySelector("[data-waiting-count]").textContent = waiting.length;
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function take(code) {
  // Chosen for a series of scans: kept with each, so that a later choice changes no scan that waits.
  const chosen = [...form.querySelectorAll("[name=mode]:checked, [data-with-scan]")].map((part) => [part.name, part.value]);
  waiting.push({ code, chosen, at: deskNow(), key: newKey(), late: false });
  keep();
  send();
}

async function send() {
  if (isSending) return;
  isSending = true;
  while (waiting.length) {
    const answer = await ask(waiting[0]);
    if (answer === "gone") {
      waiting = waiting.map((scan) => ({ ...scan, late: true }));
      keep();
      showKept(true);
      setTimeout(send, again_ms);
      break;
    }
    if (answer === "refused") break;
    waiting.shift();
    keep();
    show(answer);
  }
  if (!waiting.length) showKept(false);
  isSending = false;
}

async function ask(scan) {
  const body = new FormData(form);
  body.set("code", scan.code);
  for (const [name, value] of scan.chosen ?? [["mode", scan.mode]]) body.set(name, value);
  body.set("command_key", scan.key);
  scan.late ||= deskNow() - scan.at > late_ms;
  body.set("happened_at", scan.late ? new Date(scan.at).toISOString() : "");
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), wait_ms);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "1" }, redirect: "manual", signal: stop.signal });
    if (answer.status >= 500 || answer.status === 429) return "gone";
    if (answer.ok || answer.status === 422) {
      const text = await answer.text();
      if (text.includes("data-result")) return text;
    }
    return refuse(answer.status);
  } catch {
    return "gone";
  } finally {
    clearTimeout(timer);
  }
}

function refuse(status) {
  refused.hidden = false;
  refused.querySelector("span").textContent = document.getElementById("words")?.dataset.refused ?? status;
  return "refused";
}

function show(html) {
  const part = new DOMParser().parseFromString(html, "text/html").querySelector("[data-result]");
  refused.hidden = true;
  const line = document.createElement("li");
  line.textContent = part.dataset.line;
  log.prepend(line);
  while (log.children.length > most_shown) log.lastElementChild.remove();
  play(part.dataset.result);
  // A STOP stays until it is answered or taken away: what is scanned meanwhile is taken and told beside it.
  if (page.dataset.tone !== "stop") return put(part);
  if (part.dataset.result === "stop") {
    stops.push(document.adoptNode(part));
    showMore();
  } else tellBeside(part);
}

function put(part) {
  beside.hidden = true;
  page.dataset.tone = part.dataset.result;
  shown.replaceChildren(document.adoptNode(part));
  showMore();
  window.scrollTo(0, 0);
}

function tellBeside(part) {
  beside.hidden = false;
  beside.dataset.tone = part.dataset.result;
  beside.textContent = part.dataset.line;
}

function showMore() {
  const more = shown.querySelector("[data-more]");
  if (!more) return;
  more.hidden = !stops.length;
  more.textContent = `+${stops.length}`;
}

function next() {
  const following = stops.shift();
  if (following) return put(following);
  beside.hidden = true;
  shown.replaceChildren();
  delete page.dataset.tone;
}

// Found, too late, handed out, taken back: the answer takes the place of what asked for it.
async function answer(sent) {
  const buttons = [...sent.querySelectorAll("button")];
  const body = new FormData(sent);
  for (const button of buttons) button.disabled = true;
  try {
    const told = await fetch(sent.action, { method: "POST", body, headers: { "X-Part": "1" } });
    const part = new DOMParser().parseFromString(await told.text(), "text/html").querySelector("[data-result]");
    if (part && told.status < 500) {
      play(told.ok ? "ok" : "unknown");
      if (told.ok && stops.length) {
        log.prepend(Object.assign(document.createElement("li"), { textContent: part.dataset.line }));
        return next();
      }
      return put(part);
    }
    refuse(told.status);
  } catch {
    noLine.hidden = false; // the same key counts once, whenever it is pressed again
    setTimeout(() => { noLine.hidden = true; }, again_ms);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  const sent = event.target.closest("[data-answer]");
  if (!sent) return;
  event.preventDefault();
  event.stopPropagation();
  answer(sent);
}, { capture: true });

const focusField = () => field.focus({ preventScroll: true });

form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation(); // the buttons need no rest here
  const code = field.value.trim();
  field.value = "";
  focusField();
  if (code) take(code);
}, { capture: true });

// A scanner that stutters leaves its first part in the field alone: what stands there counts when it ends with the scan.
document.addEventListener("desk:scan", (event) => {
  event.preventDefault();
  setTimeout(() => { // after an input method has put down what it held
    const typed = field.value.normalize("NFKC").trim();
    field.value = "";
    focusField();
    take(typed.toUpperCase().endsWith(event.detail.toUpperCase()) ? typed : event.detail);
  });
});

function setMode(button) {
  if (!button) return;
  button.checked = true;
  focusField();
}

function showMute() {
  const button = page.querySelector("[data-mute]");
  button.setAttribute("aria-pressed", String(isMuted()));
  button.querySelector("[data-on]").hidden = isMuted();
  button.querySelector("[data-off]").hidden = !isMuted();
}

function turnSound() {
  setMuted(!isMuted());
  showMute();
}

document.addEventListener("keydown", (event) => {
  if (event.code === "F8") turnSound();
  else if (["F2", "F4", "F9"].includes(event.code)) setMode(form.querySelector(`[data-mode-key=${event.code}]`));
  else if (event.code === "Escape" && page.dataset.tone) next();
  else if (event.code === "F6" || event.code === "F7") shown.querySelector(`[data-hotkey-code=${event.code}]`)?.click();
  else return;
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-mute]")) turnSound();
  if (event.target.closest("[data-next]")) {
    event.preventDefault();
    next();
  }
  if (!event.target.closest("a[href]:not([data-next]), select, [data-with-scan], [data-answer] input, [data-answer] label")) setTimeout(focusField);
});
window.addEventListener("focus", focusField);
window.addEventListener("online", send);

showMute();
focusField();
if (waiting.length) {
  waiting = waiting.map((scan) => ({ ...scan, late: true }));
  showKept(true);
  send();
}
