"""Sends the files of a folder by tuspy, as it is published, one after another in parts with
checksums, and notes in a file how far it is: begun again, it goes on. Named are the address,
the files and the notes."""

import os
import sys

from tusclient.client import TusClient
from tusclient.storage.filestorage import FileStorage

endpoint, folder, notes = sys.argv[1:]
client = TusClient(endpoint)
storage = FileStorage(notes)

for name in sorted(os.listdir(folder)):
    client.uploader(
        os.path.join(folder, name),
        chunk_size=128 * 1024,
        metadata={"filename": name, "name": "Pia"},
        retries=4,
        retry_delay=1,
        store_url=True,
        url_storage=storage,
        upload_checksum=True,
    ).upload()
