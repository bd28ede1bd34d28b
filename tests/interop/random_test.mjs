// Random programs of the C++ client's against the npm package:
//   node --test-reporter=./harness/report.mjs random_test.mjs <folder of the binaries>
// CAPNWEB_RANDOM_SEED=<number> in the environment plays that program alone.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { ServerProcess } from './harness/server_process.mjs';

const [bin] = process.argv.slice(2);
const seed = process.env.CAPNWEB_RANDOM_SEED;
const seeds = seed ? [Number(seed)] : [1, 2, 3, 4];

const peer = await ServerProcess.start(process.execPath, fileURLToPath(new URL('random_peer.mjs', import.meta.url)));
after(async () => assert.equal(await peer.stop(), 0));

for (const seed of seeds)
  test(`CAPNWEB_RANDOM_SEED=${seed}`, { timeout: 60_000 }, async () => {
    await promisify(execFile)(`${bin}/random-client`, [`ws://127.0.0.1:${peer.port}/`, String(seed)]);
  });
