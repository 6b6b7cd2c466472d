import { expect, test } from 'vitest';
import { isEmpty, question, understood, written, type Wish } from './wish';

const wish: Wish = {
  words: 'genoa & sea',
  type: 'raw',
  favourites: true,
  stars: 4,
  place: 'unknown',
  camera: 'Canon EOS',
  from: '2019-01-01',
  to: '2019-12-31',
};

test('a wish survives the address', () => {
  expect(understood(written(wish))).toEqual(wish);
  expect(understood(written({ words: '' }))).toEqual({ words: '' });
});

test('nonsense in an address asks for nothing', () => {
  const read = understood('stars=9&type=cat&place=moon&from=yesterday&favourites=maybe&else=1');
  expect(read).toEqual({ words: '' });
  expect(isEmpty(read)).toBe(true);
});

test('the node is asked for what is said, and for no more', () => {
  expect(question(wish)).toEqual({
    query: 'genoa & sea',
    type: 'raw',
    favorites: true,
    rating_at_least: 4,
    without_place: true,
    camera: 'Canon EOS',
    from: '2019-01-01',
    to: '2019-12-31',
  });
  expect(question({ words: 'sea' })).toEqual({ query: 'sea' });
});
