#!/usr/bin/env node
import { endOnFaults, exitWithError } from './exit.js';
import { createProgram } from './program.js';

endOnFaults();
createProgram().parseAsync().catch(exitWithError);
