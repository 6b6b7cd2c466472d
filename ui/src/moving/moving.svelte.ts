/** A whole library that moves from this machine or to it. */
import type { MovedIn } from '../bindings/MovedIn';
import type { MovingLibrary } from '../bindings/MovingLibrary';
import type { Change } from '../host';
import { host } from '../host';
import { Kept } from '../shared/kept.svelte';

class Moving extends Kept {
  /** Where this library is ready to move. */
  out = $state.raw<MovingLibrary | null>(null);
  /** The name of the machine it has moved to. */
  movedTo = $state<string | null>(null);
  /** Libraries that are ready to move here. */
  here = $state.raw<MovingLibrary[]>([]);
  /** Whether one is on its way here. */
  runs = $state(false);
  /** What has moved in, until Albumen is opened again. */
  arrived = $state.raw<MovedIn | null>(null);
  /** What the old machine does not give of a library whose rest is here. */
  lacking = $state.raw<string[]>([]);

  protected concerns(noun: Change['noun']): boolean {
    return ['moved', 'peers', 'remote'].includes(noun);
  }

  protected async read(): Promise<void> {
    const { out, moved_to, here } = await host.call('move.show', {});
    this.out = out;
    this.movedTo = moved_to;
    this.here = here;
  }

  async moveOut(machine: string): Promise<void> {
    this.out = await host.call('move.out', { machine });
  }

  async stay(): Promise<void> {
    await host.call('move.stay', {});
    await this.load();
  }

  /** Takes a library in; it takes long, and goes on whatever the window shows meanwhile. */
  async moveIn(machine: string, anyway = false): Promise<void> {
    this.runs = true;
    try {
      const moved = await host.call('move.in', { machine, anyway });
      this.arrived = moved.complete ? moved : null;
      this.lacking = moved.complete ? [] : moved.lacking;
    } finally {
      this.runs = false;
      void this.load();
    }
  }
}

export const moving = new Moving();
