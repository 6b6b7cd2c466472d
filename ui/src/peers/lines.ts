/** Photos in lines of one width: each line is as tall as it must be for its photos to fill it. */

export type Line = { first: number; top: number; height: number; widths: number[] };

export const gap = 4;

/** `ratios` are widths over heights; `tall` is how tall a line would like to be. */
export function linesOf(ratios: readonly number[], width: number, tall: number): Line[] {
  const lines: Line[] = [];
  if (width <= 0) return lines;
  let first = 0;
  let top = 0;
  let sum = 0;
  ratios.forEach((ratio, at) => {
    // A panorama may fill a line, and a strip of paper may not be a hair.
    sum += shown(ratio);
    const gaps = (at - first) * gap;
    const isLast = at === ratios.length - 1;
    const full = (width - gaps) / sum;
    if (full > tall && !isLast) return;
    const height = Math.min(full, isLast ? tall : full);
    const widths = ratios.slice(first, at + 1).map((one) => shown(one) * height);
    lines.push({ first, top, height, widths });
    top += height + gap;
    first = at + 1;
    sum = 0;
  });
  return lines;
}

/** Where an arrow leads: up and down keep to the photo whose middle is nearest. */
export function across(lines: readonly Line[], from: number, by: 1 | -1): number {
  const at = lines.findLastIndex(({ first }) => first <= from);
  const line = lines[at];
  const next = lines[at + by];
  if (!line || !next) return from;
  const wanted = middles(line)[from - line.first];
  const distances = middles(next).map((middle) => Math.abs(middle - wanted));
  return next.first + distances.indexOf(Math.min(...distances));
}

function middles({ widths }: Line): number[] {
  let left = 0;
  return widths.map((width) => {
    const middle = left + width / 2;
    left += width + gap;
    return middle;
  });
}

function shown(ratio: number): number {
  return Math.min(5, Math.max(0.4, ratio));
}
