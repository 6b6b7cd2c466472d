/** All public links, kept true while they change, and the verbs on them. */
import type { Commands } from '../bindings/commands';
import type { Link } from '../bindings/Link';
import type { Change } from '../host';
import { host } from '../host';
import { Kept } from '../shared/kept.svelte';

class Links extends Kept {
  list = $state.raw<Link[]>([]);

  protected concerns(noun: Change['noun']): boolean {
    return noun !== 'asset';
  }

  protected async read(): Promise<void> {
    this.list = (await host.call('link.list', {})).links;
  }

  async create(wish: Commands['link.create']['payload']): Promise<Link> {
    const link = await host.call('link.create', wish);
    await this.load();
    return link;
  }

  async edit(wish: Commands['link.edit']['payload']): Promise<Link> {
    const link = await host.call('link.edit', wish);
    await this.load();
    return link;
  }

  async revoke(id: string): Promise<void> {
    await host.call('link.revoke', { id });
    await this.load();
  }
}

export const links = new Links();
