// What the tests of the static book ask of a page.
const site = {
  boxes: () => [...document.querySelectorAll(".ur-live, .ur-widget")],

  controls: (box) => [...box.querySelectorAll(
    "input:not([disabled]), select:not([disabled]), button:not([disabled]), [tabindex='0']")],

  focus(box, number) {
    const control = site.controls(box)[number];
    control?.focus();
    return Boolean(control);
  },

  // What is seen of an explorer: its picture, or what its own module has drawn.
  shown: (box) => box.matches(".ur-live") ? box.querySelector("img").src : box.innerHTML,

  // Milliseconds from a slider's move to its picture, decoded and about to be painted.
  async move(box, input, value) {
    const image = box.querySelector("img"), began = performance.now();
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await image.decode();
    return performance.now() - began;
  },

  async latencies(box) {
    const found = [];
    for (const input of box.querySelectorAll("input[type=range]")) {
      const stops = Number(input.max);
      const there = Array.from({ length: stops + 1 }, (_, i) => i);
      for (const stop of [...there, ...there.reverse()]) {
        if (stop === Number(input.value)) continue;
        found.push(await site.move(box, input, stop));
        await new Promise((resolve) => setTimeout(resolve, 30)); // as a key repeats
      }
    }
    return found;
  },

  // Links to other places of the book whose page or heading is not there.
  async broken() {
    const wrong = [], pages = new Map();
    for (const link of document.querySelectorAll("main a[href], aside a[href], nav a[href]")) {
      const url = new URL(link.href);
      if (url.origin !== location.origin) continue;
      if (!pages.has(url.pathname)) {
        const text = await (await fetch(url.pathname)).text();
        pages.set(url.pathname, new DOMParser().parseFromString(text, "text/html"));
      }
      const id = decodeURIComponent(url.hash.slice(1));
      const there = id.startsWith("setting-") || pages.get(url.pathname).getElementById(id);
      if (id && !there) wrong.push(link.getAttribute("href"));
    }
    return wrong;
  },

  // Formulas that are not set.
  raw: () => [...document.querySelectorAll(".math:not(:has(.katex)), .katex-error")]
    .map((formula) => formula.textContent),

  nameless: () => [...document.querySelectorAll("main img")]
    .filter((image) => !image.alt.trim()).map((image) => image.src),
};
