// Card "Same experts, different mixtures": towers above, experts between, the embedding below; the width of a line
// is the gate weight and glides when it changes. Arrow keys walk over the nodes, the others step back.

const MIXTURE = { towerTop: 4, towerHeight: 28, expertHeight: 26, baseHeight: 28, caption: 16, between: 14, least: 196, most: 460, widest: 15 };

function makeMixtureCard(panel) {
  const card = makeCard("mixture");
  const svg = makeDrawing("mixture");
  setAttributes(svg, { role: "group" });
  const parts = { svg, base: makeBox("base"), chosen: null };
  for (const layer of ["stems", "edges", "captions", "experts", "towers"]) parts[layer] = makeSvg("g", { class: layer });
  svg.append(parts.stems, parts.edges, parts.base, parts.captions, parts.experts, parts.towers);
  parts.focus = make("p", { class: "readout" });
  card.body.append(svg);
  card.root.append(parts.focus);
  listenToNodes(panel, parts);
  return { root: card.root, draw: () => drawMixtureCard(panel, card, parts) };
}

function makeBox(className) {
  return makeSvg("g", { class: className }, makeSvg("rect", { rx: 6 }), makeSvg("text", { "text-anchor": "middle", dy: "0.35em" }));
}

// A node is chosen by focus or by pointer, and let go again.
function listenToNodes(panel, parts) {
  const choose = (event) => {
    const node = event.target.closest?.("[data-node]");
    parts.chosen = node ? node.dataset.node : null;
    panel.requestDraw();
  };
  const letGo = () => {
    parts.chosen = null;
    panel.requestDraw();
  };
  parts.svg.addEventListener("focusin", choose);
  parts.svg.addEventListener("focusout", letGo);
  parts.svg.addEventListener("pointerover", choose);
  parts.svg.addEventListener("pointerleave", letGo);
  parts.svg.addEventListener("keydown", (event) => walk(parts, event));
}

// One tab stop; left and right walk along a row, up and down change it.
function walk(parts, event) {
  const node = event.target.closest?.("[data-node]");
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  if (!node || !(event.key in moves)) return;
  event.preventDefault();
  const rows = [[...parts.towers.childNodes], [...parts.experts.childNodes]];
  const row = rows.findIndex((nodes) => nodes.includes(node));
  const column = rows[row].indexOf(node);
  const [down, along] = moves[event.key];
  const target = rows[Math.min(1, Math.max(0, row + down))];
  const share = rows[row].length > 1 ? column / (rows[row].length - 1) : 0;
  const next = down ? Math.round(share * (target.length - 1)) : Math.min(target.length - 1, Math.max(0, column + along));
  for (const one of rows.flat()) setAttributes(one, { tabindex: one === target[next] ? 0 : -1 });
  target[next].focus();
}

function drawMixtureCard(panel, card, parts) {
  const { words, view, run } = panel;
  const gates = taskGates(run.gates, view);
  const room = roomOf(panel, card, MIXTURE.least);
  const size = { width: room.width, height: Math.min(MIXTURE.most, room.height) };
  const names = view.experts;
  setText(card.title, mixtureTitle(words, view));
  setText(card.hint, say(words, "width of a line is the gate weight, now"));
  setSize(parts.svg, size);
  const places = {
    towers: towerPlaces(panel, size.width),
    ...expertPlaces(panel, names, size.width),
    ...mixtureLevels(size.height),
  };
  drawBase(panel, parts.base, size.width, places.baseTop);
  drawStems(parts.stems, places);
  drawTowers(panel, parts, places.towers, gates);
  drawExperts(panel, parts, places, gates);
  drawCaptions(parts.captions, places);
  drawEdges(panel.view, parts, places, gates);
  describe(parts.svg, describeGates(words, view, gates));
  setText(parts.focus, chosenText(panel, parts.chosen, names, gates));
}

function mixtureTitle(words, view) {
  if (view.experts.length === 1) return say(words, "One expert for all tasks");
  if (view.owners.every((owner) => owner >= 0)) return say(words, "A network for each task");
  if (view.owners.some((owner) => owner >= 0)) return say(words, "Own experts and shared ones, mixed");
  return view.tasks.length === 1 ? say(words, "Experts and their mixture") : say(words, "Same experts, different mixtures");
}

// The embedding at the foot, the experts two thirds of the way down: the lines between towers and experts need the room.
function mixtureLevels(height) {
  const baseTop = height - MIXTURE.baseHeight - 2;
  const towerBottom = MIXTURE.towerTop + MIXTURE.towerHeight;
  return { baseTop, expertTop: Math.round(towerBottom + (baseTop - towerBottom - MIXTURE.expertHeight) * 0.66) };
}

// Boxes as wide as their words, side by side in the middle; all cut alike where they would not fit.
function towerPlaces(panel, width) {
  const { view, words } = panel;
  const full = view.tasks.map((task) => towerText(words, task));
  const fits = (texts) => texts.reduce((sum, text) => sum + textWidth(panel, text, 13, 700) + 36, 0) <= width;
  const texts = fits(full) ? full : view.tasks.map((task) => task.label);
  const most = (width - 8 * view.tasks.length) / view.tasks.length - 12;
  const shown = texts.map((text) => fitText(panel, text, most, 13, 700));
  const widths = shown.map((text) => Math.max(56, textWidth(panel, text, 13, 700) + 20));
  const gap = Math.min(24, (width - widths.reduce((sum, one) => sum + one, 0)) / view.tasks.length);
  const whole = widths.reduce((sum, one) => sum + one, 0) + gap * (widths.length - 1);
  let left = (width - whole) / 2;
  return shown.map((text, index) => {
    const place = { text, left, width: widths[index], middle: left + widths[index] / 2 };
    left += widths[index] + gap;
    return place;
  });
}

function towerText(words, task) {
  if (!task.tower_widths.length) return task.label;
  return say(words, "{task} tower {widths}", { task: task.label, widths: `[${task.tower_widths.join(", ")}]` });
}

// Boxes in groups; where a name is wider than its box, the number stands in it and the group's name below the group.
function expertPlaces(panel, names, width) {
  const { view } = panel;
  const groups = expertGroups(view);
  const widest = Math.max(...names.map((name) => textWidth(panel, name, 11)));
  const gaps = Math.min(MIXTURE.between, (0.3 * width) / names.length) * (groups.length - 1);
  const pitch = Math.min(Math.max(56, widest + 26), (width - 4 - gaps) / names.length);
  const boxWidth = pitch > 12 ? pitch - Math.min(10, pitch * 0.2) : pitch * 0.8;
  const start = (width - pitch * names.length - gaps) / 2;
  const leftOf = (expert) => start + pitch * expert + (groups.length > 1 ? (gaps / (groups.length - 1)) * groupIndex(groups, expert) : 0);
  const isShort = boxWidth < widest + 4;
  const experts = names.map((full, index) => {
    const text = isShort ? shortName(view, groups, index) : full;
    const isShown = boxWidth >= textWidth(panel, text, 11) + 4;
    return { name: isShown ? text : "", full, owner: view.owners[index], middle: leftOf(index) + pitch / 2, width: boxWidth };
  });
  return { experts, captions: isShort && groups.length > 1 ? groups.map((group) => caption(panel, group, leftOf, pitch)) : [] };
}

function caption(panel, group, leftOf, pitch) {
  const left = leftOf(group.first);
  const right = leftOf(group.first + group.count - 1) + pitch;
  return { text: fitText(panel, groupName(panel.view, group), right - left, 11, 600), middle: (left + right) / 2, owner: group.owner };
}

function drawCaptions(group, { captions, expertTop }) {
  const texts = pool(group, captions.length, () => makeSvg("text", { "text-anchor": "middle" }));
  captions.forEach(({ text, middle, owner }, index) => {
    const y = expertTop + MIXTURE.expertHeight + MIXTURE.caption;
    setAttributes(texts[index], { x: middle.toFixed(1), y, class: `expert-name${ownerClass(owner)}` });
    setText(texts[index], text);
  });
}

function drawBase(panel, base, width, top) {
  const boxWidth = Math.min(width - 2, Math.max(width * 0.8, textWidth(panel, panel.view.embedding, 11) + 24));
  drawBox(base, { left: (width - boxWidth) / 2, width: boxWidth, top, height: MIXTURE.baseHeight });
  setText(base.lastChild, fitText(panel, panel.view.embedding, boxWidth - 12, 11));
}

function drawBox(box, { left, width, top, height }) {
  setAttributes(box.firstChild, { x: left.toFixed(1), y: top, width: width.toFixed(1), height });
  setAttributes(box.lastChild, { x: (left + width / 2).toFixed(1), y: top + height / 2 });
}

function drawStems(group, { experts, expertTop, baseTop }) {
  const from = expertTop + MIXTURE.expertHeight;
  const path = pool(group, 1, () => makeSvg("path"))[0];
  setAttributes(path, { d: experts.map(({ middle }) => `M${point(middle, from)}V${baseTop}`).join("") });
}

function drawTowers(panel, parts, places, gates) {
  const boxes = pool(parts.towers, places.length, (index) => makeNode(`tower-${index}`, index === 0));
  places.forEach((place, index) => {
    const isDim = parts.chosen !== null && parts.chosen.startsWith("tower") && parts.chosen !== `tower-${index}`;
    setAttributes(boxes[index], {
      class: `tower task-${index % 8}${isDim ? " is-dim" : ""}`,
      "aria-label": nodeText(panel, "tower", index, gates),
    });
    drawBox(boxes[index], { left: place.left, width: place.width, top: MIXTURE.towerTop, height: MIXTURE.towerHeight });
    setText(boxes[index].lastChild, place.text);
  });
}

function drawExperts(panel, parts, { experts, expertTop }, gates) {
  const boxes = pool(parts.experts, experts.length, (index) => makeNode(`expert-${index}`, false));
  experts.forEach((place, index) => {
    setAttributes(boxes[index], {
      class: `expert${ownerClass(place.owner)}${experts.length > 64 ? " is-tiny" : ""}${parts.chosen === `expert-${index}` ? " is-chosen" : ""}`,
      "aria-label": nodeText(panel, "expert", index, gates, place.full),
    });
    const box = { left: place.middle - place.width / 2, width: place.width };
    drawBox(boxes[index], { ...box, top: expertTop, height: MIXTURE.expertHeight });
    setAttributes(boxes[index].firstChild, { rx: Math.min(6, place.width / 3).toFixed(1) });
    setText(boxes[index].lastChild, place.name);
  });
}

function makeNode(id, isTabStop) {
  const box = makeBox(id.split("-")[0]);
  setAttributes(box, { "data-node": id, tabindex: isTabStop ? 0 : -1, role: "img" });
  return box;
}
