// The command line without a process of its own, for what ends before anything runs: five times as fast.
import process from 'node:process';
import { runProgram } from '../../src/cli/program.js';
import type { Terminal } from '../../src/cli/terminal.js';

const asItIs = (text: string) => text;

export async function called(args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const terminal: Terminal = {
    out: (line) => {
      stdout += `${line}\n`;
    },
    raw: (text) => {
      stdout += text;
    },
    err: (line) => {
      stderr += `${line}\n`;
    },
    isLive: false,
    columns: 80,
    rows: 24,
    paint: { red: asItIs, green: asItIs, yellow: asItIs, cyan: asItIs, dim: asItIs, bold: asItIs },
    onResize: () => () => undefined,
    onBroken: () => undefined,
    flush: async () => undefined,
  };
  const code = await runProgram(args, { terminal, process });
  return { code, stdout, stderr };
}
