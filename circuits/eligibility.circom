// Written by circuits/generate.ts from circuits/circuits.json: change that, not this.
pragma circom 2.2.0;

include "lib/eligibility-statement.circom";

component main { public [root, nym, handle, request, asOf, holder] } = EligibilityStatement(20, 12, 32, 16, 8);
