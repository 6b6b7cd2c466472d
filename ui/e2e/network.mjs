/** A bad network: it stands between a browser and the sender, and breaks when it is told to. */
import { connect, createServer } from 'node:net';

export class Network {
  #server;
  #pairs = new Set();
  /** Bytes a connection may carry up before it breaks; each time one less break is left. */
  #breaks = { left: 0, after: 0 };
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
        if (this.#breaks.left > 0 && carried > this.#breaks.after) {
          this.#breaks.left -= 1;
          end();
        } else if (!far.write(bytes)) {
          near.pause();
          far.once('drain', () => near.resume());
        }
      });
      far.pipe(near);
      for (const socket of [near, far]) socket.on('error', end).on('close', end);
    });
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Breaks the next `times` connections that carry more than `after` bytes up. */
  breaks(times, after) {
    this.#breaks = { left: times, after };
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
