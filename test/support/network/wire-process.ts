/** Asks one URL under the rule of production and prints the answer, or why there is none. Arguments: URL, name. */
import { endpointRuleOf } from '../../../src/network/endpoint-rule.js';
import { exchangeJson } from '../../../src/network/exchange.js';
import { openWire } from '../../../src/network/wire.js';

const [url = '', privateEndpoints] = process.argv.slice(2);
const wire = openWire(endpointRuleOf({ environment: 'production', privateEndpoints }));
const limits = { budgetMs: 5_000, maxBytes: 1_000 };
await exchangeJson(url, { method: 'GET' }, limits, wire).then(
  (answer) => console.log(JSON.stringify(answer)),
  (failure: Error) => console.log(failure.message),
);
