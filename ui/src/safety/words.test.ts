import { describe, expect, it } from 'vitest';
import type { MachineSafety } from '../bindings/MachineSafety';
import { fetched, knownSince, loss, nameOf, originalOn, promiseTakes, verdict } from './words';

function machine(name: string, rest: Partial<MachineSafety> = {}): MachineSafety {
  return {
    machine: { id: name, name },
    is_here: name === 'Desk',
    photos: 400,
    alone: 0,
    alone_bytes: 0,
    holds: 0,
    known_at: name === 'Desk' ? null : '2026-11-24T09:00:00Z',
    is_online: true,
    ...rest,
  };
}
const desk = machine('Desk');
const laptop = machine('Laptop');

describe('the verdict', () => {
  it('of one machine is that nothing is safe, unless there is nothing', () => {
    expect(verdict([desk], true)).toMatchObject({
      tone: 'asks',
      title: 'All your originals are on this machine alone',
    });
    expect(verdict([{ ...desk, photos: 0 }], false)).toMatchObject({
      tone: 'plain',
      title: 'No photos yet',
    });
  });

  it('counts what is on one machine only, over all of them', () => {
    const told = verdict(
      [
        { ...desk, alone: 3 },
        { ...laptop, alone: 9 },
      ],
      false,
    );
    expect(told).toMatchObject({ tone: 'asks', title: '12 photos are on one machine only' });
    expect(told.text).toMatch(/would be lost/);
    expect(verdict([{ ...desk, alone: 1 }, laptop], true)).toMatchObject({
      title: '1 photo is on one machine only',
      text: expect.stringMatching(/copied as soon as/),
    });
  });

  it('is that all is well, but only where every machine has told all', () => {
    expect(verdict([desk, laptop], true)).toMatchObject({ tone: 'good' });
    const told = verdict(
      [desk, { ...laptop, known_at: null }, machine('', { known_at: null })],
      true,
    );
    expect(told).toMatchObject({ tone: 'plain', title: expect.stringMatching(/^As far as/) });
    expect(told.text).toContain('Laptop and another machine');
  });
});

it('says what would be lost, and how old that knowledge is', () => {
  expect(loss(desk)).toBe('Nothing');
  expect(loss({ ...desk, alone: 1200, alone_bytes: 4_800_000_000 })).toBe('1,200 (4.8 GB)');
  expect(knownSince(laptop, Date.parse('2026-11-24T10:00:00Z'))).toBe('As of 1 hour ago');
  expect(knownSince({ ...laptop, known_at: null }, 0)).toBe('It has not told everything yet');
});

describe('what the promise takes', () => {
  const away = { ...laptop, alone: 2, alone_bytes: 9_000_000 };
  it('is what the others have alone, beside what is free', () => {
    expect(promiseTakes([desk, away], 212e9)).toMatch(
      /needs about 9 MB for it; 212 GB are free\.$/,
    );
    expect(promiseTakes([desk, away], 1e6)).toMatch(/9 MB for it, but only 1 MB are free\.$/);
    expect(promiseTakes([desk, away], null)).toMatch(/needs about 9 MB for it\.$/);
    expect(promiseTakes([desk, laptop], 212e9)).toMatch(/needs no more room for it\.$/);
  });

  it('tells what the others need, too; of one machine, when it begins', () => {
    expect(promiseTakes([{ ...desk, alone: 1, alone_bytes: 5e6 }, laptop], null)).toMatch(
      /The others need about 5 MB/,
    );
    expect(promiseTakes([desk], 212e9)).toMatch(/begins once a second machine/);
  });
});

it('names machines, also those without a name', () => {
  expect(nameOf({ id: '1', name: ' ' }, true)).toBe('This machine');
  expect(originalOn([desk.machine, laptop.machine])).toBe('Original on: Desk, Laptop');
  expect(
    originalOn([
      { id: '1', name: '' },
      { id: '2', name: '' },
    ]),
  ).toBe('Original on: This machine, another machine');
});

describe('what came of missing originals', () => {
  const lacked = { path: 'lake.jpg', code: 'away', message: 'It is away.' };
  it.each([
    [0, [], 'No original is missing here'],
    [1, [], '1 original is here again'],
    [1200, [], '1,200 originals are here again'],
    [3, [lacked], '3 originals are here again; 1 could not be had from your other machines'],
  ])('%i and what is lacking', (count, lacking, told) => {
    expect(fetched({ fetched: count, lacking, cancelled: false })).toBe(told);
  });
});
