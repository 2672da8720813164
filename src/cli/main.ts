#!/usr/bin/env node
// The command `needful`. Nothing heavy is loaded here: what a command needs it imports when it runs.
import process from 'node:process';
import { reportFailure } from './failure.js';
import { runProgram } from './program.js';
import { createTerminal } from './terminal.js';

const terminal = createTerminal(process);
// What nobody caught Node would print as it is, with whatever secrets are in it.
process.on('uncaughtException', (error) => {
  const exitCode = reportFailure(error, { terminal, json: process.argv.includes('--json') });
  void terminal.flush().then(() => process.exit(exitCode));
});
const exitCode = await runProgram(process.argv.slice(2), { terminal, process });
await terminal.flush();
// A worker's file may hold the process open, as a pool of connections does.
process.exit(exitCode);
