// A list of parcels to tick: x ticks the row one is on, "Tick all" a card but for what may be printed elsewhere, a count of what is ticked.
import { isScanning } from "desk/scan";
import { dialogOpen, isTyping } from "desk/typing";

const wait_ms = 45; // a scan begins with a key like any other

const form = document.querySelector("[data-ticks]");
const boxes = () => [...form.querySelectorAll("input[type=checkbox][name=parcel]")];

function count() {
  const ticked = boxes().filter((box) => box.checked);
  for (const output of form.querySelectorAll("[data-ticked]")) output.textContent = ticked.length;
  for (const box of boxes()) box.closest("tr")?.classList.toggle("is-on", box.checked);
}

function tickAll(part) {
  const all = [...part.querySelectorAll("input[name=parcel]:not([data-doubt])")];
  const next = all.some((box) => !box.checked);
  for (const box of all) box.checked = next;
  count();
}

function press(code) {
  if (code === "KeyA") return tickAll(form);
  const box = document.activeElement?.closest("[data-row]")?.querySelector("input[name=parcel]");
  if (!box) return;
  box.checked = !box.checked;
  count();
}

if (form) {
  form.addEventListener("change", count);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tick-all]");
    if (button) tickAll(form.querySelector(button.dataset.tickAll));
  });
  document.addEventListener("keydown", (event) => {
    if (isTyping(event) || dialogOpen() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!["KeyA", "KeyX"].includes(event.code)) return;
    setTimeout(() => isScanning() || press(event.code), wait_ms);
  });
  window.addEventListener("pageshow", count);
  count();
}
