import type { Command } from 'commander';
import { wholeNumber } from '../process/whole-number.js';
import { DEFAULT_PEOPLE, DEFAULT_SEED } from './plan.js';

/**
 * `assent pilot`, `token` and `tour`: the only part of the pilot that the rest of the command line
 * uses.
 */
export function addPilotCommands(program: Command): void {
  program
    .command('pilot')
    .description('run a whole network on this machine: ledger, five institutions, gateway')
    .option('--seed <number>', 'the seed of the generated data', wholeNumber, DEFAULT_SEED)
    .option('--people <number>', 'how many people are generated', wholeNumber, DEFAULT_PEOPLE)
    .option('--data <folder>', 'also import these real files before the network answers')
    .action(async (options) => {
      const { runPilot } = await import('./command-pilot.js');
      await runPilot({ ...program.opts(), ...options });
    });

  program
    .command('token')
    .description('print a fresh Authorization header of a persona of the pilot')
    .argument('<persona>', 'portal, researcher, sponsor, pharmacist or participant')
    .action(async (persona, options) => {
      const { runToken } = await import('./command-token.js');
      await runToken({ ...program.opts(), ...options, persona });
    });

  program
    .command('tour')
    .description('demonstrate what the network promises, step by step, on a pilot of its own')
    .option('--url <url>', 'use this running pilot instead of its own')
    .option('--json', 'print the outcome as JSON on the last line')
    .action(async (options) => {
      const { runTour } = await import('./tour/command-tour.js');
      await runTour({ ...program.opts(), ...options });
    });
}
