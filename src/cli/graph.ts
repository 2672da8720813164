// `needful graph`: the picture of a worker, a flow or a machine, drawn from the very machine that runs; committed pictures
// are compared with it or written anew.
import { type Command, Option } from 'commander';
import { NeedfulError } from '../contract/errors.js';
import type { Surroundings } from './command.js';
import { type Format, formatOf, formats, isPage } from './graph/format.js';
import type { KeepOptions, Kept } from './graph/keep.js';

interface GraphFlags {
  readonly format?: Format;
  readonly brief?: boolean;
  readonly step?: string;
  readonly check?: readonly string[];
  readonly write?: readonly string[];
  readonly workerConfig?: string;
}

const pictures = `
FILE is a picture (.mmd, .dot, .json; another ending with --format), or a
Markdown page. In a page this line stands before each picture, or alone where
one is to be:
  <!-- needful graph job --brief -->
The block beneath it is mermaid, dot or json. Without a name all pictures of the
page are meant. With --check exit code 1 says that one is stale.

Example:
  $ needful graph --check README.md docs/*.md`;

export function addGraph(program: Command, surroundings: Surroundings): void {
  program
    .command('graph')
    .summary('draw the states of a worker, a flow or a machine')
    .description(
      'Prints the states and ways of a worker, from the very machine that runs. Steps that are machines are drawn inside it.',
    )
    .argument('[worker]', 'a file, a ready-made name, or job, worker, release')
    .addOption(new Option('-f, --format <format>', 'how it is drawn (mermaid)').choices(formats))
    .option('--step <name>', 'only this step of a worker, which is a machine')
    .option('--brief', 'without descriptions, tags and actions')
    .option('--check <file...>', 'compare committed pictures with the machine')
    .option('--write <file...>', 'write them anew')
    .option('-w, --worker-config <file>', 'the configuration, where the states depend on it')
    .addHelpText('after', pictures)
    .action(async (name: string | undefined, flags: GraphFlags) => {
      await graph(name, { flags, surroundings });
      surroundings.finish(0);
    });
}

interface Given {
  readonly flags: GraphFlags;
  readonly surroundings: Surroundings;
}

async function graph(name: string | undefined, { flags, surroundings }: Given): Promise<void> {
  checkCombination(name, flags);
  const { terminal } = surroundings;
  const { format, step, workerConfig, check, write } = flags;
  const detail = flags.brief === true ? 'brief' : 'full';
  const files = check ?? write;
  if (files === undefined) {
    const [{ graphOf }, { draw }, { readWorkerConfig }] = await Promise.all([
      import('./graph/drawable.js'),
      import('./graph/draw.js'),
      import('./worker-config.js'),
    ]);
    const config = workerConfig === undefined ? undefined : readWorkerConfig(workerConfig).own;
    const drawn = await graphOf(name ?? '', { config, step });
    terminal.raw(draw(drawn, { format: format ?? 'mermaid', detail }));
    return;
  }
  const { keep, write: writeKept, missing } = await import('./graph/keep.js');
  const options: KeepOptions = { name, step, format, detail, workerConfig };
  const kept: Kept[] = [];
  for (const file of files) {
    const one = await keep(file, options);
    if (check !== undefined && one.before === null) throw missing(file);
    if (write !== undefined) await writeKept(one);
    kept.push(one);
  }
  if (check !== undefined) report(kept, { name, flags, surroundings });
  else
    for (const one of kept)
      terminal.out(`${one.file} ${one.before === one.after ? 'is up to date' : 'written'}`);
}

function checkCombination(name: string | undefined, { check, write, ...how }: GraphFlags): void {
  const usage = (message: string) => new NeedfulError('USAGE', message);
  if (check && write) throw usage('--check changes nothing and --write does: give one of them');
  if (name === undefined && check === undefined && write === undefined) {
    throw usage('name what is to be drawn: a file, a ready-made worker, or one of job, worker, release');
  }
  if (how.brief && how.format === 'json')
    throw usage('JSON is always whole: give --brief without --format json');
  const files = [...(check ?? []), ...(write ?? [])];
  const whole = files.find((file) => how.format === undefined && formatOf(file) === 'json');
  if (how.brief && whole !== undefined) throw usage(`JSON is always whole: give --brief without ${whole}`);
  const page = files.find(isPage);
  if (page !== undefined && (how.brief || how.format !== undefined || how.step !== undefined)) {
    throw usage(`the marks in ${page} say how each picture is drawn: no --brief, --format, --step`);
  }
}

/** Two lines for each stale picture; then the error says what draws it anew. */
function report(
  kept: readonly Kept[],
  { name, flags, surroundings }: Given & { readonly name: string | undefined },
): void {
  const { terminal } = surroundings;
  const pictures = kept.flatMap(({ file, pictures }) => pictures.map((picture) => ({ file, ...picture })));
  const stale = pictures.filter(({ count }) => count > 0);
  for (const { file, name: drawn, line, is, should, count } of stale) {
    terminal.err(`${file}:${line} (${drawn}, ${count} ${count === 1 ? 'line differs' : 'lines differ'})`);
    if (is !== undefined) terminal.err(`  - ${is.trim()}`);
    if (should !== undefined) terminal.err(`  + ${should.trim()}`);
  }
  if (stale.length === 0) {
    terminal.out(`${pictures.length} ${pictures.length === 1 ? 'picture is' : 'pictures are'} up to date`);
    return;
  }
  const files = [...new Set(stale.map(({ file }) => file))];
  throw new NeedfulError(
    'GRAPH_STALE',
    `${stale.length} of ${pictures.length} pictures ${stale.length === 1 ? 'is' : 'are'} stale; draw anew: ${[...commandOf(name, flags), '--write', ...files].map(quoted).join(' ')}`,
  );
}

/** With every flag that says what is drawn. */
function commandOf(name: string | undefined, { format, step, brief, workerConfig }: GraphFlags): string[] {
  const given = [
    ['--format', format],
    ['--step', step],
    ['--worker-config', workerConfig],
  ].flatMap(([flag = '', value]) => (value === undefined ? [] : [flag, value]));
  return ['needful', 'graph', ...(name === undefined ? [] : [name]), ...given, ...(brief ? ['--brief'] : [])];
}

/** As a shell takes it. */
const quoted = (word: string) =>
  /^[\w./:@%+=,~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
