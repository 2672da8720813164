// Runs commands that its configuration lists, and no others: each is a step, with arguments that are fixed and parameters
// that are checked and put behind them. No shell ever sees them.
import { configure, defineWorker, failed, numeric, step } from 'needful-worker';
import { z } from 'zod';
import { runProgram } from './run-program.js';

function wholly(text: string, { addIssue }: z.core.$RefinementCtx): RegExp {
  try {
    return new RegExp(`^(?:${text})$`, 'u');
  } catch {
    addIssue({ code: 'custom', message: 'expected a regular expression' });
    return /^/;
  }
}

const command = z.strictObject({
  /** The program and its fixed arguments. */
  argv: z.tuple([z.string().min(1)], z.string()),
  /** Names of the step's parameters, put behind `argv` in this order, each with the expression that it must wholly fit. */
  parameters: z.record(z.string().min(1), z.string().transform(wholly)).default({}),
  timeLimitMs: z.int().min(1).max(2_147_483_647).default(600_000),
  cwd: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
});

const config = z.strictObject({
  commands: z
    .record(z.string().regex(/^[\w.-]+$/), command)
    .refine((commands) => Object.keys(commands).length > 0, 'expected at least one command'),
});

/** As an argument: text or a number, that fits. A NUL can be in no argument. */
const argument = (expected: RegExp) =>
  z
    .union([z.string(), numeric().transform(String)], 'expected text or a number')
    .refine((text) => expected.test(text) && !text.includes('\0'), `expected ${expected.source}`);

/** What an engine puts beside the parameters of a step. */
const ofTheEngine = Object.fromEntries(
  ['command', 'subcommand', 'hosts', 'dynamic', 'notify'].map((name) => [name, z.unknown().optional()]),
);

/** Kept of what a command says on stdout, for the reply. */
const stdoutLimit = 64 * 1024;

function stepOf({ argv, parameters: expected, timeLimitMs, cwd, env }: z.output<typeof command>) {
  const names = Object.keys(expected);
  const shape = Object.fromEntries(Object.entries(expected).map(([name, found]) => [name, argument(found)]));
  return step({ parameters: z.strictObject({ ...ofTheEngine, ...shape }), deadlineMs: timeLimitMs }).run(
    async ({ parameters, signal, output }) => {
      let stdout = '';
      const given = names.map((name) => String(parameters[name]));
      const { error, ...end } = await runProgram({
        argv: [...argv, ...given],
        env,
        signal,
        ...(cwd !== undefined && { cwd }),
        onLine(line, from) {
          if (from === 'stderr') return output.warn(line);
          if (stdout.length < stdoutLimit) stdout = `${stdout}${line}\n`.slice(0, stdoutLimit);
          output.info(line);
        },
      });
      if (error !== undefined) {
        output.error(`the command could not be started: ${error}`);
        return failed({ error });
      }
      return end.code === 0 ? { code: 0, stdout } : failed({ ...end, stdout });
    },
  );
}

export default configure(config, ({ commands }) =>
  defineWorker({
    name: 'command',
    steps: Object.fromEntries(Object.entries(commands).map(([name, listed]) => [name, stepOf(listed)])),
  }),
);
