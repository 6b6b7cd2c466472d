/** What can be done with photos of another machine: it is asked, and answers now or when it is there. */
import type { RemoteAlbum } from '../bindings/RemoteAlbum';
import type { RemoteAsset } from '../bindings/RemoteAsset';
import type { Request } from '../bindings/Request';
import { host, sentence, type Payload } from '../host';
import { m } from '../paraglide/messages';
import { fileName, photos } from '../shared/format';
import { toasts } from '../shared/toasts.svelte';

/** Says what of a request needs saying: that it waits, or why it was refused. */
function waits({ state, reason, machine_name: name }: Request): boolean {
  if (state === 'refused') throw new Error(reason ?? m.request_refused({ name }));
  return state === 'waiting';
}

async function attempt(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** What was asked is said: that it is done, or that it waits. */
function tell(request: Request, did = ''): void {
  if (waits(request)) toasts.say(m.request_waits({ name: request.machine_name }));
  else if (did) toasts.say(did);
}

/** What is edited of a photo; see `peer.edit`. */
export type Edit = Omit<Payload<'peer.edit'>, 'machine' | 'assets'>;

/** Edits a photo. What it throws is for the field to tell. */
export async function edit(
  machine: string,
  { asset }: RemoteAsset,
  fields: Edit,
  did = '',
): Promise<void> {
  tell(await host.call('peer.edit', { machine, assets: [asset.id], ...fields }), did);
}

export function favourite(machine: string, of: RemoteAsset): Promise<void> {
  return attempt(() => edit(machine, of, { favorite: !of.asset.favorite }));
}

/** Gives a photo its stars; none takes its rating away. */
export function rate(machine: string, of: RemoteAsset, stars: number): Promise<void> {
  return attempt(() => edit(machine, of, { rating: stars }));
}

/** Turns a photo by a quarter, clockwise. */
export function turn(machine: string, of: RemoteAsset, quarters: 1 | -1): Promise<void> {
  const did = quarters > 0 ? m.did_turn_right : m.did_turn_left;
  return attempt(() => edit(machine, of, { turn: quarters }, did({ photos: photos(1) })));
}

/** Moves a photo out of its machine's timeline, or back into it. */
export function archive(machine: string, { asset }: RemoteAsset): Promise<void> {
  return attempt(async () => {
    const restore = asset.state === 'archived';
    const request = await host.call('peer.archive', { machine, assets: [asset.id], restore });
    tell(request, (restore ? m.did_timeline : m.did_archive)({ photos: photos(1) }));
  });
}

/** Puts a photo into an album of its machine. */
export function addToAlbum(
  machine: string,
  { id: album, title }: Pick<RemoteAlbum, 'id' | 'title'>,
  { asset }: RemoteAsset,
): Promise<void> {
  return attempt(async () => {
    const request = await host.call('peer.album.add', { machine, album, assets: [asset.id] });
    tell(request, m.did_add_to_album({ photos: photos(1), title }));
  });
}

export function removeFromAlbum(
  machine: string,
  album: string,
  { asset }: RemoteAsset,
): Promise<void> {
  return attempt(async () => {
    const request = await host.call('peer.album.remove', { machine, album, assets: [asset.id] });
    tell(request, m.did_remove_from_album({ photos: photos(1) }));
  });
}

/** Asks for an album; answers with the id that it has or will have. What it throws is for the sheet. */
export async function createAlbum(machine: string, title: string): Promise<string> {
  const { album, request } = await host.call('peer.album.create', { machine, title });
  tell(request);
  return album;
}

/** Edits an album of a machine. What it throws is for the field to tell. */
export async function editAlbum(
  machine: string,
  album: string,
  fields: Omit<Payload<'peer.album.edit'>, 'machine' | 'album'>,
): Promise<void> {
  tell(await host.call('peer.album.edit', { machine, album, ...fields }));
}

/** Deletes an album of a machine. What it throws is for the question to tell. */
export async function deleteAlbum(
  machine: string,
  { id: album, title }: Pick<RemoteAlbum, 'id' | 'title'>,
): Promise<void> {
  tell(await host.call('peer.album.delete', { machine, album }), m.album_deleted({ title }));
}

/** Moves a photo to its machine's trash, and offers the way back. */
export function trash(machine: string, { asset }: RemoteAsset): Promise<void> {
  return attempt(async () => {
    const assets = [asset.id];
    const request = await host.call('peer.trash', { machine, assets });
    const said = waits(request)
      ? m.request_waits({ name: request.machine_name })
      : m.remote_trashed({ photos: photos(1), name: request.machine_name });
    toasts.offer(said, () => void restore(machine, assets));
  });
}

function restore(machine: string, assets: string[]): Promise<void> {
  return attempt(async () => {
    const request = await host.call('peer.trash', { machine, assets, restore: true });
    toasts.say(
      waits(request)
        ? m.request_waits({ name: request.machine_name })
        : m.did_restore({ photos: photos(assets.length) }),
    );
  });
}

/** Writes the original where the user says. */
export function saveCopy(machine: string, { asset }: RemoteAsset): Promise<void> {
  return attempt(async () => {
    const wanted = await host.saveAs(asset.name);
    if (wanted === null) return;
    const payload = { machine, asset: asset.id, rendition: 'original', to: wanted } as const;
    const { path } = await host.call('peer.write', payload);
    toasts.say(m.did_save({ name: fileName(path) }));
  });
}
