#!/usr/bin/env node
import { runLibrariesInProduction } from '../core/settings/library-environment.js';
import { endOnFaults, exitWithError } from './process/exit.js';

runLibrariesInProduction();
endOnFaults();
// What the commands are made of is loaded after that: a fault while it loads is one too.
const { createProgram } = await import('./program.js');
createProgram().parseAsync().catch(exitWithError);
