import { describe, expect, it } from 'vitest';
import {
  columnsOf,
  guessed,
  originFor,
  sectionAt,
  sectionOf,
  sectionsOf,
  tallest,
  topsOf,
} from './sections';

const shape = {
  width: 1000,
  row_height: 200,
  gap: 4,
  squares: false,
  dated: true,
  day_header: 36,
  month_header: 60,
  day_gap: 20,
  day_minimum: 120,
};
const months = [
  { month: '2026-05', count: 3 },
  { month: '2026-04', count: 400 },
  { month: '2026-02', count: 300 },
  { month: '2019-08', count: 70_000 },
  { month: '2006-01', count: 1 },
];

describe('sections', () => {
  it('are some whole months, or a part of a full one', () => {
    const sections = sectionsOf(months, shape);
    expect(sections.slice(0, 3).map(({ key, count }) => [key, count])).toEqual([
      ['2026-05/0', 403],
      ['2026-02/0', 300],
      ['2019-08/0', 500],
    ]);
    let first = 0;
    for (const section of sections) {
      expect(section.first).toBe(first);
      expect(section.count).toBeLessThanOrEqual(500);
      first += section.count;
    }
    expect(first).toBe(70_704);
    expect(new Set(sections.map(({ key }) => key)).size).toBe(sections.length);
  });

  it('of squares end with a full line inside a month', () => {
    const squares = { ...shape, squares: true, row_height: 90 };
    const columns = columnsOf(squares);
    const parts = sectionsOf(months, squares).filter(({ key }) => key.startsWith('2019-08'));
    expect(parts.slice(0, -1).every(({ count }) => count % columns === 0)).toBe(true);
  });

  it('without days are parts of equal length', () => {
    const sections = sectionsOf(months, { ...shape, dated: false });
    expect(sections.at(-1)).toMatchObject({ first: 70_500, count: 204 });
  });

  it('are found by row and by height', () => {
    const sections = sectionsOf(months, shape);
    expect(sectionOf(sections, 402)).toBe(0);
    expect(sectionOf(sections, 403)).toBe(1);
    expect(sectionOf(sections, 70_703)).toBe(sections.length - 1);
    expect([sectionOf(sections, 70_704), sectionOf(sections, -1), sectionOf([], 0)]).toEqual([
      -1, -1, -1,
    ]);
    const tops = topsOf([10, 20, 30]);
    expect([...tops]).toEqual([0, 10, 30, 60]);
    expect([-5, 0, 10, 59, 60, 99].map((y) => sectionAt(tops, y))).toEqual([0, 0, 1, 2, 2, 2]);
  });

  it('have a height that can be believed before they are laid out', () => {
    const [section] = sectionsOf(months, shape);
    expect(guessed(section, shape)).toBeGreaterThan(10_000);
    expect(guessed(section, shape)).toBeLessThan(40_000);
  });
});

describe('the field', () => {
  const total = 40_000_000;

  it('holds all of a small grid', () => {
    expect(originFor(123_456, tallest)).toBe(0);
  });

  it('moves under a grid that is too tall, and both ends can be reached', () => {
    expect(originFor(0, total)).toBe(0);
    expect(originFor(1_000_000, total)).toBe(0);
    expect(total + originFor(total - 800, total)).toBe(tallest);
    const middle = 17_000_000;
    expect(middle + originFor(middle, total)).toBe(tallest / 2);
  });
});
