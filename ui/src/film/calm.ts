/** Whether the reader asked for less motion: then nothing begins to move by itself. */
export function calm(): boolean {
  return globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;
}
