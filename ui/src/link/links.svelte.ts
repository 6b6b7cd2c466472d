/** All public links, kept true while they change, and the verbs on them. */
import type { Commands } from '../bindings/commands';
import type { Link } from '../bindings/Link';
import type { LinkDefaults } from '../bindings/LinkDefaults';
import type { Change } from '../host';
import { host } from '../host';
import { photos } from '../shared/format';
import { Kept } from '../shared/kept.svelte';
import { tellOfGuessing } from './guessed';

/** A link by the title that people read: of a selection the node tells it in English. */
export function titled(link: Link): Link {
  return link.kind === 'selection' ? { ...link, title: photos(link.count) } : link;
}

class Links extends Kept {
  list = $state.raw<Link[]>([]);
  /** What new links allow unless it is said. */
  defaults = $state.raw<LinkDefaults | undefined>();

  protected concerns(noun: Change['noun']): boolean {
    return noun !== 'asset';
  }

  protected async read(): Promise<void> {
    const [{ links }, defaults] = await Promise.all([
      host.call('link.list', {}),
      host.call('link.defaults', {}),
    ]);
    this.list = links.map(titled);
    this.defaults = defaults;
    tellOfGuessing(this, Date.now());
  }

  async create(wish: Commands['link.create']['payload']): Promise<Link> {
    const link = await host.call('link.create', wish);
    await this.load();
    return link;
  }

  /** A link for each of several people. */
  async createEach(
    people: string[],
    wish: Omit<Commands['link.each']['payload'], 'people'>,
  ): Promise<Link[]> {
    const made = await host.call('link.each', { ...wish, people });
    await this.load();
    return made.links;
  }

  async setDefaults(wish: Commands['link.defaults']['payload']): Promise<void> {
    this.defaults = await host.call('link.defaults', wish);
  }

  async renew(id: string): Promise<void> {
    await host.call('link.renew', { id });
    await this.load();
  }

  /** Frees all places of a link that is for so many people. */
  async free(id: string): Promise<void> {
    await host.call('link.free', { id });
    await this.load();
  }

  async revokeAll(): Promise<void> {
    await host.call('link.revoke-all', {});
    await this.load();
  }

  async edit(wish: Commands['link.edit']['payload']): Promise<Link> {
    const link = await host.call('link.edit', wish);
    await this.load();
    return link;
  }

  /** The open links of chosen photos whose visitors see them: more can be added to those. */
  get selections(): Link[] {
    return this.list.filter(
      ({ kind, state, upload }) => kind === 'selection' && state === 'open' && upload !== 'only',
    );
  }

  /** Adds photos to a link of chosen photos; answers with those that it did not show before. */
  async add(id: string, assets: string[]): Promise<string[]> {
    const { changed } = await host.call('link.add', { id, assets });
    await this.load();
    return changed;
  }

  /** Takes photos out of a link of chosen photos; answers with those that it showed before. */
  async remove(id: string, assets: string[]): Promise<string[]> {
    const { changed } = await host.call('link.remove', { id, assets });
    await this.load();
    return changed;
  }

  async revoke(id: string): Promise<void> {
    await host.call('link.revoke', { id });
    await this.load();
  }
}

export const links = new Links();
