/** Starts anvil, says its process id, and waits to be killed. Arguments: state file, port. */
import { startAnvil } from '../../../src/ledger/anvil/anvil.js';
import { CHAIN_ID, silentLog } from './small-network.js';

const [stateFile = '', port = ''] = process.argv.slice(2);
const anvil = await startAnvil({
  stateFile,
  port: Number(port),
  chainId: CHAIN_ID,
  log: silentLog,
});
console.log(anvil.pid());
setInterval(() => {}, 60_000);
