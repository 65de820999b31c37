// Counts a memo while it is typed, as the platform will: the whole text, in bytes or characters.
// The server counted what is there (data-used) and the end of a further line (data-ending), which no empty draft has.

// As the server counts (core/memo_text.py): bytes are the larger of UTF-8 and GB18030, characters those of UTF-16.
export function size(text, unit) {
  if (unit === "characters") return text.length;
  return Math.max(new TextEncoder().encode(text).length, [...text].reduce((sum, sign) => sum + inGb18030(sign), 0));
}

let twoBytes; // what GB18030 writes in two bytes; read from the browser's own table when a memo is first counted

function inGb18030(sign) {
  if (sign.codePointAt(0) < 128) return 1;
  twoBytes ??= readTwoBytes();
  return twoBytes.has(sign) ? 2 : 4;
}

function readTwoBytes() {
  const decoder = new TextDecoder("gb18030");
  const found = new Set();
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail !== 0x7f) found.add(decoder.decode(Uint8Array.of(lead, trail)));
    }
  }
  // Two bytes since the edition of 2022; the server counts by the one before.
  for (const sign of "ḿ龴龵龶龷龸龹龺龻︐︑︒︓︔︕︖︗︘︙") found.delete(sign);
  return found;
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
  const rest = Number(box.dataset.used);
  const ending = Number(box.dataset.ending);
  const show = () => {
    const used = rest + (field.value.trim() ? ending + sizeWithReferences(field, unit) : 0);
    box.querySelector("[data-meter-used]").value = used;
    box.querySelector("meter").value = used;
    box.classList.toggle("is-over", used > limit);
    box.classList.toggle("is-near", used <= limit && used > limit * 0.9);
    field.toggleAttribute("aria-invalid", used > limit);
  };
  field.addEventListener("input", show);
  show();
}

const watchAll = (root) => root.querySelectorAll("[data-meter-for]").forEach(watch);
watchAll(document);
document.addEventListener("htmx:load", (event) => watchAll(event.target));
