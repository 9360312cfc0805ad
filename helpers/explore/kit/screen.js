// Shows the frames of a live figure past JupyterLab's outputs. The picture and the lines
// under it come after the controls in the same output area: a canvas takes the place of
// the picture, and the lines are changed where they stand.
export default {
  render({ model, el }) {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", model.get("alt"));
    Object.assign(canvas.style, { maxWidth: "100%", display: "block" });
    let number = 0, pixels = null; // of the frame on the canvas
    let order = Promise.resolve();

    const places = () => {
      const images = el.closest(".jp-OutputArea")?.querySelectorAll(".jp-RenderedImage img");
      const image = [...images ?? []].find((one) =>
        el.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
      const lines = image?.closest(".jp-OutputArea-child")?.nextElementSibling
        ?.querySelector(".jp-RenderedHTML");
      return lines ? { image, lines } : null;
    };
    const tell = (shows) => {
      if (shows === model.get("shows")) return;
      model.set("shows", shows);
      model.save_changes();
    };
    const drawWhole = async (png) => {
      const picture = await createImageBitmap(new Blob([png], { type: "image/png" }));
      const { width, height } = picture;
      Object.assign(canvas, { width, height });
      pen.drawImage(picture, 0, 0);
      picture.close();
      pixels = pen.getImageData(0, 0, width, height);
    };
    const drawRuns = ({ buffer, byteOffset, byteLength }) => {
      const runs = new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength));
      const page = new Uint32Array(pixels.data.buffer), { width } = pixels;
      const fill = (i, shift) => {
        const colour = (runs[i + 1] | 0xff000000) >>> 0;
        const start = runs[i] + shift, end = start + (runs[i + 1] >>> 24);
        for (let at = start; at < end; at++) page[at] = colour;
      };
      let row = -1, first = 0; // the row drawn last, and the first of its runs
      for (let i = 0; i < runs.length; i += 2) {
        const here = Math.floor(runs[i] / width);
        if (runs[i + 1] >>> 24) {
          if (here !== row) [row, first] = [here, i];
          fill(i, 0);
        } else { // so many rows change as the one above
          for (let k = 1; k <= runs[i + 1]; k++)
            for (let j = first; j < i; j += 2) fill(j, k * width);
          row = here + runs[i + 1] - 1;
        }
      }
      const top = Math.floor(runs[0] / width);
      pen.putImageData(pixels, 0, 0, 0, top, width, row + 1 - top);
    };
    const show = async (frame, [bytes]) => {
      const known = frame.whole || number === frame.number - 1;
      if (known && places()) {
        if (frame.whole) await drawWhole(bytes);
        else if (bytes.byteLength) drawRuns(bytes);
        number = frame.number;
      }
      const here = known && places(); // anew: outputs may have been made anew meanwhile
      if (here) {
        const { image, lines } = here;
        if (frame.lines) lines.innerHTML = frame.lines;
        canvas.dataset.frame = number;
        if (canvas.previousElementSibling !== image) {
          canvas.style.width = `${image.getAttribute("width")}px`;
          image.after(canvas);
          image.style.display = "none";
        }
      }
      tell(!!here);
    };
    const queue = (frame, buffers) => {
      order = order.then(() => show(frame, buffers)).catch(() => tell(false));
    };
    model.on("msg:custom", queue);
    return () => model.off("msg:custom", queue);
  },
};
