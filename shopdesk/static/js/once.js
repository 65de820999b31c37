// A form is sent once: its buttons rest until the answer is there.

const rest_ms = 8000; // an answer that is a download leaves the page as it is

function release(form) {
  for (const button of form.querySelectorAll("[data-resting]")) {
    button.disabled = false;
    button.removeAttribute("data-resting");
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented && !form.matches("[hx-post], [hx-put], [hx-delete]")) return;
  if (form.method !== "post") return;
  setTimeout(() => { // after the browser has read which button was pressed
    for (const button of form.querySelectorAll("button:not([type=button]), input[type=submit]")) {
      if (button.disabled) continue;
      button.disabled = true;
      button.dataset.resting = "1";
      button.setAttribute("aria-busy", "true");
    }
    setTimeout(() => release(form), rest_ms);
  });
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form");
  if (form) release(form);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));

// The page of old → new answers a POST, and so does a long list that was looked up. Coming back to it or reloading it asks for the form afresh: Chromium would show an
// error instead of a page that must not be stored, and a change must not be sent again.
const answersPost = /^\/orders\/\d+\/changes\//.test(location.pathname) || document.querySelector("[data-answers-post]");
if (answersPost) history.replaceState(history.state, "", location.href);
