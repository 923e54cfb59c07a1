// A server that knows nothing of Milo: node server.js PORT FOLDER; ends when its input ends.
"use strict";
const path = require("path");
const {
  DataType,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAServer,
  SecurityPolicy,
  StatusCodes,
  Variant,
  VariantArrayType,
} = require("node-opcua");

async function main() {
  const [port, folder] = [Number(process.argv[2]), process.argv[3]];
  const certificates = new OPCUACertificateManager({
    rootFolder: path.join(folder, "server-pki"),
    automaticallyAcceptUnknownCertificate: true,
  });
  await certificates.initialize();
  const server = new OPCUAServer({
    port,
    hostname: "127.0.0.1",
    resourcePath: "/plant",
    serverCertificateManager: certificates,
    securityPolicies: [
      SecurityPolicy.None,
      SecurityPolicy.Basic256Sha256,
      SecurityPolicy.Aes128_Sha256_RsaOaep,
      SecurityPolicy.Aes256_Sha256_RsaPss,
    ],
    securityModes: [
      MessageSecurityMode.None,
      MessageSecurityMode.Sign,
      MessageSecurityMode.SignAndEncrypt,
    ],
    userManager: { isValidUser: (name, password) => name === "operator" && password === "gawi" },
    serverInfo: { applicationUri: "urn:foreign:plant" },
  });
  await server.initialize();
  const space = server.engine.addressSpace;
  const namespace = space.getOwnNamespace();
  const device = namespace.addObject({
    organizedBy: space.rootFolder.objects,
    browseName: "Device",
    nodeId: "s=Device",
  });
  const add = (name, dataType, value, more) =>
    namespace.addVariable({
      componentOf: device,
      browseName: name,
      nodeId: `s=${name}`,
      dataType,
      value: { dataType: value.dataType ?? dataType, ...value },
      ...more,
    });
  const counter = add("counter", "Int32", { dataType: DataType.Int32, value: 0 });
  add("wide", "Int64", {
    dataType: DataType.Int64,
    arrayType: VariantArrayType.Scalar,
    value: [0x00200000, 1],
  });
  add("words", "String", { dataType: DataType.String, value: "마당" });
  add(
    "array",
    "Double",
    {
      dataType: DataType.Double,
      arrayType: VariantArrayType.Array,
      value: new Float64Array([1.5, 2.5, 3.5]),
    },
    { valueRank: 1, arrayDimensions: [3] }
  );
  const faulty = add("faulty", "Double", { dataType: DataType.Double, value: 1 });
  faulty.setValueFromSource(
    { dataType: DataType.Double, value: 1 },
    StatusCodes.BadSensorFailure,
    new Date("2026-01-01T00:00:00.123Z")
  );
  const speed = namespace.addAnalogDataItem({
    componentOf: device,
    browseName: "speed",
    nodeId: "s=speed",
    dataType: "Double",
    engineeringUnitsRange: { low: 0, high: 100 },
    value: { dataType: DataType.Double, value: 10 },
  });
  const Mode = namespace.addEnumerationType({
    browseName: "Mode",
    enumeration: ["Idle", "Running", "Broken"],
  });
  add("mode", Mode.nodeId, { dataType: DataType.Int32, value: 1 });
  const recorded = add("recorded", "Double", { dataType: DataType.Double, value: 0 });
  space.installHistoricalDataNode(recorded, { maxOnlineValues: 5000 });
  const start = Date.now() - 2_000_000;
  for (let i = 0; i < 2000; i++) {
    recorded.setValueFromSource(
      { dataType: DataType.Double, value: i },
      StatusCodes.Good,
      new Date(start + i * 1000)
    );
  }
  let count = 0;
  const timer = setInterval(() => {
    counter.setValueFromSource(new Variant({ dataType: DataType.Int32, value: ++count }));
  }, 20);
  await server.start();
  console.log("ready");
  process.stdin.resume();
  process.stdin.on("end", async () => {
    clearInterval(timer);
    await server.shutdown(0);
    process.exit(0);
  });
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
