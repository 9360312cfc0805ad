// One line that says whether the page and the kernel hear each other.
// The kernel sends `question`, the page answers question + 1, the kernel says `seen`.
export default {
  render({ model, el }) {
    const line = document.createElement("div");
    line.setAttribute("role", "status");
    line.style.cssText =
      "padding: 2px 8px; color: var(--jp-content-font-color1, #222);" +
      "font-family: var(--jp-content-font-family, sans-serif);";
    el.append(line);

    const tell = () => {
      line.textContent = model.get("seen")
        ? "OK  widgets: the page and the kernel answer each other"
        : "…  widgets: waiting for the kernel";
    };
    const late = setTimeout(() => {
      if (!model.get("seen")) {
        line.textContent =
          "✗ not OK  widgets: no answer. Restart the kernel (Kernel menu), reload this " +
          "page and run the notebook again.";
      }
    }, 10000);

    model.on("change:seen", tell);
    tell();
    model.set("answer", model.get("question") + 1);
    model.save_changes();
    return () => {
      clearTimeout(late);
      model.off("change:seen", tell);
    };
  },
};
