// In command mode JupyterLab takes arrow keys, letters and Enter for itself, also while
// a drop-down list has the focus. The attribute leaves them to the control; it has to
// be on the very element that has the focus, so that is when each control gets it.
export default {
  render({ el }) {
    const listen = () => {
      if (!el.isConnected) return requestAnimationFrame(listen);
      el.closest(".widget-vbox")?.addEventListener("focusin", (event) =>
        event.target.setAttribute("data-lm-suppress-shortcuts", "true"));
    };
    listen();
  },
};
