// `needful verify`: judges a worker. With --queue one that runs, in any language, from outside: verify-bus.ts.
import type { Command } from 'commander';
import { NeedfulError } from '../contract/errors.js';
import type { Surroundings } from './command.js';
import { assign, brokerOptions, collect, dynamicOption, seconds } from './flags.js';
import type { VerifyBusFlags } from './verify-bus.js';

export function addVerify(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('verify')
    .summary('judge a worker by the protocol')
    .description(
      'Judges a worker that runs, in any language, from outside: sends jobs to its queue, valid ones and malformed ones, and holds the replies to the protocol. Give it a queue where nobody else sends jobs, and a job that is done soon. Exit code 1: something is broken.',
    )
    .option('--queue <name>', "the worker's queue: worker.sleep, or sleep for short")
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
      '\nExample:\n  $ needful verify --queue worker.sleep --step sleep:Seconds --param seconds=0',
    )
    .action(async (flags: VerifyBusFlags) => {
      if (flags.queue === undefined) {
        throw new NeedfulError(
          'USAGE',
          'expected whom to judge: the queue of a worker, --queue worker.sleep',
        );
      }
      const { verifyBus } = await import('./verify-bus.js');
      surroundings.finish(await verifyBus({ ...flags, queue: flags.queue }, surroundings));
    });
}
