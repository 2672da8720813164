// The mutants themselves: each fits the source as it is, and together they strike every part of a job's life.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createJobFlow } from '../../machines/job.js';
import { mutants } from './mutants.js';

const root = new URL('../../', import.meta.url);
const repeated = (texts: readonly string[]) => texts.filter((text, at) => texts.indexOf(text) !== at);
const named = mutants.flatMap(({ about }) => about.split(', '));
const promises = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8'].map((name) => `promise ${name}`);
const states = Object.keys(createJobFlow({ acknowledge: 'verified' }).states).map((name) => `state ${name}`);
const paths = ['received', 'verified', 'settled', 'lost'].map((name) => `settle path ${name}`);

describe('mutants', () => {
  it.each(mutants)('$name: what it changes is there once', ({ file, find, replace }) => {
    const source = readFileSync(new URL(file, root), 'utf8');
    expect(source.split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  });

  it('have names and changes of their own', () => {
    expect(repeated(mutants.map(({ name }) => name))).toEqual([]);
    expect(repeated(mutants.map(({ file, find, replace }) => `${file}\n${find}\n${replace}`))).toEqual([]);
  });

  it('strike every state, every way to settle and every promise', () => {
    const known = [...states, ...paths, ...promises];
    expect(known.filter((part) => !named.includes(part))).toEqual([]);
  });

  it('say what they strike by names that exist', () => {
    const known = [...states, ...paths, ...promises];
    expect(named.filter((part) => !known.includes(part))).toEqual([]);
  });
});
