import type { IconName } from './icons';

/** One verb of a menu, or a line between groups of them. */
export type MenuItem =
  { text: string; icon?: IconName; keys?: string; danger?: boolean; run: () => void } | 'line';
