import type { IconName } from './icons';

/** One verb of a menu, or a line between groups of them. */
export type MenuItem =
  { text: string; icon?: IconName; keys?: string; danger?: boolean; run: () => void } | 'line';

/** Where a menu opens: at a point of the window, or under the button that was pressed. */
export type MenuPlace = { x: number; y: number } | Element;
