/**
 * A grid in parts that are asked for, laid out and let go of one by one: some whole months, or a part
 * of a full one. Their counts are known at once, their heights only when they come; until then they
 * are guessed, and nothing that is seen may move when the guess is replaced.
 */
import type { MonthCount } from '../bindings/MonthCount';
import type { Shape } from '../bindings/Shape';
import { lastAtMost } from './layout';

export type Section = {
  /** What it stays known by while others come and go. */
  key: string;
  first: number;
  count: number;
  /** The months in it, newest first. */
  months: { month: string; first: number; count: number }[];
};

/** How many photos a section has at most. */
const most = 500;

/** How many squares a line has; the node reckons the same. */
export function columnsOf({ width, row_height, gap }: Shape): number {
  return Math.max(1, Math.floor((width + gap) / (row_height + gap)));
}

export function sectionsOf(months: readonly MonthCount[], shape: Shape): Section[] {
  // Squares leave no line unfilled inside a month.
  const columns = shape.squares ? columnsOf(shape) : 1;
  const step = Math.max(columns, Math.floor(most / columns) * columns);
  const sections: Section[] = [];
  let first = 0;
  if (!shape.dated) {
    const total = months.reduce((sum, { count }) => sum + count, 0);
    for (; first < total; first += step)
      sections.push({
        key: String(first),
        first,
        count: Math.min(step, total - first),
        months: [],
      });
    return sections;
  }
  let open: Section | undefined;
  for (const { month, count } of months) {
    if (open && open.count + count <= most) {
      open.months.push({ month, first, count });
      open.count += count;
      first += count;
      continue;
    }
    open = undefined;
    for (let begun = 0; begun < count; begun += step) {
      const part = Math.min(step, count - begun);
      const section = {
        key: `${month}/${begun}`,
        first,
        count: part,
        months: [{ month, first, count: part }],
      };
      sections.push(section);
      first += part;
      if (begun === 0 && part === count) open = section;
    }
  }
  return sections;
}

/** How tall a section may be, until the node has laid it out. */
export function guessed(section: Section, shape: Shape): number {
  const { width, row_height, gap, dated, squares } = shape;
  const heads = section.months.length * shape.month_header;
  if (squares) {
    const columns = columnsOf(shape);
    const side = (width - (columns - 1) * gap) / columns;
    const lines = dated
      ? section.months.reduce((sum, { count }) => sum + Math.ceil(count / columns), 0)
      : Math.ceil(section.count / columns);
    return heads + lines * (side + gap);
  }
  const lines = Math.ceil((section.count * (1.3 * row_height + gap)) / width);
  const days = Math.min(lines, section.months.length * 12) * shape.day_header;
  return lines * (row_height + gap) + (dated ? heads + days : 0);
}

/** Where each section begins when these are their heights; one more entry says where the last ends. */
export function topsOf(heights: readonly number[]): Float64Array {
  const tops = new Float64Array(heights.length + 1);
  heights.forEach((height, at) => (tops[at + 1] = tops[at] + height));
  return tops;
}

/** The section at a height, never beyond the first and the last. */
export function sectionAt(tops: Float64Array, y: number): number {
  return Math.max(0, Math.min(tops.length - 2, lastAtMost(tops, y)));
}

/** The section that has a row; −1 when there is none. */
export function sectionOf(sections: readonly Section[], row: number): number {
  let low = 0;
  let high = sections.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sections[middle].first <= row) low = middle + 1;
    else high = middle;
  }
  const found = sections[low - 1];
  return found && row < found.first + found.count ? low - 1 : -1;
}

/** The tallest field of the page: well below what browsers draw without rounding. */
export const tallest = 4_000_000;

/**
 * What is added to a height in the grid to have its place in the page, when the view's top is at `y`.
 * A grid of millions of px lies around the view; both its ends can be reached.
 */
export function originFor(y: number, total: number): number {
  if (total <= tallest || y < tallest / 2) return 0;
  if (total - y < tallest / 2) return tallest - total;
  return Math.round(tallest / 2 - y);
}
