import { createRequire } from 'node:module';
import { DomainError } from '../../core/errors.js';

const require = createRequire(import.meta.url);

/**
 * Path of the anvil binary that npm installed for this machine, inside the platform package of @foundry-rs/anvil.
 * The package's own launcher is a Node process that would have to be supervised as well.
 *
 * @throws DomainError LEDGER_UNAVAILABLE if npm has none for this platform.
 */
export function anvilBinary(): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const platformPackage = `@foundry-rs/anvil-${process.platform}-${architecture}`;
  const file = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  // Resolved from the launcher's place too: npm may nest the platform package below it.
  const from = [require, requireFrom('@foundry-rs/anvil/package.json')];
  for (const resolve of from) {
    try {
      return resolve.resolve(`${platformPackage}/bin/${file}`);
    } catch {
      // Not here: the next place may have it.
    }
  }
  throw new DomainError('LEDGER_UNAVAILABLE', { missingPackage: platformPackage });
}

function requireFrom(specifier: string): NodeJS.Require {
  try {
    return createRequire(require.resolve(specifier));
  } catch {
    return require;
  }
}
