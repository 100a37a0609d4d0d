/* An explorer in a page without a kernel: its slider changes the picture among those computed ahead. */
"use strict";

for (const figure of document.querySelectorAll(".nn-moves")) {
  const picture = figure.querySelector("img");
  const slider = figure.querySelector("input");
  const value = figure.querySelector(".nn-value");
  const goal = figure.querySelector(".nn-goal[role=status]");
  const texts = JSON.parse(figure.dataset.texts);
  const reached = JSON.parse(figure.dataset.reached);
  const start = Number(slider.getAttribute("value"));
  const address = (k) => (k === start ? stored : `${figure.dataset.frames}_${k}.png`);
  const stored = picture.getAttribute("src");
  const kept = [];

  const fetchAll = () => {
    if (kept.length) return;
    texts.forEach((_, k) => {
      kept[k] = new Image();
      kept[k].src = address(k);
    });
  };
  const move = () => {
    const k = Number(slider.value);
    picture.src = address(k);
    value.textContent = texts[k];
    slider.setAttribute("aria-valuetext", texts[k]);
    if (!goal || goal.classList.contains("nn-reached") === Boolean(reached[k])) return;
    goal.classList.toggle("nn-reached");
    goal.querySelector("b").textContent = reached[k] ? "✓ Reached:" : "Goal:";
  };
  slider.addEventListener("pointerenter", fetchAll);
  slider.addEventListener("focus", fetchAll);
  slider.addEventListener("input", move);
  picture.loading = "eager"; // a lazy picture is fetched anew at each change
  figure.querySelector(".nn-slider").hidden = false;
}

/* Code is copied by a button of its own. */
for (const code of navigator.clipboard ? document.querySelectorAll("article .highlight") : []) {
  const button = document.createElement("button");
  button.className = "nn-copy";
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.querySelector("pre").textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  code.append(button);
}

/* On paper nothing can be opened, so the answers are. */
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));

/* What is wider than the page scrolls, and so the keyboard must reach it. */
const reachable = () => {
  for (const box of document.querySelectorAll(".output div, .nn-formula, .highlight pre, .output pre")) {
    if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX === "auto") box.tabIndex = 0;
  }
};
addEventListener("load", reachable);
addEventListener("resize", reachable);
