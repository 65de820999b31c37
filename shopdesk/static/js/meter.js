// Counts a memo while it is typed, as the platform will: the whole text, in bytes or characters.
// The server counted what was there at first (data-used); the difference is added.

function size(text, unit) {
  if (unit === "characters") return [...text].length;
  if (unit === "gbk_bytes") return [...text].reduce((sum, sign) => sum + (sign.codePointAt(0) < 128 ? 1 : sign.length * 2), 0);
  return new TextEncoder().encode(text).length;
}

// A reference such as {address} counts as long as what it stands for.
function sizeWithReferences(field, unit) {
  const tokens = (field.dataset.refs ?? "").split(" ").filter(Boolean);
  const sizes = (field.dataset.refSizes ?? "").split(" ").map(Number);
  return tokens.reduce((sum, token, at) => {
    const times = field.value.split(token).length - 1;
    return sum + times * (sizes[at] - size(token, unit));
  }, size(field.value, unit));
}

function watch(box) {
  const field = document.getElementById(box.dataset.meterFor);
  const limit = Number(box.dataset.limit);
  const unit = box.dataset.unit;
  if (!field || box.dataset.watched) return;
  box.dataset.watched = "1";
  const typed = field.value;
  field.value = field.defaultValue;
  const rest = Number(box.dataset.used) - sizeWithReferences(field, unit);
  field.value = typed;
  const show = () => {
    const used = rest + sizeWithReferences(field, unit);
    box.querySelector("[data-meter-used]").value = used;
    box.querySelector("meter").value = used;
    box.classList.toggle("is-over", used > limit);
    box.classList.toggle("is-near", used <= limit && used > limit * 0.9);
    field.toggleAttribute("aria-invalid", used > limit);
  };
  field.addEventListener("input", show);
  if (typed !== field.defaultValue) show();
}

const watchAll = (root) => root.querySelectorAll("[data-meter-for]").forEach(watch);
watchAll(document);
document.addEventListener("htmx:load", (event) => watchAll(event.target));
