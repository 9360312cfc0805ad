// The unrolled graph of one example. All that a step changes is computed here: the
// picture is built once per example, a step only sets classes and two lines of text.
const WIDE = 66, LEFT = 74, ROW = { y: 34, h: 122, x: 210 }, TALL = 250, BOX = 50;

const STYLE = `
.ur-types { color: var(--jp-content-font-color1, #222); max-width: 900px;
  font: var(--jp-content-font-size1, 14px) var(--jp-content-font-family, sans-serif); }
.ur-types .ur-bar { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; }
.ur-types select, .ur-types button { font: inherit; padding: 4px 8px; border-radius: 4px;
  color: inherit; background: var(--jp-layout-color1, #fff);
  border: 1px solid var(--jp-border-color1, #999); }
.ur-types button { min-width: 5.5em; }
.ur-types option, .ur-types optgroup { background: var(--jp-layout-color1, #fff);
  color: var(--jp-content-font-color1, #222); }
.ur-types :focus-visible { outline: 2px solid var(--jp-brand-color1, #1976d2);
  outline-offset: 1px; }
.ur-types input[type=range] { flex: 1 1 14em; max-width: 26em;
  accent-color: var(--jp-brand-color1, #1976d2); }
.ur-types svg { display: block; max-width: 100%; height: auto; margin: 8px 0 2px; }
.ur-types svg text { fill: var(--jp-content-font-color1, #222); text-anchor: middle;
  dominant-baseline: central; font-size: 15px; }
.ur-types svg .ur-side { text-anchor: start; font-size: 13px;
  fill: var(--jp-content-font-color2, #555); }
.ur-types svg .ur-small { font-size: 12px; }
.ur-types svg .ur-arrow { fill: none; stroke: var(--jp-content-font-color2, #666);
  stroke-width: 1.6; }
.ur-types svg .ur-fed { stroke-dasharray: 4 4; }
.ur-types svg g { opacity: 0.22; }
.ur-types svg g.ur-done { opacity: 0.75; }
.ur-types svg g.ur-now { opacity: 1; }
.ur-types svg g.ur-now rect.ur-box { stroke-width: 3; }
.ur-types .ur-say { min-height: 1.6em; }
.ur-types table { border-collapse: collapse; margin-top: 4px; }
.ur-types td { padding: 2px 14px 2px 6px; border-left: 5px solid transparent; }
.ur-types td + td { border-left: none; }
.ur-types tr.ur-now td { background: var(--jp-layout-color2, #eee); }
.ur-types code { font-family: var(--jp-code-font-family, monospace); }`;

function arrow(parent, path, fed) {
  make("path", { d: path, class: `ur-arrow${fed ? " ur-fed" : ""}`,
    "marker-end": "url(#ur-head)" }, parent);
}

function token(parent, thing, cx, cy, colour, fed) {
  make("rect", { x: cx - BOX / 2, y: cy - BOX / 2, width: BOX, height: BOX, rx: 7,
    class: `ur-box${fed ? " ur-fed" : ""}`, fill: colour, "fill-opacity": 0.22,
    stroke: colour, "stroke-width": 1.5 }, parent);
  if (thing.text !== undefined) {
    const small = thing.text.length > 5 ? { class: "ur-small" } : {};
    return make("text", { x: cx, y: cy, ...small }, parent, thing.text);
  }
  const rows = thing.image.length, side = 40 / 8, high = rows === 1 ? 12 : side;
  thing.image.forEach((row, i) => row.forEach((value, j) => make("rect", {
    x: cx - 20 + j * side, y: cy - (rows * high) / 2 + i * high,
    width: side + 0.3, height: high + 0.3,
    fill: `rgb(${[1, 1, 1].map(() => Math.round(255 * (1 - value))).join()})`,
  }, parent)));
}

function draw(example, colours) {
  const n = example.columns.length, width = LEFT + n * WIDE + 10;
  const svg = make("svg", { viewBox: `0 0 ${width} ${TALL}`, width, height: TALL,
    role: "img" });
  make("title", {}, svg, `${example.type}: ${example.title}`);
  const head = make("marker", { id: "ur-head", viewBox: "0 0 8 8", refX: 7, refY: 4,
    markerWidth: 7, markerHeight: 7, orient: "auto" }, make("defs", {}, svg));
  make("path", { d: "M0,0 L8,4 L0,8 z",
    style: "fill: var(--jp-content-font-color2, #666)" }, head);
  for (const [row, word] of [["y", "out"], ["h", "memory"], ["x", "in"]])
    make("text", { x: 4, y: ROW[row], class: "ur-side" }, svg, word);
  const groups = example.columns.map((column, t) => {
    const group = make("g", {}, svg), cx = LEFT + t * WIDE + WIDE / 2, half = BOX / 2;
    if (t) arrow(group, `M${cx - WIDE + half},${ROW.h} H${cx - half - 2}`);
    token(group, { text: `h${sub(t + 1)}` }, cx, ROW.h, colours.h);
    if (column.x) {
      token(group, column.x, cx, ROW.x, colours.x, column.fed);
      arrow(group, `M${cx},${ROW.x - half} V${ROW.h + half + 2}`);
    }
    if (column.y) {
      token(group, column.y, cx, ROW.y, colours.y);
      arrow(group, `M${cx},${ROW.h - half} V${ROW.y + half + 2}`);
    }
    if (column.fed) {  // from the last output down to this input, between the columns
      const mid = cx - WIDE / 2;
      arrow(group, `M${mid - 9},${ROW.y + 8} C${mid + 4},${ROW.y + 20} ${mid - 4},` +
        `${ROW.x - 20} ${mid + 7},${ROW.x - 8}`, true);
    }
    return group;
  });
  return { svg, groups };
}

const sub = (n) => String(n).replace(/\d/g, (d) => "₀₁₂₃₄₅₆₇₈₉"[d]);

function render({ model, el }) {
  const examples = model.get("examples"), colours = model.get("colours");
  const select = html("select", { ariaLabel: "Example" });
  for (const [type, words] of Object.entries(model.get("types"))) {
    const group = html("optgroup", { label: `${type}: ${words}` });
    examples.forEach((example, i) => example.type === type &&
      group.append(html("option", { value: i, textContent: example.title })));
    select.append(group);
  }
  const slider = html("input", { type: "range", min: 0, step: 1, ariaLabel: "Step" });
  const play = html("button", { type: "button", textContent: "▶ Play" });
  // JupyterLab would take arrow keys and Enter for itself.
  for (const control of [select, slider, play])
    control.dataset.lmSuppressShortcuts = "true";
  const kind = html("strong"), say = html("div", { className: "ur-say" });
  say.setAttribute("role", "status");
  const stage = html("div"), table = html("table");
  const bar = html("div", { className: "ur-bar" }, select, play, slider, kind);
  const [line, quiet] = settingLine(model, ["example", "step"]);
  const root = html("div", { className: "ur-types" }, bar, stage, say, table,
    line);
  el.append(html("style", { textContent: STYLE }), root);

  let groups = [], rows = [], timer = null;
  const example = () => examples[model.get("example")];

  function show() {
    const step = Math.max(0, Math.min(model.get("step"), groups.length));
    slider.value = step;
    groups.forEach((group, t) => group.setAttribute("class",
      t === step - 1 ? "ur-now" : t < step ? "ur-done" : ""));
    const column = example().columns[step - 1];
    say.textContent = column ? column.say
      : `${groups.length} step${groups.length > 1 ? "s" : ""} ahead. Play, or move the slider.`;
    slider.setAttribute("aria-valuetext", say.textContent);
    rows.forEach(([row, name]) => row.classList.toggle("ur-now", Boolean(column) &&
      (name === "h" || (name === "x" ? column.x && !column.fed : column.y))));
  }

  function build() {
    const now = example(), drawn = draw(now, colours);
    stage.replaceChildren(drawn.svg);
    groups = drawn.groups;
    rows = now.tensors.map(([name, letters, shape, says]) => {
      const first = html("td", {}, html("code", { textContent: letters }));
      first.style.borderLeftColor = colours[name];
      return [html("tr", {}, first, html("td", {}, html("code", { textContent: shape })),
        html("td", { textContent: says })), name];
    });
    table.replaceChildren(...rows.map(([row]) => row));
    select.value = model.get("example");
    kind.textContent = now.type;
    slider.max = groups.length;
    show();
  }

  function go(step) {
    model.set("step", step);
    show();
    model.save_changes();
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "▶ Play";
  }

  slider.addEventListener("input", () => { stop(); go(Number(slider.value)); });
  select.addEventListener("change", () => {
    stop();
    model.set("example", Number(select.value));
    model.set("step", 0);
    build();
    model.save_changes();
  });
  play.addEventListener("click", () => {
    if (timer) return stop();
    play.textContent = "❚❚ Pause";
    if (model.get("step") >= groups.length) go(0);
    timer = setInterval(() => {
      go(model.get("step") + 1);
      if (model.get("step") >= groups.length) stop();
    }, 700);
  });
  const onExample = () => Number(select.value) !== model.get("example") && build();
  model.on("change:example", onExample);
  model.on("change:step", show);
  build();
  return () => {
    stop();
    model.off("change:example", onExample);
    model.off("change:step", show);
    quiet();
  };
}

export default { render };
