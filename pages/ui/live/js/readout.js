// The numbers in words: value, interval, and how many positives it rests on.

function measureText(words, metrics, measure) {
  if (measure === "rmse") return lossNumber(words, metrics.rmse);
  return hasInterval(metrics) && !isOpenInterval(metrics)
    ? `${metrics.auc.toFixed(3)} ± ${((metrics.auc_high - metrics.auc_low) / 2).toFixed(3)}`
    : metrics.auc.toFixed(3);
}

// With one positive or one negative nothing is ruled out.
function isOpenInterval(metrics) {
  return metrics.auc_high - metrics.auc_low > 0.99;
}

// "0.831 ± 0.006 · 1,234 positives"
function metricsText(words, metrics) {
  if (metrics.kind === "regression") return regressionText(words, metrics);
  const parts = [metrics.auc === null ? say(words, "undefined") : measureText(words, metrics, "auc")];
  if (metrics.auc !== null && hasInterval(metrics) && isOpenInterval(metrics)) parts.push(say(words, "could be anything from 0 to 1"));
  if (metrics.positives === 1) parts.push(say(words, "rests on 1 positive"));
  else if (typeof metrics.positives === "number") {
    parts.push(say(words, "{count} positives", { count: wholeNumber(words, metrics.positives) }));
  }
  if (typeof metrics.oracle_auc === "number") {
    parts.push(say(words, "oracle {value}", { value: metrics.oracle_auc.toFixed(3) }));
  }
  return parts.join(" · ");
}

function regressionText(words, metrics) {
  if (metrics.rmse === null) return say(words, "undefined");
  const parts = [`RMSE ${lossNumber(words, metrics.rmse)}`];
  if (typeof metrics.r2 === "number") parts.push(`R² ${metrics.r2.toFixed(3)}`);
  parts.push(say(words, "{count} rows", { count: wholeNumber(words, metrics.rows) }));
  return parts.join(" · ");
}

// What the readout is about: the test split once the run ended, else the latest look at validation.
function readoutMetrics(run) {
  if (run.end) return { ...run.end, isTest: true };
  const metrics = {};
  let step = null;
  for (const [name, series] of run.tasks) {
    const last = lastOf(series.measures);
    if (last) {
      metrics[name] = last.metrics;
      step = last.step;
    }
  }
  return { metrics, step, isTest: false };
}

function readoutHeading(words, about) {
  if (!about.isTest) {
    return about.step === null ? say(words, "No validation yet.") : say(words, "validation at step {step}", { step: wholeNumber(words, about.step) });
  }
  return say(words, "test, best weights (epoch {epoch}, step {step})", {
    epoch: about.best_epoch,
    step: wholeNumber(words, about.best_step),
  });
}

// A line per task; a product's second factor stands beneath it on a line of its own.
function readoutLines(view, about) {
  return view.tasks.flatMap((task, index) => {
    const own = { task, index, space: task.space, metrics: about.metrics[task.name] };
    const factor = about.cvr_metrics?.[task.name];
    return factor ? [own, { task, index, space: view.cvr_on_clicks, metrics: factor }] : [own];
  });
}

function drawReadout(panel, { heading, lines }) {
  const about = readoutMetrics(panel.run);
  setText(heading, readoutHeading(panel.words, about));
  const told = readoutLines(panel.view, about);
  const nodes = pool(lines, told.length, () => make("span", {}, make("b"), make("i"), make("span")));
  told.forEach(({ task, index, space, metrics }, place) => {
    const [name, where, text] = nodes[place].childNodes;
    setAttributes(nodes[place], { class: `readout-line task-${index % 8}`, "data-task": task.name });
    nodes[place].hidden = !metrics;
    setText(name, task.label);
    setText(where, space ? ` · ${space}` : "");
    setText(text, metrics ? ` ${metricsText(panel.words, metrics)}` : "");
  });
}
