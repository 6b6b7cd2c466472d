/** All public links, kept true while they change, and the verbs on them. */
import type { Commands } from '../bindings/commands';
import type { Link } from '../bindings/Link';
import { host, sentence } from '../host';

class Links {
  list = $state.raw<Link[]>([]);
  loaded = $state(false);
  problem = $state('');

  start(): () => void {
    void this.load();
    return host.onChange(({ noun }) => {
      if (noun !== 'asset') void this.load();
    });
  }

  async load(): Promise<void> {
    try {
      this.list = (await host.call('link.list', {})).links;
      this.problem = '';
    } catch (thrown) {
      this.problem = sentence(thrown);
    }
    this.loaded = true;
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
