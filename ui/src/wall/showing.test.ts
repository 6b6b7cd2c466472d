import { describe, expect, it } from 'vitest';
import { next, nothing, taken, upcoming, type Showing } from './showing';

const steps = (from: Showing, count: number) => {
  const seen: (string | null)[] = [from.now];
  let at = from;
  for (let step = 0; step < count; step += 1) {
    at = next(at);
    seen.push(at.now);
  }
  return seen.join('');
};

describe('what a wall shows', () => {
  it('goes round, the newest first', () => {
    expect(steps(taken(nothing, [...'abcd']), 5)).toBe('dcbadc');
  });

  it('keeps what was large beside it for a while, nothing twice', () => {
    let wall = taken(nothing, [...'abcdef']);
    expect(wall.beside).toEqual(['a', 'b', 'c']);
    wall = next(next(wall));
    expect([wall.now, ...wall.beside]).toEqual(['d', 'e', 'f', 'a']);
  });

  it('shows what comes in next, in the order in which it came, then goes on', () => {
    let wall = taken(nothing, [...'abc']);
    wall = taken(wall, [...'xabcy']);
    expect(wall.now).toBe('c');
    expect(upcoming(wall)).toBe('x');
    expect(steps(wall, 3).slice(0, 3)).toBe('cxy');
  });

  it('lets go of what left the album, also when that was large', () => {
    let wall = taken(nothing, [...'abc']);
    wall = taken(wall, [...'ab']);
    expect(wall.now).toBe('b');
    expect(wall.beside).not.toContain('c');
    expect(taken(wall, []).now).toBeNull();
  });

  it('stays with the only one', () => {
    const wall = taken(nothing, ['a']);
    expect([wall.now, wall.beside, upcoming(wall)]).toEqual(['a', [], null]);
    expect(next(wall)).toBe(wall);
    expect(taken(nothing, []).now).toBeNull();
  });
});
