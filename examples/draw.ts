// What a program can ask of a worker's graph: here, where a job may wait, and for how long.
import { workerGraph } from 'needful-worker';
import { toMermaid } from 'needful-worker/statechart';
import deployer from './approval.js';

const graph = workerGraph(deployer);
for (const { key, deadline, description } of graph.nodes) {
  if (deadline !== null) console.log(`${key}: ${deadline} (${description})`);
}
console.log(toMermaid(graph, { detail: 'brief' }));
