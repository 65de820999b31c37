// Enter sends a one-line paste (textarea[data-enter-sends]); Shift+Enter begins a new line. What is pasted into it goes at once.

const send = (field) => field.form.requestSubmit(field.form.querySelector("[name=action][value=parse]") ?? undefined);

document.addEventListener("keydown", (event) => {
  if (event.code !== "Enter" || event.shiftKey || event.isComposing) return;
  const field = event.target.closest?.("[data-enter-sends]");
  if (!field || !field.value.trim()) return;
  event.preventDefault();
  send(field);
});

document.addEventListener("paste", (event) => {
  const field = event.target.closest?.("[data-enter-sends]");
  if (!field || field.value.trim()) return; // only into an empty field: else the person is editing
  setTimeout(() => field.value.trim() && send(field));
});
