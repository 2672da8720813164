// `needful send`: plays the engine for one job. With --json stdout has one object a line, by `type`:
//   sent        { at, step, correlationId, address }
//   transition  a TransitionRecord of a worker beside it (--with)
//   reply       { at, status, data? }: started, completed or failed
//   output      { at, appId, message }: a line of the worker
//   warning     { at, message }
//   signal      { signal, message }
//   ended       { at, outcome, durationMs, data? }: outcome completed or failed; the last one
//   error       { code, message, remedy, exit }; then nothing follows
import type { Command } from 'commander';
import type { Client } from '../client/client.js';
import { NeedfulError } from '../contract/errors.js';
import { splitStep, workerTopology } from '../contract/names.js';
import type { Transport } from '../transport.js';
import type { Surroundings } from './command.js';
import type { Crew } from './crew.js';
import {
  assign,
  brokerOptions,
  type CrewFlags,
  collect,
  crewOptions,
  dynamicOption,
  seconds,
  showOptions,
} from './flags.js';
import { createSendView, type SendView } from './send-view.js';
import { onSignals } from './signals.js';

interface SendFlags extends CrewFlags {
  readonly param?: Readonly<Record<string, unknown>>;
  readonly dynamic?: Readonly<Record<string, unknown>>;
  readonly host?: readonly string[];
  /** Milliseconds. */
  readonly deadline?: number;
  readonly queue?: string;
}

/** How long lines are still heard after the final reply, in milliseconds: they come over another channel of the worker. */
const lingerMs = 100;

export function addSend(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('send')
    .summary('send one job and show its replies')
    .description(
      'Sends one job as an engine does and shows its replies and output lines until the final reply. Exit code 0: completed, 1: failed.',
    )
    .argument('<worker:step>', 'as a playbook names it: sleep:Seconds')
    .option(
      '--param <name=value>',
      'a parameter; JSON where it parses as JSON, else a string (repeatable)',
      assign,
    );
  dynamicOption(command)
    .option('--host <name>', 'a host to work on (repeatable)', collect)
    .option('--deadline <seconds>', 'longest wait for each reply (60 for started, then 3600)', seconds);
  crewOptions(command).option(
    '--queue <name>',
    "with --with or --declare: the queue worker.<name> (the worker's name)",
  );
  brokerOptions(command);
  showOptions(command)
    .addHelpText('after', '\nExample:\n  $ needful send sleep:Seconds --param seconds=1 --with sleep')
    .action(async (step: string, flags: SendFlags) => {
      surroundings.finish(await send(step, { flags, surroundings }));
    });
}

interface SendOptions {
  readonly flags: SendFlags;
  readonly surroundings: Surroundings;
}

async function send(step: string, { flags, surroundings }: SendOptions): Promise<number> {
  const { terminal } = surroundings;
  const { command } = splitStep(step);
  if (!/^[\w.-]+$/.test(command)) {
    throw new NeedfulError('USAGE', `expected WORKER:STEP, as sleep:Seconds, got ${JSON.stringify(step)}`);
  }
  const { musterCrew } = await import('./muster.js');
  const view = createSendView(terminal, { json: flags.json === true });
  const { bus, crew, settings } = await musterCrew(flags, {
    surroundings,
    onTransition: view.transition,
    showLog: terminal.err,
  });
  const transport = bus.connect('needful send');
  try {
    await transport.open();
    await declareQueue(transport, { flags, command, queue: settings.worker.queue ?? command });
    const { createClient } = await import('../client/create-client.js');
    const client = createClient({ transport, outputs: true });
    return await converse(client, {
      step,
      flags,
      view,
      crew,
      surroundings,
      address: transport.status.address,
    });
  } catch (error) {
    throw bus.explain(error);
  } finally {
    await transport.close();
    await crew.stop();
  }
}

/** With --declare, and on the embedded broker where the worker beside consumes another queue than the job's key says. */
async function declareQueue(
  transport: Transport,
  { flags, command, queue }: { flags: SendFlags; command: string; queue: string },
): Promise<void> {
  const { declare, with: workers = [] } = flags;
  if (declare !== true && (workers.length === 0 || queue === command)) return;
  const { exchanges, queues } = workerTopology(queue);
  const bindings = workerTopology(command).bindings.map((binding) => ({
    ...binding,
    queue: queues[0]?.name ?? binding.queue,
  }));
  await transport.declare({ exchanges, queues, bindings });
}

interface Conversation {
  readonly step: string;
  readonly flags: SendFlags;
  readonly view: SendView;
  readonly crew: Crew;
  readonly surroundings: Surroundings;
  readonly address: string;
}

async function converse(client: Client, talk: Conversation): Promise<number> {
  const { step, flags, view, crew, surroundings, address } = talk;
  await client.open();
  const { outputsProblem } = client.status();
  if (outputsProblem !== null) view.warning(Date.now(), `output lines are not heard: ${outputsProblem}`);
  const run = client.send({
    step,
    ...(flags.param === undefined ? {} : { parameters: flags.param }),
    ...(flags.dynamic === undefined ? {} : { dynamic: flags.dynamic }),
    ...(flags.host === undefined ? {} : { hosts: flags.host }),
    ...(flags.deadline === undefined ? {} : { deadlineMs: flags.deadline }),
    onEvent: (event) => {
      if (event.type === 'reply') view.reply(event);
      else if (event.type === 'warning') view.warning(event.at, event.message);
    },
  });
  view.sent({ step, correlationId: run.correlationId, address });
  client.subscribe((line) => {
    if (line.correlationId === run.correlationId) view.output(line);
  });
  const ignoreSignals = onSignals(surroundings.process, {
    words: 'the reply is not waited for any more, the job in hand may end',
    drain: () => run.cancel('by a signal'),
    abort: () => void crew.stop({ deadlineMs: 0 }),
    say: view.signal,
  });
  try {
    const final = await run.result;
    if (client.status().outputs === 'heard') await new Promise((resolve) => setTimeout(resolve, lingerMs));
    view.ended(final);
    return final.status === 'completed' ? 0 : 1;
  } finally {
    await client.close();
    await crew.stop();
    ignoreSignals();
  }
}
