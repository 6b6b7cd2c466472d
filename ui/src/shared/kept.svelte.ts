/** What the node has, kept true here: it is read again whenever a change concerns it. */
import type { Change } from '../host';
import { host, sentence } from '../host';

export abstract class Kept {
  loaded = $state(false);
  problem = $state('');
  /** How many milliseconds changes are gathered for, where it is not read at each of them. */
  protected readonly gathers: number = 0;
  #reading: Promise<void> | undefined;
  #again: Promise<void> | undefined;

  /** Whether a change of this kind may have changed it. */
  protected abstract concerns(noun: Change['noun'], id: string | null): boolean;

  /** Asks the node, and keeps what it answers. */
  protected abstract read(): Promise<void>;

  /** Reads it, and again at each change, until what this answers is called. */
  start(): () => void {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const read = () => {
      soon = undefined;
      void this.load();
    };
    read();
    const end = host.onChange(({ noun, id }) => {
      if (noun !== 'everything' && !this.concerns(noun, id)) return;
      if (this.gathers === 0) read();
      else soon ??= setTimeout(read, this.gathers);
    });
    return () => {
      end();
      clearTimeout(soon);
    };
  }

  /**
   * Reads it as it is from now on. One question at a time: of two under way, the answer to the first
   * might come last, and many changes at once would ask as often.
   */
  load(): Promise<void> {
    if (!this.#reading) return this.#attempt();
    this.#again ??= this.#reading.then(() => {
      this.#again = undefined;
      return this.#attempt();
    });
    return this.#again;
  }

  #attempt(): Promise<void> {
    this.#reading = this.read()
      .then(
        () => (this.problem = ''),
        (thrown) => (this.problem = sentence(thrown)),
      )
      .then(() => {
        this.loaded = true;
        this.#reading = undefined;
      });
    return this.#reading;
  }
}
