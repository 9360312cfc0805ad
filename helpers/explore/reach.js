// A deep network, unrolled: which inputs can reach one output, and in how many ways.
// Nothing is asked of the kernel. `unroll`, `waits` and `parameters` are the graph;
// the picture is built once per shape, choosing an output only sets classes.
const WIDE = 66, LEFT = 78, TOP = 26, BAND = 74, OUT = 46, R = 12;

export const units = (direction) => direction === "both" ? ["forward", "backward"]
  : [direction];

// For every unit, the ways from it to output t (from 0); for every input as well.
export function unroll(directions, T, t) {
  const ways = Array(directions.length);
  let above = Array.from({ length: T }, (_, s) => Number(s === t));
  for (let k = directions.length - 1; k >= 0; k--) {
    ways[k] = units(directions[k]).map((direction) => {
      const own = above.slice();
      if (direction === "forward") for (let s = T - 2; s >= 0; s--) own[s] += own[s + 1];
      else for (let s = 1; s < T; s++) own[s] += own[s - 1];
      return own;
    });
    above = above.map((_, s) => ways[k].reduce((sum, own) => sum + own[s], 0));
  }
  return { ways, inputs: above };
}

// How many units must be computed one after the other before all is known.
export function waits(directions, T) {
  let done = Array(T).fill(0);
  for (const direction of directions) {
    const rows = units(direction).map((way) => {
      const order = Array.from({ length: T }, (_, s) => way === "forward" ? s : T - 1 - s);
      const own = Array(T);
      order.forEach((s, i) => { own[s] = 1 + Math.max(done[s], i ? own[order[i - 1]] : 0); });
      return own;
    });
    done = done.map((_, s) => Math.max(...rows.map((own) => own[s])));
  }
  return Math.max(...done);
}

// Of LSTM layers with H units in each direction, reading D numbers; torch's two biases.
export function parameters(directions, D, H) {
  let reads = D, total = 0;
  for (const direction of directions) {
    const n = units(direction).length;
    total += n * 4 * (reads * H + H * H + 2 * H);
    reads = n * H;
  }
  return total;
}

export function sentence(directions, T, t) {
  const { inputs } = unroll(directions, T, t);
  const first = inputs.findIndex((n) => n > 0), last = inputs.findLastIndex((n) => n > 0);
  const all = inputs.reduce((sum, n) => sum + n, 0), far = Math.max(t - first, last - t);
  const seen = first === last ? `input ${first + 1} alone`
    : last - first + 1 === T ? `all ${T} inputs` : `the inputs ${first + 1} to ${last + 1}`;
  return `Output ${t + 1} can know ${seen}, by ${all.toLocaleString("en")} way${
    all > 1 ? "s" : ""}. The farthest input is ${far} step${far === 1 ? "" : "s"} of time away.`;
}

const STYLE = `
.ur-reach { color: var(--jp-content-font-color1, #222); max-width: 900px;
  font: var(--jp-content-font-size1, 14px) var(--jp-content-font-family, sans-serif); }
.ur-reach .ur-bar { display: grid; grid-template-columns: max-content minmax(8em, 22em) 3em;
  gap: 4px 10px; align-items: center; }
.ur-reach select { font: inherit; padding: 4px 8px; border-radius: 4px; color: inherit;
  background: var(--jp-layout-color1, #fff); grid-column: 2 / 4; justify-self: start;
  border: 1px solid var(--jp-border-color1, #999); }
.ur-reach option { background: var(--jp-layout-color1, #fff);
  color: var(--jp-content-font-color1, #222); }
.ur-reach :focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2);
  outline-offset: 1px; }
.ur-reach input[type=range] { accent-color: var(--jp-brand-color1, #1976d2); margin: 0; }
.ur-reach svg { display: block; max-width: 100%; height: auto; margin: 8px 0 2px; }
.ur-reach svg text { fill: var(--jp-content-font-color1, #222); text-anchor: middle;
  dominant-baseline: central; font-size: 13px; }
.ur-reach svg .ur-side { text-anchor: start; fill: var(--jp-content-font-color2, #555); }
.ur-reach svg .ur-ways { font-size: 12px; }
.ur-reach svg path { fill: none; stroke: var(--jp-content-font-color3, #999);
  stroke-width: 1; opacity: 0.35; }
.ur-reach svg path.ur-on { stroke: var(--jp-content-font-color1, #222); stroke-width: 1.8;
  opacity: 0.9; }
.ur-reach svg .ur-node { opacity: 0.28; }
.ur-reach svg .ur-node.ur-on { opacity: 1; }
.ur-reach svg .ur-node.ur-chosen > * { stroke-width: 3; }
.ur-reach svg .ur-node.ur-chosen text { stroke: none; font-weight: 700; }
.ur-reach svg .ur-column { fill: transparent; cursor: pointer; }
.ur-reach svg .ur-column:hover { fill: var(--jp-content-font-color1, #222);
  fill-opacity: 0.06; }
.ur-reach .ur-say { min-height: 1.6em; }
.ur-reach table { border-collapse: collapse; margin-top: 4px; }
.ur-reach td { padding: 2px 14px 2px 0; text-align: left; }
.ur-reach td:first-child { text-align: right; font-variant-numeric: tabular-nums; }`;

const place = (s, way, two) => s * WIDE + LEFT + WIDE / 2
  + (two ? (way === "forward" ? -13 : 13) : 0);
const height = (k, L, way, two) => TOP + OUT + (L - 1 - k) * BAND + BAND / 2
  + (two ? (way === "forward" ? 14 : -14) : 0);

function draw(directions, T, colours, choose) {
  const L = directions.length, width = LEFT + T * WIDE + 8;
  const low = TOP + OUT + L * BAND + 26, tall = low + 46;
  const svg = make("svg", { viewBox: `0 0 ${width} ${tall}`, width, height: tall,
    role: "img" });
  const title = make("title", {}, svg), edges = [], nodes = [];
  const line = (x1, y1, x2, y2, on) => {
    const gap = R / Math.hypot(x2 - x1, y2 - y1), dx = (x2 - x1) * gap, dy = (y2 - y1) * gap;
    edges.push([make("path", { d: `M${x1 + dx},${y1 + dy} L${x2 - dx},${y2 - dy}` }, svg), on]);
  };
  const node = (x, y, text, colour, square, on, chosen) => {
    const group = make("g", { class: "ur-node" }, svg);
    const look = { fill: colour, "fill-opacity": 0.3, stroke: colour, "stroke-width": 1.5 };
    if (square) make("rect", { x: x - R, y: y - R, width: 2 * R, height: 2 * R, rx: 4,
      ...look }, group);
    else make("circle", { cx: x, cy: y, r: R, ...look }, group);
    make("text", { x, y }, group, text);
    nodes.push([group, on, chosen]);
  };
  const spot = (k, way, s) => {
    const two = units(directions[k]).length === 2;
    return [place(s, way, two), height(k, L, way, two)];
  };
  make("text", { x: 4, y: TOP, class: "ur-side" }, svg, "outputs");
  directions.forEach((direction, k) => make("text", { class: "ur-side", x: 4,
    y: height(k, L) }, svg, `layer ${k + 1}`));
  make("text", { x: 4, y: low, class: "ur-side" }, svg, "inputs");
  make("text", { x: 4, y: low + 30, class: "ur-side" }, svg, "ways");
  for (let s = 0; s < T; s++) directions.forEach((direction, k) =>
    units(direction).forEach((way, i) => {
      const [x, y] = spot(k, way, s), on = (now) => now.ways[k][i][s] > 0;
      const from = way === "forward" ? s - 1 : s + 1;
      if (from >= 0 && from < T) line(...spot(k, way, from), x, y, on);
      if (k === 0) line(place(s), low, x, y, on);
      else for (const below of units(directions[k - 1])) line(...spot(k - 1, below, s), x, y, on);
      if (k === L - 1) line(x, y, place(s), TOP, (now) => now.t === s);
    }));
  const counts = [];
  for (let s = 0; s < T; s++) {
    directions.forEach((direction, k) => units(direction).forEach((way, i) =>
      node(...spot(k, way, s), way === "forward" ? "→" : "←", colours[way], false,
        (now) => now.ways[k][i][s] > 0)));
    node(place(s), TOP, s + 1, colours.y, false, (now) => now.t === s, true);
    node(place(s), low, s + 1, colours.x, true, (now) => now.inputs[s] > 0);
    counts.push(make("text", { x: place(s), y: low + 30, class: "ur-ways" }, svg));
    make("rect", { x: LEFT + s * WIDE, y: 4, width: WIDE, height: tall - 8, rx: 6,
      class: "ur-column" }, svg).addEventListener("click", () => choose(s + 1));
  }
  return { svg, show(t) {
    const now = { t, ...unroll(directions, T, t) };
    for (const [path, on] of edges) path.setAttribute("class", on(now) ? "ur-on" : "");
    for (const [group, on, chosen] of nodes) group.setAttribute("class",
      `ur-node${on(now) ? " ur-on" : ""}${chosen && on(now) ? " ur-chosen" : ""}`);
    counts.forEach((text, s) => { text.textContent = now.inputs[s].toLocaleString("en"); });
    title.textContent = sentence(directions, T, t);
  } };
}

function render({ model, el }) {
  const wirings = model.get("wirings"), colours = model.get("colours");
  const { D, H } = model.get("sizes");
  const bar = html("div", { className: "ur-bar" }), say = html("div", { className: "ur-say" });
  const stage = html("div"), table = html("table");
  say.setAttribute("role", "status");
  const select = html("select", { ariaLabel: "Direction" });
  for (const name of Object.keys(wirings))
    select.append(html("option", { value: name, textContent: name }));
  const sliders = {};
  bar.append(html("span", { textContent: "direction" }), select);
  for (const [name, label, min, max] of [["layers", "layers", 1, 4],
    ["T", "sequence length T", 2, 12], ["t", "output", 1, 12]]) {
    const slider = html("input", { type: "range", min, max, step: 1, ariaLabel: label });
    const value = html("span");
    sliders[name] = { slider, value };
    bar.append(html("span", { textContent: label }), slider, value);
    slider.addEventListener("input", () => change(name, Number(slider.value)));
  }
  // JupyterLab would take arrow keys for itself.
  for (const control of [select, ...Object.values(sliders).map((one) => one.slider)])
    control.dataset.lmSuppressShortcuts = "true";
  const moving = ["direction", "layers", "T", "t"];
  const [line, quiet] = settingLine(model, moving);
  el.append(html("style", { textContent: STYLE }),
    html("div", { className: "ur-reach" }, bar, stage, say, table, line));

  let picture = null, built = "";
  function show() {
    const wiring = wirings[model.get("direction")], T = model.get("T");
    const directions = Array.from({ length: model.get("layers") },
      (_, k) => wiring[k % wiring.length]);
    const t = Math.min(model.get("t"), T), shape = `${directions} ${T}`;
    if (shape !== built) {
      picture = draw(directions, T, colours, (step) => change("t", step));
      stage.replaceChildren(picture.svg);
      built = shape;
      const rows = [
        [waits(directions, T), "units in a row, each waiting for the one before: the rest "
          + "could run side by side"],
        [parameters(directions, D, H), `parameters, as LSTM layers of ${H} units per `
          + `direction on inputs of ${D} numbers`]];
      table.replaceChildren(...rows.map(([number, words]) => html("tr", {},
        html("td", { textContent: number.toLocaleString("en") }),
        html("td", { textContent: words }))));
    }
    picture.show(t - 1);
    select.value = model.get("direction");
    sliders.t.slider.max = T;
    for (const [name, { slider, value }] of Object.entries(sliders)) {
      slider.value = name === "t" ? t : model.get(name);
      value.textContent = slider.value;
    }
    say.textContent = sentence(directions, T, t - 1);
  }

  function change(name, value) {
    model.set(name, value);
    if (model.get("t") > model.get("T")) model.set("t", model.get("T"));
    show();
    model.save_changes();
  }

  select.addEventListener("change", () => change("direction", select.value));
  const events = moving.map((name) => `change:${name}`);
  for (const event of events) model.on(event, show);
  show();
  return () => {
    for (const event of events) model.off(event, show);
    quiet();
  };
}

export default { render };
