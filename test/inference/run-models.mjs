// Runs batches on an execution provider and prints the logits: WebGPU finds its driver by variables that must be there
// when the process starts.
// usage: run-models.mjs PROVIDER, with [{path, batches: [{inputIds, attentionMask}]}] on standard input
import { text } from 'node:stream/consumers';
import { openSession } from '../../dist/inference/session.js';

const big = (rows) => BigInt64Array.from(rows.flat(), BigInt);
const results = [];
for (const { path, batches } of JSON.parse(await text(process.stdin))) {
  const session = await openSession(path, { provider: process.argv[2] });
  for (const { inputIds, attentionMask } of batches) {
    const batch = {
      rows: inputIds.length,
      length: inputIds[0].length,
      inputIds: big(inputIds),
      attentionMask: big(attentionMask),
    };
    results.push([...(await session.run(batch, ['logits'])).logits]);
  }
  await session.release();
}
process.stdout.write(JSON.stringify(results));
