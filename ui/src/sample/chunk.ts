/**
 * Lays out and packs rows of a grid as the node does (`node::geometry`, `node::command::grid::packed`), for
 * the sample library has no node. A test holds it to bytes that the node has recorded.
 */
import type { Shape } from '../bindings/Shape';

export type Row = {
  id: string;
  ratio: number;
  time: number;
  thumbhash: Uint8Array;
  length: number | null;
  favourite: boolean;
  live: boolean;
  unseen: boolean;
  waits?: boolean;
  others?: boolean;
  away?: boolean;
};

const dayMs = 86_400_000;
const dayOf = (time: number) => Math.floor(time / dayMs);
const monthOf = (time: number) =>
  new Date(time).getUTCFullYear() * 12 + new Date(time).getUTCMonth();
const aspect = (ratio: number) => (ratio > 0 ? Math.min(4.5, Math.max(0.42, ratio)) : 1);

type Line = [first: number, stop: number, height: number];

function layOut(rows: readonly Row[], shape: Shape, before?: Row, after?: Row) {
  const { width, row_height: wished, gap } = shape;
  const aspects = rows.map(({ ratio }) => aspect(ratio));
  const lefts: number[] = [];
  const widths: number[] = [];
  const lines: { first: number; top: number; height: number }[] = [];
  const days: { first: number; top: number; left: number; width: number }[] = [];
  const months: { first: number; top: number }[] = [];
  let waiting: { first: number; end: number; natural: number }[] = [];
  let taken = 0;
  let goesOn = false;
  let y = 0;

  const sum = (first: number, end: number) =>
    aspects.slice(first, end).reduce((all, one) => all + one, 0);
  const gaps = (first: number, end: number) => Math.max(0, end - first - 1) * gap;
  const natural = (first: number, end: number) => sum(first, end) * wished + gaps(first, end);
  const filling = (first: number, end: number) => (width - gaps(first, end)) / sum(first, end);

  function put(first: number, end: number, height: number, x: number): number {
    for (const one of aspects.slice(first, end)) {
      lefts.push(x);
      widths.push(shape.squares ? height : one * height);
      x += (shape.squares ? height : one * height) + gap;
    }
    return x - gap;
  }
  function line(first: number, end: number, height: number): void {
    lines.push({ first, top: y, height });
    put(first, end, height, 0);
    y += height + gap;
  }
  function justified(start: number, end: number): [number, number] {
    let stop = start + 1;
    while (stop < end && natural(start, stop) < width) stop += 1;
    const height = filling(start, stop);
    if (height > wished) return [stop, height < wished * 1.12 ? height : wished];
    if (stop - start > 1) {
      const taller = filling(start, stop - 1);
      if (taller - wished < wished - height && taller < wished * 1.5) return [stop - 1, taller];
    }
    return [stop, height];
  }
  function fillLast(all: Line[]): void {
    const last = all.pop();
    if (!last) return;
    const [start, stop, height] = last;
    if (natural(start, stop) >= width || height > wished) return void all.push(last);
    const previous = all.pop();
    if (!previous)
      return void all.push([start, stop, Math.min(filling(start, stop), wished * 1.5)]);
    const [from] = previous;
    const off = (tall: number) => Math.abs(Math.log(tall / wished));
    const one = filling(from, stop);
    const worse = (cut: number) => Math.max(off(filling(from, cut)), off(filling(cut, stop)));
    let best = from + 1;
    for (let cut = best; cut < stop; cut += 1) if (worse(cut) < worse(best)) best = cut;
    if (best < stop && worse(best) < off(one))
      all.push([from, best, filling(from, best)], [best, stop, filling(best, stop)]);
    else all.push([from, stop, one]);
  }
  function fill(first: number, end: number, more: boolean): void {
    if (shape.squares) {
      const columns = Math.max(1, Math.floor((width + gap) / (wished + gap)));
      const side = (width - (columns - 1) * gap) / columns;
      for (let at = first; at < end; at += columns) line(at, Math.min(end, at + columns), side);
      return;
    }
    const all: Line[] = [];
    for (let start = first; start < end;) {
      const [stop, height] = justified(start, end);
      all.push([start, stop, height]);
      start = stop;
    }
    if (more) fillLast(all);
    for (const [start, stop, height] of all) line(start, stop, height);
  }
  function share(): void {
    const together = waiting;
    waiting = [];
    if (together.length === 0) return;
    let pictures = 0;
    let fixed = (together.length - 1) * shape.day_gap;
    for (const day of together) {
      const between = gaps(day.first, day.end);
      pictures += day.natural - between;
      fixed += between + Math.max(0, shape.day_minimum - day.natural);
    }
    const scale = (width - fixed) / pictures;
    const height = wished * (scale < 1.22 ? scale : 1);
    const header = y;
    lines.push({ first: together[0].first, top: header + shape.day_header, height });
    let left = 0;
    for (const { first, end } of together) {
      const wide = Math.max(put(first, end, height, left) - left, shape.day_minimum);
      days.push({ first, top: header, left, width: wide });
      left += wide + shape.day_gap;
    }
    y = header + shape.day_header + height + gap;
  }

  if (!shape.dated) fill(0, rows.length, after !== undefined);
  let month = before && monthOf(before.time);
  for (let first = 0; shape.dated && first < rows.length;) {
    const { time } = rows[first];
    const unit = shape.squares ? monthOf : dayOf;
    let end = first;
    while (end < rows.length && unit(rows[end].time) === unit(time)) end += 1;
    const begins = first > 0 || before === undefined || dayOf(before.time) !== dayOf(time);
    const more = end === rows.length && after !== undefined && dayOf(after.time) === dayOf(time);
    if (month !== monthOf(time)) {
      share();
      month = monthOf(time);
      months.push({ first, top: y });
      y += shape.month_header;
    }
    const wide = natural(first, end);
    if (shape.squares) fill(first, end, false);
    else if (wide >= width || !begins || more) {
      share();
      if (begins) {
        days.push({ first, top: y, left: 0, width });
        y += shape.day_header;
      }
      fill(first, end, more);
      goesOn = more;
    } else {
      const room = Math.max(wide, shape.day_minimum);
      if (waiting.length > 0 && taken + shape.day_gap + room > width) share();
      taken = waiting.length === 0 ? room : taken + shape.day_gap + room;
      waiting.push({ first, end, natural: wide });
    }
    first = end;
  }
  share();
  return { height: y, lefts, widths, lines, days, months, goesOn };
}

class Writer {
  #columns: Uint8Array<ArrayBuffer>[] = [];

  column(kind: 'f64' | 'f32' | 'u32' | 'u8', numbers: readonly number[]): void {
    const kinds = { f64: Float64Array, f32: Float32Array, u32: Uint32Array, u8: Uint8Array };
    this.#columns.push(new Uint8Array(kinds[kind].from(numbers).buffer));
  }

  buffer(): ArrayBuffer {
    const whole = new Uint8Array(this.#columns.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const column of this.#columns) {
      whole.set(column, at);
      at += column.length;
    }
    return whole.buffer;
  }
}

const bytesOf = (id: string) =>
  (id.replaceAll('-', '').match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));

function header(writer: Writer, flags: number, counts: number[], height: number): void {
  writer.column('u8', [1, flags, 0, 0]);
  writer.column('u32', counts);
  writer.column('f32', [height]);
  writer.column('u8', new Array(8).fill(0));
}

export function packIds(ids: readonly string[]): ArrayBuffer {
  const writer = new Writer();
  header(writer, 1, [ids.length, 0, 0, 0], 0);
  writer.column('u8', ids.flatMap(bytesOf));
  return writer.buffer();
}

/** Some rows, with the one before and the one after them where there are such. */
export function pack(rows: readonly Row[], shape: Shape, before?: Row, after?: Row): ArrayBuffer {
  const { height, lefts, widths, lines, days, months, goesOn } = layOut(rows, shape, before, after);
  const writer = new Writer();
  const counts = [rows.length, lines.length, days.length, months.length];
  header(writer, goesOn ? 2 : 0, counts, height);
  const column = (kind: Parameters<Writer['column']>[0], of: (row: Row) => number) =>
    writer.column(kind, rows.map(of));
  column('f64', ({ time }) => time);
  writer.column(
    'u8',
    rows.flatMap(({ id }) => bytesOf(id)),
  );
  column('f32', ({ ratio }) => ratio);
  writer.column('f32', lefts);
  writer.column('f32', widths);
  column('u32', ({ length }) => length ?? 0xffffffff);
  let end = 0;
  column('u32', ({ thumbhash }) => (end += thumbhash.length));
  for (const [kind, field] of [
    ['u32', 'first'],
    ['f32', 'top'],
    ['f32', 'height'],
  ] as const)
    writer.column(
      kind,
      lines.map((line) => line[field]),
    );
  for (const [kind, field] of [
    ['u32', 'first'],
    ['f32', 'top'],
    ['f32', 'left'],
    ['f32', 'width'],
  ] as const)
    writer.column(
      kind,
      days.map((day) => day[field]),
    );
  for (const [kind, field] of [
    ['u32', 'first'],
    ['f32', 'top'],
  ] as const)
    writer.column(
      kind,
      months.map((month) => month[field]),
    );
  column(
    'u8',
    ({ favourite, live, unseen, waits, others, away }) =>
      (favourite ? 1 : 0) +
      (live ? 2 : 0) +
      (unseen ? 4 : 0) +
      (waits ? 8 : 0) +
      (others ? 16 : 0) +
      (away ? 32 : 0),
  );
  writer.column(
    'u8',
    rows.flatMap(({ thumbhash }) => [...thumbhash]),
  );
  return writer.buffer();
}
