// How files go: hashed in a worker, each part with its own hash beside it. This and
// pick.js are the ground of add.js and sent with it as one.
const uploading = {};
(() => {
  'use strict';
  const form = document.querySelector('form.send');
  if (!form) return;

  // Hashes come from a worker; from here where there can be none.
  const jobs = new Map();
  let last = 0;
  let worker = null;
  const here = () =>
    new Promise((resolve, reject) => {
      if (self.hashing) return resolve(self.hashing);
      const script = document.createElement('script');
      script.src = form.dataset.hash;
      script.onload = () => resolve(self.hashing);
      script.onerror = reject;
      return document.head.append(script);
    });
  const alone = async (job, told, { resolve, reject }) => {
    jobs.delete(job);
    try {
      resolve(await (await here()).answers[told.what](told));
    } catch (error) {
      reject(error);
    }
  };
  try {
    worker = new Worker(form.dataset.hash);
    worker.onmessage = ({ data: { job, sum, error } }) => {
      const waiting = jobs.get(job);
      jobs.delete(job);
      if (waiting) error ? waiting.reject(new Error(error)) : waiting.resolve(sum);
    };
    worker.onerror = () => {
      worker = null;
      for (const [job, waiting] of [...jobs]) alone(job, waiting.told, waiting);
    };
  } catch {
    worker = null;
  }
  const hash = (told) =>
    new Promise((resolve, reject) => {
      const job = (last += 1);
      const waiting = { told, resolve, reject };
      if (!worker) return alone(job, told, waiting);
      jobs.set(job, waiting);
      return worker.postMessage({ job, ...told });
    });

  // Each part says its own hash, so that what the network bent is never kept.
  class Unreadable extends Error {}
  // A listener that is busy has not lost what it was asked for; without this the transport
  // would begin the file anew.
  const unhurried = (request) => {
    const { send } = request;
    request.send = async (body) => {
      const answer = await send.call(request, body);
      const status = answer.getStatus();
      if (status >= 500 || status === 408 || status === 429) throw new Error('busy');
      return answer;
    };
    return request;
  };
  const stack = (row) => {
    const plain = new tus.DefaultHttpStack();
    return {
      getName: () => 'checked',
      createRequest: (method, url) => {
        const request = plain.createRequest(method, url);
        if (method === 'HEAD') return unhurried(request);
        if (method !== 'PATCH') return request;
        const { send, abort } = request;
        let ended = false;
        request.abort = () => {
          ended = true;
          return abort.call(request);
        };
        request.send = async (body) => {
          const from = Number(request.getHeader('Upload-Offset'));
          const sum = await hash({ what: 'part', key: row.key, blob: body, from }).catch((error) => {
            throw new Unreadable(String(error));
          });
          if (ended) return new Promise(() => {});
          request.setHeader('Upload-Checksum', `sha256 ${sum}`);
          row.began = Date.now();
          return send.call(request, body);
        };
        return request;
      },
    };
  };

  Object.assign(uploading, { hash, stack, Unreadable });
})();
