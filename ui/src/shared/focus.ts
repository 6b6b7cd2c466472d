/**
 * Remembers what has the focus now. Call what this answers when the layer over it closes: the focus
 * goes back, unless it is somewhere else meanwhile or what had it is gone.
 */
export function refocus(layer: () => HTMLElement | null): () => void {
  const before = document.activeElement;
  return () => {
    const now = document.activeElement;
    const lost = now === null || now === document.body || (layer()?.contains(now) ?? false);
    if (lost && before instanceof HTMLElement && before.isConnected) before.focus();
  };
}
