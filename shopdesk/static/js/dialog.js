// Dialogs open as modal ones, and menus close when one clicks elsewhere or presses Esc.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    event.preventDefault(); // instead of the popover that serves without JavaScript
    opener.closest("details.sd-menu")?.removeAttribute("open");
    openDialog(opener.dataset.dialog);
  }
  const closer = event.target.closest("[data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
  for (const menu of document.querySelectorAll("details.sd-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.code !== "Escape") return;
  for (const menu of document.querySelectorAll("details.sd-menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open && !dialog.matches(":popover-open")) dialog.showModal();
}
