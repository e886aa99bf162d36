#!/usr/bin/env node
import { exitWithError } from './exit.js';
import { createProgram } from './program.js';

createProgram().parseAsync().catch(exitWithError);
