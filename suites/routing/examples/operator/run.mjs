import { createInterface } from 'node:readline';

import { serve } from './serve.mjs';

/** Serves the wire; with `--decide`, answers for the decision alone: a JSON object per line in, one per line out. */
export async function run({ decide, models }) {
  if (!process.argv.includes('--decide')) return serve({ decide, models }, process.env);
  for await (const line of createInterface({ input: process.stdin })) {
    const { route, tier, refuse } = decide(JSON.parse(line));
    console.log(JSON.stringify({ route, tier, refuse }));
  }
}
