import type { Command } from 'commander';
import { wholeNumber } from '../process/whole-number.js';

/** `assent import`: imports files of other systems, once or as they arrive. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description("import files into an institution's database; repeating it changes nothing")
    .argument('<standard>', 'fhir, trials or epcis')
    .argument('<path>', 'a file, or a folder of files')
    .requiredOption('--institution <id>', 'whose database')
    .option('--refusals <file>', 'append each refusal to that file, as NDJSON')
    .option('--base <url>', 'base URL of the FHIR server that exported the files')
    .option('--long-ids <how>', 'FHIR ids over 64 characters: refuse, or map in a table', 'refuse')
    .option(
      '--threads <number>',
      'threads that validate FHIR (default: one per core for large input)',
      wholeNumber,
    )
    .option('--dry-run', 'print what would happen to the files, and store nothing')
    .option('--watch', 'import files as they arrive in that folder, until stopped')
    .option('--every <seconds>', 'with --watch: how often the folder is checked', wholeNumber, 10)
    .option(
      '--settled <seconds>',
      'with --watch: a file unchanged for this long is complete',
      wholeNumber,
      10,
    )
    .action(async (standard, path, options) => {
      const { runImport } = await import('./command-import.js');
      await runImport({ ...program.opts(), ...options, standard, path });
    });
}
