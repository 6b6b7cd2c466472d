/** Short words at the foot of the window: what has just been done, and the way back. */
import { m } from '../paraglide/messages';
export type Action = { text: string; run: () => void };

export type Toast = {
  id: number;
  text: string;
  look: 'plain' | 'bad';
  action?: Action;
  /** Further ones, beside it. */
  others?: Action[];
  /** It offers a way back. */
  undoes?: boolean;
};

const shownFor = 6000;

class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  say(text: string, action?: Action): void {
    this.#show(text, 'plain', action);
  }

  fail(text: string): void {
    this.#show(text, 'bad');
  }

  /** Says what somebody has to know, and stays until they have seen it. */
  warn(text: string, [action, ...others]: Action[]): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-2), { id, text, look: 'bad', action, others }];
  }

  /** Says what was done last and offers the way back from it; the offer before this one is over. */
  offer(text: string, undo: () => void): void {
    this.withdraw();
    this.#show(text, 'plain', { text: m.undo(), run: undo }, true);
  }

  /** Takes down what offers a way back. */
  withdraw(): void {
    this.list = this.list.filter((toast) => !toast.undoes);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  #show(text: string, look: Toast['look'], action?: Action, undoes = false): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-2), { id, text, look, action, undoes }];
    setTimeout(() => this.dismiss(id), action || look === 'bad' ? shownFor * 1.7 : shownFor);
  }
}

export const toasts = new Toasts();
