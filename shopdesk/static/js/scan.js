// A barcode scanner types fast and ends with Enter or Tab. Outside a text field what it reads is looked up;
// on a page with [data-scan-target] it goes into that field and the field's form is sent.
import { lookUp } from "desk/look_up";
import { dialogOpen, isTextField } from "desk/typing";

const fastest_gap_ms = 35;
const shortest = 5; // characters
let buffer = "";
let lastAt = -Infinity;

export const isScanning = () => buffer.length > 1 && performance.now() - lastAt < 2 * fastest_gap_ms;

// An input method left on turns keys into "Process" or full-width signs: then the physical key counts.
function characterOf(event) {
  if (/^[\x21-\x7e]$/.test(event.key)) return event.key;
  if (/^(Digit|Numpad)\d$/.test(event.code)) return event.code.slice(-1);
  if (/^Key[A-Z]$/.test(event.code)) return event.code.slice(-1);
  return { Minus: "-", NumpadSubtract: "-", Slash: "/", Period: ".", NumpadDecimal: "." }[event.code] ?? "";
}

function finish(event) {
  const text = buffer;
  buffer = "";
  if (text.length < shortest || event.timeStamp - lastAt > 3 * fastest_gap_ms) return;
  const target = document.querySelector("[data-scan-target]");
  if (isTextField(event.target) && event.target !== target) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const told = document.dispatchEvent(new CustomEvent("desk:scan", { detail: text, cancelable: true }));
  if (!told) return; // the page has dealt with it
  if (target) setTimeout(() => send(target, text)); // after an input method has put down what it held
  else if (!dialogOpen()) lookUp(text);
}

function send(target, text) {
  target.value = text;
  target.form.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.code === "Enter" || event.code === "NumpadEnter" || event.code === "Tab") return finish(event);
  const character = characterOf(event);
  if (!character) return;
  buffer = event.timeStamp - lastAt <= fastest_gap_ms ? buffer + character : character;
  lastAt = event.timeStamp;
}, { capture: true });
