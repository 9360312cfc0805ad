// A query among keys in the plane: scores, weights and context follow every move.
// Nothing is asked of the kernel. `look` is the attention; the rest draws it.
const NAMES = ["kind", "query", "points", "scale", "real", "filled"];
const SIZE = 420, SPAN = 3, R = 11;

// Scores of a query against keys (T, 2), as the notebook defines them.
export function scores(kind, q, keys, scale) {
  return keys.map(([x, y]) => {
    if (kind === "additive") return scale * (Math.tanh(q[0] + x) + Math.tanh(q[1] + y));
    const dot = q[0] * x + q[1] * y;
    return scale * (kind === "dot" ? dot : dot / Math.SQRT2);
  });
}

// Weights of the real keys, 0 at the others; with none, NaN or all alike, as filled.
export function softmax(e, real, filled) {
  const low = filled === "−1e9" ? -1e9 : -Infinity;
  const masked = e.map((v, t) => (real[t] ? v : low));
  const top = Math.max(...masked), w = masked.map((v) => Math.exp(v - top));
  const sum = w.reduce((a, b) => a + b, 0);
  return w.map((v) => v / sum);
}

export function look({ kind, query, keys, scale, real, filled }) {
  const e = scores(kind, query, keys, scale), weights = softmax(e, real, filled);
  const context = [0, 1].map((d) => weights.reduce((sum, w, t) => sum + w * keys[t][d], 0));
  const entropy = weights.reduce((sum, w) => sum - (w > 0 ? w * Math.log(w) : w * 0), 0);
  return { scores: e, weights, context, entropy };
}

const STYLE = `
.ur-query { color: var(--jp-content-font-color1, #222); max-width: 900px;
  font: var(--jp-content-font-size1, 14px) var(--jp-content-font-family, sans-serif); }
.ur-query .ur-bar { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; }
.ur-query label { display: flex; gap: 6px; align-items: center; }
.ur-query select { font: inherit; padding: 4px 8px; border-radius: 4px; color: inherit;
  background: var(--jp-layout-color1, #fff);
  border: 1px solid var(--jp-border-color1, #999); }
.ur-query option { background: var(--jp-layout-color1, #fff);
  color: var(--jp-content-font-color1, #222); }
.ur-query :focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2);
  outline-offset: 1px; }
.ur-query input { accent-color: var(--jp-brand-color1, #1976d2); }
.ur-query .ur-stage { display: flex; flex-wrap: wrap; gap: 4px 24px; align-items: center; }
.ur-query svg { display: block; max-width: 100%; height: auto; user-select: none; }
.ur-query svg text { fill: #fff; text-anchor: middle; dominant-baseline: central;
  font-size: 13px; pointer-events: none; } /* on the colours of the points, which no
  theme changes */
.ur-query svg .ur-asks text { fill: #000; }
.ur-query svg .ur-axis { stroke: var(--jp-border-color1, #bbb); stroke-width: 1; }
.ur-query svg .ur-point { cursor: grab; touch-action: none; }
.ur-query svg .ur-hidden circle { opacity: 0.3; }
.ur-query svg .ur-hidden text { fill: var(--jp-content-font-color1, #222); }
.ur-query table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.ur-query th, .ur-query td { padding: 2px 10px; text-align: right; font-weight: 400; }
.ur-query .ur-say { min-height: 2.9em; }`;

const at = ([x, y]) => [SIZE * (x + SPAN) / (2 * SPAN), SIZE * (SPAN - y) / (2 * SPAN)];
const inside = (v) => Math.max(-SPAN, Math.min(SPAN, Math.round(v * 100) / 100));
const short = (v) => (Number.isNaN(v) ? "NaN" : v.toFixed(2).replace("-", "−"));

function render({ model, el }) {
  const colours = model.get("colours"), T = model.get("points").length;
  const svg = make("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, width: SIZE, height: SIZE,
    role: "img" });
  const title = make("title", {}, svg), mid = SIZE / 2;
  make("line", { x1: 0, x2: SIZE, y1: mid, y2: mid, class: "ur-axis" }, svg);
  make("line", { x1: mid, x2: mid, y1: 0, y2: SIZE, class: "ur-axis" }, svg);
  const rays = model.get("points").map(() => make("line", { stroke: colours.weight,
    "stroke-linecap": "round" }, svg));
  const arrow = make("line", { stroke: colours.context, "stroke-width": 4 }, svg);
  const head = make("circle", { r: 6, fill: colours.context }, svg);
  const points = [], names = [...Array(T).keys()].map((t) => `key ${t + 1}`);
  const point = (name, colour, letter) => {
    const group = make("g", { class: "ur-point", tabindex: 0, role: "slider",
      "aria-label": name }, svg);
    make("circle", { r: R, fill: colour }, group);
    make("text", {}, group, letter);
    group.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys
    points.push(group);
    return group;
  };
  names.forEach((name, t) => point(name, colours.key, t + 1));
  point("query", colours.query, "q");
  const select = (label, options) => {
    const node = html("select", { ariaLabel: label });
    for (const name of options) node.append(html("option", { value: name,
      textContent: name }));
    node.dataset.lmSuppressShortcuts = "true";
    return node;
  };
  const kind = select("Score", model.get("kinds")), filled = select("Masked scores become",
    model.get("fills"));
  const scale = html("input", { type: "range", min: 0, max: 10, step: 0.1,
    ariaLabel: "Scale" });
  scale.dataset.lmSuppressShortcuts = "true";
  const number = html("span"), say = html("div", { className: "ur-say" });
  say.setAttribute("role", "status");
  const boxes = names.map((name, t) => {
    const box = html("input", { type: "checkbox", ariaLabel: `${name} is real` });
    box.dataset.lmSuppressShortcuts = "true";
    box.addEventListener("change", () => change("real", model.get("real").map(
      (old, s) => (s === t ? box.checked : old))));
    return box;
  });
  const cells = names.map(() => [html("td"), html("td")]);
  const table = html("table", {}, html("tr", {}, ...["key", "real", "score", "weight"]
    .map((name) => html("th", { scope: "col", textContent: name }))),
    ...names.map((_, t) => html("tr", {}, html("td", { textContent: t + 1 }),
      html("td", {}, boxes[t]), ...cells[t])));
  const [line, quiet] = settingLine(model, NAMES);
  el.append(html("style", { textContent: STYLE }), html("div", { className: "ur-query" },
    html("div", { className: "ur-bar" }, html("label", {}, "score", kind),
      html("label", {}, "times", scale, number),
      html("label", {}, "a masked score becomes", filled)),
    html("div", { className: "ur-stage" }, svg, table), say, line));

  const place = (i) => (i < T ? model.get("points")[i] : model.get("query"));
  function put(i, spot) {
    const to = spot.map(inside);
    if (i === T) change("query", to);
    else change("points", model.get("points").map((old, t) => (t === i ? to : old)));
  }
  points.forEach((group, i) => {
    group.addEventListener("pointerdown", (event) => group.setPointerCapture(event.pointerId));
    group.addEventListener("pointermove", (event) => {
      if (!group.hasPointerCapture(event.pointerId)) return;
      const box = svg.getBoundingClientRect();
      put(i, [(event.clientX - box.left) / box.width * 2 * SPAN - SPAN,
        SPAN - (event.clientY - box.top) / box.height * 2 * SPAN]);
    });
    group.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1],
        ArrowDown: [0, -0.1] }[event.key];
      if (!step) return;
      event.preventDefault();
      put(i, place(i).map((v, d) => v + step[d]));
    });
  });

  function show() {
    const now = Object.fromEntries(NAMES.map((name) => [name, model.get(name)]));
    now.keys = now.points;
    const { scores: e, weights, context, entropy } = look(now);
    const [qx, qy] = at(now.query), broken = Number.isNaN(entropy);
    points.forEach((group, i) => {
      const [x, y] = at(place(i));
      group.setAttribute("transform", `translate(${x},${y})`);
      group.setAttribute("class", `ur-point${i === T ? " ur-asks" : now.real[i] ? "" : " ur-hidden"}`);
      group.setAttribute("aria-valuetext", place(i).map(short).join(", "));
    });
    rays.forEach((ray, t) => {
      const [x, y] = at(now.keys[t]), w = broken ? 0 : weights[t];
      for (const [key, value] of Object.entries({ x1: qx, y1: qy, x2: x, y2: y,
        "stroke-width": 12 * w, opacity: w ? 0.6 : 0 })) ray.setAttribute(key, value);
    });
    const [cx, cy] = broken ? [mid, mid] : at(context);
    for (const [key, value] of Object.entries({ x1: mid, y1: mid, x2: cx, y2: cy }))
      arrow.setAttribute(key, value);
    head.setAttribute("cx", cx);
    head.setAttribute("cy", cy);
    cells.forEach(([score, weight], t) => {
      score.textContent = now.real[t] ? short(e[t]) : now.filled.replace("inf", "∞");
      weight.textContent = short(weights[t]);
      boxes[t].checked = now.real[t];
    });
    kind.value = now.kind;
    filled.value = now.filled;
    scale.value = now.scale;
    number.textContent = now.scale.toFixed(1);
    const best = weights.indexOf(Math.max(...weights));
    say.textContent = broken ? "No key is real: 0 / 0, and the context is NaN."
      : `The context is (${context.map(short).join(", ")}). Entropy ${short(entropy)} nats`
      + `, as if ${Math.exp(entropy).toFixed(1)} of ${T} keys were looked at; most weight,`
      + ` ${short(weights[best])}, on key ${best + 1}.`;
    title.textContent = say.textContent;
  }

  function change(name, value) {
    model.set(name, value);
    show();
    model.save_changes();
  }
  kind.addEventListener("change", () => change("kind", kind.value));
  filled.addEventListener("change", () => change("filled", filled.value));
  scale.addEventListener("input", () => change("scale", Number(scale.value)));
  const events = NAMES.map((name) => `change:${name}`);
  for (const event of events) model.on(event, show);
  show();
  return () => {
    for (const event of events) model.off(event, show);
    quiet();
  };
}

export default { render };
