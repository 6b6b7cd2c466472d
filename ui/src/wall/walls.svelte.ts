/** Which album is on the wall, and which of its links invites people to add to it. */
import type { Link } from '../bindings/Link';
import { links } from '../link/links.svelte';

class Walls {
  album = $state<string | null>(null);

  show(album: string): void {
    this.album = album;
  }

  end(): void {
    this.album = null;
  }
}

export const walls = new Walls();

/** The link of an album by which visitors add photos; those that ask nobody come first. */
export function invitation(album: string): Link | undefined {
  return links.list
    .filter((link) => link.album === album && link.state === 'open' && link.upload !== 'none')
    .toSorted((a, b) => Number(b.auto_accept) - Number(a.auto_accept))
    .find(({ url }) => url !== null);
}
