/** Reads from a ledger and closes nothing: it must end all the same. Arguments: URL, chain id. */
import { openLedger } from '../../../src/ledger/rpc/connection.js';

const [url = '', chainId = ''] = process.argv.slice(2);
const { client } = openLedger(url, Number(chainId));
console.log(await client.getChainId());
