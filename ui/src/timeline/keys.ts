/** The keys of a grid of photos, and where they must not be taken from what is being typed. */
import type { Direction } from './ways';

type Meanings = {
  move: (direction: Direction, extend: boolean) => void;
  open: () => void;
  toggle: () => void;
  all: () => void;
  clear: () => void;
  favourite: () => void;
  remove: () => void;
  menu: () => void;
};

const directions: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'first',
  End: 'last',
};

/** Where a key leads in a grid, when it is one that leads anywhere. */
export function directionOf(event: KeyboardEvent): Direction | undefined {
  if (event.altKey || event.ctrlKey || event.metaKey || typing(event.target)) return undefined;
  return directions[event.key];
}

/** Whether somebody is writing, or a control has its own use for keys. */
export function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  );
}

/** Del, or what a keyboard without it has in its place; held down, it removes no more than once. */
export function removes(event: KeyboardEvent): boolean {
  if (event.repeat || event.altKey || event.ctrlKey || event.shiftKey) return false;
  return event.metaKey ? event.key === 'Backspace' : event.key === 'Delete';
}

/** Nearer, farther, or as at first: what Ctrl and a key mean for the size of photos. */
export function zoomKey(event: KeyboardEvent): 1 | -1 | 0 | null {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || typing(event.target)) return null;
  if (event.key === '+' || event.key === '=') return 1;
  if (event.key === '-') return -1;
  return event.key === '0' ? 0 : null;
}

/** Turns of the wheel with Ctrl held, which is what a pinch is told as, into steps. */
export function zoomWheel(by: (step: 1 | -1, at: WheelEvent) => void): (event: WheelEvent) => void {
  let turned = 0;
  return (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    turned += event.deltaY;
    if (Math.abs(turned) < 40) return;
    by(turned < 0 ? 1 : -1, event);
    turned = 0;
  };
}

export function gridKeys(
  event: KeyboardEvent,
  scroller: HTMLElement | undefined,
  means: Meanings,
): void {
  if (event.defaultPrevented || event.altKey || typing(event.target)) return;
  const target = event.target as Element;
  const command = event.ctrlKey || event.metaKey;
  const onTile = target.closest('[data-asset]') !== null;
  const free = target === document.body || target === scroller || onTile;

  if (command && event.key.toLowerCase() === 'a') means.all();
  else if (event.key === 'Escape') means.clear();
  else if (event.key === '.' && !command) means.favourite();
  else if (removes(event)) means.remove();
  else if (!free) return;
  else if (event.key in directions) means.move(directions[event.key], event.shiftKey);
  else if (event.key === ' ' && command) means.toggle();
  else if ((event.key === 'Enter' || event.key === ' ') && !command) means.open();
  else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)) means.menu();
  else return;
  event.preventDefault();
}
