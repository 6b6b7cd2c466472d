import { describe, expect, it } from 'vitest';
import { Selection } from './selection.svelte';

const order = ['a', 'b', 'c', 'd', 'e', 'f'];
const some = () => new Selection(() => order.length);

function chosen(selection: Selection): string {
  return order.filter((id) => selection.has(id)).join('');
}

describe('a selection', () => {
  it('a click chooses one and leaves the rest', () => {
    const selection = some();
    selection.only('b');
    selection.only('d');
    expect(chosen(selection)).toBe('d');
    expect([selection.focus, selection.anchor]).toEqual(['d', 'd']);
  });

  it('toggles, and extends from where it was toggled last', () => {
    const selection = some();
    selection.toggle('a');
    selection.toggle('c');
    selection.extend(['c', 'd', 'e'], 'e', true);
    expect(chosen(selection)).toBe('acde');
    expect([selection.focus, selection.anchor]).toEqual(['e', 'c']);
    selection.toggle('d');
    expect(chosen(selection)).toBe('ace');
    selection.extend(['a', 'b'], 'a');
    expect(chosen(selection)).toBe('ab');
  });

  it('a day is chosen whole, then let go whole', () => {
    const selection = some();
    selection.only('b');
    selection.flip(['b', 'c', 'd']);
    expect(chosen(selection)).toBe('bcd');
    selection.flip(['b', 'c', 'd']);
    expect(chosen(selection)).toBe('');
  });

  it('all but some is told without naming any of them', () => {
    const selection = some();
    selection.only('b');
    selection.everything();
    expect([selection.size, chosen(selection)]).toEqual([6, 'abcdef']);
    selection.toggle('c');
    expect([selection.size, chosen(selection), selection.named]).toEqual([5, 'abdef', null]);
    selection.flip(['c', 'd']);
    expect(selection.size).toBe(6);
    selection.flip(['c', 'd']);
    expect(chosen(selection)).toBe('abef');
    selection.clear();
    expect(selection.size).toBe(0);
  });

  it('lets go of what left', () => {
    const selection = some();
    selection.replace(['b', 'c']);
    selection.drop(['c', 'x']);
    expect([...(selection.named ?? [])]).toEqual(['b']);
  });
});
