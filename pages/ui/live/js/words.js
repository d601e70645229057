// What is said and how numbers are written. English is the key; the page hands over the translations.

function translate(words, english, places) {
  const pattern = words.strings[english] ?? english;
  return pattern.replace(/\{(\w+)\}/g, (whole, name) => (name in places ? String(places[name]) : whole));
}

// Every text of this component is a literal second argument of `say`, so that a test can find it.
function say(words, english, places = {}) {
  return translate(words, english, places);
}

// A sentence that came with the run: translated where the page knows its template, else as it was said.
function sayError(words, error) {
  if (error.template in words.strings) return translate(words, error.template, error.values ?? {});
  return error.message ?? error.template ?? String(error.error);
}

function stateWord(words, state) {
  switch (state) {
    case "queued":
      return say(words, "queued");
    case "running":
      return say(words, "running");
    case "paused":
      return say(words, "paused");
    case "finished":
      return say(words, "finished");
    case "stopped":
      return say(words, "stopped");
    case "failed":
      return say(words, "failed");
    case "interrupted":
      return say(words, "interrupted");
    case "absent":
      return say(words, "not found");
    default:
      return say(words, "connecting …");
  }
}

function wholeNumber(words, value) {
  return new Intl.NumberFormat(words.language, { maximumFractionDigits: 0 }).format(value);
}

function signedParts(value) {
  return Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
}

// A loss or an error: three decimals while small, fewer when large.
function lossNumber(words, value) {
  const digits = signedParts(value);
  return new Intl.NumberFormat(words.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
    value,
  );
}

// 142 k, 1.4 M; 14.2 万 in Chinese.
function shortNumber(words, value) {
  if (words.language !== "en") {
    return new Intl.NumberFormat(words.language, { notation: "compact", maximumSignificantDigits: 3 }).format(value);
  }
  if (value >= 999500) return `${(value / 1e6).toPrecision(3)} M`;
  if (value >= 9995) return `${Math.round(value / 1e3)} k`;
  return wholeNumber(words, value);
}

// A task weight: 0.32, 1.0, 3.2, 32, 320.
function weightNumber(words, value) {
  if (value === 0) return "0";
  const digits = value < 1 ? 2 : value < 10 ? 1 : 0;
  return new Intl.NumberFormat(words.language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
    value,
  );
}

function duration(words, seconds) {
  if (seconds < 9.95) return say(words, "{count} s", { count: seconds.toFixed(1) });
  if (seconds < 90) return say(words, "{count} s", { count: Math.round(seconds) });
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return say(words, "{count} min", { count: minutes });
  return say(words, "{hours} h {minutes} min", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

// Time left jumps less when it is whole seconds.
function timeLeft(words, seconds) {
  return duration(words, Math.max(1, seconds < 10 ? Math.round(seconds) : seconds)).replace(".0", "");
}

function percent(share) {
  return `${Math.round(share * 100)} %`;
}
