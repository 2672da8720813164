// `needful run`: one worker, until a signal. With --json stdout has one object a line, by `type`:
//   listening   { at, worker, queue, address, concurrency }
//   transition  a TransitionRecord: { at, machine, worker, lane, from, to, event, correlationId, step }
//   signal      { signal, message }
//   stopped     { at, status, error? }: a WorkerStatus; error { code, message } where it could not go on or drain
//   error       { code, message, remedy, exit }; then nothing follows
import type { Command } from 'commander';
import { NeedfulError } from '../contract/errors.js';
import type { RunningWorker } from '../worker/running-worker.js';
import { rabbitBus } from './bus.js';
import type { Surroundings } from './command.js';
import { brokerOptions, type CommonFlags, showOptions, type WorkerFlags, workerOptions } from './flags.js';
import type { Recorder } from './record.js';
import { createRunView, type RunView } from './run-view.js';
import { onSignals } from './signals.js';

interface RunFlags extends CommonFlags, WorkerFlags {
  readonly record?: string;
}

export function addRun(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('run')
    .summary('run a worker until a signal')
    .description(
      'Runs a worker: a TypeScript or JavaScript file that says `export default defineWorker({ … })`, or a ready-made one (noop, sleep, httprequest, output, command, juicer, bigip). The first SIGINT or SIGTERM drains: no new jobs, those in hand end and are answered. The second cancels running jobs, the third exits. Exit code 0: drained; 75: jobs were cancelled, or could not be answered; the others: needful --help.',
    )
    .argument('<worker>', 'a file or a ready-made name');
  showOptions(workerOptions(brokerOptions(command)))
    .option(
      '--record <file>',
      'append every transition to a file, one JSON object a line, to be held against the machine later',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ needful run ./my-worker.ts --amqp amqp://guest:guest@localhost --declare',
    )
    .action(async (worker: string, flags: RunFlags) => {
      surroundings.finish(await run(worker, { flags, surroundings }));
    });
}

interface RunOptions {
  readonly flags: RunFlags;
  readonly surroundings: Surroundings;
}

async function run(given: string, { flags, surroundings }: RunOptions): Promise<number> {
  const { terminal, process } = surroundings;
  const { settle } = await import('./settings/settle.js');
  const settings = await settle(flags, process.env);
  const bus = await rabbitBus(settings.address);
  const { loadWorker } = await import('./load-worker.js');
  const definition = await loadWorker(given, { config: settings.own });
  const [{ createWorker }, { numbers }, { createLog }] = await Promise.all([
    import('../worker/create-worker.js'),
    import('../worker/options.js'),
    import('./log.js'),
  ]);
  const transport = bus.connect(`needful worker ${definition.name}`);
  const logger = await createLog(settings.logLevel, { stderr: process.stderr, show: terminal.err });
  for (const warning of settings.warnings) logger.warn({ worker: definition.name }, warning);
  const recorder = await recorderOf(flags.record, (why) =>
    logger.error({ worker: definition.name, file: flags.record, why }, 'the recording ends here'),
  );
  const worker = createWorker(definition, {
    ...(bus.isDefault ? { connectDeadlineMs: 0 } : {}),
    ...settings.worker,
    transport,
    logger,
  });
  const view = createRunView(terminal, { json: flags.json === true });
  worker.subscribe((transition) => view.transition(transition));
  if (recorder !== null) worker.subscribe((transition) => recorder.add(transition));
  const ignoreSignals = onSignals(process, {
    words: `no new jobs, those that run have ${(settings.worker.drainMs ?? numbers.drainMs[1]) / 1000} s to end`,
    drain: () => void worker.stop(),
    abort: () => void worker.stop({ deadlineMs: 0 }),
    say: (signal, message) => view.signal(signal, message),
  });
  // Nobody can see any more what it does: whoever started it may start it again.
  terminal.onBroken(() => void worker.stop());
  try {
    const { concurrency = 1 } = settings.worker;
    return await live(worker, { view, address: transport.status.address, concurrency });
  } catch (error) {
    throw bus.explain(error);
  } finally {
    ignoreSignals();
    await recorder?.end();
  }
}

/** Loaded when it is asked for. */
async function recorderOf(file: string | undefined, onEnd: (why: string) => void): Promise<Recorder | null> {
  if (file === undefined) return null;
  const { createRecorder } = await import('./record.js');
  return createRecorder(file, { onEnd });
}

interface Life {
  readonly view: RunView;
  readonly address: string;
  readonly concurrency: number;
}

async function live(worker: RunningWorker, { view, address, concurrency }: Life): Promise<number> {
  try {
    await worker.start();
    view.listening({ ...worker.status(), address, concurrency });
  } catch (error) {
    // Stopped by a signal while it tried to reach a broker: that was meant.
    if (!(error instanceof NeedfulError) || error.code !== 'STOPPED_EARLY') throw error;
  }
  const { error, ...status } = await worker.ended;
  view.stopped(status, error);
  if (error !== undefined) throw error;
  return 0;
}
