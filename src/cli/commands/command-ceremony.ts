import { type Command, InvalidArgumentError } from 'commander';
import colors from 'picocolors';
import type { Step, Transcript } from '../../zk/ceremony/transcript.js';

interface Evidence {
  readonly dir: string;
  readonly circuit: string;
  readonly ptau: string;
  readonly head?: string;
}

/**
 * `assent ceremony init|contribute|verify|beacon|finalize`: several institutions make a statement's
 * keys, so that only all of them together could know the secret. Progress goes to stderr, results
 * to stdout.
 */
export function addCeremonyCommands(program: Command): void {
  const ceremony = program
    .command('ceremony')
    .description(
      "make a statement's keys together, so that no single institution can forge proofs",
    );

  ceremony
    .command('init')
    .description('begin: make the initial key from constraints and public powers of tau')
    .requiredOption('--circuit <file>', 'constraints: NAME.r1cs')
    .requiredOption('--ptau <file>', 'prepared powers of tau of a public ceremony')
    .requiredOption('--ptau-hash <hex>', 'its published BLAKE2b-512 hash')
    .option('--check-ptau', 'also check the powers of tau themselves (takes minutes)')
    .requiredOption('--out <folder>', 'a new folder for the ceremony')
    .action(runInit);

  ceremony
    .command('contribute')
    .description('add a contribution; its secret comes from this machine and is forgotten')
    .requiredOption('--dir <folder>', 'the folder of the ceremony')
    .requiredOption('--name <name>', 'who contributes')
    .action(async ({ dir, name }: { dir: string; name: string }) => {
      const { addContribution } = await import('../../zk/ceremony/extend.js');
      writeLastStep(await addContribution(dir, name, note));
    });

  withEvidence(ceremony.command('verify'))
    .description('check every step without trusting any participant')
    .action(runVerify);

  ceremony
    .command('beacon')
    .description('close the ceremony with public randomness')
    .requiredOption('--dir <folder>', 'the folder of the ceremony')
    .requiredOption(
      '--value <hex>',
      'randomness that nobody could know before the last contribution',
    )
    .requiredOption('--iterations <exponent>', 'hash it 2^EXPONENT times, 10 to 24', wholeNumber)
    .action(async ({ dir, value, iterations }: Record<string, string> & { iterations: number }) => {
      const beacon = { value: String(value).toLowerCase(), iterationsExponent: iterations };
      const { addBeacon } = await import('../../zk/ceremony/extend.js');
      writeLastStep(await addBeacon(String(dir), beacon, note));
    });

  withEvidence(ceremony.command('finalize'))
    .description('verify again and write proving key, verification key and manifest')
    .requiredOption('--out <folder>', 'the folder of the artifacts')
    .option('--wasm <file>', 'the witness calculator compiled with the constraints')
    .action(runFinalize);
}

function withEvidence(command: Command): Command {
  return command
    .requiredOption('--dir <folder>', 'the folder of the ceremony')
    .requiredOption('--circuit <file>', 'your own copy of the constraints')
    .requiredOption('--ptau <file>', 'your own copy of the powers of tau')
    .option('--head <hex>', 'a head that a contributor published, which must be in the chain');
}

async function runInit(options: {
  readonly circuit: string;
  readonly ptau: string;
  readonly ptauHash: string;
  readonly checkPtau?: true;
  readonly out: string;
}): Promise<void> {
  const { beginCeremony } = await import('../../zk/ceremony/begin.js');
  const transcript = await beginCeremony(
    {
      folder: options.out,
      circuit: options.circuit,
      ptau: options.ptau,
      ptauBlake2b: options.ptauHash,
      checkPtau: options.checkPtau === true,
    },
    note,
  );
  write(`circuit  ${transcript.opening.circuit.r1csSha256}`);
  write(`head     ${transcript.head}`);
}

async function runVerify(options: Evidence): Promise<void> {
  const { verifyCeremony } = await import('../../zk/ceremony/verify-ceremony.js');
  const { transcript, isComplete } = await verifyCeremony(evidenceOf(options), note);
  write(`circuit  ${transcript.opening.circuit.name} ${transcript.opening.circuit.r1csSha256}`);
  write(`ptau     ${transcript.opening.ptau.blake2b}`);
  for (const { step, head } of transcript.steps) writeStep(step, head);
  write(isComplete ? 'complete: every step is valid' : 'every step is valid; not complete yet');
}

async function runFinalize(
  options: Evidence & { readonly out: string; readonly wasm?: string },
): Promise<void> {
  const { out, wasm } = options;
  const { finalizeCeremony } = await import('../../zk/ceremony/finalize.js');
  const publication = { ...evidenceOf(options), out, ...(wasm === undefined ? {} : { wasm }) };
  const { head, files } = await finalizeCeremony(publication, note);
  write(`head     ${head}`);
  for (const [file, sha256] of Object.entries(files)) write(`${sha256}  ${file}`);
}

function evidenceOf({ dir, circuit, ptau, head }: Evidence) {
  return { folder: dir, circuit, ptau, ...(head === undefined ? {} : { head }) };
}

function writeLastStep(transcript: Transcript): void {
  const last = transcript.steps.at(-1);
  if (last === undefined) return;
  writeStep(last.step, last.head);
  write(`publish this head where others can read it: ${last.head}`);
}

function writeStep(step: Step, head: string): void {
  const name = step.kind === 'beacon' ? `beacon ${step.value}` : step.name;
  write(`${step.kind.padEnd(12)} ${name}`);
  write(`  hash  ${step.contributionHash}`);
  write(`  head  ${head}`);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

function note(line: string): void {
  process.stderr.write(`${colors.dim(new Date().toISOString().slice(11, 19))} ${line}\n`);
}

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,2}$/.test(text)) throw new InvalidArgumentError('a whole number is needed');
  return Number(text);
}
