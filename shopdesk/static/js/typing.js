// Is the person writing text just now? Then keys, scans and pastes belong to the field.

const noText = new Set(["button", "submit", "reset", "checkbox", "radio", "range", "color", "file", "image"]);

export function isTextField(element) {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input") && !noText.has(element.type);
}

export const isTyping = (event) => event.isComposing || isTextField(event.target);

export const dialogOpen = () => document.querySelector("dialog[open], dialog:popover-open") !== null;
