/** The system around a sample window: its tray, notifications and login, as far as tests look. */
import type { Asked, Outside, Theme } from '../host';

export class SampleOutside {
  /** What was said while the window was out of sight. */
  told: { title: string; body: string }[] = [];
  ended = false;
  atLogin = false;
  theme: Theme = 'system';
  #asked = new Set<(all: Asked[]) => void>();
  #hidden = new Set<() => void>();
  #quitting = new Set<(visitors: number) => void>();

  ask(all: Asked[]): void {
    this.#asked.forEach((heard) => heard(all));
  }

  hide(): void {
    this.#hidden.forEach((heard) => heard());
  }

  quitWith(visitors: number): void {
    this.#quitting.forEach((heard) => heard(visitors));
  }

  /** What a window has of it. */
  answers(): Outside {
    const until = <T>(set: Set<T>, heard: T) => {
      set.add(heard);
      return () => void set.delete(heard);
    };
    return {
      tellWords: async () => {},
      onAsked: (heard) => until(this.#asked, heard),
      onHidden: (heard) => until(this.#hidden, heard),
      onQuitting: (heard) => until(this.#quitting, heard),
      quit: async () => void (this.ended = true),
      notify: async (title, body) => void this.told.push({ title, body }),
      startsAtLogin: async () => this.atLogin,
      startAtLogin: async (on) => void (this.atLogin = on),
      setTheme: async (theme) => void (this.theme = theme),
    };
  }
}
