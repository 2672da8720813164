// What Needful throws at those who use it wrongly, with a text wherever they can write one.
import { z } from 'zod';
import { createAmqpTransport, parseAmqpUrl, readMqConfig } from '../../adapters/amqp/index.js';
import { createMemoryBroker } from '../../adapters/memory/index.js';
import { createClient } from '../../src/client/create-client.js';
import { NeedfulError } from '../../src/contract/errors.js';
import { parsePlaybook } from '../../src/release/index.js';
import { configure } from '../../src/worker/configure.js';
import { createWorker } from '../../src/worker/create-worker.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import type { RunningWorker } from '../../src/worker/running-worker.js';
import { quoting, teller, thrown, waysToThrow } from './secret-teller.js';

export async function mistakes(tell: string, running: RunningWorker): Promise<readonly unknown[]> {
  const transport = createMemoryBroker().connect();
  const define = (members: object) => defineWorker({ name: 'x', steps: { A: { run: () => 1 } }, ...members });
  const client = createClient({ transport });
  const wrong: readonly (() => unknown)[] = [
    () => define({ name: `bad ${tell}` }),
    () => define({ [tell]: 1 }),
    () => define({ steps: { [tell]: { run: 5 } } }),
    () => define({ steps: { A: { run: () => 1, [tell]: 2 } } }),
    () => createWorker(teller(tell), { transport, [tell]: 1 } as never),
    () => running.send('x', { type: tell }),
    () => configure(z.strictObject({}), () => define({}))({ [tell]: tell } as never),
    () => configure(z.object({ a: quoting }), () => define({}))({ a: tell }),
    ...waysToThrow.map(
      (how) => () =>
        configure(z.object({}), () => {
          throw thrown(tell, how);
        })({}),
    ),
    () => createAmqpTransport({ [tell]: 1 }),
    () => createAmqpTransport({ url: `amqp://u:p@h/${tell}#`, name: tell }),
    () => parseAmqpUrl(tell),
    () => readMqConfig(`/no/such/${tell}`),
    () => parsePlaybook(`name: ${tell}\n${tell}: [`, { file: tell }),
    () => parsePlaybook(JSON.stringify({ [tell]: tell, group: { tell } }), { file: tell }),
    () => client.send({ step: tell, parameters: { tell } }).result,
    () => {
      throw new NeedfulError('CONFIG_INVALID', `says ${tell}.`, { cause: thrown(tell, 'error') });
    },
  ];
  const errors: unknown[] = [];
  for (const use of wrong) {
    try {
      await use();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length !== wrong.length) throw new Error(`${wrong.length - errors.length} mistakes were none`);
  return errors;
}
