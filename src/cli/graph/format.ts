// The formats of a picture, and which one a file has. The command line reads it before anything is drawn: it loads nothing.
import { extname } from 'node:path';

export const formats = ['mermaid', 'dot', 'json'] as const;
export type Format = (typeof formats)[number];

const endings: Readonly<Record<string, Format>> = {
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.dot': 'dot',
  '.gv': 'dot',
  '.json': 'json',
};

export const knownEndings = [...Object.keys(endings), '.md'].join(', ');

export const formatOf = (file: string): Format | undefined => endings[extname(file).toLowerCase()];

export const isPage = (file: string): boolean => ['.md', '.markdown'].includes(extname(file).toLowerCase());
