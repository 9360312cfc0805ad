// A widget of its own module without its kernel: a plain object stands in for the model.
async function widget(box) {
  const src = new URL(box.dataset.src, document.baseURI);
  const { state } = await (await fetch(new URL("index.json", src))).json();
  const heard = new Map();
  const tell = (event) => (heard.get(event) ?? []).forEach((listener) => listener());
  const model = {
    get: (name) => state[name],
    set(name, value) {
      if (state[name] === value) return;
      state[name] = value;
      tell(`change:${name}`);
      tell("change");
    },
    save_changes() {},
    send() {},
    on: (event, listener) => heard.set(event, [...(heard.get(event) ?? []), listener]),
    off: (event, listener) =>
      heard.set(event, (heard.get(event) ?? []).filter((other) => other !== listener)),
  };
  const { default: module } = await import(new URL("module.js", src));
  const stage = document.createElement("div");
  box.replaceChildren(stage);
  await module.render({ model, el: stage });
  box.dataset.ready = "1";
}

const seen = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
  if (!isIntersecting) return;
  seen.unobserve(target);
  widget(target);
}), { rootMargin: "300px" });
document.querySelectorAll(".ur-widget").forEach((box) => seen.observe(box));
