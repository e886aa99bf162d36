#!/usr/bin/env node
import { runLibrariesInProduction } from '../core/settings/library-environment.js';
import { endOnFaults, exitWithError } from './process/exit.js';

runLibrariesInProduction();
endOnFaults();
// The commands are loaded after that, so that a fault while loading is reported too.
const { createProgram } = await import('./program.js');
createProgram().parseAsync().catch(exitWithError);
