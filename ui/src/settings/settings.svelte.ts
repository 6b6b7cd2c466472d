/** What can be set, as the node has it, and the ways to change it. */
import type { BackupList } from '../bindings/BackupList';
import type { OffsiteStatus } from '../bindings/OffsiteStatus';
import type { MapTilesNow } from '../bindings/MapTilesNow';
import type { Status } from '../bindings/Status';
import type { StorageUse } from '../bindings/StorageUse';
import type { Change } from '../host';
import { host, sentence } from '../host';
import { m } from '../paraglide/messages';
import { Kept } from '../shared/kept.svelte';
import { toasts } from '../shared/toasts.svelte';

class Settings extends Kept {
  status = $state.raw<Status | null>(null);
  storage = $state.raw<StorageUse | null>(null);
  backups = $state.raw<BackupList | null>(null);
  offsite = $state.raw<OffsiteStatus | null>(null);
  template = $state('');
  tiles = $state.raw<MapTilesNow>({ url: null, attribution: null });
  atLogin = $state(false);
  /** A backup is being made. */
  backingUp = $state(false);
  /** It is being copied to the store because someone asked. */
  copyingOff = $state(false);

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'sharing' || noun === 'identity' || noun === 'offsite';
  }

  protected async read(): Promise<void> {
    const [status, backups, offsite, template, tiles] = await Promise.all([
      host.call('status', {}),
      host.call('backup.list', {}),
      host.call('offsite.status', {}),
      host.call('import.template', {}),
      host.call('places.tiles', {}),
    ]);
    this.status = status;
    this.backups = backups;
    this.offsite = offsite;
    this.template = template.template;
    this.tiles = tiles;
    // These may take a moment, or have no answer on this system; the rest does not wait for them.
    const none = () => {};
    host.call('storage', {}).then((storage) => (this.storage = storage), none);
    host.startsAtLogin().then((starts) => (this.atLogin = starts), none);
  }

  /** Does it, shows what is so then, and says so when it went wrong. */
  async change(act: () => Promise<unknown>, done?: string): Promise<boolean> {
    try {
      await act();
      if (done) toasts.say(done);
      return true;
    } catch (thrown) {
      toasts.fail(sentence(thrown));
      return false;
    } finally {
      await this.load();
    }
  }

  async backUp(): Promise<void> {
    this.backingUp = true;
    await this.change(() => host.call('backup.create', {}), m.backup_made());
    this.backingUp = false;
  }

  async copyOff(): Promise<void> {
    this.copyingOff = true;
    await this.change(() => host.call('offsite.run', {}), m.offsite_copied());
    this.copyingOff = false;
  }

  async placeBackups(): Promise<void> {
    await this.change(async () => {
      const [folder] = await host.chooseFolders();
      if (folder !== undefined) await host.call('backup.place', { folder });
    });
  }
}

export const settings = new Settings();
