// The command as a whole: its subcommands, what they have in common, and the exit code it ends with.
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { addBindings } from './bindings.js';
import type { Surroundings } from './command.js';
import { addConfig } from './config.js';
import { addDemo } from './demo.js';
import { reportFailure } from './failure.js';
import { addGraph } from './graph.js';
import { addRelease } from './release.js';
import { addRun } from './run.js';
import { addSend } from './send.js';
import type { Terminal } from './terminal.js';
import { addVerify } from './verify.js';

const exitCodes = `
Exit codes:
  0    done; run: drained
  1    a job or release failed, a worker is broken, a picture is stale, or
       something unexpected happened
  2    the command line cannot be understood
  69   no broker answers
  70   a promise of Needful's own was broken: a defect
  75   run: stopped before its jobs were done; they were cancelled
  77   the broker refuses user, virtual host or operation
  78   configuration: a file, an address, exchange or queue
  130  ended by a third SIGINT
  143  ended by a third SIGTERM

The first SIGINT or SIGTERM drains, the second cancels running jobs, the third
exits at once. All other signals do what they do in Node.

The broker's address: --amqp or --mq-config before NEEDFUL_AMQP_URL, AMQP_URL,
RABBITMQ_URL (or …_FILE, a file that holds it) before needful.config.ts before
amqp://localhost.

Example:
  $ needful send sleep:Seconds --param seconds=1 --with sleep`;

/** Runs one command line (without node and script). Never rejects. */
export async function runProgram(
  args: readonly string[],
  { terminal, process }: { readonly terminal: Terminal; readonly process: NodeJS.Process },
): Promise<number> {
  let exitCode = 0;
  const program = createProgram({
    terminal,
    process,
    finish: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportFailure(error, { terminal, json: args.includes('--json') });
  }
}

function createProgram(surroundings: Surroundings): Command {
  const { terminal } = surroundings;
  const program = new Command('needful')
    .description('RabbitMQ workers whose job flow is an XState machine you can see, test and change.')
    .version(version(), '-V, --version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.raw(text),
      writeErr: (text) => terminal.err(text.trimEnd()),
      // Said by reportFailure, with its code.
      outputError: () => undefined,
    })
    .addHelpText('after', exitCodes);
  addRun(program, surroundings);
  addSend(program, surroundings);
  addRelease(program, surroundings);
  addBindings(program, surroundings);
  addGraph(program, surroundings);
  addVerify(program, surroundings);
  addConfig(program, surroundings);
  addDemo(program, surroundings);
  return program;
}

function version(): string {
  const { version } = createRequire(import.meta.url)('needful-worker/package.json') as { version: string };
  return version;
}
