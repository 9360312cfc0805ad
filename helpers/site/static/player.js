// A live figure without its kernel: native controls over stored frames.
// <div class="ur-live" data-src="explorers/00/explore-memory/"><img …></div>
const make = (name, properties = {}, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};

async function live(box) {
  const src = box.dataset.src;
  const spec = await (await fetch(`${src}index.json`)).json();
  const image = box.querySelector("img");
  const at = spec.controls.map((control) => control.at);
  const ahead = new Map(); // pictures fetched before they are asked for
  const picture = (frame) => src + spec.pictures[frame[0]];
  const reading = make("p", { className: "ur-reading" });
  reading.setAttribute("role", "status");
  reading.setAttribute("aria-live", "polite");

  const fetchAhead = () =>
    at.forEach((_, k) => [1, -1, 2, -2].forEach((step) => {
      const frame = spec.frames[at.map((stop, j) => stop + (j === k) * step).join("-")];
      if (!frame || ahead.has(frame[0])) return;
      ahead.set(frame[0], Object.assign(new Image(), { src: picture(frame) }));
    }));

  // A setting as a link: what is not at its start, in the words beside the controls.
  const link = make("a", { textContent: "Link to this setting" });
  const asked = () => {
    const [id, setting] = location.hash.slice(1).split("?");
    if (id !== box.id) return;
    const to = spec.controls.map((control) => control.at);
    new URLSearchParams(setting).forEach((word, name) => {
      const k = spec.controls.findIndex((control) => control.name === name);
      if (spec.controls[k]?.words.includes(word)) to[k] = spec.controls[k].words.indexOf(word);
    });
    if (spec.frames[to.join("-")]) to.forEach((stop, k) => { at[k] = stop; });
  };

  const show = () => {
    const frame = spec.frames[at.join("-")];
    image.src = picture(frame);
    reading.textContent = spec.readings[frame[1]];
    inputs.forEach((input, k) => {
      const { words, kind } = spec.controls[k];
      input.value = at[k];
      if (kind !== "slider") return;
      input.setAttribute("aria-valuetext", words[at[k]]);
      input.nextElementSibling.textContent = words[at[k]];
    });
    const moved = spec.controls.filter((control, k) => at[k] !== control.at);
    const words = moved.map((c) => [c.name, c.words[at[spec.controls.indexOf(c)]]]);
    link.href = `#${box.id}?${new URLSearchParams(words)}`;
    fetchAhead();
  };

  const move = (k, stop) => {
    if (!spec.grid) spec.controls[k].base.forEach((other, j) => { at[j] = other; });
    at[k] = Number(stop);
    show();
  };

  const inputs = spec.controls.map(({ kind, words }, k) => {
    const range = { type: "range", min: 0, max: words.length - 1, step: 1 };
    const input = kind === "slider" ? make("input", range)
      : make("select", {}, ...words.map((word, i) => new Option(word, i)));
    input.addEventListener("input", () => move(k, input.value));
    return input;
  });
  const rows = inputs.map((input, k) => {
    const row = make("label", {}, make("span", { textContent: spec.controls[k].label }), input);
    if (spec.controls[k].kind === "slider") row.append(make("output"));
    return row;
  });
  const form = make("form", { className: "ur-controls" }, ...rows);
  form.addEventListener("submit", (event) => event.preventDefault());
  const notes = [];
  if (!spec.grid) {
    notes.push("On this page one control moves at a time: the others then go back to "
      + "their start, or to where this one matters.");
  }
  if (spec.others.length) notes.push(`In JupyterLab there is also: ${spec.others.join(", ")}.`);
  box.prepend(form);
  box.append(reading, make("p", { className: "ur-note" }, ...notes.map((n) => `${n} `), link));
  asked();
  show();
  addEventListener("hashchange", () => { asked(); show(); });
  box.dataset.ready = "1";
}

const seen = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
  if (!isIntersecting) return;
  seen.unobserve(target);
  live(target);
}), { rootMargin: "300px" });
document.querySelectorAll(".ur-live").forEach((box) => {
  seen.observe(box);
  if (location.hash.split("?")[0] === `#${box.id}`) box.scrollIntoView();
});
