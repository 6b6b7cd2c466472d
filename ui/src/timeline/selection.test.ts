import { describe, expect, it } from 'vitest';
import { Selection } from './selection.svelte';

const order = ['a', 'b', 'c', 'd', 'e', 'f'];

function chosen(selection: Selection): string {
  return selection.inOrder(order).join('');
}

describe('a selection', () => {
  it('a click chooses one and leaves the rest', () => {
    const selection = new Selection();
    selection.only('b');
    selection.only('d');
    expect(chosen(selection)).toBe('d');
    expect(selection.focus).toBe('d');
  });

  it('toggles, and extends from where it was toggled last', () => {
    const selection = new Selection();
    selection.toggle('a');
    selection.toggle('c');
    selection.extend('e', order, true);
    expect(chosen(selection)).toBe('acde');
    selection.toggle('d');
    expect(chosen(selection)).toBe('ace');
  });

  it('extends both ways from one anchor', () => {
    const selection = new Selection();
    selection.only('c');
    selection.extend('e', order);
    expect(chosen(selection)).toBe('cde');
    selection.extend('a', order);
    expect(chosen(selection)).toBe('abc');
  });

  it('extending from nowhere chooses that one', () => {
    const selection = new Selection();
    selection.extend('e', order);
    expect(chosen(selection)).toBe('e');
  });

  it('a day is chosen whole, then let go whole', () => {
    const selection = new Selection();
    selection.only('b');
    selection.flip(['b', 'c', 'd']);
    expect(chosen(selection)).toBe('bcd');
    selection.flip(['b', 'c', 'd']);
    expect(chosen(selection)).toBe('');
  });

  it('survives new photos, forgets those that went, and moves on to what took their place', () => {
    const selection = new Selection();
    selection.only('b');
    selection.extend('d', order);
    selection.keep(order, ['x', 'a', 'b', 'e', 'f']);
    expect([...selection.chosen]).toEqual(['b']);
    expect(selection.focus).toBe('e');
  });
});
