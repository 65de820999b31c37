// A paste outside a text field looks up what was copied, or fills the page's own [data-paste-target].
// A scan adds a line to [data-scan-append].
import { lookUp } from "desk/look_up";
import { dialogOpen, isTextField } from "desk/typing";

document.addEventListener("paste", (event) => {
  if (event.defaultPrevented || isTextField(event.target) || dialogOpen()) return;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!text.trim()) return;
  event.preventDefault();
  const target = document.querySelector("[data-paste-target]");
  if (!target) return lookUp(text);
  target.value = text;
  target.dispatchEvent(new Event("input", { bubbles: true }));
  if (target.hasAttribute("data-paste-submit")) target.form.requestSubmit(target.form.querySelector("[name=action][value=parse]") ?? undefined);
  else target.focus();
});

document.addEventListener("desk:scan", (event) => {
  const target = document.querySelector("[data-scan-append]");
  if (!target) return;
  event.preventDefault();
  target.value += `${target.value && !target.value.endsWith("\n") ? "\n" : ""}${event.detail}\n`;
  target.dispatchEvent(new Event("input", { bubbles: true }));
});
