// Node's fetch, written as in a typical program. Input and output as in programs.py; the CA
// is given by NODE_EXTRA_CA_CERTS.
import { readFileSync } from "node:fs";

const { url, calls } = JSON.parse(readFileSync(0, "utf8"));

const variants = {
  header: (name, password) => {
    const encoded = Buffer.from(`${name}:${password}`).toString("base64");
    return fetch(url, { headers: { Authorization: `Basic ${encoded}` } });
  },
  btoa: (name, password) =>
    fetch(url, { headers: { Authorization: `Basic ${btoa(`${name}:${password}`)}` } }),
  address: (name, password) => {
    const [n, p] = [name, password].map(encodeURIComponent);
    return fetch(url.replace("://", `://${n}:${p}@`));
  },
};

const outcomes = [];
for (const [name, password] of calls) {
  try {
    outcomes.push((await variants[process.argv[2]](name, password)).status);
  } catch (error) {
    outcomes.push(error.name);
  }
}
console.log(JSON.stringify(outcomes));
