import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pack, packIds, type Row } from '../sample/chunk';
import { Chunk, idsOf } from './chunk';

/** What the node's own test packs, and has recorded: `node::command::grid::packed`. */
const recorded = Uint8Array.from(readFileSync(join(import.meta.dirname, 'recorded.chunk'))).buffer;
const id = (row: number) => `0190b6a0-0000-7000-8000-${String(row).padStart(12, '0')}`;
const rows: Row[] = Array.from({ length: 12 }, (_, row) => ({
  id: id(row),
  ratio: [1.5, 0.75, 1][row % 3],
  time: 1_777_809_600_000 - Math.floor(row / 5) * 86_400_000 - row,
  thumbhash: new Uint8Array(row % 4).fill(row),
  length: { 2: 0, 3: 14_000, 11: 9 }[row] ?? null,
  favourite: row === 1 || row === 4,
  live: row === 4,
  unseen: row === 5,
  ...(row === 7 && { waits: true }),
  ...((row === 7 || row === 8) && { others: true }),
  ...(row === 9 && { away: true }),
}));
const shape = {
  width: 600,
  row_height: 150,
  gap: 4,
  squares: false,
  dated: true,
  day_header: 36,
  month_header: 60,
  day_gap: 20,
  day_minimum: 120,
};

it('what the node recorded is read', () => {
  const chunk = new Chunk(recorded);
  expect([chunk.count, chunk.goesOn]).toEqual([10, true]);
  for (let at = 0; at < 10; at += 1) {
    const { thumbhash, length, ...row } = rows[at + 1];
    expect(chunk.photo(at)).toEqual({
      ...row,
      thumbhash: btoa(String.fromCharCode(...thumbhash)),
      ...(length !== null && { length }),
    });
    expect(chunk.indexOf(id(at + 1))).toBe(at);
  }
  expect(chunk.indexOf(id(0))).toBe(-1);
  expect(chunk.videosBetween(0, 10)).toBe(2);
  expect(chunk.videosBetween(1, 2)).toBe(1);
  // The first day began before: it has no header here, and its lines begin at the top.
  expect([...chunk.dayFirst]).toEqual([4, 9, 10]);
  expect([chunk.lineTops[0], chunk.monthTops.length]).toEqual([0, 0]);
});

it('the sample library packs the same bytes', () => {
  const packed = pack(rows.slice(1, 11), shape, rows[0], rows[11]);
  expect(new Uint8Array(packed)).toEqual(new Uint8Array(recorded));
});

it('ids alone are read, and another version is refused in words', () => {
  expect(idsOf(packIds([id(3), id(9)]))).toEqual([id(3), id(9)]);
  expect(() => idsOf(recorded)).toThrow();
  const other = new Uint8Array(recorded.slice());
  other[0] = 7;
  expect(() => new Chunk(other.buffer)).toThrow('two versions');
});
