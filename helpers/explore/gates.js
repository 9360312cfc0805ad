// One LSTM cell whose gates are set by hand. Everything that a click changes is
// computed here; the kernel is told afterwards.
const LEFT = 150, WIDE = 60, NEAR = 0.05;
const GATES = ["i", "f", "o"];
const ROWS = { // top, height, range of values: from the offer down to the output
  g: { y: 20, h: 50, low: -1, high: 1, name: "offered", what: "by the input" },
  i: { y: 94, h: 42, low: 0, high: 1, name: "input gate", what: "write it?" },
  f: { y: 146, h: 42, low: 0, high: 1, name: "forget gate", what: "keep the old?" },
  c: { y: 198, h: 100, low: -1.5, high: 1.5, name: "cell", what: "kept + written" },
  o: { y: 322, h: 42, low: 0, high: 1, name: "output gate", what: "tell it?" },
  h: { y: 372, h: 50, low: -1, high: 1, name: "output", what: "o · tanh(c)" },
};
const TALL = 442, BELOW = 9; // numbers stand below the bars of their row

export function run(g, i, f, o) {
  let now = 0;
  const kept = [], c = [], h = [];
  g.forEach((offer, t) => {
    kept.push(f[t] * now);
    now = kept[t] + i[t] * offer;
    c.push(now);
    h.push(o[t] * Math.tanh(now));
  });
  return { kept, c, h };
}

// The first step at which a goal is missed, or null.
export function missed(goal, states) {
  for (const [row, first, last, value] of goal.wants)
    for (let t = first; t <= last; t++)
      if (Math.abs(states[row][t - 1] - value) > NEAR) return { row, t, value };
  return null;
}

export function signed(value) {
  const text = Math.abs(value).toFixed(2);
  return text === "0.00" ? text : (value < 0 ? "−" : "+") + text;
}

const plain = (value) => String(Math.round(value * 100) / 100);

// What the cell did at one step (the first is 1), in a sentence.
export function words(step, g, i, f, o, states) {
  const t = step - 1, old = t ? states.c[t - 1] : 0, now = states.c[t];
  const open = (v) => v >= 0.9, shut = (v) => v <= 0.1, empty = Math.abs(old) < NEAR;
  let did = "mixes old and new";
  if (shut(i[t]) && shut(f[t])) did = empty ? "stays empty" : "erases";
  else if (shut(i[t]) && open(f[t])) did = empty ? "stays empty" : "keeps";
  else if (shut(i[t])) did = empty ? "stays empty" : "lets a part of the old leak away";
  else if (open(i[t]) && (shut(f[t]) || empty)) did = empty ? "writes" : "replaces";
  else if (open(f[t])) did = `adds ${open(i[t]) ? "" : "a part of "}the new to the old`;
  const told = shut(o[t]) ? "the output stays silent" : open(o[t])
    ? "the output tells it" : "the output tells a part";
  return `Step ${step}: the cell ${did}. c = ${plain(f[t])} · ${signed(old)} + ` +
    `${plain(i[t])} · ${signed(g[t])} = ${signed(now)}; ${told}: ` +
    `h = ${plain(o[t])} · tanh(${signed(now)}) = ${signed(states.h[t])}.`;
}

const STYLE = `
.ur-gates { color: var(--jp-content-font-color1, #222); max-width: 900px;
  font: var(--jp-content-font-size1, 14px) var(--jp-content-font-family, sans-serif); }
.ur-gates .ur-bar { display: flex; flex-wrap: wrap; gap: 8px 10px; align-items: center;
  margin: 4px 0; }
.ur-gates select, .ur-gates button { font: inherit; padding: 4px 8px;
  border-radius: 4px; color: inherit; background: var(--jp-layout-color1, #fff);
  border: 1px solid var(--jp-border-color1, #999); }
.ur-gates select { max-width: 13em; }
.ur-gates button[aria-pressed=true] { border-color: var(--ur-wanted);
  box-shadow: inset 0 -3px var(--ur-wanted); }
.ur-gates option { background: var(--jp-layout-color1, #fff);
  color: var(--jp-content-font-color1, #222); }
.ur-gates :focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2);
  outline-offset: 1px; }
.ur-gates label { display: flex; gap: 6px; align-items: center; }
.ur-gates input[type=range] { width: 9em;
  accent-color: var(--jp-brand-color1, #1976d2); }
.ur-gates output { min-width: 2.4em; }
.ur-gates svg { display: block; max-width: 100%; height: auto; margin: 4px 0;
  user-select: none; }
.ur-gates svg text { fill: var(--jp-content-font-color1, #222); font-size: 12px;
  text-anchor: middle; dominant-baseline: central; pointer-events: none; }
.ur-gates svg .ur-name { text-anchor: start; font-size: 14px; }
.ur-gates svg .ur-what { text-anchor: start;
  fill: var(--jp-content-font-color2, #555); }
.ur-gates svg .ur-zero { stroke: var(--jp-border-color1, #999); }
.ur-gates svg .ur-column { fill: var(--jp-layout-color2, #eee); }
.ur-gates svg .ur-track { fill: var(--jp-layout-color1, #fff); cursor: pointer;
  touch-action: none; stroke: var(--jp-border-color1, #999); }
.ur-gates svg .ur-track.ur-now { stroke: var(--jp-brand-color1, #1976d2);
  stroke-width: 3; }
.ur-gates svg .ur-level { fill: var(--jp-content-font-color2, #666); opacity: 0.55;
  pointer-events: none; }
.ur-gates svg .ur-offer { fill: var(--ur-offered); }
.ur-gates svg .ur-kept { fill: var(--ur-cell); opacity: 0.45; }
.ur-gates svg .ur-held { stroke: var(--ur-cell); stroke-width: 4; }
.ur-gates svg .ur-carry { stroke: var(--ur-cell); stroke-width: 1.5;
  stroke-dasharray: 3 3; }
.ur-gates svg .ur-told { fill: var(--jp-content-font-color1, #222); }
.ur-gates svg .ur-want { fill: none; stroke: var(--ur-wanted); stroke-width: 2.5;
  stroke-dasharray: 6 3; }
.ur-gates .ur-hint { color: var(--jp-content-font-color2, #555); }
.ur-gates .ur-say { min-height: 2.9em; }
.ur-gates .ur-goal { min-height: 1.5em; }`;

const middle = (t) => LEFT + t * WIDE + WIDE / 2;
const level = (row, value) => {
  const { y, h, low, high } = ROWS[row];
  return y + h * (1 - (Math.max(low, Math.min(high, value)) - low) / (high - low));
};

const below = (row) => ROWS[row].y + ROWS[row].h + BELOW;

function bar(rect, row, from, to) {
  const ends = [level(row, from), level(row, to)];
  rect.setAttribute("y", Math.min(...ends));
  rect.setAttribute("height", Math.abs(ends[0] - ends[1]));
}

function draw(g) {
  const n = g.length, width = LEFT + n * WIDE + 6;
  const svg = make("svg", { viewBox: `0 0 ${width} ${TALL}`, width, height: TALL,
    role: "img" });
  make("title", {}, svg, "One LSTM cell: its offers, gates, content and output");
  const column = make("rect", { class: "ur-column", y: 0, width: WIDE, height: TALL,
    rx: 4 }, svg);
  for (const [row, { y, h, name, what }] of Object.entries(ROWS)) {
    make("text", { x: 4, y: y + h / 2 - 8, class: "ur-name" }, svg, `${row}: ${name}`);
    make("text", { x: 4, y: y + h / 2 + 9, class: "ur-what" }, svg, what);
    const zero = level(row, 0);
    make("line", { x1: LEFT, x2: width, y1: zero, y2: zero, class: "ur-zero" }, svg);
  }
  const parts = g.map((offer, t) => {
    const x = middle(t), part = {};
    make("text", { x, y: 10 }, svg, t + 1);
    bar(make("rect", { x: x - 14, width: 28, class: "ur-offer" }, svg), "g", 0, offer);
    make("text", { x, y: below("g") }, svg, signed(offer));
    for (const row of GATES) {
      const { y, h } = ROWS[row], box = { x: x - 25, width: 50 };
      part[row] = {
        track: make("rect", { ...box, y, height: h, rx: 4, class: "ur-track" }, svg),
        level: make("rect", { ...box, class: "ur-level" }, svg),
        text: make("text", { x, y: y + h / 2 }, svg),
      };
      Object.assign(part[row].track.dataset, { gate: row, step: t + 1 });
    }
    part.carry = make("line", { x1: x - WIDE, x2: x - 20, class: "ur-carry" }, svg);
    part.kept = make("rect", { x: x - 20, width: 20, class: "ur-kept" }, svg);
    part.written = make("rect", { x, width: 20, class: "ur-offer" }, svg);
    part.held = make("line", { x1: x - 22, x2: x + 22, class: "ur-held" }, svg);
    part.c = make("text", { x, y: below("c") }, svg);
    part.told = make("rect", { x: x - 14, width: 28, class: "ur-told" }, svg);
    part.h = make("text", { x, y: below("h") }, svg);
    return part;
  });
  return { svg, column, parts, wants: make("g", {}, svg) };
}

function render({ model, el }) {
  const g = model.get("offered"), goals = model.get("goals");
  const presets = model.get("presets"), drawn = draw(g);
  const goalButtons = goals.map(() => html("button", { type: "button" }));
  const show = html("button", { type: "button", textContent: "Show me" });
  const preset = html("select", { ariaLabel: "Set every gate" });
  preset.append(html("option", { value: "", textContent: "set every gate …" }));
  for (const name of Object.keys(presets)) preset.append(html("option", { value: name,
    textContent: name }));
  const gate = html("select", { ariaLabel: "Gate" });
  for (const row of GATES) gate.append(html("option", { value: row,
    textContent: `${row}, ${ROWS[row].name}` }));
  const step = html("input", { type: "range", min: 1, max: g.length, step: 1,
    ariaLabel: "Step" });
  const value = html("input", { type: "range", min: 0, max: 1, step: 0.05,
    ariaLabel: "How open the gate is" });
  const hint = html("span", { className: "ur-hint",
    textContent: "Or click and drag in the picture." });
  const stepSays = html("output"), valueSays = html("output");
  for (const control of [...goalButtons, show, preset, gate, step, value])
    control.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the keys
  const goal = html("div", { className: "ur-goal" });
  const say = html("div", { className: "ur-say" });
  for (const line of [goal, say]) line.setAttribute("role", "status");
  const moving = [...GATES, "goal", "gate", "step"];
  const [line, quiet] = settingLine(model, moving);
  const root = html("div", { className: "ur-gates" },
    html("div", { className: "ur-bar" }, "Goal:", ...goalButtons, show, preset),
    goal, drawn.svg,
    html("div", { className: "ur-bar" }, gate,
      html("label", {}, "step", step, stepSays),
      html("label", {}, "open", value, valueSays), hint),
    say, line);
  for (const [name, colour] of Object.entries(model.get("colours")))
    root.style.setProperty(`--ur-${name}`, colour);
  el.append(html("style", { textContent: STYLE }), root);

  function update() {
    const [i, f, o] = GATES.map((row) => model.get(row)), now = model.get("step");
    const states = run(g, i, f, o), at = model.get("gate"), gates = { i, f, o };
    drawn.column.setAttribute("x", middle(now - 1) - WIDE / 2);
    drawn.parts.forEach((part, t) => {
      for (const row of GATES) {
        bar(part[row].level, row, 0, gates[row][t]);
        part[row].text.textContent = plain(gates[row][t]);
        part[row].track.classList.toggle("ur-now", row === at && t === now - 1);
      }
      const before = t ? states.c[t - 1] : 0, held = states.c[t];
      part.carry.setAttribute("y1", level("c", before));
      part.carry.setAttribute("y2", level("c", states.kept[t]));
      part.carry.setAttribute("opacity", t ? f[t] : 0);
      bar(part.kept, "c", 0, states.kept[t]);
      bar(part.written, "c", states.kept[t], held);
      for (const end of ["y1", "y2"]) part.held.setAttribute(end, level("c", held));
      part.c.textContent = signed(held);
      bar(part.told, "h", 0, states.h[t]);
      part.h.textContent = signed(states.h[t]);
    });
    const aim = goals[model.get("goal")], miss = missed(aim, states);
    drawn.wants.replaceChildren(...aim.wants.map(([row, first, last, height]) =>
      make("rect", { x: middle(first - 1) - 27, y: level(row, height) - 7, height: 14,
        width: (last - first) * WIDE + 54, rx: 4, class: "ur-want" })));
    goalButtons.forEach((button, k) => {
      const done = missed(goals[k], states) === null;
      button.textContent = `${done ? "✓" : "○"} ${k + 1} ${goals[k].name}`;
      button.setAttribute("aria-pressed", k === model.get("goal"));
    });
    const place = miss && { c: "the cell holds", h: "the output is" }[miss.row];
    const far = miss && signed(states[miss.row][miss.t - 1]);
    goal.textContent = `${aim.say} ` + (miss ? `Not yet: at step ${miss.t} ${place} ` +
      `${far}, not ${signed(miss.value)}.` : "✓ Done.");
    say.textContent = words(now, g, i, f, o, states);
    gate.value = at;
    step.value = now;
    stepSays.textContent = now;
    value.value = gates[at][now - 1];
    valueSays.textContent = plain(gates[at][now - 1]);
    value.setAttribute("aria-valuetext", `${at} is ${valueSays.textContent} at ${now}`);
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

  const opened = (row, t, to) => ({
    [row]: model.get(row).map((old, k) => (k === t - 1 ? to : old)),
  });
  const setAll = (gates) => go(Object.fromEntries(GATES.map((row) =>
    [row, Array.isArray(gates[row]) ? gates[row] : g.map(() => gates[row])])));

  goalButtons.forEach((button, k) =>
    button.addEventListener("click", () => go({ goal: k })));
  show.addEventListener("click", () => setAll(goals[model.get("goal")].gates));
  preset.addEventListener("change", () =>
    preset.value && setAll(presets[preset.value]));
  gate.addEventListener("change", () => go({ gate: gate.value }));
  step.addEventListener("input", () => go({ step: Number(step.value) }));
  value.addEventListener("input", () => {
    preset.value = "";
    go(opened(model.get("gate"), model.get("step"), Number(value.value)));
  });

  // A click on a gate opens or shuts it; a drag sets every gate that it passes.
  let drag = null;
  const under = (event) => {
    const box = drawn.svg.getBoundingClientRect();
    const scale = drawn.svg.viewBox.baseVal.width / box.width;
    const x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
    const t = Math.max(1, Math.min(g.length, Math.floor((x - LEFT) / WIDE) + 1));
    const { y: top, h } = ROWS[drag.row], raw = 1 - (y - top) / h;
    return { t, to: raw < 0.08 ? 0 : raw > 0.92 ? 1 : Math.round(raw * 20) / 20 };
  };
  drawn.svg.addEventListener("pointerdown", (event) => {
    const { gate: row, step: t } = event.target.dataset;
    if (!row || event.button) return;
    event.preventDefault();
    drawn.svg.setPointerCapture(event.pointerId);
    drag = { row, t: Number(t), x: event.clientX, y: event.clientY, moved: false };
    go({ gate: row, step: drag.t });
  });
  drawn.svg.addEventListener("pointermove", (event) => {
    if (!drag) return;
    drag.moved ||= Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > 4;
    if (!drag.moved) return;
    preset.value = "";
    const { t, to } = under(event);
    go({ step: t, ...opened(drag.row, t, to) });
  });
  const drop = (event) => {
    if (drag && !drag.moved && event.type === "pointerup") {
      const { row, t } = drag;
      preset.value = "";
      go(opened(row, t, model.get(row)[t - 1] < 0.5 ? 1 : 0));
    }
    drag = null;
  };
  drawn.svg.addEventListener("pointerup", drop);
  drawn.svg.addEventListener("pointercancel", drop);

  const watched = moving.map((name) => `change:${name}`);
  for (const name of watched) model.on(name, onChange);
  update();
  return () => {
    for (const name of watched) model.off(name, onChange);
    quiet();
  };
}

export default { render };
