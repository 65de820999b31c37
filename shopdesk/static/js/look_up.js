// Opens the look-up page for a pasted or scanned text; several lines stay several lines.
// What is too long for an address goes in a POST.

const longest = 4000; // characters of an address, as it is written there: the server's limit is 8190 bytes
const most = 100_000; // characters that are sent at all

const isLong = (text) => encodeURIComponent(text).length > longest;

export function lookUp(text) {
  const box = document.querySelector("[data-search]");
  const wanted = text.trim().slice(0, most);
  if (!box || !wanted) return;
  if (isLong(wanted)) return post(box.form.action, wanted);
  const url = new URL(box.form.action);
  url.searchParams.set("q", wanted);
  location.assign(url);
}

function post(action, text) {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action, hidden: true });
  for (const [name, value] of [["csrf_token", document.querySelector("meta[name=csrf]").content], ["q", text]]) {
    const field = document.createElement("textarea"); // an input would join the lines
    Object.assign(field, { name, value });
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

document.querySelector("[data-search]")?.form.addEventListener("submit", (event) => {
  const box = event.target.elements.q;
  if (!isLong(box.value)) return;
  event.preventDefault();
  lookUp(box.value);
});
