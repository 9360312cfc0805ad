// CTC on eight frames: the page computes α, β and their sums with every move of a bar.
const LEFT = 64, WIDE = 96, BARS = { y: 26, h: 92 }, FIRST = 172, ROW = 30;

export const softmax = (row) => {
  const top = Math.max(...row), e = row.map((v) => Math.exp(v - top));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
};

// z: the ids of the word with a blank before, between and behind them.
export const withBlanks = (ids) => [0, ...ids.flatMap((id) => [id, 0])];

const mayLeave = (z, s) => s > 1 && z[s] !== 0 && z[s] !== z[s - 2];

// α, β without the output in their frame, P, γ, and the most likely path of places.
export function sums(y, z) {
  const T = y.length, S = z.length, zeros = () => y.map(() => Array(S).fill(0));
  const alpha = zeros(), beta = zeros(), best = zeros(), came = zeros();
  for (let t = 0; t < T; t++) for (let s = 0; s < S; s++) {
    const emit = y[t][z[s]];
    if (t === 0) {
      alpha[0][s] = best[0][s] = s < 2 ? emit : 0;
      continue;
    }
    const from = [s, s - 1, mayLeave(z, s) ? s - 2 : -1].filter((k) => k >= 0);
    alpha[t][s] = emit * from.reduce((sum, k) => sum + alpha[t - 1][k], 0);
    came[t][s] = from.reduce((a, b) => (best[t - 1][b] > best[t - 1][a] ? b : a));
    best[t][s] = emit * best[t - 1][came[t][s]];
  }
  for (let t = T - 1; t >= 0; t--) for (let s = 0; s < S; s++) {
    if (t === T - 1) {
      beta[t][s] = s >= S - 2 ? 1 : 0;
      continue;
    }
    const to = [s, s + 1, s + 2 < S && mayLeave(z, s + 2) ? s + 2 : S];
    beta[t][s] = to.filter((k) => k < S).reduce((sum, k) =>
      sum + beta[t + 1][k] * y[t + 1][z[k]], 0);
  }
  const column = alpha.map((row, t) => row.reduce((p, a, s) => p + a * beta[t][s], 0));
  const P = column[0];
  const share = alpha.map((row, t) => row.map((a, s) => (P ? a * beta[t][s] / P : 0)));
  const gamma = share.map((row) => {
    const used = y[0].map(() => 0);
    row.forEach((part, s) => { used[z[s]] += part; });
    return used;
  });
  let at = S > 1 && best[T - 1][S - 2] > best[T - 1][S - 1] ? S - 2 : S - 1;
  const path = [at];
  for (let t = T - 1; t > 0; t--) path.unshift(at = came[t][at]);
  return { alpha, beta, share, gamma, column, P, path };
}

export function descend(logits, z, shared, rate) {
  const y = logits.map(softmax), { gamma, P } = sums(y, z);
  if (!P) return logits;
  let slope = y.map((row, t) => row.map((v, k) => v - gamma[t][k]));
  if (shared) {
    const mean = slope[0].map((_, k) =>
      slope.reduce((sum, row) => sum + row[k], 0) / slope.length);
    slope = slope.map(() => mean);
  }
  return logits.map((row, t) => row.map((v, k) => v - rate * slope[t][k]));
}

// Output k of one frame gets probability p; the others keep their proportions.
export function withBar(row, k, p) {
  const y = softmax(row), old = y[k], to = Math.max(0.01, Math.min(0.97, p));
  return y.map((v, j) => Math.log(Math.max(1e-4,
    j === k ? to : v * (1 - to) / (1 - old || 1e-9))));
}

export const tied = (logits) => {
  const mean = logits[0].map((_, k) =>
    logits.reduce((sum, row) => sum + row[k], 0) / logits.length);
  return logits.map(() => [...mean]);
};

const collapse = (ids) => ids.filter((id, t) => id && id !== ids[t - 1]);
const short = (p) => (p >= 0.0995 ? p.toFixed(2) : p >= 1e-4 ? p.toPrecision(2) :
  p ? p.toExponential(0) : "0");

const STYLE = `
.ur-lattice { color: var(--jp-content-font-color1, #222); max-width: 880px;
  font: var(--jp-content-font-size1, 14px) var(--jp-content-font-family, sans-serif); }
.ur-lattice .ur-bar { display: flex; flex-wrap: wrap; gap: 8px 10px;
  align-items: center; margin: 4px 0; }
.ur-lattice select, .ur-lattice button { font: inherit; padding: 4px 8px;
  border-radius: 4px; color: inherit; background: var(--jp-layout-color1, #fff);
  border: 1px solid var(--jp-border-color1, #999); }
.ur-lattice option { background: var(--jp-layout-color1, #fff);
  color: var(--jp-content-font-color1, #222); }
.ur-lattice :focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2);
  outline-offset: 1px; }
.ur-lattice label { display: flex; gap: 6px; align-items: center; }
.ur-lattice input[type=range] { width: 8em;
  accent-color: var(--jp-brand-color1, #1976d2); }
.ur-lattice svg { display: block; max-width: 100%; height: auto; margin: 4px 0;
  user-select: none; }
.ur-lattice svg text { fill: var(--jp-content-font-color1, #222); font-size: 12px;
  text-anchor: middle; dominant-baseline: central; pointer-events: none; }
.ur-lattice svg .ur-quiet { fill: var(--jp-content-font-color2, #555); }
.ur-lattice svg .ur-track { fill: var(--jp-layout-color2, #eee); cursor: ns-resize;
  touch-action: none; }
.ur-lattice svg .ur-track.ur-now { stroke: var(--jp-brand-color1, #1976d2);
  stroke-width: 2; }
.ur-lattice svg .ur-level { pointer-events: none; }
.ur-lattice svg .ur-edge { stroke: var(--jp-border-color1, #bbb); stroke-width: 1; }
.ur-lattice svg .ur-edge.ur-best { stroke: var(--ur-best); stroke-width: 3; }
.ur-lattice svg .ur-dot { stroke: none; }
.ur-lattice svg .ur-push { stroke: var(--ur-push); stroke-width: 3;
  pointer-events: none; }
.ur-lattice .ur-say { min-height: 2.9em; }`;

const NAMES = { share: "α β / P, the share of all paths", alpha: "α, the ways to here",
  beta: "β, the ways from here" };
const middle = (t) => LEFT + t * WIDE + WIDE / 2;

function render({ model, el }) {
  const symbols = [...model.get("symbols")], K = symbols.length;
  const T = model.get("logits").length, width = LEFT + T * WIDE + 8;
  const inks = symbols.map((name, k) => `var(--ur-${k ? name : "blank"})`);
  const svg = make("svg", { role: "img" });
  const word = html("select", { ariaLabel: "Word" });
  for (const name of model.get("words")) word.append(html("option", { value: name,
    textContent: name }));
  const sizes = html("select", { ariaLabel: "Size of the dots" });
  for (const [value, name] of Object.entries(NAMES)) sizes.append(html("option", {
    value, textContent: name }));
  const button = (text) => html("button", { type: "button", textContent: text });
  const one = button("One gradient step"), ten = button("Ten steps");
  const reset = button("Start again"), flat = button("All equal");
  const shared = html("input", { type: "checkbox" });
  const frame = html("input", { type: "range", min: 1, max: T, ariaLabel: "Frame" });
  const output = html("select", { ariaLabel: "Output" });
  symbols.forEach((name, k) => output.append(html("option", { value: k,
    textContent: name })));
  const level = html("input", { type: "range", min: 0, max: 1, step: 0.01,
    ariaLabel: "Its probability" });
  for (const control of [word, sizes, one, ten, reset, flat, shared, frame, output,
    level]) control.dataset.lmSuppressShortcuts = "true"; // JupyterLab takes keys
  const say = html("div", { className: "ur-say" });
  say.setAttribute("role", "status");
  const moving = ["logits", "word", "shared", "sizes", "frame", "output"];
  const [line, quiet] = settingLine(model, moving);
  const root = html("div", { className: "ur-lattice" },
    html("div", { className: "ur-bar" }, html("label", {}, "word", word), one, ten,
      html("label", {}, shared, "one output for all frames"), flat, reset),
    svg,
    html("div", { className: "ur-bar" }, html("label", {}, "dots", sizes),
      html("label", {}, "frame", frame), output,
      html("label", {}, "probability", level)),
    say, line);
  for (const [name, colour] of Object.entries(model.get("colours")))
    root.style.setProperty(`--ur-${name}`, colour);
  el.append(html("style", { textContent: STYLE }), root);

  const barX = (t, k) => middle(t) + (k - K / 2) * 20 + 1;
  const tall = (p) => BARS.h * p, foot = BARS.y + BARS.h;
  const tracks = [];
  for (let t = 0; t < T; t++) {
    make("text", { x: middle(t), y: 10, class: "ur-quiet" }, svg, `frame ${t + 1}`);
    for (let k = 0; k < K; k++) {
      const x = barX(t, k), part = { t, k };
      part.track = make("rect", { x, y: BARS.y, width: 18, height: BARS.h,
        class: "ur-track" }, svg);
      Object.assign(part.track.dataset, { frame: t + 1, output: k });
      part.level = make("rect", { x, width: 18, fill: inks[k], class: "ur-level" }, svg);
      part.push = make("line", { x1: x + 9, x2: x + 9, class: "ur-push" }, svg);
      make("text", { x: x + 9, y: foot + 9 }, svg, symbols[k]);
      tracks.push(part);
    }
  }
  const lattice = make("g", {}, svg);

  function update() {
    const logits = model.get("logits"), y = logits.map(softmax);
    const z = withBlanks([...model.get("word")].map((name) => symbols.indexOf(name)));
    const found = sums(y, z), S = z.length, height = FIRST + S * ROW + 34;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    const now = model.get("frame") - 1, chosen = model.get("output");
    for (const { t, k, track, level: bar, push } of tracks) {
      bar.setAttribute("y", foot - tall(y[t][k]));
      bar.setAttribute("height", tall(y[t][k]));
      push.setAttribute("y1", foot - tall(y[t][k]));
      push.setAttribute("y2", foot - tall(found.P ? found.gamma[t][k] : y[t][k]));
      track.classList.toggle("ur-now", t === now && k === chosen);
    }
    lattice.replaceChildren();
    const at = (s) => FIRST + s * ROW;
    for (let t = 1; t < T; t++) for (let s = 0; s < S; s++)
      for (const from of [s, s - 1, mayLeave(z, s) ? s - 2 : -1]) if (from >= 0) {
        const best = found.P && found.path[t] === s && found.path[t - 1] === from;
        make("line", { x1: middle(t - 1), y1: at(from), x2: middle(t), y2: at(s),
          class: best ? "ur-edge ur-best" : "ur-edge" }, lattice);
      }
    const values = found[model.get("sizes")];
    const tops = values.map((row) => Math.max(...row, 1e-300));
    z.forEach((k, s) => {
      make("text", { x: LEFT / 2, y: at(s) }, lattice, symbols[k]);
      for (let t = 0; t < T; t++) {
        const part = model.get("sizes") === "share" ? values[t][s]
          : values[t][s] / tops[t];
        make("circle", { cx: middle(t), cy: at(s), r: 1 + 11 * Math.sqrt(part),
          fill: inks[k], class: "ur-dot" }, lattice);
      }
    });
    make("text", { x: LEFT / 2, y: at(S), class: "ur-quiet" }, lattice, "Σ α β");
    found.column.forEach((p, t) =>
      make("text", { x: middle(t), y: at(S), class: "ur-sum" }, lattice, short(p)));
    const top = y.map((row) => row.indexOf(Math.max(...row)));
    const wrote = collapse(top).map((k) => symbols[k]).join("");
    say.textContent = (found.P ? `P = ${short(found.P)}, loss ` +
      `${(-Math.log(found.P)).toFixed(2)} nats; Σ α β is the same in every frame. `
      : "No path of eight frames writes this word. ") +
      `Best path: ${top.map((k) => symbols[k]).join("")}, which writes ` +
      `${wrote ? `"${wrote}"` : "nothing"}` +
      `${wrote === model.get("word") ? " ✓" : ""}.`;
    word.value = model.get("word");
    sizes.value = model.get("sizes");
    shared.checked = model.get("shared");
    frame.value = now + 1;
    output.value = chosen;
    level.value = y[now][chosen].toFixed(2);
    level.setAttribute("aria-valuetext",
      `${symbols[chosen]} is ${level.value} in frame ${now + 1}`);
    return z;
  }

  let going = false; // one picture for all that a click changes
  const onChange = () => going || update();
  function go(changes) {
    going = true;
    for (const [name, to] of Object.entries(changes)) model.set(name, to);
    going = false;
    update();
    model.save_changes();
  }
  const setBar = (t, k, p) => {
    const row = withBar(model.get("logits")[t], k, p);
    const logits = model.get("logits").map((old, j) =>
      j === t || model.get("shared") ? [...row] : old);
    go({ logits, frame: t + 1, output: k });
  };
  const steps = (n) => {
    const z = update();
    let logits = model.get("logits");
    for (let i = 0; i < n; i++)
      logits = descend(logits, z, model.get("shared"), model.get("rate"));
    go({ logits });
  };
  const begin = (logits) => go({ logits: model.get("shared") ? tied(logits) : logits });

  one.addEventListener("click", () => steps(1));
  ten.addEventListener("click", () => steps(10));
  reset.addEventListener("click", () => begin(model.get("start")));
  flat.addEventListener("click", () => begin(model.get("start").map((row) =>
    row.map(() => 0))));
  shared.addEventListener("change", () => go({ shared: shared.checked,
    logits: shared.checked ? tied(model.get("logits")) : model.get("logits") }));
  word.addEventListener("change", () => go({ word: word.value }));
  sizes.addEventListener("change", () => go({ sizes: sizes.value }));
  frame.addEventListener("input", () => go({ frame: Number(frame.value) }));
  output.addEventListener("change", () => go({ output: Number(output.value) }));
  level.addEventListener("input", () =>
    setBar(model.get("frame") - 1, model.get("output"), Number(level.value)));

  let drag = null;
  const under = (event) => {
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    return (foot - (event.clientY - box.top) * scale) / BARS.h;
  };
  svg.addEventListener("pointerdown", (event) => {
    const { frame: t, output: k } = event.target.dataset;
    if (!t || event.button) return;
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    drag = [Number(t) - 1, Number(k)];
    setBar(...drag, under(event));
  });
  svg.addEventListener("pointermove", (event) => drag && setBar(...drag, under(event)));
  for (const end of ["pointerup", "pointercancel"])
    svg.addEventListener(end, () => { drag = null; });

  const watched = moving.map((name) => `change:${name}`);
  for (const name of watched) model.on(name, onChange);
  update();
  return () => {
    for (const name of watched) model.off(name, onChange);
    quiet();
  };
}

export default { render };
