import { Command } from 'commander';
import { addCeremonyCommands } from './commands/command-ceremony.js';
import { addDisclosuresCommand } from './commands/command-disclosures.js';
import { addRegisterCommands } from './commands/command-register.js';
import { addImportCommand } from './import/add-command.js';
import { addOperatorCommands } from './operator/command-operator.js';
import { addPilotCommands } from './pilot/commands.js';
import { VERSION } from './process/version.js';

/**
 * The `assent` command. Each subcommand loads its code when it runs, because loading everything
 * takes seconds.
 */
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

/** Commands that run until they are told to stop. */
function addServers(program: Command): void {
  program
    .command('node')
    .description("run one institution's node next to its own systems")
    .option('--institution <id>', 'its id on the ledger')
    .action(async (options) => {
      const { runNode } = await import('./commands/command-node.js');
      await runNode({ ...program.opts(), ...options });
    });

  program
    .command('gateway')
    .description('run a gateway to the nodes that the ledger lists')
    .action(async (options) => {
      const { runGateway } = await import('./commands/command-gateway.js');
      await runGateway({ ...program.opts(), ...options });
    });

  program
    .command('subgraphs')
    .description("serve the gateway's subgraphs to your own router; see docs/other-gateways.md")
    .action(async (options) => {
      const { runSubgraphs } = await import('./commands/command-subgraphs.js');
      await runSubgraphs({ ...program.opts(), ...options });
    });

  program
    .command('supergraph')
    .description('print the supergraph for your own router')
    .option('--url <url>', 'where that router reaches the subgraphs (default: from the settings)')
    .action(async (options) => {
      const { runSupergraph } = await import('./commands/command-supergraph.js');
      await runSupergraph({ ...program.opts(), ...options });
    });
}

function addLinkCommand(program: Command): void {
  program
    .command('link-code')
    .description(
      "show a code to link a patient's wallet, and confirm the link; for a hospital's portal",
    )
    .requiredOption('--institution <id>', 'whose patient')
    .requiredOption('--patient <id>', 'the id of the FHIR Patient, or its URL')
    .requiredOption('--study <id>', 'the study')
    .option(
      '--proxy <code>',
      "the proxy's role, if not the patient's own session: PRN MTH FTH GUARD HPOWATT",
    )
    .option(
      '--confirm [words]',
      'link the key with these words; without words, print the waiting keys',
    )
    .option('--refuse', 'refuse the waiting keys, and print a new code')
    .action(async (options) => {
      const { runLinkCode } = await import('./commands/command-link-code.js');
      await runLinkCode({ ...program.opts(), ...options });
    });
}

/** Commands for checks and decisions apart from a node. */
function addCheckingCommands(program: Command): void {
  program
    .command('verify')
    .description('check records against their evidence and any copy of the ledger')
    .argument('<file>', 'JSON: a record with its evidence, or an answer that contains some')
    .requiredOption('--ledger <url>', 'JSON-RPC URL of any copy of the ledger')
    .option('--contract <address>', "the address of the network's register, if you know it")
    .option('--whole', 'fail if a record leaves out anything that was logged')
    .action(async (file, options) => {
      const { runVerify } = await import('./commands/command-verify.js');
      await runVerify({ ...options, file });
    });

  const ledger = program
    .command('ledger')
    .description('decisions of institutions and operators about the ledger');
  ledger
    .command('proposals')
    .description('print the proposals to vote on, with everything that they would grant')
    .action(async () => {
      const { runProposals } = await import('./commands/command-proposals.js');
      await runProposals(program.opts());
    });
  ledger
    .command('institutions')
    .description("print the members of the network, their nodes' endpoints, and upcoming changes")
    .action(async () => {
      const { runInstitutions } = await import('./commands/command-institutions.js');
      await runInstitutions(program.opts());
    });
  ledger
    .command('accept-regress')
    .description('continue with a ledger that has lost what a stopped node had seen as final')
    .requiredOption('--institution <id>', 'the institution whose node refuses the ledger')
    .action(async (options) => {
      const { runAcceptRegress } = await import('./commands/command-accept-regress.js');
      await runAcceptRegress({ ...program.opts(), ...options });
    });
}
