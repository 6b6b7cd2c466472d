/**
 * The machines around the sample library: one of the owner's own that is there, one that is away with
 * changes waiting for it, and someone else's. Two households that pair are played by this file.
 */
import type { Commands } from '../bindings/commands';
import type { Machine } from '../bindings/Machine';
import type { Named } from '../bindings/Named';
import type { Pairing } from '../bindings/Pairing';
import type { PeerPerson } from '../bindings/PeerPerson';
import type { PeerSettings } from '../bindings/PeerSettings';
import type { Invite } from '../bindings/Invite';
import type { RemoteAsset } from '../bindings/RemoteAsset';
import type { Request } from '../bindings/Request';
import { CallError, type Change } from '../host';
import { edited, missing } from './changes';
import { qrLike } from './links';
import { PeerAlbums } from './peer-albums';
import { painted, seeded } from './pictures';
import { placeOf } from './places';

type Asked =
  | `peer.${'list' | 'invite' | 'uninvite' | 'join' | 'confirm' | 'decline' | 'remove' | 'keep'}`
  | `peer.${'address' | 'archive' | 'assets' | 'edit' | 'set' | 'trash' | 'write'}`
  | 'outbox'
  | 'request.withdraw';
type Answers = { [N in Asked]: (payload: Commands[N]['payload']) => Commands[N]['reply'] };

const words = ['harbour', 'velvet', 'walnut', 'comet'];
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const day = 86_400_000;
/** As a node counts them: none is used twice. */
let lastPairing = 0;

export class SamplePeers {
  people: PeerPerson[] = [];
  pairings: Pairing[] = [];
  settings: PeerSettings = {
    lan: true,
    relay: null,
    serve_relay: null,
    relay_served: null,
    relay_trouble: null,
  };
  requests: Request[] = [];
  invite: Invite | null = null;
  /** What each has; drawn when it is first looked at. */
  readonly #stock = new Map<string, { count: number; originals: number; waits: number }>();
  readonly #photos = new Map<string, RemoteAsset[]>();
  readonly #pictures = new Map<string, string>();
  readonly albums = new PeerAlbums(
    (machine) => this.photosOf(machine),
    (machine, told) => {
      const request = this.ask(this.find(machine), told);
      this.#announce('outbox');
      this.#announce('remote', machine);
      return request;
    },
  );
  readonly #announce: (noun: Change['noun'], id?: string | null) => void;
  #next = 1;

  constructor(announce: (noun: Change['noun'], id?: string | null) => void) {
    this.#announce = announce;
  }

  /** A household that has been connected for a while. */
  furnish(): void {
    const attic = this.machine('Attic', 'local', 1240, { keep: 'originals', originals: 310 });
    const travel = this.machine(
      'Travel laptop',
      null,
      460,
      { seen_at: ago(125), complete_at: ago(127) },
      2,
    );
    const ben = this.machine('Ben’s laptop', null, 0, { seen_at: ago(60 * 26), keep: 'nothing' });
    this.people = [
      { id: 'person-1', name: 'Mira', is_own: true, picture: null, machines: [attic, travel] },
      { id: 'person-2', name: 'Ben', is_own: false, picture: null, machines: [ben] },
    ];
    this.ask(travel, 'Favourite IMG_5399.jpg', ago(50));
    this.ask(travel, 'Favourite IMG_5398.jpg', ago(50));
    const told = 'Move IMG_5120.jpg to the trash';
    const reason = 'Travel laptop keeps no such photo any more. It was deleted there before.';
    const refused = this.ask(travel, told, ago(60 * 30));
    Object.assign(refused, { state: 'refused', reason, decided_at: ago(130) });
    this.count();
  }

  private machine(
    name: string,
    path: Machine['path'],
    assets: number,
    rest: Partial<Machine>,
    waits = 0,
  ): Machine {
    const id = `machine-${this.#next++}`;
    const { originals = 0 } = rest;
    this.#stock.set(id, { count: assets, originals, waits });
    return {
      id,
      name,
      is_online: path !== null,
      path,
      address: path === null ? null : '192.168.1.23:4919',
      lanes: path === 'local',
      seen_at: ago(0),
      mirrors: [],
      spoken_for: null,
      typed: null,
      keep: 'previews',
      in_timeline: false,
      assets,
      previews: assets,
      originals: 0,
      kept_bytes: assets * 90_000 + originals * 4_600_000,
      waiting: 0,
      refused: 0,
      complete_at: ago(3),
      serves: null,
      hosts: null,
      trouble: null,
      ...rest,
    };
  }

  /** Its photos, newest first. */
  #shoot({ count, originals, waits }: { count: number; originals: number; waits: number }) {
    const random = seeded(count);
    let at = Date.UTC(2026, 10, 20, 17, 5);
    return Array.from({ length: count }, (_, index): RemoteAsset => {
      at -= random() < 0.2 ? day * (1 + Math.floor(random() * 6)) : 60_000 * (1 + random() * 40);
      const id = `remote-${String(this.#next++).padStart(6, '0')}`;
      const picture = painted(index + count);
      this.#pictures.set(id, picture.url);
      const town = placeOf(index, seeded(index + count));
      const isVideo = index % 23 === 11;
      return {
        thumbhash: picture.thumbhash,
        waits: index > 0 && index <= waits,
        is_here: index < originals,
        asset: {
          id,
          kind: isVideo ? 'video' : 'photo',
          name: `IMG_${5400 - index}.${isVideo ? 'MOV' : 'jpg'}`,
          hash: 'b3'.repeat(32),
          bytes: Math.round(1_900_000 + random() * 5_000_000),
          mime: isVideo ? 'video/quicktime' : 'image/jpeg',
          width: picture.width,
          height: picture.height,
          duration_ms: isVideo ? 14_000 : null,
          taken_at: new Date(at).toISOString().replace(/\.\d+Z/, '+01:00'),
          taken_from: 'exif',
          latitude: town.latitude,
          longitude: town.longitude,
          altitude: null,
          place: town.full_name,
          camera_make: 'Google',
          camera_model: 'Pixel 9',
          lens: null,
          f_number: 1.7,
          exposure_time: 1 / 250,
          iso: 100,
          focal_length: 6.9,
          rating: null,
          title: index === 2 ? 'First snow at the hut' : null,
          description: null,
          tags: [],
          favorite: index % 17 === 4 || (index > 0 && index <= waits),
          contributor: null,
          is_mine: true,
          turn: 0,
          motion: null,
          home: 'machine',
          state: 'present',
          unseen: null,
        },
      };
    });
  }

  photosOf(machine: string): RemoteAsset[] {
    const stock = this.#stock.get(machine);
    if (!stock) throw missing('machine');
    const found = this.#photos.get(machine) ?? this.#shoot(stock);
    this.#photos.set(machine, found);
    return found;
  }

  pictureUrl(id: string): string {
    return this.#pictures.get(id) ?? '';
  }

  find(id: string): Machine {
    const found = this.people.flatMap(({ machines }) => machines).find((one) => one.id === id);
    if (!found) throw missing('machine');
    return found;
  }

  /** Another machine knocks, as when its user typed this one's code. */
  knock(of: Partial<Pairing> = {}): Pairing {
    lastPairing += 1;
    const id = lastPairing;
    const [machine, person] = ['Anna’s phone', 'Anna'];
    const pairing: Pairing = {
      ...{ id, machine, person, words, is_own: false, state: 'asking', reason: null },
      ...of,
    };
    this.pairings.push(pairing);
    this.invite = null;
    this.#announce('peers');
    return pairing;
  }

  /** What the other side says: that its screen shows the same words, or that it does not. */
  answer(id: number, yes: boolean): void {
    const pairing = this.pairings.find((one) => one.id === id);
    if (!pairing) return;
    if (yes) {
      pairing.state = 'done';
      const { machine: name, person, is_own } = pairing;
      const machine = this.machine(name, 'local', is_own ? 24 : 0, { complete_at: null });
      const owner = this.people.find((one) => (is_own ? one.is_own : one.name === person));
      if (owner) owner.machines = [...owner.machines, machine];
      else
        this.people.push({
          id: `person-${this.#next++}`,
          name: person,
          is_own,
          picture: null,
          machines: [machine],
        });
    } else {
      pairing.state = 'failed';
      pairing.reason = `${pairing.machine} says that its words are others. Nothing was shared.`;
    }
    this.#announce('peers');
  }

  /** Asks a machine for something: it is done when it is there, and waits when it is not. */
  ask(machine: Machine, told: string, made_at = new Date().toISOString()): Request {
    const request: Request = {
      id: `request-${this.#next++}`,
      machine: machine.id,
      machine_name: machine.name,
      told,
      state: machine.is_online ? 'done' : 'waiting',
      reason: null,
      made_at,
      decided_at: machine.is_online ? made_at : null,
    };
    this.requests.unshift(request);
    this.count();
    return request;
  }

  count(): void {
    for (const machine of this.people.flatMap(({ machines }) => machines)) {
      const mine = this.requests.filter((one) => one.machine === machine.id);
      machine.waiting = mine.filter(({ state }) => state === 'waiting').length;
      machine.refused = mine.filter(({ state }) => state === 'refused').length;
    }
  }

  answers(person: Named, device: Named): Answers & ReturnType<PeerAlbums['answers']> {
    const announce = this.#announce;
    const pairingOf = (id: number) => {
      const found = this.pairings.find((one) => one.id === id);
      if (!found) throw missing('pairing');
      return found;
    };
    /** Changes photos as their machine would, and says what became of it. */
    const change = (
      machine: Machine,
      ids: string[],
      told: (name: string) => string,
      act: (one: RemoteAsset) => void,
    ): Request => {
      const all = this.photosOf(machine.id).filter(({ asset }) => ids.includes(asset.id));
      if (all.length === 0) throw missing('photo');
      for (const one of all) {
        act(one);
        one.waits = !machine.is_online;
      }
      const present = this.photosOf(machine.id).filter(({ asset }) => asset.state !== 'trashed');
      machine.assets = present.length;
      const request = this.ask(machine, told(all[0].asset.name));
      announce('outbox');
      announce('remote', machine.id);
      return { ...request };
    };
    return {
      ...this.albums.answers(),
      'peer.list': () => ({
        person: { ...person },
        device: { ...device },
        people: structuredClone(this.people),
        pairings: structuredClone(this.pairings),
        invite: this.invite && { ...this.invite },
        nearby: 1,
      }),
      'peer.invite': ({ own = false, code = false }) => {
        const ticket = 'albumen1q9x7fw3k2m8vd0czr5tn4hjs6lpe';
        this.invite = {
          ticket,
          address: `albumen://pair/${ticket}`,
          code: code ? '482-1930-7712' : null,
          qr: qrLike(),
          expires_at: new Date(Date.now() + 600_000).toISOString(),
          is_own: own,
        };
        announce('peers');
        return { ...this.invite };
      },
      'peer.uninvite': () => {
        this.invite = null;
        announce('peers');
        return {};
      },
      'peer.join': ({ invitation }) => {
        if (invitation.replace(/\D/g, '').length < 11 && !invitation.includes('albumen'))
          throw new CallError(
            'not-an-invitation',
            'This is no code and no invitation. A code has eleven digits, like 482-1930-7712.',
          );
        return { ...this.knock({ machine: 'Attic', person: person.name, is_own: true }) };
      },
      'peer.confirm': ({ id }) => {
        const pairing = pairingOf(id);
        pairing.state = 'waiting';
        announce('peers');
        return { ...pairing };
      },
      'peer.decline': ({ id }) => {
        pairingOf(id);
        this.pairings = this.pairings.filter((one) => one.id !== id);
        announce('peers');
        return {};
      },
      'peer.remove': ({ id }) => {
        const gone = this.people
          .flatMap((one) => one.machines.map((machine) => ({ machine, owner: one.id })))
          .filter(({ machine, owner }) => machine.id === id || owner === id)
          .map(({ machine }) => machine);
        if (gone.length === 0) throw missing('machine');
        this.people = this.people
          .map((one) => ({ ...one, machines: one.machines.filter((of) => !gone.includes(of)) }))
          .filter(({ machines }) => machines.length > 0);
        this.requests = this.requests.filter((of) => !gone.some((one) => one.id === of.machine));
        announce('peers');
        announce('outbox');
        return { machines: gone.map(({ name }) => name) };
      },
      'peer.keep': ({ machine: id, what }) => {
        const machine = this.find(id);
        machine.keep = what;
        if (what !== 'originals') machine.originals = 0;
        machine.previews = what === 'nothing' ? 0 : machine.assets;
        machine.kept_bytes = machine.previews * 90_000 + machine.originals * 4_600_000;
        announce('peers');
        return { ...machine };
      },
      'peer.set': ({ lan, relay, serve_relay: serve }) => {
        if (relay && !relay.startsWith('http'))
          throw new CallError('wrong', 'A relay has an address like https://relay.example.org.');
        if (serve && serve !== 'off' && !/:\d+$/.test(serve))
          throw new CallError(
            'wrong',
            'A relay is served at an address of this machine and a port, like 0.0.0.0:3340; `off` ends it.',
          );
        const now = { ...this.settings };
        if (lan !== undefined) now.lan = lan === 'on';
        if (relay !== undefined) now.relay = relay || null;
        if (serve !== undefined) {
          now.serve_relay = serve === 'off' ? null : serve || null;
          // The sample's web server has that port.
          const taken = now.serve_relay?.endsWith(':80') ?? false;
          now.relay_served = now.serve_relay && !taken ? `http://${now.serve_relay}` : null;
          now.relay_trouble = taken
            ? `The relay cannot be served at ${serve}: another program has the port 80. Choose another, or end that program.`
            : null;
        }
        this.settings = now;
        if (now.relay_trouble && serve !== undefined)
          throw new CallError('relay', now.relay_trouble);
        return now;
      },
      'peer.address': ({ machine: id, address }) => {
        if (address !== '' && !/:\d+$/.test(address))
          throw new CallError(
            'not-an-address',
            `${address} is no address and port, like 192.168.7.20:4919.`,
          );
        const machine = this.find(id);
        machine.typed = address || null;
        announce('peers');
        return { ...machine };
      },
      'peer.assets': ({ machine, album, shelf, limit = 200, after }) => {
        const within = album === undefined ? undefined : this.albums.find(machine, album).assets;
        const lies = { timeline: 'present', archive: 'archived', trash: 'trashed', locked: '' };
        const all = this.photosOf(machine).filter(
          ({ asset }) =>
            (within?.has(asset.id) ?? true) &&
            (shelf === undefined ? asset.state !== 'trashed' : asset.state === lies[shelf]),
        );
        const first = after === undefined ? 0 : Number(after);
        const next = first + limit;
        return {
          assets: structuredClone(all.slice(first, next)),
          next: next < all.length ? String(next) : null,
        };
      },
      'peer.edit': ({ machine, assets, ...fields }) => {
        const mark = fields.favorite ? 'Favourite' : 'Unfavourite';
        return change(
          this.find(machine),
          assets,
          (name) => `${fields.favorite === undefined ? 'Edit' : mark} ${name}`,
          ({ asset }) => Object.assign(asset, edited(asset, fields)),
        );
      },
      'peer.archive': ({ machine, assets, restore = false }) =>
        change(
          this.find(machine),
          assets,
          (name) => (restore ? `Unarchive ${name}` : `Archive ${name}`),
          ({ asset }) => (asset.state = restore ? 'present' : 'archived'),
        ),
      'peer.trash': ({ machine, assets, restore = false }) =>
        change(
          this.find(machine),
          assets,
          (name) => (restore ? `Restore ${name}` : `Move ${name} to the trash`),
          ({ asset }) => (asset.state = restore ? 'present' : 'trashed'),
        ),
      'peer.write': ({ machine, asset, to }) => {
        const found = this.photosOf(machine).find((one) => one.asset.id === asset);
        if (!found) throw missing('photo');
        const { name, is_online } = this.find(machine);
        if (!is_online && !found.is_here)
          throw new CallError(
            'away',
            `The original is on ${name} alone, which is not there now. Try again when it is.`,
          );
        const { bytes, mime } = found.asset;
        return { path: to, bytes, mime, sidecars: [] };
      },
      outbox: () => ({ requests: structuredClone(this.requests) }),
      'request.withdraw': ({ id }) => {
        const found = this.requests.find((one) => one.id === id);
        if (!found) throw missing('request');
        this.requests = this.requests.filter((one) => one !== found);
        this.count();
        announce('outbox');
        return {};
      },
    };
  }
}
