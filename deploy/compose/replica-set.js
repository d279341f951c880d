// Makes the replica set and the gateway's user, once; run by mongosh in compose.yaml, again without effect.
const { readFileSync } = require("fs");
const secret = (name) => readFileSync(`/run/secrets/${name}`, "utf8").trim();

const admin = connect("mongodb://mongo:27017/admin?directConnection=true", "root", secret("mongo_root_password"));

try {
  admin.runCommand({ replSetGetStatus: 1 }).ok || initiate();
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  initiate();
}

function initiate() {
  const made = admin.runCommand({ replSetInitiate: { _id: "gateway", members: [{ _id: 0, host: "mongo:27017" }] } });
  if (!made.ok) throw new Error(made.errmsg);
}

for (let waited = 0; !admin.runCommand({ hello: 1 }).isWritablePrimary; waited += 1) {
  if (waited === 60) throw new Error("no primary after 60 seconds");
  sleep(1000);
}

const store = admin.getSiblingDB("gateway");
const roles = [{ role: "readWrite", db: "gateway" }];
if (store.getUser("gateway") === null) {
  store.createUser({ user: "gateway", pwd: secret("mongo_gateway_password"), roles });
} else {
  store.updateUser("gateway", { pwd: secret("mongo_gateway_password"), roles });
}
print("The replica set has a primary, and the gateway its user.");
