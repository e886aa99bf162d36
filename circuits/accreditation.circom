// Written by circuits/generate.ts from circuits/circuits.json: change that, not this.
pragma circom 2.2.0;

include "lib/accreditation-statement.circom";

component main { public [root, nym, handle, request, asOf, holder] } = AccreditationStatement(20, 12);
