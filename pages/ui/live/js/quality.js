// Card "AUC per task" (RMSE for regression): validation over the steps with its 95 % interval as a band and the
// best possible as a dotted line; beneath, every number with the positives it rests on, in the end of the test split.

const ORACLE = { size: 11, height: 12 }; // px

function makeQualityCard(panel) {
  const card = makeCard("auc");
  const charts = { binary: makeQualityChart(panel), regression: makeQualityChart(panel) };
  const heading = make("span", { class: "quiet" });
  const lines = make("span");
  const readout = make("p", { class: "readout" }, heading, lines);
  card.body.append(charts.binary.svg, charts.regression.svg);
  card.root.append(readout);
  return { root: card.root, draw: () => drawQualityCard(panel, card, charts, { heading, lines }) };
}

function makeQualityChart(panel) {
  const chart = makeChart();
  chart.oracleLabels = makeSvg("g");
  chart.svg.insertBefore(chart.oracleLabels, chart.labels);
  chart.onHover = panel.requestDraw;
  return chart;
}

function makeQualityMarks() {
  const band = makeSvg("path", { class: "band" });
  const oracle = makeSvg("line", { class: "oracle" });
  const line = makeSvg("path", { class: "smooth" });
  const dot = makeSvg("circle", { class: "dot", r: 4 });
  return makeSvg("g", {}, band, oracle, line, dot);
}

function tasksOfKind(view, kind) {
  return view.tasks.map((task, index) => ({ ...task, index })).filter((task) => task.kind === kind);
}

function drawQualityCard(panel, card, charts, readout) {
  const { words, view } = panel;
  const binary = tasksOfKind(view, "binary");
  const regression = tasksOfKind(view, "regression");
  const hint = binary.length
    ? say(words, "validation, 95 % interval · dotted: the best that is possible")
    : say(words, "validation, in units of the label · lower is better");
  setText(card.title, qualityTitle(words, binary.length > 0, regression.length > 0));
  setText(card.hint, hint);
  drawQualityChart(panel, card, charts.binary, binary, "auc");
  drawQualityChart(panel, card, charts.regression, regression, "rmse");
  drawReadout(panel, readout);
}

function qualityTitle(words, hasBinary, hasRegression) {
  if (hasBinary && hasRegression) return say(words, "AUC and RMSE per task");
  return hasRegression ? say(words, "RMSE per task") : say(words, "AUC per task");
}

// One task's defined measures, ready to draw.
function measuredPoints(run, task, measure) {
  const measures = run.tasks.get(task.name)?.measures ?? [];
  return measures.filter(({ metrics }) => metrics[measure] !== null && metrics[measure] !== undefined);
}

function drawQualityChart(panel, card, chart, tasks, measure) {
  chart.svg.style.display = tasks.length ? "" : "none";
  if (tasks.length === 0) return;
  const { run, words } = panel;
  const width = panel.sizes.get(card.body).width;
  const lines = tasks.map((task) => ({ task, points: measuredPoints(run, task, measure) }));
  const shown = lines.map(({ task, points }) => ({
    index: task.index,
    name: task.label,
    point: pointAt(points, chart.hoverStep),
    last: lastOf(points),
  }));
  const named = shown.map((one) => ({ ...one, value: one.point ? measureText(words, one.point.metrics, measure) : "" }));
  const room = labelRoom(panel, named, width);
  const lastStep = Math.max(run.totalSteps ?? 0, run.lastStep, 10);
  const height = leastHeight(panel.view);
  const [low, high] = measure === "auc" ? aucRange(lines) : rmseRange(lines);
  const frame = drawFrame(panel, chart, { width, height, lastStep, low, high, labelWidth: room.labelWidth });
  const groups = pool(chart.marks, tasks.length, makeQualityMarks);
  lines.forEach((line, rank) => drawQualityMarks(groups[rank], line, shown[rank].point, frame));
  const labels = named
    .filter(({ last }) => last)
    .map((one) => ({ ...one, x: frame.scaleX(one.last.step), y: frame.scaleY(one.last.metrics[measure]) }));
  const boxes = drawLabels(panel, chart, labels, room.isNarrow, frame);
  drawOracles(panel, chart, lines, boxes, frame);
  const title = measure === "auc" ? say(words, "AUC per task") : say(words, "RMSE per task");
  describe(chart.svg, `${title}: ${named.map(({ name, value }) => `${name} ${value}`).join(", ")}`);
}

function pointAt(points, step) {
  if (step === null) return lastOf(points);
  const index = indexAtOrBefore(
    points.map((one) => one.step),
    step,
  );
  return index < 0 ? lastOf(points) : points[index];
}

// 0.5 to 1 as long as nothing is worse than guessing.
function aucRange(lines) {
  const lowest = Math.min(0.5, ...lines.flatMap(({ points }) => points.map(({ metrics }) => metrics.auc)));
  return [Math.floor(lowest * 10 + 1e-9) / 10, 1];
}

function rmseRange(lines) {
  return [0, Math.max(0, ...lines.flatMap(({ points }) => points.map(({ metrics }) => metrics.rmse))) || 1];
}

function drawQualityMarks(group, { task, points }, shownPoint, { scaleX, scaleY, right, bottom }) {
  const [band, oracle, line, dot] = group.childNodes;
  const measure = task.kind === "binary" ? "auc" : "rmse";
  const steps = points.map(({ step }) => step);
  const within = (value) => Math.min(bottom, scaleY(value));
  const banded = points.filter(({ metrics }) => hasInterval(metrics));
  setAttributes(group, { class: `marks task-${task.index % 8}` });
  setAttributes(line, { d: linePath(steps, points.map(({ metrics }) => metrics[measure]), scaleX, within) });
  setAttributes(band, {
    d: bandPath(
      banded.map(({ step }) => step),
      banded.map(({ metrics }) => metrics.auc_low),
      banded.map(({ metrics }) => metrics.auc_high),
      scaleX,
      within,
    ),
  });
  setAttributes(dot, { visibility: shownPoint ? "visible" : "hidden" });
  if (shownPoint) setAttributes(dot, { cx: scaleX(shownPoint.step).toFixed(1), cy: within(shownPoint.metrics[measure]).toFixed(1) });
  drawOracleLine(oracle, oracleOf(points), scaleX, scaleY, right);
}

function hasInterval(metrics) {
  return typeof metrics.auc_low === "number" && typeof metrics.auc_high === "number";
}

function oracleOf(points) {
  return lastOf(points)?.metrics.oracle_auc ?? null;
}

function drawOracleLine(line, oracle, scaleX, scaleY, right) {
  setAttributes(line, { visibility: oracle === null ? "hidden" : "visible" });
  if (oracle === null) return;
  const y = scaleY(oracle).toFixed(1);
  setAttributes(line, { x1: scaleX(0).toFixed(1), x2: right.toFixed(1), y1: y, y2: y });
}

// Written where nothing else is drawn, best at the end of its line; where no place is free the readout says it.
function drawOracles(panel, chart, lines, curveLabels, frame) {
  const known = lines
    .map(({ task, points }) => ({ task, oracle: oracleOf(points) }))
    .filter(({ oracle }) => oracle !== null);
  const heights = known.map(({ oracle }) => frame.scaleY(oracle));
  const taken = [...curveLabels, ...lines.flatMap(({ points }) => curveBoxes(points, frame))];
  const texts = pool(chart.oracleLabels, known.length, () => makeSvg("text", { "text-anchor": "start" }));
  known.forEach(({ task, oracle }, rank) => {
    const text = say(panel.words, "oracle {value}", { value: oracle.toFixed(3) });
    const others = heights.filter((_, other) => other !== rank);
    const box = oraclePlaces(heights[rank], textWidth(panel, text, ORACLE.size, 400), frame).find((place) => isFree(place, taken, others));
    setAttributes(texts[rank], { class: `oracle-label task-${task.index % 8}`, visibility: box ? "visible" : "hidden" });
    setText(texts[rank], text);
    if (!box) return;
    setAttributes(texts[rank], { x: box.left.toFixed(1), y: (box.bottom - 2).toFixed(1) });
    taken.push(box);
  });
}

// Boxes above and below a dotted line: at its end, in its middle, at its start.
function oraclePlaces(line, width, { scaleX, right }) {
  const start = scaleX(0) + 8;
  const lefts = [right - width, (start + right - width) / 2, start].filter((left) => left >= start);
  return [line - ORACLE.height - 3, line + 3].flatMap((top) =>
    lefts.map((left) => ({ left, right: left + width, top, bottom: top + ORACLE.height })),
  );
}

function isFree(box, taken, heights) {
  const touches = (one) => one.left < box.right && one.right > box.left && one.top < box.bottom && one.bottom > box.top;
  return box.top >= 0 && !taken.some(touches) && !heights.some((y) => y > box.top && y < box.bottom);
}

// What a curve covers, piece by piece; cut where it is steep, so that a piece is no larger than it must be.
function curveBoxes(points, { scaleX, scaleY, bottom }) {
  const places = points.map(({ step, metrics }) => [scaleX(step), Math.min(bottom, scaleY(metrics.auc ?? metrics.rmse))]);
  return places.flatMap(([x, y], index) => {
    const [toX, toY] = places[index + 1] ?? [x, y];
    const pieces = Math.max(1, Math.ceil(Math.abs(toY - y) / 4));
    return Array.from({ length: pieces }, (_, piece) => {
      const at = (share) => [x + (toX - x) * share, y + (toY - y) * share];
      const [[left, one], [end, other]] = [at(piece / pieces), at((piece + 1) / pieces)];
      return { left: left - 2, right: end + 2, top: Math.min(one, other) - 2, bottom: Math.max(one, other) + 2 };
    });
  });
}
