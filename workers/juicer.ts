// Promotes a cart of packages to an environment with juicer, as the original does: the cart is pulled, then pushed. It
// calls the program `juicer`, where the original calls the same code as a library.
import { configure, defineWorker, failed, step } from 'needful-worker';
import { z } from 'zod';
import { runProgram } from './run-program.js';

const config = z.strictObject({
  /** The program and its first arguments. */
  command: z.tuple([z.string().min(1)], z.string()).default(['juicer']),
  /** Beyond PATH and LANG; juicer finds its own configuration through HOME. */
  env: z.record(z.string(), z.string()).default({}),
});

// What begins with a dash would be an option.
const name = z
  .string()
  .regex(/^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,199}$/, 'expected letters, digits, ".", "_", "-"');

export default configure(config, ({ command, env }) => {
  const promote = step({
    dynamic: z.object({ cart: name, environment: name }),
    deadlineMs: 3_600_000,
  }).run(async ({ dynamic: { cart, environment }, signal, output, logger, notify }) => {
    const juicer = async (...args: string[]) => {
      const { code, error } = await runProgram({
        argv: [...command, ...args],
        env: { ...(process.env.HOME !== undefined && { HOME: process.env.HOME }), ...env },
        signal,
        onLine: (line, from) => (from === 'stdout' ? output.info(line) : output.warn(line)),
      });
      if (error !== undefined) logger.error({ code: error }, 'juicer could not be started');
      return code === 0;
    };
    output.info(`Dynamic cart push parameters: Cart: ${cart}; Environment: ${environment}`);
    if (!(await juicer('-v', 'cart', 'pull', cart))) {
      output.error(`Couldn't find cart: ${cart}`);
      return failed();
    }
    output.info(`Received cart: ${cart}`);
    if (!(await juicer('-v', 'cart', 'push', cart, '--in', environment))) {
      output.error(`Couldn't push cart: ${cart}`);
      return failed();
    }
    output.info(`Pushed cart ${cart} to environment ${environment}`);
    notify('completed', {
      slug: 'JuicerWorker Executed Successfully',
      message: `JuicerWorker promoted ${cart} to ${environment}. See logs.`,
    });
    return undefined;
  });
  // Playbooks say `juicer:Promote`, or `juicer:promote`; any name does the same.
  return defineWorker({ name: 'juicer', steps: { Promote: promote, '*': promote } });
});
