import { run } from '../operator/run.mjs';
import * as table from './decide.mjs';

run(table);
