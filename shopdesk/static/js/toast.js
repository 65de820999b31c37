// A short message at the corner, read out by screen readers.

const icons = { ok: "circle-check", info: "info-circle", warn: "alert-triangle", bad: "alert-circle" };

export function toast(text, tone = "ok") {
  const template = document.getElementById("toast-template");
  const box = template.content.firstElementChild.cloneNode(true);
  const use = box.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#i-${icons[tone]}`));
  box.className = `sd-toast sd-${tone}`;
  box.querySelector("p").textContent = text;
  const toasts = document.getElementById("toasts");
  for (const same of [...toasts.children].filter((old) => old.querySelector("p").textContent === text)) same.remove();
  toasts.append(box);
  while (toasts.children.length > 4) toasts.firstElementChild.remove();
}

export const word = (name) => document.getElementById("words")?.dataset[name] ?? "";

export function startToasts() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    if (button) button.closest(".sd-toast").remove();
  });
  document.addEventListener("animationend", (event) => {
    if (event.animationName === "sd-leave") event.target.remove();
  });
}
