// Ticking rows: x ticks the row one is on, Shift+x all of them; a box above ticks all, and says how many are ticked.
const boxes = () => [...document.querySelectorAll("[data-tick]:not(:disabled)")];
const every = () => document.querySelector("[data-every]");

function count() {
  const ticked = boxes().filter((box) => box.checked).length;
  for (const place of document.querySelectorAll("[data-picked]")) place.textContent = ticked || "";
  for (const all of document.querySelectorAll("[data-tick-all]")) {
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  }
}

function tickAll(on) {
  for (const box of boxes()) box.checked = on;
  count();
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-tick-all]")) tickAll(event.target.checked);
  if (event.target.matches?.("[data-tick]")) {
    if (every()) every().checked = false; // a choice of one's own is not all that match
    count();
  }
  if (event.target.matches?.("[data-every]") && event.target.checked) tickAll(true);
});

export function tickEvery() {
  tickAll(boxes().some((box) => !box.checked));
}

export function tickRow() {
  const box = document.activeElement?.closest("[data-row]")?.querySelector("[data-tick]:not(:disabled)");
  if (!box) return;
  box.checked = !box.checked;
  if (every()) every().checked = false;
  count();
}

count();
