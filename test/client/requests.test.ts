// What a client refuses to send, and to be made of: each with a code, and what to write instead.
import { expect, it } from 'vitest';
import { createMemoryBroker } from '../../adapters/memory/index.js';
import { createClient } from '../../src/client/create-client.js';
import { defineWorker } from '../../src/worker/define-worker.js';

const client = createClient({ transport: createMemoryBroker().connect() });
const send = client.send.bind(client) as (...given: unknown[]) => unknown;
const sleep = defineWorker({ name: 'sleep', steps: { Seconds: { run() {} } } });

const aJob = "`send` takes one job, such as { step: 'sleep:Seconds', parameters: { seconds: 1 } }";
const aJobBehind =
  "`send` takes a job behind the worker, such as { step: 'Seconds', parameters: { seconds: 1 } }";

it.each<[string, unknown[], string]>([
  ['a step alone', ['sleep:Seconds'], `${aJob}, got a string`],
  ['a step and its parameters', ['sleep:Seconds', { seconds: 1 }], `${aJob}, got a string`],
  ['nothing', [], `${aJob}, got nothing`],
  ['null', [null], `${aJob}, got null`],
  ['a job without a step', [{}], "`step` of a job: expected 'sleep:Seconds' or the like, got nothing"],
  ['a step that is a number', [{ step: 5 }], '`step` of a job: expected a string, got 5'],
  [
    'a raw string as parameters',
    [{ step: 's', parameters: 'a=1' }],
    '`parameters` of a job: expected an object, got a string',
  ],
  [
    'parameters in an array',
    [{ step: 's', parameters: [1] }],
    '`parameters` of a job: expected an object, got an array',
  ],
  ['no parameters', [{ step: 's', parameters: null }], '`parameters` of a job: expected an object, got null'],
  ['one host', [{ step: 's', hosts: 'a' }], '`hosts` of a job: expected an array of strings, got a string'],
  [
    'a deadline of 0',
    [{ step: 's', deadlineMs: 0 }],
    '`deadlineMs` of a job: expected a number above 0, got 0',
  ],
  [
    'a key that it does not know',
    [{ step: 's', paramters: {} }],
    'a job has no `paramters`, did you mean "parameters"?',
  ],
  ['a worker alone', [sleep], `${aJobBehind}, got nothing`],
  ['a worker and a step', [sleep, 'Seconds'], `${aJobBehind}, got a string`],
  [
    'a worker and no step',
    [sleep, { hosts: [] }],
    "`step` of a job: expected 'Seconds' or the like, got nothing",
  ],
  [
    'a worker and a raw string as parameters',
    [sleep, { step: 'Seconds', parameters: '' }],
    '`parameters` of a job: expected an object, got a string',
  ],
])('%s is no job', (_, given, message) => {
  expect(() => send(...given)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID', message }));
});

const transport = createMemoryBroker().connect();
it.each<[unknown, string]>([
  [undefined, 'expected `{ transport }`, got nothing'],
  [{}, '`transport` must be a transport, as createAmqpTransport or a memory broker gives'],
  [
    { transport: 'amqp://localhost' },
    '`transport` must be a transport, as createAmqpTransport or a memory broker gives',
  ],
  [{ transport, output: true }, '`output` is not known, did you mean "outputs"?'],
  [{ transport, outputs: 'yes' }, '`outputs` must be true or false'],
  [{ transport, clock: {} }, '`clock` must be a clock with now, setTimeout and clearTimeout'],
  [{ transport, logger: null }, '`logger` must be an object with warn'],
])('no client is made of %o', (options, what) => {
  expect(() => createClient(options as never)).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID', message: `options of createClient: ${what}` }),
  );
});
