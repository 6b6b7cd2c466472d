/** What a visitor came with, in the window's language; the node tells it as «Safari on an iPhone». */
import { m } from '../paraglide/messages';

const systems: Record<string, () => string> = {
  'an iPhone': m.device_iphone,
  'an iPad': m.device_ipad,
  'a Mac': m.device_mac,
};

export function deviceOf(told: string): string {
  const [browser, system] = told.split(' on ');
  if (system !== undefined) return m.device_on({ browser, system: systems[system]?.() ?? system });
  return told === 'A browser' ? m.device_unknown() : told.replace(/^an? /, '');
}
