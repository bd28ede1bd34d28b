// A reporter for node:test: the failures, then a line with the sum. With GTEST_OUTPUT=xml:<folder>/
// in the environment it also writes <folder>/<CTEST_NAME>.xml, with the counts where GoogleTest has
// them, so that ./dev counts single tests of both.
import { mkdirSync, writeFileSync } from 'node:fs';
import { inspect } from 'node:util';

function isLeaf(data) {
  return data.details.type !== 'suite';
}

function failureText({ name, details }) {
  const error = details.error?.cause ?? details.error;
  const text = error?.stack ?? inspect(error);
  return `FAILED ${name}\n${text.replace(/^/gm, '    ')}\n`;
}

function writeCounts(tests, failures) {
  const folder = /^xml:(.*\/)$/.exec(process.env.GTEST_OUTPUT ?? '')?.[1];
  const name = process.env.CTEST_NAME;
  if (!folder || !name) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${name}.xml`,
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<testsuites tests="${tests}" failures="${failures}" disabled="0" errors="0"></testsuites>\n`);
}

export default async function* report(events) {
  const start = Date.now();
  let passed = 0;
  let failed = 0;
  for await (const { type, data } of events) {
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message;
    if (type === 'test:pass' && isLeaf(data)) passed++;
    if (type === 'test:fail' && isLeaf(data)) {
      failed++;
      yield failureText(data);
    }
  }
  writeCounts(passed + failed, failed);
  yield `${passed} passed, ${failed} failed, ${((Date.now() - start) / 1000).toFixed(1)} s\n`;
}
