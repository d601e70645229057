// The status line: state, step, speed, time left, how old this is; the badge; the buttons; the error's sentence.

const BUSY_FOR_MS = 3000; // how long a pressed button waits for the run to answer

function makeStatus(panel) {
  const dot = make("span", { class: "state-dot" });
  const facts = make("span", { class: "facts" });
  const pill = make("div", { class: "pill" }, dot, make("span", { class: "clip" }, facts));
  const badge = make("span", { class: "badge" });
  const buttons = make("div", { class: "buttons" });
  const announcement = make("span", { class: "visually-hidden", "aria-live": "polite", role: "status" });
  const notice = make("p", { class: "notice", role: "alert" });
  const line = make("div", { class: "status-line" }, pill, badge, buttons, announcement);
  const root = make("header", { "data-part": "status" }, line, notice);
  const parts = { root, facts, badge, buttons: makeButtons(panel, buttons), announcement, notice };
  return { root, draw: () => drawStatus(panel, parts), tick: () => drawAge(panel, parts) };
}

// Buttons that send an intent; which of them show depends on the state.
function makeButtons(panel, parent) {
  const intents = { pause: "pause", continue: "continue", step: "step_once", stop: "stop" };
  const buttons = {};
  for (const [action, kind] of Object.entries(intents)) {
    buttons[action] = make("button", { type: "button", "data-action": action });
    buttons[action].addEventListener("click", () => {
      panel.busy = { action, state: panel.run.state, step: panel.run.lastStep, until: Date.now() + BUSY_FOR_MS };
      panel.send({ kind });
      panel.requestDraw();
    });
    parent.append(buttons[action]);
  }
  return buttons;
}

function drawStatus(panel, parts) {
  const { view, run } = panel;
  const state = shownState(panel);
  setAttributes(panel.root, { "data-state": run.state, "data-last-step": run.lastStep, "data-connection": panel.isLost ? "lost" : "open" });
  setAttributes(parts.root, { class: `status is-${state}` });
  setFacts(parts.facts, [...statusFacts(panel, state), ageText(panel)]);
  setText(parts.badge, view.badge ?? "");
  parts.badge.hidden = !view.badge;
  drawButtons(panel, parts.buttons);
  drawNotice(panel, parts.notice);
  setText(parts.announcement, announcementText(panel, state));
}

function shownState(panel) {
  return panel.isLost ? "lost" : panel.run.state || "connecting";
}

function statusFacts(panel, state) {
  const { words, run, view } = panel;
  const isAtWork = run.state === "running" && state !== "lost" && view.mode === "live";
  const rate = speed(run);
  return [
    view.mode === "replay" ? say(words, "replay of a finished run") : state === "lost" ? say(words, "connection lost") : stateWord(words, run.state),
    run.state === "queued" && run.queuePosition ? say(words, "number {position} in the queue", { position: run.queuePosition }) : "",
    stepText(words, run),
    rate && run.state !== "queued" ? say(words, "{count} rows/s", { count: shortNumber(words, rate.rowsPerSecond) }) : "",
    isAtWork && rate && run.totalSteps ? leftText(words, run, rate) : "",
  ];
}

function stepText(words, run) {
  if (!run.totalSteps && run.lastStep === 0) return "";
  const step = wholeNumber(words, run.lastStep);
  if (!run.totalSteps) return say(words, "step {step}", { step });
  return say(words, "step {step} of {total}", { step, total: wholeNumber(words, run.totalSteps) });
}

function leftText(words, run, rate) {
  const steps = Math.max(0, run.totalSteps - run.lastStep);
  if (steps === 0) return say(words, "testing");
  return say(words, "{duration} left", { duration: timeLeft(words, steps / rate.stepsPerSecond) });
}

// Counted here, not on the server: a dead server would leave "running" on the screen for ever.
function ageText(panel) {
  const { words, run } = panel;
  const isShown = panel.view.mode === "live" && panel.receivedAt !== null && (panel.isLost || isUnderWay(run));
  if (!isShown) return "";
  const seconds = (Date.now() - panel.receivedAt) / 1000;
  return say(words, "updated {duration} ago", { duration: duration(words, seconds) });
}

function drawAge(panel, { facts }) {
  if (facts.lastChild && !facts.lastChild.hidden) setText(facts.lastChild, ageText(panel));
}

function isUnderWay(run) {
  return run.state === "running" || run.state === "paused" || run.state === "queued";
}

function acceptsIntents(panel) {
  return panel.view.mode === "live" && isUnderWay(panel.run);
}

function drawButtons(panel, buttons) {
  const { words, run } = panel;
  const isOpen = acceptsIntents(panel);
  const isBusy = stillBusy(panel);
  setText(buttons.pause, say(words, "Pause"));
  setText(buttons.continue, say(words, "Continue"));
  setText(buttons.step, say(words, "Step"));
  setText(buttons.stop, say(words, "Stop"));
  buttons.pause.hidden = !isOpen || run.state !== "running";
  buttons.continue.hidden = !isOpen || run.state !== "paused";
  buttons.step.hidden = !isOpen || run.state === "queued";
  buttons.stop.hidden = !isOpen;
  for (const [action, button] of Object.entries(buttons)) button.disabled = isBusy && panel.busy.action === action;
}

// A button rests until the run answered: another state, or, for a step, another step.
function stillBusy(panel) {
  const { busy, run } = panel;
  if (!busy) return false;
  const isAnswered = run.state !== busy.state || (busy.action === "step" && run.lastStep !== busy.step);
  if (isAnswered || Date.now() > busy.until) panel.busy = null;
  return panel.busy !== null;
}

function drawNotice(panel, notice) {
  const text = noticeText(panel);
  notice.hidden = !text;
  setText(notice, text);
}

function noticeText(panel) {
  const { words, run } = panel;
  if (run.error) return sayError(words, run.error);
  if (panel.isLost) return say(words, "The server does not answer. Trying again; the run itself goes on.");
  if (run.state === "interrupted") return say(words, "The training process ended unexpectedly. The last checkpoint is kept.");
  return "";
}

// Read aloud when the state changes, not at every tick.
function announcementText(panel, state) {
  return state === "lost" ? say(panel.words, "connection lost") : stateWord(panel.words, panel.run.state);
}
