/**
 * Sends the files of a folder by tus-js-client, as it is published, one after another, and notes in a file how
 * far it is: begun again, it goes on. Named are the folder with the package, the address, the files and the notes.
 */
import { createReadStream, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [packages, endpoint, folder, notes] = process.argv.slice(2);
const { FileUrlStorage, Upload } = createRequire(join(packages, 'package.json'))('tus-js-client');
const urlStorage = new FileUrlStorage(notes);

for (const filename of readdirSync(folder).sort()) {
  await new Promise((resolve, reject) => {
    const upload = new Upload(createReadStream(join(folder, filename)), {
      endpoint,
      urlStorage,
      retryDelays: [100, 300, 1000, 3000],
      metadata: { filename, name: 'Ben' },
      onSuccess: resolve,
      onError: reject,
    });
    upload.findPreviousUploads().then(([before]) => {
      if (before) upload.resumeFromPreviousUpload(before);
      upload.start();
    }, reject);
  });
}
