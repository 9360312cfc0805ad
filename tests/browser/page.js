// What the browser tests ask of the page. A cell is named by its id.
(() => {
  const u = (window.unrolled = {});
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const painted = u.painted = () => new Promise((resolve) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now());
    channel.port2.postMessage(0);
  }));

  // -- the notebook ------------------------------------------------------------------
  let panel = null;
  const kernel = () => panel.sessionContext.session?.kernel;
  const cell = (id) => panel.content.widgets.find((one) => one.model.id === id);
  const code = () => panel.content.widgets.filter((one) => one.model.type === 'code');
  u.out = (id) => cell(id).node.querySelector('.jp-Cell-outputWrapper');

  u.open = async (path) => {
    panel = await jupyterapp.commands.execute('docmanager:open', { path, factory: 'Notebook' });
    await panel.context.ready;
    await panel.sessionContext.ready;
  };
  u.ready = () => panel?.context.isReady && kernel()?.status === 'idle';
  u.close = async () => {
    await panel.sessionContext.shutdown();
    panel.context.model.dirty = false;
    panel.dispose();
    panel = null;
  };
  u.theme = (theme) => jupyterapp.commands.execute('apputils:change-theme', { theme });
  let running = false;
  const execute = (command) => {
    running = true;
    jupyterapp.commands.execute(command).finally(() => { running = false; });
  };
  u.runAll = () => execute('notebook:run-all-cells');
  u.activate = (id) => {
    const one = cell(id);
    panel.content.activeCellIndex = panel.content.widgets.indexOf(one);
    panel.content.mode = 'command';
    one.node.scrollIntoView({ block: 'center' });
    panel.content.activate();
    panel.content.node.focus();
  };
  u.run = (id) => { u.activate(id); execute('notebook:run-cell'); };
  u.done = () => !running && kernel()?.status === 'idle'
    && code().every((one) => one.model.executionState !== 'running');
  u.settle = async (quiet) => {
    let changes = 0;
    const observer = new MutationObserver((list) => { changes += list.length; });
    observer.observe(panel.content.node, { subtree: true, childList: true, characterData: true });
    const step = Math.min(50, quiet / 2);
    for (let still = 0, before = -1; still < quiet; still += step) {
      await sleep(step);
      if (kernel()?.status !== 'idle' || changes !== before) still = 0;
      before = changes;
    }
    observer.disconnect();
  };
  u.outputs = (id) => {
    const list = cell(id).model.outputs;
    return Array.from({ length: list.length }, (_, i) => list.get(i).toJSON());
  };
  u.text = async (id) => { // what is far out of sight has no text until it is shown,
    // and cells that are drawn above it meanwhile push it out of sight again
    const drawn = () => u.out(id)?.innerText || u.pictures(id).length;
    for (let turn = 0; turn < 100; turn++) {
      cell(id).node.scrollIntoView({ block: 'nearest' });
      u.out(id)?.scrollIntoView({ block: 'nearest' });
      await painted();
      if (drawn() || !u.outputs(id).length) break;
      await sleep(50);
    }
    return u.out(id)?.innerText ?? '';
  };
  u.folded = async (id) => { // a bar to click in place of what is stored
    for (let turn = 0; turn < 100; turn++) {
      cell(id).node.scrollIntoView({ block: 'nearest' });
      await painted();
      if (u.out(id)?.querySelector('.jp-OutputArea, .jp-OutputPlaceholder')) break;
      await sleep(50);
    }
    const seen = [...u.out(id).querySelectorAll('.jp-OutputArea-output')]
      .some((output) => output.getBoundingClientRect().height > 0);
    return !seen && !!u.out(id).querySelector('.jp-OutputPlaceholder');
  };
  u.ask = async (source) => {
    const future = kernel().requestExecute({ code: source, store_history: false });
    let said = '';
    future.onIOPub = ({ header, content }) => {
      if (header.msg_type === 'stream') said += content.text;
      if (header.msg_type === 'error') said += `${content.ename}: ${content.evalue}`;
    };
    await future.done;
    return said.trim();
  };
  const BROKEN = /Error displaying widget|Error creating widget|Failed to load (model|view) class|Loading widget/;
  u.problems = () => {
    const wrong = [];
    for (const one of code()) {
      const id = one.model.id;
      for (const output of u.outputs(id))
        if (output.output_type === 'error')
          wrong.push(`${id}: ${output.ename}: ${output.evalue}`);
      const text = u.out(id)?.textContent ?? '';
      if (BROKEN.test(text)) wrong.push(`${id}: ${text.match(BROKEN)[0]}`);
      if (text.includes('could not draw this'))
        wrong.push(`${id}: ${text.slice(text.indexOf('could not draw this')).slice(0, 200)}`);
      if (!one.model.executionCount && one.model.sharedModel.getSource().trim())
        wrong.push(`${id}: was not run`);
      for (const image of u.out(id)?.querySelectorAll('img') ?? [])
        if (image.complete && !image.naturalWidth) wrong.push(`${id}: a broken image`);
    }
    return wrong;
  };

  // -- controls ----------------------------------------------------------------------
  const KINDS = {
    slider: '.noUi-handle, input[type=range]',
    choice: 'select, input[type=radio]',
    toggle: 'input[type=checkbox]',
    text: 'input[type=text], input:not([type]), textarea',
    button: 'button',
  };
  const elements = u.elements = (id) => [...u.out(id).querySelectorAll(Object.values(KINDS).join())]
    .filter((e) => e.offsetWidth > 0 && !e.disabled && !e.closest('.jp-OutputCollapser, .jp-Toolbar, [disabled]'))
    .filter((e) => !e.closest('.widget-play') || e === e.closest('.widget-play').querySelector('button'))
    .filter((e) => e.tagName !== 'SELECT' || e.options.length > 1);
  u.controls = (id) => elements(id).map((e, number) => {
    const box = e.closest('.widget-slider, .jupyter-widgets') ?? e;
    const label = e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent
      ?? box.querySelector('.widget-label')?.textContent ?? '';
    return {
      number,
      kind: Object.keys(KINDS).find((kind) => e.matches(KINDS[kind])),
      play: !!e.closest('.widget-play'),
      label: (label || e.textContent || e.title).trim(),
      value: e.value ?? e.getAttribute('aria-valuenow'),
    };
  });
  u.focus = async (id, number) => {
    const e = elements(id)[number];
    e.scrollIntoView({ block: 'center' });
    await painted();
    e.focus({ preventScroll: true });
    if (e.matches(KINDS.text)) e.setSelectionRange(e.value.length, e.value.length);
    return document.activeElement === e && e.tabIndex >= 0;
  };

  // -- pictures ----------------------------------------------------------------------
  const short = (codes) => {
    let a = 0x9e3779b9, b = 0x85ebca6b;
    for (let i = 0; i < codes.length; i++) {
      a = Math.imul(a ^ (a >>> 15) ^ codes[i], 2654435761);
      b = Math.imul(b ^ (b >>> 15) ^ codes[i], 1597334677);
    }
    return `${(a >>> 0).toString(16)}-${(b >>> 0).toString(16)}-${codes.length}`;
  };
  const letters = (text) => short(new TextEncoder().encode(text));
  const drawing = ({ width, height }, context) => { // a PNG to compare takes 20 ms more
    const { data } = context.getImageData(0, 0, width, height);
    return `${width} ${short(new Uint32Array(data.buffer))}`;
  };
  u.pictures = (id) => [...(u.out(id)?.querySelectorAll('img, canvas, svg') ?? [])].filter((e) =>
    e.closest('.jp-OutputArea-output') && !e.closest('button')
    && !e.parentElement.closest('svg') && e.getBoundingClientRect().height > 40);
  u.picture = (id) => {
    const parts = [];
    for (const e of u.pictures(id))
      parts.push(e.tagName === 'IMG' ? e.src : e.tagName === 'CANVAS' ? drawing(e, e.getContext('2d')) : e.outerHTML);
    if (!parts.length) {
      const copy = u.out(id).cloneNode(true);
      copy.querySelectorAll('.widget-slider, input, select, button').forEach((e) => e.remove());
      parts.push(copy.innerHTML); // its words, then, without those of the controls
    }
    return letters(parts.join('\n'));
  };
  let second = null;
  u.secondView = async () => {
    const before = new Set(jupyterapp.shell.widgets('main'));
    await jupyterapp.commands.execute('notebook:create-output-view');
    second = [...jupyterapp.shell.widgets('main')].find((widget) => !before.has(widget));
    jupyterapp.shell.activateById(panel.id);
  };
  u.closeSecondView = () => second.dispose();
  u.sameInSecondView = async (id) => {
    const look = async (picture) => {
      if (picture.tagName === 'IMG') await picture.decode();
      const paper = new OffscreenCanvas(900, 360).getContext('2d');
      paper.drawImage(picture, 0, 0, 900, 360);
      return drawing(paper.canvas, paper);
    };
    const there = [...second.node.querySelectorAll('.jp-RenderedImage > *')]
      .filter((one) => getComputedStyle(one).display !== 'none');
    return there.length === 1 && await look(there[0]) === await look(u.pictures(id)[0]);
  };
  let watched = null;
  u.watch = (id) => {
    const state = (watched = { id, before: u.picture(id), t0: null, t: null });
    window.addEventListener('keydown', (e) => { state.t0 ??= e.timeStamp; }, { capture: true, once: true });
    state.observer = new MutationObserver(() => { state.t = performance.now(); });
    state.observer.observe(u.out(id), { subtree: true, childList: true, attributes: true, characterData: true });
  };
  u.seen = async (patience) => {
    const state = watched;
    const changed = () => u.picture(state.id) !== state.before;
    let idle = 0, when = null, drawn = false;
    // Give up only once the kernel has had nothing to do for so many milliseconds.
    for (let turn = 0; idle < patience && turn < 2000; turn++) {
      const t = state.t;
      if (t !== null && t !== when) {
        when = t;
        if (changed()) { drawn = true; break; }
      }
      await sleep(4);
      idle = kernel()?.status === 'idle' ? idle + 4 : 0;
    }
    drawn ||= changed(); // a canvas changes without a mutation
    const end = await painted();
    state.observer.disconnect();
    await u.settle(40);
    return {
      changed: drawn,
      ms: drawn && when !== null && state.t0 !== null ? end - state.t0 : null,
      said: u.out(state.id)?.textContent ?? '',
    };
  };
})();
