import * as table from './decide.mjs';
import { run } from './run.mjs';

run(table);
