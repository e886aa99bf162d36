import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configurationDocument } from './config-document.js';

// `npm run docs`, from src/ only: the document belongs to the repository, not to an installation.
writeFileSync(
  fileURLToPath(new URL('../../../docs/configuration.md', import.meta.url)),
  configurationDocument(),
);
