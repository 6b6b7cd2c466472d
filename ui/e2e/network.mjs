/** A bad network: it stands between a visitor and the sender, is slow both ways, and breaks when it is told to. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

export class Network {
  #server;
  #pairs = new Set();
  /** Bytes a connection may carry up before it breaks; each time one less break is left. */
  #breaks = { left: 0, after: 0 };
  /** Bytes that went up, over all connections. */
  #carried = 0;
  /** What happens once so many went up, the nearest first. */
  #marks = [];
  /** Bytes a second, and when those that went up would be through at that rate. */
  #rate = Infinity;
  #through = 0;
  /** How many bytes at a time come down. */
  #piece = Infinity;
  /** `http://127.0.0.1:<port>` */
  url = '';

  /** Leads to the listener at `url`. */
  async start(url) {
    const { hostname, port } = new URL(url);
    this.#server = createServer((near) => {
      const far = connect(Number(port), hostname);
      const pair = { near, far };
      this.#pairs.add(pair);
      let carried = 0;
      const end = () => {
        this.#pairs.delete(pair);
        near.destroy();
        far.destroy();
      };
      near.on('data', (bytes) => {
        carried += bytes.length;
        const [mark] = this.#marks;
        if (mark && this.#carried + bytes.length >= mark.at) {
          far.write(bytes.subarray(0, mark.at - this.#carried));
          this.#carried = mark.at;
          this.#marks.shift();
          end();
          mark.act();
          return;
        }
        this.#carried += bytes.length;
        if (this.#breaks.left > 0 && carried > this.#breaks.after) {
          this.#breaks.left -= 1;
          end();
        } else {
          const [full, wait] = [!far.write(bytes), this.#wait(bytes.length)];
          if (!full && wait === 0) return;
          near.pause();
          const drained = full ? once(far, 'drain') : null;
          Promise.all([drained, pause(wait)]).then(() => near.resume(), end);
        }
      });
      pipeline(
        far,
        (bytes) => this.#down(bytes),
        near,
        () => {},
      );
      for (const socket of [near, far]) socket.on('error', end).on('close', end);
    });
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Breaks the next `times` connections that carry more than `after` bytes up. */
  breaks(times, after) {
    this.#breaks = { left: times, after };
  }

  /** Passes on the first `at` bytes that go up, all connections together; then breaks the one, and acts. */
  mark(at, act) {
    this.#marks.push({ at, act });
    this.#marks.sort((one, other) => one.at - other.at);
  }

  /** Lets no more than `rate` bytes a second go up. */
  throttle(rate) {
    this.#rate = rate;
  }

  /** Lets what comes down come in pieces of `piece` bytes, each in a frame of its own. */
  trickle(piece) {
    this.#piece = piece;
  }

  async *#down(chunks) {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += this.#piece) {
        yield chunk.subarray(at, at + this.#piece);
        if (this.#piece < Infinity) await pause(35);
      }
    }
  }

  /** For how many milliseconds nothing may follow so many bytes. */
  #wait(bytes) {
    const now = performance.now();
    this.#through = Math.max(this.#through, now) + (1000 * bytes) / this.#rate;
    const wait = this.#through - now;
    return wait < 5 ? 0 : wait;
  }

  /** How many breaks have not come yet. */
  get left() {
    return this.#breaks.left;
  }

  /** Breaks what is open now. */
  cut() {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  stop() {
    this.cut();
    this.#server?.close();
  }
}
