/** Whether locked photos can be seen. The node closes them by itself; this hears of it, or looks. */
import type { LockState } from '../bindings/LockState';
import type { Change } from '../host';
import { host } from '../host';
import { Kept } from '../shared/kept.svelte';

class Locked extends Kept {
  hasPin = $state(false);
  open = $state(false);
  #look: ReturnType<typeof setTimeout> | undefined;

  override start(): () => void {
    const end = super.start();
    return () => {
      clearTimeout(this.#look);
      end();
    };
  }

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'locked';
  }

  protected async read(): Promise<void> {
    try {
      this.#take(await host.call('lock.show', {}));
    } catch (thrown) {
      this.open = false;
      throw thrown;
    }
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
