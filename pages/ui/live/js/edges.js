// The lines of the mixture diagram and what a chosen node says.

// One group of lines per task; a line starts at its tower and ends on an expert that the task can hear.
function drawEdges(view, parts, { towers, experts, expertTop }, gates) {
  const groups = pool(parts.edges, towers.length, () => makeSvg("g"));
  towers.forEach((tower, task) => {
    setAttributes(groups[task], { class: `task-${task % 8}` });
    const edges = pool(groups[task], experts.length, () => makeSvg("path"));
    experts.forEach((expert, index) => {
      const share = gates?.means[task].mean[index] ?? 1 / experts.length;
      setAttributes(edges[index], { d: edgePath(tower.middle, expert.middle, expertTop) });
      setStyle(edges[index], "stroke-width", `${edgeWidth(share, experts.length).toFixed(2)}px`);
      setAttributes(edges[index], { visibility: isHeard(view, task, index) ? null : "hidden" });
      setStyle(edges[index], "opacity", edgeOpacity(parts.chosen, task, index, share, gates === null).toFixed(2));
    });
  });
}

function edgePath(from, to, bottom) {
  const top = MIXTURE.towerTop + MIXTURE.towerHeight;
  const bend = (bottom - top) * 0.62;
  return `M${point(from, top)}C${point(from, top + bend)} ${point(to, bottom - bend)} ${point(to, bottom)}`;
}

// Among many experts a hair is enough for those that nobody hears.
function edgeWidth(share, count) {
  return (count > 32 ? 0.25 : 0.6) + MIXTURE.widest * share;
}

function edgeOpacity(chosen, task, expert, share, isUnknown) {
  if (chosen !== null) return chosen === `tower-${task}` || chosen === `expert-${expert}` ? 0.95 : 0.08;
  if (isUnknown) return 0.15;
  return Math.min(0.85, 0.25 + 1.6 * share);
}

// "E3: click 0.24, purchase 0.01" or "click: E3 0.24, E5 0.27, …", strongest first.
function nodeText(panel, kind, index, gates, name = "") {
  const { view } = panel;
  if (kind === "expert") {
    const ears = view.tasks.map((task, rank) => ({ task, rank })).filter(({ rank }) => gates && isHeard(view, rank, index));
    const heard = ears.map(({ task, rank }) => `${task.label} ${gates.means[rank].mean[index].toFixed(2)}`);
    return [name, heard.join(", ")].filter(Boolean).join(": ");
  }
  return [view.tasks[index].label, gates ? strongest(view, gates, index).join(", ") : ""].filter(Boolean).join(": ");
}

function strongest(view, gates, task) {
  return gates.means[task].mean
    .map((share, index) => ({ share, index, name: gates.experts[index] }))
    .filter(({ index }) => isHeard(view, task, index))
    .sort((one, other) => other.share - one.share)
    .slice(0, 5)
    .map(({ share, name }) => `${name} ${share.toFixed(2)}`);
}

function chosenText(panel, chosen, names, gates) {
  if (chosen === null) return say(panel.words, "Point at a tower or an expert to see its weights.");
  const [kind, index] = chosen.split("-");
  return nodeText(panel, kind, Number(index), gates, names[Number(index)]);
}
