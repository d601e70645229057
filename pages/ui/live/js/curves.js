// A card of curves over the steps, one per task: every step thin, the running mean bold, its value at its end.

function makeCurves(panel, part) {
  const card = makeCard(part);
  const chart = makeChart();
  const changes = makeSvg("path", { class: "changes" });
  chart.svg.insertBefore(changes, chart.marks);
  chart.onHover = panel.requestDraw;
  card.body.append(chart.svg);
  return { ...card, chart, changes };
}

function makeCurveMarks() {
  const raw = makeSvg("path", { class: "raw" });
  const smooth = makeSvg("path", { class: "smooth" });
  const dot = makeSvg("circle", { class: "dot", r: 4 });
  return makeSvg("g", {}, raw, smooth, dot);
}

// `series` is one curve per task, null where nothing is known; `name` what they are, for who listens.
function drawCurves(panel, { card, series, name, low, high }) {
  const { run, words, view } = panel;
  const { chart } = card;
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
  const frame = drawFrame(panel, chart, { ...size, lastStep, low, high, labelWidth: room.labelWidth });
  const groups = taskGroups(panel, chart, makeCurveMarks);
  series.forEach((one, index) => drawCurveMarks(groups[index], run, one, frame, at));
  drawLabels(panel, chart, curveLabels(named, series, run, frame, at), room.isNarrow, frame);
  drawChanges(run, card.changes, frame);
  describe(chart.svg, `${name}: ${named.map((one) => `${one.name} ${one.value}`).join(", ")}`);
}

// High enough for the bold line and all but the wildest steps; likewise low enough.
function curveCeiling(series) {
  if (series.raw.length === 0) return 0;
  return Math.max(1.05 * series.smooth.reduce((most, one) => Math.max(most, one), 0), quantile(series.raw, 0.99));
}

function curveFloor(series) {
  if (series.raw.length === 0) return 0;
  return Math.min(1.05 * series.smooth.reduce((least, one) => Math.min(least, one), 0), quantile(series.raw, 0.01));
}

function within({ scaleY, bottom }, value) {
  return Math.min(bottom, Math.max(CHART.top, scaleY(value)));
}

function drawCurveMarks(group, run, series, frame, at) {
  const { scaleX } = frame;
  const [raw, smooth, dot] = group.childNodes;
  const steps = series ? run.steps : [];
  const clipped = (value) => within(frame, value);
  setAttributes(raw, { d: series ? linePath(steps, series.raw, scaleX, clipped) : "" });
  setAttributes(smooth, { d: series ? linePath(steps, series.smooth, scaleX, clipped) : "" });
  const isShown = series !== null && at >= 0;
  setAttributes(dot, { visibility: isShown ? "visible" : "hidden" });
  if (isShown) setAttributes(dot, { cx: scaleX(run.steps[at]).toFixed(1), cy: clipped(series.smooth[at]).toFixed(1) });
}

// Labels stay at the end of the lines, also while another step's values are read.
function curveLabels(named, series, run, frame, at) {
  const end = run.steps.length - 1;
  if (at < 0) return [];
  return named
    .filter(({ index }) => series[index])
    .map((entry) => ({
      ...entry,
      x: frame.scaleX(run.steps[end]),
      y: within(frame, series[entry.index].smooth[end]),
    }));
}

function drawChanges(run, path, { scaleX, bottom }) {
  const ticks = run.changes.map((change) => `M${point(scaleX(change.step), bottom + 5)}v-9`);
  setAttributes(path, { d: ticks.join("") });
}
