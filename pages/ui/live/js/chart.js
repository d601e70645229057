// The frame that both curve charts share: axes, one group of marks per task, labels at the end of the lines.

const CHART = { left: 40, top: 12, bottom: 24, height: 196, compactHeight: 150, labelSize: 13, labelGap: 17, labelName: 104 };

function makeChart() {
  const svg = makeDrawing("chart");
  const grid = makeSvg("g", { class: "grid-lines" });
  const ticksX = makeSvg("g", { class: "ticks" });
  const ticksY = makeSvg("g", { class: "ticks" });
  const marks = makeSvg("g");
  const labels = makeSvg("g");
  const cursor = makeSvg("line", { class: "cursor" });
  svg.append(grid, ticksX, ticksY, cursor, marks, labels);
  const chart = { svg, grid, ticksX, ticksY, marks, labels, cursor, hoverStep: null };
  followPointer(chart);
  return chart;
}

// The step under the pointer, kept until the pointer leaves; the labels then tell that step's values.
function followPointer(chart) {
  chart.svg.addEventListener("pointermove", (event) => {
    if (!chart.frame) return;
    const { left, right, from, to } = chart.frame;
    const x = event.clientX - chart.svg.getBoundingClientRect().left;
    const isInside = x >= left && x <= right;
    chart.hoverStep = isInside ? Math.round(from + ((x - left) / (right - left)) * (to - from)) : null;
    chart.onHover?.();
  });
  chart.svg.addEventListener("pointerleave", () => {
    chart.hoverStep = null;
    chart.onHover?.();
  });
}

// Lay out the axes for a width in pixels; returns the two scales and the frame in between.
function drawFrame(panel, chart, { width, height, lastStep, low, high, labelWidth }) {
  const right = Math.max(CHART.left + 60, width - labelWidth - 14);
  setSize(chart.svg, { width, height });
  const bottom = height - CHART.bottom;
  const ticks = niceTicks(low, high, height < 180 ? 3 : 5);
  const scaleY = linearScale(ticks[0], ticks[ticks.length - 1], bottom, CHART.top);
  const scaleX = linearScale(0, Math.max(1, lastStep), CHART.left, right);
  chart.frame = { left: CHART.left, right, top: CHART.top, bottom, from: 0, to: Math.max(1, lastStep) };
  drawTicksY(chart, ticks, scaleY);
  drawTicksX(panel, chart, lastStep, scaleX, bottom);
  drawCursor(chart, scaleX);
  return { scaleX, scaleY, bottom, right, height };
}

function drawTicksY(chart, ticks, scaleY) {
  const digits = tickDigits(ticks);
  const lines = pool(chart.grid, ticks.length, () => makeSvg("line"));
  const texts = pool(chart.ticksY, ticks.length, () => makeSvg("text", { "text-anchor": "end", dy: "0.35em" }));
  ticks.forEach((tick, index) => {
    const y = scaleY(tick).toFixed(1);
    setAttributes(lines[index], { x1: chart.frame.left, x2: chart.frame.right, y1: y, y2: y });
    setAttributes(texts[index], { x: chart.frame.left - 8, y });
    setText(texts[index], Math.abs(tick) < 1e5 ? tick.toFixed(digits) : tick.toExponential());
  });
}

function drawTicksX(panel, chart, lastStep, scaleX, bottom) {
  const most = Math.max(1, Math.floor((chart.frame.right - chart.frame.left) / 84));
  const ticks = niceTicks(0, Math.max(1, lastStep), most).filter((tick) => tick <= lastStep && Number.isInteger(tick));
  const texts = pool(chart.ticksX, ticks.length, () => makeSvg("text", { "text-anchor": "middle" }));
  ticks.forEach((tick, index) => {
    setAttributes(texts[index], { x: scaleX(tick).toFixed(1), y: bottom + 17 });
    setText(texts[index], wholeNumber(panel.words, tick));
  });
}

function drawCursor(chart, scaleX) {
  const isShown = chart.hoverStep !== null;
  setAttributes(chart.cursor, { visibility: isShown ? "visible" : "hidden" });
  if (!isShown) return;
  const x = scaleX(chart.hoverStep).toFixed(1);
  setAttributes(chart.cursor, { x1: x, x2: x, y1: chart.frame.top, y2: chart.frame.bottom });
}

// Room kept to the right of the plot for the longest label; narrow charts write it on two lines.
function labelRoom(panel, entries, width) {
  const isNarrow = width < 400;
  const shortened = entries.map((entry) => fitText(panel, entry.name, CHART.labelName, CHART.labelSize, 700));
  const widths = entries.flatMap(({ value }, rank) => {
    const parts = isNarrow ? [shortened[rank], value] : [`${shortened[rank]} ${value}`];
    return parts.map((part) => textWidth(panel, part, CHART.labelSize, 700));
  });
  return { isNarrow, labelWidth: Math.max(48, ...widths) + 8 };
}

function makeLabel() {
  const name = makeSvg("tspan");
  const value = makeSvg("tspan");
  return makeSvg("text", { class: "line-label" }, name, value);
}

// Name and value where each line ends, moved apart where they would touch. An entry: {index, name, value, x, y}.
// Returns the box that each label covers.
function drawLabels(panel, chart, entries, isNarrow, { height, bottom }) {
  const gap = isNarrow ? CHART.labelGap * 2 - 3 : CHART.labelGap;
  const tightGap = Math.min(gap, (height - 16) / Math.max(1, entries.length));
  const places = spread(
    entries.map((entry) => entry.y),
    tightGap,
    10,
    bottom - (isNarrow ? 14 : 0),
  );
  const texts = pool(chart.labels, entries.length, makeLabel);
  return entries.map((entry, rank) => {
    const text = texts[rank];
    const x = (entry.x + 9).toFixed(1);
    const [name, value] = text.childNodes;
    setAttributes(text, { x, y: (places[rank] + 4).toFixed(1), class: `line-label task-${entry.index % 8}` });
    setText(name, fitText(panel, entry.name, CHART.labelName, CHART.labelSize, 700));
    setAttributes(value, isNarrow ? { x, dy: "1.15em", dx: null } : { x: null, dy: null, dx: "0.3em" });
    setText(value, entry.value);
    const widths = [name, value].map((part) => textWidth(panel, part.textContent, CHART.labelSize, 700));
    const width = isNarrow ? Math.max(...widths) : widths[0] + widths[1] + 5;
    const top = places[rank] - 9;
    return { left: entry.x + 5, right: entry.x + 9 + width, top, bottom: top + CHART.labelGap + (isNarrow ? 15 : 0) };
  });
}

// One group of marks per task, in the task's colour.
function taskGroups(panel, chart, create) {
  const groups = pool(chart.marks, panel.view.tasks.length, create);
  panel.view.tasks.forEach((_, index) => setAttributes(groups[index], { class: `marks task-${index % 8}` }));
  return groups;
}

function leastHeight(view) {
  return view.is_compact ? CHART.compactHeight : CHART.height;
}

function lastOf(values) {
  return values[values.length - 1];
}
