// The warehouse board: asks every second or so whether it still stands, counts its minutes on by itself, sounds when
// something new has to be fetched, and says so when it has lost the line: old data never looks fresh.
import { isMuted, isUnlocked, play, setMuted, unlock } from "desk/sound";

const board = document.querySelector("[data-board]");
const words = board.dataset;
const every_ms = 1700; // a change shows within two seconds of its commit
const wait_ms = 4000; // for an answer
const gone_ms = 6000; // without one: what is shown counts as old
const over_minutes = 10;
const soon_minutes = 60;
const most_minutes = 100; // then whole hours

const live = board.querySelector("[data-live]");
const liveText = board.querySelector("[data-live-text]");
const gone = board.querySelector("[data-gone]");
const csrf = () => document.querySelector("meta[name=csrf]").content;

// The desk's clock: that of a screen on a wall may be wrong.
let skew = Date.parse(words.now) - Date.now();
const deskNow = () => Date.now() + skew;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: words.zone });

let mark = words.seen;
let heardAt = performance.now(); // the last answer
let isSignedOut = false;
let timer;
let isAsking = false;
let known = marks();

function marks() {
  return new Set([...board.querySelectorAll("[data-mark][data-asked='1']")].map((card) => card.dataset.mark));
}

async function ask() {
  if (isAsking) return;
  isAsking = true;
  clearTimeout(timer);
  const stop = new AbortController();
  const limit = setTimeout(() => stop.abort(), wait_ms);
  try {
    const headers = { "If-None-Match": `"${mark}"`, "X-Part": "1" };
    const answer = await fetch(words.board, { headers, cache: "no-store", redirect: "manual", signal: stop.signal });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) isSignedOut = true;
    else if (answer.status === 304 || answer.ok) await take(answer);
  } catch {
    // no line: `tick` says so
  } finally {
    clearTimeout(limit);
    isAsking = false;
    tick();
    timer = setTimeout(ask, isSignedOut ? 10 * every_ms : every_ms);
  }
}

async function take(answer) {
  const html = answer.status === 304 ? null : await answer.text();
  if (html !== null) {
    const part = new DOMParser().parseFromString(html, "text/html").querySelector("[data-board-part]");
    if (!part) return;
    replace(part);
  }
  mark = answer.headers.get("ETag").replace(/^W\//, "").replaceAll('"', ""); // signed anew from time to time
  isSignedOut = false;
  heardAt = performance.now();
  skew = Date.parse(answer.headers.get("X-Now")) - Date.now();
}

function replace(part) {
  const focused = document.activeElement?.closest?.("[data-answer]")?.action;
  board.querySelector("[data-board-part]").replaceWith(document.adoptNode(part));
  const now = marks();
  if ([...now].some((one) => !known.has(one))) play("recall");
  known = now;
  if (focused) [...board.querySelectorAll("[data-answer]")].find((form) => form.action === focused)?.querySelector("button").focus();
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const minutes = (count) => count >= most_minutes ? filled(words.wordsHours, { h: Math.floor(count / 60) }) : filled(words.wordsMin, { m: count });

function countOn(card) {
  const { since, end, asked, out } = card.dataset;
  const waited = Math.max(0, Math.floor((deskNow() - Date.parse(since)) / 60000));
  let level = "far", name = words.wordsWaiting, text = minutes(waited);
  if (!asked) name = out ? words.wordsOut : words.wordsFound;
  else if (end) {
    const left = (Date.parse(end) - deskNow()) / 60000;
    level = left < over_minutes ? "over" : left < soon_minutes ? "soon" : "far";
    if (left < 0) [name, text] = [words.wordsOver, `+${minutes(Math.floor(-left))}`];
    else if (level !== "far") [name, text] = [words.wordsLeft, minutes(Math.floor(left))];
  }
  card.classList.remove("is-far", "is-soon", "is-over");
  card.classList.add(`is-${level}`);
  card.querySelector("[data-left-label]").textContent = name;
  card.querySelector("[data-left]").textContent = text;
}

function tick() {
  const silent = performance.now() - heardAt;
  const at = new Date(deskNow());
  board.querySelector("[data-clock]").textContent = clock.format(at);
  const isOld = isSignedOut || silent > gone_ms;
  board.toggleAttribute("data-old", isOld);
  live.hidden = isOld;
  gone.hidden = !isOld;
  liveText.textContent = filled(words.wordsAgo, { s: Math.floor(silent / 1000) });
  if (isOld) {
    const since = clock.format(new Date(deskNow() - silent));
    gone.querySelector("b").textContent = filled(isSignedOut ? words.wordsSignedOut : words.wordsGone, { at: since });
  } else for (const card of board.querySelectorAll("[data-since]")) countOn(card);
}

// Found, too late: sent from here, so that the board stays; the answer to the next question shows what came of it.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-answer]");
  if (!form) return;
  event.preventDefault();
  event.stopPropagation();
  const body = new FormData(form);
  form.dataset.key ??= crypto.randomUUID().replaceAll("-", "");
  body.set("csrf_token", csrf());
  body.set("command_key", form.dataset.key);
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.type !== "opaqueredirect") return location.assign(form.action.replace(/\/[a-z-]+$/, "")); // why not, on the parcel's own page
  } catch {
    // no line: the same key counts once, whenever it is pressed again
  }
  for (const button of form.querySelectorAll("button")) button.disabled = false;
  mark = mark.split(".")[0]; // what was done here shows at once: without its signature a mark is looked at in full
  ask();
}, { capture: true });

function showSound() {
  const button = board.querySelector("[data-sound]");
  const isOn = isUnlocked() && !isMuted();
  button.setAttribute("aria-pressed", String(isOn));
  button.querySelector("[data-on]").hidden = !isOn;
  button.querySelector("[data-off]").hidden = isOn;
}

async function turnSound() {
  if (isUnlocked() && !isMuted()) setMuted(true);
  else {
    setMuted(false);
    await unlock();
    play("due");
  }
  showSound();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-sound]")) turnSound();
});
document.addEventListener("keydown", (event) => {
  if (event.code !== "F8") return;
  event.preventDefault();
  turnSound();
});
document.addEventListener("visibilitychange", () => document.hidden || ask());
window.addEventListener("online", ask);
setInterval(tick, 1000);
showSound();
ask();
