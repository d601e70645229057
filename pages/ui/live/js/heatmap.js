// Card "Who listens to whom?": mean gate weight, task × expert, on a fixed 0-to-1 scale, the value in the cell and
// the untrained gate as a thin strip beneath. With many experts cells shrink and lose their numbers.

const HEAT = { cell: 44, mostCell: 64, compactCell: 34, strip: 7, gap: 2, between: 10, rowGap: 16, header: 20, numberFrom: 30, numberLeast: 24, crossLeast: 9, strongFrom: 0.57 };

function makeGatesCard(panel) {
  const card = makeCard("gates");
  const svg = makeDrawing("heatmap");
  const header = makeSvg("g", { class: "ticks" });
  const rows = makeSvg("g");
  svg.append(header, rows);
  const footer = make("span", { class: "facts" });
  card.body.append(svg);
  card.root.append(make("p", { class: "readout clip" }, footer));
  return { root: card.root, draw: () => drawGatesCard(panel, card, { svg, header, rows, footer }) };
}

function drawGatesCard(panel, card, parts) {
  const { words, view, run } = panel;
  const now = taskGates(run.gates, view);
  const before = view.has_choice ? taskGates(run.untrained, view) : null;
  setText(card.title, say(words, "Who listens to whom?"));
  setText(card.hint, view.gates_note || gatesHint(words, run));
  const layout = heatLayout(panel, card, view.experts.length);
  setSize(parts.svg, layout);
  drawExpertNames(panel, parts.header, view, layout);
  const rows = pool(parts.rows, view.tasks.length, makeHeatRow);
  view.tasks.forEach((task, index) => drawHeatRow(panel, rows[index], { task, index, now, before, layout }));
  describe(parts.svg, describeGates(words, view, now));
  drawDistances(panel, parts.footer, now, before);
}

function gatesHint(words, run) {
  if (run.end) return say(words, "mean gate weight of the best weights, task × expert, scale 0 to 1");
  return say(words, "mean gate weight, task × expert, scale fixed at 0 to 1");
}

// Names stand at the left of their row, or above it where the card is narrow.
function heatLayout(panel, card, experts) {
  const { words, view } = panel;
  const { width } = panel.sizes.get(card.body);
  const isStacked = width < 400;
  const nameWidths = view.tasks.map((task) => textWidth(panel, task.label, 13, 700) + 22);
  const nameRoom = Math.max(...nameWidths, textWidth(panel, say(words, "untrained"), 11) + 8);
  const left = isStacked ? 0 : Math.min(width * 0.3, nameRoom);
  const groups = expertGroups(view);
  const between = Math.min(HEAT.between, (0.3 * (width - left)) / experts);
  const pitch = (width - left - between * (groups.length - 1)) / experts;
  const gap = pitch > 8 ? HEAT.gap : pitch > 4 ? 0.5 : 0;
  const least = view.is_compact ? HEAT.compactCell : HEAT.cell;
  const beneath = 3 + HEAT.strip + (isStacked ? 34 : HEAT.rowGap);
  const heightFor = (cell) => HEAT.header + (cell + beneath) * view.tasks.length - (isStacked ? 16 : HEAT.rowGap) + 4;
  const room = roomOf(panel, card, heightFor(least));
  const grown = least + Math.floor((room.height - heightFor(least)) / view.tasks.length);
  const cellHeight = Math.min(HEAT.mostCell, grown);
  const rowHeight = cellHeight + beneath;
  const height = heightFor(cellHeight);
  const leftOf = (expert) => left + expert * pitch + between * groupIndex(groups, expert);
  return { width, isStacked, left, pitch, gap, leftOf, cellHeight, rowHeight, height, experts };
}

// Every name where there is room, else each group's; where there is one group only, the first and every so many-th.
function drawExpertNames(panel, header, view, layout) {
  const told = namesThatFit(panel, view, layout);
  const texts = pool(header, told.length, () => makeSvg("text", { "text-anchor": "middle" }));
  told.forEach(({ expert, middle, text, isStart }, rank) => {
    setAttributes(texts[rank], { x: middle.toFixed(1), y: 12, "text-anchor": isStart ? "start" : "middle" });
    setAttributes(texts[rank], { class: `expert-name${ownerClass(view.owners[expert])}` });
    setText(texts[rank], text);
  });
}

function namesThatFit(panel, view, layout) {
  const names = view.experts;
  const widest = Math.max(...names.map((name) => textWidth(panel, name, 11)));
  const groups = expertGroups(view);
  if (widest + 6 > layout.pitch && groups.length > 1) {
    return groups.map((group) => {
      const end = layout.leftOf(group.first + group.count - 1) + layout.pitch;
      const start = layout.leftOf(group.first);
      const text = fitText(panel, groupName(view, group), end - start, 11);
      return { expert: group.first, middle: (start + end) / 2, text, isStart: false };
    });
  }
  const every = 2 ** Math.max(0, Math.ceil(Math.log2((widest + 6) / layout.pitch)));
  return names
    .map((text, expert) => ({ expert, middle: layout.leftOf(expert) + layout.pitch / 2, text }))
    .filter(({ expert }) => expert % every === 0)
    .map((one) => ({ ...one, isStart: layout.pitch < widest && one.expert === 0 }));
}

function makeHeatRow() {
  const bar = makeSvg("rect", { class: "bar-mark", width: 4, rx: 2 });
  const name = makeSvg("text", { class: "row-name" });
  const untrained = makeSvg("text", { class: "ticks" });
  return makeSvg("g", {}, bar, name, untrained, makeSvg("g"), makeSvg("g"), makeSvg("g", { class: "cell-numbers" }));
}

function drawHeatRow(panel, row, { task, index, now, before, layout }) {
  const [bar, name, untrained, cells, strips, numbers] = row.childNodes;
  const top = HEAT.header + index * layout.rowHeight + (layout.isStacked ? 16 : 0);
  setAttributes(row, { class: `task-${index % 8}` });
  drawRowNames(panel, { bar, name, untrained }, task, top, layout);
  const heard = panel.view.heard[index];
  drawCells(cells, now?.means[index].mean, layout, top, layout.cellHeight, heard);
  tellCells(panel, cells, { task, heard, now, means: now?.means[index].mean, before: before?.means[index].mean });
  setAttributes(strips, { visibility: panel.view.has_choice ? null : "hidden" });
  drawCells(strips, before?.means[index].mean, layout, top + layout.cellHeight + 3, HEAT.strip, heard);
  drawNumbers(numbers, now?.means[index].mean, layout, top + layout.cellHeight / 2, heard);
}

function drawRowNames(panel, { bar, name, untrained }, task, top, layout) {
  const { isStacked, left, cellHeight } = layout;
  const word = panel.view.has_choice ? say(panel.words, "untrained") : "";
  const room = isStacked ? layout.width - textWidth(panel, word, 11) - 24 : left - 20;
  setAttributes(bar, { x: 0, y: isStacked ? top - 15 : top + 8, height: isStacked ? 11 : cellHeight - 16 });
  setAttributes(name, { x: 12, y: isStacked ? top - 5 : top + cellHeight / 2 + 4 });
  setText(name, fitText(panel, task.label, room, 13, 700));
  setAttributes(untrained, {
    x: isStacked ? layout.width : left - 8,
    y: isStacked ? top + cellHeight + HEAT.strip + 15 : top + cellHeight + 3 + HEAT.strip,
    "text-anchor": "end",
  });
  setText(untrained, word);
}

// A row of rectangles whose colour is their weight; empty where an expert cannot be heard.
function drawCells(group, means, layout, top, height, heard) {
  const rects = pool(group, layout.experts, () => makeSvg("rect", { class: "cell" }, makeSvg("title")));
  for (let expert = 0; expert < layout.experts; expert += 1) {
    const rect = rects[expert];
    setAttributes(rect, {
      x: (layout.leftOf(expert) + layout.gap / 2).toFixed(2),
      class: heard[expert] ? "cell" : "cell is-closed",
      y: top.toFixed(1),
      width: Math.max(0.5, layout.pitch - layout.gap).toFixed(2),
      height,
      rx: layout.pitch > 16 ? Math.min(3, height / 3) : 0,
    });
    setStyle(rect, "--share", `${((means?.[expert] ?? 0) * 100).toFixed(1)}%`);
  }
}

// The tooltips tell the weights in words.
function tellCells(panel, group, { task, heard, now, means, before }) {
  if (!now) return;
  [...group.childNodes].forEach((rect, index) => {
    const expert = now.experts[index];
    const was = before ? ` (${before[index].toFixed(3)})` : "";
    const closed = say(panel.words, "{reader} cannot hear {expert}", { reader: task.label, expert });
    setText(rect.firstChild, heard[index] ? `${task.label} · ${expert}: ${means[index].toFixed(3)}${was}` : closed);
  });
}

// A cross is no weight of 0: that expert cannot be heard at all.
function drawNumbers(group, means, layout, middle, heard) {
  const count = means && layout.pitch >= HEAT.crossLeast ? means.length : 0;
  const texts = pool(group, count, () => makeSvg("text", { "text-anchor": "middle", dy: "0.35em" }));
  for (let expert = 0; expert < count; expert += 1) {
    const value = heard[expert] ? means[expert].toFixed(2) : "×";
    setAttributes(texts[expert], {
      x: (layout.leftOf(expert) + layout.pitch / 2).toFixed(1),
      y: middle,
      class: !heard[expert] ? "on-nothing" : means[expert] >= HEAT.strongFrom ? "on-strong" : "on-weak",
    });
    const isShown = layout.pitch >= HEAT.numberLeast || !heard[expert];
    setText(texts[expert], !isShown ? "" : layout.pitch >= HEAT.numberFrom ? value : value.replace(/^0(?=\.)/, ""));
  }
}

function describeGates(words, view, gates) {
  if (!gates) return say(words, "No gates recorded yet.");
  return view.tasks
    .map((task, index) => {
      const top = gates.means[index].mean.indexOf(Math.max(...gates.means[index].mean));
      const weight = gates.means[index].mean[top].toFixed(2);
      return say(words, "{task} listens most to {expert} ({weight})", { task: task.label, expert: gates.experts[top], weight });
    })
    .join(", ");
}

// "Jensen–Shannon 0.61 (untrained 0.05) · effective experts 5.1 / 3.2", the numbers in their task's colour.
function drawDistances(panel, footer, now, before) {
  const { words, view } = panel;
  const nodes = pool(footer, 2, () => make("span", { class: "fact" }, make("span"), make("span")));
  setText(nodes[0].firstChild, now ? distanceText(words, now, before) : say(words, "No gates recorded yet."));
  nodes[0].hidden = nodes[0].textContent === "" || (now !== null && !view.has_choice);
  nodes[1].hidden = !now || !view.has_choice;
  setText(nodes[1].firstChild, `${say(words, "effective experts")} `);
  const numbers = pool(nodes[1].lastChild, now ? view.tasks.length : 0, () => make("b"));
  [...numbers].forEach((node, index) => {
    setAttributes(node, { class: `number task-${index % 8}` });
    setText(node, effectiveExperts(now.means[index].mean).toFixed(1));
  });
}

function distanceText(words, now, before) {
  const distance = meanDistance(now);
  if (distance === null) return "";
  const value = distance.toFixed(2);
  if (!before) return say(words, "Jensen–Shannon distance {value}", { value });
  return say(words, "Jensen–Shannon distance {value} (untrained {before})", { value, before: meanDistance(before).toFixed(2) });
}
