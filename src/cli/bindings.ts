// `needful bindings`: what workers need on a broker: printed, declared or compared. With --json stdout has one object a line:
//   exchange  { name, exchangeType, durable, state?, checkedBy?, detail? }
//   queue     { name, durable, state?, checkedBy?, detail? }
//   binding   { exchange, queue, routingKey, state?, checkedBy?, detail? }
//   error     { code, message, remedy, exit }; then nothing follows
// state, with --declare and --check: declared, there, missing, different, surplus (it makes jobs run twice), unknown.
// checkedBy, with --check: amqp, management, both, or [] where nobody could tell.
import { type Command, Option } from 'commander';
import { NeedfulError } from '../contract/errors.js';
import type { Topology } from '../contract/topology.js';
import { type Finding, isDefect, thingsOf } from './bindings/finding.js';
import type { Surroundings } from './command.js';
import { brokerOptions, collect } from './flags.js';
import type { SettingFlags, Settings } from './settings/settle.js';

const formats = ['table', 'rabbitmqadmin', 'definitions'] as const;

interface BindingsFlags extends SettingFlags {
  readonly key?: readonly string[];
  readonly format?: (typeof formats)[number];
  readonly check?: boolean;
  readonly json?: boolean;
}

export function addBindings(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('bindings')
    .summary('print, declare or compare exchange, queues and bindings')
    .description(
      'Prints what workers need on the broker: the exchange re, a queue each, and the binding that leads the jobs of a key to it. Nothing is touched without --declare. With --check exit code 78 says that something is missing, different, or makes jobs run twice.',
    )
    .argument('[workers...]', 'files or ready-made names (the ready-made ones)')
    .option('--queue <name>', "the queue worker.<name> (the worker's name)")
    .option('--key <name>', 'bind it under worker.<name> (its own name; repeatable)', collect)
    .addOption(new Option('--format <format>', 'how it is printed (table)').choices(formats))
    .option('--check', 'compare with the broker')
    .option('--management <url>', 'ask the management API, too: http://user:password@host:15672')
    .option('-w, --worker-config <file>', "the original's configuration file of a worker");
  brokerOptions(command)
    .option('--json', 'one JSON object a line on stdout')
    .addHelpText('after', '\nExample:\n  $ needful bindings sleep --queue sleepworker --key sleep')
    .action(async (workers: readonly string[], flags: BindingsFlags) => {
      surroundings.finish(await bindings(workers, { flags, surroundings }));
    });
}

async function bindings(
  workers: readonly string[],
  { flags, surroundings }: { readonly flags: BindingsFlags; readonly surroundings: Surroundings },
): Promise<number> {
  checkCombination(workers, flags);
  const { terminal, process } = surroundings;
  const [{ settle }, { wantedTopology }, { readAddress }, { showCommands, showFindings, showMeans }] =
    await Promise.all([
      import('./settings/settle.js'),
      import('./bindings/wanted.js'),
      import('./settings/address.js'),
      import('./bindings/view.js'),
    ]);
  const settings = await settle(flags, process.env);
  for (const warning of settings.warnings) terminal.err(`needful: ${warning}`);
  const topology = await wantedTopology({ workers, keys: flags.key ?? [], settings });
  if (flags.format === 'rabbitmqadmin' || flags.format === 'definitions') {
    const { definitions, rabbitmqadmin } = await import('./bindings/formats.js');
    const { vhost } = await readAddress(settings.address);
    if (flags.format === 'definitions') terminal.out(definitions(topology, vhost));
    else showCommands(rabbitmqadmin(topology, vhost), terminal);
    return 0;
  }
  const findings = await look(topology, { flags, settings });
  showFindings(findings, { terminal, json: flags.json === true });
  if (flags.check && !flags.json) showMeans(findings, terminal);
  if (!findings.some(isDefect)) return 0;
  terminal.err(`needful: ${verdict(findings)}`);
  return 78;
}

function checkCombination(workers: readonly string[], flags: BindingsFlags): void {
  const { check, declare, format, json, management, queue } = flags;
  const usage = (message: string) => new NeedfulError('USAGE', message);
  if (check && declare) throw usage('--check changes nothing and --declare does: give one of them');
  if (format !== undefined && format !== 'table' && (check || declare || json)) {
    throw usage(`--format ${format} only prints: give it without --check, --declare and --json`);
  }
  if (management !== undefined && !check && !declare) {
    throw usage('--management is asked by --check and --declare: give one of them');
  }
  if (declare && workers.length === 0 && queue === undefined) {
    throw usage('--declare wants to know for whom: name workers, or a queue with --queue');
  }
}

async function look(
  topology: Topology,
  { flags, settings }: { readonly flags: BindingsFlags; readonly settings: Settings },
): Promise<readonly Finding[]> {
  const things = thingsOf(topology);
  if (!flags.check && !flags.declare) return things.map((thing) => ({ thing, detail: '', checkedBy: [] }));
  const { rabbitBus } = await import('./bus.js');
  const seen = settings.management && (await askManagement(topology, settings));
  // Nobody named a broker's address: then the management API was meant, and it knows more.
  if (flags.check && seen && settings.address === undefined) return seen;
  if (flags.declare && seen) refuseTwice(seen);
  const bus = await rabbitBus(settings.address);
  const transport = bus.connect('needful bindings');
  try {
    await transport.open();
    if (flags.check) {
      const [{ checkOverAmqp }, { both }] = await Promise.all([
        import('./bindings/over-amqp.js'),
        import('./bindings/both.js'),
      ]);
      const heard = await checkOverAmqp(transport, topology);
      return seen ? both(heard, seen) : heard;
    }
    await transport.declare(topology);
    return things.map((thing) => ({ thing, state: 'declared', detail: '', checkedBy: [] }));
  } catch (error) {
    throw bus.explain(error);
  } finally {
    await transport.close();
  }
}

/** A binding that is not there yet can still be left alone: both queues would get every job. */
function refuseTwice(findings: readonly Finding[]): void {
  const twice = findings.find(({ state }) => state === 'surplus');
  if (twice === undefined) return;
  throw new NeedfulError(
    'TOPOLOGY_DIFFERENT',
    `nothing was declared: ${twice.detail}. Consume the queue that exists (--queue), or unbind it first`,
  );
}

async function askManagement(topology: Topology, settings: Settings): Promise<readonly Finding[]> {
  const [{ createManagement }, { readManagement }, { readAddress }] = await Promise.all([
    import('./bindings/management.js'),
    import('./settings/management.js'),
    import('./settings/address.js'),
  ]);
  const { address, management } = settings;
  const broker = await readAddress(address);
  if (management === undefined) return [];
  const asked = createManagement({ address: readManagement(management, broker), vhost: broker.vhost });
  return asked.check(topology);
}

function verdict(findings: readonly Finding[]): string {
  const numberOf = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length;
  const parts = [
    [numberOf('missing'), 'missing'],
    [numberOf('different'), 'different'],
    [numberOf('surplus'), 'too many'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ');
}
