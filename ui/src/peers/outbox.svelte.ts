/** What was asked of other machines and is not done: it waits for them, or they refused it. */
import type { Request } from '../bindings/Request';
import type { Change } from '../host';
import { host } from '../host';
import { Kept } from '../shared/kept.svelte';

class Outbox extends Kept {
  requests = $state.raw<Request[]>([]);

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'outbox';
  }

  protected async read(): Promise<void> {
    this.requests = (await host.call('outbox', {})).requests;
  }

  get refused(): Request[] {
    return this.requests.filter(({ state }) => state === 'refused');
  }

  get waiting(): Request[] {
    return this.requests.filter(({ state }) => state === 'waiting');
  }

  async withdraw(id: string): Promise<void> {
    await host.call('request.withdraw', { id });
    await this.load();
  }
}

export const outbox = new Outbox();
