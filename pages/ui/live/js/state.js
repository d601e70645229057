// What is known of the run: records come in, series grow. Nothing here touches the screen.

const SMOOTHING_STEPS = { least: 10, most: 200, share: 1 / 40 }; // span of the bold line's running mean
const RATE_WINDOW_S = 4; // training seconds over which speed is measured

function emptyRun() {
  return {
    cursor: 0,
    state: "",
    totalSteps: null,
    error: null,
    queuePosition: null,
    steps: [],
    elapsed: [],
    rows: [],
    lastStep: 0,
    tasks: new Map(),
    untrained: null,
    gates: null,
    changes: [],
    gradientNorms: null,
    gradientBalance: null,
    gradientCosine: null,
    end: null,
  };
}

function taskSeries(run, name) {
  if (!run.tasks.has(name)) {
    run.tasks.set(name, { loss: emptyCurve(), balance: emptyCurve(), weight: null, measures: [] });
  }
  return run.tasks.get(name);
}

function emptyCurve() {
  return { raw: [], smooth: [], sum: 0, mass: 0 };
}

function takePayload(run, payload) {
  run.cursor = payload.cursor ?? run.cursor;
  run.state = payload.state ?? run.state;
  run.totalSteps = payload.total_steps ?? run.totalSteps;
  run.error = payload.error ?? null;
  run.queuePosition = payload.queue_position ?? null;
  for (const record of payload.records ?? []) takeRecord(run, record);
}

// A record of a kind that this page does not know is left out: a newer trainer may say more.
function takeRecord(run, record) {
  if (record.kind === "step") takeStep(run, record);
  else if (record.kind === "evaluation" || record.kind === "epoch") takeMeasures(run, record);
  else if (record.kind === "gates") takeGates(run, record);
  else if (record.kind === "change") run.changes.push(record);
  else if (record.kind === "end") takeEnd(run, record);
}

function takeStep(run, record) {
  if (record.step <= run.lastStep) return;
  const keep = memory(run, record.step - run.lastStep);
  run.lastStep = record.step;
  run.steps.push(record.step);
  run.elapsed.push(record.elapsed_s);
  run.rows.push(record.rows);
  for (const [name, loss] of Object.entries(record.task_losses)) takeValue(taskSeries(run, name).loss, loss, keep);
  for (const [name, value] of Object.entries(record.balance ?? {})) takeValue(taskSeries(run, name).balance, value, keep);
  for (const [name, weight] of Object.entries(record.task_weights)) taskSeries(run, name).weight = weight;
  if (record.gradient_norms) {
    run.gradientNorms = record.gradient_norms;
    run.gradientBalance = record.balance ?? null;
    run.gradientCosine = record.gradient_cosine ?? null;
  }
}

// What the running mean keeps of its past over `gap` steps; a longer run is smoothed more.
function memory(run, gap) {
  const span = (run.totalSteps ?? 0) * SMOOTHING_STEPS.share;
  const bounded = Math.min(SMOOTHING_STEPS.most, Math.max(SMOOTHING_STEPS.least, span));
  return (1 - 2 / (bounded + 1)) ** gap;
}

// Running mean with fading memory, corrected for its empty start.
function takeValue(curve, value, keep) {
  curve.sum = curve.sum * keep + value * (1 - keep);
  curve.mass = curve.mass * keep + (1 - keep);
  curve.raw.push(value);
  curve.smooth.push(curve.sum / curve.mass);
}

// An epoch's full validation takes the place of a sample's at the same step.
function takeMeasures(run, record) {
  const isFull = record.kind === "epoch";
  for (const [name, metrics] of Object.entries(record.metrics)) {
    const measures = taskSeries(run, name).measures;
    const last = measures[measures.length - 1];
    if (last && last.step === record.step) {
      if (isFull || !last.isFull) measures.pop();
      else continue;
    }
    measures.push({ step: record.step, isFull, metrics });
  }
}

function takeGates(run, snapshot) {
  if (snapshot.step === 0) run.untrained = snapshot;
  run.gates = snapshot;
}

function takeEnd(run, record) {
  run.end = record;
  run.gates = record.gates;
  run.lastStep = Math.max(run.lastStep, record.step);
}

// {rowsPerSecond, stepsPerSecond} of late, or of the whole run once it ended; null while too little is known.
function speed(run) {
  const last = run.steps.length - 1;
  if (last < 1) return null;
  let first = run.end ? 0 : last;
  while (first > 0 && run.elapsed[last] - run.elapsed[first] < RATE_WINDOW_S) first -= 1;
  const seconds = run.elapsed[last] - run.elapsed[first];
  const steps = run.steps[last] - run.steps[first];
  if (!(seconds > 0) || steps < 1) return null;
  return { rowsPerSecond: (run.rows[first] * steps) / seconds, stepsPerSecond: steps / seconds };
}

// The level of gates that the tasks themselves read, as {task: mean per expert}; null before the first snapshot.
function taskGates(snapshot, view) {
  if (!snapshot || snapshot.levels.length === 0) return null;
  const level = snapshot.levels[snapshot.levels.length - 1];
  const means = view.tasks.map((task) => {
    const reader = level.readers.indexOf(task.name);
    return { mean: level.mean_RE[Math.max(0, reader)], sd: level.sd_RE[Math.max(0, reader)] };
  });
  return { experts: view.experts, means, step: snapshot.step };
}

function entropyBits(shares) {
  return shares.reduce((sum, share) => (share > 0 ? sum - share * Math.log2(share) : sum), 0);
}

// Jensen–Shannon distance: the square root of the base-2 divergence, 0 to 1.
function jensenShannon(first, second) {
  const middle = first.map((share, index) => (share + second[index]) / 2);
  const divergence = entropyBits(middle) - (entropyBits(first) + entropyBits(second)) / 2;
  return Math.sqrt(Math.max(0, divergence));
}

// Mean distance over all pairs of tasks; null for a single task.
function meanDistance(gates) {
  const distances = [];
  gates.means.forEach((one, index) => {
    for (const other of gates.means.slice(index + 1)) distances.push(jensenShannon(one.mean, other.mean));
  });
  return distances.length ? distances.reduce((sum, one) => sum + one, 0) / distances.length : null;
}

function effectiveExperts(shares) {
  return 2 ** entropyBits(shares);
}

// Each task's part of the whole; null where the whole is nothing or unknown.
function sharesOf(values) {
  const whole = values.reduce((sum, value) => sum + (value ?? 0), 0);
  return values.map((value) => (whole > 0 && value !== null && value !== undefined ? value / whole : null));
}
