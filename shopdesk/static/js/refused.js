// What the server refused to a part of a page is said, never swallowed: its own words from the page it answered with.
import { toast, word } from "desk/toast";

// The words of a page that says no: the element that carries them is marked, wherever it stands.
export function saidBy(text) {
  const page = new DOMParser().parseFromString(text ?? "", "text/html");
  const parts = [...page.querySelectorAll("[data-said]")].map((part) => part.textContent.replace(/\s+/g, " ").trim());
  return parts.find(Boolean) ?? "";
}

document.addEventListener("htmx:responseError", (event) => {
  toast(saidBy(event.detail.xhr.responseText) || word("refused"), "bad");
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => toast(word("unreached"), "bad"));
}
