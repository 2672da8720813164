// Puts into README.md and docs/*.md what must not be typed twice: the code of examples/, and the pictures that
// `needful graph` keeps. `npm run docs` writes, `npm run docs -- --check` fails when something is stale; a test does the same.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepPage } from '../src/cli/graph/keep.js';
import { marksOf } from '../src/cli/graph/page.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The files that are kept: README and every page of docs. */
export function pages(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)];
}

export const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The page as it should be: a block that names an example holds its file, one beneath a mark the picture. */
export async function written(path: string): Promise<string> {
  const page = read(path).replace(
    /```(ts|yaml|jsonc|python)\n(\/\/|#) (examples\/[\w/-]+\.\w+)\n[\s\S]*?```/g,
    (_, language, comment, example: string) =>
      `\`\`\`${language}\n${comment} ${example}\n${read(example)}\`\`\``,
  );
  if (marksOf(page.split('\n'), path).length === 0) return page;
  return (await keepPage(path, { before: page })).after;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  let staleCount = 0;
  for (const path of pages()) {
    const page = await written(path);
    if (page === read(path)) continue;
    staleCount += 1;
    if (!check) writeFileSync(join(root, path), page);
    console.log(`${path} ${check ? 'is stale: npm run docs' : 'written'}`);
  }
  process.exitCode = check && staleCount > 0 ? 1 : 0;
}
