import { Command } from 'commander';
import { addCeremonyCommands } from './commands/command-ceremony.js';
import { addDisclosuresCommand } from './commands/command-disclosures.js';
import { addRegisterCommands } from './commands/command-register.js';
import { addImportCommand } from './import/add-command.js';
import { addOperatorCommands } from './operator/command-operator.js';
import { addPilotCommands } from './pilot/commands.js';
import { VERSION } from './process/version.js';

/** The `assent` command. A command loads what it runs when it runs: all together takes seconds. */
export function createProgram(): Command {
  const program = new Command('assent')
    .description('Health data federated across institutions, opened by proofs of consent.')
    .version(VERSION)
    .option('--config <file>', 'settings as JSON; see docs/configuration.md')
    .option('--state-folder <folder>', 'keys, embedded database and ledger (default: .assent)');
  addPilotCommands(program);
  addServers(program);
  addImportCommand(program);
  addLinkCommand(program);
  addCheckingCommands(program);
  addCeremonyCommands(program);
  addRegisterCommands(program);
  addDisclosuresCommand(program);
  addOperatorCommands(program);
  return program;
}

/** What runs until it is told to stop. */
function addServers(program: Command): void {
  program
    .command('node')
    .description("run one institution's node beside its own systems")
    .option('--institution <id>', 'its id on the ledger')
    .action(async (options) => {
      const { runNode } = await import('./commands/command-node.js');
      await runNode({ ...program.opts(), ...options });
    });

  program
    .command('gateway')
    .description('run a gateway over the nodes that the ledger lists')
    .action(async (options) => {
      const { runGateway } = await import('./commands/command-gateway.js');
      await runGateway({ ...program.opts(), ...options });
    });

  program
    .command('subgraphs')
    .description("serve the gateway's subgraphs to a router of yours; see docs/other-gateways.md")
    .action(async (options) => {
      const { runSubgraphs } = await import('./commands/command-subgraphs.js');
      await runSubgraphs({ ...program.opts(), ...options });
    });

  program
    .command('supergraph')
    .description('print the supergraph that a router of yours reads')
    .option('--url <url>', 'where that router reaches the subgraphs (default: by the settings)')
    .action(async (options) => {
      const { runSupergraph } = await import('./commands/command-supergraph.js');
      await runSupergraph({ ...program.opts(), ...options });
    });
}

function addLinkCommand(program: Command): void {
  program
    .command('link-code')
    .description(
      "show a code that links a patient's wallet, and confirm it; for a hospital's portal",
    )
    .requiredOption('--institution <id>', 'whose patient')
    .requiredOption('--patient <id>', 'the id of the FHIR Patient, or its URL')
    .requiredOption('--study <id>', 'for which study')
    .option('--proxy <code>', 'in whose session, if not the patient: PRN MTH FTH GUARD HPOWATT')
    .option(
      '--confirm [words]',
      'link the key that has these words; without them, print what waits',
    )
    .option('--refuse', 'refuse the keys that wait, and print another code')
    .action(async (options) => {
      const { runLinkCode } = await import('./commands/command-link-code.js');
      await runLinkCode({ ...program.opts(), ...options });
    });
}

/** What is checked or decided beside a node. */
function addCheckingCommands(program: Command): void {
  program
    .command('verify')
    .description('check records against their evidence and any copy of the ledger')
    .argument('<file>', 'JSON: a record with its evidence, or an answer that holds some')
    .requiredOption('--ledger <url>', 'JSON-RPC URL of any copy of the ledger')
    .option('--contract <address>', "the network's register, if you know it")
    .option('--whole', 'fail where a record leaves out some of what was logged')
    .action(async (file, options) => {
      const { runVerify } = await import('./commands/command-verify.js');
      await runVerify({ ...options, file });
    });

  const ledger = program
    .command('ledger')
    .description('what institutions and operators decide about the ledger');
  ledger
    .command('proposals')
    .description('print what institutions are asked to vote on, with all that it would grant')
    .action(async () => {
      const { runProposals } = await import('./commands/command-proposals.js');
      await runProposals(program.opts());
    });
  ledger
    .command('institutions')
    .description('print who belongs to the network, where each node answers, and what will change')
    .action(async () => {
      const { runInstitutions } = await import('./commands/command-institutions.js');
      await runInstitutions(program.opts());
    });
  ledger
    .command('accept-regress')
    .description('go on with a ledger that has lost what a stopped node had seen as final')
    .requiredOption('--institution <id>', 'whose node refuses it')
    .action(async (options) => {
      const { runAcceptRegress } = await import('./commands/command-accept-regress.js');
      await runAcceptRegress({ ...program.opts(), ...options });
    });
}
