// Signs with the published TypeScript SDK's own function, and measures it: what python.py does, with the same input and
// output. The first argument is the folder with its node_modules.

const fs = require("fs");
const Module = require("module");
const path = require("path");

const SECONDS = 0.5;

// The function is not exported: the module is compiled as it is, with one line more.
function published(folder) {
  const file = path.join(folder, "node_modules/snaptrade-typescript-sdk/dist/index.cjs");
  const sdk = new Module(file, module);
  sdk.filename = file;
  sdk.paths = Module._nodeModulePaths(path.dirname(file));
  const text = fs.readFileSync(file, "utf8");
  sdk._compile(`${text}\nexports.requestAfterHook = requestAfterHook;\n`, file);
  return sdk.exports.requestAfterHook;
}

// What the SDK passes for each operation that a commercial key signs.
const operationAuth = {
  selectedAuthMode: "commercial",
  requestSigningByAuthMode: {
    commercial: { secretParameter: "consumerKey", signedSecuritySchemes: ["PartnerSignature"] },
  },
};

async function measure(sign, request) {
  const axiosArgs = {
    url: request.path,
    options: { data: request.body ?? undefined, headers: {} },
  };
  const call = () =>
    sign({
      configuration: { consumerKey: request.consumer_key },
      basePath: "",
      axiosArgs,
      url: `${request.path}?${request.query}`,
      operationAuth,
    });
  for (let warm = 0; warm < 500; warm++) await call();
  let fastest = Infinity;
  const until = Date.now() + SECONDS * 1000;
  while (Date.now() < until) {
    const start = process.hrtime.bigint();
    for (let n = 0; n < 50; n++) await call();
    fastest = Math.min(fastest, Number(process.hrtime.bigint() - start) / 50);
  }
  return { name: request.name, signature: axiosArgs.options.headers.Signature, nanos: fastest };
}

async function main() {
  const sign = published(process.argv[2]);
  const measured = [];
  for (const request of JSON.parse(fs.readFileSync(0, "utf8"))) {
    measured.push(await measure(sign, request));
  }
  console.log(JSON.stringify(measured));
}

main();
