/** The albums, kept true while they change, and the verbs on them. */
import type { Album } from '../bindings/Album';
import { host, sentence } from '../host';

class Albums {
  list = $state.raw<Album[]>([]);
  loaded = $state(false);
  problem = $state('');

  start(): () => void {
    void this.load();
    return host.onChange(({ noun }) => {
      if (noun === 'album' || noun === 'link' || noun === 'everything') void this.load();
    });
  }

  async load(): Promise<void> {
    try {
      this.list = (await host.call('album.list', {})).albums;
      this.problem = '';
    } catch (thrown) {
      this.problem = sentence(thrown);
    }
    this.loaded = true;
  }

  byId(id: string): Album | undefined {
    return this.list.find((album) => album.id === id);
  }

  async create(title: string, assets: string[]): Promise<Album> {
    const album = await host.call('album.create', { title });
    if (assets.length > 0) await host.call('album.add', { album: album.id, assets });
    await this.load();
    return album;
  }

  /** How many were new to the album. */
  async add(album: string, assets: string[]): Promise<string[]> {
    return (await host.call('album.add', { album, assets })).changed;
  }

  async remove(album: string, assets: string[]): Promise<string[]> {
    return (await host.call('album.remove', { album, assets })).changed;
  }

  async edit(id: string, wish: { title?: string; description?: string; cover?: string }) {
    await host.call('album.edit', { id, ...wish });
    await this.load();
  }

  async delete(id: string): Promise<void> {
    await host.call('album.delete', { id });
    await this.load();
  }
}

export const albums = new Albums();
