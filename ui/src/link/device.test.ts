import { expect, it } from 'vitest';
import { overwriteGetLocale } from '../paraglide/runtime';
import { deviceOf } from './device';

it('tells in the language of the window what a visitor came with', () => {
  expect(deviceOf('Safari on an iPhone')).toBe('Safari on an iPhone');
  expect(deviceOf('A browser')).toBe('A browser');
  overwriteGetLocale(() => 'de');
  expect(deviceOf('Safari on an iPhone')).toBe('Safari auf einem iPhone');
  expect(deviceOf('Firefox on Linux')).toBe('Firefox auf Linux');
  expect(deviceOf('an iPad')).toBe('iPad');
  expect(deviceOf('A browser')).toBe('Ein Browser');
});
