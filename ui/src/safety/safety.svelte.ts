/** On which of one's own machines originals are, and what became of machines that are lost. */
import type { AdoptReport } from '../bindings/AdoptReport';
import type { FetchReport } from '../bindings/FetchReport';
import type { MachineSafety } from '../bindings/MachineSafety';
import type { Safety } from '../bindings/Safety';
import type { Change } from '../host';
import { host, sentence } from '../host';
import { Kept } from '../shared/kept.svelte';

class Originals extends Kept {
  /** Whether every original is to be on two machines. */
  promise = $state(false);
  /** This machine first. */
  machines = $state.raw<MachineSafety[]>([]);
  /** Bytes that are free on the library's disk; null until that was asked. */
  free = $state<number | null>(null);
  // All photos are looked through for it, and an import is a change for each of its photos.
  protected override readonly gathers = 2000;

  protected concerns(noun: Change['noun']): boolean {
    return ['safety', 'peers', 'remote', 'asset', 'identity'].includes(noun);
  }

  protected async read(): Promise<void> {
    this.#take(await host.call('safety.show', {}));
  }

  #take({ promise, machines }: Safety): void {
    this.promise = promise;
    this.machines = machines;
  }

  machine(id: string): MachineSafety | undefined {
    return this.machines.find(({ machine }) => machine.id === id);
  }

  /** Asks how much room there is; where that is not told, nothing is said of it. */
  async measure(): Promise<void> {
    try {
      this.free = (await host.call('storage', {})).free;
    } catch {
      this.free = null;
    }
  }

  /** Brings originals that are missing here back. */
  async fetchMissing(): Promise<FetchReport> {
    return host.call('safety.fetch', {});
  }

  async keepTwo(on: boolean): Promise<void> {
    this.#take(await host.call('safety.promise', { on }));
  }
}

export const originals = new Originals();

/** How the taking over of a machine goes, or went. */
export type Adoption = { runs: boolean; report: AdoptReport | null; problem: string };

/** It takes long, and goes on whatever the window shows meanwhile. */
class Adoptions {
  #all = $state.raw<Readonly<Record<string, Adoption>>>({});

  of(machine: string): Adoption | undefined {
    return this.#all[machine];
  }

  get busy(): boolean {
    return Object.values(this.#all).some(({ runs }) => runs);
  }

  forget(machine: string): void {
    const { [machine]: _, ...rest } = this.#all;
    this.#all = rest;
  }

  /** Takes a machine over; answers how that went. */
  async run(machine: string): Promise<Adoption> {
    const told = (now: Adoption) => {
      this.#all = { ...this.#all, [machine]: now };
      return now;
    };
    told({ runs: true, report: null, problem: '' });
    try {
      const report = await host.call('safety.adopt', { machine });
      return told({ runs: false, report, problem: '' });
    } catch (thrown) {
      return told({ runs: false, report: null, problem: sentence(thrown) });
    } finally {
      void originals.load();
    }
  }
}

export const adoptions = new Adoptions();
