import { configure, defineWorker, failed } from 'needful-worker';
import { z } from 'zod';

const config = z.strictObject({ environments: z.array(z.string()).min(1), baseUrl: z.url() });

export default configure(config, ({ environments, baseUrl }) =>
  defineWorker({
    name: 'juicer',
    steps: {
      Promote: {
        parameters: z.object({ cart: z.string().min(1), environment: z.string() }),
        run({ parameters: { cart, environment }, output }) {
          if (!environments.includes(environment))
            return failed(`${environment} is not promoted to from here`);
          output.info(`promoting ${cart} to ${environment}`);
          return `${baseUrl}/${environment}/${cart}`;
        },
      },
    },
  }),
);
