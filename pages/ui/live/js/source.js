// Where records come from while a run lives: a read-only route is asked for what is new since the cursor.

const POLL_MS = { running: 500, queued: 1000, paused: 1000, settled: 5000, afterIntent: 120, slowest: 10000, patience: 8000 };

// Follow a run; returns {wake, close}.
function followRun(panel, url) {
  const follower = { panel, url, timer: null, failures: 0, isClosed: false, isAsking: false };
  const onVisible = () => {
    if (!document.hidden) wakeFollower(follower, 0);
  };
  document.addEventListener("visibilitychange", onVisible);
  wakeFollower(follower, 0);
  return {
    wake: () => wakeFollower(follower, POLL_MS.afterIntent),
    close: () => {
      follower.isClosed = true;
      clearTimeout(follower.timer);
      document.removeEventListener("visibilitychange", onVisible);
    },
  };
}

function wakeFollower(follower, delay) {
  clearTimeout(follower.timer);
  follower.timer = setTimeout(() => ask(follower), delay);
}

// A hidden tab asks nothing; it is woken when it is seen again.
async function ask(follower) {
  if (follower.isClosed || follower.isAsking || document.hidden) return;
  follower.isAsking = true;
  try {
    await takeAnswer(follower);
    follower.failures = 0;
    setLost(follower.panel, false);
  } catch {
    follower.failures += 1;
    setLost(follower.panel, true);
  } finally {
    follower.isAsking = false;
  }
  if (!follower.isClosed) wakeFollower(follower, nextDelay(follower));
}

async function takeAnswer(follower) {
  const { panel, url } = follower;
  const { run } = panel;
  const answer = await fetch(`${url}?cursor=${run.cursor}&state=${encodeURIComponent(run.state)}`, {
    cache: "no-store",
    signal: AbortSignal.timeout(POLL_MS.patience),
  });
  if (answer.status === 204) {
    panel.requestDraw();
    return;
  }
  const body = await answer.json();
  if (follower.isClosed || panel.run !== run) return;
  if (answer.ok) takePayload(run, body);
  else if (answer.status < 500) Object.assign(run, { error: body, state: "absent" });
  else throw new Error(String(answer.status));
  panel.receivedAt = Date.now();
  panel.requestDraw();
}

function setLost(panel, isLost) {
  if (panel.isLost === isLost) return;
  panel.isLost = isLost;
  panel.requestDraw();
}

function nextDelay({ panel, failures }) {
  if (failures > 0) return Math.min(POLL_MS.slowest, POLL_MS.running * 2 ** failures);
  return POLL_MS[panel.run.state] ?? POLL_MS.settled;
}
