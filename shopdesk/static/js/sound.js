// Three sounds for hands that are full: done, nothing to do, STOP. They can be switched off; the choice stays in this browser.

const store_key = "desk.mute";
const notes = { // Hz and seconds, one after the other
  ok: [[880, 0.09], [1320, 0.12]],
  already: [[660, 0.12]],
  unknown: [[330, 0.18], [330, 0.18]],
  due: [[660, 0.09], [880, 0.12]],
  recall: [[523, 0.16], [659, 0.16], [784, 0.3], [523, 0.16], [659, 0.16], [784, 0.3]],
  stop: [[220, 0.28], [160, 0.28], [220, 0.28], [160, 0.4]],
};
let context;

export const isMuted = () => localStorage.getItem(store_key) === "1";
export const setMuted = (muted) => localStorage.setItem(store_key, muted ? "1" : "0");

// A page that nobody touches makes no sound until somebody has allowed it with one click.
export async function unlock() {
  if (!window.AudioContext) return false;
  context ??= new AudioContext();
  await context.resume();
  return isUnlocked();
}
export const isUnlocked = () => context?.state === "running";

export function play(name) {
  if (isMuted() || !notes[name] || !window.AudioContext) return;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume(); // a browser lets sound begin with the first key pressed
  let at = context.currentTime;
  for (const [pitch, seconds] of notes[name]) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.type = name === "stop" ? "square" : "sine";
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(name === "stop" ? 0.5 : 0.25, at);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    tone.connect(loudness).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds;
  }
}
