// SHA-256 (FIPS 180-4) of files that are being sent: of each part, and of the whole as
// it comes together. Runs as a worker; where there can be none the page itself loads it.
// (A page on plain http has no WebCrypto, and that has no hash that grows anyway.)
((scope) => {
  'use strict';
  const SLICE = 1 << 20;
  const isPage = typeof document !== 'undefined';

  // The first 32 bits of the fractions of square and cube roots of the first primes.
  const fraction = (number) => ((number - Math.floor(number)) * 4294967296) | 0;
  const primes = [];
  for (let number = 2; primes.length < 64; number += 1)
    if (primes.every((prime) => number % prime)) primes.push(number);
  const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  const ROUNDS = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));

  class Sha256 {
    state = Int32Array.from(START);
    words = new Int32Array(64);
    rest = new Uint8Array(64);
    filled = 0;
    length = 0;

    add(bytes) {
      this.length += bytes.length;
      let at = 0;
      if (this.filled) {
        at = Math.min(64 - this.filled, bytes.length);
        this.rest.set(bytes.subarray(0, at), this.filled);
        this.filled += at;
        if (this.filled < 64) return this;
        this.block(this.rest, 0);
        this.filled = 0;
      }
      for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at);
      this.rest.set(bytes.subarray(at));
      this.filled = bytes.length - at;
      return this;
    }

    block(bytes, at) {
      const { state, words } = this;
      for (let i = 0; i < 16; i += 1, at += 4)
        words[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
      for (let i = 16; i < 64; i += 1) {
        const x = words[i - 15];
        const y = words[i - 2];
        const small = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const large = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        words[i] = (words[i - 16] + small + words[i - 7] + large) | 0;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i += 1) {
        const large = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const one = (h + large + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
        const small = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const two = (small + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + one) | 0;
        d = c;
        c = b;
        b = a;
        a = (one + two) | 0;
      }
      state[0] += a;
      state[1] += b;
      state[2] += c;
      state[3] += d;
      state[4] += e;
      state[5] += f;
      state[6] += g;
      state[7] += h;
    }

    sum() {
      const bits = this.length * 8;
      const zeros = (119 - (this.length % 64)) % 64;
      const tail = new DataView(new ArrayBuffer(zeros + 9));
      tail.setUint8(0, 0x80);
      tail.setUint32(zeros + 1, Math.floor(bits / 4294967296));
      tail.setUint32(zeros + 5, bits >>> 0);
      this.add(new Uint8Array(tail.buffer));
      const sum = new DataView(new ArrayBuffer(32));
      this.state.forEach((word, place) => sum.setInt32(place * 4, word));
      return new Uint8Array(sum.buffer);
    }
  }

  const text = (bytes) => btoa(String.fromCharCode(...bytes));
  const breath = () => isPage && new Promise((done) => setTimeout(done));
  // What `Blob.arrayBuffer` does, for browsers older than it.
  const read = async (blob) => new Uint8Array(await new Response(blob).arrayBuffer());
  const feed = async (sum, bytes) => {
    for (let at = 0; at < bytes.length; at += SLICE) {
      sum.add(bytes.subarray(at, at + SLICE));
      await breath();
    }
    return sum;
  };

  // By the page's name for a file: its hash so far, and whose turn it is to add to it.
  // `of` is told once all is in it.
  const files = new Map();
  const known = (key) => {
    if (!files.has(key)) files.set(key, { sum: new Sha256(), of: '', turn: Promise.resolve() });
    return files.get(key);
  };
  const in_turn = (whole, work) => {
    const done = whole.turn.then(work);
    whole.turn = done.catch(() => {});
    return done;
  };

  const answers = {
    // The hash of a part that begins at `from`; the whole grows by what is new in it.
    part: async ({ key, blob, from }) => {
      const whole = known(key);
      const bytes = await read(blob);
      await in_turn(whole, async () => {
        const at = whole.sum.length - from;
        if (!whole.of && at >= 0 && at < bytes.length) await feed(whole.sum, bytes.subarray(at));
      });
      const subtle = scope.crypto && scope.crypto.subtle;
      if (subtle) return text(new Uint8Array(await subtle.digest('SHA-256', bytes)));
      return text((await feed(new Sha256(), bytes)).sum());
    },
    // The hash of all of a file; what no part brought is read now.
    whole: ({ key, file }) => {
      const whole = known(key);
      return in_turn(whole, async () => {
        while (!whole.of && whole.sum.length < file.size) {
          const { length } = whole.sum;
          await feed(whole.sum, await read(file.slice(length, length + 8 * SLICE)));
          if (whole.sum.length === length) throw new Error('the file is shorter than it was');
        }
        whole.of = whole.of || text(whole.sum.sum());
        return whole.of;
      });
    },
    forget: async ({ key }) => files.delete(key),
  };

  if (isPage) {
    scope.hashing = { Sha256, answers };
    return;
  }
  scope.onmessage = async ({ data }) => {
    try {
      scope.postMessage({ job: data.job, sum: await answers[data.what](data) });
    } catch (error) {
      scope.postMessage({ job: data.job, error: String(error) });
    }
  };
})(self);
