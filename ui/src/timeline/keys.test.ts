import { expect, it } from 'vitest';
import { removes } from './keys';

it('Del removes, and Cmd with Backspace; nothing removes while it is held down', () => {
  const pressed = (key: string, also: KeyboardEventInit = {}) =>
    removes(new KeyboardEvent('keydown', { key, ...also }));
  expect(pressed('Delete')).toBe(true);
  expect(pressed('Backspace', { metaKey: true })).toBe(true);
  expect(pressed('Backspace')).toBe(false);
  expect(pressed('Delete', { shiftKey: true })).toBe(false);
  expect(pressed('Delete', { repeat: true })).toBe(false);
});
