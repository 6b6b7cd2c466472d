import { expect, it } from 'vitest';
import { parts, whole } from './moment';

it('a moment is taken apart and put together again', () => {
  for (const taken of [
    '2026-05-03T14:30:00+02:00',
    '1999-12-31T23:59:59',
    '2001-01-01T00:00:00-03:30',
  ])
    expect(whole(parts(taken))).toEqual({ taken });
  expect(parts('2026-05-03T14:30:00.25Z')).toEqual({
    date: '2026-05-03',
    time: '14:30',
    offset: '+00:00',
  });
  expect(parts(null)).toEqual({ date: '', time: '', offset: '' });
});

it('what is no moment is told in a sentence', () => {
  const day = { date: '2026-05-03', time: '14:30', offset: '' };
  expect(whole({ ...day, time: '' })).toEqual({ taken: '2026-05-03T00:00:00' });
  expect(whole({ ...day, date: '3 May' })).toHaveProperty(
    'problem',
    expect.stringMatching(/2026-05-03/),
  );
  expect(whole({ ...day, date: '2026-13-03' })).toHaveProperty('problem');
  expect(whole({ ...day, time: '25:00' })).toHaveProperty(
    'problem',
    expect.stringMatching(/14:30/),
  );
});
