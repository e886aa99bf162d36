import type { Command } from 'commander';
import { wholeNumber } from '../process/whole-number.js';
import { DEFAULT_PEOPLE, DEFAULT_SEED } from './plan.js';

/** `assent pilot`, `token` and `tour`: all that the rest of the command line knows of the pilot. */
export function addPilotCommands(program: Command): void {
  program
    .command('pilot')
    .description('run a whole network on this machine: ledger, five institutions, gateway')
    .option('--seed <number>', 'what the generated data come from', wholeNumber, DEFAULT_SEED)
    .option('--people <number>', 'how many people are generated', wholeNumber, DEFAULT_PEOPLE)
    .option('--data <folder>', 'real files to import too, before the network answers')
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
    .description('play what the network promises, step by step, against a pilot of its own')
    .option('--url <url>', 'a running pilot in place of its own')
    .option('--json', 'print the outcome as JSON on the last line')
    .action(async (options) => {
      const { runTour } = await import('./tour/command-tour.js');
      await runTour({ ...program.opts(), ...options });
    });
}
