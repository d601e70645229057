// Card "Loss per task": its curves, with live changes as ticks on the ground line.

function makeLossCard(panel) {
  const card = makeCurves(panel, "loss");
  return { root: card.root, draw: () => drawLossCard(panel, card) };
}

function drawLossCard(panel, card) {
  const { run, words, view } = panel;
  const name = say(words, "Loss per task");
  setText(card.title, name);
  setText(card.hint, say(words, "thin: each step · bold: smoothed"));
  const series = view.tasks.map((task) => run.tasks.get(task.name)?.loss ?? null);
  const high = Math.max(...series.map((one) => (one ? curveCeiling(one) : 0))) || 1;
  drawCurves(panel, { card, series, name, low: 0, high });
}
