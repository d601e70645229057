// Two buttons that press the camera of the figure in a frame of the page, which draws it as it stands: PNG or SVG.

export default function pictures({ data, parentElement }) {
  const box = parentElement.querySelector(".pictures") ?? make("div", { class: "pictures" });
  if (!box.isConnected) parentElement.append(box);
  const buttons = pool(box, 2, () => make("button", { type: "button" }));
  ["png", "svg"].forEach((format, place) => {
    setText(buttons[place], data[format]);
    buttons[place].onclick = () => takePicture(data.frame, format);
  });
}

// Plotly's own button reads the format at the moment when it is pressed.
function takePicture(frame, format) {
  const graph = document.querySelector(`.st-key-${frame} .js-plotly-plot`);
  const camera = graph?.querySelector('.modebar-btn[data-title^="Download plot"]');
  if (!camera) return;
  const usual = graph._context.toImageButtonOptions;
  graph._context.toImageButtonOptions = { ...usual, format };
  camera.click();
  graph._context.toImageButtonOptions = usual;
}
