// Card "Task weights, while it trains": one fader per task on a log scale that acts on the live run, its number,
// and the task's share of the weighted loss and of the gradient in the shared layers; beside them what a balancing
// method's λ makes of these.

const FADER = { low: -2, high: 2, step: 0.05, sendAfterMs: 200, trustForMs: 6000 };

function makeWeightsCard(panel) {
  const card = makeCard("weights");
  const rows = make("div", { class: "faders" });
  card.body.append(rows);
  const wanted = new Map(); // task → {weight, until}: what was asked for and is not yet in a record
  return { root: card.root, draw: () => drawWeightsCard(panel, card, rows, wanted) };
}

function drawWeightsCard(panel, card, rows, wanted) {
  const { words, view, run } = panel;
  setText(card.title, say(words, "Task weights, while it trains"));
  setText(card.hint, say(words, "log scale · right: share of the loss w·L, share of the gradient in the shared layers"));
  const inForce = view.tasks.map((task) => run.tasks.get(task.name)?.weight ?? task.weight);
  const lossShares = sharesOf(view.tasks.map((task, index) => weightedLoss(run, task, inForce[index])));
  const gradientShares = sharesOf(view.tasks.map((task) => run.gradientNorms?.[task.name] ?? null));
  const balances = view.tasks.map((task) => lastOf(balanceOf(run, task)?.smooth ?? []) ?? null);
  const balanced = balancedShares(run, view, inForce, balances);
  setAttributes(rows, { class: balanced ? "faders is-balanced" : "faders" });
  const nodes = pool(rows, view.tasks.length, (index) => makeFader(panel, index, wanted));
  view.tasks.forEach((task, index) => {
    const shown = shownWeight(wanted, task.name, inForce[index]);
    drawFader(panel, nodes[index], task, index, { ...shown, balance: balances[index] });
    drawShare(words, nodes[index].lossBar, say(words, "loss"), lossShares[index], balanced?.loss[index]);
    drawShare(words, nodes[index].gradientBar, say(words, "gradient"), gradientShares[index], balanced?.gradient[index]);
  });
}

// The shares once λ is inside; null where the method has none. Of a gradient its own step's λ counts.
function balancedShares(run, view, weights, balances) {
  if (balances.every((one) => one === null)) return null;
  const lengths = view.tasks.map(({ name }) => {
    const length = run.gradientNorms?.[name];
    return length === undefined ? null : length * Math.abs(run.gradientBalance?.[name] ?? 1);
  });
  const losses = view.tasks.map((task, index) => weightedLoss(run, task, weights[index] * (balances[index] ?? 1)));
  return { loss: sharesOf(losses), gradient: sharesOf(lengths) };
}

function weightedLoss(run, task, weight) {
  const loss = lastOf(run.tasks.get(task.name)?.loss.smooth ?? []);
  return loss === undefined ? null : Math.max(0, weight * loss);
}

function makeFader(panel, index, wanted) {
  const label = make("label", { class: "fader-name", for: `weight-${index}` });
  const range = make("input", { id: `weight-${index}`, type: "range", min: FADER.low, max: FADER.high, step: FADER.step });
  const value = make("output", { class: "fader-value", for: `weight-${index}` });
  const lossBar = makeShareBar("loss-share");
  const gradientBar = makeShareBar("gradient-share");
  const row = make("div", {}, label, range, value, lossBar, gradientBar);
  Object.assign(row, { label, range, value, lossBar, gradientBar });
  listenToFader(panel, row, index, wanted);
  return row;
}

function makeShareBar(part) {
  return make("div", { class: "share", "data-share": part }, make("div", { class: "share-fill" }), make("span"));
}

// The number follows the hand at once; the run is told when the hand rests.
function listenToFader(panel, row, index, wanted) {
  let timer = null;
  row.range.addEventListener("input", () => {
    const task = panel.view.tasks[index].name;
    const weight = Number((10 ** Number(row.range.value)).toPrecision(3));
    wanted.set(task, { weight, until: Date.now() + FADER.trustForMs });
    panel.requestDraw();
    clearTimeout(timer);
    timer = setTimeout(() => panel.send({ kind: "set_task_weights", task_weights: { [task]: weight } }), FADER.sendAfterMs);
  });
}

// What was asked for stands until a record confirms it or it was asked too long ago.
function shownWeight(wanted, task, inForce) {
  const wish = wanted.get(task);
  if (!wish) return { weight: inForce, isPending: false };
  const isConfirmed = Math.abs(wish.weight - inForce) <= 1e-6 * Math.max(1, inForce);
  if (isConfirmed || Date.now() > wish.until) {
    wanted.delete(task);
    return { weight: inForce, isPending: false };
  }
  return { weight: wish.weight, isPending: true };
}

function drawFader(panel, row, task, index, { weight, isPending, balance }) {
  const text = weightNumber(panel.words, weight);
  const position = Math.min(FADER.high, Math.max(FADER.low, Math.log10(Math.max(weight, 1e-9))));
  setAttributes(row, { class: `fader task-${index % 8}${isPending ? " is-pending" : ""}`, "data-task": task.name });
  setText(row.label, `w · ${task.label}`);
  setAttributes(row.range, {
    "aria-label": say(panel.words, "weight of {task}", { task: task.label }),
    "aria-valuetext": text,
  });
  row.range.disabled = !acceptsIntents(panel);
  const isHeld = panel.root.getRootNode().activeElement === row.range && isPending;
  if (!isHeld && Math.abs(Number(row.range.value) - position) > FADER.step / 2) row.range.value = position.toFixed(2);
  setText(row.value, balance === null ? text : `${text} · λ ${lossNumber(panel.words, balance)}`);
}

function drawShare(words, bar, word, share, balanced) {
  const [fill, text] = bar.childNodes;
  setStyle(fill, "width", share === null ? "0%" : `${(share * 100).toFixed(1)}%`);
  const plain = share === null ? `${word} –` : `${word} ${percent(share)}`;
  setText(text, typeof balanced === "number" ? `${plain} · ${say(words, "with λ {share}", { share: percent(balanced) })}` : plain);
}
