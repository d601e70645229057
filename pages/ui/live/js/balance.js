// Card of λ, what the balancing method multiplies each task's weight with; out of sight while no method says one.
// The axis is linear and holds 0: λ can be 0, and of some methods negative.

function makeBalanceCard(panel) {
  const card = makeCurves(panel, "balance");
  return { root: card.root, draw: () => drawBalanceCard(panel, card) };
}

function drawBalanceCard(panel, card) {
  const { run, words, view } = panel;
  const series = view.tasks.map((task) => balanceOf(run, task));
  card.root.hidden = series.every((one) => one === null);
  if (card.root.hidden) return;
  const name = say(words, "How much the method weighs each task");
  setText(card.title, name);
  setText(card.hint, say(words, "λ, on top of w · thin: each step · bold: smoothed"));
  const known = series.filter((one) => one !== null);
  const high = Math.max(...known.map(curveCeiling)) || 1;
  const low = Math.min(...known.map(curveFloor));
  drawCurves(panel, { card, series, name, low, high });
}

// The task's λ over the steps; null where the method has none.
function balanceOf(run, task) {
  const series = run.tasks.get(task.name);
  return series && series.balance.raw.length > 0 ? series.balance : null;
}
