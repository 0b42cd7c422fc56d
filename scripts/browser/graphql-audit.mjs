#!/usr/bin/env node
// Asks a GraphQL server what the specification "GraphQL over HTTP" says of it,
// with the audits of the package graphql-http.
//
//   node graphql-audit.mjs URL
//
// Fails unless every MUST and every SHOULD holds.

import { auditServer } from "graphql-http";

const url = process.argv[2];
if (!url) {
  console.error("usage: node graphql-audit.mjs URL");
  process.exit(2);
}

const results = await auditServer({ url });

let failed = false;
for (const level of ["MUST", "SHOULD", "MAY"]) {
  const audits = results.filter((audit) => audit.name.startsWith(`${level} `));
  const passed = audits.filter((audit) => audit.status === "ok");
  console.log(`${level.padEnd(6)} ${passed.length} of ${audits.length}`);
  for (const audit of audits.filter((each) => each.status !== "ok")) {
    console.log(`  ${audit.id} ${audit.name}: ${audit.reason}`);
    failed ||= level !== "MAY";
  }
}
if (results.length === 0) {
  console.error("there were no audits");
  failed = true;
}
process.exit(failed ? 1 : 0);
