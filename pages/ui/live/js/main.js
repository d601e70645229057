// Puts the panel together and keeps it: Streamlit calls this again at every change of data, language or theme, and
// the same nodes stay where they are.

const IN_SIGHT_MS = 1500; // as long as the page still moves after a start

export default function liveRun(component) {
  const { data, parentElement, setTriggerValue } = component;
  const panel = findPanel(parentElement) ?? makePanel(parentElement);
  panel.calls += 1;
  panel.tell = (intent) => setTriggerValue("intent", JSON.stringify(intent));
  takeView(panel, data);
  const call = panel.calls;
  return () => {
    if (panel.calls === call) closePanel(panel);
  };
}

function findPanel(parent) {
  return parent.querySelector(".live")?.livePanel ?? null;
}

function makePanel(parent) {
  const root = make("div", { class: "live", "data-state": "", "data-last-step": 0 });
  const panel = { root, run: emptyRun(), calls: 0, cards: [], sizes: new Map(), source: null, sourceUrl: null, view: null };
  Object.assign(panel, { receivedAt: null, isLost: false, busy: null, inSightUntil: 0, shape: null, font: "sans-serif", drawing: 0 });
  panel.requestDraw = () => requestDraw(panel);
  panel.send = (intent) => {
    panel.tell(intent);
    panel.source?.wake();
  };
  panel.resizes = new ResizeObserver((entries) => takeSizes(panel, entries));
  panel.clock = setInterval(() => !document.hidden && panel.status?.tick(), 200);
  root.livePanel = panel;
  parent.append(root);
  return panel;
}

function closePanel(panel) {
  panel.source?.close();
  panel.resizes.disconnect();
  clearInterval(panel.clock);
  cancelAnimationFrame(panel.drawing);
  panel.root.remove();
}

function takeView(panel, data) {
  panel.view = data.view;
  panel.words = { strings: data.view.strings, language: data.view.language };
  takeTheme(panel);
  buildCards(panel);
  openSource(panel, data.source);
  panel.requestDraw();
}

// Dark or light is what the page's ground is.
function takeTheme(panel) {
  const style = getComputedStyle(panel.root);
  panel.font = style.fontFamily || "sans-serif";
  const ground = style.getPropertyValue("--st-background-color").trim();
  setAttributes(panel.root, { "data-theme": isDark(ground) ? "dark" : "light", lang: panel.words.language });
}

function isDark(color) {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  context.fillStyle = color || "#ffffff";
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
}

// Cards are built once; only another kind of panel or another number of tasks builds them anew.
function buildCards(panel) {
  const { view } = panel;
  const shape = JSON.stringify([view.mode, view.is_compact, view.tasks.map((task) => task.name)]);
  if (panel.shape === shape) return;
  panel.shape = shape;
  panel.status = makeStatus(panel);
  panel.cards = [makeLossCard(panel), makeQualityCard(panel), makeGatesCard(panel), makeMixtureCard(panel)];
  panel.cards.push(makeBalanceCard(panel));
  if (view.mode === "live") panel.cards.push(makeWeightsCard(panel));
  const tail = view.mode === "replay" ? [makeScrubber(panel)] : [];
  const grid = make("div", { class: "cards" }, ...panel.cards.map((card) => card.root));
  panel.root.replaceChildren(panel.status.root, ...tail.map((one) => one.root), grid);
  setAttributes(panel.root, { class: view.is_compact ? "live is-compact" : "live", "data-mode": view.mode });
  panel.cards.push(...tail);
  watchSizes(panel, grid);
}

function watchSizes(panel, grid) {
  panel.resizes.disconnect();
  panel.sizes.clear();
  for (const body of grid.querySelectorAll(".body")) {
    panel.sizes.set(body, { width: body.clientWidth || 320, height: body.clientHeight });
    panel.resizes.observe(body);
  }
}

function takeSizes(panel, entries) {
  for (const { target, contentRect } of entries) {
    const size = { width: Math.floor(contentRect.width), height: Math.floor(contentRect.height) };
    if (size.width > 0) panel.sizes.set(target, size);
  }
  panel.requestDraw();
}

// Only this site's own routes are asked.
function openSource(panel, url) {
  if (panel.sourceUrl === url) return;
  if (!/^\/(?!\/)/.test(url)) throw new Error("The source of a live run is a path on this site.");
  panel.source?.close();
  Object.assign(panel, { sourceUrl: url, run: emptyRun(), receivedAt: null, isLost: false, busy: null });
  panel.source = panel.view.mode === "replay" ? playReplay(panel, url) : followRun(panel, url);
  panel.inSightUntil = panel.view.mode === "live" ? Date.now() + IN_SIGHT_MS : 0;
}

// On a phone whoever has just started a run stands at the end of a long form; the run is above it, and is gone to.
function bringIntoSight(panel) {
  if (Date.now() < panel.inSightUntil && matchMedia("(max-width: 640px)").matches) {
    panel.root.scrollIntoView({ block: "start" });
  }
}

// All requests of one frame become one drawing.
function requestDraw(panel) {
  if (panel.drawing) return;
  panel.drawing = requestAnimationFrame(() => {
    panel.drawing = 0;
    panel.status.draw();
    for (const card of panel.cards) card.draw();
    bringIntoSight(panel);
  });
}
