"""The page at `/`: draw a digit and see the answer. It is one file that asks only this service."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Try the model</title>
<link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width"><style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 2rem auto; padding: 0 1rem; }
canvas { width: 280px; height: 280px; background: #000; border-radius: 8px; touch-action: none; cursor: crosshair; }
button { font: inherit; padding: .3rem 1rem; }
output { display: block; min-height: 4.5rem; }
output b { font-size: 1.6rem; }
</style></head><body>
<h1>Try the model</h1>
<p>Draw a digit with mouse, pen or finger.</p>
<canvas id="pad" width="280" height="280" aria-label="A field to draw a digit in"></canvas>
<p><button id="clear">Clear</button></p>
<output id="answer" aria-live="polite"></output>
<script>
const pad = document.getElementById("pad"), pen = pad.getContext("2d", { willReadFrequently: true });
const answer = document.getElementById("answer");
pen.lineWidth = 24; pen.lineCap = pen.lineJoin = "round"; pen.strokeStyle = "#fff";
let drawing = false, asked = 0;
function place(event) {
  const box = pad.getBoundingClientRect();
  return [(event.clientX - box.left) * 280 / box.width, (event.clientY - box.top) * 280 / box.height];
}
function digit() {  // as MNIST's were made: scaled to fit 20 x 20, the centre of mass in the middle of 28 x 28
  const { data } = pen.getImageData(0, 0, 280, 280);
  let left = 280, right = -1, top = 280, bottom = -1;
  for (let y = 0; y < 280; y++) for (let x = 0; x < 280; x++) if (data[4 * (280 * y + x)] > 40) {
    left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = Math.max(bottom, y);
  }
  if (right < 0) return null;
  const width = right - left + 1, height = bottom - top + 1, scale = 20 / Math.max(width, height);
  const small = new OffscreenCanvas(28, 28).getContext("2d", { willReadFrequently: true });
  small.imageSmoothingQuality = "high";
  function draw(dx, dy) {
    small.fillRect(0, 0, 28, 28);
    small.drawImage(pad, left, top, width, height, dx, dy, width * scale, height * scale);
    const bytes = small.getImageData(0, 0, 28, 28).data;
    return Array.from({ length: 784 }, (_, k) => bytes[4 * k] / 255);
  }
  const first = draw(4, 4), mass = first.reduce((a, b) => a + b, 1e-9);
  const mx = first.reduce((a, v, k) => a + v * (k % 28), 0) / mass;
  const my = first.reduce((a, v, k) => a + v * Math.floor(k / 28), 0) / mass;
  const flat = draw(4 + Math.round(13.5 - mx), 4 + Math.round(13.5 - my));
  return [Array.from({ length: 28 }, (_, k) => flat.slice(28 * k, 28 * k + 28))];
}
async function ask() {
  const input = digit();
  if (!input) return;
  const mine = ++asked;
  try {
    const body = JSON.stringify({ input }), headers = { "Content-Type": "application/json" };
    const found = await (await fetch("predict", { method: "POST", headers, body })).json();
    if (mine !== asked) return;
    if (found.error) { answer.textContent = found.error; return; }
    const sure = Math.max(...found.probabilities[0]);
    answer.replaceChildren(Object.assign(document.createElement("b"), { textContent: found.prediction[0] }),
      ` with probability ${sure.toFixed(2)}, says ${found.model.name} ${found.model.version}`);
  } catch { if (mine === asked) answer.textContent = "The service does not answer."; }
}
pad.onpointerdown = event => {
  pad.setPointerCapture(event.pointerId); drawing = true;
  pen.beginPath(); pen.moveTo(...place(event)); pen.lineTo(...place(event)); pen.stroke();
};
pad.onpointermove = event => { if (drawing) { pen.lineTo(...place(event)); pen.stroke(); } };
pad.onpointerup = () => { drawing = false; ask(); };
document.getElementById("clear").onclick = () => { pen.clearRect(0, 0, 280, 280); asked++; answer.textContent = ""; };
</script></body></html>
"""
