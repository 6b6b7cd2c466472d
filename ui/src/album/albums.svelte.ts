/** The albums, kept true while they change, and the verbs on them. */
import type { Album } from '../bindings/Album';
import type { EditAlbum } from '../bindings/EditAlbum';
import type { Change } from '../host';
import { host } from '../host';
import { Kept } from '../shared/kept.svelte';

class Albums extends Kept {
  list = $state.raw<Album[]>([]);

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'album' || noun === 'link';
  }

  protected async read(): Promise<void> {
    this.list = (await host.call('album.list', {})).albums;
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

  async edit(id: string, wish: Omit<EditAlbum, 'id'>) {
    await host.call('album.edit', { id, ...wish });
    await this.load();
  }

  async delete(id: string): Promise<void> {
    await host.call('album.delete', { id });
    await this.load();
  }
}

export const albums = new Albums();
