// A page of its own for one anywidget: its module gets a stand-in for the kernel's model.
// The globals: widget (the module), state (its traits), model, saved (as last saved).
async ([source, state]) => {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  window.widget = await import(url);
  window.state = state;
  const heard = {};
  window.model = {
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
      (heard[`change:${name}`] ?? []).forEach((tell) => tell());
    },
    on: (name, tell) => (heard[name] ??= []).push(tell),
    off: () => {},
    save_changes: () => { window.saved = structuredClone(state); },
  };
  widget.default.render({ model, el: document.body });
}
