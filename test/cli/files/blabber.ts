// A worker for tests of secrets: tells what it knows wherever it can, and ends as the variable BLABBER says.
import process from 'node:process';
import { configure, defineWorker, failed, secret } from 'needful-worker';
import { z } from 'zod';

const { BLABBER = '', NEEDFUL_AMQP_URL = '', NEEDFUL_MANAGEMENT_URL = '' } = process.env;
const config = z.object({ deep: z.array(z.object({ token: secret(z.string()) })) });

export default configure(config, ({ deep }) => {
  const known = [...deep.map(({ token }) => token), NEEDFUL_AMQP_URL, NEEDFUL_MANAGEMENT_URL];
  const encoded = known.flatMap((text) => [encodeURIComponent(text), Buffer.from(text).toString('base64')]);
  const tell = [...known, ...encoded].join(' ');
  const error = () => Object.assign(new Error(`an error: ${tell}`, { cause: new Error(tell) }), { tell });
  if (BLABBER === 'define') throw error();
  return defineWorker({
    name: BLABBER === 'name' ? tell : 'blabber',
    steps: {
      Say: {
        run({ output, logger }) {
          output.info(`a line: ${tell}`);
          logger.warn({ tell, err: error() }, `a log: ${tell}`);
          if (BLABBER === 'throw') throw error();
          if (BLABBER === 'crash') setImmediate(() => Promise.reject(error()));
          if (BLABBER === 'crash') return new Promise(() => {});
          return BLABBER === 'fail' ? failed({ tell }) : { [tell]: tell };
        },
      },
    },
  });
});
