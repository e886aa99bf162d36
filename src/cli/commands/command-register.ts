import type { Command } from 'commander';
import type { Database } from '../../store/database.js';
import type { CommonOptions } from '../state/settings.js';

interface Named {
  readonly institution: string;
}

/**
 * `assent register check|repair|erase|accept-gap|accept-restore`: maintenance of an institution's
 * own shard and its copies of feeds. With the embedded database, the node must be stopped.
 */
export function addRegisterCommands(program: Command): void {
  const register = program
    .command('register')
    .description("maintain an institution's shard of the register");
  const named = (command: Command) =>
    command.requiredOption('--institution <id>', 'whose database');

  named(register.command('check'))
    .description('recompute the shard from its leaves and compare; changes nothing')
    .action((options: Named) => checkShard({ ...program.opts(), ...options }));

  named(register.command('repair'))
    .description('rebuild every page of the shard from the anchored leaves')
    .action((options: Named) => mendShard({ ...program.opts(), ...options }));

  named(register.command('erase'))
    .description('erase a consent for a participant who asked for it and no longer has a wallet')
    .requiredOption('--handle <decimal>', 'the handle of the consent')
    .action((options: Named & { readonly handle: string }) =>
      eraseConsent({ ...program.opts(), ...options }),
    );

  named(register.command('accept-gap'))
    .description("serve consents without the missing rest of a suspended institution's feed")
    .requiredOption('--of <id>', 'the institution whose feed ends in FEED_GAP')
    .action((options: Named & { readonly of: string }) =>
      acceptGap({ ...program.opts(), ...options }),
    );

  named(register.command('accept-restore'))
    .description('continue with a restored backup, and say what it lacks')
    .action((options: Named) => acceptRestore({ ...program.opts(), ...options }));
}

type Options = CommonOptions & Named;

async function checkShard(options: Options): Promise<void> {
  const { examineShard, isSound } = await import('../../consent/shard/consistency.js');
  await withShard(options, async ({ db, ledgerRoot }) => {
    const report = await examineShard(db);
    const { leaves, leavesMatch, wrongNodes, firstWrong, strayPages, anchoredRoot } = report;
    write(`${leaves} leaves were anchored`);
    if (!leavesMatch) write('the leaves do not hash to the root that was anchored');
    if (firstWrong !== undefined) {
      const { level, index } = firstWrong;
      write(`${wrongNodes} stored nodes are wrong, the first at level ${level}, index ${index}`);
    }
    if (strayPages > 0) write(`${strayPages} pages are above no leaf`);
    if (isSound(report)) write('every stored node matches the leaves');
    writeLedger(ledgerRoot, anchoredRoot);
    if (!isSound(report)) process.exitCode = 2;
  });
}

async function mendShard(options: Options): Promise<void> {
  const { repairShard } = await import('../../consent/shard/repair.js');
  await withShard(options, async ({ db, ledgerRoot }) => {
    const known = typeof ledgerRoot === 'bigint' ? ledgerRoot : undefined;
    const { trusted, mendedNodes, removedPages, shardRoot } = await repairShard(db, known);
    if (trusted === 'PAGES') write('the rows of the leaves were wrong; the pages were right');
    write(`${mendedNodes} stored nodes were wrong and are repaired; ${removedPages} pages removed`);
    writeLedger(ledgerRoot, shardRoot);
  });
}

async function eraseConsent(options: Options & { readonly handle: string }): Promise<void> {
  const { parseCanonicalDecimal } = await import('../../zk/arithmetic/field.js');
  const { eraseConsents } = await import('../../consent/registration/erasure.js');
  const { systemClock } = await import('../../core/clock.js');
  const { withDatabase } = await import('../state/own-database.js');
  const handle = String(parseCanonicalDecimal(options.handle));
  await withDatabase(options, async ({ db, institution }) => {
    const erased = await eraseConsents({ db, institution, clock: systemClock }, [handle]);
    write(`${erased} consents erased; their leaves are removed with the next anchor`);
    if (erased === 0) process.exitCode = 2;
  });
}

async function acceptGap(options: Options & { readonly of: string }): Promise<void> {
  const { acceptLostFeed } = await import('../../consent/feed/lost-feed.js');
  const { toInstitutionId } = await import('../../core/ids.js');
  const { systemClock } = await import('../../core/clock.js');
  const { readSnapshot } = await import('../state/ledger-root.js');
  const { withDatabase } = await import('../state/own-database.js');
  const of = toInstitutionId(options.of);
  await withDatabase(options, async ({ db, institution, config, folder }) => {
    const { institutions } = await readSnapshot(config, folder, institution);
    const digest = await acceptLostFeed(db, institutions, { of, at: systemClock.nowSeconds() });
    write(`${institution} continues without the withdrawals of ${of} up to its digest ${digest}`);
  });
}

async function acceptRestore(options: Options): Promise<void> {
  const { acceptRestored } = await import('../../consent/anchoring/restored.js');
  const { systemClock } = await import('../../core/clock.js');
  const { linesOfRestored } = await import('../serve/restored-lines.js');
  const { readSnapshot } = await import('../state/ledger-root.js');
  const { withDatabase } = await import('../state/own-database.js');
  await withDatabase(options, async ({ db, institution, config, folder }) => {
    const snapshot = await readSnapshot(config, folder, institution);
    const own = snapshot.requireInstitution(institution);
    const restored = await acceptRestored(db, own, systemClock.nowSeconds());
    for (const line of linesOfRestored(institution, restored)) write(line);
  });
}

/**
 * The institution's shard root on the ledger; undefined while its slot is empty; or the code of why
 * it is unknown.
 */
type LedgerRoot = bigint | undefined | { readonly code: string };

function writeLedger(ledgerRoot: LedgerRoot, shardRoot: bigint): void {
  if (typeof ledgerRoot === 'object') {
    write(`the ledger was not asked (${ledgerRoot.code}): the root recorded here was used`);
  } else if (ledgerRoot === undefined) {
    write('the ledger has no anchor of this institution yet, or none since its keys were renewed');
  } else if (ledgerRoot === shardRoot) {
    write('the shard root is the one on the ledger');
  } else {
    write('the ledger has a different shard root: no path is served until the next anchor');
  }
}

async function withShard(
  options: Options,
  work: (shard: { readonly db: Database; readonly ledgerRoot: LedgerRoot }) => Promise<void>,
): Promise<void> {
  const { readShardRoot } = await import('../state/ledger-root.js');
  const { withDatabase } = await import('../state/own-database.js');
  await withDatabase(options, async ({ db, institution, config, folder }) =>
    work({ db, ledgerRoot: await readShardRoot(config, folder, institution) }),
  );
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
