// Opens the look-up page for a pasted or scanned text; several lines stay several lines.

const longest = 2000; // characters: a request line has a limit, a long list belongs on a check page

export function lookUp(text) {
  const box = document.querySelector("[data-search]");
  const wanted = text.trim().slice(0, longest);
  if (!box || !wanted) return;
  const url = new URL(box.form.action);
  url.searchParams.set("q", wanted);
  location.assign(url);
}
