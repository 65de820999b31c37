// Files dropped on [data-drop], or a picture pasted anywhere outside a text field, go into its file input.
// A field [data-file-times] of the same form is told when each file was written (ms), which the server does not see.
import { isTextField } from "desk/typing";

function give(zone, files) {
  const input = zone.querySelector("input[type=file]");
  for (let fold = zone.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const all = new DataTransfer();
  if (input.multiple) for (const file of input.files) all.items.add(file);
  for (const file of input.multiple ? files : [...files].slice(0, 1)) all.items.add(file);
  input.files = all.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.focus();
}

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.("[data-drop]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("is-over", kind === "dragenter" || kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) give(zone, event.dataTransfer.files);
  });
}

document.addEventListener("paste", (event) => {
  const zone = event.target.closest?.("form")?.querySelector("[data-drop]") ?? document.querySelector("[data-drop]");
  const files = event.clipboardData?.files;
  if (!zone || !files?.length) return;
  if (isTextField(event.target) && event.clipboardData.getData("text/plain")) return;
  event.preventDefault();
  give(zone, files);
}, { capture: true });

document.addEventListener("change", (event) => {
  const times = event.target.matches?.("[data-drop] input[type=file]") && event.target.form?.querySelector("[data-file-times]");
  if (times) times.value = [...event.target.files].map((file) => file.lastModified).join(" ");
});
