// `needful config`: the settings as the other commands take them, and who said each. With --json stdout has one object a line:
//   setting  { key, value, source }: value null where there is none; secrets are left out of addresses
//   error    { code, message, remedy, exit }; then nothing follows
import type { Command } from 'commander';
import type { Surroundings } from './command.js';
import { brokerOptions, showOptions, workerOptions } from './flags.js';
import type { SettingFlags, Settings } from './settings/settle.js';
import { clean, column, width } from './text.js';

export function addConfig(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('config')
    .summary('show the settings and where each comes from')
    .description(
      'Takes the options of the other commands, and shows every setting as they take it and who said it. A flag wins over the environment (NEEDFUL_QUEUE, or NEEDFUL_QUEUE_FILE for the file that holds it), that over the file of --worker-config, that over needful.config.ts, that over the default. Passwords are not shown.',
    );
  showOptions(workerOptions(brokerOptions(command)))
    .option('--management <url>', 'the management API, http://user:password@host:15672')
    .addHelpText('after', '\nExample:\n  $ needful config --amqp amqp://guest:guest@localhost')
    .action(async (flags: SettingFlags & { readonly json?: boolean }) => {
      const { settle } = await import('./settings/settle.js');
      const settings = await settle(flags, surroundings.process.env);
      await show(settings, { json: flags.json === true, surroundings });
      surroundings.finish(0);
    });
}

interface Row {
  readonly key: string;
  readonly value: string | number | null;
  /** Shown where there is no value. */
  readonly described?: string | undefined;
  readonly source: string;
}

async function show(
  settings: Settings,
  { json, surroundings }: { readonly json: boolean; readonly surroundings: Surroundings },
): Promise<void> {
  const { terminal } = surroundings;
  const { columns, isLive, paint } = terminal;
  const rows = await rowsOf(settings);
  if (json) {
    for (const { key, value, source } of rows)
      terminal.out(JSON.stringify({ type: 'setting', key, value, source }));
    return;
  }
  const widest = (texts: readonly string[]) => Math.max(...texts.map(width));
  const keyColumns = widest(rows.map(({ key }) => key));
  const valueColumns = Math.min(36, widest(rows.map(shownOf)));
  for (const row of rows) {
    const { key, source } = row;
    const shown = clean(shownOf(row));
    const start = `${column(key, keyColumns)}  ${column(shown, Math.max(valueColumns, width(shown)))}`;
    const from = source === 'default' ? paint.dim(source) : source;
    const fits = (line: string) => !isLive || width(line) <= columns;
    const indent = ' '.repeat(keyColumns + 2);
    if (fits(`${start}  ${source}`)) terminal.out(`${start}  ${from}`);
    else if (fits(start.trimEnd())) terminal.out(`${start.trimEnd()}\n${indent}${from}`);
    // A long address is easier to read, and to copy, in one piece.
    else terminal.out(`${key}\n  ${shown}\n${indent}${from}`);
  }
  for (const warning of settings.warnings) terminal.err(`needful: ${warning}`);
}

const shownOf = ({ value, described = '-' }: Row) => String(value ?? described);

async function rowsOf(settings: Settings): Promise<readonly Row[]> {
  const [{ settings: table, keys }, { printManagement }] = await Promise.all([
    import('./settings/table.js'),
    import('./settings/management.js'),
  ]);
  const rows = keys
    .filter((key) => key !== 'amqp' && key !== 'mqConfig')
    .map((key): Row => {
      const said = settings.said.get(key);
      const { standard, described } = table[key];
      if (said === undefined)
        return { key, value: standard === '' ? null : standard, described, source: 'default' };
      return { key, value: key === 'management' ? printManagement(said) : said.value, source: said.from };
    });
  return [await addressRow(settings), ...rows];
}

async function addressRow({ address }: Settings): Promise<Row> {
  const [{ readAddress }, { printAddress }] = await Promise.all([
    import('./settings/address.js'),
    import('../../adapters/amqp/index.js'),
  ]);
  const value = printAddress(await readAddress(address));
  if (address === undefined) return { key: 'amqp', value, source: 'default' };
  return {
    key: 'amqp',
    value,
    source: 'file' in address ? `${address.file} (${address.from})` : address.from,
  };
}
