/** A library that moves between the sample household's machines. */
import type { Moves } from '../bindings/Moves';
import type { MovingLibrary } from '../bindings/MovingLibrary';
import { CallError, type Change, type CommandName } from '../host';
import type { Answers } from './host';
import type { SampleLibrary } from './library';
import type { SamplePeers } from './peers';

type Around = {
  library: SampleLibrary;
  peers: SamplePeers;
  announce: (noun: Change['noun']) => void;
  pause: () => Promise<unknown>;
};

/**
 * `moving`: `here` (another machine's library can move here), `lacking` (so it can, and its
 * machine does not give a file) or `gone` (this one has moved).
 */
export class SampleMoving {
  readonly #around: Around;
  #moves: Moves = { out: null, moved_to: null, here: [] };
  readonly #lacking: string[] = [];

  constructor(around: Around, wish: string | null) {
    this.#around = around;
    const [other] = this.#others();
    if (!other) return;
    if (wish === 'lacking') this.#lacking.push('IMG_2041.HEIC');
    if (wish === 'here' || wish === 'lacking') this.#moves.here = [this.#told(other.id)];
    if (wish === 'gone') this.#moves.moved_to = other.name;
  }

  #others() {
    return this.#around.peers.people.find(({ is_own }) => is_own)?.machines ?? [];
  }

  #told(id: string): MovingLibrary {
    const machine = this.#others().find((one) => one.id === id);
    if (!machine) throw new CallError('wrong', 'A library moves to a machine of one’s own.');
    const files = this.#around.library.newestFirst().length;
    return { machine: { id, name: machine.name }, files, bytes: files * 4_300_000 };
  }

  answers(): Pick<Answers, Extract<CommandName, `move.${string}`>> {
    return {
      'move.show': () => ({ ...this.#moves }),
      'move.out': ({ machine }) => {
        const out = this.#told(machine);
        this.#moves = { ...this.#moves, out };
        this.#around.announce('moved');
        return out;
      },
      'move.stay': () => {
        this.#moves = { ...this.#moves, out: null, moved_to: null };
        this.#around.announce('moved');
        return {};
      },
      'move.in': async ({ anyway }) => {
        const [moving] = this.#moves.here;
        if (!moving) throw new CallError('wrong', 'No library is ready to move here.');
        await this.#around.pause();
        const lacking = this.#lacking;
        const files = moving.files - lacking.length;
        if (lacking.length > 0 && !anyway) return { files, lacking, complete: false };
        this.#moves = { ...this.#moves, here: [] };
        this.#around.announce('moved');
        return { files, lacking, complete: true };
      },
    };
  }
}
