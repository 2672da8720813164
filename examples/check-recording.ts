// Was what a worker did a path of its machine? Given a file, what `needful run --record` wrote; else what it does right now.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { createClient, createWorker, type TransitionRecord } from 'needful-worker';
import { createMemoryBroker } from 'needful-worker/memory';
import { checkRecording, readRecording, recordingLines } from 'needful-worker/testing';
import greeter from './greeter.js';

const [, , file] = process.argv;
const records = file === undefined ? await watch() : readRecording(await readFile(file, 'utf8')).records;
const checked = checkRecording(greeter, records);
for (const line of recordingLines(checked, { name: file ?? 'greeter' })) console.log(line);
if (checked.divergence !== null) process.exitCode = 1;

async function watch(): Promise<readonly TransitionRecord[]> {
  const seen: TransitionRecord[] = [];
  const broker = createMemoryBroker();
  const worker = createWorker(greeter, { transport: broker.connect() });
  worker.subscribe((transition) => seen.push(transition));
  await worker.start();
  const client = createClient({ transport: broker.connect() });
  await client.open();
  await client.send(greeter, { step: 'Hello', parameters: { who: 'world' } }).result;
  await client.close();
  await worker.stop();
  return seen;
}
