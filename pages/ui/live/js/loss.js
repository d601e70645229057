// Card "Loss per task": every step thin, the running mean bold, live changes as ticks on the ground line.

function makeLossCard(panel) {
  const card = makeCard("loss");
  const chart = makeChart();
  const changes = makeSvg("path", { class: "changes" });
  chart.svg.insertBefore(changes, chart.marks);
  chart.onHover = panel.requestDraw;
  card.body.append(chart.svg);
  return { root: card.root, draw: () => drawLossCard(panel, card, chart, changes) };
}

function makeLossMarks() {
  const raw = makeSvg("path", { class: "raw" });
  const smooth = makeSvg("path", { class: "smooth" });
  const dot = makeSvg("circle", { class: "dot", r: 4 });
  return makeSvg("g", {}, raw, smooth, dot);
}

function drawLossCard(panel, card, chart, changes) {
  const { run, words, view } = panel;
  setText(card.title, say(words, "Loss per task"));
  setText(card.hint, say(words, "thin: each step · bold: smoothed"));
  const series = view.tasks.map((task) => run.tasks.get(task.name) ?? null);
  const seen = chart.hoverStep === null ? -1 : indexAtOrBefore(run.steps, chart.hoverStep);
  const at = seen < 0 ? run.steps.length - 1 : seen;
  const named = view.tasks.map((task, index) => ({
    index,
    name: task.label,
    value: at >= 0 && series[index] ? lossNumber(words, series[index].smooth[at]) : "",
  }));
  const size = roomOf(panel, card, leastHeight(view));
  const room = labelRoom(panel, named, size.width);
  const lastStep = Math.max(run.totalSteps ?? 0, run.lastStep, 10);
  const high = Math.max(...series.map((one) => (one ? lossCeiling(one) : 0))) || 1;
  const frame = drawFrame(panel, chart, { ...size, lastStep, low: 0, high, labelWidth: room.labelWidth });
  const groups = taskGroups(panel, chart, makeLossMarks);
  series.forEach((one, index) => drawLossMarks(groups[index], run, one, frame, at));
  drawLabels(panel, chart, lossLabels(named, series, run, frame, at), room.isNarrow, frame);
  drawChanges(panel, changes, frame);
  describeLoss(panel, chart, named);
}

// High enough for the bold line and all but the wildest steps.
function lossCeiling(series) {
  if (series.raw.length === 0) return 0;
  return Math.max(1.05 * series.smooth.reduce((most, one) => Math.max(most, one), 0), quantile(series.raw, 0.99));
}

function drawLossMarks(group, run, series, { scaleX, scaleY }, at) {
  const [raw, smooth, dot] = group.childNodes;
  const steps = series ? run.steps : [];
  const ground = CHART.top;
  const clipped = (value) => Math.max(ground, scaleY(value));
  setAttributes(raw, { d: series ? linePath(steps, series.raw, scaleX, clipped) : "" });
  setAttributes(smooth, { d: series ? linePath(steps, series.smooth, scaleX, clipped) : "" });
  const isShown = series !== null && at >= 0;
  setAttributes(dot, { visibility: isShown ? "visible" : "hidden" });
  if (isShown) setAttributes(dot, { cx: scaleX(run.steps[at]).toFixed(1), cy: clipped(series.smooth[at]).toFixed(1) });
}

// Labels stay at the end of the lines, also while another step's values are read.
function lossLabels(named, series, run, { scaleX, scaleY }, at) {
  const end = run.steps.length - 1;
  if (at < 0) return [];
  return named
    .filter(({ index }) => series[index])
    .map((entry) => ({
      ...entry,
      x: scaleX(run.steps[end]),
      y: Math.max(CHART.top, scaleY(series[entry.index].smooth[end])),
    }));
}

function drawChanges(panel, path, { scaleX, bottom }) {
  const ticks = panel.run.changes.map((change) => `M${point(scaleX(change.step), bottom + 5)}v-9`);
  setAttributes(path, { d: ticks.join("") });
}

function describeLoss(panel, chart, named) {
  const values = named.map(({ name, value }) => `${name} ${value}`).join(", ");
  describe(chart.svg, `${say(panel.words, "Loss per task")}: ${values}`);
}
