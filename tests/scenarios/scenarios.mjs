// Plays the scenarios over a route:
//   node --test-reporter=../interop/harness/report.mjs scenarios.mjs <direct|proxy> [<group>...] <folder of the binaries>
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { Route } from './harness/route.mjs';
import { Stage } from './harness/stage.mjs';

const groups = ['calls', 'capabilities', 'pipelining', 'map', 'disposal', 'order', 'errors', 'broken',
  'promises', 'writable_streams', 'readable_streams', 'fetch_types', 'blobs', 'malformed'];

const [kind, ...rest] = process.argv.slice(2);
const bin = rest.pop();
const route = await Route.open(kind, bin);
after(async () => assert.equal(await route.close(), 0, 'the exit code of the proxy'));

async function play(scenario) {
  const stage = new Stage(route);
  try {
    await scenario(stage);
    await stage.finish();
  } catch (error) {
    throw new Error(`${error.stack}\n${stage.transcript()}`, { cause: error });
  } finally {
    stage.close();
  }
}

for (const group of rest.length > 0 ? rest : groups) {
  const { scenarios } = await import(`./groups/${group}.mjs`);
  describe(group, () => {
    for (const [name, scenario] of Object.entries(scenarios))
      test(`${kind}: ${group}: ${name}`, { timeout: 30_000 }, () => play(scenario));
  });
}
