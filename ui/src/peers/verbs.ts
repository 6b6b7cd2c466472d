/** What can be done with photos of another machine: it is asked, and answers now or when it is there. */
import type { RemoteAsset } from '../bindings/RemoteAsset';
import type { Request } from '../bindings/Request';
import { host, sentence } from '../host';
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

export function favourite(machine: string, { asset }: RemoteAsset): Promise<void> {
  return attempt(async () => {
    const payload = { machine, assets: [asset.id], favorite: !asset.favorite };
    const request = await host.call('peer.edit', payload);
    if (waits(request)) toasts.say(m.request_waits({ name: request.machine_name }));
  });
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
