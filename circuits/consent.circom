// Written by circuits/generate.ts from circuits/circuits.json: change that, not this.
pragma circom 2.2.0;

include "lib/consent-statement.circom";

component main { public [root, nym, handle, request, asOf, holder] } = ConsentStatement(20, 12);
