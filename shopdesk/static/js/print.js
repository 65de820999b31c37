// Opens the browser's print dialog; the style sheets leave nothing but the papers.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
