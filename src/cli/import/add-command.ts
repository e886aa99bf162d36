import type { Command } from 'commander';
import { wholeNumber } from '../process/whole-number.js';

/** `assent import`: files of other systems, once or as they arrive. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description("take files into an institution's database; the same again changes nothing")
    .argument('<standard>', 'fhir, trials or epcis')
    .argument('<path>', 'a file, or a folder of files')
    .requiredOption('--institution <id>', 'whose database')
    .option('--refusals <file>', 'add each refusal to that file, as NDJSON')
    .option('--base <url>', 'of the FHIR server that exported the files: whose ids they have')
    .option(
      '--long-ids <how>',
      'ids of FHIR over 64 characters: refuse, or map by a table',
      'refuse',
    )
    .option(
      '--threads <number>',
      'that validate FHIR (default: one a core if worth it)',
      wholeNumber,
    )
    .option('--dry-run', 'print what would become of the files, and store nothing')
    .option('--watch', 'take what arrives in that folder, until told to stop')
    .option('--every <seconds>', 'of --watch: how often the folder is looked at', wholeNumber, 10)
    .option(
      '--settled <seconds>',
      'of --watch: a file that has not changed for so long is whole',
      wholeNumber,
      10,
    )
    .action(async (standard, path, options) => {
      const { runImport } = await import('./command-import.js');
      await runImport({ ...program.opts(), ...options, standard, path });
    });
}
