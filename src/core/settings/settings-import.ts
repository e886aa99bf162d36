import { whole } from './setting.js';

/** What a node takes of the files that operators hand in: part of the one list of settings. */
export const IMPORT_SETTINGS = {
  importMegabytes: whole(
    1,
    1_000_000,
    'megabytes',
    'What one file that an operator hands in (POST /import) may have, as it is sent and unpacked. Only FHIR in ' +
      'lines is read as it comes; of all else 64 at most.',
  ).default(4_096),
  importQueue: whole(
    1,
    100,
    'imports',
    'Imports that operators hand in: so many arrive, wait or run at most. More are refused with OVERLOADED.',
  ).default(8),
  importUploadSeconds: whole(
    10,
    86_400,
    's',
    'Time for such a file to arrive. Where operators are listened for it takes the place of requestTimeoutSeconds.',
  ).default(3_600),
} as const;
