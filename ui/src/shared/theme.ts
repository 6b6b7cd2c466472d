/** Light, dark, or as the system is: chosen once, and the window's from the next start on, too. */
import { host, type Theme } from '../host';

const kept = 'albumen.theme';
export const themes: Theme[] = ['system', 'light', 'dark'];

export function chosenTheme(): Theme {
  const chosen = localStorage.getItem(kept);
  return themes.find((theme) => theme === chosen) ?? 'system';
}

export async function chooseTheme(theme: Theme): Promise<void> {
  localStorage.setItem(kept, theme);
  await host.setTheme(theme);
}

/** Gives the window the theme that was chosen before. */
export function applyTheme(): void {
  const theme = chosenTheme();
  // A window that cannot change stays as the system is.
  if (theme !== 'system') void host.setTheme(theme).catch(() => {});
}
