// Keys by physical position, so that an input method left on changes nothing. Off while someone types.
import { tinykeys } from "tinykeys";
import { openDialog } from "desk/dialog";
import { openPalette } from "desk/palette";
import { tickEvery, tickRow } from "desk/pick";
import { isScanning } from "desk/scan";
import { dialogOpen, isTyping } from "desk/typing";

const wait_ms = 45; // longer than the gap between two keys of a scanner
const places = { KeyO: "/", KeyM: "work", KeyC: "cases" };

function focusSearch(event) {
  event.preventDefault();
  const box = document.querySelector("[data-search]");
  box?.focus();
  box?.select();
}

function moveRow(by) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
  if (!rows.length) return;
  const now = rows.indexOf(document.activeElement?.closest("[data-row]"));
  const row = rows[Math.min(Math.max(now + by, 0), rows.length - 1)];
  (row.querySelector("[data-open]") ?? row.querySelector("a, button") ?? row).focus();
}

function pressHotkey(letter) {
  const element = document.querySelector(`[data-hotkey="${letter}"]`) ?? (letter === "m" && document.querySelector("[data-memo]"));
  if (!element) return;
  const tuck = element.closest(".sd-tuck")?.querySelector(".sd-tuck-on");
  if (tuck) tuck.checked = true; // in a narrow window it is behind a button
  if (element.matches("input, textarea, select, summary")) element.focus();
  if (!element.matches("input, textarea, select")) element.click();
  element.scrollIntoView({ block: "nearest" });
}

function goTo(place) {
  if (place.startsWith("/")) return location.assign(place);
  document.querySelector(`[data-nav^="${place}"], [data-nav*=".${place}"]`)?.click();
}

// A scan begins with a key like any other: act only when nothing follows at a scanner's pace.
const alone = (action) => (event) => {
  if (isTyping(event) || dialogOpen() || event.repeat && !/^Key[JK]$/.test(event.code)) return;
  setTimeout(() => isScanning() || action(), wait_ms);
};

const bindings = {
  Slash: (event) => isTyping(event) || dialogOpen() || focusSearch(event),
  "$mod+KeyK": openPalette,
  "Shift+Slash": alone(() => openDialog("keys-help")),
  KeyJ: alone(() => moveRow(1)),
  KeyK: alone(() => moveRow(-1)),
  KeyX: alone(tickRow),
  "Shift+KeyX": alone(tickEvery),
};

let goingSince = -Infinity; // a letter after g is a place, not its own key
bindings.KeyG = alone(() => { goingSince = performance.now(); });

for (const letter of "abcdefhilmnopqrstuvwyz") {
  const code = `Key${letter.toUpperCase()}`;
  bindings[code] = alone(() => {
    const going = performance.now() - goingSince < 1500;
    goingSince = -Infinity;
    if (going && places[code]) goTo(places[code]);
    else pressHotkey(letter);
  });
}

// Each key knows itself where it rests: ⌘K works while one types, and a ticked box takes no letters.
tinykeys(window, bindings, { ignore: () => false });

document.addEventListener("keydown", (event) => {
  if (event.code === "Escape" && !event.isComposing && event.target.matches?.("[data-search]")) event.target.blur();
});
