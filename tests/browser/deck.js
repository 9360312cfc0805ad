// The notebook as a lecture: jupyterlab-deck, stepped as its space bar does.
(() => {
  const u = window.unrolled;
  const notebook = () => jupyterapp.shell.currentWidget.content;
  const deck = (command, args) => jupyterapp.commands.execute(`deck:${command}`, args);
  const has = (name) => (one) => one.node.classList.contains(`jp-deck-mod-${name}`);
  const shown = (name) => notebook().widgets.filter(has(name));
  const box = (node) => node.getBoundingClientRect();

  u.hasDeck = () => jupyterapp.commands.hasCommand('deck:start');
  u.startDeck = async (id) => {
    u.activate(id);
    await deck('start');
  };
  u.active = () => notebook().activeCell.model.id;
  u.stopDeck = () => deck('stop');

  const drawn = ({ node }) => node.isConnected && box(node).height > 0
    && [...node.querySelectorAll('img')].every((image) => image.complete);
  const still = async () => { // until all of a slide is drawn and has stopped moving
    let before = '';
    for (let turn = 0, same = 0; turn < 300 && same < 1; turn++) {
      await u.painted();
      const cells = shown('onscreen');
      const now = JSON.stringify(cells.map(({ node }) => box(node)));
      same = cells.every(drawn) && now === before ? same + 1 : 0;
      before = now;
    }
  };
  const cut = (node) => { // how many pixels of it are beyond the page
    const { top, bottom, left, right } = box(node);
    return Math.ceil(Math.max(-top, -left, bottom - innerHeight, right - innerWidth, 0));
  };
  const scrolls = (node) => /auto|scroll/.test(getComputedStyle(node).overflowY)
    && node.scrollHeight > node.clientHeight + 1;
  const look = (cells) => {
    const { node } = notebook();
    const boxes = cells.map((cell) => box(cell.node));
    const parts = cells.flatMap((cell) => [...cell.node.querySelectorAll('*')]);
    const explorers = cells.filter(({ model }) => (model.getMetadata('tags') ?? []).includes('widget'));
    return {
      cells: cells.map(({ model }) => model.id),
      height: Math.ceil(Math.max(...boxes.map((b) => b.bottom)) - Math.min(...boxes.map((b) => b.top))),
      cut: Math.max(...cells.map((cell) => cut(cell.node)), Math.ceil(node.scrollTop)),
      scrolled: parts.filter(scrolls).map((part) => part.className),
      explorers: explorers.map(({ model }) => {
        const controls = u.elements(model.id), pictures = u.pictures(model.id);
        return {
          id: model.id,
          controls: controls.length,
          shows: pictures.length || (u.out(model.id)?.innerText ?? '').trim().length,
          cut: Math.max(...[...controls, ...pictures].map(cut), 0),
        };
      }),
    };
  };
  u.slides = async () => { // from the present cell to the end, in the order they are met
    const slides = [], own = notebook();
    own._trimSelections = () => {}; // moves the cursors of all cells: half of the time
    for (let at = -1; at !== notebook().activeCellIndex;) {
      at = notebook().activeCellIndex;
      const cells = shown('onscreen'), first = cells[0]?.model.id;
      if (slides.at(-1)?.cells[0] !== first) {
        await still();
        slides.push({ ...look(cells), visible: [] });
      }
      slides.at(-1).visible = shown('visible').map(({ model }) => model.id);
      await deck('go', { direction: 'down', alternate: 'forward' });
    }
    delete own._trimSelections;
    return slides;
  };
})();
