/** Whether locked photos can be seen. The node closes them by itself; this hears of it, or looks. */
import type { LockState } from '../bindings/LockState';
import { host, sentence } from '../host';

class Locked {
  hasPin = $state(false);
  open = $state(false);
  loaded = $state(false);
  problem = $state('');
  #look: ReturnType<typeof setTimeout> | undefined;

  start(): () => void {
    void this.load();
    const end = host.onChange(({ noun }) => {
      if (noun === 'locked' || noun === 'everything') void this.load();
    });
    return () => {
      clearTimeout(this.#look);
      end();
    };
  }

  async load(): Promise<void> {
    try {
      this.#take(await host.call('lock.show', {}));
      this.problem = '';
    } catch (thrown) {
      this.open = false;
      this.problem = sentence(thrown);
    }
    this.loaded = true;
  }

  /** Chooses the PIN, or changes it; they are open then. */
  async choose(pin: string, old?: string): Promise<void> {
    this.#take(await host.call('lock.pin', old === undefined ? { pin } : { pin, old }));
  }

  async unlock(pin: string): Promise<void> {
    this.#take(await host.call('lock.open', { pin }));
  }

  async close(): Promise<void> {
    this.#take(await host.call('lock.close', {}));
  }

  #take(state: LockState): void {
    this.hasPin = state.has_pin;
    this.open = state.open;
    clearTimeout(this.#look);
    // Looked at meanwhile, they stay open for longer: so it is asked again then.
    if (state.open) this.#look = setTimeout(() => void this.load(), state.closes_in_ms + 50);
  }
}

export const locked = new Locked();
