// What every widget of the course builds its page with. Its own module follows.
const SVG = "http://www.w3.org/2000/svg";

const make = (name, attributes = {}, parent, text) => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  if (parent) parent.append(node);
  return node;
};

const html = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};

const python = (value) => Array.isArray(value) ? `[${value.map(python).join(", ")}]`
  : value === true ? "True" : value === false ? "False"
  : typeof value === "number" ? String(Number(value.toPrecision(4))) : JSON.stringify(value);

// The line to copy once something has moved, the call that opens the widget so, and a
// function that ends it. names: of what the page can move.
const settingLine = (model, names) => {
  const { name, given } = model.get("call"), now = (key) => JSON.stringify(model.get(key));
  const opened = Object.fromEntries(names.map((key) => [key, now(key)]));
  const code = html("code"), line = html("div", {}, "Copy this setting: ", code);
  Object.assign(line.style, { fontSize: "smaller", display: "none",
    color: "var(--jp-ui-font-color2, #616161)" });
  Object.assign(code.style, { userSelect: "all", overflowWrap: "anywhere" });
  line.className = "ur-setting";
  const tell = () => {
    const moved = names.filter((key) => now(key) !== opened[key]);
    const told = names.filter((key) => moved.includes(key) || given.includes(key));
    code.textContent = `${name}(${told.map((key) => `${key}=${python(model.get(key))}`)
      .join(", ")})`;
    line.style.display = name && moved.length ? "" : "none";
  };
  for (const key of names) model.on(`change:${key}`, tell);
  return [line, () => { for (const key of names) model.off(`change:${key}`, tell); }];
};

