// `needful verify`: judges a worker. With --queue one that runs, in any language, from outside: verify-bus.ts. A file or a
// ready-made one is tested here, path by path: verify-worker.ts.
import type { Command } from 'commander';
import { NeedfulError } from '../contract/errors.js';
import type { Surroundings } from './command.js';
import { assign, brokerOptions, collect, dynamicOption, seconds, wholeNumber } from './flags.js';
import type { VerifyBusFlags } from './verify-bus.js';
import type { VerifyWorkerFlags } from './verify-worker.js';

export function addVerify(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('verify')
    .summary('test every path of a worker, or judge one that runs')
    .description(
      'Tests a worker by its flow: jobs of its schemas, every path, every fault in every state, random walks; its steps are not run. Or, with --queue, judges a worker that runs, in any language, from outside: sends jobs to its queue, valid ones and malformed ones, and holds the replies to the protocol. Give it a queue where nobody else sends jobs, and a job that is done soon. Exit code 1: something is broken.',
    )
    .argument('[worker]', 'a file or a ready-made name: tested here, without a broker')
    .option('--walks <count>', 'random walks (20)', wholeNumber)
    .option('--seed <number>', 'of the first walk (1)', wholeNumber)
    .option('--queue <name>', 'of a worker that runs: worker.sleep, or sleep for short')
    .option('--step <worker:step>', 'a step that it can do, as a playbook names it: sleep:Seconds')
    .option(
      '--param <name=value>',
      'a parameter of the valid job; JSON where it parses as JSON, else a string (repeatable)',
      assign,
    )
    .option(
      '--invalid-param <name=value>',
      'a value that the worker must refuse, each tried alone (repeatable)',
      collect,
    );
  dynamicOption(command)
    .option('--host <name>', 'a host to work on (repeatable)', collect)
    .option('--timeout <seconds>', 'longest silence before a reply (10)', seconds)
    .option('--junit <file>', 'write the checks as JUnit XML, too')
    .option(
      '--management <url>',
      'ask the management API whether jobs stay unacknowledged: http://user:password@host:15672',
    );
  brokerOptions(command)
    .option('--json', 'one JSON object a line on stdout')
    .addHelpText(
      'after',
      '\nA worker that runs:\n  $ needful verify --queue worker.sleep --step sleep:Seconds --param seconds=0\n\nExample:\n  $ needful verify my-worker.ts',
    )
    .action(async (worker: string | undefined, flags: VerifyBusFlags & Omit<VerifyWorkerFlags, 'worker'>) => {
      checkCombination(worker, command);
      if (worker !== undefined) {
        const { verifyWorker } = await import('./verify-worker.js');
        surroundings.finish(await verifyWorker({ ...flags, worker }, surroundings));
        return;
      }
      if (flags.queue === undefined) {
        throw new NeedfulError(
          'USAGE',
          'expected whom to judge: a file of a worker, or the queue of one that runs, --queue worker.sleep',
        );
      }
      const { verifyBus } = await import('./verify-bus.js');
      surroundings.finish(await verifyBus({ ...flags, queue: flags.queue }, surroundings));
    });
}

/** What belongs to a worker that is tested here, and to one that runs. */
const ownFlags = { here: ['walks', 'seed'], both: ['json', 'junit'] };

/** Throws USAGE: a flag that would be passed over. */
function checkCombination(worker: string | undefined, command: Command): void {
  const typed = Object.keys(command.opts()).filter((key) => command.getOptionValueSource(key) === 'cli');
  const { here, both } = ownFlags;
  const stray = typed.find((key) => !both.includes(key) && here.includes(key) === (worker === undefined));
  if (stray === undefined) return;
  if (stray === 'queue') throw new NeedfulError('USAGE', 'expected a worker or --queue, got both');
  const flag = `--${stray.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const whose = worker === undefined ? 'a worker that is tested here' : 'a worker that runs: give --queue';
  throw new NeedfulError('USAGE', `${flag} belongs to ${whose}`);
}
