// Scales, ticks and paths: from numbers to the `d` of an SVG path.

function linearScale(from, to, start, end) {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

// Round numbers from `low` on, about `count` of them, the last at or beyond `high`.
function niceTicks(low, high, count) {
  const rough = (high - low) / Math.max(1, count) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough * 0.999);
  const start = Math.floor(low / step + 1e-9);
  const pieces = Math.max(1, Math.ceil(high / step - 1e-6) - start);
  return Array.from({ length: pieces + 1 }, (_, index) => Number(((start + index) * step).toPrecision(12)));
}

// Decimals that tell neighbouring ticks apart.
function tickDigits(ticks) {
  const step = ticks[1] - ticks[0];
  let digits = 0;
  while (digits < 6 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits += 1;
  return digits;
}

function point(x, y) {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

// A line through every point, or, where there are more points than pixels, through each pixel column's first,
// lowest, highest and last: no spike is lost.
function linePath(xs, ys, scaleX, scaleY) {
  let path = "";
  let column = null;
  for (let index = 0; index < xs.length; index += 1) {
    const x = Math.round(scaleX(xs[index]) * 2) / 2;
    const y = scaleY(ys[index]);
    if (column && column.x === x) {
      column.low = Math.min(column.low, y);
      column.high = Math.max(column.high, y);
      column.last = y;
    } else {
      path += columnPath(column, path === "");
      column = { x, first: y, low: y, high: y, last: y };
    }
  }
  return path + columnPath(column, path === "");
}

function columnPath(column, isStart) {
  if (!column) return "";
  const { x, first, low, high, last } = column;
  const start = `${isStart ? "M" : "L"}${point(x, first)}`;
  return low === high ? start : `${start}L${point(x, low)}L${point(x, high)}L${point(x, last)}`;
}

// The area between two lines.
function bandPath(xs, lows, highs, scaleX, scaleY) {
  if (xs.length < 2) return "";
  const upper = xs.map((x, index) => point(scaleX(x), scaleY(highs[index])));
  const lower = xs.map((x, index) => point(scaleX(x), scaleY(lows[index]))).reverse();
  return `M${upper.join("L")}L${lower.join("L")}Z`;
}

// Positions at least `gap` apart and within [low, high], each as near as possible to where it wants to be.
function spread(wanted, gap, low, high) {
  const order = wanted.map((_, index) => index).sort((one, other) => wanted[one] - wanted[other]);
  const placed = [...wanted];
  order.forEach((index, rank) => {
    const floor = rank ? placed[order[rank - 1]] + gap : low;
    placed[index] = Math.max(floor, wanted[index]);
  });
  [...order].reverse().forEach((index, rank) => {
    const ceiling = rank ? placed[order[order.length - rank]] - gap : high;
    placed[index] = Math.min(ceiling, placed[index]);
  });
  return placed;
}

function quantile(values, share) {
  if (values.length === 0) return 0;
  const stride = Math.max(1, Math.floor(values.length / 2000));
  const sample = values.filter((_, index) => index % stride === 0).sort((one, other) => one - other);
  return sample[Math.min(sample.length - 1, Math.floor(share * sample.length))];
}

// The last index whose value is at or before `value`; -1 when all come later. `values` ascend.
function indexAtOrBefore(values, value) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
