import type { WalletBooks } from '../../client/consent/wallet.js';
import type { BackupPlace } from '../../client/keys/backups.js';
import { memoryBooks } from '../../client/keys/serial-book.js';
import { keepBackup, readBackup } from '../../consent/answers/backup/keep-backup.js';
import type { RegisterContext } from '../../consent/base/context.js';
import { invariant } from '../../core/errors.js';
import { toStudyId } from '../../core/ids.js';
import { randomField } from '../../zk/arithmetic/field.js';

/** Where a pilot wallet records what it signs; its book is backed up at its hospitals. */
export function pilotBooks(hospitals: readonly RegisterContext[]): WalletBooks {
  const [first, ...others] = hospitals.map(placeAt);
  invariant(first !== undefined, 'a person is a patient somewhere');
  return { store: memoryBooks(), backups: () => ({ places: [first, ...others] }) };
}

/** A hospital in this process, without a gateway in between. */
function placeAt(hospital: RegisterContext): BackupPlace {
  const { institution } = hospital;
  return {
    institution,
    read({ name, publicKey, signBackupRead }) {
      const holder = { field: randomField() };
      const signed = signBackupRead(institution, holder.field);
      return readBackup(hospital, { study: toStudyId(name.id), publicKey, ...signed }, holder);
    },
    async keep({ name, publicKey, signBackup }, { sequence, backup }) {
      const signature = signBackup(institution, sequence, backup);
      const sent = { sequence, backup, publicKey, signature };
      await keepBackup(hospital, { study: toStudyId(name.id), ...sent });
    },
  };
}
