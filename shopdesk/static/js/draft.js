// Keeps what was typed in form[data-draft] over a failed submit, a conflict, a new sign-in or a reload.
// In this tab only; never passwords, files, hidden fields or anything marked data-personal.
import { toast, word } from "desk/toast";

const prefix = "draft:";
const nameOf = (form) => `${prefix}${form.dataset.draft || form.getAttribute("action") || location.pathname}`;

function kept(field) {
  if (!field.name || field.closest("[data-personal]") || field.disabled) return false;
  return !["password", "file", "hidden", "submit", "button", "reset"].includes(field.type);
}

const isChoice = (field) => field.type === "checkbox" || field.type === "radio";
const startOf = (field) => {
  if (isChoice(field)) return field.defaultChecked;
  if (field.options) return [...field.options].find((option) => option.defaultSelected)?.value ?? field.options[0]?.value;
  return field.defaultValue;
};
const keyOf = (field) => (isChoice(field) ? `${field.name}=${field.value}` : field.name);
const valueOf = (field) => (isChoice(field) ? field.checked : field.value);

function save(form) {
  const fields = {};
  for (const field of form.elements) {
    if (kept(field) && valueOf(field) !== startOf(field)) fields[keyOf(field)] = { start: startOf(field), value: valueOf(field) };
  }
  if (Object.keys(fields).length) sessionStorage.setItem(nameOf(form), JSON.stringify({ fields }));
  else sessionStorage.removeItem(nameOf(form));
}

// Puts back only where the page still starts from the same value: what others changed meanwhile is not covered up.
function restore(form) {
  const draft = read(nameOf(form));
  if (!draft) return false;
  let changed = false;
  for (const field of form.elements) {
    const old = kept(field) && draft.fields[keyOf(field)];
    if (!old || old.start !== startOf(field) || valueOf(field) === old.value) continue;
    if (isChoice(field)) field.checked = old.value;
    else field.value = old.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    changed = true;
  }
  return changed;
}

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null;
  }
}

function settleSent() {
  const failed = document.querySelector("[data-keep-drafts], .sd-errors, .sd-field-err") !== null;
  for (const name of Object.keys(sessionStorage).filter((key) => key.startsWith(prefix))) {
    const draft = read(name);
    if (!draft?.sent) continue;
    if (failed) sessionStorage.setItem(name, JSON.stringify({ fields: draft.fields }));
    else sessionStorage.removeItem(name);
  }
}

function markSent(form) {
  const draft = read(nameOf(form));
  if (draft) sessionStorage.setItem(nameOf(form), JSON.stringify({ ...draft, sent: true }));
}

settleSent();
const restored = [...document.querySelectorAll("form[data-draft]")].map(restore);
if (restored.includes(true)) toast(word("kept"), "info");

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-draft]")) save(form);
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-draft]")) markSent(event.target);
  if (event.target.matches("[data-sign-out]")) sessionStorage.clear(); // the next person at this machine
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (form && event.detail.successful) sessionStorage.removeItem(nameOf(form));
});
