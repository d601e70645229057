// A recorded run, fetched once and played by its own clock, with play, scrubber and "play again".

const REPLAY = { seconds: 12, drawEveryMs: 66, retryMs: 3000 };

// Play a replay; returns {wake, close, toggle, seek, share, isPlaying}.
function playReplay(panel, url) {
  const player = { panel, url, timeline: [], payload: null, taken: 0, at: 0, length: 0, isPlaying: false, isClosed: false, frame: 0 };
  const isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  loadReplay(player, isCalm);
  return {
    wake: () => {},
    close: () => {
      player.isClosed = true;
      cancelAnimationFrame(player.frame);
    },
    toggle: () => toggleReplay(player),
    seek: (share) => seekReplay(player, share * player.length),
    share: () => (player.length > 0 ? player.at / player.length : 0),
    isPlaying: () => player.isPlaying,
    isReady: () => player.payload !== null,
    hasEnded: () => player.payload !== null && player.at >= player.length,
  };
}

async function loadReplay(player, isCalm) {
  const { panel, url } = player;
  try {
    const answer = await fetch(url, { cache: "no-store" });
    const body = await answer.json();
    if (player.isClosed) return;
    if (!answer.ok) throw new Error(String(answer.status));
    player.payload = body;
    player.timeline = timelineOf(body.records);
    player.length = Math.max(1e-3, ...player.timeline.map(({ at }) => at));
    setLost(panel, false);
    if (isCalm) seekReplay(player, player.length);
    else startReplay(player);
  } catch {
    setLost(panel, true);
    if (!player.isClosed) setTimeout(() => !player.isClosed && loadReplay(player, isCalm), REPLAY.retryMs);
  }
}

// Records without a time of their own happen when the step before them did.
function timelineOf(records) {
  let at = 0;
  return records.map((record) => {
    at = Math.max(at, record.elapsed_s ?? at);
    return { at, record };
  });
}

function startReplay(player) {
  if (player.at >= player.length) seekReplay(player, 0);
  player.isPlaying = true;
  let before = null;
  let drawn = 0;
  const advance = (now) => {
    if (player.isClosed || !player.isPlaying) return;
    const passed = before === null || document.hidden ? 0 : Math.min(0.25, (now - before) / 1000);
    before = now;
    player.at = Math.min(player.length, player.at + (passed * player.length) / REPLAY.seconds);
    if (player.at >= player.length) player.isPlaying = false;
    if (now - drawn >= REPLAY.drawEveryMs || !player.isPlaying) {
      drawn = now;
      catchUp(player);
    }
    if (player.isPlaying) player.frame = requestAnimationFrame(advance);
  };
  player.frame = requestAnimationFrame(advance);
}

function toggleReplay(player) {
  if (player.payload === null) return;
  if (player.isPlaying) player.isPlaying = false;
  else startReplay(player);
  player.panel.requestDraw();
}

// Backwards means from the start: records only ever add.
function seekReplay(player, at) {
  if (player.payload === null) return;
  if (at < player.at) player.taken = 0;
  player.at = Math.min(player.length, Math.max(0, at));
  catchUp(player);
}

function catchUp(player) {
  const { panel, payload, timeline } = player;
  if (player.taken === 0) panel.run = { ...emptyRun(), totalSteps: payload.total_steps };
  while (player.taken < timeline.length && timeline[player.taken].at <= player.at) {
    takeRecord(panel.run, timeline[player.taken].record);
    player.taken += 1;
  }
  panel.run.state = player.at >= player.length ? payload.state : "running";
  panel.receivedAt = Date.now();
  panel.requestDraw();
}

// Scrubber and button beneath the cards.
function makeScrubber(panel) {
  const button = make("button", { type: "button", "data-action": "play" });
  const range = make("input", { type: "range", min: 0, max: 1, step: 0.001 });
  const root = make("div", { class: "scrubber", "data-part": "replay" }, button, range);
  button.addEventListener("click", () => panel.source.toggle?.());
  range.addEventListener("input", () => panel.source.seek?.(Number(range.value)));
  return { root, draw: () => drawScrubber(panel, button, range) };
}

function drawScrubber(panel, button, range) {
  const { words, source } = panel;
  const isReady = source?.isReady?.() ?? false;
  button.disabled = !isReady;
  range.disabled = !isReady;
  setText(button, playText(words, source, isReady));
  setAttributes(range, { "aria-label": say(words, "moment of the run"), "aria-valuetext": stepText(words, panel.run) });
  if (isReady) range.value = String(source.share());
}

function playText(words, source, isReady) {
  if (!isReady) return say(words, "Play");
  if (source.isPlaying()) return say(words, "Hold");
  return source.hasEnded() ? say(words, "Play again") : say(words, "Play");
}
